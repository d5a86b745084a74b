"""The gate: from a raw request to a message that is provably the platform's, or to the reason why not.

Pure of any web framework. The order of checks is the safety of it: sizes before parsing, the signature before anything in the body is believed,
the account's own settings (never the request) for how the body is read.
"""

import re
from collections import deque
from collections.abc import Callable
from datetime import datetime
from statistics import median
from urllib.parse import unquote_to_bytes

from bot.wechat.account import Account
from bot.wechat.crypto import MessageCipher
from bot.wechat.errors import BadEnvelope, NotUnderstood, Refusal
from bot.wechat.inbound import read_message, sender_of
from bot.wechat.seal import Seal
from bot.wechat.signature import is_signed
from bot.wechat.xml import Fields, clean, parse
from intents.messages import Message
from storage.records import immutable

MAX_QUERY_CHARS = 4096
_MAX_NONCE_CHARS = 128
_TIMESTAMP_DIGITS = 10
_ECHO = re.compile(r"[0-9A-Za-z+/=_.-]{1,512}")
_MAX_KEPT_CHARS = 65_536
_SKEWS, _FEWEST_SKEWS = 15, 5
_ENCRYPTION_CLAIMS = {"plain": ("", "raw"), "compatible": ("", "raw", "aes"), "safe": ("", "aes")}


@immutable(frozen=True, slots=True)
class Verified:
    """The platform checks that the address is ours: answer ``echo``, byte for byte."""

    echo: bytes


@immutable(frozen=True, slots=True)
class Admitted:
    """A message to answer, and the seal to answer it with."""

    message: Message
    seal: Seal


@immutable(frozen=True, slots=True)
class Refused:
    """Not the platform's, or not a document: answer ``status``. ``forged``: a signature was missing or wrong."""

    status: int
    reason: str
    forged: bool = False


@immutable(frozen=True, slots=True)
class Quarantined:
    """The platform's, but not understood: answer 200 ``success`` and keep it for people. Ids are empty where they were not plainly there."""

    reason: str
    account_id: str
    openid: str
    body_text: str


Parameters = dict[str, str]
_Opened = tuple[Fields, Seal, bytes]  # what was said, how to answer, the document it was in


