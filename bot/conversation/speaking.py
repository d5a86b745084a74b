"""From a handler's reply to what the phone will show: render, offer the choices, repeat an interrupted question, keep within the limit."""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote

from bot.conversation.decision import CHOICE_PREFIX
from intents.types import Choice, Pending, Reply
from storage.records import immutable
from templates.content import Content
from templates.library import Library
from templates.limits import TEXT_ADVISED_BYTES, fit, text_bytes

_BETWEEN = "\n\n"  # two answers in one reply
_MOST_REMINDER_BYTES = 300  # a longer question would push the answer itself off the phone


@immutable(frozen=True, slots=True)
class Spoken:
    """What is said: the content, the template and version it came from, and why an older version had to serve (None when it did not)."""

    content: Content
    template: str
    version: int
    fault: str | None = None


class TooMuch(Exception):
    """Two replies do not go into one: together they are too long, or one is no text."""


def speak(
    library: Library, reply: Reply, *, also: Reply | None = None, reminder: Pending | None, links: bool
) -> Spoken:
    """Render the reply; ``reminder`` is a question it interrupted, ``links`` whether choices can be tapped.

    ``also`` is said below it, its choices being the reply's already. Raises TooMuch when the two do not go into one.
    """
    rendered = library.render(reply.template, reply.values)
    content, fault = rendered.content, rendered.fault
    added = _added(reply, reminder, links=links)
    if also is not None:
        below = library.render(also.template, also.values)
        content = joined(content, below.content, most_bytes=TEXT_ADVISED_BYTES - text_bytes(added))
        fault = fault or below.fault
    if content.kind == "text":
        content = fit(content, TEXT_ADVISED_BYTES - text_bytes(added))
        content = replace(content, text=content.text + added) if added else content
    elif content.kind == "news" and reply.choices:
        content = replace(content, description=f"{content.description}\n{_typed(reply.choices)}".strip())
    return Spoken(content, rendered.template, rendered.version, fault)


def joined(above: Content, below: Content, *, most_bytes: int = TEXT_ADVISED_BYTES) -> Content:
    """Return two texts as one. Raises TooMuch."""
    if (above.kind, below.kind) != ("text", "text"):
        raise TooMuch
    text = above.text.rstrip() + _BETWEEN + below.text
    if text_bytes(text) > most_bytes:
        raise TooMuch
    return replace(above, text=text)


def _added(reply: Reply, reminder: Pending | None, *, links: bool) -> str:
    """Return what stands below the text: the choices, and the question it interrupted."""
    lines = _typed(reply.choices) if reply.ask and not links else _choice_lines(reply.choices, links=links)
    choices = f"\n{lines}" if reply.choices else ""
    asked = f"\n\n（刚才还想请问您：{reminder.question}）" if reminder is not None and reminder.question else ""
    return choices + asked if text_bytes(asked) <= _MOST_REMINDER_BYTES else choices


def _choice_lines(choices: Sequence[Choice], *, links: bool) -> str:
    if links:
        return "\n".join(f"👉 {_link(choice)}" for choice in choices)
    lines = [f"{number}. {choice.label}" for number, choice in enumerate(choices, start=1)]
    return "\n".join([*lines, "（回复数字即可）"])


def _typed(choices: Sequence[Choice]) -> str:
    """Return the choices where neither a tap nor a number can pick one: below a card, or while a number is awaited as an answer."""
    return "（还可以回复：" + "、".join(f"“{choice.label}”" for choice in choices) + "）"


def _link(choice: Choice) -> str:
    """Return a link that, tapped, sends the label back with our id (works in replies though undocumented; typing the label works too)."""
    address = f"weixin://bizmsgmenu?msgmenucontent={quote(choice.label, safe='')}&msgmenuid={quote(CHOICE_PREFIX + choice.intent, safe='')}"
    return f'<a href="{address}">{choice.label}</a>'
