"""The reply window of a member, as sending uses it up and as the platform corrects it; a turn opens it anew (``storage.turns``)."""

from storage.database import Transaction


def spend(tx: Transaction, member_id: int) -> None:
    """Take one message off the member's window."""
    tx.execute(
        "UPDATE conversations SET window_left = window_left - 1 WHERE member_id = :member AND window_left > 0",
        {"member": member_id},
    )


def close(tx: Transaction, member_id: int, *, until_ms: int | None = None) -> None:
    """Note that nothing more may be sent until the member does something; only in the window that ends at ``until_ms``, when given."""
    tx.execute(
        "UPDATE conversations SET window_left = 0 WHERE member_id = :member AND (window_until = :until OR :any = 1)",
        {"member": member_id, "until": until_ms or 0, "any": int(until_ms is None)},
    )
