"""The webhook: from a request to its answer, the gate before and the turn behind. As thin as the platform's five seconds deserve.

It knows no server: ``bot.wechat.wsgi`` and ``bot.wechat.asgi`` bring requests and carry answers.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Protocol

from bot.waiting import Waiting
from bot.wechat.errors import Refusal
from bot.wechat.gate import Admitted, Gate, Quarantined, Refused
from bot.wechat.latency import Latencies
from bot.wechat.seal import NOTHING_TO_SAY, TEXT_TYPE, Answer
from bot.wechat.spool import SpoolError
from intents.messages import Message
from storage.records import immutable
from templates.content import Content

log = logging.getLogger(__name__)

FORGED_PER_MINUTE = 60
BODIES_AT_ONCE = 24  # of one signed address: far more than the platform needs, and not much for whoever got hold of one
_MAX_ADDRESSES = 4096
_WINDOW_SECONDS = 60.0
SAFETY = (
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; sandbox"),
    ("Cache-Control", "no-store"),
)


@immutable(frozen=True, slots=True)
class Request:
    """What matters of a request: ``query`` as it was sent, the headers of those names (empty when absent), and the sender's ``address``.

    ``read`` gets the whole body, given the length it is declared with (None when it is not) and the most bytes it may have; it raises Refusal
    when there are more (413) or fewer than declared (400).
    """

    method: str
    query: str
    content_length: str
    content_encoding: str
    address: str
    read: Callable[[int | None, int], Awaitable[bytes]]


@immutable(frozen=True, slots=True)
class Response:
    """What to send back."""

    status: int
    answer: Answer


def fixed_headers(status: int, content_type: str) -> list[tuple[str, str]]:
    """Return the headers of a response, without the length of its body."""
    headers = [("Content-Type", content_type), *SAFETY]
    return [*headers, ("Allow", "GET, POST")] if status == 405 else headers


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
        turn: Callable[[Message, Waiting], Awaitable[Content | None]],
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

    async def serve(self, request: Request, waiting: Waiting) -> Response:
        """Return the response to one request; ``waiting`` is how to wait for what takes time."""
        began = time.perf_counter()
        try:
            answer = await self._answer(request, waiting)
        except Refusal as refusal:
            return self._refused(request, refusal)
        self.latencies.add(time.perf_counter() - began)
        return Response(200, answer)

    async def _answer(self, request: Request, waiting: Waiting) -> Answer:
        """Return the answer for 200; everything else is a Refusal."""
        if request.method not in ("POST", "GET"):
            raise Refusal(405, "method")
        self._check_sender(request)
        if request.method == "GET":
            verified = self._gate.verify(request.query)
            if isinstance(verified, Refused):
                raise Refusal(verified.status, verified.reason, forged=verified.forged)
            return Answer(verified.echo, TEXT_TYPE)
        limit = self._gate.account.max_body_bytes
        length = _declared_length(request, limit)
        parameters = self._gate.signed(request.query)
        # What was signed, not the query as it is written: that can be varied without end.
        with self._bodies.place((parameters["timestamp"], parameters["nonce"])):
            body = await request.read(length, limit)
        judged = self._gate.judge(parameters, body)
        if self._shelter is not None and self._shelter.away:
            return await waiting.apart(lambda: self._kept(request.query, body))
        try:
            return await self._served(judged, waiting)
        except self._unavailable as error:
            log.error("unavailable: %s: %s", _key(judged), type(error).__name__)
            return await waiting.apart(lambda: self._kept(request.query, body))

    def _check_sender(self, request: Request) -> None:
        """Raise Refusal when requests of this sender are not even looked at."""
        address, query = request.address, request.query
        if self._forgers.has_too_many(address) and not self._gate.is_signed(query):
            # The signature alone still lets the platform in: behind a proxy a forger has the same address, and must not shut it out.
            raise Refusal(429, "too many forged")
        if self._admits is not None and self._gate.is_signed(query) and not self._admits(address):
            raise Refusal(403, "not an address of the platform")

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

    async def _served(self, judged: Admitted | Quarantined, waiting: Waiting) -> Answer:
        try:
            if isinstance(judged, Quarantined):
                log.warning("quarantined: %s", judged.reason)
                found = judged
                await waiting.apart(lambda: self._quarantine(found))
                return NOTHING_TO_SAY
            content = await self._turn(judged.message, waiting)
            if content is None:
                return NOTHING_TO_SAY
            return judged.seal.reply(content, judged.message, self._gate.now())
        except self._unavailable:
            raise
        except Exception as error:
            log.exception("failed, the platform will send again: %s", _key(judged))
            raise Refusal(503, "failed") from error

    def _refused(self, request: Request, refusal: Refusal) -> Response:
        with self._lock:
            self.refusals[refusal.reason] += 1
        if refusal.forged:
            self._forgers.add(request.address)
        if refusal.status not in (429, 503):  # the one would flood the log, the other is there already
            log.warning("refused: %d %s", refusal.status, refusal.reason)
        return Response(refusal.status, Answer(b"", TEXT_TYPE))


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
    """Counts the bodies being read, a few at once for each rightly signed timestamp and nonce."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._readers: dict[tuple[str, str], int] = {}  # of those who have any

    def place(self, signed: tuple[str, str]) -> "_Place":
        """Return a place to read in, held while it is entered."""
        return _Place(self, signed)

    def enter(self, signed: tuple[str, str]) -> None:
        with self._lock:
            readers = self._readers.get(signed, 0)
            if readers >= BODIES_AT_ONCE:
                raise Refusal(503, "too many bodies")
            self._readers[signed] = readers + 1

    def leave(self, signed: tuple[str, str]) -> None:
        with self._lock:
            readers = self._readers.pop(signed)
            if readers > 1:
                self._readers[signed] = readers - 1


@immutable(frozen=True, slots=True)
class _Place:
    """One body being read. Entering raises Refusal (503) when too many are."""

    bodies: _Bodies
    signed: tuple[str, str]

    def __enter__(self) -> None:
        self.bodies.enter(self.signed)

    def __exit__(self, *_: object) -> None:
        self.bodies.leave(self.signed)


def _declared_length(request: Request, limit: int) -> int | None:
    """Return the length the body is said to have, None when it is not said. Raises Refusal when it is encoded (415), too large (413) or no length (400)."""
    if request.content_encoding.strip().lower() not in ("", "identity"):
        raise Refusal(415, "content encoding")
    declared = request.content_length
    if not declared:
        return None
    if not (declared.isascii() and declared.isdigit() and len(declared) <= 18):
        raise Refusal(400, "content length")
    if int(declared) > limit:
        raise Refusal(413, "body too large")
    return int(declared)


def _key(judged: Admitted | Quarantined) -> str:
    return judged.message.key if isinstance(judged, Admitted) else "quarantine"
