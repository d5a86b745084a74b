"""XML of the platform, from bytes to plain values and back; strict on what could do harm, lenient on what real consumers cause.

A document becomes a mapping of its root's elements: text, a mapping for an element with elements inside, a list for one that is there more than
once. Attributes and comments are ignored.
"""

import re
from typing import NoReturn
from xml.parsers import expat

from bot.wechat.errors import Refusal

Value = str | list["Value"] | dict[str, "Value"]
Fields = dict[str, Value]

MAX_LEVELS = 100
_CONTROLS = bytes(
    [*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20)]
)  # XML 1.0 forbids them, yet they come in consumers' text
_NONCHARACTERS = re.compile(b"\xef\xbf[\xbe\xbf]")  # U+FFFE and U+FFFF
_CONTENT_START, _CONTENT_END = b"<Content><![CDATA[", b"]]></Content>"
_ILLEGAL_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def parse(body: bytes) -> Fields:
    """Return the elements of a document with the root ``xml``. Raises Refusal (400) for anything else, or when it has a DOCTYPE or is too deep.

    Control characters are removed. When the document is broken by a ``]]>`` in the consumer's own text, that text is saved.
    """
    text = clean(body)
    try:
        return _read(text)
    except expat.ExpatError as error:
        saved = _with_content_mended(text)
        if saved is None:
            raise Refusal(400, "not well-formed XML") from error
    try:
        return _read(saved)
    except expat.ExpatError as error:
        raise Refusal(400, "not well-formed XML") from error


def clean(body: bytes) -> bytes:
    """Return ``body`` without forbidden characters. Raises Refusal (400) when it is not UTF-8."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refusal(400, "not UTF-8") from error
    body = body.translate(None, _CONTROLS)
    return _NONCHARACTERS.sub(b"", body) if b"\xef\xbf" in body else body


def cdata(text: str) -> str:
    """Return ``text`` as a CDATA section that it can't leave, without characters that XML 1.0 forbids."""
    if not text.isprintable():  # quick: what is forbidden is never printable
        text = _ILLEGAL_IN_XML.sub("", text)
    if "]]>" in text:
        text = text.replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{text}]]>"


class _Reader:
    """Collects what the parser reports. ``stack`` holds one entry a level: the elements found inside so far, or None."""

    __slots__ = ("stack", "text")

    def __init__(self) -> None:
        self.stack: list[Fields | None] = [{}]
        self.text: list[str] = []

    def start(self, _name: str, attributes: dict[str, str]) -> None:
        if len(self.stack) > MAX_LEVELS:
            raise Refusal(400, "XML too deep")
        if attributes and any(name.startswith("xmlns") for name in attributes):
            raise Refusal(400, "XML with namespaces")  # the platform has none; XInclude and its like need them
        self.stack.append(None)
        self.text.clear()

    def end(self, name: str) -> None:
        inside = self.stack.pop()
        value: Value = "".join(self.text) if inside is None else inside
        self.text.clear()
        siblings = self.stack[-1]
        if siblings is None:
            self.stack[-1] = {name: value}
            return
        if name not in siblings:
            siblings[name] = value
            return
        before = siblings[name]
        if isinstance(before, list):
            before.append(value)
        else:
            siblings[name] = [before, value]


def _read(text: bytes) -> Fields:
    reader = _Reader()
    parser = expat.ParserCreate("utf-8")  # whatever the declaration says
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text.append
    if b"<!D" in text:  # mostly it is not; a consumer may also have typed it, which is no declaration
        parser.StartDoctypeDeclHandler = _refuse_doctype
    if b"<?" in text:
        parser.ProcessingInstructionHandler = _refuse_instruction
    parser.Parse(text, True)  # noqa: FBT003 - it takes no keyword
    document = reader.stack[0] or {}
    if "xml" not in document:
        raise Refusal(400, "XML root is not xml")
    root = document["xml"]
    return root if isinstance(root, dict) else {}


def _refuse_doctype(*_: object) -> NoReturn:
    raise Refusal(400, "XML with DOCTYPE")


def _refuse_instruction(*_: object) -> NoReturn:
    raise Refusal(400, "XML with processing instruction")


def _with_content_mended(text: bytes) -> bytes | None:
    """Take Content from its first ``<![CDATA[`` to its last ``]]></Content>`` as text; None when there is no such pair.

    Text that closes its own element stays as many Contents as it makes, so that it is seen as repeated, and never adds another element.
    """
    start = text.find(_CONTENT_START)
    end = text.rfind(_CONTENT_END)
    if start < 0 or end < start + len(_CONTENT_START):
        return None
    inside = text[start + len(_CONTENT_START) : end]
    parts = (part.replace(b"]]>", b"]]]]><![CDATA[>") for part in inside.split(_CONTENT_END))
    return (
        text[:start]
        + b"".join(_CONTENT_START + part + _CONTENT_END for part in parts)
        + text[end + len(_CONTENT_END) :]
    )
