"""Conversations: one a member; who owns it now, what is pending, and what the turn must know to answer."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from storage.database import Queries, Row, Transaction
from storage.ids import new_id
from storage.records import immutable
from storage.times import from_ms, maybe_from_ms, to_ms

State = Literal["bot", "waiting", "agent"]
LIMITED = "limited"  # the reason of who asked for nobody, but wrote faster than is answered
LONGEST_LEASE = timedelta(hours=12)
_FURTHEST = LONGEST_LEASE + timedelta(hours=1)  # one that ends further ahead was begun under a clock that was wrong
_LAPSED = "state = 'agent' AND (lease_until <= :now OR lease_until > :furthest)"
COLUMNS = (
    "member_id, state, agent_id, lease_until, handoff_reason, waiting_since, pending, misses, last_template, last_inbound_at, unread, "
    "window_until, window_left, rate_started_at, rate_count"
)


@immutable(frozen=True, slots=True)
class Conversation:
    """A member's dialogue.

    ``state``: the bot answers, it waits for a person, or an agent owns it by a lease until ``lease_until``. ``pending`` is JSON of the turn's open
    question. ``misses`` counts messages in a row that were not understood. ``window_left`` messages may be sent outside the reply until
    ``window_until``. ``rate_count`` messages came since ``rate_started_at``.
    """

    member_id: int
    state: State = "bot"
    agent_id: int | None = None
    lease_until: datetime | None = None
    handoff_reason: str = ""
    waiting_since: datetime | None = None
    pending: str = ""
    misses: int = 0
    last_template: str = ""
    last_inbound_at: datetime | None = None
    unread: int = 0
    window_until_ms: int = 0
    window_left: int = 0
    rate_started_at_ms: int = 0
    rate_count: int = 0

    @property
    def asked_for_person(self) -> bool:
        """Whether it waits for a person, and not only because the member wrote too fast."""
        return self.state == "waiting" and self.handoff_reason != LIMITED

    def owned_by_agent(self, now: datetime) -> bool:
        """Return whether a person's lease on it still runs."""
        return self.state == "agent" and self.lease_until is not None and self.lease_until > now


def conversation_from_row(row: Row, at: int = 0) -> Conversation:
    """Build a conversation from a row that has ``COLUMNS``, in their order, from place ``at`` on."""
    return Conversation(
        row[at],
        row[at + 1],
        row[at + 2],
        maybe_from_ms(row[at + 3]),
        row[at + 4],
        maybe_from_ms(row[at + 5]),
        row[at + 6],
        row[at + 7],
        row[at + 8],
        maybe_from_ms(row[at + 9]),
        row[at + 10],
        row[at + 11],
        row[at + 12],
        row[at + 13],
        row[at + 14],
    )


def conversation_of(queries: Queries, member_id: int) -> Conversation | None:
    """Return the member's conversation, or None."""
    row = queries.one(f"SELECT {COLUMNS} FROM conversations WHERE member_id = :id", {"id": member_id})
    return conversation_from_row(row) if row else None


def hold(tx: Transaction, member_id: int) -> bool:
    """Keep the member's turns and agents from changing anything until the transaction ends; what is read after this holds. False when there is none."""
    return tx.lock("SELECT member_id FROM conversations WHERE member_id = :member", {"member": member_id})


def open_conversations(queries: Queries, *, agent_id: int | None = None) -> list[Conversation]:
    """Return those that wait for a person, longest waiting first, and then those an agent owns (only ``agent_id``'s when given)."""
    rows = queries.query(
        f"SELECT {COLUMNS} FROM conversations WHERE state <> 'bot' AND (state = 'waiting' OR :anyone = 1 OR agent_id = :agent) "
        "ORDER BY CASE state WHEN 'waiting' THEN 0 ELSE 1 END, waiting_since, member_id",
        {"anyone": int(agent_id is None), "agent": agent_id or 0},
    )
    return [conversation_from_row(row) for row in rows]


