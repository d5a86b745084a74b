"""What is written down of a push and of what a phone was shown, as the JSON in ``simulated_deliveries``."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from bot.wechat.outbound_push import Element
from templates.content import Content

Via = Literal["reply", "api", "typing", "fault"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """One push and its answer, as they went over the wire.

    ``fields`` are its elements, enough to send it again. ``key`` is what the record of exchanges calls it, empty when the gate would not know it.
    ``status`` is the HTTP status, ``milliseconds`` how long the answer took. ``sent`` and ``received`` are the bodies; ``opened`` is what was sent
    before it was encrypted, empty in plain mode. ``again_of`` is the delivery that this one repeats, 0 for none: then ``same`` says whether the
    answer was the same, and ``unchanged`` whether nothing was recorded, given or counted a second time.
    """

    fields: Mapping[str, Element]
    key: str
    status: int
    milliseconds: float
    sent: str
    received: str
    opened: str = ""
    again_of: int = 0
    same: bool = False
    unchanged: bool = False

    @property
    def safe(self) -> bool:
        """Whether it was encrypted."""
        return bool(self.opened)

    def to_text(self) -> str:
        """Return the JSON that it is stored as."""
        return _json(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> "Pushed":
        """Read what ``to_text`` wrote."""
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Something the account showed on a phone: ``content`` of the passive reply or of a message over the API; or that somebody is typing (``typing``);
    or, for ``fault``, the words that the platform says in place of an answer it could not use.

    ``extra`` holds kinds of messages that only the API has (``msgmenu``), as its JSON.
    """

    via: Via
    content: Content | None = None
    typing: bool = False
    answers: int = 0
    extra: Mapping[str, Any] = field(default_factory=dict)

    def to_text(self) -> str:
        """Return the JSON that it is stored as."""
        payload = self.content.to_payload() if self.content else None
        values = {"via": self.via, "content": payload, "typing": self.typing, "answers": self.answers}
        return _json({**values, "extra": dict(self.extra)})

    @classmethod
    def from_text(cls, text: str) -> "Shown":
        """Read what ``to_text`` wrote."""
        values = json.loads(text)
        payload = values.pop("content")
        return cls(**values, content=Content.from_payload(payload) if payload else None)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
