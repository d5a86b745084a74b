"""From a handler's reply to what the phone will show: render, offer the choices, repeat an interrupted question, keep within the limit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from bot.conversation.decision import CHOICE_PREFIX
from intents.types import Choice, Pending, Reply
from templates.content import Content
from templates.library import Library
from templates.limits import TEXT_ADVISED_BYTES, cut_to_bytes


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is said: the content, the template and version it came from, and why an older version had to serve (None when it did not)."""

    content: Content
    template: str
    version: int
    fault: str | None = None


def speak(library: Library, reply: Reply, *, reminder: Pending | None, links: bool) -> Spoken:
    """Render the reply; ``reminder`` is a question it interrupted, ``links`` whether choices can be tapped."""
    rendered = library.render(reply.template, reply.values)
    content = rendered.content
    if content.kind == "text":
        text = content.text
        if reply.choices:
            text = f"{text}\n{_choice_lines(reply.choices, links=links)}"
        if reminder is not None and reminder.question:
            text = f"{text}\n\n（刚才还想请问您：{reminder.question}）"
        content = replace(content, text=_within_limit(text)) if text is not content.text else content
    return Spoken(content, rendered.template, rendered.version, rendered.fault)


def _choice_lines(choices: Sequence[Choice], *, links: bool) -> str:
    if links:
        return "\n".join(f"👉 {_link(choice)}" for choice in choices)
    lines = [f"{number}. {choice.label}" for number, choice in enumerate(choices, start=1)]
    return "\n".join([*lines, "（回复数字即可）"])


def _link(choice: Choice) -> str:
    """Return a link that, tapped, sends the label back with our id (works in replies though undocumented; typing the label works too)."""
    address = f"weixin://bizmsgmenu?msgmenucontent={quote(choice.label, safe='')}&msgmenuid={quote(CHOICE_PREFIX + choice.intent, safe='')}"
    return f'<a href="{address}">{choice.label}</a>'


def _within_limit(text: str) -> str:
    return text if len(text) * 4 <= TEXT_ADVISED_BYTES else cut_to_bytes(text, TEXT_ADVISED_BYTES)
