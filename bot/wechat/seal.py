"""What a request's answer must be wrapped in: nothing in plain mode, the platform's envelope otherwise."""

import secrets
from dataclasses import field
from datetime import datetime
from typing import NamedTuple

from bot.wechat.crypto import MessageCipher
from bot.wechat.replies import reply_xml
from bot.wechat.signature import signature_of
from intents.messages import Event, Message
from storage.records import immutable
from templates.content import Content

_NONCE_BELOW = 10**10


class Answer(NamedTuple):
    """The body of a 200 answer and its content type."""

    body: bytes
    content_type: str


TEXT_TYPE = "text/plain; charset=utf-8"
XML_TYPE = "application/xml; charset=utf-8"
NOTHING_TO_SAY = Answer(b"success", TEXT_TYPE)  # stops the platform's retries and shows nothing; never encrypted


@immutable(frozen=True, slots=True)
class Seal:
    """Writes answers to one request: encrypted with the key that opened it, or plain when ``cipher`` is None."""

    token: bytes = field(repr=False)
    cipher: MessageCipher | None = field(default=None, repr=False)

    def reply(self, content: Content, message: Message, now: datetime) -> Answer:
        """Return the answer that says ``content`` to the sender of ``message``; "success" when there is nothing to say.

        An event is never handed to the platform's agent console: it would be noise there.
        """
        if content.kind == "transfer" and isinstance(message, Event):
            return NOTHING_TO_SAY
        created = int(now.timestamp())
        document = reply_xml(content, message.openid, message.account_id, created)
        if document is None:
            return NOTHING_TO_SAY
        return Answer(self._sealed(document, str(created)) if self.cipher else document, XML_TYPE)

    def _sealed(self, document: bytes, timestamp: str) -> bytes:
        assert self.cipher is not None
        encrypted = self.cipher.encrypt(document)
        nonce = str(secrets.randbelow(_NONCE_BELOW)).encode()
        signature = signature_of(self.token, timestamp.encode(), nonce, encrypted).encode()
        return b"".join(
            (
                *(b"<xml><Encrypt><![CDATA[", encrypted, b"]]></Encrypt><MsgSignature><![CDATA[", signature),
                *(b"]]></MsgSignature><TimeStamp>", timestamp.encode(), b"</TimeStamp><Nonce><![CDATA[", nonce),
                b"]]></Nonce></xml>",
            )
        )
