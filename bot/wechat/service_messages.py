"""Messages outside the reply: what we say, as the platform's customer-service call wants it.

Source: https://developers.weixin.qq.com/doc/service/api/customer/message/api_sendcustommessage.html, read 2026-03.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from templates.content import Content

MOST_TEXT_BYTES = 2048  # measured, not documented; longer text is refused with 45002
MOST_CHOICES = 10  # not documented; too many are refused with 45098
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")  # refused with 40033, or no text at all
_FIELDS: dict[str, dict[str, str]] = {
    "image": {"media_id": "media_id"},
    "voice": {"media_id": "media_id"},
    "video": {
        "media_id": "media_id",
        "thumb_media_id": "thumb_media_id",
        "title": "title",
        "description": "description",
    },
    "music": {
        "title": "title",
        "description": "description",
        "musicurl": "music_url",
        "hqmusicurl": "hq_music_url",
        "thumb_media_id": "thumb_media_id",
    },
}


class CannotSend(Exception):
    """The content can never be sent this way; ``outcome`` is the code that says why."""

    def __init__(self, outcome: str) -> None:
        super().__init__(outcome)
        self.outcome = outcome


def to_message(openid: str, content: Content) -> dict[str, Any]:
    """Return the JSON of the customer-service call that says ``content``. Raises CannotSend."""
    return {"touser": openid, "msgtype": content.kind, content.kind: _body(content)}


def _body(content: Content) -> dict[str, Any]:
    if content.kind in _FIELDS:
        return _media(content)
    write = _WRITERS.get(content.kind)
    if write is None:
        raise CannotSend("not_sendable")
    return write(content)


def _media(content: Content) -> dict[str, Any]:
    if not (content.media_id or content.thumb_media_id):
        raise CannotSend("40007")
    values = content.to_payload()
    return {theirs: _clean(values[ours]) for theirs, ours in _FIELDS[content.kind].items() if ours in values}


def _news(content: Content) -> dict[str, Any]:
    if not content.title.strip():
        raise CannotSend("empty_text")
    article = {
        "title": content.title,
        "description": content.description,
        "url": content.link,
        "picurl": content.picture_url,
    }
    return {"articles": [{name: _clean(value) for name, value in article.items()}]}


def _menu(content: Content) -> dict[str, Any]:
    if not content.choices or not all(identity and words.strip() for identity, words in content.choices):
        raise CannotSend("empty_text")
    if len(content.choices) > MOST_CHOICES:
        raise CannotSend("45098")
    offered = [{"id": _clean(identity), "content": _clean(words)} for identity, words in content.choices]
    whole = {"head_content": _clean(content.text), "list": offered, "tail_content": _clean(content.tail)}
    if len("".join([content.text, content.tail, *(words for _, words in content.choices)]).encode()) > MOST_TEXT_BYTES:
        raise CannotSend("45002")
    return whole


def _mini_program(content: Content) -> dict[str, Any]:
    if not (content.title.strip() and content.app_id and content.page_path):
        raise CannotSend("empty_text")
    if not content.thumb_media_id:
        raise CannotSend("40007")
    page = {"title": content.title, "appid": content.app_id, "pagepath": content.page_path}
    return {name: _clean(value) for name, value in page.items()} | {"thumb_media_id": content.thumb_media_id}


def _article(content: Content) -> dict[str, Any]:
    if not content.article_id:
        raise CannotSend("53600")
    return {"article_id": _clean(content.article_id)}


def _text(text: str) -> str:
    cleaned = _clean(text)
    if not cleaned.strip():
        raise CannotSend("empty_text")
    if len(cleaned.encode()) > MOST_TEXT_BYTES:
        raise CannotSend("45002")
    return cleaned


def _clean(text: str) -> str:
    return _UNWANTED.sub("", text)


_WRITERS: Mapping[str, Callable[[Content], dict[str, Any]]] = {
    "text": lambda content: {"content": _text(content.text)},
    "news": _news,
    "msgmenu": _menu,
    "miniprogrampage": _mini_program,
    "mpnewsarticle": _article,
}
