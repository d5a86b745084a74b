"""How likely each intent is: what was learned, the nearest phrase and keywords as votes, and a calibration that makes of it a confidence.

Votes are added to the learned scores before these become probabilities, so that "none of ours" competes with all of it. The probability
is then made a *confidence*, how often such a message is really the intent's: by what blind copies said of phrases they had not learned and of
foreign messages they had not seen. With too few phrases for that a shipped calibration serves.
"""

import hashlib
import math
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from intents.matching.classifier import Blind, Classifier, Example
from intents.matching.fuzzy import Nearest, PhraseList
from intents.matching.rules import KeywordRule, KeywordRules, lifts_of
from intents.matching.softmax import Floats, probabilities

RATIO_VOTE = 6.4  # for a phrase spelt the same; EVEN is the ratio that says nothing
EVEN = 0.5
KEYWORD_VOTE = 2.4  # for a keyword that is the whole message
VAGUE_PART = 0.15  # what is left of all scores of a message that only names a subject: several intents share it
OURS_VOTE = 2.4  # against "none of ours", for any keyword
DECLINED = 0.25  # what is left of the confidence of an intent whose keyword was declined
NEAREST = 4  # intents whose phrases are looked at
FEWEST_TO_CALIBRATE = 60  # phrases
MOST_FOREIGN = 250  # foreign messages looked at to calibrate
MOST_OURS = 600  # that the curve is laid through: two numbers need no more, and each costs a fifth of a millisecond
FOREIGN_SHARE = 0.4  # what they weigh, all together, against all phrases
LAST = 16  # judgements kept: deciding on one message by several thresholds judges it once
REMEMBERED = 5_000  # phrases up to which what was learned is remembered
PULL = 0.02  # towards the shipped calibration, against too few phrases


STEEPNESS, OFFSET = 1.0, 1.2  # the shipped calibration

# 优惠券的事, 关于积分, 会员相关: a subject and no wish.
_VAGUE = re.compile(
    r"^(?:关于|有关)|(?:的(?:事儿?|事情|情况|问题)|相关的?|有关的?|方面的?|这块|这方面|问题)(?:呢|吧|啊)?$"
)


@dataclass(frozen=True, slots=True)
class Calibration:
    """From log-odds to how often it is right: a logistic curve."""

    steepness: float = STEEPNESS
    offset: float = OFFSET

    def confidence(self, log_odds: float) -> float:
        """Return the confidence, 0 to 1, rising with the log-odds."""
        return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, self.steepness * log_odds + self.offset))))


@dataclass(frozen=True, slots=True)
class Likely:
    """What a message may be: intents with their confidence, likeliest first; the nearest phrases; what spoke for the first."""

    ranked: tuple[tuple[str, float], ...]
    nearest: tuple[Nearest, ...]
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lessons:
    """What is learned from: pairs of (text, intent), all as messages are compared.

    ``said`` is what people say, ``words`` are keywords and titles; ``foreign`` are the brand's own foreign messages, beside ``everyday`` ones.
    """

    said: tuple[tuple[str, str], ...]
    words: tuple[tuple[str, str], ...]
    foreign: tuple[str, ...]
    keywords: tuple[KeywordRule, ...]
    everyday: tuple[str, ...]


