"""The webhook as a bare WSGI application: HTTP on one side, the gate and the turn on the other. As thin as the platform's five seconds deserve."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Protocol
from wsgiref.types import InputStream, StartResponse, WSGIEnvironment

from bot.wechat.errors import Refusal
from bot.wechat.gate import Admitted, Gate, Quarantined, Refused, parse_query
from bot.wechat.latency import Latencies
from bot.wechat.seal import NOTHING_TO_SAY, TEXT_TYPE, Answer
from bot.wechat.spool import SpoolError
from intents.messages import Message
from templates.content import Content

log = logging.getLogger(__name__)

FORGED_PER_MINUTE = 60
BODIES_AT_ONCE = 24  # of one signed address: far more than the platform needs, and a quarter of the threads for whoever got hold of one
_MAX_ADDRESSES = 4096
_WINDOW_SECONDS = 60.0
_STATUS_LINES = {
    200: "200 OK",
    400: "400 Bad Request",
    403: "403 Forbidden",
    405: "405 Method Not Allowed",
    413: "413 Content Too Large",
    415: "415 Unsupported Media Type",
    429: "429 Too Many Requests",
    503: "503 Service Unavailable",
}
_SAFETY = (
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; sandbox"),
    ("Cache-Control", "no-store"),
)


class Shelter(Protocol):
    """Where pushes are kept while nothing can be stored: ``bot.shelter``."""

    away: bool  # whether nothing could be stored last time anybody tried

    def keep(self, query: str, body: bytes) -> None:
        """Put a push on disk. Raises SpoolError."""
        ...


class Webhook:
    """Serves one account's address.

    ``turn`` answers a message: a Content, or None to say nothing. It is expected to answer whatever goes wrong with a message; an exception that
    leaves it means that nothing was stored. ``quarantine`` keeps what was signed but not understood; its exceptions mean the same. When they are
    ``unavailable`` ones, or while the shelter says that the store is away, the push is kept in the ``shelter`` and answered with ``success``; where
    that fails too, or the exception is any other, the platform is told 503 so that it sends the message again.
    ``admits`` says whether a signed request may come from an address, None when all may.
    ``refusals`` counts refused requests by reason since the start, ``latencies`` answered ones by time, ``kept`` those that the shelter got.
    """

    def __init__(
        self,
        gate: Gate,
        turn: Callable[[Message], Content | None],
        quarantine: Callable[[Quarantined], None],
        *,
        unavailable: tuple[type[Exception], ...] = (),
        shelter: Shelter | None = None,
        admits: Callable[[str], bool] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the parts; ``monotonic`` is a clock in seconds."""
        self._gate = gate
        self._turn = turn
        self._quarantine = quarantine
        self._unavailable = unavailable
        self._shelter = shelter
        self._admits = admits
        self._forgers = _Forgers(monotonic)
        self._bodies = _Bodies()
        self._lock = threading.Lock()
        self.refusals: Counter[str] = Counter()
        self.latencies = Latencies()
        self.kept = 0

    @property
    def clock_skew_seconds(self) -> float | None:
        """How far the platform's clock is ahead of ours, see ``Gate``."""
        return self._gate.skew_seconds

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (WSGI)."""
        began = time.perf_counter()
        try:
            answer = self._answer(environ)
        except Refusal as refusal:
            return self._refuse(environ, start_response, refusal)
        self.latencies.add(time.perf_counter() - began)
        return _respond(start_response, 200, answer)

    def _answer(self, environ: WSGIEnvironment) -> Answer:
        """Return the answer for 200; everything else is a Refusal."""
        method = environ["REQUEST_METHOD"]
        if method not in ("POST", "GET"):
            raise Refusal(405, "method")
        query = environ.get("QUERY_STRING", "")
        address = _address(environ)
        if self._forgers.has_too_many(address) and not self._gate.is_signed(query):
            # The signature alone still lets the platform in: behind a proxy a forger has the same address, and must not shut it out.
            raise Refusal(429, "too many forged")
        if self._admits is not None and self._gate.is_signed(query) and not self._admits(address):
            raise Refusal(403, "not an address of the platform")
        if method == "GET":
            verified = self._gate.verify(query)
            if isinstance(verified, Refused):
                raise _as_refusal(verified)
            return Answer(verified.echo, TEXT_TYPE)
        limit = self._gate.account.max_body_bytes
        length = _declared_length(environ, limit)
        body = b""

        def read() -> bytes:
            nonlocal body
            body = self._bodies.read(query, environ, length, limit)
            return body

        judged = self._gate.admit_from(query, read)
        if isinstance(judged, Refused):
            raise _as_refusal(judged)
        if self._shelter is not None and self._shelter.away:
            return self._kept(query, body)
        try:
            return self._served(judged)
        except self._unavailable as error:
            log.error("unavailable: %s: %s", _key(judged), type(error).__name__)
            return self._kept(query, body)

    def _kept(self, query: str, body: bytes) -> Answer:
        """Keep a push on disk, to be answered later."""
        if self._shelter is None:
            raise Refusal(503, "unavailable")
        try:
            self._shelter.keep(query, body)
        except SpoolError as error:
            log.error("the push could not be kept either, the platform will send again: %s", error)
            raise Refusal(503, "unavailable") from error
        with self._lock:
            self.kept += 1
        return NOTHING_TO_SAY

    def _served(self, judged: Admitted | Quarantined) -> Answer:
        try:
            if isinstance(judged, Quarantined):
                log.warning("quarantined: %s", judged.reason)
                self._quarantine(judged)
                return NOTHING_TO_SAY
            content = self._turn(judged.message)
            if content is None:
                return NOTHING_TO_SAY
            return judged.seal.reply(content, judged.message, self._gate.now())
        except self._unavailable:
            raise
        except Exception as error:
            log.exception("failed, the platform will send again: %s", _key(judged))
            raise Refusal(503, "failed") from error

    def _refuse(self, environ: WSGIEnvironment, start_response: StartResponse, refusal: Refusal) -> Iterable[bytes]:
        with self._lock:
            self.refusals[refusal.reason] += 1
        if refusal.forged:
            self._forgers.add(_address(environ))
        if refusal.status not in (429, 503):  # the one would flood the log, the other is there already
            log.warning("refused: %d %s", refusal.status, refusal.reason)
        return _respond(start_response, refusal.status, Answer(b"", TEXT_TYPE))


class _Forgers:
    """Counts badly signed requests by address within a minute; bounded, so that many addresses can't fill the memory."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._window_ends = 0.0
        self._counts: dict[str, int] = {}

    def has_too_many(self, address: str) -> bool:
        if not self._counts:
            return False
        return self._counts.get(address, 0) >= FORGED_PER_MINUTE and self._monotonic() < self._window_ends

    def add(self, address: str) -> None:
        with self._lock:
            now = self._monotonic()
            if now >= self._window_ends or len(self._counts) >= _MAX_ADDRESSES:
                self._counts.clear()
                self._window_ends = now + _WINDOW_SECONDS
            self._counts[address] = self._counts.get(address, 0) + 1


