"""What people send fills no memory: every cache that their words could grow is bounded, and a bounded one keeps no long words."""

import ast
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random

import pytest

from bot.conversation.knowledge import KnowledgeCache
from bot.conversation.record import card_to_text
from storage.database import Database
from tests.memory import kept_after

ROOT = Path(__file__).parents[1]
ROOMS = ("bot", "intents", "storage", "templates")
FILLED_BY_CODE = {  # kept for ever: what they are asked for stands in the code
    "bot/records.py _reader",
    "bot/web/assets.py mark_of",
    "bot/wechat/asgi.py _fixed_headers",
}
HEARD, HEARD_BEFORE, LONGEST = 20, 10, 20_000
MOST_KEPT_BYTES = 12_000  # of one message, however long it was
ALPHABETS = {"Latin": "abcdefghijklmnopqrstuvwxyz", "Chinese": "天地玄黄宇宙洪荒咖啡券店", "words": "abcdefghijk   "}


def kept_for_ever(tree: ast.Module) -> Iterator[str]:
    """Yield the functions with arguments whose every result is kept."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and (node.args.args or node.args.kwonlyargs):
            for decorator in node.decorator_list:
                text = ast.unparse(decorator).removeprefix("functools.")
                if text in ("cache", "lru_cache(None)", "lru_cache(maxsize=None)"):
                    yield node.name


def test_no_cache_that_people_could_fill_is_without_bound() -> None:
    files = [file for room in ROOMS for file in sorted((ROOT / room).rglob("*.py"))]
    found = {
        f"{file.relative_to(ROOT)} {name}"
        for file in files
        for name in kept_for_ever(ast.parse(file.read_text("utf-8")))
    }
    assert found == FILLED_BY_CODE


@pytest.mark.parametrize("alphabet", ALPHABETS)
def test_of_long_messages_next_to_nothing_is_kept(database: Database, alphabet: str) -> None:
    matcher = KnowledgeCache().newest(database).matcher
    random = Random(7)

    def hear(times: int = HEARD) -> None:
        for _ in range(times):
            said = "".join(random.choices(ALPHABETS[alphabet], k=LONGEST))
            card_to_text(matcher.match(said, today=date(2026, 1, 1)).card)

    hear(HEARD_BEFORE)
    most_bytes = HEARD * MOST_KEPT_BYTES
    assert kept_after(hear, enough=most_bytes) < most_bytes
