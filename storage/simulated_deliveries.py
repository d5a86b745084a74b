"""What passed between pretended phones and the account: pushes (``up``) and what a phone was shown (``down``). The body is JSON of the simulator's own.

The stand-in for the platform keeps here what it knows of the account itself (its menu, say), under the empty openid.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from storage.database import Queries, Row, Transaction
from storage.ids import new_id
from storage.times import from_ms, to_ms

Direction = Literal["up", "down"]
_COLUMNS = "id, openid, direction, body, created_at"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing that passed; ids grow with time."""

    id: int
    openid: str
    direction: Direction
    body: str
    created_at: datetime


def keep(
    tx: Transaction, openid: str, direction: Direction, body: str, now: datetime, *, delivery_id: int | None = None
) -> int:
    """Keep one thing that passed and return its id; ``delivery_id`` is one made earlier, for something that began earlier."""
    made = new_id() if delivery_id is None else delivery_id
    tx.execute(
        "INSERT INTO simulated_deliveries (id, openid, direction, body, created_at) VALUES (:id, :openid, :direction, :body, :now)",
        {"id": made, "openid": openid, "direction": direction, "body": body, "now": to_ms(now)},
    )
    return made


def since(queries: Queries, openid: str, *, after_id: int, limit: int = 500) -> list[Delivery]:
    """Return what passed on a phone after a known delivery, in order."""
    rows = queries.query(
        f"SELECT {_COLUMNS} FROM simulated_deliveries WHERE openid = :openid AND id > :after ORDER BY id LIMIT :limit",
        {"openid": openid, "after": after_id, "limit": limit},
    )
    return [_from_row(row) for row in rows]


def newest(queries: Queries, openid: str, *, limit: int = 200) -> list[Delivery]:
    """Return the newest that passed on a phone, in the order in which it passed."""
    rows = queries.query(
        f"SELECT {_COLUMNS} FROM simulated_deliveries WHERE openid = :openid ORDER BY id DESC LIMIT :limit",
        {"openid": openid, "limit": limit},
    )
    return [_from_row(row) for row in reversed(rows)]


def find(queries: Queries, openid: str, delivery_id: int) -> Delivery | None:
    """Return one delivery of a phone, or None."""
    row = queries.one(
        f"SELECT {_COLUMNS} FROM simulated_deliveries WHERE openid = :openid AND id = :id",
        {"openid": openid, "id": delivery_id},
    )
    return _from_row(row) if row else None


def phones(queries: Queries, *, limit: int = 20) -> list[str]:
    """Return the openids of the phones used last, the last one first."""
    rows = queries.query(
        "SELECT openid FROM simulated_deliveries WHERE openid <> '' GROUP BY openid ORDER BY max(id) DESC LIMIT :limit",
        {"limit": limit},
    )
    return [row["openid"] for row in rows]


def _from_row(row: Row) -> Delivery:
    return Delivery(row["id"], row["openid"], row["direction"], row["body"], from_ms(row["created_at"]))
