"""What can be said to a consumer: one frozen value, whichever way it is sent (passive reply, customer-service message, preview)."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, Self

Kind = Literal["text", "image", "voice", "video", "music", "news", "transfer"]


@dataclass(frozen=True, slots=True)
class Content:
    """One thing to say.

    ``kind`` decides which fields count: ``text`` (text); ``image``, ``voice`` (media_id); ``video`` (media_id, title, description); ``music`` (title,
    description, music_url, hq_music_url, thumb_media_id); ``news`` (title, description, picture_url, link: one article, the most that every scene
    takes); ``transfer`` (agent_account, may be empty: hand this message to the platform's own agent console).
    """

    kind: Kind
    text: str = ""
    title: str = ""
    description: str = ""
    link: str = ""
    picture_url: str = ""
    media_id: str = ""
    thumb_media_id: str = ""
    music_url: str = ""
    hq_music_url: str = ""
    agent_account: str = ""

    def to_payload(self) -> dict[str, str]:
        """Return the fields that are set, ready for JSON."""
        return {name: value for name in _FIELD_NAMES if (value := getattr(self, name))}

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> Self:
        """Build from what ``to_payload`` returned."""
        return cls(**payload)

    def summary(self) -> str:
        """Return one line for lists and records: the text, or the title, or the kind."""
        return self.text or self.title or self.kind


_FIELD_NAMES = tuple(field.name for field in fields(Content))  # asdict copies deeply and costs as much as rendering
