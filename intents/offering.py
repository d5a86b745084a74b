"""Choices under a reply: only what the account can talk about at present."""

from intents.types import Choice, Turn


def choices(turn: Turn, *names: str) -> tuple[Choice, ...]:
    """Return the choices that lead to these intents, by their titles; an intent that staff switched off is left out."""
    return tuple(Choice(turn.intents[name].title, name) for name in names if name in turn.intents)
