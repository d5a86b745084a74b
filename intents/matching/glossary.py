"""Everyday words of other scripts that consumers mix into Chinese: emoji that say something, English and pinyin service words.

Small on purpose: only what a brand's account hears every day. Emoji are put into words by ``normalise``. The words of ``FOREIGN``
and the expressions of ``ENGLISH`` are read as Chinese only where no sample phrase knows them (see ``translation``), so that a brand that writes
English phrases keeps them.
"""

EMOJI: dict[str, str] = {
    "🙏": "",
    "🎫": "券",
    "🎟": "券",
    "🧧": "红包",
    "☕": "咖啡",
    "🍵": "茶",
    "🥤": "饮料",
    "🧋": "奶茶",
    "📍": "位置",
    "🗺": "地图",
    "📞": "电话",
    "☎": "电话",
    "📱": "手机",
    "🎁": "礼品",
    "🛵": "外卖",
    "🚚": "配送",
    "📦": "快递",
    "🧾": "发票",
    "💳": "会员卡",
    "🗳": "投票",
    "🤮": "恶心",
    "🤢": "恶心",
    "😡": "生气",
    "🤬": "生气",
    "👎": "差评",
}

# Of a message that has no words: what its first known emoji says. Beside words these say nothing.
EMOJI_ALONE: dict[str, str] = {
    "👋": "你好",
    **dict.fromkeys("👍👌🆗✅💯🙆", "好的"),
    **dict.fromkeys("🙏🌹💐❤🧡💛💚💙💜💕💖💗😘🥰😍🤗🫶", "谢谢"),
    **dict.fromkeys("😀😃😄😁😆😊🙂😉😋😎😜😝😏👏💪🎉🥳✨", "哈哈"),
}

_ENGLISH = {
    "优惠券": "coupon coupons voucher vouchers",
    "优惠": "discount discounts promo promotion offer",
    "门店": "store stores shop shops branch",
    "附近": "nearby nearest near closest",
    "地址": "address location",
    "营业": "open opening",
    "营业时间": "hours",
    "关门": "close closing closes",
    "签到": "checkin",
    "积分": "points point credits",
    "退款": "refund refunds",
    "退货": "return returns",
    "取消": "cancel",
    "订单": "order orders",
    "发票": "invoice receipt",
    "配送": "delivery deliver shipping",
    "费": "fee fees",
    "快递": "package parcel tracking",
    "会员": "member membership vip",
    "注册": "register registration",
    "人工": "human",
    "客服": "agent customer service staff operator",
    "投诉": "complaint complain complaints",
    "建议": "suggestion suggestions feedback advice",
    "菜单": "menu",
    "价格": "price prices",
    "你好": "hello hi hey hallo",
    "谢谢": "thanks thank thx tks thankyou",
    "再见": "bye goodbye",
    "帮助": "help",
    "电话": "phone tel",
    "付款": "pay payment",
    "抽奖": "lottery raffle",
    "投票": "vote voting",
    "活动": "event events activity",
    "丢": "lost",
}

# What says more than its words do, and is no phrase of ours: as a sample phrase, "where is the nearest store" would teach that every "where is" means us.
_EXPRESSIONS = {
    "几点关门": "what time do you close|when do you close|what time does the store close|when does the store close|what time are you open until",
    "几点开门": "what time do you open|when do you open|what time does the store open|when does the store open",
    "营业时间": "what are your hours|what are your opening hours|opening hours|business hours|store hours",
    "现在营业吗": "are you open now|are you open|are you still open|is the store open",
    "转人工": "talk to a person|speak to a person|talk to a human|speak to a human|talk to a real person|speak with a person|speak to someone"
    "|talk to someone|talk to an agent|speak to an agent|real person please|live agent|customer service",
    "签到": "check in|daily check in|check-in",
    "附近门店": "where is the nearest store|where is the closest store|where is the nearest shop|where is the closest shop"
    "|nearest store|closest store|store near me|shop near me",
    "店在哪": "where is your store|where is the store|where are you located|where are your stores",
    "优惠券怎么用": "how do i use my coupon|how do i use a coupon|how do i use the coupon|how do i use this coupon|how do i use coupons"
    "|how can i use my coupon|how to use my coupon|how to use the coupon|how to use a coupon|how to use coupons|how do i use my voucher",
    "用不了": "not working|does not work|doesn't work|cannot be used",
    "怎么领优惠券": "how do i get a coupon|how can i get a coupon|where can i get a coupon|how do i get coupons|do you have any coupons|any coupons",
    "我的优惠券": "my coupons|my coupon|my vouchers|my voucher",
    "我的积分": "my points|how many points do i have|points balance",
    "我的订单": "my order|my orders|where is my order",
    "退订": "unsubscribe|stop sending me messages|stop messaging me|no more messages|stop texting me",
    "取消关注": "unfollow|unfollow you",
    "你是机器人吗": "are you a robot|are you a bot|am i talking to a bot|is this a bot|are you human|are you a human|are you a real person"
    "|is this a real person|are you real",
}

_PINYIN = {
    "优惠券": "youhuiquan yhq",
    "券": "quan",
    "领券": "lingquan",
    "怎么": "zenme",
    "在哪": "zaina",
    "门店": "mendian",
    "附近": "fujin",
    "地址": "dizhi",
    "几点": "jidian",
    "开门": "kaimen",
    "关门": "guanmen",
    "营业": "yingye",
    "签到": "qiandao",
    "打卡": "daka",
    "积分": "jifen",
    "退款": "tuikuan tk",
    "退货": "tuihuo",
    "订单": "dingdan",
    "快递": "kuaidi",
    "物流": "wuliu",
    "外卖": "waimai",
    "配送": "peisong",
    "发票": "fapiao",
    "会员": "huiyuan",
    "绑定": "bangding",
    "手机": "shouji",
    "人工": "rengong",
    "客服": "kefu kf",
    "投诉": "tousu",
    "建议": "jianyi",
    "菜单": "caidan",
    "新品": "xinpin",
    "抽奖": "choujiang",
    "投票": "toupiao",
    "报名": "baoming",
    "活动": "huodong",
    "你好": "nihao",
    "在吗": "zaima",
    "谢谢": "xiexie",
    "再见": "zaijian",
}

FOREIGN: dict[str, str] = {
    word: chinese for table in (_ENGLISH, _PINYIN) for chinese, words in table.items() for word in words.split()
}
ENGLISH: dict[str, str] = {
    expression: chinese for chinese, expressions in _EXPRESSIONS.items() for expression in expressions.split("|")
}
