"""What can go wrong at the platform door, on the way in.

GateError
├── Refusal         not provably from the platform, or not a document: answered 4xx, nothing kept
├── NotUnderstood   the platform's, but not what we know: answered 200 and kept for people to look at
└── BadAccount      the account's settings contradict themselves: the service must not start
"""


class GateError(Exception):
    """Base of all errors of the door's inbound side."""


class Refusal(GateError):
    """A request to be refused.

    ``status`` is the HTTP status, ``reason`` a few fixed words for the log (never input), ``forged`` whether a signature was missing or wrong, so
    that the sender's address is counted.
    """

    def __init__(self, status: int, reason: str, *, forged: bool = False) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.forged = forged


class BadEnvelope(GateError):
    """The text was not encrypted for this account under this key. Deliberately without detail: all failures look the same."""


class NotUnderstood(GateError):
    """A signed document that is none of the known messages and events; ``reason`` says why, for staff."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class BadAccount(GateError):
    """A setting of the account is missing or wrong; the text names it and says what it should be."""


class BadReply(GateError):
    """An answer that the platform would show to the consumer as a fault of the service; the text says why."""
