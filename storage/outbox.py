"""The outbox: what is sent outside the reply. Written in the transaction of its cause, sent by a worker, never sent twice by itself.

``ready → sending (lease, attempt) → sent | failed | unknown | dead``. A message whose worker died goes back to ``ready`` when it had not departed
yet, and becomes ``unknown`` when it had. Only a person sends an ``unknown``, ``failed`` or ``dead`` message again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from storage import changes, exchanges
from storage.database import Queries, Row, Transaction
from storage.ids import new_id
from storage.times import from_ms, maybe_from_ms, to_ms

State = Literal["ready", "sending", "sent", "failed", "unknown", "dead"]
FinalState = Literal["sent", "failed", "unknown", "dead"]
POSTED = "outbox"  # announced when there is something new to send
QUEUED = "queued"  # status of the exchange until its message is finished
MOST_TRIES = 8
_LONGEST_RETRY = timedelta(hours=1)  # a pause for a quota is a quarter of that
LAPSED, UNREADABLE = "lapsed", "unreadable"
_LATEST_MS = 253_402_300_799_999  # the end of the year 9999

COLUMNS = (
    "id, member_id, exchange_id, openid, content, cause, author, state, attempt, tries, due_at, lease_until, departed_at, "
    "outcome, created_at, finished_at, wait_until, parked, dropped_at"
)
# A member's messages leave in order: one waits for whatever is in flight, and for those before it that are due or have been tried.
# OFFSET keeps PostgreSQL from joining all that is open with itself: what it knows of a queue is from when it was empty, and the join looks cheap.
_CLAIMABLE = (
    "mine.state = 'ready' AND mine.due_at <= :now "
    "AND NOT EXISTS (SELECT 1 FROM outbox AS held WHERE held.member_id = mine.member_id AND held.state = 'sending' LIMIT 1 OFFSET 0) "
    "AND NOT EXISTS (SELECT 1 FROM outbox AS earlier WHERE earlier.member_id = mine.member_id AND earlier.id < mine.id "
    "AND earlier.state IN ('ready', 'sending') AND (earlier.due_at <= :now OR (earlier.attempt > 0 AND earlier.parked = 0)) LIMIT 1 OFFSET 0)"
)
_CANDIDATE = (
    f"SELECT {', '.join('mine.' + name for name in COLUMNS.split(', '))} FROM outbox AS mine WHERE {_CLAIMABLE} "
    f"ORDER BY mine.due_at, mine.id LIMIT 1"
)
_HELD = "member_id = :member AND id = :id AND state = 'sending' AND attempt = :attempt"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxMessage:
    """One message to send: JSON of its content, who said it, why, and how far it got.

    ``attempt`` grows with every claim and fences off who held it before; ``tries`` counts the failures since a person last had it sent.
    Until ``wait_until`` it may wait for the member's contact, and is ``parked`` while it does; ``dropped_at`` is when it was decided that it stays as it
    ended. ``window_until_ms`` is when the reply window closes in which it was claimed, None where that does not matter. ``outcome`` is the code of what
    came of it (``bot.wechat.outcomes`` has the sentence), perhaps with a detail after a colon.
    """

    id: int
    member_id: int
    exchange_id: int
    openid: str
    content: str
    cause: str
    author: str
    state: State
    attempt: int
    tries: int
    due_at: datetime
    lease_until: datetime | None
    departed_at: datetime | None
    outcome: str
    created_at: datetime
    finished_at: datetime | None
    wait_until: datetime | None
    parked: bool
    dropped_at: datetime | None
    window_until_ms: int | None = None


def message_from_row(row: Row) -> OutboxMessage:
    """Build a message from a row that has the columns of ``COLUMNS``."""
    return OutboxMessage(
        id=row["id"],
        member_id=row["member_id"],
        exchange_id=row["exchange_id"],
        openid=row["openid"],
        content=row["content"],
        cause=row["cause"],
        author=row["author"],
        state=row["state"],
        attempt=row["attempt"],
        tries=row["tries"],
        due_at=from_ms(row["due_at"]),
        lease_until=maybe_from_ms(row["lease_until"]),
        departed_at=maybe_from_ms(row["departed_at"]),
        outcome=row["outcome"],
        created_at=from_ms(row["created_at"]),
        finished_at=maybe_from_ms(row["finished_at"]),
        wait_until=maybe_from_ms(row["wait_until"]),
        parked=bool(row["parked"]),
        dropped_at=maybe_from_ms(row["dropped_at"]),
    )


def add(
    tx: Transaction,
    *,
    member_id: int,
    openid: str,
    exchange_id: int,
    content: str,
    cause: str,
    author: str,
    due_at: datetime,
    now: datetime,
    wait_until: datetime | None = None,
) -> bool:
    """Queue a message, not to be sent before ``due_at``; until ``wait_until`` it may wait for an open reply window.

    Returns False, with nothing done, when this cause has already made one for the member.
    """
    added = tx.execute(
        "INSERT INTO outbox (id, member_id, exchange_id, openid, content, cause, author, due_at, wait_until, created_at) "
        "VALUES (:id, :member, :exchange, :openid, :content, :cause, :author, :due, :wait, :now) ON CONFLICT (member_id, cause) DO NOTHING",
        {
            "id": new_id(),
            "member": member_id,
            "exchange": exchange_id,
            "openid": openid,
            "content": content,
            "cause": cause,
            "author": author,
            "due": to_ms(due_at),
            "wait": to_ms(wait_until) if wait_until else None,
            "now": to_ms(now),
        },
    )
    tx.announce(POSTED)
    return added == 1


def is_waiting(queries: Queries, now: datetime) -> bool:
    """Return whether there is a message to claim: a plain read, for workers with nothing to do."""
    return (
        queries.one(f"SELECT mine.id FROM outbox AS mine WHERE {_CLAIMABLE} LIMIT 1", {"now": to_ms(now)}) is not None
    )


def claim_next(tx: Transaction, now: datetime, lease: timedelta) -> OutboxMessage | None:
    """Take the message that has been due the longest, as this worker's until the lease ends; None when there is none.

    Those whose rows no release of ours wrote (an impossible time) end as ``dead``, so that they hold up nobody.
    Raises Conflict when, on an engine with several writers, another worker took one of the same member's meanwhile.
    """
    while rows := tx.query_unlocked(_CANDIDATE, {"now": to_ms(now)}):
        row = rows[0]
        if _read_or_bury(tx, row, now) is None:
            continue
        tx.execute(
            "UPDATE outbox SET state = 'sending', attempt = attempt + 1, lease_until = :until, departed_at = NULL, parked = 0 "
            "WHERE member_id = :member AND id = :id",
            {"id": row["id"], "member": row["member_id"], "until": to_ms(now + lease)},
        )
        return by_id(tx, row["id"])
    return None


def depart(tx: Transaction, message: OutboxMessage, now: datetime, lease: timedelta) -> bool:
    """Note that the request is about to be written, and begin the lease anew; False when the message is no longer this worker's to send."""
    changed = tx.execute(
        f"UPDATE outbox SET departed_at = :now, lease_until = :until WHERE {_HELD} AND lease_until > :now",
        {**_held(message), "now": to_ms(now), "until": to_ms(now + lease)},
    )
    return changed == 1


