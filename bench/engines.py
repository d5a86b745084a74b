"""SQLite and PostgreSQL, both synced, with one process and with two: messages a second and the slowest hundredth; jobs of the outbox a second.

python -m bench.engines [--requests N] [--rounds N] [--jobs N]
"""

import argparse
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from bench import jobs, load, servers
from bench.processes import processor_seconds
from bench.turns import CONNECTIONS, MEMBERS, openid_of, pushes
from storage.migrations import migrate
from storage.opening import open_database
from tests import postgres_server

ENGINES = ("SQLite", "PostgreSQL")
PROCESSES = (1, 2)


@contextmanager
def database_on(engine: str, folder: Path) -> Iterator[str]:
    """Yield the address of a fresh database; a PostgreSQL waits for the disk like any other."""
    if engine == "SQLite":
        yield f"sqlite:///{folder}/bench.db"
        return
    with postgres_server.own_server(durable=True) as server:
        with closing(open_database(server.url())) as opened:
            migrate(opened)
        yield server.url()


def measure(engine: str, processes: int, requests: int, posted: int) -> tuple[load.Load, float]:
    """Start so many web processes on a fresh database, warm them, and put one load on all; then have as many workers send what is posted.

    Returns the load, and jobs a second.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=Path.cwd())))
        url = stack.enter_context(database_on(engine, folder))
        ports = [stack.enter_context(servers.zhaohu(folder, DATABASE_URL=url)) for _ in range(processes)]
        load.run(*ports, requests=pushes(MEMBERS * 2), connections=CONNECTIONS, expected=b"")
        loaded = load.run(*ports, requests=pushes(requests), connections=CONNECTIONS)
        database = stack.enter_context(closing(open_database(url)))
        to = [openid_of(number) for number in range(min(posted, MEMBERS))]
        sent = jobs.measure(folder, url, database, to, cause="bench", used_seconds=processor_seconds, workers=processes)
        return loaded, sent.per_second


def main() -> None:
    """Print one line for each engine and number of processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=MEMBERS, help=f"one a member, so at most {MEMBERS}")
    options = parser.parse_args()
    print(
        f"{CONNECTIONS} connections, {options.requests} messages of {MEMBERS} members, {options.rounds} rounds in turn, medians"
    )
    cases = [(engine, processes) for processes in PROCESSES for engine in ENGINES]
    postgres_server.begin_run()
    try:
        found = [
            {case: measure(*case, options.requests, options.jobs) for case in cases} for _ in range(options.rounds)
        ]
    finally:
        postgres_server.end_run()
    for engine, processes in cases:
        loads = [one[engine, processes][0] for one in found]
        sent = statistics.median(one[engine, processes][1] for one in found)
        pace = statistics.median(one.per_second for one in loads)
        slow = statistics.median(one.percentile_ms(99) for one in loads)
        wrong = sum(one.wrong for one in loads)
        print(
            f"{engine:10} {processes} web: {pace:6.0f}/s, p99 {slow:.1f} ms, {wrong} wrong; {processes} workers: {sent:.0f} jobs/s"
        )


if __name__ == "__main__":
    main()
