"""Words of a reply as a phone shows them: WeChat makes links of ``<a href>`` and of bare addresses, and shows any other mark-up as it is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LINK = re.compile(
    r"""<a\s[^<>]*?href\s*=\s*(["'])(?P<address>.*?)\1[^<>]*>(?P<label>.*?)</a>""", re.IGNORECASE | re.DOTALL
)
_BARE = re.compile(r"https?://[^\s\u3000-\u9fff\uff00-\uffef<>\"']+")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bubble: plain words, or a link with the address it leads to."""

    text: str
    address: str = ""


def parts_of(text: str) -> list[Part]:
    """Return the pieces of a text in order. Only text ever comes out of here: whoever shows it escapes it."""
    found, at = list[Part](), 0
    for link in _LINK.finditer(text):
        found += _with_bare_links(text[at : link.start()])
        found.append(Part(link["label"], link["address"]))
        at = link.end()
    return found + list(_with_bare_links(text[at:]))


def _with_bare_links(text: str) -> Iterator[Part]:
    at = 0
    for link in _BARE.finditer(text):
        if link.start() > at:
            yield Part(text[at : link.start()])
        yield Part(link.group(), link.group())
        at = link.end()
    if at < len(text):
        yield Part(text[at:])