def set_content(tx: Transaction, message: OutboxMessage, content: str) -> None:
    """Say a claimed message another way."""
    tx.execute(f"UPDATE outbox SET content = :content WHERE {_HELD}", {**_held(message), "content": content})


def finish(tx: Transaction, message: OutboxMessage, state: FinalState, outcome: str, now: datetime) -> bool:
    """Record what became of a claimed message, in its exchange too; False, with nothing done, when it is no longer this worker's."""
    changed = tx.execute(
        f"UPDATE outbox SET state = :state, outcome = :outcome, lease_until = NULL, finished_at = :now WHERE {_HELD}",
        {**_held(message), "state": state, "outcome": outcome, "now": to_ms(now)},
    )
    if changed:
        exchanges.set_status(tx, message.member_id, message.exchange_id, state)
    return changed == 1


def retry_later(
    tx: Transaction,
    message: OutboxMessage,
    due_at: datetime,
    outcome: str,
    now: datetime,
    *,
    counted: bool = True,
    most_tries: int = MOST_TRIES,
) -> State | None:
    """Put a claimed message that was surely not delivered back, due at ``due_at``; after ``most_tries`` counted failures it is ``dead``.

    ``counted`` is False when the failure is not the message's own (no connection, quota). Returns the state it has now, None when it is no longer
    this worker's.
    """
    if counted and message.tries + 1 >= most_tries:
        return "dead" if finish(tx, message, "dead", outcome, now) else None
    changed = tx.execute(
        f"UPDATE outbox SET state = 'ready', due_at = :due, tries = tries + :counted, outcome = :outcome, lease_until = NULL, departed_at = NULL "
        f"WHERE {_HELD}",
        {**_held(message), "due": to_ms(due_at), "counted": int(counted), "outcome": outcome},
    )
    return "ready" if changed else None


