"""Reading scripted intents, from the files of the release and from the records of staff, with the same strict check.

BadScriptedIntent   a file or record is not acceptable; names it and the reason
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources

from intents.matching.normalise import normalise
from intents.types import Handler, Intent, Keyword, Reply, Turn
from storage.scripted_intents import ScriptedIntent

MOST_PHRASES = 200
MOST_KEYWORDS = 50
LONGEST_TITLE, LONGEST_PHRASE, LONGEST_KEYWORD = 12, 100, 20  # characters
HIGHEST_PRIORITY = 9
_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}", re.ASCII)
_KEYS = {"title": str, "phrases": list, "keywords": dict}


class BadScriptedIntent(Exception):
    """A scripted intent is not acceptable; ``origin`` is its file or name, ``reason`` says why."""

    def __init__(self, origin: str, reason: str) -> None:
        super().__init__(f"{origin}: {reason}")
        self.origin = origin
        self.reason = reason


@cache
def shipped() -> tuple[Intent, ...]:
    """Return the scripted intents of this release, by file name. Raises BadScriptedIntent."""
    files = (file for file in resources.files("intents.scripted").iterdir() if file.name.endswith(".toml"))
    return tuple(read(file.name, file.read_bytes()) for file in sorted(files, key=lambda file: file.name))


def read(file_name: str, content: bytes) -> Intent:
    """Return the intent of one TOML file, whose name is the intent's. Raises BadScriptedIntent."""
    try:
        found = tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError:
        raise BadScriptedIntent(file_name, "not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise BadScriptedIntent(file_name, f"not TOML: {error}") from None
    for key, kind in _KEYS.items():
        if not isinstance(found.get(key, kind()), kind):
            raise BadScriptedIntent(file_name, f"{key} must be a {kind.__name__}")
    unknown = sorted(found.keys() - _KEYS.keys())
    if unknown:
        raise BadScriptedIntent(file_name, f"unknown key: {unknown[0]}")
    name = file_name.removesuffix(".toml")
    return _intent(file_name, name, found.get("title", ""), found.get("phrases", []), found.get("keywords", {}).items())


def from_record(record: ScriptedIntent) -> Intent:
    """Return the intent of one record of staff. Raises BadScriptedIntent."""
    return _intent(record.name, record.name, record.title, record.phrases, record.keywords)


def _intent(
    origin: str, name: str, title: str, phrases: Iterable[object], keywords: Iterable[tuple[object, object]]
) -> Intent:
    """Check every part and build the intent."""
    if not _NAME.fullmatch(name):
        raise BadScriptedIntent(
            origin, f"the name {name!r} is not made of a to z, 0 to 9 and _ (2 to 40, a letter first)"
        )
    _check_text(origin, "title", title, LONGEST_TITLE)
    return Intent(
        name=name,
        title=title,
        handler=answering(name),
        phrases=_phrases(origin, list(phrases)),
        keywords=_keywords(origin, dict(keywords)),
        replies=(name,),
    )


def _phrases(origin: str, phrases: list[object]) -> tuple[str, ...]:
    if not 1 <= len(phrases) <= MOST_PHRASES:
        raise BadScriptedIntent(origin, f"{len(phrases)} phrases; 1 to {MOST_PHRASES} are needed")
    seen: dict[str, str] = {}
    for phrase in phrases:
        text = _check_text(origin, "phrase", phrase, LONGEST_PHRASE)
        key = normalise(text).key
        if key in seen:
            raise BadScriptedIntent(origin, f"the phrases {seen[key]!r} and {text!r} are the same")
        seen[key] = text
    return tuple(seen.values())


def _keywords(origin: str, keywords: Mapping[object, object]) -> tuple[Keyword, ...]:
    if len(keywords) > MOST_KEYWORDS:
        raise BadScriptedIntent(origin, f"{len(keywords)} keywords; {MOST_KEYWORDS} at most")
    checked = []
    for word, priority in keywords.items():
        text = _check_text(origin, "keyword", word, LONGEST_KEYWORD)
        if type(priority) is not int or not 0 <= priority <= HIGHEST_PRIORITY:
            raise BadScriptedIntent(origin, f"the priority of {text!r} must be 0 to {HIGHEST_PRIORITY}")
        checked.append(Keyword(text, priority))
    return tuple(checked)


def _check_text(origin: str, what: str, text: object, longest: int) -> str:
    if not isinstance(text, str) or not text.strip() or not normalise(text).key:
        raise BadScriptedIntent(origin, f"the {what} {text!r} has no words")
    if len(text) > longest:
        raise BadScriptedIntent(origin, f"the {what} {text[:longest]!r}… is longer than {longest} characters")
    return text


def answering(name: str) -> Handler:
    """Return the handler that answers with the reply of this name."""

    def handle(turn: Turn) -> Reply:
        return Reply(name, {"brand": turn.brand.name, "remind_link": turn.remind_link})

    return handle
