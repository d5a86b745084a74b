"""What was said, made ready to show: words, and of other kinds what they are and where they lead. Nothing is fetched here."""

import json
import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlsplit

from bot.web.labels import event_label, kind_label
from storage.exchanges import Exchange
from templates.limits import cut_to_bytes

MAP_URL = "https://apis.map.qq.com/uri/v1/marker"  # takes the datum that the platform sends (GCJ-02)
MEDIA_KINDS = ("image", "voice", "video", "shortvideo")
LAST_WORDS_BYTES = 240
_LINK = re.compile(r"<a\s[^<>]*>([^<]*)</a>")


@dataclass(frozen=True, slots=True)
class Address:
    """Where something leads. ``safe`` ones (https, with a host) may be opened by a click; others are shown as text."""

    url: str

    @property
    def safe(self) -> bool:
        """Whether it may be offered as a link."""
        try:
            parts = urlsplit(self.url)
        except ValueError:
            return False
        return parts.scheme == "https" and bool(parts.hostname) and self.url.isprintable()


@dataclass(frozen=True, slots=True)
class Shown:
    """What a bubble shows: a label for kinds other than text, words, a fainter line, and addresses with their names.

    ``has_media`` means that the platform can be asked for the picture or clip.
    """

    text: str
    label: str = ""
    detail: str = ""
    address: Address | None = None
    has_media: bool = False


def shown(exchange: Exchange) -> Shown:
    """Return what to show of an exchange that is no event."""
    payload = payload_of(exchange)
    made = _out(exchange, payload) if exchange.direction == "out" else _in(exchange, payload)
    has_media = exchange.kind in MEDIA_KINDS and bool(_field(payload, "media_id"))
    return replace(made, has_media=has_media) if has_media else made


def event_line(exchange: Exchange) -> str:
    """Return the one line for an event."""
    return event_label(exchange.kind, exchange.text)


def last_words(kind: str, text: str) -> str:
    """Return the newest words of a dialogue for a list, on one line."""
    if kind.startswith("event."):
        return event_label(kind, text)
    plain = " ".join(without_links(cut_to_bytes(text, LAST_WORDS_BYTES)).split())
    if kind in ("", "text"):
        return plain
    label = f"[{kind_label(kind)}]"
    return label if plain in ("", kind) else f"{label} {plain}"


def payload_of(exchange: Exchange) -> dict[str, Any]:
    """Return the fields beside the text."""
    found = json.loads(exchange.payload) if exchange.payload else {}
    return found if isinstance(found, dict) else {}


def without_links(text: str) -> str:
    """Return a reply's text with the names of its links in their place, as the phone shows it."""
    return _LINK.sub(r"\1", text)


def _in(exchange: Exchange, payload: dict[str, Any]) -> Shown:
    kind, label, text = exchange.kind, kind_label(exchange.kind), exchange.text
    if kind == "text":
        return Shown(text)
    if kind == "image":
        return Shown("", label, address=_address(payload, "picture_url"))
    if kind == "location":
        return Shown(text, label, address=Address(_map_url(payload, text)))
    if kind == "link":
        return Shown(text, label, _field(payload, "description"), _address(payload, "url"))
    if kind == "file":
        return Shown(_field(payload, "title"), label)
    if kind == "miniprogrampage":
        return Shown(_field(payload, "title"), label, _field(payload, "page_path"))
    return Shown(text, label)


def _out(exchange: Exchange, payload: dict[str, Any]) -> Shown:
    if exchange.kind == "text":
        return Shown(without_links(exchange.text))
    if exchange.kind == "msgmenu":
        offered = "\n".join(f"· {each[1]}" for each in payload.get("choices", ()))
        return Shown(exchange.text, kind_label(exchange.kind), f"{offered}\n{_field(payload, 'tail')}".strip())
    title, detail = _field(payload, "title"), _field(payload, "description") or _field(payload, "page_path")
    return Shown(title, kind_label(exchange.kind), detail, _address(payload, "link"))


def _field(payload: dict[str, Any], name: str) -> str:
    return str(payload.get(name) or "")


def _address(payload: dict[str, Any], name: str) -> Address | None:
    url = _field(payload, name)
    return Address(url) if url else None


def _map_url(payload: dict[str, Any], label: str) -> str:
    title = quote(label[:60] or kind_label("location"), safe="")
    return f"{MAP_URL}?marker=coord:{payload.get('latitude')},{payload.get('longitude')};title:{title}&referer=zhaohu"
