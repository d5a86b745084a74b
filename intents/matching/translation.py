"""English and pinyin service words in the words that a brand's phrases know."""

import re
from collections.abc import Set

from intents.matching.glossary import FOREIGN
from intents.matching.normalise import without_spaces

_LATIN = re.compile(r"[a-z]+")


def translated(key: str, words: Set[str], characters: Set[str]) -> str:
    """Return a text in known words: a Latin word of the glossary that is none of ``words`` becomes Chinese, if any of it is in ``characters``."""
    if not _LATIN.search(key):
        return key

    def known(found: re.Match[str]) -> str:
        word = found.group()
        chinese = FOREIGN.get(word, "")
        return chinese if word not in words and not characters.isdisjoint(chinese) else word

    spoken = _LATIN.sub(known, key)
    return key if spoken == key else without_spaces(spoken)
