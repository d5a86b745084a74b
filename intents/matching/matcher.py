"""Understanding one short message: the rungs of the ladder in order, and the card that says which of them decided.

Normalise → slots → exact phrase → keywords → bare place → learned likelihood → decide. Pure: no input or output, no clock; a matcher never
changes once made, so threads may share it, and a changed phrase means a new one (25 intents take about a third of a second).
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import replace
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from intents.matching.clauses import around_keywords, clauses, listed, tells_a_story
from intents.matching.decide import MOST_OPTIONS, Decision, Scored, Thresholds, decide
from intents.matching.foreign import shipped_foreign
from intents.matching.likelihood import Lessons, Likely, likelihood_for
from intents.matching.normalise import normalise, without_spaces
from intents.matching.places import Places
from intents.matching.rules import ExactRules, Hit, KeywordRule, KeywordRules, declines, lifts_of
from intents.matching.slots import Found, find_slots, mark, readable
from intents.matching.sounds import spelt_by_ear
from intents.types import Card, Intent, Match, Step

_MOST_KEPT, _MOST_KEPT_CHARS = 4096, 40  # of messages so short that others send them too; a few MB
CERTAIN = 1.0
KEYWORD_DECIDES = 0.97  # confidence of a keyword whose priority is above 0: staff said that it decides
BARE_PLACE = 0.9  # nothing but a place was said: almost always a store is looked for
BY_EAR = 0.7  # what a keyword counts that only sounds so
NEAREST_SHOWN = 2  # lines of the card
MOST_ALSO = 2
MAYBE = 0.4  # confidence from which a clause is worth offering beside the answer


class Matcher:
    """Knows the intents' phrases and keywords, and the brand's places."""

    def __init__(
        self,
        intents: Iterable[Intent],
        places: Places,
        thresholds: Thresholds = Thresholds(),  # noqa: B008 - frozen
        *,
        foreign: Iterable[str] = (),
        everyday: Iterable[str] | None = None,
    ) -> None:
        """Learn from the intents that have phrases or keywords; the others are reached by menu, event or handler alone.

        ``foreign`` are messages that the brand has marked as none of its business, besides the ``everyday`` ones,
        normalised, which are those shipped unless others are given.
        """
        taking_part = [intent for intent in intents if intent.phrases or intent.keywords]
        self._places = places
        self._thresholds = thresholds
        self._offered = {intent.name: intent.offered for intent in taking_part}
        self._for_places = _intent_for_places(taking_part)
        keywords = tuple(
            KeywordRule(normalise(keyword.text).text, intent.name, keyword.priority)
            for intent in taking_part
            for keyword in intent.keywords
        )
        self._for_cases = next((intent.name for intent in taking_part if "case" in intent.slots), None)
        self._keywords = KeywordRules(keywords)
        self._heard = KeywordRules(
            KeywordRule(spelt_by_ear(one.text), one.intent)
            for one in keywords
            if len(one.text) > 1 and not one.text.isascii()
        )
        said = tuple((self._marked(phrase), intent.name) for intent in taking_part for phrase in intent.phrases)
        titles = tuple((self._marked(intent.title), intent.name) for intent in taking_part)
        words = titles + tuple((self._marked(one.text), one.intent) for one in keywords)
        self._phrases = ExactRules(said)
        self._words = ExactRules(words)
        refused = tuple(self._marked(text) for text in foreign)
        self._foreign = frozenset(refused)
        usual = shipped_foreign() if everyday is None else tuple(everyday)
        self._likelihood = likelihood_for(Lessons(said, words, refused, keywords, usual)) if taking_part else None
        self._kept: Callable[[str, date], Match] = lru_cache(_MOST_KEPT)(self._match)

    def with_thresholds(self, thresholds: Thresholds) -> "Matcher":
        """Return a matcher that learned the same and decides by other thresholds; made at once, and remembering nothing."""
        other = copy(self)
        other._thresholds = thresholds
        other._kept = other._match
        return other

    @property
    def fingerprint(self) -> str:
        """A digest of what was learned: equal for equal intents and foreign messages."""
        return self._likelihood.fingerprint if self._likelihood else hashlib.sha256().hexdigest()

    @property
    def figures(self) -> Mapping[str, float]:
        """What was learned, in figures: how many features, and the curve that makes of log-odds a confidence."""
        return self._likelihood.figures if self._likelihood else {}

    def match(self, text: str, *, today: date) -> Match:
        """Return how a message is understood; dates in it are read relative to ``today``. Any text is accepted.

        The same short words come again and again, so what they mean is kept for as long as this matcher is.
        """
        return self._kept(text, today) if len(text) <= _MOST_KEPT_CHARS else self._match(text, today)

    def _match(self, text: str, today: date) -> Match:
        normalised = normalise(text)
        if not normalised.text:
            return _nothing({}, Step("normalise", "no words"))
        whole = self._understood(normalised.text, normalised.key, today)
        parts = clauses(normalised.text)
        parts = parts or self._listed(normalised.text)
        if not parts and whole.intent is None:
            parts = around_keywords(normalised.text, self._keywords.find(normalised.text))
        return self._with_parts(whole, parts, today) if parts else whole

    def _listed(self, text: str) -> list[str]:
        """Return the wishes of a text that only lists them (门店和优惠券): each is known word for word, or it is no list."""
        parts = listed(text)
        return parts if all(self._is_known(part) for part in parts) else []

    def _is_known(self, text: str) -> bool:
        key = without_spaces(mark(text, self._places.find(text)))
        return bool(self._phrases.find(key) or self._words.find(key))

    def _understood(self, text: str, key: str, today: date) -> Match:
        """Return how one normalised text is understood as it stands."""
        found = find_slots(text, self._places, today)
        if len(key) == 1 and key in "123456789":
            return _nothing(found.slots, Step("choice", f"{key} answers a question, it asks none"))
        steps = [Step("slots", f"{name} = {value}") for name, value in found.slots.items()]
        by_phrase = self._by_phrase(found, steps)
        if by_phrase is not None:
            return by_phrase
        if found.only_case and self._for_cases is not None:
            steps.append(Step("case", "only asks after the number of a case", self._for_cases, CERTAIN))
            return _committed(self._for_cases, CERTAIN, found, steps)
        hits = self._keywords.find(text)
        steps.extend(Step("guard", f"{hit.rule.text} is declined", hit.rule.intent) for hit in hits if hit.declined)
        return (
            self._by_keyword(hits, found, steps)
            or self._by_place(found, steps)
            or self._by_likelihood(text, len(key), hits, found, steps)
        )

    def _with_parts(self, whole: Match, parts: list[str], today: date) -> Match:
        """Return the match of the whole, with the wishes that its parts are sure of: the first, when the whole is not, and the others beside it.

        Greetings, thanks and whatever else may not be offered are no wishes here.
        """
        sure: dict[str, tuple[str, float]] = {}
        maybe: dict[str, tuple[str, float]] = {}
        for part in parts:
            if whole.intent and tells_a_story(part):
                continue
            match = self._understood(part, without_spaces(part), today)
            if match.intent is not None:
                if self._offered[match.intent] and not (whole.intent and _is_only_a_place(match)):
                    sure.setdefault(match.intent, (part, match.confidence))
            elif match.options and match.confidence >= MAYBE:
                maybe.setdefault(match.options[0], (part, match.confidence))
        first = whole.intent or next(iter(sure), None)
        if first is None:
            return whole
        others = [intent for intent in sure if intent != first][:MOST_ALSO]
        unsure = [intent for intent in maybe if intent != first and intent not in sure][:1]
        if whole.intent is not None and not others and not unsure:
            return whole
        told = {**sure, **{intent: maybe[intent] for intent in unsure}}
        steps = [Step("clause", part, intent, confidence) for intent, (part, confidence) in told.items()]
        if whole.intent is None:
            steps.append(Step("decide", "answer: a clause is sure", first, sure[first][1]))
            whole = Match(first, sure[first][1], first, (), whole.slots, whole.card)
        return replace(whole, also=tuple(others), maybe=tuple(unsure), card=_longer(whole.card, steps))

    def _by_phrase(self, found: Found, steps: list[Step]) -> Match | None:
        """Return the match of a message that is a phrase, else marked as foreign, else a keyword or a title, as it stands."""
        key = without_spaces(found.marked)
        intents = self._phrases.find(key)
        if not intents and key in self._foreign:
            steps.append(Step("exact", readable(key)))
            steps.append(Step("decide", "not understood: marked as none of ours"))
            return _match(Decision(None, (), 0.0, 0.0, ""), None, found, steps)
        intents = intents or self._words.find(key)
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

    def _by_likelihood(self, text: str, length: int, hits: list[Hit], found: Found, steps: list[Step]) -> Match:
        lifts, declined = lifts_of(hits, length)
        if not hits:
            heard = self._heard.find(spelt_by_ear(text))
            lifts = {intent: BY_EAR * lift for intent, lift in lifts_of(heard, length)[0].items()}
            steps.extend(Step("keyword", "by its sound", intent, lift) for intent, lift in lifts.items())
        if declines(text):
            declined = {*declined, *(self._offered.keys() - lifts.keys())}
            steps.append(Step("guard", "something is declined"))
        likely = Likely((), (), ())
        if self._likelihood is not None and not found.only_values:
            likely = self._likelihood.judge(without_spaces(found.marked), lifts, declined)
        steps.extend(
            Step("keyword", hit.rule.text, hit.rule.intent, lifts[hit.rule.intent]) for hit in hits if not hit.declined
        )
        ranked = [
            Scored(intent, confidence, self._offered[intent] and intent not in declined)
            for intent, confidence in likely.ranked
        ]
        if likely.evidence:
            shown = " · ".join(map(readable, likely.evidence))
            steps.append(Step("learned", shown, ranked[0].intent, ranked[0].confidence))
        steps.extend(
            Step("fuzzy", readable(one.phrase), one.intent, one.ratio)
            for one in likely.nearest[:NEAREST_SHOWN]
            if one.ratio
        )
        decision = decide(ranked, self._thresholds)
        guess = ranked[0].intent if ranked else None
        steps.append(Step("decide", decision.reason, decision.intent, decision.confidence))
        return _match(decision, guess, found, steps)

    def _marked(self, phrase: str) -> str:
        """Return a phrase as messages are compared with it."""
        text = normalise(phrase).text
        return without_spaces(mark(text, self._places.find(text)))


def _intent_for_places(intents: list[Intent]) -> str | None:
    """Return the intent that a place alone leads to: of those that declare the slot ``city``, the one that names it earliest."""
    wanting = [intent for intent in intents if "city" in intent.slots]
    return min(wanting, key=lambda intent: intent.slots.index("city")).name if wanting else None


def _is_only_a_place(match: Match) -> bool:
    """Say whether a clause names but a place: beside a wish that is where, not what."""
    return any(step.rule == "place" for step in match.card.steps)


def _longer(card: Card, steps: list[Step]) -> Card:
    return Card((*card.steps, *steps), card.margin)


def _nothing(slots: dict[str, str], *steps: Step) -> Match:
    return Match(None, slots=MappingProxyType(slots), card=Card(steps))


def _committed(intent: str, confidence: float, found: Found, steps: list[Step]) -> Match:
    steps.append(Step("decide", "answer: a rule decided", intent, confidence))
    return _match(Decision(intent, (), confidence, 1.0, ""), intent, found, steps)


def _match(decision: Decision, guess: str | None, found: Found, steps: list[Step]) -> Match:
    card = Card(tuple(steps), decision.margin)
    return Match(decision.intent, decision.confidence, guess, decision.options, MappingProxyType(found.slots), card)
