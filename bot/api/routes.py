"""The table of routes: which collections there are, one by one or page by page, and the scope each needs. Default is no."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.records import (
    CONVERSATIONS,
    COUPONS,
    EXCHANGES,
    LEDGER,
    MEMBERS,
    OUTBOX,
    QUARANTINE,
    Collection,
)

WHOLE_PHONES = "members:phone"
SCOPES: Mapping[str, str] = MappingProxyType(
    {
        "members:read": "members, their phones masked",
        WHOLE_PHONES: "the phones of members in full, beside members:read",
        "conversations:read": "exchanges, conversations and the outbox",
        "coupons:read": "coupons with their codes, which are worth money",
        "ledger:read": "points that came and went",
        "quarantine:read": "bodies that were not understood, as they came",
    }
)


@dataclass(frozen=True, slots=True)
class Route:
    """One address: a page of a collection, or, when ``single``, one of its records by id."""

    collection: Collection
    scope: str
    single: bool = False

    @property
    def name(self) -> str:
        """A name that no other route has."""
        return f"get_{self.collection.singular}" if self.single else f"list_{self.collection.name}"

    @property
    def path(self) -> str:
        """The address below ``/api``; ``{id}`` stands for the id."""
        return f"/v1/{self.collection.name}" + ("/{id}" if self.single else "")


ROUTES = (
    Route(MEMBERS, "members:read"),
    Route(MEMBERS, "members:read", single=True),
    Route(EXCHANGES, "conversations:read"),
    Route(EXCHANGES, "conversations:read", single=True),
    Route(CONVERSATIONS, "conversations:read"),
    Route(CONVERSATIONS, "conversations:read", single=True),
    Route(COUPONS, "coupons:read"),
    Route(LEDGER, "ledger:read"),
    Route(OUTBOX, "conversations:read"),
    Route(QUARANTINE, "quarantine:read"),
)
