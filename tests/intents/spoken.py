"""What a reply says on the phone, for tests: rendered from the shipped text, and never by the fixed apology."""

from functools import cache

from intents.registry import all_intents
from intents.types import Intent, Reply
from templates.library import Library


@cache
def library() -> Library:
    """Return the shipped replies."""
    return Library()


def intents() -> dict[str, Intent]:
    """Return the intents of this release by name, as a turn is given them."""
    return {intent.name: intent for intent in all_intents([])}


def spoken(reply: Reply) -> str:
    """Return the text of a reply with its values; fails when a value is missing or cannot be used."""
    rendered = library().render(reply.template, reply.values)
    assert rendered.fault is None
    return rendered.content.text


def labels(reply: Reply) -> list[str]:
    """Return the intents that the reply's choices lead to."""
    return [choice.intent for choice in reply.choices]
