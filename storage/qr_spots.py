"""QR codes at spots (a table, a flyer, a bag), and who came through which.

StorageError (storage.errors)
└── Conflict
    └── SceneTaken    a code for this scene is there already
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from storage.database import Queries, Row, Transaction
from storage.errors import Conflict
from storage.ids import new_id
from storage.times import from_ms, maybe_from_ms, maybe_to_ms, to_ms

VisitKind = Literal["scan", "follow"]
COLUMNS = "id, scene, name, caption, store_code, campaign_code, ticket, url, expires_at, made_by, created_at"


class SceneTaken(Conflict):
    """A code for this scene is there already, and still good."""

    def __init__(self, scene: str) -> None:
        super().__init__(f"there is a code for the scene {scene} already")


@dataclass(frozen=True, slots=True, kw_only=True)
class QrSpot:
    """One code: the ``scene`` it carries, the spot's ``name``, the ``caption`` printed below it, and ``url``, which the picture says.

    ``store_code`` and ``campaign_code`` are empty where it belongs to none; ``expires_at`` is None for a permanent code.
    """

    id: int
    scene: str
    name: str
    caption: str
    store_code: str
    campaign_code: str
    ticket: str
    url: str
    expires_at: datetime | None
    made_by: str
    created_at: datetime

    def expired(self, now: datetime) -> bool:
        """Return whether phones no longer know the code."""
        return self.expires_at is not None and self.expires_at <= now


@dataclass(frozen=True, slots=True)
class Visits:
    """How often a code was scanned, how many of those were follows, how many people that were, and when the last one came."""

    scans: int = 0
    follows: int = 0
    people: int = 0
    last_at: datetime | None = None


def spot_from_row(row: Row) -> QrSpot:
    """Build a spot from a row that has the columns of ``COLUMNS``."""
    return QrSpot(
        id=row["id"],
        scene=row["scene"],
        name=row["name"],
        caption=row["caption"],
        store_code=row["store_code"],
        campaign_code=row["campaign_code"],
        ticket=row["ticket"],
        url=row["url"],
        expires_at=maybe_from_ms(row["expires_at"]),
        made_by=row["made_by"],
        created_at=from_ms(row["created_at"]),
    )


def spots(queries: Queries) -> list[QrSpot]:
    """Return every code, newest first."""
    return [spot_from_row(row) for row in queries.query(f"SELECT {COLUMNS} FROM qr_spots ORDER BY id DESC")]


def spot_by_id(queries: Queries, spot_id: int) -> QrSpot | None:
    """Return one code, or None."""
    row = queries.one(f"SELECT {COLUMNS} FROM qr_spots WHERE id = :id", {"id": spot_id})
    return spot_from_row(row) if row else None


def spot_by_scene(queries: Queries, scene: str) -> QrSpot | None:
    """Return the code that carries a scene, or None."""
    row = queries.one(f"SELECT {COLUMNS} FROM qr_spots WHERE scene = :scene", {"scene": scene})
    return spot_from_row(row) if row else None


def add_spot(
    tx: Transaction,
    *,
    scene: str,
    name: str,
    caption: str,
    store_code: str,
    campaign_code: str,
    ticket: str,
    url: str,
    expires_at: datetime | None,
    made_by: str,
    now: datetime,
) -> int:
    """Keep a code and return its id; it takes the place of one of the same scene that has expired. Raises SceneTaken."""
    values = {
        "id": new_id(),
        "scene": scene,
        "name": name,
        "caption": caption,
        "store": store_code,
        "campaign": campaign_code,
        "ticket": ticket,
        "url": url,
        "expires": maybe_to_ms(expires_at),
        "by": made_by,
        "now": to_ms(now),
    }
    changed = tx.execute(
        f"INSERT INTO qr_spots ({COLUMNS}) VALUES (:id, :scene, :name, :caption, :store, :campaign, :ticket, :url, :expires, :by, :now) "
        "ON CONFLICT (scene) DO UPDATE SET name = excluded.name, caption = excluded.caption, store_code = excluded.store_code, "
        "campaign_code = excluded.campaign_code, ticket = excluded.ticket, url = excluded.url, expires_at = excluded.expires_at, "
        "made_by = excluded.made_by, created_at = excluded.created_at WHERE qr_spots.expires_at <= :now",
        values,
    )
    if not changed:
        raise SceneTaken(scene)
    kept = spot_by_scene(tx, scene)
    assert kept is not None
    return kept.id


def note_visit(tx: Transaction, member_id: int, scene: str, kind: VisitKind, now: datetime) -> None:
    """Note that a member came through a code; in the transaction of the turn, which happens once a push."""
    tx.execute(
        "INSERT INTO scene_visits (id, member_id, scene, kind, created_at) VALUES (:id, :member, :scene, :kind, :now)",
        {"id": new_id(), "member": member_id, "scene": scene, "kind": kind, "now": to_ms(now)},
    )


def visits(queries: Queries, *, since: datetime | None = None) -> dict[str, Visits]:
    """Return what came through each scene, by scene, from a time on."""
    rows = queries.query(
        "SELECT scene, count(*) AS scans, sum(CASE WHEN kind = 'follow' THEN 1 ELSE 0 END) AS follows, "
        "count(DISTINCT member_id) AS people, max(created_at) AS last_at FROM scene_visits WHERE created_at >= :since GROUP BY scene",
        {"since": maybe_to_ms(since) or 0},
    )
    return {
        row["scene"]: Visits(row["scans"], int(row["follows"]), row["people"], from_ms(row["last_at"])) for row in rows
    }
