"""Understanding one short message: the rungs of the ladder in order, and the card that says which of them decided.

Normalise → slots → exact phrase → keywords → bare place → nearness to phrases → decide. Pure: no input or output, no clock; a matcher never
changes once made, so threads may share it, and a changed phrase means a new one (25 intents take about 10 ms).
"""

from collections.abc import Iterable
from datetime import date
from types import MappingProxyType

from intents.matching.decide import MOST_OPTIONS, Decision, Scored, Thresholds, decide
from intents.matching.fuzzy import FuzzyIndex
from intents.matching.normalise import Normalised, normalise, without_spaces
from intents.matching.places import Places
from intents.matching.rules import ExactRules, Hit, KeywordRule, KeywordRules
from intents.matching.slots import Found, find_slots, mark, readable
from intents.types import Card, Intent, Match, Step

CERTAIN = 1.0
KEYWORD_DECIDES = 0.97  # confidence of a keyword whose priority is above 0: staff said that it decides
BARE_PLACE = 0.9  # nothing but a place was said: almost always a store is looked for
LIFT, LIFT_BY_COVER = (
    0.25,
    0.45,
)  # how far a keyword moves its intent towards 1: at least, and for being the whole message
DECLINED = 0.5  # what is left of the score of an intent whose keyword was declined
NEAREST_SHOWN = 3  # lines of the card


class Matcher:
    """Knows the intents' phrases and keywords, and the brand's places."""

    def __init__(self, intents: Iterable[Intent], places: Places, thresholds: Thresholds = Thresholds()) -> None:  # noqa: B008 - frozen
        """Learn from the intents that have phrases or keywords; the others are reached by menu, event or handler alone."""
        taking_part = [intent for intent in intents if intent.phrases or intent.keywords]
        self._places = places
        self._thresholds = thresholds
        self._offered = {intent.name: intent.offered for intent in taking_part}
        self._for_places = _intent_for_places(taking_part)
        keywords = [
            (normalise(keyword.text).text, intent.name, keyword.priority)
            for intent in taking_part
            for keyword in intent.keywords
        ]
        self._keywords = KeywordRules(KeywordRule(*keyword) for keyword in keywords)
        said = [(self._marked(phrase), intent.name) for intent in taking_part for phrase in intent.phrases]
        titles = [(self._marked(intent.title), intent.name) for intent in taking_part]
        words = [(self._marked(text), name) for text, name, _ in keywords]
        self._phrases = ExactRules(said)
        self._words = ExactRules(titles + words)
        self._index = FuzzyIndex(said + titles + words)

    def match(self, text: str, *, today: date) -> Match:
        """Return how a message is understood; dates in it are read relative to ``today``. Any text is accepted."""
        normalised = normalise(text)
        if not normalised.text:
            return _nothing({}, Step("normalise", "no words"))
        found = find_slots(normalised.text, self._places, today)
        if len(normalised.key) == 1 and normalised.key in "123456789":
            return _nothing(found.slots, Step("choice", f"{normalised.key} answers a question, it asks none"))
        steps = [Step("slots", f"{name} = {value}") for name, value in found.slots.items()]
        by_phrase = self._by_phrase(found, steps)
        if by_phrase is not None:
            return by_phrase
        hits = self._keywords.find(normalised.text)
        steps.extend(Step("guard", f"{hit.rule.text} is declined", hit.rule.intent) for hit in hits if hit.declined)
        return (
            self._by_keyword(hits, found, steps)
            or self._by_place(found, steps)
            or self._by_nearness(normalised, hits, found, steps)
        )

    def _by_phrase(self, found: Found, steps: list[Step]) -> Match | None:
        """Return the match of a message that is a phrase, else a keyword or a title, as it stands."""
        key = without_spaces(found.marked)
        intents = self._phrases.find(key) or self._words.find(key)
        if not intents:
            return None
        steps.extend(Step("exact", readable(key), intent, CERTAIN) for intent in intents)
        if len(intents) == 1:
            return _committed(intents[0], CERTAIN, found, steps)
        options = tuple(intent for intent in intents if self._offered[intent])[:MOST_OPTIONS]
        steps.append(Step("decide", "ask back: several intents have this phrase"))
        return _match(Decision(None, options, CERTAIN / len(intents), 0.0, ""), intents[0], found, steps)

    def _by_keyword(self, hits: list[Hit], found: Found, steps: list[Step]) -> Match | None:
        """Return the match of the strongest keyword, if its priority says that it decides and no other intent has as strong a one."""
        standing = [hit for hit in hits if not hit.declined]
        if not standing or standing[0].rule.priority <= 0:
            return None
        best = standing[0].rule
        rivals = {
            hit.rule.intent
            for hit in standing
            if hit.rule.priority == best.priority and len(hit.rule.text) == len(best.text)
        }
        if len(rivals) > 1:
            return None
        steps.append(Step("keyword", f"{best.text} (priority {best.priority})", best.intent, KEYWORD_DECIDES))
        return _committed(best.intent, KEYWORD_DECIDES, found, steps)

    def _by_place(self, found: Found, steps: list[Step]) -> Match | None:
        """Return the match of a message that is but a place: the first intent that asks for a city."""
        if not found.only_places or self._for_places is None:
            return None
        steps.append(Step("place", "nothing but a place was said", self._for_places, BARE_PLACE))
        return _committed(self._for_places, BARE_PLACE, found, steps)

    def _by_nearness(self, normalised: Normalised, hits: list[Hit], found: Found, steps: list[Step]) -> Match:
        near = [] if found.only_values else self._index.nearest(without_spaces(found.marked))
        scores = {nearness.intent: nearness.score for nearness in near}
        lifts = _lifts(hits, len(normalised.key))
        for intent, lift in lifts.items():
            score = scores.get(intent, 0.0)
            scores[intent] = score + (1.0 - score) * lift
        declined = {hit.rule.intent for hit in hits if hit.declined} - lifts.keys()
        for intent in declined:
            scores[intent] = DECLINED * scores.get(intent, 0.0)
        ranked = [
            Scored(intent, score, self._offered[intent] and intent not in declined) for intent, score in scores.items()
        ]
        ranked.sort(key=lambda scored: (-scored.score, scored.intent))
        steps.extend(
            Step("keyword", hit.rule.text, hit.rule.intent, lifts[hit.rule.intent]) for hit in hits if not hit.declined
        )
        steps.extend(Step("fuzzy", readable(one.phrase), one.intent, one.score) for one in near[:NEAREST_SHOWN])
        decision = decide(ranked, self._thresholds)
        guess = ranked[0].intent if ranked else None
        steps.append(Step("decide", decision.reason, decision.intent, decision.confidence))
        return _match(decision, guess, found, steps)

    def _marked(self, phrase: str) -> str:
        """Return a phrase as messages are compared with it."""
        text = normalise(phrase).text
        return without_spaces(mark(text, self._places.find(text)))