class Gate:
    """Checks requests for one account. May be shared by threads."""

    def __init__(self, account: Account, clock: Callable[[], datetime]) -> None:
        """Take the account's settings and a clock that returns aware times."""
        self.account = account
        self._clock = clock
        self._token = account.token.encode()
        keys = (account.aes_key, account.previous_aes_key) if account.mode != "plain" else ()
        self._seals = tuple(Seal(self._token, MessageCipher(key, account.app_id)) for key in keys if key)
        self._plain_seal = Seal(self._token)
        self._skews: deque[float] = deque(maxlen=_SKEWS)

    def now(self) -> datetime:
        """Return the time of the gate's clock."""
        return self._clock()

    @property
    def skew_seconds(self) -> float | None:
        """How far the platform's clock is ahead of ours, by the median of the last signed requests (one that is replayed decides nothing); None for too few."""
        skews = list(self._skews)
        return median(skews) if len(skews) >= _FEWEST_SKEWS else None

    def verify(self, query: str) -> Verified | Refused:
        """Judge a GET request by its raw query string."""
        try:
            echo = self._signed(query, self._clock()).get("echostr", "")
        except Refusal as refusal:
            return _refused(refusal)
        if not _ECHO.fullmatch(echo):
            return Refused(400, "echostr")
        return Verified(echo.encode("ascii"))

    def is_signed(self, query: str) -> bool:
        """Tell whether a raw query string bears a right and fresh signature; reads nothing else of the request."""
        try:
            self._signed(query, self._clock())
        except Refusal:
            return False
        return True

    def admit(self, query: str, body: bytes) -> Admitted | Refused | Quarantined:
        """Judge a POST request by its raw query string and whole body."""
        if len(body) > self.account.max_body_bytes:
            return Refused(413, "body too large")
        try:
            return self.judge(self.signed(query), body)
        except Refusal as refusal:
            return _refused(refusal)

    def signed(self, query: str) -> Parameters:
        """Return the parameters of a raw query string once signature and age are right. Raises Refusal.

        Asked before the body is read, so that a sender who is not the platform can't keep anybody busy by sending slowly.
        """
        return self._signed(query, self._clock())

    def judge(self, parameters: Parameters, body: bytes) -> Admitted | Quarantined:
        """Judge the body of a request whose query is rightly signed. Raises Refusal."""
        fields, seal, document = self._opened(parameters, body)
        try:
            return Admitted(read_message(fields, self.account.account_id, self._clock()), seal)
        except NotUnderstood as error:
            text = clean(document).decode()[:_MAX_KEPT_CHARS]
            return Quarantined(error.reason, *sender_of(fields), text)

    def _signed(self, query: str, now: datetime) -> Parameters:
        """Return the query's parameters once signature and age are right."""
        parameters = parse_query(query)
        try:
            signature, timestamp, nonce = parameters["signature"], parameters["timestamp"], parameters["nonce"]
        except KeyError:
            raise Refusal(403, "unsigned", forged=True) from None
        # Nothing marks the border between timestamp and nonce in what is hashed: only its fixed length keeps digits from moving over.
        if not (len(timestamp) == _TIMESTAMP_DIGITS and timestamp.isascii() and timestamp.isdigit()):
            raise Refusal(403, "timestamp", forged=True)
        if not 1 <= len(nonce) <= _MAX_NONCE_CHARS:
            raise Refusal(403, "nonce", forged=True)
        if not is_signed(signature, self._token, timestamp.encode(), nonce.encode()):
            raise Refusal(403, "signature", forged=True)
        skew = int(timestamp) - now.timestamp()
        self._skews.append(skew)
        most = self.account.max_age_seconds
        if most and abs(skew) > most:
            raise Refusal(403, "stale timestamp")
        return parameters

    def _opened(self, parameters: Parameters, body: bytes) -> _Opened:
        """Return what the body says, by the account's mode."""
        mode = self.account.mode
        claimed = parameters.get("encrypt_type", "")
        if claimed not in _ENCRYPTION_CLAIMS[mode]:
            raise Refusal(403, "mode")
        fields = parse(body)
        encrypted = fields.get("Encrypt")
        if mode == "plain":
            if encrypted is not None and "MsgType" not in fields:
                raise Refusal(403, "mode")
            return fields, self._plain_seal, body
        if mode == "compatible" and encrypted is None and claimed != "aes":
            return fields, self._plain_seal, body
        if not isinstance(encrypted, str):
            raise Refusal(403, "envelope", forged=True)
        document, seal = self._decrypted(parameters, encrypted)
        if mode == "compatible" and claimed != "aes":
            seal = self._plain_seal
        return parse(document), seal, document

    def _decrypted(self, parameters: Parameters, encrypted: str) -> tuple[bytes, Seal]:
        """Return the document inside, and the seal of the key that opened it: the current one or, just after a change, the previous."""
        signature = parameters.get("msg_signature", "")
        signed = (self._token, parameters["timestamp"].encode(), parameters["nonce"].encode(), encrypted.encode())
        if not is_signed(signature, *signed):
            raise Refusal(403, "envelope", forged=True)
        for seal in self._seals:
            assert seal.cipher is not None
            try:
                return seal.cipher.decrypt(encrypted), seal
            except BadEnvelope:
                continue
        raise Refusal(403, "envelope", forged=True)


def parse_query(query: str) -> Parameters:
    """Return the parameters of a raw query string, decoded. Raises Refusal (400) for one given twice, or what is not UTF-8 in percent signs."""
    if len(query) > MAX_QUERY_CHARS or not query.isascii():
        raise Refusal(400, "query")
    plain = "%" not in query and "+" not in query
    parameters: Parameters = {}
    for pair in query.split("&"):
        if not pair:
            continue
        name, _, value = pair.partition("=")
        if not plain:
            name, value = _decoded(name), _decoded(value)
        if name in parameters:
            raise Refusal(400, "repeated parameter")
        parameters[name] = value
    return parameters


def _decoded(text: str) -> str:
    try:
        return unquote_to_bytes(text.replace("+", " ")).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refusal(400, "query") from error


def _refused(refusal: Refusal) -> Refused:
    return Refused(refusal.status, refusal.reason, refusal.forged)