def park(tx: Transaction, message: OutboxMessage, outcome: str) -> bool:
    """Let a claimed message wait, until its ``wait_until``, for the member to open a window; False when it is no longer this worker's."""
    assert message.wait_until is not None
    changed = tx.execute(
        "UPDATE outbox SET state = 'ready', parked = 1, due_at = :due, outcome = :outcome, lease_until = NULL, departed_at = NULL "
        f"WHERE {_HELD}",
        {**_held(message), "due": to_ms(message.wait_until), "outcome": outcome},
    )
    return changed == 1


def unpark(tx: Transaction, member_id: int, now: datetime) -> int:
    """Make what waits for the member's contact due, and return how many that are."""
    freed = tx.execute(
        "UPDATE outbox SET parked = 0, due_at = :now WHERE member_id = :member AND state = 'ready' AND parked = 1",
        {"now": to_ms(now), "member": member_id},
    )
    if freed:
        tx.announce(POSTED)
    return freed


def lapsed(tx: Transaction, now: datetime, lease: timedelta) -> list[OutboxMessage]:
    """Return the messages whose worker let its lease run out.

    One that ends further ahead than two leases was begun under a clock that was wrong, and counts too; two, as the workers' clocks may differ a little.
    """
    rows = tx.query(
        f"SELECT {COLUMNS} FROM outbox WHERE state = 'sending' AND (lease_until <= :now OR lease_until > :furthest)",
        {"now": to_ms(now), "furthest": to_ms(now + 2 * lease)},
    )
    return [message for row in rows if (message := _read_or_bury(tx, row, now))]


def recall_far_off(tx: Transaction, now: datetime) -> int:
    """Make due what was put back to be tried later than any retry can be, or was due at once in a time to come: that was under a wrong clock.

    Returns how many.
    """
    return tx.execute(
        "UPDATE outbox SET due_at = :now WHERE state = 'ready' AND due_at > :furthest AND (attempt > 0 OR due_at <= created_at) AND parked = 0",
        {"now": to_ms(now), "furthest": to_ms(now + _LONGEST_RETRY)},
    )


def keep_from_departing(tx: Transaction, message: OutboxMessage) -> bool:
    """Make sure that a claimed message has not departed and cannot before this transaction ends; False when it has, or is another's by now.

    Between reading that it has not and putting it back, an engine with several writers would let its worker send it.
    """
    changed = tx.execute(f"UPDATE outbox SET departed_at = NULL WHERE {_HELD} AND departed_at IS NULL", _held(message))
    return changed == 1


def _read_or_bury(tx: Transaction, row: Row, now: datetime) -> OutboxMessage | None:
    """Return the message of a row; when it cannot be one, give it times that can be, finish it, and return None."""
    try:
        return message_from_row(row)
    except (OverflowError, TypeError, ValueError):
        state, outcome = ("dead", UNREADABLE) if row["departed_at"] is None else ("unknown", LAPSED)
        tx.execute(
            "UPDATE outbox SET state = :state, outcome = :outcome, due_at = :now, created_at = :now, finished_at = :now, "
            "lease_until = NULL, departed_at = NULL WHERE member_id = :member AND id = :id",
            {"state": state, "outcome": outcome, "now": to_ms(now), "member": row["member_id"], "id": row["id"]},
        )
        exchanges.set_status(tx, row["member_id"], row["exchange_id"], state)
        changes.note(tx, "delivery", row["member_id"], now)
        return None