def _lifts(hits: list[Hit], length: int) -> dict[str, float]:
    """Return how far keywords move each intent; the strongest keyword in full, shorter ones in proportion."""
    lifts: dict[str, float] = {}
    standing = [hit.rule for hit in hits if not hit.declined]
    for rule in standing:
        strength = len(rule.text) / len(standing[0].text)
        lift = (LIFT + LIFT_BY_COVER * len(rule.text) / max(length, 1)) * min(1.0, strength)
        lifts[rule.intent] = max(lift, lifts.get(rule.intent, 0.0))
    return lifts


def _intent_for_places(intents: list[Intent]) -> str | None:
    """Return the intent that a place alone leads to: of those that declare the slot ``city``, the one that names it earliest."""
    wanting = [intent for intent in intents if "city" in intent.slots]
    return min(wanting, key=lambda intent: intent.slots.index("city")).name if wanting else None


def _nothing(slots: dict[str, str], *steps: Step) -> Match:
    return Match(None, slots=MappingProxyType(slots), card=Card(steps))


def _committed(intent: str, confidence: float, found: Found, steps: list[Step]) -> Match:
    steps.append(Step("decide", "answer: a rule decided", intent, confidence))
    return _match(Decision(intent, (), confidence, 1.0, ""), intent, found, steps)


def _match(decision: Decision, guess: str | None, found: Found, steps: list[Step]) -> Match:
    card = Card(tuple(steps), decision.margin)
    return Match(decision.intent, decision.confidence, guess, decision.options, MappingProxyType(found.slots), card)
