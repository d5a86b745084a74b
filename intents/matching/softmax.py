"""A softmax classifier over sparse rows, learned by plain stochastic descent in numpy; same rows, same weights.

Several copies are learned in one go, each but the first blind to one part of the samples: what a copy says of its part tells how well the
whole does on messages it has not seen. Small batches are made dense over the columns they touch, so that the work is a few matrix products.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Whole = NDArray[np.int64]

RATE = 1.0
BIAS_RATE = 0.1
SMOOTHING = (
    0.05  # of the certainty that is aimed at: who is never quite sure of a phrase is less sure of what is foreign
)
SEED = 1


@dataclass(frozen=True, slots=True)
class Row:
    """The columns a sample has, and their values."""

    columns: NDArray[np.int32]
    values: Floats


@dataclass(frozen=True, slots=True)
class Samples:
    """What is learned from: rows, the class of each, how much each counts, and which part it belongs to (0 … parts - 1)."""

    rows: Sequence[Row]
    classes: Whole
    weights: Floats
    parts: Whole


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learned, one copy: a line a column and a number a class, and the classes' own inclination."""

    by_column: Floats
    bias: Floats

    def scores(self, row: Row) -> Floats:
        """Return the score of each class; as probabilities by ``probabilities``."""
        result: Floats = row.values @ self.by_column[row.columns] + self.bias
        return result


@dataclass(frozen=True, slots=True)
class _Batch:
    members: Whole
    columns: NDArray[np.int32]
    lengths: NDArray[np.int32]
    places: NDArray[np.int32]
    values: Floats

    def dense(self) -> Floats:
        """Return the rows over the columns they touch."""
        lines = np.zeros((len(self.members), len(self.columns)), np.float32)
        lines[np.repeat(np.arange(len(self.members)), self.lengths), self.places] = self.values
        return lines


def learn(
    samples: Samples, *, columns: int, classes: int, epochs: int, batch: int = 16, parts: int = 0
) -> list[Weights]:
    """Return the weights learned from all samples, ``batch`` at a time, then those of ``parts`` copies, each blind to the samples of one part."""
    copies = parts + 1
    by_column = np.zeros((columns, copies * classes), np.float32)
    bias = np.zeros(copies * classes, np.float32)
    seen = np.repeat(samples.weights[:, None], copies, axis=1)
    for part in range(parts):
        seen[samples.parts == part, part + 1] = 0.0
    order = np.random.default_rng(SEED)
    batches = _batches(samples, batch, order)
    for epoch in range(epochs):
        rate = np.float32(RATE * (1.0 - epoch / epochs))
        for number in order.permutation(len(batches)):
            one = batches[number]
            dense = one.dense()
            touched = by_column[one.columns]
            wrong = probabilities((dense @ touched + bias).reshape(len(one.members), copies, classes))
            wrong[np.arange(len(one.members)), :, samples.classes[one.members]] -= 1.0 - SMOOTHING
            wrong -= SMOOTHING / classes
            wrong *= seen[one.members][:, :, None]
            wrong = wrong.reshape(len(one.members), copies * classes)
            by_column[one.columns] = touched - rate * (dense.T @ wrong)
            bias -= rate * np.float32(BIAS_RATE) * wrong.mean(0)
    return [
        Weights(by_column[:, start : start + classes].copy(), bias[start : start + classes].copy())
        for start in range(0, copies * classes, classes)
    ]


def probabilities(scores: Floats) -> Floats:
    """Return scores along the last axis as probabilities that add up to one."""
    lifted = np.exp(scores - scores.max(-1, keepdims=True))
    result: Floats = lifted / lifted.sum(-1, keepdims=True)
    return result


def _batches(samples: Samples, size: int, order: np.random.Generator) -> list[_Batch]:
    mixed = order.permutation(len(samples.rows))
    batches = []
    for start in range(0, len(mixed), size):
        members = mixed[start : start + size]
        rows = [samples.rows[member] for member in members]
        columns, places = np.unique(np.concatenate([row.columns for row in rows]), return_inverse=True)
        lengths = np.array([len(row.columns) for row in rows], np.int32)
        values = np.concatenate([row.values for row in rows])
        batches.append(_Batch(members, columns, lengths, places.astype(np.int32), values))
    return batches
