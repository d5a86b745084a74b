"""Members: people, the identities we know them by, and whether they follow the account."""

import json
from collections.abc import Sequence
from datetime import datetime

from storage.database import Queries, Row, Transaction
from storage.errors import Conflict
from storage.ids import new_id
from storage.records import immutable
from storage.times import from_ms, maybe_from_ms, maybe_to_ms, to_ms

WECHAT = "wechat"
COLUMNS = "id, name, phone, city, remark, tags, source, subscribed, subscribed_at, unsubscribed_at, follow_changed_at, follows, created_at"
COLUMN_COUNT = COLUMNS.count(",") + 1

_OF_AGENT = (
    "SELECT member_id FROM conversations WHERE state <> 'bot' AND (state = 'waiting' OR agent_id = :agent) "
    "UNION SELECT member_id FROM handoffs WHERE agent_id = :agent"
)


@immutable(frozen=True, slots=True)
class Member:
    """A person. ``source`` is how they first came: a QR scene, ``follow``, ``message`` or ``event``; ``follows`` counts how often they followed."""

    id: int
    name: str
    phone: str
    city: str
    remark: str
    tags: tuple[str, ...]
    source: str
    subscribed: bool
    subscribed_at: datetime | None
    unsubscribed_at: datetime | None
    follow_changed_at: datetime | None
    follows: int
    created_at: datetime

    @property
    def short_code(self) -> str:
        """Five letters and digits to call a nameless member by."""
        return short_code(self.id)


@immutable(frozen=True, slots=True)
class Identity:
    """What a member is called in one channel: ``external_id`` is the openid, ``account_id`` the account it belongs to."""

    channel: str
    account_id: str
    external_id: str
    member_id: int


def short_code(member_id: int) -> str:
    """Return five letters and digits without the ones people mix up, the same for the same member."""
    alphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    mixed = member_id * 0x9E3779B97F4A7C15 % 2**64
    return "".join(alphabet[mixed >> (64 - 5 * place) & 31] for place in range(1, 6))


def member_from_row(row: Row) -> Member:
    """Build a member from a row that begins with ``COLUMNS``, in their order."""
    return Member(
        row[0],
        row[1],
        row[2],
        row[3],
        row[4],
        () if row[5] == "[]" else tuple(json.loads(row[5])),
        row[6],
        bool(row[7]),
        maybe_from_ms(row[8]),
        maybe_from_ms(row[9]),
        maybe_from_ms(row[10]),
        row[11],
        from_ms(row[12]),
    )


def member_by_id(queries: Queries, member_id: int) -> Member | None:
    """Return the member, or None."""
    row = queries.one(f"SELECT {COLUMNS} FROM members WHERE id = :id", {"id": member_id})
    return member_from_row(row) if row else None


def member_ids_by_openid(queries: Queries, openid: str) -> list[int]:
    """Return the members known by this openid (more than one only when several accounts share a database)."""
    rows = queries.query("SELECT DISTINCT member_id FROM identities WHERE external_id = :openid", {"openid": openid})
    return [row["member_id"] for row in rows]


def identities_of(queries: Queries, member_ids: Sequence[int]) -> dict[int, Identity]:
    """Return the WeChat identity of each of these members that has one."""
    found: dict[int, Identity] = {}
    for member_id in member_ids:
        row = queries.one(
            "SELECT channel, account_id, external_id, member_id FROM identities WHERE member_id = :id AND channel = :channel",
            {"id": member_id, "channel": WECHAT},
        )
        if row:
            found[member_id] = Identity(row["channel"], row["account_id"], row["external_id"], row["member_id"])
    return found


def add_member(
    tx: Transaction, *, account_id: str, openid: str, source: str, now: datetime, follows: bool = False
) -> int:
    """Make a member known by this openid, with an empty conversation, and return its id.

    Raises Conflict when the openid is known; then nothing was done, and the transaction may go on.
    """
    member_id, at = new_id(), to_ms(now)
    tx.execute(
        "INSERT INTO members (id, source, subscribed, created_at) VALUES (:id, :source, :follows, :at)",
        {"id": member_id, "source": source, "follows": int(follows), "at": at},
    )
    made = tx.execute(
        "INSERT INTO identities (channel, account_id, external_id, member_id, created_at) "
        "VALUES (:channel, :account, :openid, :id, :at) ON CONFLICT DO NOTHING",
        {"channel": WECHAT, "account": account_id, "openid": openid, "id": member_id, "at": at},
    )
    if not made:  # as when two of a new member's messages arrive at once
        tx.execute("DELETE FROM members WHERE id = :id", {"id": member_id})
        raise Conflict("the openid is known already")
    tx.execute("INSERT INTO conversations (member_id) VALUES (:id)", {"id": member_id})
    return member_id


