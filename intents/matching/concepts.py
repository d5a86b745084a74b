"""What a message is about, in words of one's own choice: a hand-written thesaurus of what consumers ask a brand.

退钱, 不想要了 and 撤单 share no character but a wish. The thesaurus lies beside this module, a group of words a line; staff's phrases
decide what a group means for their brand, it only says which words go together.
"""

from collections import defaultdict
from functools import cache
from importlib import resources


@cache
def _groups() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[int, ...]]]:
    """Return the groups of each word, and by their first character the lengths of words, longest first."""
    lines = resources.files("intents.matching").joinpath("concepts.txt").read_text("utf-8").splitlines()
    groups: dict[str, dict[str, None]] = defaultdict(dict)
    for line in lines:
        if line and not line.startswith("#"):
            words = line.split()
            for word in words:
                groups[word][words[0]] = None
    lengths: dict[str, set[int]] = defaultdict(set)
    for word in groups:
        lengths[word[0]].add(len(word))
    return (
        {word: tuple(names) for word, names in groups.items()},
        {first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()},
    )


def concepts(text: str) -> list[str]:
    """Return the names of the groups whose words a normalised text has, each once, in order; of words in each other the longest counts."""
    groups, lengths = _groups()
    found: dict[str, None] = {}
    position = 0
    while position < len(text):
        for length in lengths.get(text[position], ()):
            names = groups.get(text[position : position + length])
            if names:
                found.update(dict.fromkeys(names))
                position += length
                break
        else:
            position += 1
    return list(found)
