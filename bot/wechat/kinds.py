"""The table of pushes: for each ``MsgType`` and ``Event`` the class it becomes, and from which elements.

A new kind is one entry here and one class in ``intents.messages``.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.wechat.errors import NotUnderstood
from bot.wechat.xml import Fields
from intents.messages import (
    AccountEvent,
    AgentSessionEvent,
    CardEvent,
    ConsentEvent,
    DeliveryEvent,
    FileMessage,
    FollowEvent,
    ImageMessage,
    LinkMessage,
    LocationMessage,
    LocationReportEvent,
    MenuClickEvent,
    MenuLocationEvent,
    MenuPicturesEvent,
    MenuScanEvent,
    MenuViewEvent,
    Message,
    MiniProgramMessage,
    ScanEvent,
    ShortVideoMessage,
    TextMessage,
    UnfollowEvent,
    VideoMessage,
    VoiceMessage,
)

COMMON = frozenset({"ToUserName", "FromUserName", "CreateTime", "MsgType", "MsgId", "Event"})
_SCENE_PREFIX = "qrscene_"
LONGEST_ID_CHARS = 128  # twice the longest of the platform's; far longer ones fit in no index of a server
_DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,30})?")
_COUNT = re.compile(r"[0-9]{1,18}")
_MEASURE = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,30})?")


@dataclass(frozen=True, slots=True)
class Reader:
    """How one field is read: ``read`` takes the push's elements; ``element`` names the one that the field then holds completely."""

    read: Callable[[Fields], object]
    element: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of push is read: the class, its fields with what reads them, and the elements that need no keeping as ``extra``."""

    make: Callable[..., Message]
    readers: tuple[tuple[str, Callable[[Fields], object]], ...]
    taken: frozenset[str]


def kind(make: Callable[..., Message], keep: tuple[str, ...] = (), **readers: Reader) -> Kind:
    """Build a Kind from a reader for each field; ``keep`` are elements to keep as extra although all pushes have them."""
    taken = COMMON.difference(keep).union(reader.element for reader in readers.values())
    return Kind(make, tuple((name, reader.read) for name, reader in readers.items()), taken)


def text(element: str) -> Reader:
    """Read an element as the text it is; empty when absent. It raises NotUnderstood for anything but text."""
    return Reader(lambda fields: _text_of(fields, element), element)


def short(element: str) -> Reader:
    """Read an element as an id, cut where it is longer than any can be."""
    return Reader(lambda fields: _text_of(fields, element)[:LONGEST_ID_CHARS], element)


def text_or_none(element: str) -> Reader:
    """Read an element as text; None when absent or empty."""
    return Reader(lambda fields: _text_of(fields, element) or None, element)


def count(element: str) -> Reader:
    """Read a count; 0 when absent or odd."""

    def read(fields: Fields) -> int:
        value = _text_of(fields, element)
        return int(value) if _COUNT.fullmatch(value) else 0

    return Reader(read, element)


def measure(element: str) -> Reader:
    """Read a measured number; 0 when absent or odd."""

    def read(fields: Fields) -> float:
        value = _text_of(fields, element)
        return float(value) if _MEASURE.fullmatch(value) else 0.0

    return Reader(read, element)


def degrees(element: str, most: float) -> Reader:
    """Read a latitude or longitude; it raises NotUnderstood unless that is a plain number within ±``most``."""

    def read(fields: Fields) -> float:
        value = _text_of(fields, element)
        if not _DEGREES.fullmatch(value) or abs(float(value)) > most:
            raise NotUnderstood(f"{element} is no place on earth")
        return float(value)

    return Reader(read, element)


def inside(element: str, reader: Reader) -> Reader:
    """Read within an element; within the first one if it is repeated; as if empty when there is nothing inside. The whole is kept as extra."""

    def read(fields: Fields) -> object:
        group = fields.get(element)
        if isinstance(group, list):
            group = group[0]
        return reader.read(group if isinstance(group, dict) else {})

    return Reader(read)


def outcome(element: str) -> Reader:
    """Read an outcome, without the platform's stray blanks beside a colon (``failed: system failed``)."""
    return Reader(lambda fields: re.sub(r"\s*:\s*", ":", _text_of(fields, element).strip()), element)


def always(value: object) -> Reader:
    """Read nothing: the kind itself says it."""
    return Reader(lambda _fields: value)


def _text_of(fields: Fields, element: str) -> str:
    value = fields.get(element, "")
    if not isinstance(value, str):
        raise NotUnderstood(f"{element} is not plain text")
    return value


def _followed_scene(fields: Fields) -> str:
    """Return the scene of a follow; other keys there (``last_trade_no_…``, say) are no scenes."""
    key = _text_of(fields, "EventKey")
    return key.removeprefix(_SCENE_PREFIX)[:LONGEST_ID_CHARS] if key.startswith(_SCENE_PREFIX) else ""


_LATITUDE, _LONGITUDE = degrees("Location_X", 90), degrees("Location_Y", 180)  # X is the latitude

