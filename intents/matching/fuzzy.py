"""How near a message comes to the phrases of each intent, by what they share and by how they are spelt.

Three views, each 0 to 1, because each is blind where another sees. *Nearest*: the best phrase, by the cosine of rarity-weighted grams
(which knows what is foreign) and rapidfuzz's ratio of the spelling (which forgives a typo and knows order). *Next*: the three phrases after
it, so that one chance likeness does not decide. *Share*: how much of what the message says points at the intent, over all its phrases.
The weights were chosen by cross-validation (docs/matching.md); the result moves little around them.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz.distance import Indel

from intents.matching.glossary import FOREIGN
from intents.matching.grams import grams
from intents.matching.normalise import without_spaces

NEAREST, NEXT, SHARE = 0.4, 0.2, 0.4
COSINE, RATIO = 0.4, 0.6
NEXT_PHRASES = 3
CANDIDATES = 24  # phrases compared by spelling; 15 and 60 score alike
# Characters that any question is made of; a dozen phrases are too few to show by themselves that they say little.
EVERYDAY = frozenset(
    "我你您的了吗呢啊呀吧是有在怎么样什哪里儿多少几请问可以能不没个一下给要想会还就都也这那钱到把被让和与跟"
)
EVERYDAY_PART = 0.7  # what grams of these alone weigh of their rarity
UNKNOWN = 0.7  # a gram that no phrase has weighs this part of the rarest known one
SMOOTHING = 0.2  # keeps a gram seen once from pointing at its intent alone
COMMON = 0.2  # a gram in more than this part of the phrases tells nothing apart ...
MOST_WITH_A_GRAM = 600  # ... nor does one in so many, and walking them costs time
MOST_WALKED = 2_000  # phrases looked at for one message, through its rarest grams first
MOST_INTENTS_OF_A_GRAM = 12

_LATIN = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near an intent is (0 to 1), and its phrase that came nearest."""

    intent: str
    score: float
    phrase: str


class FuzzyIndex:
    """An index from grams to phrases and intents; never changes once made, so threads may share it."""

    def __init__(self, phrases: Iterable[tuple[str, str]]) -> None:
        """Learn pairs of (normalised phrase, intent)."""
        learned = [(phrase, intent, grams(phrase)) for phrase, intent in dict.fromkeys(phrases) if phrase]
        self._phrases = [(phrase, intent) for phrase, intent, _ in learned]
        frequency = Counter(gram for _, _, parts in learned for gram in parts)
        self._rarest = math.log((len(learned) + 1) / 0.5)
        most = min(MOST_WITH_A_GRAM, max(10.0, COMMON * len(learned)))
        self._weight = {gram: self._weigh(gram, count) if count <= most else 0.0 for gram, count in frequency.items()}
        self._holders: dict[str, list[int]] = defaultdict(list)
        self._norms: list[float] = []
        for number, (_, _, parts) in enumerate(learned):
            weighty = [gram for gram in parts if self._weight[gram]]
            self._norms.append(math.sqrt(sum(self._weight[gram] ** 2 for gram in weighty)) or 1.0)
            for gram in weighty:
                self._holders[gram].append(number)
        self._shares = _shares(learned, frequency)

    def nearest(self, key: str) -> list[Nearness]:
        """Return how near each intent is that shares anything with the message, nearest first (ties by name)."""
        key = self._in_known_words(key)
        weights = {
            gram: self._weigh(gram, 0) if (known := self._weight.get(gram)) is None else known for gram in grams(key)
        }
        total = sum(weights.values())
        if not total:
            return []
        by_intent = self._near_phrases(key, weights)
        shares: dict[str, float] = defaultdict(float)
        for gram, weight in weights.items():
            for intent, share in self._shares.get(gram, ()):
                shares[intent] += weight * share
        found = []
        for intent in by_intent.keys() | shares.keys():
            near = sorted(by_intent.get(intent, ((0.0, ""),)), reverse=True)
            following = sum(score for score, _ in near[1 : 1 + NEXT_PHRASES]) / NEXT_PHRASES
            score = NEAREST * near[0][0] + NEXT * following + SHARE * shares[intent] / total
            found.append(Nearness(intent, score, near[0][1]))
        found.sort(key=lambda nearness: (-nearness.score, nearness.intent))
        return found

    def _weigh(self, gram: str, count: int) -> float:
        """Return how much a gram tells, by the number of phrases that have it (0: unknown)."""
        weight = self._rarest - math.log((count + 0.5) / 0.5) if count else UNKNOWN * self._rarest
        return weight * EVERYDAY_PART if EVERYDAY.issuperset(gram) else weight

    def _near_phrases(self, key: str, weights: dict[str, float]) -> dict[str, list[tuple[float, str]]]:
        """Return the phrases that share most with the message, with their scores, by intent."""
        overlap: dict[int, float] = defaultdict(float)
        walked = 0
        for gram, weight in sorted(weights.items(), key=lambda item: -item[1]):
            holders = self._holders.get(gram, ())
            walked += len(holders)
            if walked > MOST_WALKED:
                break
            squared = weight * weight
            for number in holders:
                overlap[number] += squared
        norm = math.sqrt(sum(weight * weight for weight in weights.values()))
        ranked = sorted(((shared / self._norms[number], number) for number, shared in overlap.items()), reverse=True)
        by_intent: dict[str, list[tuple[float, str]]] = defaultdict(list)
        for shared, number in ranked[:CANDIDATES]:
            phrase, intent = self._phrases[number]
            score = COSINE * shared / norm + RATIO * Indel.normalized_similarity(key, phrase)
            by_intent[intent].append((score, phrase))
        return by_intent

    def _in_known_words(self, key: str) -> str:
        """Put English and pinyin service words that no phrase knows into the Chinese that phrases do know."""
        if not _LATIN.search(key):
            return key
        spoken = _LATIN.sub(self._known_word, key)
        return key if spoken == key else without_spaces(spoken)

    def _known_word(self, found: re.Match[str]) -> str:
        word = found.group()
        chinese = FOREIGN.get(word, "")
        known = word not in self._weight and any(character in self._weight for character in chinese)
        return chinese if known else word


def _shares(
    learned: list[tuple[str, str, list[str]]], frequency: Counter[str]
) -> dict[str, tuple[tuple[str, float], ...]]:
    """Return for each gram which intents' phrases have it: their rates of having it, as parts of one."""
    sizes = Counter(intent for _, intent, _ in learned)
    counts: dict[str, Counter[str]] = {gram: Counter() for gram in frequency}
    for _, intent, parts in learned:
        for gram in parts:
            counts[gram][intent] += 1
    shares = {}
    for gram, intents in counts.items():
        rates = [(intent, count / sizes[intent]) for intent, count in intents.items()]
        total = sum(rate for _, rate in rates) + SMOOTHING
        strongest = sorted(rates, key=lambda pair: (-pair[1], pair[0]))[:MOST_INTENTS_OF_A_GRAM]
        shares[gram] = tuple((intent, rate / total) for intent, rate in strongest)
    return shares