class _Bodies:
    """Reads bodies, a few at once for each rightly signed timestamp and nonce."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._readers: Counter[tuple[str, str]] = Counter()

    def read(self, query: str, environ: WSGIEnvironment, length: int | None, limit: int) -> bytes:
        """Return the body of a request whose query is rightly signed. Raises Refusal (503 when too many are being read), see _read_body."""
        parameters = parse_query(query)
        # What was signed, not the query as it is written: that can be varied without end.
        signed = (parameters["timestamp"], parameters["nonce"])
        with self._lock:
            if self._readers[signed] >= BODIES_AT_ONCE:
                raise Refusal(503, "too many bodies")
            self._readers[signed] += 1
        try:
            return _read_body(environ, length, limit)
        finally:
            with self._lock:
                self._readers[signed] -= 1
                if not self._readers[signed]:
                    del self._readers[signed]


def _declared_length(environ: WSGIEnvironment, limit: int) -> int | None:
    """Return the length the body is said to have, None when it is not said. Raises Refusal when it is encoded (415), too large (413) or no length (400)."""
    if environ.get("HTTP_CONTENT_ENCODING", "identity").strip().lower() not in ("", "identity"):
        raise Refusal(415, "content encoding")
    declared = environ.get("CONTENT_LENGTH", "")
    if not declared:
        return None
    if not (declared.isascii() and declared.isdigit() and len(declared) <= 18):
        raise Refusal(400, "content length")
    if int(declared) > limit:
        raise Refusal(413, "body too large")
    return int(declared)


def _read_body(environ: WSGIEnvironment, length: int | None, limit: int) -> bytes:
    """Return the whole body. Raises Refusal when it is larger than ``limit`` bytes (413) or shorter than declared (400)."""
    stream: InputStream = environ["wsgi.input"]
    if length is not None:
        body = _read(stream, length)
        if len(body) != length:
            raise Refusal(400, "body cut")
        return body
    if not environ.get("wsgi.input_terminated"):
        return b""  # without a length, and no promise of an end, there is no body
    body = _read(stream, limit + 1)
    if len(body) > limit:
        raise Refusal(413, "body too large")
    return body


def _read(stream: InputStream, most: int) -> bytes:
    """Read up to ``most`` bytes; a server may hand them over in pieces."""
    parts = []
    try:
        while most > 0 and (part := stream.read(most)):
            parts.append(part)
            most -= len(part)
    except OSError as error:
        raise Refusal(400, "body cut") from error
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _respond(start_response: StartResponse, status: int, answer: Answer) -> list[bytes]:
    headers = [("Content-Type", answer.content_type), ("Content-Length", str(len(answer.body))), *_SAFETY]
    if status == 405:
        headers.append(("Allow", "GET, POST"))
    start_response(_STATUS_LINES[status], headers)
    return [answer.body]


def _as_refusal(refused: Refused) -> Refusal:
    return Refusal(refused.status, refused.reason, forged=refused.forged)


def _address(environ: WSGIEnvironment) -> str:
    return str(environ.get("REMOTE_ADDR", ""))


def _key(judged: Admitted | Quarantined) -> str:
    return judged.message.key if isinstance(judged, Admitted) else "quarantine"
