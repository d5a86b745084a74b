"""What a consumer, or the platform on their behalf, says to the account: frozen values, no input or output.

One class for each kind of message and event of the official-account protocol. The gate (``bot.wechat``) makes them; nothing else does.
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar

from storage.records import immutable

NOTHING: Mapping[str, object] = MappingProxyType({})


@immutable(frozen=True, slots=True, kw_only=True)
class Message:
    """One push of the platform.

    ``account_id`` is the account's original id (``gh_…``), ``openid`` the consumer's id within it. ``key`` is unique among all pushes of one
    openid: ``m:<MsgId>`` for a message, ``e:<hash of all fields>`` for an event, or for a message without a usable id. ``sent_at`` is the platform's
    time, or ours when it named none that can be.
    ``extra`` holds every field that the class does not name, as text, lists and mappings, for the record.
    """

    kind: ClassVar[str] = ""
    account_id: str
    openid: str
    key: str
    sent_at: datetime
    msg_id: str | None = None
    extra: Mapping[str, object] = field(default_factory=lambda: NOTHING)


class Said(Message):
    """Something the consumer sent on purpose; opens the long reply window."""

    __slots__ = ()


class Event(Message):
    """Something that happened; its ``kind`` starts with ``event.``."""

    __slots__ = ()


@immutable(frozen=True, slots=True, kw_only=True)
class TextMessage(Said):
    """Words. ``menu_id`` is set when they came from a tap on an offered choice (``bizmsgmenuid``)."""

    kind: ClassVar[str] = "text"
    content: str
    menu_id: str | None = None


@immutable(frozen=True, slots=True, kw_only=True)
class ImageMessage(Said):
    """A picture; ``picture_url`` is the platform's address of it, never fetched by the server."""

    kind: ClassVar[str] = "image"
    picture_url: str = ""
    media_id: str = ""


@immutable(frozen=True, slots=True, kw_only=True)
class VoiceMessage(Said):
    """A voice clip; ``recognition`` is the platform's transcript, almost always empty since 2023."""

    kind: ClassVar[str] = "voice"
    media_id: str = ""
    format: str = ""
    recognition: str = ""


@immutable(frozen=True, slots=True, kw_only=True)
class VideoMessage(Said):
    """A video."""

    kind: ClassVar[str] = "video"
    media_id: str = ""
    thumb_media_id: str = ""


@immutable(frozen=True, slots=True, kw_only=True)
class ShortVideoMessage(VideoMessage):
    """A short video taken in the chat."""

    kind: ClassVar[str] = "shortvideo"


@immutable(frozen=True, slots=True, kw_only=True)
class LocationMessage(Said):
    """A place the consumer shared; degrees in the GCJ-02 datum."""

    kind: ClassVar[str] = "location"
    latitude: float
    longitude: float
    scale: int = 0
    label: str = ""


@immutable(frozen=True, slots=True, kw_only=True)
class LinkMessage(Said):
    """A shared page."""

    kind: ClassVar[str] = "link"
    title: str = ""
    description: str = ""
    url: str = ""


@immutable(frozen=True, slots=True, kw_only=True)
class MiniProgramMessage(Said):
    """A shared mini-program page."""

    kind: ClassVar[str] = "miniprogrampage"
    title: str = ""
    app_id: str = ""
    page_path: str = ""


@immutable(frozen=True, slots=True, kw_only=True)
class FileMessage(Said):
    """A file; the platform offers no way to fetch it."""

    kind: ClassVar[str] = "file"
    title: str = ""
    size_bytes: int = 0


@immutable(frozen=True, slots=True, kw_only=True)
class FollowEvent(Event):
    """The consumer followed the account, through the parametric QR code ``scene`` if there was one (its ``qrscene_`` prefix removed)."""

    kind: ClassVar[str] = "event.subscribe"
    scene: str = ""
    ticket: str = ""


@immutable(frozen=True, slots=True, kw_only=True)
class UnfollowEvent(Event):
    """The consumer unfollowed; nothing can be said to them."""

    kind: ClassVar[str] = "event.unsubscribe"


@immutable(frozen=True, slots=True, kw_only=True)
class ScanEvent(Event):
    """A follower scanned the parametric QR code ``scene``."""

    kind: ClassVar[str] = "event.scan"
    scene: str = ""
    ticket: str = ""


@immutable(frozen=True, slots=True, kw_only=True)
class MenuClickEvent(Event):
    """A tap on a menu button with a key."""

    kind: ClassVar[str] = "event.click"
    menu_key: str = ""


@immutable(frozen=True, slots=True, kw_only=True)
class MenuViewEvent(Event):
    """A tap on a menu button that opens a page (``url``) or a mini program (``mini_program``)."""

    kind: ClassVar[str] = "event.view"
    url: str = ""
    menu_id: str = ""
    mini_program: bool = False


@immutable(frozen=True, slots=True, kw_only=True)
class MenuScanEvent(Event):
    """A code scanned from the menu; ``waiting`` means that the phone shows "receiving" and expects an answer."""

    kind: ClassVar[str] = "event.menu_scan"
    menu_key: str = ""
    scan_type: str = ""
    scan_result: str = ""
    waiting: bool = False


@immutable(frozen=True, slots=True, kw_only=True)
class MenuPicturesEvent(Event):
    """Pictures chosen from the menu; they follow as messages of their own."""

    kind: ClassVar[str] = "event.menu_pictures"
    menu_key: str = ""
    count: int = 0


@immutable(frozen=True, slots=True, kw_only=True)
class MenuLocationEvent(Event):
    """A place chosen from the menu; a location message follows."""

    kind: ClassVar[str] = "event.menu_location"
    menu_key: str = ""
    latitude: float = 0.0
    longitude: float = 0.0
    label: str = ""


@immutable(frozen=True, slots=True, kw_only=True)
class LocationReportEvent(Event):
    """Where the phone is, on entering the chat or every few seconds; never answered. Degrees, metres."""

    kind: ClassVar[str] = "event.location"
    latitude: float
    longitude: float
    precision_metres: float = 0.0


@immutable(frozen=True, slots=True, kw_only=True)
class AgentSessionEvent(Event):
    """A chat in the platform's own agent console began, ended or moved; ``change`` is ``create``, ``close`` or ``switch``."""

    kind: ClassVar[str] = "event.agent_session"
    change: str = ""
    agent_account: str = ""


@immutable(frozen=True, slots=True, kw_only=True)
class DeliveryEvent(Event):
    """What became of something we sent: ``report`` names the kind (template, mass, subscription, publish), ``status`` its outcome.

    Reports on ``mass`` and ``publish`` come from a system id and concern no member.
    """

    kind: ClassVar[str] = "event.delivery"
    report: str = ""
    status: str = ""
    sent_msg_id: str = ""


@immutable(frozen=True, slots=True, kw_only=True)
class ConsentEvent(Event):
    """A consumer gave or took back a permission; ``change`` is the platform's event name, details are in ``extra``.

    ``subject_openid`` is whom it concerns: not always the sender, which for some changes is a system id.
    """

    kind: ClassVar[str] = "event.consent"
    change: str = ""
    subject_openid: str = ""


@immutable(frozen=True, slots=True, kw_only=True)
class AccountEvent(Event):
    """News about the account itself (verification, expiry, debugging); sent by a system id, concerns no member."""

    kind: ClassVar[str] = "event.account"
    change: str = ""


@immutable(frozen=True, slots=True, kw_only=True)
class CardEvent(Event):
    """An event of the retired card and store products; recorded only."""

    kind: ClassVar[str] = "event.card"
    change: str = ""
    card_id: str = ""
    card_code: str = ""
