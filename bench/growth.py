"""What a longer history costs: turns of old and new members, the outbox, and pages, from ten thousand to millions of stored exchanges, on both engines.

python -m bench.growth [--exchanges N,N,…] [--engines SQLite,PostgreSQL] [--requests N] [--jobs N] [--rounds N]
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import parse_qs, urlsplit

from bench import jobs, load, pages, servers
from bench.engines import ENGINES, database_on
from bench.history import BYTES_AN_EXCHANGE, History, settings_for
from bench.processes import processor_seconds
from bench.turns import CONNECTIONS, MEMBERS, pushes, pushes_of
from storage.database import Database
from storage.migrations import migrate
from storage.opening import open_database
from tests import postgres_server
from tests.postgres_server import PostgresServer

SIZES = (10_000, 500_000, 5_000_000)
FLAT = 1.2  # how much more the largest may cost than the smallest
_WORTH_MILLISECONDS = 5.0  # a page that is quicker than this may grow


@dataclass(slots=True)
class Measured:
    """What was measured at one size: costs by name, each better the smaller it is."""

    exchanges: int
    costs: dict[str, float] = field(default_factory=dict)
    pages: dict[str, float] = field(default_factory=dict)
    pace: dict[str, float] = field(default_factory=dict)


def main() -> None:
    """Print, for each engine, what each size costs, and its ratio to the smallest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exchanges", type=_numbers, default=SIZES, help="sizes, the smallest first, with commas")
    parser.add_argument("--engines", type=lambda text: text.split(","), default=ENGINES)
    parser.add_argument("--requests", type=int, default=3_000, help="messages a round, of old and of new members each")
    parser.add_argument("--jobs", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    postgres_server.begin_run()
    try:
        for engine in options.engines:
            _show(engine, list(_grow(engine, options)))
    finally:
        postgres_server.end_run()


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(sorted(int(one) for one in text.split(",")))


def _grow(engine: str, options: argparse.Namespace) -> Iterator[Measured]:
    """Fill one store further and further, and measure at each size."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=Path.cwd())))
        _check_room(folder, engine, options.exchanges[-1])
        url = stack.enter_context(database_on(engine, folder))
        database = stack.enter_context(closing(open_database(url)))
        migrate(database)
        history = History(database, settings_for(url, folder))
        for size in options.exchanges:
            began = time.monotonic()
            history.grow_to(size, lambda there, size=size: _progress(engine, there, size))  # type: ignore[misc]
            if (server := _server_of(url)) is not None:  # a server that grew so over years has done this by itself
                server.run("VACUUM (ANALYZE)")
                server.run("CHECKPOINT")
            print(f"{engine}: {history.exchanges:,} exchanges, filled in {time.monotonic() - began:.0f} s", flush=True)
            yield _Bench(folder, url, database, history, options).measure()


def _check_room(folder: Path, engine: str, exchanges: int) -> None:
    """Say how much disk is needed, and stop when it is not there."""
    place = folder if engine == "SQLite" else Path("/tmp")
    needed, free = BYTES_AN_EXCHANGE[engine] * exchanges + 2 * 10**9, shutil.disk_usage(place).free
    print(f"{engine}: needs up to {needed / 1e9:.1f} GB in {place}, {free / 1e9:.0f} GB are free", flush=True)
    if free < needed:
        raise SystemExit("too little room")


def _progress(engine: str, there: int, size: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if there >= size else ""
        print(f"\r{engine}: filling, {there:,} of {size:,} exchanges", end=end, file=sys.stderr, flush=True)


class _Bench:
    """Measures one store at the size it has."""

    def __init__(
        self, folder: Path, url: str, database: Database, history: History, options: argparse.Namespace
    ) -> None:
        self._folder = folder
        self._url = url
        self._database = database
        self._history = history
        self._options = options
        self._random = Random(history.copies)
        self._new = 0

    def measure(self) -> Measured:
        """Measure turns first: whoever spoke then has an open reply window for the outbox."""
        found = Measured(self._history.exchanges)
        old = self._history.openids(self._options.requests, self._random)
        with servers.web(self._folder, DATABASE_URL=self._url) as web:
            load.run(web.port, requests=pushes(MEMBERS * 2), connections=CONNECTIONS, expected=b"")
            self._measure_turns(found, web, "old members", lambda: old)
            self._measure_turns(found, web, "new members", self._newcomers)
        self._measure_jobs(found, list(dict.fromkeys(old))[: self._options.jobs])
        found.pages = pages.measure(self._database, settings_for(self._url, self._folder), old[0])
        return found

    def _newcomers(self) -> Sequence[str]:
        first, self._new = self._new, self._new + self._options.requests
        return [f"oNew{self._history.copies}_{number:012}" for number in range(first, self._new)]

    def _measure_turns(self, found: Measured, web: servers.Web, who: str, openids: Callable[[], Sequence[str]]) -> None:
        costs, slow, pace = [], [], []
        for _ in range(self._options.rounds):
            requests, before = pushes_of(openids()), self._processor_seconds(web.pid)
            loaded = load.run(web.port, requests=requests, connections=CONNECTIONS)
            costs.append((self._processor_seconds(web.pid) - before) / len(requests) * 1e6)
            slow.append(loaded.percentile_ms(99))
            pace.append(loaded.per_second)
            if loaded.wrong:
                raise RuntimeError(f"{loaded.wrong} wrong answers")
        found.costs[f"turn of {who}, µs of processor time"] = statistics.median(costs)
        found.costs[f"turn of {who}, p99 ms"] = statistics.median(slow)
        found.pace[f"turns of {who} a second"] = statistics.median(pace)

    def _measure_jobs(self, found: Measured, openids: Sequence[str]) -> None:
        cause = f"bench:{self._history.copies}"
        sent = jobs.measure(
            self._folder, self._url, self._database, openids, cause=cause, used_seconds=self._processor_seconds
        )
        found.costs["outbox job, µs of processor time"] = sent.processor_microseconds
        found.pace["outbox jobs a second"] = sent.per_second

    def _processor_seconds(self, pid: int) -> float:
        """Return what a process of ours has used, and what the database's server has."""
        used = processor_seconds(pid)
        if (server := _server_of(self._url)) is not None:
            used += processor_seconds(int((server.data / "postmaster.pid").read_text("ascii").split("\n", 1)[0]))
        return used


def _server_of(url: str) -> PostgresServer | None:
    """Return the PostgreSQL that listens in the folder that the address names; None for a file."""
    folder = parse_qs(urlsplit(url).query).get("host")
    return PostgresServer(Path(folder[0])) if folder else None


def _show(engine: str, found: Sequence[Measured]) -> None:
    """Print one line for each figure, each with its ratio to the smallest size, and which are not flat."""
    print(f"\n{engine:44}" + "".join(f"{one.exchanges:>22,}" for one in found))
    for name in found[0].pace:
        print(f"{name:44}" + "".join(_cell(one.pace[name], found[0].pace[name]) for one in found))
    grown = []
    for heading, costs in (("", [one.costs for one in found]), ("pages, ms", [one.pages for one in found])):
        if heading:
            print(heading)
        for name in costs[0]:
            line = f"{name:44}" + "".join(_cell(one[name], costs[0][name]) for one in costs)
            grows = costs[-1][name] > FLAT * max(costs[0][name], _WORTH_MILLISECONDS)
            grown += [name] if grows else []
            print(line + ("  grows" if grows else ""))
    print(f"more than {FLAT:.1f} times the smallest: {', '.join(grown) or 'nothing'}\n", flush=True)


def _cell(value: float, first: float) -> str:
    return f"{value:>14,.1f} ({value / first:5.2f})"


if __name__ == "__main__":
    main()
