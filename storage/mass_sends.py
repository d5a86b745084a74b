"""Messages to many people at once: prepared, sent once, and what became of them.

``draft → sending → accepted | refused | unknown``, and ``accepted → done | failed`` by the platform's report. An ``unknown`` one, and one whose sender died,
may be sent again: its ``client_msg_id`` makes the platform take it once.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from storage.database import Queries, Row, Transaction
from storage.ids import new_id
from storage.times import from_ms, maybe_from_ms, to_ms

State = Literal["draft", "sending", "accepted", "refused", "unknown", "done", "failed"]
LAPSES = timedelta(seconds=60)  # longer than one call takes; then whoever sent it has died
_COLUMNS = "id, client_msg_id, content, tag_id, tag_name, state, outcome, platform_msg_id, result, created_by, created_at, sent_by, sent_at, finished_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class MassSend:
    """One message to everyone (``tag_id`` None) or to those with a tag; ``content`` is its JSON, ``result`` the platform's figures."""

    id: int
    client_msg_id: str
    content: str
    tag_id: int | None
    tag_name: str
    state: State
    outcome: str
    platform_msg_id: str
    result: Mapping[str, str]
    created_by: str
    created_at: datetime
    sent_by: str
    sent_at: datetime | None
    finished_at: datetime | None

    def may_send(self, now: datetime) -> bool:
        """Return whether it may be handed to the platform now: never yet, refused, or nobody knows whether it was."""
        lapsed = (
            self.state == "sending" and self.sent_at is not None and not self.sent_at <= now < self.sent_at + LAPSES
        )
        return self.state in ("draft", "refused", "unknown") or lapsed


def add(
    tx: Transaction, *, content: str, tag_id: int | None, tag_name: str, created_by: str, now: datetime
) -> MassSend:
    """Prepare a message and return it."""
    send_id = new_id()
    tx.execute(
        "INSERT INTO mass_sends (id, client_msg_id, content, tag_id, tag_name, created_by, created_at) "
        "VALUES (:id, :key, :content, :tag, :tag_name, :by, :now)",
        {
            "id": send_id,
            "key": f"zhaohu-{send_id}",
            "content": content,
            "tag": tag_id,
            "tag_name": tag_name,
            "by": created_by,
            "now": to_ms(now),
        },
    )
    found = by_id(tx, send_id)
    assert found is not None
    return found


def by_id(queries: Queries, send_id: int) -> MassSend | None:
    """Return one, or None."""
    row = queries.one(f"SELECT {_COLUMNS} FROM mass_sends WHERE id = :id", {"id": send_id})
    return _from_row(row) if row else None


def newest(queries: Queries, limit: int) -> list[MassSend]:
    """Return the newest ones, newest first."""
    rows = queries.query(f"SELECT {_COLUMNS} FROM mass_sends ORDER BY id DESC LIMIT :limit", {"limit": limit})
    return [_from_row(row) for row in rows]


def sent_since(queries: Queries, since: datetime, *, other_than: int = 0) -> int:
    """Return how many were, or may have been, sent since a time."""
    row = queries.one(
        "SELECT count(*) AS n FROM mass_sends WHERE sent_at >= :since AND id <> :other AND state IN ('sending', 'accepted', 'unknown', 'done')",
        {"since": to_ms(since), "other": other_than},
    )
    return int(row["n"]) if row else 0


def begin(tx: Transaction, send: MassSend, *, sent_by: str, now: datetime) -> bool:
    """Take the right to send one; False when somebody else did meanwhile."""
    changed = tx.execute(
        "UPDATE mass_sends SET state = 'sending', outcome = :none, sent_by = :by, sent_at = :now "
        "WHERE id = :id AND state = :state AND coalesce(sent_at, 0) = :sent",
        {
            "id": send.id,
            "state": send.state,
            "sent": to_ms(send.sent_at) if send.sent_at else 0,
            "none": "",
            "by": sent_by,
            "now": to_ms(now),
        },
    )
    return changed == 1


def end(
    tx: Transaction, send_id: int, state: State, *, begun_at: datetime, outcome: str = "", platform_msg_id: str = ""
) -> None:
    """Write down what the platform said to one that was being sent since ``begun_at``.

    When somebody sends it again by now, only that it was accepted still counts: no more is left to send.
    """
    tx.execute(
        "UPDATE mass_sends SET state = :state, outcome = :outcome, platform_msg_id = :msg "
        "WHERE id = :id AND state = 'sending' AND (sent_at = :begun OR :state = 'accepted')",
        {"id": send_id, "state": state, "outcome": outcome, "msg": platform_msg_id, "begun": to_ms(begun_at)},
    )


def drop(tx: Transaction, send_id: int) -> bool:
    """Forget one that was never sent; False when it was."""
    return (
        tx.execute("DELETE FROM mass_sends WHERE id = :id AND state = 'draft' AND sent_at IS NULL", {"id": send_id})
        == 1
    )


def report(
    tx: Transaction, platform_msg_id: str, *, good: bool, outcome: str, result: Mapping[str, str], now: datetime
) -> bool:
    """Write down the platform's report; False when it is about none of ours."""
    changed = tx.execute(
        "UPDATE mass_sends SET state = :state, outcome = :outcome, result = :result, finished_at = :now "
        "WHERE platform_msg_id = :msg AND state IN ('accepted', 'done', 'failed')",
        {
            "msg": platform_msg_id,
            "state": "done" if good else "failed",
            "outcome": outcome,
            "result": json.dumps(dict(result), ensure_ascii=False),
            "now": to_ms(now),
        },
    )
    return changed > 0


def followers(queries: Queries) -> int:
    """Return how many members follow the account as far as we know; reads the whole table, for a page that is seldom opened."""
    row = queries.one("SELECT count(*) AS n FROM members WHERE subscribed = 1")
    return int(row["n"]) if row else 0


def _from_row(row: Row) -> MassSend:
    return MassSend(
        id=row["id"],
        client_msg_id=row["client_msg_id"],
        content=row["content"],
        tag_id=row["tag_id"],
        tag_name=row["tag_name"],
        state=row["state"],
        outcome=row["outcome"],
        platform_msg_id=row["platform_msg_id"],
        result=json.loads(row["result"]) if row["result"] else {},
        created_by=row["created_by"],
        created_at=from_ms(row["created_at"]),
        sent_by=row["sent_by"],
        sent_at=maybe_from_ms(row["sent_at"]),
        finished_at=maybe_from_ms(row["finished_at"]),
    )
