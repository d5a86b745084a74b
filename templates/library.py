"""The replies there are, and the way to say one: the published version, else the shipped one, else a fixed apology; never an exception.

A library never changes: publishing makes a new one, so that whoever is rendering sees the old version or the new one whole.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from importlib import resources
from types import MappingProxyType

from templates.content import Content, Kind
from templates.errors import BadTemplate, RenderError
from templates.front_matter import Value, read
from templates.sandbox import MAX_SOURCE_CHARACTERS, Renderer
from templates.values import plain

SHIPPED_VERSION = 0
FAULT = "fault"  # the shipped reply that is said when nothing else can be

_NAME = re.compile(r"[a-z0-9_]{1,64}", re.ASCII)
_CONTENT_FIELD = {"headline": "title"}  # ``title`` in a file is what staff call the reply


@dataclass(frozen=True, slots=True)
class Template:
    """One version of a reply, checked and compiled.

    ``samples`` name the values it is given, with examples. ``variables`` are the names it reads, each with a line where it
    does. ``value`` says what the reply brings the consumer; None when its author did not say.
    """

    name: str
    version: int
    source: str
    kind: Kind
    title: str
    purpose: str
    value: Value | None
    samples: Mapping[str, object]
    review_on: date | None
    variables: Mapping[str, int]
    body: Renderer | None = field(repr=False)
    fields: tuple[tuple[str, Renderer], ...] = field(repr=False)

    def render(self, values: Mapping[str, object]) -> Content:
        """Return what is said with these values.

        Raises RenderError when a value is missing, is not plain or cannot be used, when it takes too long or grows too large, or when nothing is left to say.
        """
        given = plain(values)
        if self.body is not None:
            text = self.body(given)
            if not text:
                raise RenderError("empty-output")
            return Content("text", text)
        said = {_CONTENT_FIELD.get(name, name): renders(given) for name, renders in self.fields}
        if self.kind != "transfer" and not all(said.values()):
            raise RenderError("empty-output")
        return Content.from_payload({"kind": self.kind} | said)


@dataclass(frozen=True, slots=True)
class Rendered:
    """What to say, and the template and version that said it; ``fault`` tells the editor, in English, what failed before."""

    content: Content
    template: str
    version: int
    fault: str | None = None


def compile_template(name: str, version: int, source: str) -> Template:
    """Return one version of a reply, checked and compiled.

    Raises BadTemplate, which names the template and the line.
    """
    try:
        if not _NAME.fullmatch(name):
            raise BadTemplate("bad-name")
        return _compile(name, version, source)
    except BadTemplate as error:
        error.name = name
        raise


def _compile(name: str, version: int, source: str) -> Template:
    if len(source) > 2 * MAX_SOURCE_CHARACTERS:
        raise BadTemplate("too-big", limit=2 * MAX_SOURCE_CHARACTERS)
    if any("\ud800" <= character <= "\udfff" or character == "\0" for character in source):
        raise BadTemplate("bad-text")
    front = read(source)
    body = Renderer(front.body.source, front.body.line) if front.kind == "text" else None
    fields = tuple((key, Renderer(text.source, text.line)) for key, text in front.fields.items())
    renderers = [renderer for _, renderer in fields] + ([body] if body else [])
    return Template(
        name=name,
        version=version,
        source=source,
        kind=front.kind,
        title=front.title,
        purpose=front.purpose,
        value=front.value,
        samples=front.samples,
        review_on=front.review_on,
        variables=MappingProxyType({name: line for renderer in renderers for name, line in renderer.variables.items()}),
        body=body,
        fields=fields,
    )


@lru_cache(maxsize=1024)
def _published(name: str, version: int, source: str) -> Template:
    """Compile a published version once, however many libraries are made with it."""
    return compile_template(name, version, source)


@cache
def load_shipped() -> Mapping[str, Template]:
    """Return the replies that come with the product, by name; read and compiled once per process.

    Raises BadTemplate, which names the file and the line.
    """
    folder = resources.files("templates") / "zh"
    sources = sorted(
        (file.name.removesuffix(".j2"), file.read_text("utf-8"))
        for file in folder.iterdir()
        if file.name.endswith(".j2")
    )
    return MappingProxyType({name: compile_template(name, SHIPPED_VERSION, source) for name, source in sources})


class Library:
    """All replies of one account at one moment."""

    def __init__(
        self, published: Iterable[tuple[str, int, str]] = (), shipped: Mapping[str, Template] | None = None
    ) -> None:
        """Take what staff published (name, version, source) over what is shipped.

        Several versions of one name are tried in the order given. One that does not compile is left out and listed in ``faults``.
        """
        shipped = load_shipped() if shipped is None else shipped
        candidates: dict[str, list[Template]] = {}
        faults: list[BadTemplate] = []
        for name, version, source in published:
            try:
                candidates.setdefault(name, []).append(_published(name, version, source))
            except BadTemplate as error:
                faults.append(error)
        for name, template in shipped.items():
            candidates.setdefault(name, []).append(template)
        self._candidates = {name: tuple(found) for name, found in candidates.items() if found}
        shipped[FAULT].render({})  # the last resort must be sayable: better to stop here than with a consumer waiting
        self.faults = tuple(faults)

    def names(self) -> list[str]:
        """Return the names of all replies, sorted."""
        return sorted(self._candidates)

    def get(self, name: str) -> Template | None:
        """Return the version that is said first, or None when there is no such reply."""
        found = self._candidates.get(name)
        return found[0] if found else None

    def source(self, name: str) -> str | None:
        """Return the source of the version that is said first, or None when there is no such reply."""
        template = self.get(name)
        return template.source if template else None

    def render(self, name: str, values: Mapping[str, object]) -> Rendered:
        """Return what to say.

        When the published version fails, the shipped one is said; when that fails too, or there is none, the fixed apology ``fault``. Whatever failed
        is told in ``fault``.
        """
        failed: list[str] = []
        for template in self._candidates.get(name, ()):
            try:
                content = template.render(values)
            except RenderError as error:
                failed.append(f"{name} version {template.version}: {error}")
            else:
                return Rendered(content, name, template.version, "; ".join(failed) or None)
        reason = "; ".join(failed) or f"{name}: there is no such template"
        apology = self.render(FAULT, {})
        return Rendered(
            apology.content, apology.template, apology.version, "; ".join(filter(None, (reason, apology.fault)))
        )
