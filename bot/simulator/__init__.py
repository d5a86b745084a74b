"""The pocket WeChat: a phone in the browser and on the command line, and a stand-in for WeChat's API."""