def resend(tx: Transaction, message_id: int, now: datetime, wait_until: datetime | None = None) -> bool:
    """Queue a message again that is ``unknown``, ``failed`` or ``dead``, because a person says so; False when it is in no such state.

    With ``wait_until`` it may from now on wait until then for the member's contact.
    """
    message = by_id(tx, message_id)
    if message is None:
        return False
    changed = tx.execute(
        "UPDATE outbox SET state = 'ready', due_at = :now, tries = 0, outcome = '', departed_at = NULL, finished_at = NULL, dropped_at = NULL, "
        "wait_until = COALESCE(:wait, wait_until) WHERE member_id = :member AND id = :id AND state IN ('unknown', 'failed', 'dead')",
        {
            "now": to_ms(now),
            "wait": to_ms(wait_until) if wait_until else None,
            "member": message.member_id,
            "id": message.id,
        },
    )
    if changed:
        exchanges.set_status(tx, message.member_id, message.exchange_id, QUEUED)
        tx.announce(POSTED)
    return changed == 1


def by_id(queries: Queries, message_id: int) -> OutboxMessage | None:
    """Return the message, or None."""
    row = queries.one(f"SELECT {COLUMNS} FROM outbox WHERE id = :id", {"id": message_id})
    return message_from_row(row) if row else None


def by_cause(queries: Queries, member_id: int, cause: str) -> OutboxMessage | None:
    """Return the message that this cause made for the member, or None."""
    row = queries.one(
        f"SELECT {COLUMNS} FROM outbox WHERE member_id = :member AND cause = :cause",
        {"member": member_id, "cause": cause},
    )
    return message_from_row(row) if row else None


def of_exchanges(queries: Queries, member_id: int, *, first_exchange_id: int) -> dict[int, OutboxMessage]:
    """Return the member's messages by the id of their exchange, from one exchange on: what a page of the dialogue shows beside it."""
    rows = queries.query(
        f"SELECT {COLUMNS} FROM outbox WHERE member_id = :member AND exchange_id >= :first",
        {"member": member_id, "first": first_exchange_id},
    )
    return {row["exchange_id"]: message_from_row(row) for row in rows}


def page(queries: Queries, *, member_id: int | None = None, after_id: int = 0, limit: int = 200) -> list[OutboxMessage]:
    """Return messages of everyone, or of one member, after a cursor, oldest first."""
    where = "member_id = :member AND " if member_id is not None else ""
    rows = queries.query(
        f"SELECT {COLUMNS} FROM outbox WHERE {where}id > :after ORDER BY id LIMIT :limit",
        {"member": member_id or 0, "after": after_id, "limit": limit},
    )
    return [message_from_row(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Depth:
    """How many messages are in each state but ``sent``, and since when the oldest one is overdue (None when none is)."""

    ready: int = 0
    sending: int = 0
    failed: int = 0
    unknown: int = 0
    dead: int = 0
    oldest_due_at: datetime | None = None

    def overdue_seconds(self, now: datetime) -> float:
        """Return for how long the oldest message has been due, 0 when none is."""
        return max(0.0, (now - self.oldest_due_at).total_seconds()) if self.oldest_due_at else 0.0


def depth(queries: Queries) -> Depth:
    """Count what is not sent, by state; what people decided to leave unsent is not counted."""
    rows = queries.query(
        "SELECT state, count(*) AS n FROM outbox WHERE state IN ('ready', 'sending') GROUP BY state UNION ALL "
        "SELECT state, count(*) AS n FROM outbox WHERE state IN ('failed', 'unknown', 'dead') AND dropped_at IS NULL GROUP BY state"
    )
    oldest = queries.one(
        "SELECT min(due_at) AS at FROM outbox WHERE state = 'ready' AND due_at BETWEEN 0 AND :latest",
        {"latest": _LATEST_MS},
    )
    return Depth(
        **{row["state"]: row["n"] for row in rows}, oldest_due_at=maybe_from_ms(oldest["at"]) if oldest else None
    )


def _held(message: OutboxMessage) -> dict[str, object]:
    return {"member": message.member_id, "id": message.id, "attempt": message.attempt}
