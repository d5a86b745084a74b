"""What can stand in the way of an agent's work.

DeskError
├── Absent          there is no such dialogue, or it is not theirs to see
├── NotTheirs       it is not, or no longer, theirs to act in; ``owner`` says whose it is, empty for nobody's
├── CannotSay       nothing can be said to the member; ``outcome`` is the code of ``bot.wechat.outcomes``
├── SaidOtherwise   the same click already said something else
└── Done            somebody did it already
"""


class DeskError(Exception):
    """Base of all errors of this part."""


class Absent(DeskError):
    """There is no such dialogue for whoever asked."""


class NotTheirs(DeskError):
    """The dialogue is not theirs to act in."""

    def __init__(self, owner: str = "") -> None:
        super().__init__(owner)
        self.owner = owner


class CannotSay(DeskError):
    """Nothing can be said to the member."""

    def __init__(self, outcome: str) -> None:
        super().__init__(outcome)
        self.outcome = outcome


class SaidOtherwise(DeskError):
    """The same click already said something else."""


class Done(DeskError):
    """Somebody did it already."""
