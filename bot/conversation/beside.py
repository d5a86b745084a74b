"""What is said together with an answer that is looked up: the other wish of the same message, answered already or looked up as well.

It is kept with the late reply as JSON (``storage.late_replies``). The release before knows only what is answered already: what is to be looked up is
kept with the words for "no answer", which it says.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.conversation.speaking import Spoken, joined, speak
from intents.types import Found, Late, Reply
from templates.content import Content
from templates.library import Library

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Lookup:
    """Something to be looked up: by which work, asked with what, for which intent."""

    intent: str
    work: str
    asked: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Beside:
    """What the other wish is answered, ``above`` or below what is looked up, as they were asked; with ``lookup`` only when that finds no answer."""

    spoken: Spoken
    above: bool
    lookup: Lookup | None = None

    def to_text(self) -> str:
        """Return the JSON that it is stored as."""
        said, wanted = self.spoken, self.lookup
        values: dict[str, object] = {
            "content": said.content.to_payload(),
            "template": said.template,
            "version": said.version,
            "above": self.above,
        }
        if wanted is not None:
            values["lookup"] = {"intent": wanted.intent, "work": wanted.work, "asked": dict(wanted.asked)}
        return json.dumps(values, ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> "Beside":
        """Read what ``to_text`` wrote."""
        values = json.loads(text)
        content = Content.from_payload(values["content"])
        wanted = values.get("lookup")
        lookup = Lookup(wanted["intent"], wanted["work"], wanted["asked"]) if wanted else None
        return cls(Spoken(content, values["template"], values["version"]), values["above"], lookup)

    def with_found(self, found: Spoken) -> Spoken:
        """Return both as one, under the name of what was ``found``. Raises TooMuch."""
        first, second = (self.spoken, found) if self.above else (found, self.spoken)
        return replace(found, content=joined(first.content, second.content))


def worded(library: Library, finisher: Late | None, found: Found | None, *, intent: str) -> Spoken:
    """Word what was found; by the fixed apology when the intent fails to."""
    try:
        reply = finisher(found) if finisher else Reply("fault")
    except Exception:  # what was found may be anything
        log.exception("what was looked up could not be worded, intent %s", intent)
        reply = Reply("fault")
    return speak(library, Reply(reply.template, reply.values), reminder=None, links=False)
