"""One web process and one worker under steady load for minutes: what they hold must stay as it is once they are warm. Exit code 1 when it does not.

python -m bench.soak [--minutes N] [--pace N]
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench import load, servers
from bench.crowd import Crowd
from bench.jobs import reaching
from bench.onlooker import Onlooker, picture
from bench.processes import held
from bot.delivery.posting import post
from bot.media import GET
from storage import members
from storage.database import Database, Transaction
from storage.opening import open_database
from templates.content import Content
from tests.wechat_api import far_side

FLAT = 1.2  # of what it was when warm
WARM_PART = 1 / 3  # of the time: caches of some thousand entries fill
_SEED, _CONNECTIONS = 20260101, 8
_NUISANCE_PART, _JOB_PART = 0.1, 0.05
_PICTURES, _LOOKING = 3, 2  # looked at each second, over so many connections
_MEDIA_MEGABYTES = 2  # full while warming up: from then on the oldest is dropped
_MEDIA_SLACK = 0.15  # a tenth is put in before that is done, and one more picture
_MOST_WAL_BYTES = 64 * 1024 * 1024
_MEGABYTE = 1024 * 1024
_SLACK = {"MB": 4.0, "files": 12.0, "threads": 12.0}  # of what is little, a few more or less are no leak


@dataclass(frozen=True, slots=True)
class Sample:
    """What was seen at one second, by name."""

    at_seconds: float
    figures: dict[str, float]


class Soak:
    """A load on one web process and one worker over a SQLite file, and what was seen meanwhile."""

    def __init__(self, folder: Path, web: servers.Web, worker_pid: int, pace: int) -> None:
        """Look at these, sending ``pace`` messages a second."""
        self._folder = folder
        self._web = web
        self._worker_pid = worker_pid
        self._pace = pace
        self._crowd = Crowd(_SEED)
        self.samples: list[Sample] = []
        self.sent = self.wrong = self.jobs = self.pictures = 0
        self.latencies: list[float] = []

    def run(self, database: Database, seconds: float) -> None:
        """Send every second's share, then look."""
        began, onlooker = time.monotonic(), Onlooker(database)
        while (at := time.monotonic() - began) < seconds:
            self._send(database)
            self._look_at_pictures(onlooker)
            self.samples.append(Sample(at, self._look()))
            _progress(at, seconds)
            time.sleep(max(0.0, began + len(self.samples) - time.monotonic()))

    def _send(self, database: Database) -> None:
        said = load.run(
            self._web.port, requests=self._crowd.requests(self._pace), connections=_CONNECTIONS, expected=b""
        )
        self.sent += self._pace
        self.wrong += said.wrong
        self.latencies += said.latencies
        nuisances = self._crowd.nuisances(max(1, int(self._pace * _NUISANCE_PART)))
        load.run(self._web.port, requests=nuisances, connections=_CONNECTIONS, expected=b"")
        to = list(dict.fromkeys(self._crowd.spoke))[: max(1, int(self._pace * _JOB_PART))]
        self.jobs += database.write(lambda tx: _post(tx, to, len(self.samples)))

    def _look_at_pictures(self, onlooker: Onlooker) -> None:
        requests = onlooker.requests(list(dict.fromkeys(self._crowd.spoke)), _PICTURES)
        if requests:
            self.wrong += load.run(self._web.port, requests=requests, connections=_LOOKING, expected=b"").wrong
            self.pictures += len(requests)

    def _look(self) -> dict[str, float]:
        found: dict[str, float] = {}
        for name, pid in (("web", self._web.pid), ("worker", self._worker_pid)):
            one = held(pid)
            found |= {
                f"{name}, MB": one.own_bytes / _MEGABYTE,
                f"{name}, files": one.files,
                f"{name}, threads": one.threads,
            }
        return found | {
            "log of the database, MB": _bytes_in(self._folder / "bench.db-wal") / _MEGABYTE,
            "spool, MB": _bytes_in(self._folder / "spool") / _MEGABYTE,
            "kept media, MB": _bytes_in(self._folder / "media") / _MEGABYTE,
        }


def main() -> None:
    """Print what was held when warm and at the end, and the verdict."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--pace", type=int, default=100, help="messages a second")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name, far_side() as far:
        folder, values = Path(name), reaching(far) | {"MEDIA_MEGABYTES": str(_MEDIA_MEGABYTES)}
        far.answers[GET] = picture(_SEED)
        with servers.web(folder, **values) as web, servers.worker(folder, **values) as worker:
            soak = Soak(folder, web, worker, options.pace)
            with closing(open_database(f"sqlite:///{folder}/bench.db")) as database:
                soak.run(database, options.minutes * 60)
        slowest = sorted(soak.latencies)[int(len(soak.latencies) * 0.99)] * 1000
        print(
            f"{soak.sent:,} messages, {soak.wrong} of them wrongly answered, p99 {slowest:.0f} ms; "
            f"{len(far.delivered):,} of {soak.jobs:,} jobs sent, {soak.pictures:,} pictures looked at"
        )
    grown = verdict(soak.samples)
    if soak.wrong or len(far.delivered) < soak.jobs * 0.9:
        grown.append("answers or jobs")
    print(f"not as it should be: {', '.join(grown)}" if grown else "flat")
    sys.exit(1 if grown else 0)


def verdict(samples: Sequence[Sample]) -> list[str]:
    """Print a line for each figure, and return the names of those that grew: the last quarter is compared with the first after warming up."""
    warm = [one.figures for one in samples if one.at_seconds >= WARM_PART * samples[-1].at_seconds]
    quarter = max(1, len(warm) // 4)
    print(f"{'':28}{'when warm':>12}{'at the end':>12}{'most':>12}{'ratio':>8}")
    grown = []
    for name in warm[0]:
        first = statistics.median(one[name] for one in warm[:quarter])
        last = statistics.median(one[name] for one in warm[-quarter:])
        most = max(one[name] for one in warm)
        flat = _is_flat(name, first, most)
        grown += [] if flat else [name]
        print(f"{name:28}{first:>12.1f}{last:>12.1f}{most:>12.1f}{last / first if first else 1:>8.2f}{'' if flat else '  not as it should be'}")  # fmt: skip
    return grown


def _is_flat(name: str, first: float, most: float) -> bool:
    if name.startswith("log"):
        return most * _MEGABYTE <= _MOST_WAL_BYTES
    if name.startswith("kept media"):  # as full as it may be, and no more
        return (1 - _MEDIA_SLACK) * _MEDIA_MEGABYTES <= first <= most <= (1 + _MEDIA_SLACK) * _MEDIA_MEGABYTES
    return most <= max(FLAT * first, first + _SLACK[name.rsplit(" ", 1)[1]])


def _post(tx: Transaction, openids: Sequence[str], second: int) -> int:
    """Post a message to each of these who is known, and return to how many."""
    known = [found[0] for openid in openids if (found := members.member_ids_by_openid(tx, openid))]
    for to in members.identities_of(tx, known).values():
        post(
            tx,
            identity=to,
            content=Content("text", text="您好"),
            author="bot",
            cause=f"soak:{second}",
            now=datetime.now(UTC),
        )
    return len(known)


def _bytes_in(place: Path) -> int:
    """Return the size of a file, or of all the files in a folder; 0 when there is none."""
    files = [place] if place.is_file() else list(place.rglob("*"))
    return sum(one.stat().st_size for one in files if one.is_file())


def _progress(at: float, seconds: float) -> None:
    if sys.stderr.isatty():
        print(f"\r{at:.0f} of {seconds:.0f} s", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
