"""Two web processes and four workers on one PostgreSQL, and a PostgreSQL that is restarted under load: everything once, nothing lost.

``MESSAGES`` (40 when not set) and ``JOBS`` (400) set how many there are, ``RESTARTS`` (1) how often the web process is killed and the server crashes.
"""

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.delivery.posting import post
from storage import exchanges, outbox, points
from storage.database import Database, Transaction
from storage.members import Identity
from storage.migrations import migrate
from storage.opening import open_database
from templates.content import Content
from tests.delivery.people import Outgoing
from tests.delivery.test_once import is_empty, wait_for, worker_process
from tests.faults.platform import text_fields
from tests.faults.test_killed import Senders
from tests.faults.test_redelivered import deliver_at
from tests.faults.web_process import WebProcess
from tests.postgres_server import own_server
from tests.wechat_api import TOKEN, far_side

MESSAGES = int(os.environ.get("MESSAGES", "40"))
JOBS = int(os.environ.get("JOBS", "400"))
RESTARTS = int(os.environ.get("RESTARTS", "1"))
DELIVERIES, WORKERS, PEOPLE = 4, 4, 50
PATIENCE_SECONDS = 60.0 + JOBS / 20


@pytest.fixture
def engine() -> str:
    return "postgresql"


@pytest.fixture
def two_webs(tmp_path: Path, database_url: str) -> Iterator[list[WebProcess]]:
    webs = [WebProcess(tmp_path, database_url=database_url) for _ in range(2)]
    with ThreadPoolExecutor() as starters:
        list(starters.map(WebProcess.start, webs))
    yield webs
    for web in webs:
        web.stop()


def post_all(database: Database) -> None:
    """Post every job, in as many dialogues as there are people."""
    outgoing = Outgoing(database, lambda: datetime.now(UTC))
    people = [outgoing.member(messages=JOBS) for _ in range(PEOPLE)]

    def work(tx: Transaction, first: int) -> None:
        for number in range(first, min(first + 100, JOBS)):
            to: Identity = people[number % PEOPLE]
            content = Content("text", text=f"job {number}")
            post(tx, identity=to, content=content, author="agent:a", cause=f"j:{number}", now=datetime.now(UTC))

    for first in range(0, JOBS, 100):
        database.write(lambda tx, first=first: work(tx, first))  # type: ignore[misc]


@pytest.mark.slow
def test_two_webs_and_four_workers_do_everything_once(
    two_webs: list[WebProcess], database: Database, database_url: str, tmp_path: Path
) -> None:
    post_all(database)
    ports = [web.port for web in two_webs]
    with far_side() as far, ExitStack() as stack:
        for number in range(WORKERS):
            stack.enter_context(worker_process(far.environment(database_url), tmp_path, f"worker-{number}"))
        senders = stack.enter_context(ThreadPoolExecutor(DELIVERIES))
        for number in range(MESSAGES):
            fields = text_fields(f"oMany{number}", "签到")
            start = threading.Barrier(DELIVERIES)
            sent = [senders.submit(deliver_at, start, ports[sender % 2], fields) for sender in range(DELIVERIES)]
            assert len({delivery.result() for delivery in sent}) == 1
        wait_for(lambda: is_empty(database), seconds=PATIENCE_SECONDS)
        assert Counter(far.texts()) == Counter(f"job {number}" for number in range(JOBS))
        assert far.calls[TOKEN] == 1, "one of the processes fetched the token for all"
    assert {
        row["state"]: row["n"] for row in database.query("SELECT state, count(*) AS n FROM outbox GROUP BY state")
    } == {"sent": JOBS}
    said = [one for one in exchanges.every(database) if one.author != "agent:a"]
    assert Counter(one.direction for one in said) == {"in": MESSAGES, "out": MESSAGES}
    assert len(database.query("SELECT id FROM members")) == MESSAGES + PEOPLE
    assert [row["amount"] for row in database.query("SELECT amount FROM ledger")] == [5] * MESSAGES
    assert points.reconcile(database) == []


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_or_doubled_when_web_and_server_crash_in_turn(tmp_path: Path) -> None:
    moments = random.Random(RESTARTS)
    with own_server(durable=True) as server, closing(open_database(server.url())) as database:
        migrate(database)
        web = WebProcess(tmp_path, database_url=server.url())
        web.start()
        senders = Senders(web.port)
        senders.start()
        try:
            for _ in range(RESTARTS):
                time.sleep(moments.uniform(0.1, 0.5))
                server.stop("immediate")
                time.sleep(moments.uniform(0.0, 0.5))
                server.start()
                time.sleep(moments.uniform(0.1, 0.5))
                web.kill()
                web.start()
            senders.stop()
            wait_for(lambda: kept(tmp_path) == [], seconds=PATIENCE_SECONDS)
        finally:
            senders.stop()
            web.kill()
        assert senders.failures == []
        check(database, senders.answered)


def kept(folder: Path) -> list[Path]:
    """What is kept on disk of messages that came while the database was away."""
    return [path for path in (folder / "data" / "spool").glob("*") if path.stat().st_size]


def check(database: Database, answered: dict[str, str]) -> None:
    """Compare what was acknowledged with what is remembered; an empty answer was a promise to answer later."""
    said = list(exchanges.every(database))
    incoming = {one.message_key: one for one in said if one.direction == "in" and one.message_key in answered}
    assert set(incoming) == set(answered)
    replies = Counter(one.in_reply_to for one in said if one.direction == "out")
    assert {replies[one.id] for one in incoming.values()} == {1}
    texts = {one.in_reply_to: one.text for one in said if one.direction == "out"}
    assert {key: texts[incoming[key].id] for key, words in answered.items() if words} == {
        key: words for key, words in answered.items() if words
    }
    members = {one.member_id for one in said}
    assert len(members) == len(database.query("SELECT id FROM members"))
    earned = Counter(row["member_id"] for row in database.query("SELECT member_id FROM ledger"))
    assert set(earned.values()) <= {1}, "one check-in a day gives points once"
    assert points.reconcile(database) == []
    promised = {incoming[key].id for key, words in answered.items() if not words}
    posted = {message.exchange_id for message in outbox.page(database, limit=10_000)}
    assert {one.id for one in said if one.in_reply_to in promised} <= posted
