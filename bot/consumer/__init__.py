"""The few pages that consumers see: what their own WeChat leads them to."""
