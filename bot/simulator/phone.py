"""A pretended phone: what a consumer does becomes a signed push through the real gate, and the answer what the phone shows.

Nothing is short-cut: each push is XML with a signature (encrypted in safe mode), handed to the whole application, and both ways are written down.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from wsgiref.types import WSGIApplication

from werkzeug.test import Client

from bot.simulator.records import Pushed, Shown
from bot.wechat.account import Account
from bot.wechat.errors import BadReply, GateError
from bot.wechat.inbound import read_message
from bot.wechat.outbound_push import Element, Push, event_fields, message_fields, push_xml
from bot.wechat.xml import parse
from storage import changes, coupons, exchanges, points, simulated_deliveries
from storage.database import Database, Transaction
from storage.ids import new_id
from storage.members import member_by_id, member_ids_by_openid
from templates.content import Content

CHANGE_TOPIC = "phone"
PRETENDED_ACCOUNT_ID = "gh_pocketwechat"
_OPENID_BYTES = 16
_MEDIA_ID_BYTES = 24
PICTURE, VOICE, VIDEO = "picture-", "voice-", "video-"  # how media ids of pretended phones begin
_TICKET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Passed:
    """A push that went through, by its id, and what the phone was shown then (None for silence)."""

    id: int
    pushed: Pushed
    content: Content | None


def new_openid() -> str:
    """Return an openid that nobody has; those of pretended phones can be told from real ones by their start."""
    return f"oPhone{secrets.token_urlsafe(_OPENID_BYTES)}"


@dataclass(slots=True)
class SimulatedPhone:
    """One consumer's phone. ``safe`` encrypts what it sends; the account's mode must allow it. ``last_id`` is the newest push, to send again."""

    application: WSGIApplication
    account: Account
    database: Database
    clock: Callable[[], datetime]
    openid: str
    safe: bool = False
    last_id: int = 0

    def __post_init__(self) -> None:
        """Encrypt where the account takes nothing else, and never where it has no key; an account that named no id gets one."""
        self.safe = self.account.mode == "safe" or (self.safe and self.account.mode == "compatible")
        self.account = replace(self.account, account_id=self.account.account_id or PRETENDED_ACCOUNT_ID)

    def follows(self, scene: str = "") -> Passed:
        """Follow the account, through a QR code when ``scene`` is given."""
        if scene:
            return self.causes("subscribe", EventKey=f"qrscene_{scene}", Ticket=_ticket())
        return self.causes("subscribe", EventKey="")

    def unfollows(self) -> Passed:
        """Unfollow the account."""
        return self.causes("unsubscribe", EventKey="")

    def scans(self, scene: str) -> Passed:
        """Scan a QR code of the account: who does not follow it yet, follows by that."""
        if not self._follows():
            return self.follows(scene)
        return self.causes("SCAN", EventKey=scene, Ticket=_ticket())

    def taps(self, key: str) -> Passed:
        """Tap a button of the menu."""
        return self.causes("CLICK", EventKey=key)

    def allows_notice(self, template_id: str) -> Passed:
        """Agree to one subscription notice of a template."""
        answer: dict[str, Element] = {"TemplateId": template_id, "SubscribeStatusString": "accept", "PopupScene": 0}
        return self.causes("subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": answer})

    def views(self, url: str) -> Passed:
        """Open a page from the menu."""
        return self.causes("VIEW", EventKey=url)

    def picks_location(self, key: str, latitude: float, longitude: float, label: str = "") -> Passed:
        """Pick a place that a button of the menu asked for: an event, and then the place itself as a message."""
        place: dict[str, Element] = {"Location_X": latitude, "Location_Y": longitude, "Scale": 16, "Label": label}
        self.causes("location_select", EventKey=key, SendLocationInfo={**place, "Poiname": ""})
        return self.shares_location(latitude, longitude, label)

    def says(self, text: str, *, menu_id: str = "") -> Passed:
        """Say words; ``menu_id`` is that of an offered choice which was tapped."""
        extra: dict[str, Element] = {"bizmsgmenuid": menu_id} if menu_id else {}
        return self.sends("text", Content=text, **extra)

    def shares_location(self, latitude: float, longitude: float, label: str = "") -> Passed:
        """Share a place."""
        return self.sends("location", Location_X=latitude, Location_Y=longitude, Scale=16, Label=label)

    def sends_picture(self) -> Passed:
        """Send a picture."""
        return self.sends("image", PicUrl="http://mmbiz.qpic.cn/mmbiz_jpg/pretended/0", MediaId=_media_id(PICTURE))

    def sends_voice(self, recognition: str = "") -> Passed:
        """Send a few seconds of voice; ``recognition`` is what the platform made of it, nowadays nothing."""
        return self.sends("voice", MediaId=_media_id(VOICE), Format="amr", Recognition=recognition)

    def sends_video(self) -> Passed:
        """Send a video."""
        return self.sends("video", MediaId=_media_id(VIDEO), ThumbMediaId=_media_id(PICTURE))

    def sends_link(self, title: str, description: str, url: str) -> Passed:
        """Send a link."""
        return self.sends("link", Title=title, Description=description, Url=url)

    def sends(self, msg_type: str, **elements: Element) -> Passed:
        """Send a message of any type."""
        return self._push(message_fields(self.account, self.openid, msg_type, self.clock(), **elements))

    def causes(self, event: str, **elements: Element) -> Passed:
        """Cause an event of any kind."""
        return self._push(event_fields(self.account, self.openid, event, self.clock(), **elements))

    def again(self, delivery_id: int = 0) -> Passed | None:
        """Deliver an earlier push once more, as the platform does when it got no answer in time; the last one unless an id is given.

        Return None when there is no such push.
        """
        delivery = simulated_deliveries.find(self.database, self.openid, delivery_id or self.last_id)
        if delivery is None or delivery.direction != "up":
            return None
        first = Pushed.from_text(delivery.body)
        return self._push(first.fields, again_of=first.again_of or delivery.id)

    def _push(self, fields: Mapping[str, Element], again_of: int = 0) -> Passed:
        """Hand a push to the application, and write down what was sent and shown."""
        delivery_id, push, began = new_id(), Push(self.account), self.clock()
        effects = self._effects() if again_of else ()
        query, body = push.of(fields, began, safe=self.safe)
        started = time.perf_counter()
        answer = Client(self.application).post(f"/wechat?{query}", data=body, content_type="text/xml")
        milliseconds = (time.perf_counter() - started) * 1000
        content, fault = _heard(push, answer.status_code, answer.data)
        pushed = Pushed(
            fields=fields,
            key=self._key(fields, began),
            status=answer.status_code,
            milliseconds=round(milliseconds, 2),
            sent=body.decode(),
            received=answer.get_data(as_text=True),
            opened=push_xml(fields).decode() if self.safe else "",
            again_of=again_of,
            same=bool(again_of) and not fault and content == self._shown_for(again_of),
            unchanged=bool(again_of) and effects == self._effects(),
        )
        self._write_down(delivery_id, pushed, content, fault=fault, began=began)
        self.last_id = again_of or delivery_id
        return Passed(delivery_id, pushed, content)

    def _write_down(
        self, delivery_id: int, pushed: Pushed, content: Content | None, *, fault: bool, began: datetime
    ) -> None:
        shown = None
        if fault:
            shown = Shown(via="fault", answers=delivery_id)
        elif content is not None and not pushed.same:
            shown = Shown(via="reply", content=content, answers=delivery_id)

        def work(tx: Transaction) -> None:
            simulated_deliveries.keep(tx, self.openid, "up", pushed.to_text(), began, delivery_id=delivery_id)
            if shown is not None:
                simulated_deliveries.keep(tx, self.openid, "down", shown.to_text(), self.clock())
            changes.note(tx, CHANGE_TOPIC, self._member_id() or 0, self.clock())

        self.database.write(work)

    def _shown_for(self, delivery_id: int) -> Content | None:
        """Return what was shown as the reply to a push."""
        for delivery in simulated_deliveries.since(self.database, self.openid, after_id=delivery_id):
            if delivery.direction == "down":
                shown = Shown.from_text(delivery.body)
                if shown.answers == delivery_id:
                    return shown.content
        return None

    def _effects(self) -> tuple[object, ...]:
        """Return what a push that counts twice would change: what is recorded last, the coupons and the points."""
        member_id = self._member_id()
        if member_id is None:
            return ()
        newest = exchanges.newest_of(self.database, member_id)
        held = coupons.coupons_of(self.database, member_id, self.clock())
        return newest and newest.id, [coupon.code for coupon in held], points.balance_of(self.database, member_id)

    def _key(self, fields: Mapping[str, Element], now: datetime) -> str:
        try:
            return read_message(parse(push_xml(fields)), self.account.account_id, now).key
        except GateError:
            return ""

    def _follows(self) -> bool:
        member_id = self._member_id()
        member = None if member_id is None else member_by_id(self.database, member_id)
        return member is not None and member.subscribed

    def _member_id(self) -> int | None:
        found = member_ids_by_openid(self.database, self.openid)
        return found[0] if found else None


def _heard(push: Push, status: int, body: bytes) -> tuple[Content | None, bool]:
    """Return what the phone shows, and whether the platform could not use the answer."""
    if status != 200:
        return None, True
    try:
        return push.heard(body), False
    except BadReply:
        return None, True


def _media_id(start: str) -> str:
    return start + secrets.token_urlsafe(_MEDIA_ID_BYTES)


def _ticket() -> str:
    return secrets.token_urlsafe(_TICKET_BYTES)
