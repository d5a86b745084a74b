"""Messages that nothing answered, put together by what they are about: one wish in many wordings is one cluster.

What is compared is what the learned rung sees of a message (``features``): runs of characters, words, sounds, groups of the thesaurus, each weighed by
its rarity among all these and everyday messages. The words of asking (怎么, 可以, please) are left out first, as they stand in every question; numbers are
all alike; what only one wording has says nothing. Two wordings are neighbours when the cosine of these is at least ``ALIKE``.
The wording with most neighbours, by how often they were said, gathers them; then the one with most of all others, and so on; a wording left alone
joins the cluster of its nearest neighbour. No randomness and no order of arrival: the same messages make the same clusters.

Five thousand wordings take about a second: features that many have are compared as one matrix, the others through a list of who has them.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
from numpy.typing import NDArray

from intents.matching.features import views
from intents.matching.foreign import shipped_foreign
from intents.matching.naming import title_of
from intents.matching.normalise import normalise, without_spaces
from intents.matching.softmax import Floats, Row
from intents.matching.vocabulary import Vocabulary

ALIKE = 0.35  # of wordings put together by hand nearly all that share words lie above; from 0.25 to 0.4 clusters change little
MOST_WORDINGS = 5_000  # looked at; the most said, then the newest
LOOKED_AT = 80  # characters; a story is about what it begins with
COMMON = 0.02  # share of the wordings that have a feature, from which on it is compared in one matrix
BLOCK = 256  # wordings compared with all others at a time, to bound the memory: a few MB

_DIGITS = re.compile(r"\d+")
# What questions are put in, and says nothing of what they are about; longer words first.
_ASKING = re.compile(
    r"(?:能不能|可不可以|可以|有没有|有无|是不是|要不要|怎么办|怎么样|怎么|怎样|如何|多少钱?|几块|什么时候|什么|为什么|为啥|是啥|哪里|哪儿|在哪|请问一?下?|问一?下|"
    r"想问|我想|想要|想|你们家?|你家|我们|我家|咱们|我的|我|你|您|店里|店|一下|一个|一张|一些|这个|那个|请|需要|能|可|会|有|要|吗|呢|呀|啊|吧|嘛|么|哦|哈|了|的|地|得|是|在|"
    r"去|给|把|被|和|跟|就|都|也|还|很|太|不|没|到|里|上|个|点)+"
    r"|\b(?:do|does|did|you|your|u|ur|have|has|any|is|are|was|am|the|a|an|i|me|my|we|our|it|this|that|to|of|in|on|at|for|from|with|and|or|can|could|"
    r"would|will|shall|should|may|how|what|when|where|which|who|why|there|be|get|got|please|pls|plz|want|need|know|tell|hi|hello|much|many|so|if|not)\b"
)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A message that nothing answered, and the day it came."""

    id: int
    text: str
    day: date


@dataclass(frozen=True, slots=True)
class Wording:
    """One way of saying it: the text as it was first typed, how often it was said, and the id of the newest message that says it."""

    key: str
    text: str
    times: int
    newest_id: int


@dataclass(frozen=True, slots=True)
class Cluster:
    """Wordings of one wish: the one that gathered the others first, then by how often they were said.

    ``key`` is the same as long as that first one is. ``days`` tells how many messages came on each day, oldest first.
    """

    key: str
    wordings: tuple[Wording, ...]
    days: tuple[tuple[date, int], ...]

    @property
    def size(self) -> int:
        """How many messages it stands for."""
        return sum(wording.times for wording in self.wordings)

    @property
    def title(self) -> str:
        """A short name for what it is about."""
        subjects: dict[str, int] = {}
        for wording in self.wordings:
            subject = subject_of(wording.key[:LOOKED_AT])
            subjects[subject] = subjects.get(subject, 0) + wording.times
        return title_of(subjects, self.wordings[0].text)

    @property
    def newest_id(self) -> int:
        """The id of its newest message."""
        return max(wording.newest_id for wording in self.wordings)


def key_of(text: str) -> str:
    """Return what makes two texts the same wording: the normalised text, whatever its numbers."""
    return _DIGITS.sub("0", normalise(text).key)


def cluster(messages: Iterable[Unanswered]) -> list[Cluster]:
    """Return the clusters of messages, the largest first; messages without words are left out."""
    said: dict[str, list[Unanswered]] = {}
    for message in messages:
        if key := key_of(message.text):
            said.setdefault(key, []).append(message)
    wordings = [_wording(key, same) for key, same in said.items()]
    wordings.sort(key=lambda one: (-one.times, -one.newest_id, one.key))
    kept = wordings[:MOST_WORDINGS]
    gathered = _gathered([wording.key for wording in kept], np.array([wording.times for wording in kept], np.int64))
    found = [_cluster([kept[place] for place in places], said) for places in gathered]
    found.sort(key=lambda one: (-one.size, -one.newest_id, one.key))
    return found


