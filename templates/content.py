"""What can be said to a consumer: one frozen value, whichever way it is sent (passive reply, customer-service message, preview)."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, Self

ReplyKind = Literal["text", "image", "voice", "video", "music", "news", "transfer"]
Kind = Literal[ReplyKind, "msgmenu", "miniprogrampage", "mpnewsarticle", "template", "notice", "once"]


@dataclass(frozen=True, slots=True)
class Content:
    """One thing to say.

    ``kind`` decides which fields count: ``text`` (text); ``image``, ``voice`` (media_id); ``video`` (media_id, title, description); ``music`` (title,
    description, music_url, hq_music_url, thumb_media_id); ``news`` (title, description, picture_url, link: one article, the most that every scene
    takes); ``transfer`` (agent_account, may be empty: hand this message to the platform's own agent console).

    Only outside the reply: ``msgmenu`` (text above, ``choices`` as pairs of an id and words to tap, tail below); ``miniprogrampage`` (title, app_id,
    page_path, thumb_media_id); ``mpnewsarticle`` (article_id of a published article; title for our own record). By template: ``template``,
    ``notice``, ``once`` (template_id; data: JSON of its fields; link; scene: that of a one-time subscription, or our own number of a template
    message; title of a one-time subscription; text: what it tells in words, for the record).
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
    choices: tuple[tuple[str, str], ...] = ()
    tail: str = ""
    app_id: str = ""
    page_path: str = ""
    article_id: str = ""
    template_id: str = ""
    data: str = ""
    scene: str = ""

    def to_payload(self) -> dict[str, Any]:
        """Return the fields that are set, ready for JSON."""
        return {name: value for name in _FIELD_NAMES if (value := getattr(self, name))}

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> Self:
        """Build from what ``to_payload`` returned."""
        if "choices" in payload:
            payload = {**payload, "choices": tuple((each[0], each[1]) for each in payload["choices"])}
        return cls(**payload)

    def summary(self) -> str:
        """Return one line for lists and records: the text, or the title, or the kind."""
        return self.text or self.title or self.kind


_FIELD_NAMES = tuple(field.name for field in fields(Content))  # asdict copies deeply and costs as much as rendering
