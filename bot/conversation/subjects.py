"""What intents are about: a message that leaves its subject out, right after an answer, is about the same. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from intents.matching.context import PLACES
from intents.types import Card, Match, Step

_COUPONS, _POINTS, _STORES = "coupons", "points", "stores"
SUBJECTS = {
    "coupon_claim": _COUPONS,
    "coupon_mine": _COUPONS,
    "coupon_list": _COUPONS,
    "coupon_usage": _COUPONS,
    "points_balance": _POINTS,
    "points_history": _POINTS,
    "points_rules": _POINTS,
    "store_nearest": _STORES,
    "store_hours": _STORES,
}
_OF_ANY, _OF_ONE = "opening_hours", "store_hours"  # the hours in general, and those of a store or a city
_GIVES_OUT = frozenset({"coupon_claim"})  # what gives something away is asked for, never guessed
_LIKELY = 0.3  # confidence of the best guess from which another option may be meant


def about_the_same(match: Match, previous: str) -> Match:
    """Return the match with the option that is about what the ``previous`` intent was, where it would be asked back; else as it is.

    "会过期吗" may be of points or of coupons, and after an answer about coupons it is of those.
    """
    subject = SUBJECTS.get(previous)
    if match.intent is not None or subject is None:
        return match
    known = [name for name in match.options if SUBJECTS.get(name) == subject and name not in _GIVES_OUT]
    if not known or (known[0] != match.options[0] and match.confidence < _LIKELY):
        return match
    step = Step("context", "about what was answered last", known[0], match.confidence)
    card = Card((*match.card.steps, step), match.card.margin)
    return replace(match, intent=known[0], guess=known[0], options=(), card=card)


def of_a_store(match: Match, slots: Mapping[str, str]) -> Match:
    """Return the match with the hours of the place in the slots, where hours in general were understood, or would be offered first; else as it is."""
    first = match.intent or next(iter(match.options), None)
    if first != _OF_ANY or not any(name in slots for name in PLACES):
        return match
    known = any(
        step.rule == "exact" and step.intent == _OF_ANY for step in match.card.steps
    )  # and interrupts a question as such
    step = Step("exact" if known else "context", "hours of the place that is named", _OF_ONE, match.confidence)
    card = Card((*match.card.steps, step), match.card.margin)
    return replace(match, intent=_OF_ONE, guess=_OF_ONE, options=(), card=card)
