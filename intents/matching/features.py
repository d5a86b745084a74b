"""What the learned rung sees of a message: four views, weighed apart, so that none drowns the others.

*Characters*: runs of one to four. *Words*: Latin words and their pairs. *Sounds*: runs of one to three blurred syllables. *Concepts*: groups of
the thesaurus and pairs of them. Each feature is a short text whose first letter names its view.
"""

import re

from intents.matching.concepts import concepts
from intents.matching.sounds import sounds

LONGEST_CHARACTERS, LONGEST_SOUNDS = 4, 3
_RUNS = re.compile(
    r"[^\W\u3400-\u9fff\ue000-\uf8ff\U00020000-\U0003ffff]+|[\u3400-\u9fff\ue000-\uf8ff\U00020000-\U0003ffff]+"
)


def views(key: str, chinese: bool = True) -> tuple[list[str], ...]:
    """Return the features of a normalised text, view by view; sounds and concepts only where phrases are Chinese."""
    characters: list[str] = []
    words: list[str] = []
    before = ""
    for run in _RUNS.findall(key):
        latin = run[0] < "\u3400"
        if latin:
            words.append("w" + run)
            if before:
                words.append(f"w{before} {run}")
        before = run if latin else ""
        padded = f" {run} "
        for length in range(1, LONGEST_CHARACTERS + 1):
            characters.extend([f"c{padded[i : i + length]}" for i in range(len(padded) - length + 1)])
    if not chinese:
        return characters, words
    heard: list[str] = []
    for run in sounds(key):
        for length in range(1, LONGEST_SOUNDS + 1):
            heard.extend(["s" + "-".join(run[i : i + length]) for i in range(len(run) - length + 1)])
    groups = concepts(key)
    meant = ["k" + group for group in groups]
    meant.extend(f"k{first}+{second}" for i, first in enumerate(groups) for second in groups[i + 1 :])
    return characters, words, heard, meant


def readable_feature(feature: str) -> str:
    """Return a feature as people may read it: the characters or words themselves, a sound between strokes, a group in brackets."""
    view, rest = feature[0], feature[1:]
    return f"/{rest}/" if view == "s" else f"[{rest}]" if view == "k" else rest.strip() or "␣"
