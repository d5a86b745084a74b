"""What the agents' desk reads across tables: the open dialogues with their last words, and what stands beside one."""

from dataclasses import dataclass
from datetime import date, datetime

from storage.conversations import State
from storage.database import Queries, Row
from storage.times import from_ms, maybe_from_ms, to_ms

MOOD_OF_LAST = 5  # judged messages of a member that make the mood of the dialogue

_LINES = (
    "SELECT c.member_id, m.name, c.state, c.agent_id, c.lease_until, c.handoff_reason, c.waiting_since, c.unread, c.last_inbound_at, "
    "u.name AS owner_login, u.display_name AS owner_shown, e.kind, e.text, e.author, e.created_at AS said_at, "
    f"(SELECT sum(s.score) FROM (SELECT x.sentiment_score AS score FROM exchanges x WHERE x.member_id = c.member_id "
    f"AND x.sentiment IS NOT NULL ORDER BY x.id DESC LIMIT {MOOD_OF_LAST}) s) AS mood "
    "FROM conversations c JOIN members m ON m.id = c.member_id LEFT JOIN users u ON u.id = c.agent_id "
    "LEFT JOIN exchanges e ON e.member_id = c.member_id AND e.id = (SELECT max(x.id) FROM exchanges x WHERE x.member_id = c.member_id "
    "AND x.author <> 'bot' AND substr(x.kind, 1, 6) <> 'event.')"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One open dialogue as a list shows it: who, whose it is now, since when it waits and why, and the last words.

    ``owner_id`` is the agent whose lease still runs, None while it waits. ``kind``, ``text`` and ``author`` are those of the
    newest thing that a person said: the bot's answers and mere events say little about what is wanted. ``mood`` is the sum of the scores of the last
    messages, below 0 is bad.
    """

    member_id: int
    name: str
    state: State
    owner_id: int | None
    owner: str
    reason: str
    waiting_since: datetime | None
    unread: int
    kind: str
    text: str
    author: str
    said_at: datetime | None
    mood: float = 0.0


def open_lines(queries: Queries, now: datetime, *, agent_id: int | None) -> list[Line]:
    """Return the dialogues that wait, longest waiting first, then those agents own, latest words first.

    With ``agent_id``, of the owned ones only that agent's; a dialogue whose lease ran out counts as waiting.
    """
    rows = queries.query(
        f"{_LINES} WHERE c.state <> 'bot' AND (c.state = 'waiting' OR :everyone = 1 OR c.agent_id = :agent OR c.lease_until <= :now) "
        "ORDER BY c.waiting_since, c.member_id",
        {"everyone": int(agent_id is None), "agent": agent_id or 0, "now": to_ms(now)},
    )
    lines = [_line(row, now) for row in rows]
    owned = [line for line in lines if line.owner_id is not None]
    owned.sort(key=lambda line: to_ms(line.said_at) if line.said_at else 0, reverse=True)
    return [line for line in lines if line.owner_id is None] + owned


def _line(row: Row, now: datetime) -> Line:
    lapsed = row["state"] == "agent" and row["lease_until"] <= to_ms(now)
    return Line(
        member_id=row["member_id"],
        name=row["name"],
        state="waiting" if lapsed else row["state"],
        owner_id=None if lapsed else row["agent_id"],
        owner="" if lapsed else row["owner_shown"] or row["owner_login"] or "",
        reason=row["handoff_reason"] or ("lapsed" if lapsed else ""),
        waiting_since=maybe_from_ms(row["waiting_since"]) or (from_ms(row["lease_until"]) if lapsed else None),
        unread=row["unread"],
        kind=row["kind"] or "",
        text=row["text"] or "",
        author=row["author"] or "",
        said_at=maybe_from_ms(row["said_at"]),
        mood=round(row["mood"] or 0.0, 3),
    )


def queued_messages(queries: Queries, member_id: int, now: datetime) -> int:
    """Return how many messages to the member are on their way: they will use up the reply window too."""
    row = queries.one(
        "SELECT count(*) AS n FROM outbox WHERE member_id = :member AND state IN ('ready', 'sending') AND due_at <= :now",
        {"member": member_id, "now": to_ms(now)},
    )
    return int(row["n"]) if row else 0


def latest_check_in(queries: Queries, member_id: int) -> tuple[date, int] | None:
    """Return the day (in the brand's calendar) of the member's newest check-in and the streak it made, or None."""
    row = queries.one(
        "SELECT day, streak FROM checkins WHERE member_id = :member ORDER BY day DESC LIMIT 1", {"member": member_id}
    )
    return (date.fromisoformat(row["day"]), int(row["streak"])) if row else None
