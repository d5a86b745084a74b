"""The other side of the door: pushes as the platform would make them, and replies as it would read them.

For the simulator and for tests. Signing, encrypting and decrypting here are wechatpy's, not our own, so that the two sides check each other.
"""

import secrets
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from urllib.parse import urlencode

from wechatpy.crypto import PrpCrypto, WeChatCrypto
from wechatpy.exceptions import WeChatException
from wechatpy.utils import WeChatSigner

from bot.wechat.account import Account
from bot.wechat.errors import BadReply, Refusal
from bot.wechat.xml import Fields, Value, cdata, parse
from templates.content import Content, Kind

Element = str | int | float | Sequence["Element"] | Mapping[str, "Element"]

_MSG_ID_DIGITS = 17
_NONCE_BELOW = 10**10


def message_fields(
    account: Account, openid: str, msg_type: str, now: datetime, **elements: Element
) -> dict[str, Element]:
    """Return the complete elements of a message with an id of its own; send the same ones again for a redelivery."""
    msg_id = secrets.randbelow(9 * 10 ** (_MSG_ID_DIGITS - 1)) + 10 ** (_MSG_ID_DIGITS - 1)
    return {**_head(account, openid, msg_type, now), **elements, "MsgId": msg_id}


def event_fields(account: Account, openid: str, event: str, now: datetime, **elements: Element) -> dict[str, Element]:
    """Return the complete elements of an event (``subscribe``, ``CLICK`` …); events have no id."""
    return {**_head(account, openid, "event", now), "Event": event, **elements}


def push_xml(fields: Mapping[str, Element]) -> bytes:
    """Return the document of a push: text as CDATA, numbers bare, a sequence as a repeated element, a mapping as elements inside."""
    return f"<xml>{_inner(fields)}</xml>".encode()


@dataclass(frozen=True, slots=True)
class Push:
    """Plays the platform for one account."""

    account: Account

    def of(self, fields: Mapping[str, Element], now: datetime, *, safe: bool = False) -> tuple[str, bytes]:
        """Return query string and body of a push, with timestamp, nonce and signatures made for this one time.

        ``safe`` encrypts it with the account's key, as safe mode does.
        """
        document = push_xml(fields)
        return self.encrypted(document, fields, now) if safe else self.signed(document, now)

    def both(self, fields: Mapping[str, Element], now: datetime) -> tuple[str, bytes]:
        """Return query string and body of a push as compatible mode makes it: plain elements with the encrypted ones beside them."""
        query, body = self.of(fields, now, safe=True)
        encrypted = str(parse(body)["Encrypt"])
        return query, push_xml({**fields, "Encrypt": encrypted})

    def verification(self, echo: str, now: datetime) -> str:
        """Return the query string with which the platform checks the address."""
        query, _ = self.signed(b"", now)
        return f"{query}&{urlencode({'echostr': echo})}"

    def signed(self, document: bytes, now: datetime) -> tuple[str, bytes]:
        """Return query string and body for a document, whatever it is, in plain mode."""
        timestamp, nonce = _stamp(now)
        signature = _signature(self.account.token, timestamp, nonce)
        return urlencode({"signature": signature, "timestamp": timestamp, "nonce": nonce}), document

    def encrypted(self, document: bytes, fields: Mapping[str, Element], now: datetime) -> tuple[str, bytes]:
        """Return query string and body for a document, whatever it is, in safe mode; ``fields`` give the addressed account."""
        crypto = WeChatCrypto(self.account.token, self.account.aes_key, self.account.app_id)
        encrypted = PrpCrypto(crypto.key).encrypt(document, self.account.app_id).decode()
        timestamp, nonce = _stamp(now)
        query = {
            "signature": _signature(self.account.token, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "encrypt_type": "aes",
            "msg_signature": _signature(self.account.token, timestamp, nonce, encrypted),
        }
        outer = {"ToUserName": fields.get("ToUserName", self.account.account_id), "Encrypt": encrypted}
        return urlencode(query), push_xml(outer)

    def heard(self, body: bytes) -> Content | None:
        """Return what the consumer gets to see of the body of a 200 answer; None when nothing.

        Raises BadReply for an answer that the platform would call a fault.
        """
        if body in (b"", b"success"):
            return None
        fields = _document(body)
        if "Encrypt" in fields:
            fields = self._decrypted(fields)
        msg_type = fields.get("MsgType")
        if msg_type == "transfer_customer_service":
            return Content("transfer", agent_account=_text(_group(fields, "TransInfo"), "KfAccount"))
        if msg_type == "text":
            return Content("text", text=_required(fields, "Content"))
        if msg_type == "news":
            return _content("news", _group(_group(fields, "Articles"), "item"))
        if msg_type in ("image", "voice", "video", "music"):
            kind = cast(Kind, msg_type)
            return _content(kind, _group(fields, kind.capitalize()))
        raise BadReply("the reply has no known MsgType")

    def _decrypted(self, fields: Fields) -> Fields:
        crypto = WeChatCrypto(self.account.token, self.account.aes_key, self.account.app_id)
        parts = [_required(fields, name) for name in ("MsgSignature", "TimeStamp", "Nonce")]
        try:
            document: str = crypto.decrypt_message(fields, *parts)
        except (WeChatException, ValueError, IndexError, struct.error) as error:  # all that it lets through
            raise BadReply("the envelope does not open") from error
        return _document(document.encode())


def _document(body: bytes) -> Fields:
    try:
        return parse(body)
    except Refusal as refusal:
        raise BadReply(refusal.reason) from refusal


_CONTENT_ELEMENTS = {
    "MediaId": "media_id",
    "ThumbMediaId": "thumb_media_id",
    "Title": "title",
    "Description": "description",
    "MusicUrl": "music_url",
    "HQMusicUrl": "hq_music_url",
    "PicUrl": "picture_url",
    "Url": "link",
}


def _content(kind: Kind, group: Fields) -> Content:
    return Content.from_payload(
        {"kind": kind} | {ours: _text(group, theirs) for theirs, ours in _CONTENT_ELEMENTS.items()}
    )


def _head(account: Account, openid: str, msg_type: str, now: datetime) -> dict[str, Element]:
    created = int(now.timestamp())
    return {"ToUserName": account.account_id, "FromUserName": openid, "CreateTime": created, "MsgType": msg_type}


def _inner(fields: Mapping[str, Element]) -> str:
    return "".join(_element(name, value) for name, value in fields.items())


def _element(name: str, value: Element) -> str:
    if isinstance(value, Mapping):
        return f"<{name}>{_inner(value)}</{name}>"
    if isinstance(value, str):
        return f"<{name}>{cdata(value)}</{name}>"
    if isinstance(value, int | float):
        return f"<{name}>{value}</{name}>"
    return "".join(_element(name, each) for each in value)


def _signature(*parts: str) -> str:
    signer = WeChatSigner()
    signer.add_data(*parts)
    return str(signer.signature)


def _stamp(now: datetime) -> tuple[str, str]:
    return str(int(now.timestamp())), str(secrets.randbelow(_NONCE_BELOW))


def _group(fields: Fields, name: str) -> Fields:
    group: Value = fields.get(name, {})
    return group if isinstance(group, dict) else {}


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise BadReply(f"{name} is not plain text")
    return value


def _required(fields: Fields, name: str) -> str:
    value = _text(fields, name)
    if not value:
        raise BadReply(f"{name} is missing or empty")
    return value
