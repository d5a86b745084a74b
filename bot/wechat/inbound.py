"""From the elements of a push to one of our frozen messages; what is signed but not known ends as NotUnderstood.

The kinds of pushes are a table (``bot.wechat.kinds``); here is what all have in common: who, when, and the key that tells one push from another.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from types import MappingProxyType

from bot.wechat.errors import NotUnderstood
from bot.wechat.kinds import EVENTS, MESSAGES, Kind
from bot.wechat.xml import Fields, Value
from intents.messages import NOTHING, Message

_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_MAX_KEYED_ID_CHARS = 64  # a real MsgId has some 20 digits; longer ones would not fit every database's index
_EARLIEST_SECONDS = 1_293_840_000  # 2011-01-01: there were no official accounts before
_LATEST_AHEAD = timedelta(days=1)
_KEY_BYTES = 16
_SHOWN_CHARS = 40
_MSG_TYPE, _EVENT = "MsgType", "Event"


def read_message(fields: Fields, account_id: str, now: datetime) -> Message:
    """Return the message that ``fields``, the elements of a push, amount to.

    ``account_id`` is the one account that may be addressed; empty takes any. Raises NotUnderstood when the push repeats an element, lacks one that
    every push has, addresses another account, or is of a kind that the table doesn't know.
    """
    for name, value in fields.items():
        if type(value) is list:
            raise NotUnderstood(f"{_shown(name)} is there more than once")
    msg_type = _required(fields, _MSG_TYPE)
    openid = _id(fields, "FromUserName")
    addressed = _id(fields, "ToUserName")
    if account_id and addressed != account_id:
        raise NotUnderstood("ToUserName is another account")
    if msg_type == "event":
        kind, key, msg_id = _event_kind(fields), _hashed(fields), None
    else:
        kind = _message_kind(msg_type)
        key, msg_id = _message_key(fields)
    values = {name: read(fields) for name, read in kind.readers}
    return kind.make(
        account_id=addressed,
        openid=openid,
        key=key,
        sent_at=_sent_at(fields.get("CreateTime"), now),
        msg_id=msg_id,
        extra=_extra(fields, kind),
        **values,
    )


def sender_of(fields: Fields) -> tuple[str, str]:
    """Return account id and open id as far as they are plainly there, for the record; empty where not."""
    return _maybe_id(fields.get("ToUserName")), _maybe_id(fields.get("FromUserName"))


def _event_kind(fields: Fields) -> Kind:
    event = _required(fields, _EVENT)
    try:
        return EVENTS[event.lower()]  # the platform's own spelling varies in case
    except KeyError:
        raise NotUnderstood(f"unknown event {_shown(event)}") from None


def _message_kind(msg_type: str) -> Kind:
    try:
        return MESSAGES[msg_type]
    except KeyError:
        raise NotUnderstood(f"unknown type {_shown(msg_type)}") from None


def _message_key(fields: Fields) -> tuple[str, str | None]:
    msg_id = fields.get("MsgId") or None
    if isinstance(msg_id, dict):
        raise NotUnderstood("MsgId is not plain text")
    if not isinstance(msg_id, str) or len(msg_id) > _MAX_KEYED_ID_CHARS:
        return _hashed(fields), None
    return f"m:{msg_id}", msg_id


def _hashed(fields: Fields) -> str:
    """Return a key over all elements: sender and time alone would take two events of one second for one."""
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":"))
    return f"e:{blake2b(canonical.encode('ascii'), digest_size=_KEY_BYTES).hexdigest()}"


def _sent_at(text: Value | None, now: datetime) -> datetime:
    """Return the platform's time, or ``now`` when it named none that can be."""
    if isinstance(text, str) and len(text) == len("1767225600") and text.isascii() and text.isdigit():
        seconds = int(text)
        if seconds >= _EARLIEST_SECONDS:
            sent_at = datetime.fromtimestamp(seconds, UTC)
            if sent_at <= now + _LATEST_AHEAD:
                return sent_at
    return now


def _extra(fields: Fields, kind: Kind) -> Mapping[str, object]:
    extra = {name: value for name, value in fields.items() if name not in kind.taken}
    return MappingProxyType(extra) if extra else NOTHING


def _required(fields: Fields, name: str) -> str:
    value = fields.get(name)
    if not value:
        raise NotUnderstood(f"{name} is missing")
    if not isinstance(value, str):
        raise NotUnderstood(f"{name} is not plain text")
    return value


def _id(fields: Fields, name: str) -> str:
    value = _required(fields, name)
    if not _ID.fullmatch(value):
        raise NotUnderstood(f"{name} is no id")
    return value


def _maybe_id(value: Value | None) -> str:
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""


def _shown(text: str) -> str:
    """Return a name from outside, short and harmless enough for a log line."""
    return ascii(text[:_SHOWN_CHARS])