def count_waiting(queries: Queries, *, before: datetime | None = None) -> int:
    """Return how many conversations wait for a person (since before a time, when given)."""
    row = queries.one(
        "SELECT count(*) AS n FROM conversations WHERE state <> 'bot' AND state = 'waiting' AND waiting_since < :before",
        {"before": to_ms(before) if before else 2**62},
    )
    return int(row["n"]) if row else 0


def ask_for_person(tx: Transaction, member_id: int, *, reason: str, now: datetime) -> bool:
    """Put the conversation in the queue, unless it waits or is owned already; return whether that changed anything.

    One that waits only because the member wrote too fast keeps its place, for the better reason.
    """
    values = {"id": member_id, "reason": reason, "limited": LIMITED, "now": to_ms(now)}
    changed = tx.execute(
        "UPDATE conversations SET state = 'waiting', handoff_reason = :reason, waiting_since = COALESCE(waiting_since, :now) "
        "WHERE member_id = :id AND (state = 'bot' OR (state = 'waiting' AND handoff_reason = :limited AND :reason <> :limited))",
        values,
    )
    if changed and not tx.execute(
        "UPDATE handoffs SET reason = :reason WHERE member_id = :id AND ended_at IS NULL AND reason = :limited", values
    ):
        _begin_handoff(tx, member_id, reason, now)
    return changed == 1


def take(tx: Transaction, member_id: int, *, agent_id: int, lease: timedelta, now: datetime) -> bool:
    """Give the conversation to the agent, if it waits, is the bot's, is theirs already or its lease ran out; return whether it is theirs now."""
    at = to_ms(now)
    changed = tx.execute(
        "UPDATE conversations SET state = 'agent', agent_id = :agent, lease_until = :until, unread = 0, misses = 0, pending = '' "
        "WHERE member_id = :id AND (state <> 'agent' OR agent_id = :agent OR lease_until <= :now)",
        {"agent": agent_id, "until": at + _ms(lease), "now": at, "id": member_id},
    )
    if changed:
        _note_taking(tx, member_id, agent_id, at)
    return changed == 1


def _note_taking(tx: Transaction, member_id: int, agent_id: int, at: int) -> None:
    """Mark the open hand-off as taken, or record one that nobody had asked for."""
    taken = tx.execute(
        "UPDATE handoffs SET taken_at = COALESCE(taken_at, :now), agent_id = :agent WHERE member_id = :member AND ended_at IS NULL",
        {"now": at, "agent": agent_id, "member": member_id},
    )
    if not taken:
        tx.execute(
            "INSERT INTO handoffs (id, member_id, reason, requested_at, taken_at, agent_id) VALUES (:id, :member, 'agent', :now, :now, :agent)",
            {"id": new_id(), "member": member_id, "now": at, "agent": agent_id},
        )


def take_over(
    tx: Transaction, member_id: int, *, from_agent_id: int, agent_id: int, lease: timedelta, now: datetime
) -> bool:
    """Give the conversation that ``from_agent_id`` owns to another agent; return False when it is no longer theirs."""
    changed = tx.execute(
        "UPDATE conversations SET agent_id = :agent, lease_until = :until "
        "WHERE member_id = :id AND state = 'agent' AND agent_id = :owner",
        {"agent": agent_id, "until": to_ms(now) + _ms(lease), "id": member_id, "owner": from_agent_id},
    )
    if changed:
        _end_handoff(tx, member_id, "", now)
        tx.execute(
            "INSERT INTO handoffs (id, member_id, reason, requested_at, taken_at, agent_id) VALUES (:id, :member, 'taken_over', :now, :now, :agent)",
            {"id": new_id(), "member": member_id, "now": to_ms(now), "agent": agent_id},
        )
    return changed == 1


def keep(tx: Transaction, member_id: int, *, agent_id: int, lease: timedelta, now: datetime) -> bool:
    """Extend the agent's lease and mark all as read; return False when the conversation is no longer theirs."""
    return (
        tx.execute(
            "UPDATE conversations SET lease_until = :until, unread = 0 WHERE member_id = :id AND state = 'agent' AND agent_id = :agent AND lease_until > :now",
            {"until": to_ms(now) + _ms(lease), "id": member_id, "agent": agent_id, "now": to_ms(now)},
        )
        == 1
    )


