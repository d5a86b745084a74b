"""What happened with a push: how it was understood and answered, as the exchanges have it."""

from dataclasses import dataclass, replace

from bot.simulator.looks import readable
from bot.simulator.records import Pushed
from intents.registry import CODED
from storage import exchanges, simulated_deliveries
from storage.database import Queries
from storage.members import member_ids_by_openid

INTENTS = {intent.name: intent for intent in CODED}


@dataclass(frozen=True, slots=True)
class Happened:
    """One turn, explained. ``intent`` and the like are empty when nothing was recorded of it, ``confidence`` then None."""

    pushed: Pushed
    sent: str
    opened: str
    received: str
    intent: str = ""
    title: str = ""
    confidence: float | None = None
    status: str = ""
    template: str = ""
    version: int = 0
    card: str = ""


def explain(queries: Queries, openid: str, delivery_id: int) -> Happened | None:
    """Explain a push of a phone; None when there is none of this id."""
    delivery = simulated_deliveries.find(queries, openid, delivery_id)
    if delivery is None or delivery.direction != "up":
        return None
    pushed = Pushed.from_text(delivery.body)
    unknown = Happened(pushed, readable(pushed.sent), readable(pushed.opened), readable(pushed.received))
    found = member_ids_by_openid(queries, openid)
    turn = exchanges.turn_of(queries, found[0], pushed.key) if found and pushed.key else None
    if turn is None:
        return unknown
    incoming, reply = turn
    return replace(
        unknown,
        intent=incoming.intent or "",
        title=known.title if (known := INTENTS.get(incoming.intent or "")) else "",
        confidence=incoming.confidence,
        status=incoming.status,
        template=(reply.template or "") if reply else "",
        version=(reply.template_version or 0) if reply else 0,
        card=(reply.card if reply else "") or incoming.card,
    )


def newest_push(queries: Queries, openid: str) -> int | None:
    """Return the id of the phone's last push, or None."""
    newest = simulated_deliveries.newest(queries, openid, limit=20)
    return next((delivery.id for delivery in reversed(newest) if delivery.direction == "up"), None)
