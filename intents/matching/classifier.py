"""The learned rung: which intent a message belongs to by all its features at once, or none of ours.

A softmax over the intents and one class more, for what no brand is asked: the shipped everyday messages, each counting little, and those that the
brand marked as foreign, each counting as much as a phrase. Learning is deterministic: the same phrases make the same weights.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from intents.matching.features import readable_feature, views
from intents.matching.softmax import Floats, Row, Samples, learn
from intents.matching.spelling import Spelling
from intents.matching.translation import translated
from intents.matching.vocabulary import Vocabulary

FOREIGN_WEIGHT = 0.1  # of a shipped foreign message; a phrase and what the brand itself calls foreign weigh 1
PARTS = 4  # of the samples; a copy that learns blindly does without one of them, to see how sure to be
EPOCHS, BATCH = 8, 16  # rounds over the samples, and how many are looked at together
SOME = range(
    2_500, 6_000
)  # samples, the shipped foreign ones among them: so many are learned as well, and in half the time, by
EPOCHS_OF_SOME, BATCH_OF_SOME = 5, 32
MANY = 2_500  # samples from which on features seen once are left out
MOST_WORK = 650_000  # samples times classes times copies: beyond, fewer copies learn blindly, or none
MOST_SHOWN = 5  # features on the card

_LATIN = re.compile(r"[a-z]+")
_LATIN_WORD = re.compile(r"[a-z0-9]+")
_CHINESE = re.compile("[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Example:
    """A text to learn from, as messages are compared: ``intent`` None for a foreign one. ``said``: it is what a person says, not a keyword."""

    key: str
    intent: str | None
    said: bool = True


@dataclass(frozen=True, slots=True)
class Blind:
    """What a copy that never saw an example says of it: scores of the intents and, last, of none; the part that it is in."""

    key: str
    intent: str | None
    scores: Floats
    part: int


class Classifier:
    """Learned weights; never changes once made."""

    def __init__(self, examples: Sequence[Example], everyday: Sequence[str]) -> None:
        """Learn from examples of at least one intent, and from everyday messages that are foreign to any brand.

        Takes about a quarter of a second for 25 intents, half a second for 3,000 phrases, 4 s for 15,000.
        """
        self.intents = tuple(dict.fromkeys(example.intent for example in examples if example.intent is not None))
        self._words = {word for example in examples for word in _LATIN.findall(example.key)}
        self._characters = {character for example in examples for character in example.key}
        self._chinese = any(_CHINESE.search(example.key) for example in examples)
        own = {example.key for example in examples}
        foreign = [key for key in everyday if key not in own]
        texts = [*(example.key for example in examples), *foreign]
        corrects = not self._chinese and len(texts) < MANY  # thousands of phrases have misspelt words of their own
        known = (word for example in examples for word in _LATIN_WORD.findall(example.key))
        self._spelling = Spelling(known) if corrects else None
        self.vocabulary, rows = Vocabulary.of((views(text, self._chinese) for text in texts), MANY)
        work = len(texts) * (len(self.intents) + 1)
        parts = next((parts for parts in (PARTS, 1) if work * (1 + parts) <= MOST_WORK), 0)
        samples = self._samples(examples, rows)
        epochs, batch = (EPOCHS_OF_SOME, BATCH_OF_SOME) if len(texts) in SOME else (EPOCHS, BATCH)
        classes = len(self.intents) + 1
        copies = learn(samples, columns=len(self.vocabulary), classes=classes, epochs=epochs, batch=batch, parts=parts)
        self._weights = copies[0]
        said = [example.said for example in examples] + [True] * len(foreign)
        intents = [example.intent for example in examples] + [None] * len(foreign)
        self.blind = tuple(
            Blind(texts[number], intents[number], copies[1 + part].scores(rows[number]), part)
            for number, part in enumerate(samples.parts.tolist())
            if part < parts and said[number]
        )

    @cached_property
    def fingerprint(self) -> str:
        """A digest of all that was learned: equal for equal examples."""
        digest = hashlib.sha256("\n".join(self.intents).encode())
        digest.update("\n".join(self.vocabulary[column] for column in range(len(self.vocabulary))).encode())
        digest.update(self._weights.by_column.tobytes())
        digest.update(self._weights.bias.tobytes())
        return digest.hexdigest()

    def in_known_words(self, key: str) -> str:
        """Return a text with words that no phrase knows in words that phrases do know.

        Where phrases are Chinese these are English and pinyin service words; where they are not, and not very many, short and misspelt words.
        """
        if self._chinese:
            return translated(key, self._words, self._characters)
        return self._spelling.corrected(key) if self._spelling else key

    def row(self, key: str) -> Row:
        """Return the features of a text."""
        return self.vocabulary.row(views(key, self._chinese))

    def scores(self, row: Row) -> Floats:
        """Return the score of each of ``intents`` and, last, of none."""
        return self._weights.scores(row)

    def evidence(self, row: Row, intent: int, other: int) -> list[str]:
        """Return the features that speak most for one class against another, strongest first, as people may read them."""
        if not len(row.columns):
            return []
        difference = self._weights.by_column[row.columns, intent] - self._weights.by_column[row.columns, other]
        speaks = row.values * difference
        strongest = np.argsort(-speaks, kind="stable")[: 2 * MOST_SHOWN]
        shown = dict.fromkeys(
            readable_feature(self.vocabulary[int(row.columns[at])]) for at in strongest if speaks[at] > 0
        )
        return list(shown)[:MOST_SHOWN]

    def _samples(self, examples: Sequence[Example], rows: Sequence[Row]) -> Samples:
        places = {intent: place for place, intent in enumerate(self.intents)}
        none, foreign = len(self.intents), len(rows) - len(examples)
        classes = [none if one.intent is None else places[one.intent] for one in examples] + [none] * foreign
        weights = [1.0] * len(examples) + [FOREIGN_WEIGHT] * foreign
        return Samples(rows, np.array(classes, np.int64), np.array(weights, np.float32), _dealt(classes))


def _dealt(classes: Sequence[int]) -> np.typing.NDArray[np.int64]:
    """Return a part for each sample, dealt class by class, so that each part has some of every class."""
    seen: dict[int, int] = {}
    parts = []
    for one in classes:
        seen[one] = seen.get(one, -1) + 1
        parts.append(seen[one] % PARTS)
    return np.array(parts, np.int64)
