"""The registry, the modules, the replies and the tests agree; docs/intents.md tells what this asks of a new intent."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from intents.matching.normalise import normalise
from intents.registry import CODED, all_intents
from intents.scripted.loading import shipped
from intents.types import Intent
from templates.library import load_shipped

ROOT = Path(__file__).parents[2]
FEWEST_PHRASES = 12
INTENTS = all_intents([])
SPOKEN_TO = [intent for intent in INTENTS if intent.phrases or intent.offered]


def sources(folder: str, pattern: str = "*.py") -> dict[str, str]:
    return {file.stem: file.read_text("utf-8") for file in sorted((ROOT / folder).glob(pattern))}


def modules_with_an_intent() -> dict[str, str]:
    return {
        name: source for name, source in sources("intents").items() if re.search(r"^INTENT = ", source, re.MULTILINE)
    }


def twice(things: list[str]) -> list[str]:
    return [thing for thing, times in Counter(things).items() if times > 1]


def test_every_intent_module_has_its_line_and_is_named_like_its_intent() -> None:
    assert sorted(intent.name for intent in CODED) == sorted(modules_with_an_intent())


def test_every_scripted_file_is_loaded_under_its_name() -> None:
    assert {intent.name for intent in shipped()} == set(sources("intents/scripted", "*.toml"))


def test_names_titles_and_menu_keys_are_each_ones_own() -> None:
    keys = [key for intent in INTENTS for key in (intent.name, *intent.menu_keys)]
    assert twice(keys) == []
    assert twice([intent.title for intent in INTENTS]) == []


@pytest.mark.parametrize("intent", SPOKEN_TO, ids=lambda intent: intent.name)
def test_what_is_spoken_to_has_enough_phrases(intent: Intent) -> None:
    assert len({normalise(phrase).key for phrase in intent.phrases}) >= FEWEST_PHRASES


def test_no_phrase_belongs_to_two_intents() -> None:
    said = {(normalise(phrase).key, intent.name) for intent in INTENTS for phrase in intent.phrases}
    assert twice([phrase for phrase, _ in said]) == []


def test_every_reply_an_intent_names_exists() -> None:
    named = {reply for intent in INTENTS for reply in intent.replies}
    assert named - load_shipped().keys() == set()
    assert all(intent.replies for intent in INTENTS)


@pytest.mark.parametrize("name", modules_with_an_intent())
def test_every_reply_a_module_gives_is_named_by_its_intent(name: str) -> None:
    given = {
        node.args[0].value
        for node in ast.walk(ast.parse(modules_with_an_intent()[name]))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Reply"
        if node.args and isinstance(node.args[0], ast.Constant)
    }
    [intent] = [intent for intent in CODED if intent.name == name]
    assert given - set(intent.replies) == set()


def test_no_reply_is_left_that_nobody_says() -> None:
    by_intents = {reply for intent in INTENTS for reply in intent.replies}
    elsewhere = "".join(
        [*sources("bot/conversation").values(), *sources("bot/delivery").values(), *sources("templates").values()]
    )
    assert [name for name in load_shipped() if name not in by_intents and f'"{name}"' not in elsewhere] == []


def test_every_coded_intent_is_tested() -> None:
    imported: set[str] = set()
    for source in sources("tests/intents", "test_*.py").values():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ImportFrom) and node.module == "intents":
                imported.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("intents."):
                imported.add((node.module or "").removeprefix("intents."))
    assert {intent.name for intent in CODED} - imported == set()
