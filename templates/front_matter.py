"""Reading a template file: what stands between the two lines of ``---``, and the body below them.

The YAML is the plain part of the language only: no tags, anchors or aliases; ``true``/``false``, whole and decimal numbers and empty values are read as
such, everything else (dates, times, ``yes``, ``0012``) stays text as written.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Literal, get_args

import yaml

from templates.allowed import is_name
from templates.content import ReplyKind
from templates.errors import BadTemplate, RenderError
from templates.values import plain

Value = Literal["discount", "info", "service", "fun", "none"]

FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "text": (),
        "image": ("media_id",),
        "voice": ("media_id",),
        "video": ("media_id", "headline", "description"),
        "music": ("thumb_media_id", "headline", "description", "music_url", "hq_music_url"),
        "news": ("headline", "link", "description", "picture_url"),
        "transfer": ("agent_account",),
    }
)
_NEEDED = frozenset({"media_id", "thumb_media_id", "link"})
_ALL_FIELDS = frozenset(name for names in FIELDS.values() for name in names)
_KEYS = frozenset({"kind", "title", "purpose", "value", "values", "review_on"}) | _ALL_FIELDS
_MAX_FRONT_MATTER = 16_384
_MAX_DEPTH = 10


@dataclass(frozen=True, slots=True)
class Text:
    """A text with placeholders, and the line of the file it begins at."""

    source: str
    line: int


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What a template file says. ``fields`` are those of its kind, ``body`` is empty unless the kind is ``text``; ``lines`` tells where each key is."""

    kind: ReplyKind
    title: str
    purpose: str
    value: Value | None
    samples: Mapping[str, object]
    review_on: date | None
    fields: Mapping[str, Text]
    body: Text
    lines: Mapping[str, int]


class _Loader(yaml.SafeLoader):
    """YAML that reads a value as a number only when it looks like nothing else."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _starts in (
    ("bool", r"true|false", "tf"),
    ("null", r"~|null|", "~n\0"),
    ("int", r"-?(0|[1-9][0-9]{0,14})", "-0123456789"),
    ("float", r"-?(0|[1-9][0-9]{0,14})\.[0-9]{1,9}", "-0123456789"),
):
    for _start in _starts:
        _Loader.yaml_implicit_resolvers.setdefault("" if _start == "\0" else _start, []).append(
            (f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"))
        )


def read(source: str) -> FrontMatter:
    """Return what a template file says.

    Raises BadTemplate, with the line, for whatever is missing, unknown or of the wrong type.
    """
    lines = source.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    marks = [number for number, line in enumerate(lines) if line.rstrip() == "---"][:2]
    if len(marks) < 2 or marks[0] != 0:
        raise BadTemplate("no-front-matter", 1)
    front = "\n".join(lines[1 : marks[1]])
    if len(front) > _MAX_FRONT_MATTER:
        raise BadTemplate("too-big", 1, limit=_MAX_FRONT_MATTER)
    found, places = _load(front)
    for key in found:
        if key not in _KEYS:
            raise BadTemplate("unknown-key", places[key], key=key)
    return _shape(found, places, Text("\n".join(lines[marks[1] + 1 :]), marks[1] + 2))


def _line(mark: Any) -> int:
    """Return the line of the file for a place in the front matter, which begins in the second."""
    return mark.line + 2 if mark else 2


def _load(front: str) -> tuple[dict[str, Any], dict[str, int]]:
    """Return the mapping of the front matter, and the line of each key in the file."""
    try:
        depth = 0
        for event in yaml.parse(front, Loader=_Loader):
            if getattr(event, "anchor", None) or getattr(event, "tag", None):
                raise BadTemplate("yaml-feature", _line(event.start_mark))
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _MAX_DEPTH:
                raise BadTemplate("bad-yaml", _line(event.start_mark), reason="nested too deeply")
        loader = _Loader(front)
        root = loader.get_single_node()
        if not isinstance(root, yaml.MappingNode):
            raise BadTemplate("bad-yaml", 2, reason="not a list of key: value")
        _check_keys(root)
        found = loader.construct_document(root)
    except yaml.YAMLError as error:
        if isinstance(error, yaml.MarkedYAMLError) and error.problem:
            raise BadTemplate("bad-yaml", _line(error.problem_mark), reason=error.problem) from None
        raise BadTemplate("bad-yaml", 2, reason="unreadable") from None
    return found, {key.value: _line(key.start_mark) for key, _ in root.value}


def _check_keys(root: yaml.MappingNode) -> None:
    """Refuse keys that are not text or are given twice, at any level."""
    waiting: list[yaml.Node] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, yaml.SequenceNode):
            waiting.extend(node.value)
        elif isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                line = _line(key.start_mark)
                if not isinstance(key, yaml.ScalarNode) or key.tag != "tag:yaml.org,2002:str":
                    raise BadTemplate("bad-yaml", line, reason="a key that is not text")
                if key.value in seen:
                    raise BadTemplate("repeated-key", line, key=key.value)
                seen.add(key.value)
                waiting.append(value)


def _shape(found: dict[str, Any], places: dict[str, int], body: Text) -> FrontMatter:
    """Check every key's type, and what its kind needs."""
    kind: ReplyKind = _one_of(found, places, "kind", get_args(ReplyKind)) or "text"
    title = _text(found, places, "title")
    if not title:
        raise BadTemplate("missing-key", places.get("title", 2), key="title")
    value = _one_of(found, places, "value", get_args(Value))
    return FrontMatter(
        kind=kind,
        title=title,
        purpose=_text(found, places, "purpose"),
        value=value,
        samples=_samples(found, places),
        review_on=_date(found, places),
        fields=_fields(kind, found, places),
        body=_body(kind, body),
        lines=MappingProxyType(places),
    )


