"""One form for many spellings: width, case, script, Cantonese, punctuation, emoji and spacing of a message made even before anything looks at it.

Punctuation and line breaks become single spaces, so that later rules still see where a clause ends; ``key`` is the same text
without the spaces that carry no meaning between Chinese characters, for comparing whole messages.
"""

import re
import unicodedata
from dataclasses import dataclass

import opencc

from intents.matching.glossary import CANTONESE, EMOJI, EMOJI_ALONE

LONGEST = (
    600  # characters; the platform's own limit for a text message is 2,048 bytes, what is longer was not typed there
)

# Converting only reads dictionaries that never change once loaded: one converter serves all threads (a test does so).
to_simplified = opencc.OpenCC("t2s").convert

_ALREADY_PLAIN = re.compile(r"[0-9a-z\u4e00-\u9fff]*")
# Private-use characters are removed as well: the matcher marks places with them.
_UNSEEN = re.compile(
    r"[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    r"\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    r"\U0001f3fb-\U0001f3ff\U000e0000-\U0010ffff]+"
)
_EMOJI = re.compile("|".join(map(re.escape, sorted(EMOJI, key=len, reverse=True))))
_CANTONESE = re.compile("|".join(sorted(CANTONESE, key=len, reverse=True)))
# 一点解释, 早点用, 而家长: the same characters, and no Cantonese.
_BEFORE_IT, _AFTER_IT = frozenset("一有早晚快这那几差两三四五六七八九十"), frozenset("释决答说长里人庭乡")
_NUMBER_MARK = re.compile(r"(?<=\d)[,，](?=\d{3}(?!\d))")
_APART = re.compile(
    r"(?:(?<!\d)[.:/-]|[.:/-](?!\d)|[^\w.:/-]|_)+"
)  # a mark between digits belongs to a date, a time or a price
_BETWEEN_CHARACTERS = re.compile(r"(?<![0-9a-z]) | (?![0-9a-z])")


@dataclass(frozen=True, slots=True)
class Normalised:
    """A message made even: ``text`` with clauses apart, ``key`` without meaningless spaces, ``original`` as it was typed."""

    text: str
    key: str
    original: str


def normalise(original: str) -> Normalised:
    """Return the even form of a message; of a very long one only the first ``LONGEST`` characters are looked at."""
    if _ALREADY_PLAIN.fullmatch(original) and len(original) <= LONGEST:
        simplified = _in_mandarin(to_simplified(original))
        return Normalised(simplified, simplified, original)
    text = _UNSEEN.sub("", unicodedata.normalize("NFKC", original[:LONGEST]).lower())
    if not text.isascii():
        text = _in_mandarin(to_simplified(_EMOJI.sub(_spoken, text)))
    text = _NUMBER_MARK.sub("", text)
    text = _APART.sub(" ", text).strip() or _said_by_emoji(original)
    if " " not in text:
        return Normalised(text, text, original)
    parts = text.split(" ")
    if all(len(part) == 1 for part in parts):  # written apart for emphasis: 优 惠 券
        text = "".join(parts)
    return Normalised(text, without_spaces(text), original)


def without_spaces(text: str) -> str:
    """Return a normalised text without the spaces that do not stand between Latin words or numbers."""
    return _BETWEEN_CHARACTERS.sub("", text) if " " in text else text


def _said_by_emoji(original: str) -> str:
    """Return what a message without words says by its emoji, empty for nothing."""
    return next((EMOJI_ALONE[sign] for sign in original[:LONGEST] if sign in EMOJI_ALONE), "")


def _spoken(found: re.Match[str]) -> str:
    return EMOJI[found.group()]


def _in_mandarin(text: str) -> str:
    """Return a simplified text with what is Cantonese in it put into Mandarin."""
    return _CANTONESE.sub(_mandarin, text) if _CANTONESE.search(text) else text


def _mandarin(found: re.Match[str]) -> str:
    before, after = found.string[: found.start()][-1:], found.string[found.end() :][:1]
    plain = found.group()[0] in "点而" and (before in _BEFORE_IT or after in _AFTER_IT)
    return found.group() if plain else CANTONESE[found.group()]