def _wording(key: str, same: Sequence[Unanswered]) -> Wording:
    first = min(same, key=lambda message: message.id)
    return Wording(key, first.text, len(same), max(message.id for message in same))


def _cluster(wordings: Sequence[Wording], said: dict[str, list[Unanswered]]) -> Cluster:
    leader, *others = wordings
    others.sort(key=lambda one: (-one.times, -one.newest_id, one.key))
    days = Counter(message.day for wording in wordings for message in said[wording.key])
    key = hashlib.sha256(leader.key.encode()).hexdigest()[:16]
    return Cluster(key, (leader, *others), tuple(sorted(days.items())))


def _gathered(keys: Sequence[str], times: NDArray[np.int64]) -> list[list[int]]:
    """Return the places of the keys that belong together, each cluster's first one first."""
    compared = [subject_of(key[:LOOKED_AT]) for key in keys]
    _, rows = Vocabulary.of((views(text) for text in (*compared, *_everyday())), many=0)
    alike = _Alike(rows[: len(keys)])
    weight = np.zeros(len(keys), np.int64)
    for start, block in alike.blocks(range(len(keys))):
        weight[start : start + len(block)] = (block >= ALIKE) @ times
    order = sorted(range(len(keys)), key=lambda place: (-weight[place], place))
    home = np.full(len(keys), -1)  # the cluster of each
    clusters: list[list[int]] = []
    for start, block in alike.blocks(order):
        for place, similar in zip(order[start : start + len(block)], block, strict=True):
            if home[place] >= 0:
                continue
            near = similar >= ALIKE
            near[place] = False
            free = np.flatnonzero(near & (home < 0))
            if len(free) or not near.any():
                home[place] = home[free] = len(clusters)
                clusters.append([place, *free.tolist()])
            else:
                nearest = int(np.where(near, similar, -1.0).argmax())
                home[place] = home[nearest]
                clusters[home[nearest]].append(place)
    return clusters


def subject_of(key: str) -> str:
    """Return what a message is about: its words without those of asking, all of them when there are no others."""
    left = without_spaces(" ".join(_ASKING.sub(" ", key).split()))
    return left or key


@cache
def _everyday() -> tuple[str, ...]:
    """Return everyday messages, which tell how common a feature is."""
    return tuple(subject_of(key) for key in shipped_foreign())


class _Alike:
    """How alike rows are: the cosine of any with all."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._count = len(rows)
        lengths = np.array([len(row.columns) for row in rows], np.int64)
        owner = np.repeat(np.arange(len(rows)), lengths)
        columns = np.concatenate([row.columns for row in rows]) if rows else np.zeros(0, np.int32)
        values = np.concatenate([_unit(row.values) for row in rows]) if rows else np.zeros(0, np.float32)
        width = int(columns.max()) + 1 if len(columns) else 0
        common = np.bincount(columns, minlength=width) > COMMON * len(rows)
        self._dense = np.zeros((len(rows), int(common.sum())), np.float32)
        shared = common[columns]
        self._dense[owner[shared], (np.cumsum(common) - 1)[columns[shared]]] = values[shared]
        owner, columns, values = owner[~shared], columns[~shared], values[~shared]
        self._starts = np.searchsorted(owner, np.arange(len(rows) + 1))
        self._columns, self._values = columns, values
        by_column = np.argsort(columns, kind="stable")
        self._owners, self._owned = owner[by_column], values[by_column]
        self._first = np.searchsorted(columns[by_column], np.arange(width + 1))

    def blocks(self, order: Sequence[int]) -> Iterator[tuple[int, Floats]]:
        """Yield, for some places at a time, how many came before and the cosines of each with all."""
        for start in range(0, len(order), BLOCK):
            places = np.array(order[start : start + BLOCK])
            yield start, self._of(places)

    def _of(self, places: NDArray[np.int64]) -> Floats:
        entries = _ranges(self._starts[places], self._starts[places + 1])
        line = np.repeat(np.arange(len(places)), self._starts[places + 1] - self._starts[places])
        columns, values = self._columns[entries], self._values[entries]
        first, last = self._first[columns], self._first[columns + 1]
        others = _ranges(first, last)
        cells = np.repeat(line, last - first) * self._count + self._owners[others]
        summed = np.bincount(
            cells, weights=np.repeat(values, last - first) * self._owned[others], minlength=len(places) * self._count
        )
        result: Floats = self._dense[places] @ self._dense.T
        result += summed.reshape(len(places), self._count)
        return result


def _unit(values: Floats) -> Floats:
    length = float(np.sqrt(values @ values))
    result: Floats = values / np.float32(length) if length else values
    return result


def _ranges(starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the whole numbers from each start to before its end, one after the other."""
    lengths = ends - starts
    offsets = np.repeat(starts - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths) if len(starts) else starts
    result: NDArray[np.int64] = offsets + np.arange(int(lengths.sum()))
    return result
