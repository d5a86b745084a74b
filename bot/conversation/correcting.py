"""Staff say that a message sounds otherwise: noted, learned, and written down who said so."""

from datetime import datetime

from storage import audit, changes, sentiments
from storage.database import Transaction
from storage.exchanges import Exchange
from storage.sentiments import Label


def correct_sentiment(tx: Transaction, said: Exchange, label: Label, *, by: str, now: datetime) -> None:
    """Correct how a message sounds; ``by`` is the user's name. Nothing happens when it sounds so already, or was never judged."""
    if said.sentiment is None or said.sentiment == label:
        return
    sentiments.correct(tx, said, label, by=by, now=now)
    audit.record(tx, f"user:{by}", "sentiment.corrected", f"exchange:{said.id}", f"{said.sentiment} to {label}", now)
    changes.note(tx, "message", said.member_id, now)
