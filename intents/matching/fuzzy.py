"""The phrase of an intent that a message comes nearest to by its spelling: an extra vote, and what people are shown as the reason.

rapidfuzz's plain ratio of the writing or of the sound, whichever is nearer, over the phrases of the few intents that the learned rung finds
likely; it forgives a typo and knows the order of words, but nothing of what is foreign, so it only votes.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import Indel

from intents.matching.sounds import spelt_by_ear


@dataclass(frozen=True, slots=True)
class Nearest:
    """An intent's phrase nearest to a message, and how near it is (0 to 1)."""

    intent: str
    phrase: str
    ratio: float


class PhraseList:
    """The phrases of each intent; never changes once made."""

    def __init__(self, phrases: Iterable[tuple[str, str]]) -> None:
        """Learn pairs of (normalised phrase, intent)."""
        phrases_of: dict[str, list[str]] = defaultdict(list)
        for phrase, intent in dict.fromkeys(phrases):
            if phrase:
                phrases_of[intent].append(phrase)
        self._phrases = {
            intent: (phrases, [spelt_by_ear(one) for one in phrases]) for intent, phrases in phrases_of.items()
        }

    def nearest(self, key: str, intents: Sequence[str], without: Set[str] = frozenset()) -> list[Nearest]:
        """Return the nearest phrase of each of the intents, in their order, phrases in ``without`` left aside."""
        heard = spelt_by_ear(key)
        return [self._nearest(key, heard, intent, without) for intent in intents]

    def _nearest(self, key: str, heard: str, intent: str, without: Set[str]) -> Nearest:
        written, spoken = self._phrases.get(intent, ([], []))
        if without:
            kept = [place for place, phrase in enumerate(written) if phrase not in without]
            written, spoken = [written[place] for place in kept], [spoken[place] for place in kept]
        if not written:
            return Nearest(intent, "", 0.0)
        best = process.extractOne(key, written, scorer=Indel.normalized_similarity)
        if heard != key:
            alike = process.extractOne(heard, spoken, scorer=Indel.normalized_similarity)
            if alike[1] > best[1]:
                return Nearest(intent, written[alike[2]], alike[1])
        return Nearest(intent, best[0], best[1])