MESSAGES: Mapping[str, Kind] = {
    "text": kind(TextMessage, content=text("Content"), menu_id=text_or_none("bizmsgmenuid")),
    "image": kind(ImageMessage, picture_url=text("PicUrl"), media_id=text("MediaId")),
    "voice": kind(VoiceMessage, media_id=text("MediaId"), format=text("Format"), recognition=text("Recognition")),
    "video": kind(VideoMessage, media_id=text("MediaId"), thumb_media_id=text("ThumbMediaId")),
    "shortvideo": kind(ShortVideoMessage, media_id=text("MediaId"), thumb_media_id=text("ThumbMediaId")),
    "location": kind(
        LocationMessage, latitude=_LATITUDE, longitude=_LONGITUDE, scale=count("Scale"), label=text("Label")
    ),
    "link": kind(LinkMessage, title=text("Title"), description=text("Description"), url=text("Url")),
    "miniprogrampage": kind(MiniProgramMessage, title=text("Title"), app_id=text("AppId"), page_path=text("PagePath")),
    "file": kind(FileMessage, title=text("Title"), size_bytes=count("FileTotalLen")),
}


def _view(*, mini_program: bool) -> Kind:
    opened, menu_id = text("EventKey"), text("MenuId")
    return kind(MenuViewEvent, url=opened, menu_id=menu_id, mini_program=always(mini_program))


def _menu_scan(*, waiting: bool) -> Kind:
    return kind(
        MenuScanEvent,
        menu_key=text("EventKey"),
        scan_type=inside("ScanCodeInfo", text("ScanType")),
        scan_result=inside("ScanCodeInfo", text("ScanResult")),
        waiting=always(waiting),
    )


def _menu_pictures() -> Kind:
    chosen = inside("SendPicsInfo", count("Count"))
    return kind(MenuPicturesEvent, keep=("Event",), menu_key=text("EventKey"), count=chosen)


def _agent_session(change: str, account: str) -> Kind:
    return kind(AgentSessionEvent, change=always(change), agent_account=text(account))


def _delivery(report: str, status: Reader, sent_msg_id: Reader) -> Kind:
    return kind(DeliveryEvent, report=always(report), status=status, sent_msg_id=sent_msg_id)


def _notice(reader: Reader) -> Reader:
    return inside("SubscribeMsgSentEvent", inside("List", reader))


def _consent(event: str, subject: str) -> Kind:
    return kind(ConsentEvent, change=always(event), subject_openid=text(subject))


def _card(event: str) -> Kind:
    return kind(CardEvent, change=always(event), card_id=text("CardId"), card_code=text("UserCardCode"))


_ACCOUNT_EVENTS = (
    *(
        "qualification_verify_success",
        "qualification_verify_fail",
        "naming_verify_success",
        "naming_verify_fail",
        "annual_renew",
        "verify_expired",
    ),
    *("wx_verify_pay_succ", "wx_verify_dispatch", "wx_verify_refill", "wx_verify_fail", "debug_demo"),
)
_CARD_EVENTS = (
    *(
        "card_pass_check",
        "card_not_pass_check",
        "user_get_card",
        "user_gifting_card",
        "user_del_card",
        "user_enter_session_from_card",
    ),
    *(
        "submit_membercard_user_info",
        "user_consume_card",
        "user_pay_from_pay_cell",
        "user_view_card",
        "update_member_card",
    ),
    *("card_sku_remind", "card_pay_order", "poi_check_notify"),
)

# By name in lower case: the platform's own spelling varies.
EVENTS: Mapping[str, Kind] = {
    "subscribe": kind(FollowEvent, scene=Reader(_followed_scene), ticket=text("Ticket")),
    "unsubscribe": kind(UnfollowEvent),
    "scan": kind(ScanEvent, scene=short("EventKey"), ticket=text("Ticket")),
    "location": kind(
        LocationReportEvent,
        latitude=degrees("Latitude", 90),
        longitude=degrees("Longitude", 180),
        precision_metres=measure("Precision"),
    ),
    "click": kind(MenuClickEvent, menu_key=text("EventKey")),
    "view": _view(mini_program=False),
    "view_miniprogram": _view(mini_program=True),
    "scancode_push": _menu_scan(waiting=False),
    "scancode_waitmsg": _menu_scan(waiting=True),
    "pic_sysphoto": _menu_pictures(),
    "pic_photo_or_album": _menu_pictures(),
    "pic_weixin": _menu_pictures(),
    "location_select": kind(
        MenuLocationEvent,
        menu_key=text("EventKey"),
        latitude=inside("SendLocationInfo", _LATITUDE),
        longitude=inside("SendLocationInfo", _LONGITUDE),
        label=inside("SendLocationInfo", text("Label")),
    ),
    "kf_create_session": _agent_session("create", "KfAccount"),
    "kf_close_session": _agent_session("close", "KfAccount"),
    "kf_switch_session": _agent_session("switch", "ToKfAccount"),
    "templatesendjobfinish": _delivery("template", outcome("Status"), short("MsgID")),
    "masssendjobfinish": _delivery("mass", outcome("Status"), short("MsgID")),
    "subscribe_msg_sent_event": _delivery("subscription", _notice(outcome("ErrorStatus")), _notice(short("MsgID"))),
    "publishjobfinish": _delivery(
        "publish", inside("PublishEventInfo", text("publish_status")), inside("PublishEventInfo", short("publish_id"))
    ),
    "subscribe_msg_popup_event": _consent("subscribe_msg_popup_event", "FromUserName"),
    "subscribe_msg_change_event": _consent("subscribe_msg_change_event", "FromUserName"),
    "user_info_modified": _consent("user_info_modified", "OpenID"),
    "user_authorization_revoke": _consent("user_authorization_revoke", "OpenID"),
    "user_authorization_cancellation": _consent("user_authorization_cancellation", "OpenID"),
    **{event: kind(AccountEvent, change=always(event)) for event in _ACCOUNT_EVENTS},
    **{event: _card(event) for event in _CARD_EVENTS},
}
