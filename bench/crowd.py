"""A crowd that says everything that can be said: all kinds of messages and events of many members, and what no member would send."""

from datetime import UTC, datetime
from random import Random

from bench import load, servers
from bench.turns import ACCOUNT_ID, SAID
from bot.wechat.account import Account
from bot.wechat.outbound_push import Element, Push, event_fields, message_fields

MEMBERS = 100_000
_SYLLABLES = "天气今明咖啡奶茶门店怎么可以哪里多少时候请问一下优惠积分会员生日蛋糕发票投诉建议人工"
_LONGEST = 2000  # letters of a long message

Fields = dict[str, Element]


class Crowd:
    """Makes the requests of a crowd, the same for the same seed but for their time."""

    def __init__(self, seed: int) -> None:
        """Begin."""
        self._random = Random(seed)
        self.spoke: list[str] = []  # who sent a message, not an event, in the last requests
        self._push = Push(Account(app_id="wx0", token=servers.TOKEN, mode="plain", account_id=ACCOUNT_ID))

    def requests(self, count: int) -> list[bytes]:
        """Return so many messages and events that deserve an answer with 200, of members drawn from all."""
        now = datetime.now(UTC)
        self.spoke.clear()
        return [self._request(self._fields(now), now) for _ in range(count)]

    def nuisances(self, count: int) -> list[bytes]:
        """Return so many requests that are to be refused: badly signed ones, and such as are no messages."""
        return [self._nuisance() for _ in range(count)]

    def _request(self, fields: Fields, now: datetime) -> bytes:
        query, body = self._push.of(fields, now)
        return load.post(f"/wechat?{query}", body)

    def _fields(self, now: datetime) -> Fields:
        pick, account = self._random, self._push.account
        openid = f"oSoak{pick.randrange(MEMBERS):06}"
        number = str(pick.randrange(10**9))
        messages: list[tuple[str, Fields]] = [
            ("text", {"Content": pick.choice(SAID)}),
            ("text", {"Content": self._words(pick.randrange(1, 40))}),
            ("text", {"Content": self._words(_LONGEST)}),
            ("text", {"Content": "".join(chr(pick.randrange(0x20, 0xD000)) for _ in range(60))}),
            ("image", {"PicUrl": f"http://127.0.0.1/{number}", "MediaId": number}),
            ("voice", {"MediaId": number, "Format": "amr", "Recognition": self._words(8)}),
            ("video", {"MediaId": number, "ThumbMediaId": number}),
            ("shortvideo", {"MediaId": number, "ThumbMediaId": number}),
            ("location", {"Location_X": pick.uniform(-90, 90), "Location_Y": pick.uniform(-180, 180), "Scale": 20, "Label": self._words(9)}),
            ("link", {"Title": self._words(9), "Description": self._words(20), "Url": f"http://127.0.0.1/{number}"}),
            ("file", {"Title": self._words(5), "FileTotalLen": number}),
            (f"kind{number}", {"Content": number}),
        ]  # fmt: skip
        events: list[tuple[str, Fields]] = [
            ("subscribe", {"EventKey": f"qrscene_{number}", "Ticket": number}),
            ("unsubscribe", {"EventKey": ""}),
            ("SCAN", {"EventKey": number, "Ticket": number}),
            ("CLICK", {"EventKey": f"key{number}"}),
            ("VIEW", {"EventKey": f"http://127.0.0.1/{number}"}),
            ("LOCATION", {"Latitude": pick.uniform(-90, 90), "Longitude": pick.uniform(-180, 180), "Precision": 40}),
            ("TEMPLATESENDJOBFINISH", {"MsgID": number, "Status": "success"}),
            (f"event{number}", {"EventKey": number}),
        ]
        if pick.random() < 0.8:
            kind, elements = pick.choice(messages)
            self.spoke.append(openid)
            return message_fields(account, openid, kind, now, **elements)
        event, elements = pick.choice(events)
        return event_fields(account, openid, event, now, **elements)

    def _words(self, length: int) -> str:
        return "".join(self._random.choices(_SYLLABLES, k=length))

    def _nuisance(self) -> bytes:
        pick, now = self._random, datetime.now(UTC)
        number = pick.randrange(10**9)
        bodies = [b"", b"<xml>", b"<xml><a>" * 50, b"{}", bytes(pick.randrange(256) for _ in range(200)), b"<xml/>"]
        query, _ = self._push.signed(b"", now)
        return pick.choice(
            [
                load.post(f"/wechat?{query}", pick.choice(bodies)),
                load.post(f"/wechat?signature={number:x}&timestamp={number}&nonce={number}", b"<xml></xml>"),
                load.post(f"/page{number}", b"a=1"),
            ]
        )
