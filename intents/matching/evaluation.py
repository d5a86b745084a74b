"""Judging the matcher on a brand's own messages: learn from some, look at others, count. Pure; files are the command's business.

Words: a sample is *in scope* when it has an intent, *foreign* when it has none.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from intents.matching.decide import Thresholds
from intents.matching.matcher import Matcher
from intents.matching.places import Places
from intents.types import Intent, Keyword, Match, Reply, Turn

TODAY = date(2026, 1, 1)  # dates in messages decide nothing about the intent, so any fixed day does
FOLDS = 5
FEW_FOLDS, MANY = 3, 5_000  # of more samples than many only a few folds are looked into
MOST_HELD_OUT = 400  # samples looked at in each fold, so that choosing stays quick with 15,000
WRONG_COSTS = 1.0  # a wrong answer costs as much as a right one is worth
FOREIGN_COSTS = 0.5  # all foreign messages answered cost half as much as all others answered rightly are worth
NEARLY = 0.03


@dataclass(frozen=True, slots=True)
class Sample:
    """A message and the intent it should lead to, None for a foreign one."""

    id: str
    text: str
    intent: str | None


@dataclass(frozen=True, slots=True)
class Described:
    """What staff gave an intent besides phrases: a name and keywords."""

    id: str
    name: str
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figures:
    """How well it went; rates from 0 to 1.

    ``accuracy``: in-scope messages whose best candidate is right, whether or not it was answered. ``answered_right``: in-scope messages answered,
    and rightly. ``foreign_recall``: foreign messages not answered (None without any). ``oscr``: area under the rate of in-scope messages
    rightly accepted against that of foreign ones accepted, over all thresholds (None without both kinds).
    """

    in_scope: int
    foreign: int
    accuracy: float
    answered_right: float
    foreign_recall: float | None
    oscr: float | None


def learn(train: Iterable[Sample], described: Iterable[Described], thresholds: Thresholds) -> Matcher:
    """Return a matcher that knows the in-scope samples as phrases, the others as foreign, and the names and keywords of intents."""
    train = list(train)
    phrases: dict[str, list[str]] = defaultdict(list)
    for sample in train:
        if sample.intent is not None:
            phrases[sample.intent].append(sample.text)
    known = {one.id: one for one in described}
    intents = []
    for name in [*phrases, *(name for name in known if name not in phrases)]:
        about = known.get(name, Described(name, name.replace("_", " ")))
        keywords = tuple(Keyword(keyword) for keyword in about.keywords)
        intents.append(Intent(name, about.name, _unanswered, tuple(phrases[name]), keywords))
    return Matcher(intents, Places(), thresholds, foreign=[sample.text for sample in train if sample.intent is None])


def choose_threshold(train: Sequence[Sample], described: Sequence[Described]) -> float:
    """Return the confidence for answering that serves best on samples held out, fold by fold.

    Without foreign samples it is the usual one: the matcher's confidence is calibrated on held-out phrases and shipped foreign messages already.
    Else worth is the rate of right answers, less ``WRONG_COSTS`` for wrong ones and ``FOREIGN_COSTS`` times the rate of foreign messages
    answered; of all confidences worth nearly the most (within ``NEARLY``) the least is taken, as it answers most.
    """
    if all(sample.intent is not None for sample in train):
        return Thresholds().answer
    judged = _held_out(train, described)
    in_scope = max(1, sum(sample.intent is not None for sample, _ in judged))
    foreign = max(1, len(judged) - in_scope)
    worth: dict[float, float] = defaultdict(float)
    for sample, match in judged:
        if match.guess is not None:
            costs = FOREIGN_COSTS / foreign if sample.intent is None else WRONG_COSTS / in_scope
            worth[match.confidence] += 1.0 / in_scope if match.guess == sample.intent else -costs
    confidences = sorted(worth, reverse=True)
    sums = list(accumulate(worth[confidence] for confidence in confidences))
    enough = max(sums, default=0.0) - NEARLY
    kept = max((place for place, total in enumerate(sums) if total >= enough), default=None)
    if kept is None:
        return Thresholds().answer
    lower = confidences[kept + 1] if kept + 1 < len(confidences) else 0.0
    return round((confidences[kept] + lower) / 2, 4)


def figures(samples: Sequence[Sample], matches: Sequence[Match]) -> Figures:
    """Return how well the matches fit the samples, given in the same order."""
    pairs = list(zip(samples, matches, strict=True))
    known = [(sample, match) for sample, match in pairs if sample.intent is not None]
    foreign = [match for sample, match in pairs if sample.intent is None]
    right = sorted(match.confidence for sample, match in known if match.guess == sample.intent)
    in_scope = max(1, len(known))
    return Figures(
        in_scope=len(known),
        foreign=len(foreign),
        accuracy=len(right) / in_scope,
        answered_right=sum(match.intent == sample.intent for sample, match in known) / in_scope,
        foreign_recall=sum(match.intent is None for match in foreign) / len(foreign) if foreign else None,
        oscr=_oscr(right, [match.confidence for match in foreign], len(known)) if foreign and known else None,
    )


def _oscr(right: list[float], foreign: list[float], in_scope: int) -> float:
    """Return the mean, over foreign messages, of the rate of right ones above them; equal ones count half (the trapezoid rule)."""
    above = 0.0
    for confidence in foreign:
        low, high = bisect_left(right, confidence), bisect_right(right, confidence)
        above += len(right) - high + (high - low) / 2
    return above / (len(foreign) * in_scope)


def _held_out(train: Sequence[Sample], described: Sequence[Described]) -> list[tuple[Sample, Match]]:
    """Return samples with the match of a matcher that has not learned them."""
    foreign = [sample for sample in train if sample.intent is None]
    folds = _folds(train)
    looked_into = FEW_FOLDS if len(train) > MANY else FOLDS
    judged: list[tuple[Sample, Match]] = []
    for number, held in enumerate(folds[:looked_into]):
        rest = [sample for other, fold in enumerate(folds) if other != number for sample in fold]
        rest.extend(sample for place, sample in enumerate(foreign) if place % looked_into != number)
        matcher = learn(rest, described, Thresholds())
        looked_at = [*_some(held), *_some(foreign[number::looked_into])]
        judged.extend((sample, matcher.match(sample.text, today=TODAY)) for sample in looked_at)
    return judged


def _folds(train: Sequence[Sample]) -> list[list[Sample]]:
    """Return the in-scope samples dealt out intent by intent, so that each fold has some of every intent."""
    folds: list[list[Sample]] = [[] for _ in range(FOLDS)]
    seen: dict[str, int] = defaultdict(int)
    for sample in train:
        if sample.intent is not None:
            folds[seen[sample.intent] % FOLDS].append(sample)
            seen[sample.intent] += 1
    return folds


def _some(samples: Sequence[Sample]) -> Sequence[Sample]:
    """Return at most ``MOST_HELD_OUT`` of the samples, evenly from all over."""
    return samples[:: 1 + (len(samples) - 1) // MOST_HELD_OUT] if samples else samples


def _unanswered(_turn: Turn) -> Reply | None:
    """Answer nothing: these intents are only ever matched."""
    return None