def hand_back(tx: Transaction, member_id: int, *, agent_id: int, note: str, now: datetime) -> bool:
    """Return the conversation to the bot with the agent's end note; return False when it is not theirs."""
    changed = tx.execute(
        "UPDATE conversations SET state = 'bot', agent_id = NULL, lease_until = NULL, handoff_reason = '', waiting_since = NULL, "
        "misses = 0, unread = 0 WHERE member_id = :id AND state = 'agent' AND agent_id = :agent",
        {"id": member_id, "agent": agent_id},
    )
    if changed:
        _end_handoff(tx, member_id, note, now)
    return changed == 1


def cancel_waiting(tx: Transaction, member_id: int, *, note: str, now: datetime) -> bool:
    """Take the conversation out of the queue again; return False when it did not wait."""
    changed = tx.execute(
        "UPDATE conversations SET state = 'bot', handoff_reason = '', waiting_since = NULL, misses = 0 "
        "WHERE member_id = :id AND state = 'waiting'",
        {"id": member_id},
    )
    if changed:
        _end_handoff(tx, member_id, note, now)
    return changed == 1


def lapse(tx: Transaction, member_id: int, now: datetime) -> bool:
    """Put the conversation back in the queue if its agent's lease ran out, as a hand-off of its own; return whether it did."""
    changed = tx.execute(
        "UPDATE conversations SET state = 'waiting', agent_id = NULL, lease_until = NULL, waiting_since = COALESCE(waiting_since, :now), "
        f"handoff_reason = 'lapsed' WHERE member_id = :id AND {_LAPSED}",
        {"id": member_id, "now": to_ms(now), "furthest": to_ms(now + _FURTHEST)},
    )
    if changed:
        _end_handoff(tx, member_id, "", now)
        _begin_handoff(tx, member_id, "lapsed", now)
    return changed == 1


def lapse_all(tx: Transaction, *, now: datetime) -> list[int]:
    """Put every conversation whose agent's lease ran out back in the queue and return their members."""
    owned = tx.query(
        f"SELECT member_id FROM conversations WHERE state <> 'bot' AND {_LAPSED}",
        {"now": to_ms(now), "furthest": to_ms(now + _FURTHEST)},
    )
    return [row["member_id"] for row in owned if lapse(tx, row["member_id"], now)]


def _begin_handoff(tx: Transaction, member_id: int, reason: str, now: datetime) -> None:
    tx.execute(
        "INSERT INTO handoffs (id, member_id, reason, requested_at) VALUES (:id, :member, :reason, :now)",
        {"id": new_id(), "member": member_id, "reason": reason, "now": to_ms(now)},
    )


def _end_handoff(tx: Transaction, member_id: int, note: str, now: datetime) -> None:
    tx.execute(
        "UPDATE handoffs SET ended_at = :now, note = :note WHERE member_id = :member AND ended_at IS NULL",
        {"now": to_ms(now), "note": note, "member": member_id},
    )


@immutable(frozen=True, slots=True)
class Handoff:
    """One time a person was asked for, or stepped in: why, when, who, and the note they left."""

    id: int
    member_id: int
    reason: str
    requested_at: datetime
    taken_at: datetime | None
    agent_id: int | None
    ended_at: datetime | None
    note: str


def handoffs_of(queries: Queries, member_id: int, *, limit: int = 20) -> Sequence[Handoff]:
    """Return the member's hand-offs, newest first."""
    rows = queries.query(
        "SELECT id, member_id, reason, requested_at, taken_at, agent_id, ended_at, note FROM handoffs WHERE member_id = :id ORDER BY id DESC LIMIT :limit",
        {"id": member_id, "limit": limit},
    )
    return [
        Handoff(
            row["id"],
            row["member_id"],
            row["reason"],
            from_ms(row["requested_at"]),
            maybe_from_ms(row["taken_at"]),
            row["agent_id"],
            maybe_from_ms(row["ended_at"]),
            row["note"],
        )
        for row in rows
    ]


def _ms(duration: timedelta) -> int:
    return duration // timedelta(milliseconds=1)
