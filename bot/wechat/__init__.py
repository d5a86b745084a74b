"""The platform door: the only place that speaks WeChat's protocol, inwards (gate, replies) and outwards (client), and that imports wechatpy."""
