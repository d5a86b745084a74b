"""Runs of reading all followers from the platform: where a run stands, whom it met, and what it set right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from storage import members
from storage.database import Queries, Row, Transaction
from storage.ids import new_id
from storage.times import from_ms, maybe_from_ms, to_ms

State = Literal["running", "done"]
COLUMNS = "id, account_id, state, page_cursor, total, added, followed, unfollowed, failure, started_by, started_at, updated_at, finished_at, lease_until"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowerSync:
    """One run. ``total`` is how many the platform says there are; ``added`` were unknown, ``followed`` and ``unfollowed`` had their state set right.

    A ``running`` one with a ``failure`` was cut off, and waits for a person; one without, whose lease has run out, waits for a worker.
    """

    id: int
    account_id: str
    state: State
    page_cursor: str
    total: int
    added: int
    followed: int
    unfollowed: int
    failure: str
    started_by: str
    started_at: datetime
    updated_at: datetime
    finished_at: datetime | None
    lease_until: datetime

    def waits_for_worker(self, now: datetime) -> bool:
        """Return whether nobody works on it, and a worker should."""
        return self.state == "running" and not self.failure and self.lease_until <= now


def sync_from_row(row: Row) -> FollowerSync:
    """Build a run from a row that has the columns of ``COLUMNS``."""
    return FollowerSync(
        id=row["id"],
        account_id=row["account_id"],
        state=row["state"],
        page_cursor=row["page_cursor"],
        total=row["total"],
        added=row["added"],
        followed=row["followed"],
        unfollowed=row["unfollowed"],
        failure=row["failure"],
        started_by=row["started_by"],
        started_at=from_ms(row["started_at"]),
        updated_at=from_ms(row["updated_at"]),
        finished_at=maybe_from_ms(row["finished_at"]),
        lease_until=from_ms(row["lease_until"]),
    )


def newest(queries: Queries) -> FollowerSync | None:
    """Return the run begun last, or None."""
    row = queries.one(f"SELECT {COLUMNS} FROM follower_syncs ORDER BY id DESC LIMIT 1")
    return sync_from_row(row) if row else None


def ask(tx: Transaction, account_id: str, *, by: str, now: datetime) -> bool:
    """Ask that a worker takes up the run that was cut off, or begins one; False while one runs or waits for a worker."""
    values = {"now": to_ms(now), "account": account_id, "by": by}
    again = tx.execute(
        "UPDATE follower_syncs SET failure = '', started_by = :by, updated_at = :now, lease_until = :now "
        "WHERE account_id = :account AND state = 'running' AND failure <> ''",
        values,
    )
    return again == 1 or _insert(tx, account_id, by=by, now=now, lease_until=now)


def waiting(queries: Queries, now: datetime) -> FollowerSync | None:
    """Return a run that waits for a worker: one that somebody asked for, or whose process died."""
    row = queries.one(
        f"SELECT {COLUMNS} FROM follower_syncs WHERE state = 'running' AND failure = '' AND lease_until <= :now LIMIT 1",
        {"now": to_ms(now)},
    )
    return sync_from_row(row) if row else None


def begin_or_resume(
    tx: Transaction, account_id: str, *, by: str, now: datetime, lease: timedelta
) -> FollowerSync | None:
    """Take up the run that was cut off, or begin a new one; None while somebody else works on one."""
    taken = tx.execute(
        "UPDATE follower_syncs SET lease_until = :until, updated_at = :now, failure = '' "
        "WHERE account_id = :account AND state = 'running' AND lease_until <= :now",
        {"now": to_ms(now), "until": to_ms(now + lease), "account": account_id},
    )
    if taken or _insert(tx, account_id, by=by, now=now, lease_until=now + lease):
        return _running(tx, account_id)
    return None


def _insert(tx: Transaction, account_id: str, *, by: str, now: datetime, lease_until: datetime) -> bool:
    """Begin a run; False while the account has one."""
    added = tx.execute(
        "INSERT INTO follower_syncs (id, account_id, started_by, started_at, updated_at, lease_until) "
        "VALUES (:id, :account, :by, :now, :now, :until) ON CONFLICT DO NOTHING",
        {"id": new_id(), "account": account_id, "by": by, "now": to_ms(now), "until": to_ms(lease_until)},
    )
    return added == 1


def _running(queries: Queries, account_id: str) -> FollowerSync | None:
    row = queries.one(
        f"SELECT {COLUMNS} FROM follower_syncs WHERE account_id = :account AND state = 'running'",
        {"account": account_id},
    )
    return sync_from_row(row) if row else None


def turn_page(tx: Transaction, sync_id: int, *, cursor: str, total: int, now: datetime, lease: timedelta) -> None:
    """Note which page is in work now, and how many followers the platform says there are."""
    tx.execute(
        "UPDATE follower_syncs SET page_cursor = :cursor, total = :total, updated_at = :now, lease_until = :until WHERE id = :id",
        {"cursor": cursor, "total": total, "now": to_ms(now), "until": to_ms(now + lease), "id": sync_id},
    )


def count(
    tx: Transaction,
    sync_id: int,
    *,
    added: int = 0,
    followed: int = 0,
    unfollowed: int = 0,
    now: datetime,
    lease: timedelta,
) -> None:
    """Add to what a run did, and keep it for ourselves a while longer."""
    tx.execute(
        "UPDATE follower_syncs SET added = added + :added, followed = followed + :followed, unfollowed = unfollowed + :unfollowed, "
        "updated_at = :now, lease_until = :until WHERE id = :id",
        {
            "added": added,
            "followed": followed,
            "unfollowed": unfollowed,
            "now": to_ms(now),
            "until": to_ms(now + lease),
            "id": sync_id,
        },
    )


def finish(tx: Transaction, sync_id: int, now: datetime) -> None:
    """Note that a run is complete."""
    tx.execute(
        "UPDATE follower_syncs SET state = 'done', page_cursor = '', finished_at = :now, updated_at = :now, lease_until = :now WHERE id = :id",
        {"now": to_ms(now), "id": sync_id},
    )


def cut_off(tx: Transaction, sync_id: int, failure: str, now: datetime) -> None:
    """Note why a run stopped half-way; anybody may take it up."""
    tx.execute(
        "UPDATE follower_syncs SET failure = :failure, updated_at = :now, lease_until = :now WHERE id = :id AND state = 'running'",
        {"failure": failure, "now": to_ms(now), "id": sync_id},
    )


def mark(tx: Transaction, member_id: int, sync_id: int) -> None:
    """Note that a run met a member among the followers."""
    tx.execute(
        "INSERT INTO follower_marks (member_id, sync_id) VALUES (:member, :sync) "
        "ON CONFLICT (member_id) DO UPDATE SET sync_id = excluded.sync_id",
        {"member": member_id, "sync": sync_id},
    )


def met(queries: Queries, sync_id: int) -> int:
    """Return how many members a run has met so far."""
    row = queries.one("SELECT count(*) AS n FROM follower_marks WHERE sync_id = :sync", {"sync": sync_id})
    return int(row["n"]) if row else 0


def not_met(queries: Queries, sync: FollowerSync, *, after_id: int = 0, limit: int = 100) -> Sequence[tuple[int, str]]:
    """Return members (id, openid) whom we take for followers and whom a complete run did not meet, in the order of their ids.

    Those whose following changed after the run began are left out: the run could not know.
    """
    rows = queries.query(
        "SELECT m.id, i.external_id FROM members AS m JOIN identities AS i ON i.member_id = m.id AND i.channel = :channel "
        "AND i.account_id = :account LEFT JOIN follower_marks AS f ON f.member_id = m.id "
        "WHERE m.id > :after AND m.subscribed = 1 AND (f.sync_id IS NULL OR f.sync_id <> :sync) "
        "AND m.created_at < :began AND (m.follow_changed_at IS NULL OR m.follow_changed_at < :began) ORDER BY m.id LIMIT :limit",
        {
            "channel": members.WECHAT,
            "account": sync.account_id,
            "after": after_id,
            "sync": sync.id,
            "began": to_ms(sync.started_at),
            "limit": limit,
        },
    )
    return [(row["id"], row["external_id"]) for row in rows]


def member_of(queries: Queries, account_id: str, openid: str) -> int | None:
    """Return the member known by this openid of the account, or None."""
    row = queries.one(
        "SELECT member_id FROM identities WHERE channel = :channel AND account_id = :account AND external_id = :openid",
        {"channel": members.WECHAT, "account": account_id, "openid": openid},
    )
    return int(row["member_id"]) if row else None


def account_last_heard_of(queries: Queries) -> str:
    """Return the account that the newest member belongs to, empty when there is none: for a service that was never told its own id."""
    row = queries.one(
        "SELECT account_id FROM identities WHERE channel = :channel ORDER BY created_at DESC LIMIT 1",
        {"channel": members.WECHAT},
    )
    return str(row["account_id"]) if row else ""
