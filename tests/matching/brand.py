"""A small brand of its own: a bakery with a few intents and stores, to match messages against."""

from dataclasses import dataclass
from datetime import date

from intents.matching.matcher import Matcher
from intents.matching.places import Places
from intents.types import Intent, Keyword, Reply, Turn

TODAY = date(2026, 1, 1)  # a Thursday


@dataclass(frozen=True)
class Shop:
    code: str
    name: str
    city: str
    district: str = ""


SHOPS = (
    Shop("BJ01", "麦屿烘焙(国贸店)", "北京", "朝阳区"),
    Shop("BJ02", "麦屿烘焙(五道口华联店)", "北京", "海淀区"),
    Shop("SH01", "麦屿烘焙(静安嘉里店)", "上海", "静安区"),
    Shop("SH02", "麦屿烘焙(陆家嘴正大店)", "上海", "浦东新区"),
    Shop("HZ01", "麦屿烘焙(西湖银泰店)", "杭州市", "上城区"),
)


def unanswered(_turn: Turn) -> Reply | None:
    return None


def intent(name: str, title: str, phrases: str, keywords: str = "", **more: object) -> Intent:
    """Build an intent from phrases and keywords with a bar between; ``word!5`` is a keyword of priority 5."""
    words = tuple(Keyword(word.split("!")[0], int((word + "!0").split("!")[1])) for word in keywords.split("|") if word)
    return Intent(name, title, unanswered, tuple(phrases.split("|")), words, **more)  # type: ignore[arg-type]


INTENTS = (
    intent(
        "greeting",
        "打招呼",
        "你好|您好|在吗|早上好|晚上好|hello|hi|嗨|哈喽|有人在吗|你是谁",
        "你好|您好|hello",
        offered=False,
    ),
    intent(
        "thanks",
        "感谢",
        "谢谢|谢谢你|非常感谢|多谢|辛苦了|好的谢谢|再见|拜拜|明白了|知道了",
        "谢谢|感谢",
        offered=False,
    ),
    intent(
        "coupon_claim",
        "领优惠券",
        "怎么领优惠券|我要领券|优惠券在哪里领|有没有优惠券可以领|给我一张优惠券|新人券怎么领取|想要一张满减券|今天有券领吗|送我张券|有什么优惠",
        "领券|领优惠券|新人券",
    ),
    intent(
        "coupon_mine",
        "我的优惠券",
        "我的优惠券在哪里|查看我的优惠券|我有几张优惠券|我的券呢|领了的优惠券去哪了|怎么看我有哪些券|我还有没用的券吗|券什么时候到期",
        "我的优惠券|我的券|卡包",
    ),
    intent(
        "store_nearest",
        "附近门店",
        "附近有门店吗|离我最近的店在哪|门店地址在哪里|你们店在哪|你们在上海有店吗|最近的门店怎么走|有分店吗|怎么去你们店|上海的店在哪|国贸店怎么走",
        "门店|分店|地址",
        slots=("city", "district", "store"),
    ),
    intent(
        "store_hours",
        "营业时间",
        "你们几点开门|营业时间是几点到几点|晚上几点关门|现在还营业吗|周末营业吗|今天开门吗|几点打烊|国贸店几点关门|节假日放假吗",
        "营业时间|打烊|几点开门|几点关门",
        slots=("store", "date", "city"),
    ),
    intent(
        "checkin",
        "签到",
        "签到|我要签到|怎么签到|今天的签到|补签怎么弄|签到送多少积分|连续签到有什么奖励|帮我签个到",
        "签到!3|补签!3",
    ),
    intent(
        "points",
        "积分",
        "我有多少积分|查积分|积分余额|怎么看积分|我的积分是多少|积分会过期吗|积分什么时候到账|积分有什么用",
        "积分",
    ),
    intent(
        "refund",
        "退款",
        "我要退款|怎么申请退款|退货流程|钱什么时候退回来|不想要了能退吗|取消订单|退款多久到账|面包坏了怎么退",
        "退款|退货|退钱",
    ),
    intent(
        "invoice",
        "发票",
        "怎么开发票|电子发票在哪里开|发票抬头填错了|可以开专票吗|补开发票|公司报销要发票|没收到发票",
        "发票|开票",
    ),
    intent(
        "delivery",
        "外卖配送",
        "可以送外卖吗|配送费多少钱|外卖多久能到|能送到我家吗|起送价是多少|你们送货吗",
        "配送费|外卖|起送价",
    ),
    intent(
        "complaint",
        "投诉",
        "我要投诉|服务态度太差了|店员骂人|面包里吃出异物|吃坏肚子了|卫生太差了",
        "投诉!8|举报!8",
        offered=True,
    ),
    intent("human", "人工客服", "转人工|我要找客服|能不能找个真人|有活人吗|不要机器人|联系客服", "人工!9|真人!9|客服"),
    intent("suggestion", "建议", "我有个建议|意见反馈|希望你们出无糖的|建议增加座位|提个意见", "建议|意见|反馈"),
    Intent("welcome", "关注", unanswered),
)

PLACES = Places(SHOPS)
MATCHER = Matcher(INTENTS, PLACES)
