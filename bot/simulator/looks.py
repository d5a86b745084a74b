"""How what passed looks on the phone: bubbles and notes, with the words of a text taken apart into plain text, links and choices to tap.

Everything here is data of strangers: it is only ever put into pages as text, and only addresses that begin with https:// become links.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from bot.simulator.records import Pushed, Shown
from bot.wechat.consent_links import PAGE as CONSENT_PAGE
from storage.simulated_deliveries import Delivery

Side = Literal["me", "them", "note", "typing"]
_LINK = re.compile(r'<a\s[^<>]{0,2000}?href="([^"<>]{1,2000})"[^<>]{0,500}>([^<]{1,500})</a>', re.IGNORECASE)
_CHOICE_START = "weixin://bizmsgmenu?"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text: plain, a link (``address``), or a choice that, tapped, says ``say`` with ``menu_id``.

    ``consent`` is the query of a link to the platform's sheet that asks for one message, which the stand-in plays.
    """

    text: str
    address: str = ""
    say: str = ""
    menu_id: str = ""
    consent: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing on the phone's screen.

    ``kind`` says which shape it has; ``pieces`` are its words, ``values`` what else the shape needs. ``again`` is set where it can be sent again.
    """

    id: int
    at: datetime
    side: Side
    kind: str
    pieces: tuple[Piece, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    again: bool = False


def entries_of(deliveries: Iterable[Delivery]) -> list[Entry]:
    """Return what a phone shows of what passed."""
    return [
        _entry_up(delivery, Pushed.from_text(delivery.body))
        if delivery.direction == "up"
        else _entry_down(delivery, Shown.from_text(delivery.body))
        for delivery in deliveries
    ]


def pieces_of(text: str) -> tuple[Piece, ...]:
    """Take a text apart; what is no link that the phone would follow stays text, letter by letter."""
    return tuple(_pieces(text))


def _pieces(text: str) -> Iterator[Piece]:
    end = 0
    for found in _LINK.finditer(text):
        piece = _linked(unescape(found[1]), unescape(found[2]))
        if piece is None:
            continue
        if found.start() > end:
            yield Piece(text[end : found.start()])
        yield piece
        end = found.end()
    if end < len(text):
        yield Piece(text[end:])


def _linked(address: str, label: str) -> Piece | None:
    if address.startswith(_CHOICE_START):
        asked = parse_qs(address.removeprefix(_CHOICE_START))
        say = asked.get("msgmenucontent", [""])[0]
        return Piece(label, say=say, menu_id=asked.get("msgmenuid", [""])[0]) if say else None
    if address.startswith(f"{CONSENT_PAGE}?"):
        return Piece(label, consent=urlsplit(address).query)
    return Piece(label, address=address) if is_web_link(address) else None


def is_web_link(address: str) -> bool:
    """Say whether an address is one that may be opened: https, with a host."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.netloc) and address.isprintable()


def _entry_up(delivery: Delivery, pushed: Pushed) -> Entry:
    fields = pushed.fields
    if pushed.again_of:
        values = {"same": pushed.same, "unchanged": pushed.unchanged}
        return Entry(delivery.id, delivery.created_at, "note", "again", values=values)
    msg_type = str(fields.get("MsgType", ""))
    if msg_type == "event":
        event, key = str(fields.get("Event", "")).lower(), str(fields.get("EventKey", ""))
        if event == "subscribe" and key:
            event = "subscribe_scene"
        return Entry(
            delivery.id, delivery.created_at, "note", event, values={"key": key.removeprefix("qrscene_")}, again=True
        )
    pieces = (Piece(str(fields.get("Content", ""))),) if msg_type == "text" else ()
    return Entry(delivery.id, delivery.created_at, "me", msg_type, pieces, dict(fields), again=True)


def _entry_down(delivery: Delivery, shown: Shown) -> Entry:
    at = delivery.created_at
    if shown.via == "typing":
        return Entry(delivery.id, at, "typing", "on" if shown.typing else "off")
    if shown.via == "fault":
        return Entry(delivery.id, at, "note", "fault")
    values: dict[str, Any] = {"via": shown.via, "answers": shown.answers}
    if shown.content is None:
        choices = [{"say": each["content"], "menu_id": each["id"]} for each in shown.extra["list"]]
        return Entry(delivery.id, at, "them", "msgmenu", values={**values, **shown.extra, "choices": choices})
    content = shown.content
    if content.kind == "transfer":
        return Entry(delivery.id, at, "note", "transfer")
    pieces = pieces_of(content.text) if content.kind == "text" else ()
    link = content.link if is_web_link(content.link) else ""
    return Entry(
        delivery.id,
        at,
        "them",
        content.kind,
        pieces,
        {**content.to_payload(), **values, "link": link, "said": link or content.link},
    )


_BETWEEN_ELEMENTS = re.compile(
    r"(?<=\]\]>)(</\w+>)(?=<)|(?<=\d)(</\w+>)(?=<)|^(<xml>)(?=<)|(</item>|</Articles>|<Articles>|<item>)(?=<)"
)


def readable(document: str) -> str:
    """Return a document of the wire with its elements on lines of their own, for people to read."""
    return _BETWEEN_ELEMENTS.sub(lambda found: f"{found[0]}\n", document)
