"""Notices: which messages of the outbox went out by a template, what the platform said came of them, and the templates there are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from storage import exchanges
from storage.database import Queries, Transaction
from storage.times import from_ms, maybe_from_ms, to_ms

Kind = Literal["template", "notice", "once"]
SUCCESS = "success"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message by template: the status of its exchange, and the platform's ``report`` (``success``, ``failed:user block`` …), empty until it came."""

    member_id: int
    exchange_id: int
    kind: Kind
    template_id: str
    text: str
    status: str
    report: str
    created_at: datetime
    reported_at: datetime | None


@dataclass(frozen=True, slots=True)
class MessageTemplate:
    """One template of the account as last read: its ``content`` names the fields, ``example`` shows them filled in."""

    template_id: str
    kind: Literal["template", "notice"]
    title: str
    content: str
    example: str


def add(tx: Transaction, member_id: int, exchange_id: int, kind: Kind, template_id: str, now: datetime) -> None:
    """Note that a message of the outbox goes out by a template."""
    tx.execute(
        "INSERT INTO notices (member_id, exchange_id, kind, template_id, created_at) VALUES (:member, :exchange, :kind, :template, :now)",
        {"member": member_id, "exchange": exchange_id, "kind": kind, "template": template_id, "now": to_ms(now)},
    )


def remove(tx: Transaction, member_id: int, exchange_id: int) -> None:
    """Note that a message goes out by no template after all."""
    tx.execute(
        "DELETE FROM notices WHERE member_id = :member AND exchange_id = :exchange",
        {"member": member_id, "exchange": exchange_id},
    )


def note_taken(tx: Transaction, member_id: int, exchange_id: int, msg_id: str) -> None:
    """Note the platform's own number of a message that it took; a report that came sooner than its answer counts now."""
    values = {"member": member_id, "exchange": exchange_id, "message": msg_id}
    tx.execute("UPDATE notices SET msg_id = :message WHERE member_id = :member AND exchange_id = :exchange", values)
    row = tx.one(
        "SELECT report FROM notices WHERE member_id = :member AND exchange_id = :exchange AND report <> ''", values
    )
    if row and row["report"] != SUCCESS:
        exchanges.set_status(tx, member_id, exchange_id, "failed")


def note_report(tx: Transaction, member_id: int, msg_id: str, report: str, now: datetime) -> bool:
    """Close the message that a report is about, by its number; one without a number yet, if it is the only one. False when there is none.

    The report may overtake the answer to the call that it is about.
    """
    values = {"member": member_id, "message": msg_id, "report": report, "now": to_ms(now)}
    rows = tx.query(
        "SELECT exchange_id FROM notices WHERE member_id = :member AND msg_id = :message AND report = ''", values
    ) or tx.query(
        "SELECT exchange_id FROM notices WHERE member_id = :member AND msg_id = '' AND report = '' ORDER BY exchange_id DESC LIMIT 2",
        values,
    )
    if len(rows) != 1:
        return False
    exchange_id = rows[0]["exchange_id"]
    tx.execute(
        "UPDATE notices SET msg_id = :message, report = :report, reported_at = :now WHERE member_id = :member AND exchange_id = :exchange",
        {**values, "exchange": exchange_id},
    )
    if report != SUCCESS:
        exchanges.set_status(tx, member_id, exchange_id, "failed")
    return True


def recent(queries: Queries, *, limit: int = 30) -> list[Notice]:
    """Return the messages by template, newest first."""
    rows = queries.query(
        "SELECT n.member_id, n.exchange_id, n.kind, n.template_id, n.report, n.created_at, n.reported_at, e.text, e.status "
        "FROM notices AS n JOIN exchanges AS e ON e.member_id = n.member_id AND e.id = n.exchange_id "
        "ORDER BY n.created_at DESC, n.exchange_id DESC LIMIT :limit",
        {"limit": limit},
    )
    return [
        Notice(
            member_id=row["member_id"],
            exchange_id=row["exchange_id"],
            kind=row["kind"],
            template_id=row["template_id"],
            text=row["text"],
            status=row["status"],
            report=row["report"],
            created_at=from_ms(row["created_at"]),
            reported_at=maybe_from_ms(row["reported_at"]),
        )
        for row in rows
    ]


def templates(queries: Queries) -> list[MessageTemplate]:
    """Return the templates as last read, by title."""
    rows = queries.query(
        "SELECT template_id, kind, title, content, example FROM message_templates ORDER BY title, template_id"
    )
    return [
        MessageTemplate(row["template_id"], row["kind"], row["title"], row["content"], row["example"]) for row in rows
    ]


def replace_templates(tx: Transaction, found: Iterable[MessageTemplate], now: datetime) -> None:
    """Keep the templates that were just read in place of those known before."""
    tx.execute("DELETE FROM message_templates")
    for one in found:
        tx.execute(
            "INSERT INTO message_templates (template_id, kind, title, content, example, read_at) "
            "VALUES (:id, :kind, :title, :content, :example, :now) ON CONFLICT (template_id) DO NOTHING",
            {
                "id": one.template_id,
                "kind": one.kind,
                "title": one.title,
                "content": one.content,
                "example": one.example,
                "now": to_ms(now),
            },
        )
