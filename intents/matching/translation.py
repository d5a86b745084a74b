"""English and pinyin service words, and English expressions, in the words that a brand's phrases know."""

import re
from collections.abc import Set

from intents.matching.glossary import ENGLISH, FOREIGN
from intents.matching.normalise import normalise, without_spaces

_LATIN = re.compile(r"[a-z]+")
_READ = {normalise(expression).text: chinese for expression, chinese in ENGLISH.items()}
# "check in at the hotel" is of another place: what ends in a particle and goes on has an object of its own.
_EXPRESSION = re.compile(
    rf"(?<![a-z])(?:{'|'.join(map(re.escape, sorted(_READ, key=len, reverse=True)))})(?![a-z])(?!(?<= in) (?:at|to|into|on|with)\b)"
)


def translated(key: str, words: Set[str], characters: Set[str]) -> str:
    """Return a text in known words: Latin words of the glossary that are none of ``words`` become Chinese, if any of it is in ``characters``.

    An expression is read as a whole unless each of its words is known.
    """
    if not _LATIN.search(key):
        return key

    def known(found: re.Match[str]) -> str:
        word = found.group()
        chinese = FOREIGN.get(word, "")
        return chinese if word not in words and not characters.isdisjoint(chinese) else word

    def read(found: re.Match[str]) -> str:
        expression = found.group()
        chinese = _READ[expression]
        strange = not all(word in words for word in _LATIN.findall(expression))
        return chinese if strange and not characters.isdisjoint(chinese) else expression

    spoken = _LATIN.sub(known, _EXPRESSION.sub(read, key))
    return key if spoken == key else without_spaces(spoken)
