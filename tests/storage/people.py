"""What the tests of value share: members to give it to, campaigns to give it from, and many threads that start at once."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from storage.coupons import Campaign, CampaignKind, CampaignState, add_campaign, campaign_by_id
from storage.database import Database, Parameters, Transaction
from storage.members import add_member
from storage.sqlite import SqliteDatabase

NOW = datetime(2026, 1, 1, 2, 0, tzinfo=UTC)  # Thursday, 10:00 in Shanghai
Result = TypeVar("Result")


def people(database: Database, count: int) -> list[int]:
    """Add so many members and return their ids."""

    def work(tx: Transaction) -> list[int]:
        return [
            add_member(tx, account_id="gh_test", openid=f"o{number}", source="message", now=NOW)
            for number in range(count)
        ]

    return database.write(work)


def campaign(
    database: Database,
    code: str = "LATTE",
    *,
    name: str = "新年拿铁券",
    offer: str = "中杯拿铁第二杯半价",
    stock: int = 100,
    per_member: int = 1,
    valid_days: int = 7,
    kind: CampaignKind = "claim",
    scene: str = "",
    state: CampaignState = "running",
    starts_at: datetime = NOW - timedelta(days=1),
    ends_at: datetime = NOW + timedelta(days=10),
) -> Campaign:
    """Add a campaign that runs now, unless told otherwise, and return it."""

    def work(tx: Transaction) -> Campaign | None:
        added = add_campaign(
            tx,
            code=code,
            name=name,
            offer=offer,
            stock=stock,
            per_member=per_member,
            valid_days=valid_days,
            kind=kind,
            scene=scene,
            state=state,
            starts_at=starts_at,
            ends_at=ends_at,
            now=NOW,
        )
        return campaign_by_id(tx, added)

    added = database.write(work)
    assert added is not None
    return added


def plan_of(database: Database, sql: str, parameters: Parameters = {}) -> str:  # noqa: B006 (only read)
    """Return how the engine would carry out a statement on tables that are large; those of a server are empty while it is asked, and after it."""

    def explain(tx: Transaction) -> str:
        if isinstance(database, SqliteDatabase):
            return " ".join(row["detail"] for row in tx.query("EXPLAIN QUERY PLAN " + sql, parameters))
        tables = tx.query(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ('schema_migrations', 'revisions')"
        )
        # What is left of earlier tests, though deleted, would be counted as pages; of an empty table the server supposes the same each time.
        tx.execute("TRUNCATE " + ", ".join(row["tablename"] for row in tables))
        tx.query("SELECT set_config('enable_seqscan', 'off', true)")  # which is best for the few rows of a test
        return " ".join(row[0] for row in tx.query("EXPLAIN " + sql, parameters))

    return database.write(explain)


def at_once(works: Sequence[Callable[[], Result]]) -> list[Result]:
    """Run all of these at the same moment, a thread each, and return their results in order."""
    barrier = threading.Barrier(len(works), timeout=30)

    def run(work: Callable[[], Result]) -> Result:
        barrier.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))
