"""What consumers teach: a choice they pick tells what the message meant that was asked back; staff confirm it before anything is learned."""

import re
from datetime import datetime

from intents.types import Pending
from storage import examples, exchanges
from storage.database import Transaction

_PERSONAL = re.compile(r"\d(?:[ -]?\d){5}|@")  # a phone, order or card number, an address: nothing to be shown around


def propose_example(tx: Transaction, member_id: int, pending: Pending, intent: str, now: datetime) -> None:
    """Propose the message that "did you mean" was about as an example of the intent that was picked."""
    turn = exchanges.turn_of(tx, member_id, pending.about)
    if turn is None or _PERSONAL.search(turn[0].text):
        return
    examples.propose(
        tx,
        text=turn[0].text,
        intent=intent,
        source="tap",
        now=now,
        member_id=member_id,
        exchange_id=turn[0].id,
        offered=pending.options,
    )
