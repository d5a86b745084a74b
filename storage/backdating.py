"""Backdating: records written now about times past get the ids they would have had, so that ranges of ids over time find them."""

from collections import Counter

from storage.database import Transaction
from storage.ids import first_id_at


def backdate_exchanges(tx: Transaction) -> int:
    """Give every exchange the id of the time it says it was made, keeping the order of each moment, and return how many there are.

    For a database that has nothing but what this transaction wrote: exchanges are only ever added otherwise.
    """
    within: Counter[int] = Counter()
    rows = tx.query("SELECT id, member_id, created_at FROM exchanges ORDER BY created_at, id")
    for row in rows:
        at = row["created_at"]
        new_id = first_id_at(at) + within[at]
        within[at] += 1
        values = {"new": new_id, "old": row["id"], "member": row["member_id"]}
        tx.execute("UPDATE exchanges SET id = :new WHERE id = :old", values)
        tx.execute("UPDATE exchanges SET in_reply_to = :new WHERE in_reply_to = :old AND member_id = :member", values)
        tx.execute("UPDATE outbox SET exchange_id = :new WHERE exchange_id = :old AND member_id = :member", values)
    return len(rows)
