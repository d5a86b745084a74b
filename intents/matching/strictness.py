"""How strict to be: what would be answered, asked back, missed and mistaken by a stricter or a looser setting, from what was said before.

A setting is the confidence from which is answered; the other thresholds keep their distance below it (``decide.thresholds_for``). Two kinds of evidence:
*held out*, the brand's phrases, confirmed messages and the everyday foreign ones, each judged by a matcher that did not learn it, so that right and wrong are
known; and *replayed*, real messages, of which only what is done with them is known. Pure.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from intents.matching.decide import Thresholds, thresholds_for
from intents.matching.foreign import shipped_foreign
from intents.matching.matcher import Matcher
from intents.matching.places import Places
from intents.matching.replay import Outcome, outcome_of
from intents.types import Intent, Match

SETTINGS = (0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
USUAL = Thresholds().answer
FOLDS, FOLDS_OF_MANY, MANY = 5, 2, 5_000  # of many phrases only two fifths are looked at
MOST_HELD_OUT = 500  # phrases of a fold, evenly from all intents
MOST_IN_THE_WAY = 30
ASKED_HELPS = 0.5  # a question back that has the right choice, against a right answer
WRONG_COSTS, FOREIGN_COSTS = 2.0, 1.0  # who is answered wrongly is sent away with something untrue
NEARLY = 0.03


@dataclass(frozen=True, slots=True)
class Judged:
    """A text that was held out: the intent it belongs to (None: foreign), the best guess, how sure, and what each of ``SETTINGS`` makes of it."""

    text: str
    intent: str | None
    guess: str | None
    confidence: float
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """What a setting makes of the texts held out, as rates of those in scope and, below, of the foreign ones."""

    setting: float
    right: float
    asked: float  # back, with the right one among the choices
    wrong: float  # answered with another
    missed: float  # not understood, or asked back without the right one
    foreign_refused: float
    foreign_asked: float
    foreign_answered: float

    @property
    def worth(self) -> float:
        """Right answers, and questions back that help, less wrong answers and foreign messages answered."""
        return self.right + ASKED_HELPS * self.asked - WRONG_COSTS * self.wrong - FOREIGN_COSTS * self.foreign_answered


@dataclass(frozen=True, slots=True)
class OfIntent:
    """How an intent fares on its own phrases held out, at one setting, in numbers; and which other its phrases are taken for most."""

    intent: str
    phrases: int
    right: int
    asked: int
    wrong: int
    missed: int
    taken_for: str | None
    taken_times: int


def held_out(intents: Sequence[Intent], places: Places, foreign: Sequence[str], today: date) -> list[Judged]:
    """Return every phrase and foreign message as it is judged by a matcher that learned all but its fold; of many a part."""
    taught = [intent for intent in intents if intent.phrases or intent.keywords]
    folds = FOLDS if sum(len(intent.phrases) for intent in taught) <= MANY else FOLDS_OF_MANY
    everyday = shipped_foreign()
    judged: list[Judged] = []
    for fold in range(folds):
        left = [replace(one, phrases=_without(one.phrases, fold)) for one in taught]
        matcher = Matcher(left, places, foreign=_without(foreign, fold), everyday=_without(everyday, fold))
        told = [(phrase, one.name) for one in taught for phrase in one.phrases[fold::FOLDS]]
        told = told[:: 1 + (len(told) - 1) // MOST_HELD_OUT] if told else told
        strangers = (*foreign[fold::FOLDS], *everyday[fold::FOLDS])
        samples = [*told, *((text, None) for text in strangers)]
        judged.extend(_judged(matcher, samples, today))
    return judged


def lines(judged: Iterable[Judged]) -> list[Line]:
    """Return what each setting makes of the texts held out."""
    known = list(judged)
    ours = [one for one in known if one.intent is not None]
    foreign = [one for one in known if one.intent is None]
    return [_line(place, setting, ours, foreign) for place, setting in enumerate(SETTINGS)]


def recommended(table: Sequence[Line]) -> float:
    """Return the setting that answers most of those that are worth nearly the most."""
    enough = max(line.worth for line in table) - NEARLY
    return min(line.setting for line in table if line.worth >= enough)


def by_intent(judged: Iterable[Judged], setting: float) -> list[OfIntent]:
    """Return how each intent fares at the setting nearest to the given one, the weakest first."""
    place = _place(setting)
    found: dict[str, Counter[str]] = defaultdict(Counter)
    taken: dict[str, Counter[str]] = defaultdict(Counter)
    for one in judged:
        if one.intent is not None:
            found[one.intent][_verdict(one, one.outcomes[place])] += 1
            if one.guess is not None and one.guess != one.intent:
                taken[one.intent][one.guess] += 1
    rows = [_of_intent(intent, counts, taken[intent]) for intent, counts in found.items()]
    return sorted(rows, key=lambda row: ((row.right + row.asked) / row.phrases, row.right / row.phrases, row.intent))


def in_the_way(judged: Iterable[Judged]) -> list[Judged]:
    """Return the phrases that lie nearer to another intent than to their own, the surest mistakes first."""
    found = [one for one in judged if one.intent is not None and one.guess not in (None, one.intent)]
    return sorted(found, key=lambda one: (-one.confidence, one.text))[:MOST_IN_THE_WAY]


def replayed(matcher: Matcher, texts: Mapping[str, int], today: date) -> list[Counter[str]]:
    """Return what each setting makes of real messages, said so often each: how many it would answer, ask back and miss."""
    counts = [Counter[str]() for _ in SETTINGS]
    for one, times in zip(_judged(matcher, [(text, None) for text in texts], today), texts.values(), strict=True):
        for count, outcome in zip(counts, one.outcomes, strict=True):
            count[outcome.act] += times
    return counts


def _judged(matcher: Matcher, samples: Iterable[tuple[str, str | None]], today: date) -> list[Judged]:
    deciding = [matcher.with_thresholds(thresholds_for(setting)) for setting in SETTINGS]
    found = []
    for text, intent in samples:
        matches: list[Match] = [one.match(text, today=today) for one in deciding]
        best = matches[0]
        found.append(Judged(text, intent, best.guess, best.confidence, tuple(map(outcome_of, matches))))
    return found


def _line(place: int, setting: float, ours: Sequence[Judged], foreign: Sequence[Judged]) -> Line:
    verdicts = Counter(_verdict(one, one.outcomes[place]) for one in ours)
    strangers = Counter(one.outcomes[place].act for one in foreign)
    in_scope, out_of_scope = max(1, len(ours)), max(1, len(foreign))
    return Line(
        setting,
        verdicts["right"] / in_scope,
        verdicts["asked"] / in_scope,
        verdicts["wrong"] / in_scope,
        verdicts["missed"] / in_scope,
        strangers["miss"] / out_of_scope,
        strangers["ask"] / out_of_scope,
        strangers["answer"] / out_of_scope,
    )


def _of_intent(intent: str, counts: Counter[str], taken: Counter[str]) -> OfIntent:
    other = min(taken, key=lambda name: (-taken[name], name), default=None)
    return OfIntent(
        intent,
        counts.total(),
        counts["right"],
        counts["asked"],
        counts["wrong"],
        counts["missed"],
        other,
        taken[other] if other else 0,
    )


def _verdict(one: Judged, outcome: Outcome) -> str:
    if outcome.act == "answer":
        return "right" if one.intent == outcome.intents[0] else "wrong"
    return "asked" if outcome.act == "ask" and one.intent in outcome.intents else "missed"


def _place(setting: float) -> int:
    return min(range(len(SETTINGS)), key=lambda place: abs(SETTINGS[place] - setting))


def _without(texts: Sequence[str], fold: int) -> tuple[str, ...]:
    return tuple(text for place, text in enumerate(texts) if place % FOLDS != fold)
