"""A closed-loop load: a number of connections, each sending its next request as soon as it has the answer to the last.

Plain sockets and one poller: the client must cost far less than what it measures, as both share a small machine.
"""

import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass

_TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a load: how long it took, the time of each answer (seconds, sorted), and how many were not what was expected."""

    seconds: float
    latencies: Sequence[float]
    wrong: int

    @property
    def right_per_second(self) -> float:
        """Answers a second that were what was expected: one that failed answers nobody."""
        return (len(self.latencies) - self.wrong) / self.seconds

    @property
    def per_second(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds

    def percentile_ms(self, percent: float) -> float:
        """Return the time within which this share of the answers came, in milliseconds."""
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * percent / 100))] * 1000


@dataclass(slots=True)
class _Line:
    """One connection: what it received of the current answer, and when it asked."""

    sock: socket.socket
    received: bytes = b""
    asked_at: float = 0.0


def post(path_and_query: str, body: bytes) -> bytes:
    """Return the bytes of one POST on a connection that stays open."""
    head = f"POST {path_and_query} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode("ascii") + body


def run(*ports: int, requests: Sequence[bytes], connections: int, expected: bytes = b"<xml>") -> Load:
    """Send every request once over ``connections`` connections, shared out among the ports; an answer that is not 200 or lacks ``expected`` counts as wrong."""
    poller, queue = selectors.DefaultSelector(), iter(requests)
    latencies: list[float] = []
    wrong, started = 0, time.perf_counter()
    open_lines = 0
    for number in range(connections):
        line = _Line(socket.create_connection(("127.0.0.1", ports[number % len(ports)])))
        line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        open_lines += _ask(line, next(queue, None), poller)
    while open_lines:
        ready = poller.select(_TIMEOUT_SECONDS)
        if not ready:
            raise TimeoutError(f"{open_lines} requests were not answered in {_TIMEOUT_SECONDS:.0f} s")
        for key, _ in ready:
            line = key.data
            line.received += line.sock.recv(65536)
            if not _complete(line.received):
                continue
            latencies.append(time.perf_counter() - line.asked_at)
            wrong += not (line.received.startswith(b"HTTP/1.1 200") and expected in line.received)
            if not _ask_again(line, next(queue, None), poller):
                open_lines -= 1
    return Load(time.perf_counter() - started, sorted(latencies), wrong)


def _ask(line: _Line, request: bytes | None, poller: selectors.BaseSelector) -> bool:
    poller.register(line.sock, selectors.EVENT_READ, line)
    return _ask_again(line, request, poller)


def _ask_again(line: _Line, request: bytes | None, poller: selectors.BaseSelector) -> bool:
    """Send the next request; close the connection and return False when there is none."""
    if request is None:
        poller.unregister(line.sock)
        line.sock.close()
        return False
    line.received, line.asked_at = b"", time.perf_counter()
    line.sock.sendall(request)
    return True


def _complete(received: bytes) -> bool:
    """Return whether a whole answer, which names its length, has come. Raises ConnectionError when the server hung up."""
    if not received:
        raise ConnectionError("the server closed a connection")
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return False
    head = received[:end].lower()
    at = head.find(b"content-length:")
    length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
    return len(received) >= end + 4 + length
