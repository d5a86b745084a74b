"""The platform's tags as last read from it, and their names on members."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.database import Queries, Transaction
from storage.times import from_ms, to_ms


@dataclass(frozen=True, slots=True)
class PlatformTag:
    """One tag: the platform's number and name, and how many people have it there."""

    tag_id: int
    name: str
    people: int
    read_at: datetime


def all_tags(queries: Queries) -> list[PlatformTag]:
    """Return the tags as last read, by name."""
    rows = queries.query("SELECT tag_id, name, people, read_at FROM platform_tags ORDER BY name, tag_id")
    return [PlatformTag(row["tag_id"], row["name"], row["people"], from_ms(row["read_at"])) for row in rows]


def tag_by_id(queries: Queries, tag_id: int) -> PlatformTag | None:
    """Return one tag, or None."""
    return next((tag for tag in all_tags(queries) if tag.tag_id == tag_id), None)


def replace_all(tx: Transaction, tags: Iterable[tuple[int, str, int]], now: datetime) -> None:
    """Keep the tags (number, name, people) that were just read in place of those known before."""
    tx.execute("DELETE FROM platform_tags")
    for tag_id, name, people in tags:
        tx.execute(
            "INSERT INTO platform_tags (tag_id, name, people, read_at) VALUES (:id, :name, :people, :now)",
            {"id": tag_id, "name": name, "people": people, "now": to_ms(now)},
        )


def carriers(queries: Queries, name: str, *, after_id: int = 0, limit: int = 500) -> list[int]:
    """Return members who carry a tag, in the order of their ids, after a cursor."""
    quoted = json.dumps(name, ensure_ascii=False).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    rows = queries.query(
        "SELECT id FROM members WHERE id > :after AND tags LIKE :pattern ESCAPE '\\' ORDER BY id LIMIT :limit",
        {"after": after_id, "pattern": f"%{quoted}%", "limit": limit},
    )
    return [row["id"] for row in rows]


def set_tags(tx: Transaction, member_id: int, tags: Sequence[str]) -> None:
    """Replace the tags of a member."""
    tx.execute(
        "UPDATE members SET tags = :tags WHERE id = :id",
        {"tags": json.dumps(list(dict.fromkeys(tags)), ensure_ascii=False), "id": member_id},
    )


def set_remark(tx: Transaction, member_id: int, remark: str) -> None:
    """Replace the remark of a member."""
    tx.execute("UPDATE members SET remark = :remark WHERE id = :id", {"remark": remark, "id": member_id})
