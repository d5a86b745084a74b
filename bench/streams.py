"""Fifty live pages open at once: what they cost the webhook, as a ratio, round by round in one server.

python -m bench.streams [--requests N] [--rounds N]
"""

import argparse
import socket
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench import load, servers
from bench.turns import CONNECTIONS, MEMBERS, pushes

PAGES = 50
FORGET_SECONDS = 8.0  # until the server has noticed that the pages of the round before are gone


@contextmanager
def live_pages(port: int, count: int) -> Iterator[None]:
    """Hold this many live pages open; each must have begun before the load starts."""
    with ExitStack() as stack:
        for number in range(count):
            line = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            line.sendall(
                f"GET /simulator/oPhone{number:022}/live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode("ascii")
            )
            begun = line.recv(4096)
            if not begun.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(f"live page {number} was refused: {begun[:60]!r}")
        yield


def main() -> None:
    """Print messages per second without and with the pages, and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    ratios, with_pages, p99 = [], [], []
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder, servers.zhaohu(Path(folder), SIMULATOR="on") as port:
        load.run(port, requests=pushes(MEMBERS * 2), connections=CONNECTIONS, expected=b"")
        for _ in range(options.rounds):
            alone = load.run(port, requests=pushes(options.requests), connections=CONNECTIONS)
            time.sleep(FORGET_SECONDS)
            with live_pages(port, PAGES):
                watched = load.run(port, requests=pushes(options.requests), connections=CONNECTIONS)
            ratios.append(watched.per_second / alone.per_second)
            with_pages.append(watched.per_second)
            p99.append(watched.percentile_ms(99))
    print(f"with {PAGES} live pages {statistics.median(with_pages):.0f}/s, p99 {statistics.median(p99):.1f} ms; "
          f"{statistics.median(ratios):.2f} of the pace without ({min(ratios):.2f} to {max(ratios):.2f})")  # fmt: skip


if __name__ == "__main__":
    main()
