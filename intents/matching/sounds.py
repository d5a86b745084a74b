"""How a message sounds: 悠惠券, 优会券 and youhuiquan are one to the ear.

A syllable stands for each character, from a shipped table of readings (``scripts/make_readings.py``), tones left out; what dialects and thumbs
mix up is made one: zh and z, ch and c, sh and s, n and l, h and f at the start, -ng and -n at the end. Latin words that are pinyin through and through join in.
"""

import re
from functools import cache, lru_cache
from importlib import resources

LONGEST_TYPED = 24  # letters of a Latin word that is tried as pinyin
LONGEST_SYLLABLE = 6

_RUNS = re.compile(r"[\u4e00-\u9fff]+|[a-z]+")
_VOWEL = re.compile("[aeiouv]")
_FIRST_LETTER = 0xE100  # private, and none of the marks for places
_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("f", "h"))


def blurred(syllable: str) -> str:
    """Return a syllable with what sounds alike made the same."""
    for initial, plain in _INITIALS:
        if syllable.startswith(initial):
            syllable = plain + syllable[len(initial) :]
            break
    return syllable[:-1] if syllable.endswith("ng") and not syllable.endswith("ong") else syllable


@cache
def _spelt() -> dict[str, str]:
    """Return the reading of each character, as it is spelt."""
    lines = resources.files("intents.matching").joinpath("readings.txt").read_text("utf-8").splitlines()
    return {character: syllable for syllable, characters in map(str.split, lines) for character in characters}


@cache
def _readings() -> dict[str, str]:
    return {character: blurred(syllable) for character, syllable in _spelt().items()}


def romanised(text: str) -> str:
    """Return a text with its characters in pinyin."""
    spelt = _spelt()
    return "".join([spelt.get(character, character) for character in text])


@cache
def _syllables() -> frozenset[str]:
    lines = resources.files("intents.matching").joinpath("readings.txt").read_text("utf-8").splitlines()
    return frozenset(syllable for line in lines if _VOWEL.search(syllable := line.split(" ")[0]))


@lru_cache(4096)
def typed(word: str) -> tuple[str, ...]:
    """Return the syllables of a Latin word that is pinyin throughout, of several ways the one with fewest; nothing for other words."""
    if len(word) > LONGEST_TYPED:
        return ()
    known = _syllables()
    best: list[tuple[str, ...] | None] = [()]
    for end in range(1, len(word) + 1):
        shortest: tuple[str, ...] | None = None
        for start in range(max(0, end - LONGEST_SYLLABLE), end):
            before = best[start]
            if (
                before is not None
                and word[start:end] in known
                and (shortest is None or len(before) + 1 < len(shortest))
            ):
                shortest = (*before, word[start:end])
        best.append(shortest)
    return tuple(map(blurred, best[-1] or ()))


def sounds(text: str) -> list[list[str]]:
    """Return the blurred syllables of a normalised text, run by run; a character without a reading ends a run."""
    readings = _readings()
    runs: list[list[str]] = [[]]
    for found in _RUNS.findall(text):
        if found[0] < "\u4e00":
            syllables = typed(found)
            if syllables:
                runs[-1].extend(syllables)
            else:
                runs.append([])
        else:
            for character in found:
                syllable = readings.get(character)
                if syllable is None:
                    runs.append([])
                else:
                    runs[-1].append(syllable)
    return [run for run in runs if run]


def spelt_by_ear(text: str) -> str:
    """Return a normalised text with one letter for each blurred syllable, so that texts that sound alike are spelt alike."""
    readings, letters = _readings(), _letters()
    return "".join([letters[readings[character]] if character in readings else character for character in text])


@cache
def _letters() -> dict[str, str]:
    return {syllable: chr(_FIRST_LETTER + number) for number, syllable in enumerate(sorted(set(_readings().values())))}