def _text(found: dict[str, Any], places: dict[str, int], key: str) -> str:
    value = found.get(key, "")
    if not isinstance(value, str):
        raise BadTemplate("wrong-type", places[key], key=key, wanted="text", wanted_zh="文字（有花括号时请加引号）")
    return value


def _one_of(found: dict[str, Any], places: dict[str, int], key: str, choices: tuple[str, ...]) -> Any:
    if key not in found:
        return None
    if found[key] not in choices:
        listed = ", ".join(choices)
        raise BadTemplate("wrong-type", places[key], key=key, wanted=f"one of {listed}", wanted_zh=f" {listed} 之一")
    return found[key]


def _date(found: dict[str, Any], places: dict[str, int]) -> date | None:
    if "review_on" not in found:
        return None
    try:
        return date.fromisoformat(found["review_on"])
    except (TypeError, ValueError):
        raise BadTemplate(
            "wrong-type",
            places["review_on"],
            key="review_on",
            wanted="a date like 2026-12-31",
            wanted_zh="日期，如 2026-12-31",
        ) from None


def _samples(found: dict[str, Any], places: dict[str, int]) -> Mapping[str, object]:
    values = found.get("values", {})
    if not isinstance(values, dict):
        raise BadTemplate(
            "wrong-type", places["values"], key="values", wanted="name: sample", wanted_zh="“变量名: 示例”的列表"
        )
    for name in values:
        if not is_name(name):
            raise BadTemplate("bad-variable", places["values"], name=name)
    try:
        return MappingProxyType(plain(values))
    except RenderError as error:
        raise BadTemplate(error.code, places["values"], **error.details) from None


def _fields(kind: str, found: dict[str, Any], places: dict[str, int]) -> Mapping[str, Text]:
    fields: dict[str, Text] = {}
    for key in _ALL_FIELDS & found.keys():
        if key not in FIELDS[kind]:
            raise BadTemplate("key-not-used", places[key], kind=kind, key=key)
        fields[key] = Text(_text(found, places, key), places[key])
    needed = _NEEDED | ({"headline"} if kind == "news" else set())
    for key in FIELDS[kind]:
        if key in needed and not found.get(key):
            raise BadTemplate("missing-key", places.get(key, 2), key=key)
    return MappingProxyType(fields)


def _body(kind: str, body: Text) -> Text:
    if kind == "text" and not body.source.strip():
        raise BadTemplate("body-missing", body.line)
    if kind != "text" and body.source.strip():
        raise BadTemplate("body-not-used", body.line, kind=kind)
    return body