def record_follow(tx: Transaction, member_id: int, *, follows: bool, event_at: datetime) -> bool:
    """Note that the member follows, or no longer does, as of ``event_at``; a change older than the newest known one is ignored.

    Returns whether it counted. Events may arrive in any order: the platform's time decides.
    """
    at = to_ms(event_at)
    column = "subscribed_at" if follows else "unsubscribed_at"
    changed = tx.execute(
        f"UPDATE members SET subscribed = :follows, {column} = :at, follow_changed_at = :at, follows = follows + :follows "
        "WHERE id = :id AND (follow_changed_at IS NULL OR follow_changed_at <= :at)",
        {"follows": int(follows), "at": at, "id": member_id},
    )
    return changed == 1


def record_presence(tx: Transaction, member_id: int, *, said_at: datetime) -> None:
    """Note that the member follows, as only followers can say something, unless they are known to have unfollowed later than that."""
    tx.execute(
        "UPDATE members SET subscribed = 1 WHERE id = :id AND (follow_changed_at IS NULL OR follow_changed_at < :at)",
        {"id": member_id, "at": to_ms(said_at)},
    )


def set_source(tx: Transaction, member_id: int, source: str) -> None:
    """Note how the member first came, unless something better than ``message`` or ``event`` is known already."""
    tx.execute(
        "UPDATE members SET source = :source WHERE id = :id AND source IN ('', 'message', 'event')",
        {"source": source, "id": member_id},
    )


def update_profile(
    tx: Transaction, member_id: int, *, name: str, phone: str, city: str, remark: str, tags: Sequence[str]
) -> None:
    """Replace what is noted about the member."""
    values = {
        "name": name,
        "phone": phone,
        "city": city,
        "remark": remark,
        "tags": json.dumps(list(tags), ensure_ascii=False),
        "id": member_id,
    }
    tx.execute(
        "UPDATE members SET name = :name, phone = :phone, city = :city, remark = :remark, tags = :tags WHERE id = :id",
        values,
    )


def search_members(
    queries: Queries, text: str = "", *, agent_id: int | None = None, before_id: int | None = None, limit: int = 50
) -> list[Member]:
    """Return members, newest first, whose name, remark, tags, source or openid contain ``text``; ``before_id`` is the cursor.

    A phone is found by the whole number or its last four digits only: those who see it masked must not learn it by searching. ``agent_id`` keeps
    to the members whom this agent has to do with (see ``concerns_agent``).
    """
    rows = queries.query(
        f"SELECT {COLUMNS} FROM members WHERE id < :before AND (:agent = 0 OR id IN ({_OF_AGENT})) AND (:text = '' "
        "OR name LIKE :pattern ESCAPE '\\' OR remark LIKE :pattern ESCAPE '\\' OR tags LIKE :pattern ESCAPE '\\' "
        "OR source LIKE :pattern ESCAPE '\\' OR phone = :text OR (length(:text) = 4 AND phone LIKE :ending ESCAPE '\\') "
        "OR id IN (SELECT member_id FROM identities WHERE external_id LIKE :pattern ESCAPE '\\')) ORDER BY id DESC LIMIT :limit",
        {
            "before": before_id if before_id is not None else 2**63 - 1,
            "agent": agent_id or 0,
            "text": text,
            "pattern": f"%{_literal(text)}%",
            "ending": f"%{_literal(text)}",
            "limit": limit,
        },
    )
    return [member_from_row(row) for row in rows]


def concerns_agent(queries: Queries, member_id: int, agent_id: int) -> bool:
    """Return whether the agent has to do with the member: owns the conversation, owned it once, or may take it because it waits."""
    row = queries.one(
        f"SELECT 1 AS one FROM members WHERE id = :id AND id IN ({_OF_AGENT})", {"id": member_id, "agent": agent_id}
    )
    return row is not None


def _literal(text: str) -> str:
    """Return the text with the signs that LIKE would take for patterns taken as they are."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def count_members(queries: Queries, *, created_since: datetime | None = None) -> int:
    """Return how many members there are, or how many were made since a time."""
    row = queries.one(
        "SELECT count(*) AS n FROM members WHERE created_at >= :since", {"since": maybe_to_ms(created_since) or 0}
    )
    return int(row["n"]) if row else 0
