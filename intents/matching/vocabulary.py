"""From features to columns: which there are, how much each tells, and the row of a message.

A feature weighs its rarity; each view is brought to one length and then to its own weight, so that a message of few words counts as much as a long one.
"""

import math
from array import array
from collections.abc import Iterable

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

        Features are numbered as they come, so that no document's texts are kept.
        """
        numbers: dict[str, int] = {}
        coded = [
            [
                np.array([numbers.setdefault(feature, len(numbers)) for feature in features], np.int32)
                for features in views
            ]
            for views in documents
        ]
        frequency = np.zeros(len(numbers), np.int64)
        for views in coded:
            for codes in views:
                frequency[np.unique(codes)] += 1
        kept = frequency >= (2 if len(coded) >= many else 1)
        column = np.where(kept, np.cumsum(kept) - 1, -1).astype(np.int32)
        rarity = np.log((1 + len(coded)) / (1 + frequency)) + 1.0
        features = [feature for feature, number in numbers.items() if kept[number]]
        vocabulary = cls(features, rarity[kept].tolist())
        return vocabulary, [vocabulary._row_of_codes([column[codes] for codes in views]) for views in coded]

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

    def _row_of_codes(self, views: list[NDArray[np.int32]]) -> Row:
        columns = array("i")
        values = array("d")
        for codes, weight in zip(views, VIEW_WEIGHTS, strict=False):
            found: dict[int, int] = {}
            for column in codes.tolist():
                if column >= 0:
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
