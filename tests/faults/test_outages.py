"""PostgreSQL crashes and stays away until messages are kept on disk, under load: whatever was acknowledged is met once, in order, and answered.

``OUTAGES`` sets how often (1 when not set), ``SEED`` the moments (1).
"""

import os
import random
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from storage import exchanges
from storage.database import Database
from storage.migrations import migrate
from storage.opening import open_database
from tests.delivery.test_once import wait_for
from tests.faults.test_killed import Senders
from tests.faults.test_many_processes import check, kept
from tests.faults.web_process import WebProcess
from tests.postgres_server import PostgresServer, own_server

OUTAGES = int(os.environ.get("OUTAGES", "1"))
SEED = int(os.environ.get("SEED", "1"))
PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.05  # keeping is quicker than answering: without a pause it would take long to answer what was kept
HEALTHY_SECONDS = 10.0  # after the server's return; less than one when the machine has nothing else to do


@pytest.fixture
def engine() -> str:
    return "postgresql"


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    with own_server(durable=True) as running:
        with closing(open_database(running.url())) as opened:
            migrate(opened)
        yield running


@pytest.mark.slow
def test_what_is_kept_while_the_server_is_away_is_met_once_in_order_and_answered(
    server: PostgresServer, tmp_path: Path
) -> None:
    moments = random.Random(SEED)
    web = WebProcess(tmp_path, database_url=server.url())
    web.start()
    senders = Senders(web.port, pause_seconds=PAUSE_SECONDS)
    senders.start()
    try:
        for _ in range(OUTAGES):
            time.sleep(moments.uniform(0.1, 0.5))
            server.stop("immediate")
            wait_for(lambda: kept(tmp_path) != [], seconds=PATIENCE_SECONDS)
            time.sleep(moments.uniform(0.0, 0.3))
            server.start()
            wait_for(lambda: is_ready(web), seconds=HEALTHY_SECONDS)
        senders.stop()
        wait_for(lambda: kept(tmp_path) == [], seconds=PATIENCE_SECONDS)
    finally:
        senders.stop()
        web.kill()
    assert senders.failures == []
    with closing(open_database(server.url())) as database:
        check(database, senders.answered)
        check_order(database, senders.answered)


def is_ready(web: WebProcess) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{web.port}/readyz", timeout=HEALTHY_SECONDS) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def check_order(database: Database, answered: dict[str, str]) -> None:
    """See that what was only promised to each member was met in the order in which it was promised."""
    met = {one.message_key: one for one in exchanges.every(database) if one.direction == "in"}
    promised = defaultdict(list)
    for key, words in answered.items():
        if not words:
            promised[met[key].member_id].append(met[key].id)
    assert sum(map(len, promised.values())) >= OUTAGES
    for ids in promised.values():
        assert all(earlier < later for earlier, later in pairwise(ids))