class Likelihood:
    """Learned from a brand's phrases; never changes once made."""

    def __init__(self, lessons: Lessons) -> None:
        """Learn."""
        said, words, keywords = lessons.said, lessons.words, KeywordRules(lessons.keywords)
        examples = [Example(key, intent) for key, intent in dict.fromkeys(said) if key]
        examples += [Example(key, intent, said=False) for key, intent in dict.fromkeys(words) if key]
        examples += [Example(key, None) for key in dict.fromkeys(lessons.foreign) if key]
        shipped = tuple(key for key in lessons.everyday if not keywords.find(key))  # a keyword makes it ours
        self._classifier = Classifier(examples, shipped)
        self._places = {intent: place for place, intent in enumerate(self._classifier.intents)}
        self._phrases = PhraseList([*said, *words])
        self._keywords = keywords
        self.calibration = self._calibrated()
        self._judged = lru_cache(LAST)(self._judge)

    @property
    def fingerprint(self) -> str:
        """A digest of all that was learned, the calibration too."""
        curve = f"{self._classifier.fingerprint} {self.calibration.steepness!r} {self.calibration.offset!r}"
        return hashlib.sha256(curve.encode()).hexdigest()

    @property
    def figures(self) -> Mapping[str, float]:
        """What was learned, in figures."""
        features, curve = len(self._classifier.vocabulary), self.calibration
        return {"features": features, "steepness": round(curve.steepness, 4), "offset": round(curve.offset, 4)}

    def judge(self, key: str, lifts: Mapping[str, float], declined: Set[str]) -> Likely:
        """Return how likely each intent is for a normalised text, with keywords' lifts (0 to 1) by intent and the intents declined."""
        return self._judged(key, tuple(lifts.items()), frozenset(declined))

    def _judge(self, key: str, lifted: tuple[tuple[str, float], ...], declined: frozenset[str]) -> Likely:
        classifier, lifts = self._classifier, dict(lifted)
        key = classifier.in_known_words(key)
        row = classifier.row(key)
        scores = classifier.scores(row)
        if not len(row.columns) and not lifts:
            return Likely((), (), ())
        if _VAGUE.search(key):
            scores = scores * np.float32(VAGUE_PART)
        likeliest = self._likeliest(scores)
        near = self._phrases.nearest(key, [classifier.intents[place] for place in likeliest])
        chances = probabilities(self._voted(scores, likeliest, near, lifts))
        near.sort(key=lambda one: -one.ratio)
        best, other = _first_two(chances)
        return Likely(self._ranked(chances, declined), tuple(near), tuple(classifier.evidence(row, best, other)))

    def _ranked(self, chances: Floats, declined: Set[str]) -> tuple[tuple[str, float], ...]:
        """Return the intents with their confidence, the likeliest first; of equal ones the first declared."""
        found = []
        for place, intent in enumerate(self._classifier.intents):
            confidence = self.calibration.confidence(_log_odds(chances[place]))
            found.append((intent, DECLINED * confidence if intent in declined else confidence))
        found.sort(key=lambda one: -one[1])
        return tuple(found)

    def _calibrated(self) -> Calibration:
        """Return the curve that fits what blind copies said; the shipped one with too few phrases."""
        blind = self._classifier.blind
        ours = [one for one in blind if one.intent is not None]
        foreign = [one for one in blind if one.intent is None]
        if len(ours) < FEWEST_TO_CALIBRATE:
            return Calibration()
        foreign = foreign[:: max(1, len(foreign) // MOST_FOREIGN)]
        of_part: dict[int, set[str]] = {}
        for one in ours:
            of_part.setdefault(one.part, set()).add(one.key)
        hidden = {part: frozenset(keys) for part, keys in of_part.items()}
        ours = ours[:: -(-len(ours) // MOST_OURS)]
        points = [self._blindly(one, hidden.get(one.part, frozenset())) for one in (*ours, *foreign)]
        counts = [1.0 / len(ours)] * len(ours) + [FOREIGN_SHARE / max(1, len(foreign))] * len(foreign)
        return fitted([odds for odds, _ in points], [right for _, right in points], counts)

    def _blindly(self, blind: Blind, hidden: Set[str]) -> tuple[float, bool]:
        """Return the log-odds of the best intent as a copy sees it that never saw the text, and whether it is right."""
        intents = self._classifier.intents
        likeliest = self._likeliest(blind.scores)
        near = self._phrases.nearest(blind.key, [intents[place] for place in likeliest], hidden)
        lifts, _ = lifts_of(self._keywords.find(blind.key), len(blind.key))
        chances = probabilities(self._voted(blind.scores, likeliest, near, lifts))
        best = int(chances[:-1].argmax())
        return _log_odds(chances[best]), intents[best] == blind.intent

    def _likeliest(self, scores: Floats) -> list[int]:
        found: list[int] = np.argsort(-scores[:-1], kind="stable")[:NEAREST].tolist()
        return found

    def _voted(self, scores: Floats, likeliest: list[int], near: list[Nearest], lifts: Mapping[str, float]) -> Floats:
        places = self._places
        voted = scores.copy()
        for place, one in zip(likeliest, near, strict=True):
            voted[place] += RATIO_VOTE * (one.ratio - EVEN)
        for intent, lift in lifts.items():
            voted[places[intent]] += KEYWORD_VOTE * lift
        if lifts:
            voted[-1] -= OURS_VOTE
        return voted


def fitted(log_odds: Sequence[float], right: Sequence[bool], counts: Sequence[float]) -> Calibration:
    """Return the logistic curve that fits best, by Newton's method; pulled a little towards the shipped one."""
    points = np.stack([np.array(log_odds), np.ones(len(log_odds))], axis=1)
    target, weight = np.array(right, float), np.array(counts)
    prior = np.array([STEEPNESS, OFFSET])
    curve = prior.copy()
    for _ in range(20):
        said = 1.0 / (1.0 + np.exp(-np.clip(points @ curve, -60.0, 60.0)))
        slope = points.T @ (weight * (said - target)) + PULL * (curve - prior)
        bend = (points * (weight * said * (1.0 - said))[:, None]).T @ points + PULL * np.eye(2)
        curve = curve - np.linalg.solve(bend, slope)
    return Calibration(max(0.05, float(curve[0])), float(curve[1]))


def likelihood_for(lessons: Lessons) -> Likelihood:
    """Return what was learned from these; a few small ones are remembered, as replies and stores change more often than phrases."""
    return Likelihood(lessons) if len(lessons.said) > REMEMBERED else _remembered(lessons)


_remembered = lru_cache(maxsize=4)(Likelihood)


def _first_two(chances: Floats) -> tuple[int, int]:
    """Return the likeliest intent, and what it is told apart from: the likeliest of all others, none included."""
    best = int(chances[:-1].argmax())
    others = chances.copy()
    others[best] = -1.0
    return best, int(others.argmax())


def _log_odds(chance: float) -> float:
    kept = min(max(float(chance), 1e-6), 1.0 - 1e-6)
    return math.log(kept / (1.0 - kept))
