"""Records that every message makes: dataclasses that nobody changes once they are made.

That they are frozen is held by the type checker. At run time Python would pay for it each time one is made, field by field: an eighth of a turn,
which makes some thirty.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as immutable
else:
    from dataclasses import dataclass

    def immutable(*, frozen: bool, slots: bool, kw_only: bool = False):
        """Make a class a record; equal ones have equal hashes, as with a frozen dataclass."""
        assert frozen
        return dataclass(slots=slots, kw_only=kw_only, unsafe_hash=True)


__all__ = ["immutable"]
