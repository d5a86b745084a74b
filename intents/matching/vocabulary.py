"""From features to columns: which there are, how much each tells, and the row of a message.

A feature weighs its rarity; each view is brought to one length and then to its own weight, so that a message of few words counts as much as a long one.
"""

import math
from array import array
from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from intents.matching.softmax import Row

Views = tuple[list[str], ...]

VIEW_WEIGHTS = (1.5, 1.0, 1.5, 1.5)  # characters, words, sounds, concepts


class Vocabulary:
    """Knows the features of some documents; never changes once made. Made by ``of``."""

    def __init__(self, features: list[str], rarity: list[float]) -> None:
        """Take features in the order of their columns, and how much each tells."""
        self._features = features
        self._columns = {feature: column for column, feature in enumerate(features)}
        self._rarity = rarity

    @classmethod
    def of(cls, documents: Iterable[Views], many: int) -> tuple["Vocabulary", list[Row]]:
        """Return the vocabulary of documents, and their rows; with ``many`` documents or more, features seen once are left out.

        Features are numbered as they come, so that no document's texts are kept. A run is one view of one document.
        """
        numbers: dict[str, int] = {}
        codes, lengths, views = array("i"), array("i"), 1
        for document in documents:
            views = len(document)
            for features in document:
                codes.extend([numbers.setdefault(feature, len(numbers)) for feature in features])
                lengths.append(len(features))
        run = np.repeat(np.arange(len(lengths), dtype=np.int64), np.frombuffer(lengths, np.int32))
        pairs, counts = np.unique(run * max(1, len(numbers)) + np.frombuffer(codes, np.int32), return_counts=True)
        run, code = np.divmod(pairs, max(1, len(numbers)))
        frequency = np.bincount(code, minlength=len(numbers))
        documents_seen = len(lengths) // views
        kept = frequency >= (2 if documents_seen >= many else 1)
        rarity = np.log((1 + documents_seen) / (1 + frequency)) + 1.0
        vocabulary = cls([feature for feature, number in numbers.items() if kept[number]], rarity[kept].tolist())
        stay = kept[code]
        run, code, counts = run[stay], code[stay], counts[stay]
        values = _weighed(run, rarity[code] * (1.0 + np.log(counts)), len(lengths), views)
        columns = (np.cumsum(kept) - 1)[code].astype(np.int32)
        ends = np.searchsorted(run, np.arange(0, len(lengths) + 1, views))
        return vocabulary, [Row(columns[start:end], values[start:end]) for start, end in pairwise(ends.tolist())]

    def __len__(self) -> int:
        return len(self._features)

    def __getitem__(self, column: int) -> str:
        return self._features[column]

    def row(self, views: Views) -> Row:
        """Return the row of a document; features not known leave no trace."""
        known = self._columns
        columns = array("i")
        values = array("d")
        for features, weight in zip(views, VIEW_WEIGHTS, strict=False):
            found: dict[int, int] = {}
            for feature in features:
                column = known.get(feature)
                if column is not None:
                    found[column] = found.get(column, 0) + 1
            self._add(found, weight, columns, values)
        return Row(np.array(columns, np.int32), np.array(values, np.float32))

    def _add(self, found: dict[int, int], weight: float, columns: "array[int]", values: "array[float]") -> None:
        """Add the columns of one view with their values, brought to the view's weight."""
        rarity = self._rarity
        weighed = [rarity[column] * (1.0 + math.log(count)) for column, count in found.items()]
        part = weight / math.sqrt(sum([value * value for value in weighed])) if weighed else 0.0
        columns.extend(found)
        values.extend([value * part for value in weighed])


def _weighed(run: NDArray[np.int64], values: NDArray[np.float64], runs: int, views: int) -> NDArray[np.float32]:
    """Return the values of each run (one view of one document) brought to the weight of its view."""
    length = np.sqrt(np.bincount(run, weights=values * values, minlength=runs))
    weight = np.resize(np.array(VIEW_WEIGHTS[:views]), runs)
    part = np.divide(weight, length, out=np.zeros(runs), where=length > 0)
    return (values * part[run]).astype(np.float32)
