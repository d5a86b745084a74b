"""Customer-service messages as the platform's API takes them: from their JSON to what a phone shows, or to the error code that says what is wrong.

ApiError    the platform would answer with an error code
"""

from collections.abc import Callable, Mapping
from typing import Any, cast

from bot.simulator.records import Shown
from bot.wechat.service_messages import MOST_CHOICES, MOST_TEXT_BYTES
from templates.content import Content, Kind

_MOST_ARTICLES = 1
_FIELDS: Mapping[str, Mapping[str, str]] = {
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
        "music_url": "musicurl",
        "hq_music_url": "hqmusicurl",
        "thumb_media_id": "thumb_media_id",
    },
}

_PAGE_FIELDS = {"title": "title", "app_id": "appid", "page_path": "pagepath", "thumb_media_id": "thumb_media_id"}


class ApiError(Exception):
    """A call that the platform refuses, with its code and words."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(f"{code} {words}")
        self.code = code
        self.words = words


def shown_by(message: Mapping[str, Any]) -> Shown:
    """Return what a message shows on the phone. Raises ApiError."""
    msg_type = message.get("msgtype")
    read = _READERS.get(msg_type) if isinstance(msg_type, str) else None
    if read is None:
        raise ApiError(40008, "invalid message type")
    body = message.get(cast(str, msg_type))
    if not isinstance(body, dict):
        raise ApiError(47001, "data format error")
    return read(cast(Kind, msg_type), body)


def _text(_: Kind, body: Mapping[str, Any]) -> Shown:
    return Shown(via="api", content=Content("text", text=_words(body, "content")))


def _media(kind: Kind, body: Mapping[str, Any]) -> Shown:
    values = {ours: _string(body, theirs) for ours, theirs in _FIELDS[kind].items()}
    if not values.get("media_id" if kind != "music" else "thumb_media_id"):
        raise ApiError(40007, "invalid media_id")
    return Shown(via="api", content=Content.from_payload({"kind": kind} | values))


def _news(_: Kind, body: Mapping[str, Any]) -> Shown:
    articles = body.get("articles")
    if not isinstance(articles, list) or not articles or not isinstance(articles[0], dict):
        raise ApiError(47001, "data format error")
    if len(articles) > _MOST_ARTICLES:
        raise ApiError(45008, "article size out of limit")
    names = {"title": "title", "description": "description", "link": "url", "picture_url": "picurl"}
    values = {ours: _string(articles[0], theirs) for ours, theirs in names.items()}
    return Shown(via="api", content=Content.from_payload({"kind": "news"} | values))


def _menu(_: Kind, body: Mapping[str, Any]) -> Shown:
    choices = body.get("list")
    if not isinstance(choices, list) or not choices:
        raise ApiError(47001, "data format error")
    if len(choices) > MOST_CHOICES:
        raise ApiError(45098, "msgmenu size out of limit")
    kept = []
    for choice in choices:
        if not isinstance(choice, dict) or not isinstance(choice.get("id"), str | int):
            raise ApiError(47001, "data format error")
        kept.append({"id": str(choice["id"]), "content": _words(choice, "content")})
    extra = {"head": _string(body, "head_content"), "list": kept, "tail": _string(body, "tail_content")}
    return Shown(via="api", extra=extra)


def _mini_program(kind: Kind, body: Mapping[str, Any]) -> Shown:
    page = {ours: _string(body, theirs) for ours, theirs in _PAGE_FIELDS.items()}
    if not page["thumb_media_id"]:
        raise ApiError(40007, "invalid media_id")
    if not all(page.values()):
        raise ApiError(44004, "empty content")
    return Shown(via="api", content=Content.from_payload({"kind": kind} | page))


def _article(kind: Kind, body: Mapping[str, Any]) -> Shown:
    if not (article_id := _string(body, "article_id")):
        raise ApiError(53600, "invalid article_id")
    return Shown(via="api", content=Content(kind, article_id=article_id))


_READERS: Mapping[str, Callable[[Kind, Mapping[str, Any]], Shown]] = {
    "text": _text,
    "news": _news,
    "msgmenu": _menu,
    "miniprogrampage": _mini_program,
    "mpnewsarticle": _article,
    **dict.fromkeys(_FIELDS, _media),
}


def _words(body: Mapping[str, Any], name: str) -> str:
    text = _string(body, name)
    if not text:
        raise ApiError(44004, "empty content")
    if len(text.encode()) > MOST_TEXT_BYTES:
        raise ApiError(45002, "content size out of limit")
    return text


def _string(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise ApiError(47001, "data format error")
    if any(
        (ord(character) < 32 and character not in "\t\n\r") or "\ud800" <= character <= "\udfff" for character in value
    ):
        raise ApiError(40033, "invalid charset")
    return value
