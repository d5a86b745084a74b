"""Late replies: answers that take longer than a turn may. Begun in the transaction of their message, finished once, by whoever still holds them.

``working (lease, attempt) → replied | posted | held | lost``: answered in time, answered through the outbox, left to the agent who took the
dialogue meanwhile, or nobody there any more to answer. Work whose process died is taken up again once its lease has run out.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from storage.database import Queries, Row, Transaction
from storage.times import from_ms, to_ms

State = Literal["working", "replied", "posted", "held", "lost"]
WORKING: State = "working"
_COLUMNS = "member_id, exchange_id, cause, intent, work, asked, attempt, created_at, beside"
_LAPSED = "state = 'working' AND (lease_until <= :now OR lease_until > :furthest)"


@dataclass(frozen=True, slots=True, kw_only=True)
class LateReply:
    """One answer being worked on: by which intent, for the message recorded as ``exchange_id`` (its key is ``cause``), with what asked of which work.

    ``attempt`` grows with everybody who takes it up, and fences off those before. ``beside`` is what is said together with the answer, as JSON of the
    conversation's own; empty for nothing.
    """

    member_id: int
    exchange_id: int
    cause: str
    intent: str
    work: str
    asked: Mapping[str, str]
    attempt: int
    created_at: datetime
    beside: str = ""


def begin(tx: Transaction, late: LateReply, lease: timedelta) -> None:
    """Record that an answer is being worked on by this process, until the lease ends. Raises Conflict when that was begun before."""
    tx.execute(
        f"INSERT INTO late_replies ({_COLUMNS}, lease_until) "
        "VALUES (:member, :exchange, :cause, :intent, :work, :asked, :attempt, :now, :beside, :until)",
        {
            **_held(late),
            "cause": late.cause,
            "intent": late.intent,
            "work": late.work,
            "asked": json.dumps(dict(late.asked), ensure_ascii=False),
            "now": to_ms(late.created_at),
            "beside": late.beside,
            "until": to_ms(late.created_at + lease),
        },
    )


def give_back(tx: Transaction, late: LateReply) -> bool:
    """Let another process work on it at once; False when it is no longer this one's."""
    changed = tx.execute(
        "UPDATE late_replies SET lease_until = 0 WHERE member_id = :member AND exchange_id = :exchange "
        "AND state = 'working' AND attempt = :attempt",
        _held(late),
    )
    return changed == 1


def is_waiting(queries: Queries, now: datetime, lease: timedelta) -> bool:
    """Return whether there is work that nobody holds: a plain read, for workers with nothing to do."""
    return queries.one(f"SELECT member_id FROM late_replies WHERE {_LAPSED} LIMIT 1", _span(now, lease)) is not None


def take_up(tx: Transaction, now: datetime, lease: timedelta) -> LateReply | None:
    """Take the work that has been without anybody the longest, as this process's until the lease ends; None when there is none.

    A lease that ends further ahead than two was begun under a clock that was wrong, and has run out too.
    """
    row = tx.one(f"SELECT {_COLUMNS} FROM late_replies WHERE {_LAPSED} ORDER BY lease_until LIMIT 1", _span(now, lease))
    if row is None:
        return None
    found = _from_row(row)
    taken = tx.execute(
        "UPDATE late_replies SET attempt = attempt + 1, lease_until = :until WHERE member_id = :member AND exchange_id = :exchange "
        "AND state = 'working' AND attempt = :attempt",
        {**_held(found), "until": to_ms(now + lease)},
    )
    return replace(found, attempt=found.attempt + 1) if taken else None


def finish(tx: Transaction, late: LateReply, state: State, now: datetime) -> bool:
    """Record how it ended and forget what was asked and what is said beside it; False, with nothing done, when it is no longer this process's."""
    changed = tx.execute(
        "UPDATE late_replies SET state = :state, asked = :nothing, beside = '', finished_at = :now WHERE member_id = :member AND exchange_id = :exchange "
        "AND state = 'working' AND attempt = :attempt",
        {**_held(late), "state": state, "nothing": "{}", "now": to_ms(now)},
    )
    return changed == 1


def state_of(queries: Queries, member_id: int, exchange_id: int) -> State | None:
    """Return how far the answer to a message is, or None when none is late."""
    row = queries.one(
        "SELECT state FROM late_replies WHERE member_id = :member AND exchange_id = :exchange",
        {"member": member_id, "exchange": exchange_id},
    )
    return row["state"] if row else None


def _from_row(row: Row) -> LateReply:
    return LateReply(
        member_id=row["member_id"],
        exchange_id=row["exchange_id"],
        cause=row["cause"],
        intent=row["intent"],
        work=row["work"],
        asked=json.loads(row["asked"]),
        attempt=row["attempt"],
        created_at=from_ms(row["created_at"]),
        beside=row["beside"],
    )


def _held(late: LateReply) -> dict[str, object]:
    return {"member": late.member_id, "exchange": late.exchange_id, "attempt": late.attempt}


def _span(now: datetime, lease: timedelta) -> dict[str, object]:
    return {"now": to_ms(now), "furthest": to_ms(now + 2 * lease)}
