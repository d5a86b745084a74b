"""How much the platform takes: a meter for editors, and cuts that never break a character.

Only limits that are known are here. Of a text reply the platform documents none; 2,048 bytes of UTF-8 were measured, for passive replies (beyond it the
consumer sees "the service is out of order") and customer-service messages (error 45002) alike. 1,800 leaves room for what the writer of the XML adds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from templates.content import Content, Kind
from templates.graphemes import boundary_at_or_before

TEXT_BYTES = 2_048
TEXT_ADVISED_BYTES = 1_800

_CDATA_END = "]]>"
_CDATA_SPLIT_BYTES = 12  # ]]> leaves as ]]]]><![CDATA[>


@dataclass(frozen=True, slots=True)
class Measure:
    """What a content takes of what the platform allows, in bytes of UTF-8; the limits are None where none is known."""

    bytes_used: int
    bytes_limit: int | None
    bytes_advised: int | None

    @property
    def fits(self) -> bool:
        """Whether the platform takes it."""
        return self.bytes_limit is None or self.bytes_used <= self.bytes_limit

    @property
    def comfortable(self) -> bool:
        """Whether it stays within what is advised."""
        return self.bytes_advised is None or self.bytes_used <= self.bytes_advised

    @property
    def bytes_left(self) -> int | None:
        """How many bytes the platform would still take; below zero when there are too many."""
        return None if self.bytes_limit is None else self.bytes_limit - self.bytes_used


_LIMITS: Mapping[Kind, tuple[int, int]] = MappingProxyType({"text": (TEXT_BYTES, TEXT_ADVISED_BYTES)})


def text_bytes(text: str) -> int:
    """Return how many bytes a text takes in a reply, escaping included."""
    return len(text.encode("utf-8", "replace")) + _CDATA_SPLIT_BYTES * text.count(_CDATA_END)


def measure(content: Content) -> Measure:
    """Return what a content takes of what the platform allows."""
    used = sum(text_bytes(value) for name, value in content.to_payload().items() if name != "kind")
    limit, advised = _LIMITS.get(content.kind, (None, None))
    return Measure(used, limit, advised)


def cut_to_bytes(text: str, limit: int) -> str:
    """Return as much of the beginning of the text as fits into ``limit`` bytes, whole characters (as a reader sees them) only."""
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= limit:
        return text
    kept = len(encoded[: max(limit, 0)].decode("utf-8", "ignore"))
    return text[: boundary_at_or_before(text, kept)]


def fit(content: Content, limit: int = TEXT_BYTES) -> Content:
    """Return the content with its text cut, when it must be, to ``limit`` bytes (escaping included), an ellipsis at its end and no link cut open."""
    if content.kind != "text" or text_bytes(content.text) <= limit:
        return content
    mark = "…"
    room = limit - len(mark.encode())
    text = cut_to_bytes(content.text, room)
    while text and (excess := text_bytes(text) - room) > 0:  # escaped, no text takes more than five times its bytes
        text = cut_to_bytes(text, len(text.encode("utf-8", "replace")) - max(1, excess // 5))
    opened = text.rfind("<a ")
    if opened > text.rfind("</a>"):
        text = text[:opened]
    return replace(content, text=text.rstrip() + mark)
