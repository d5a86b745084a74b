"""A message read in the light of what was answered before: "那上海呢" asks the same again, "几点关门" is about the store just named. Pure."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.conversation.state import Context
from bot.conversation.subjects import SUBJECTS, about_the_same, of_a_store
from intents.matching.context import LONGEST, PLACES, carry_over
from intents.matching.normalise import normalise
from intents.matching.places import Places
from intents.types import Card, Intent, Match, Step

CONTEXT_LIFETIME = timedelta(minutes=10)
ASKED_AGAIN = 0.9  # confidence of a message that only changes a word of the question before
_MOST_LOOKED_AT = 3 * LONGEST  # characters as they came; normalised they may be fewer
LISTED = "listed"  # the slot that holds the codes of the stores just shown, in their order
_PLACES_IN_A_LIST = "一二三四五12345"
_NTH = re.compile(r"(?:第([一二三四五1-5])|(最后一))[家个间]")
_NTH_ALONE = re.compile(rf"(?:那|我?[要去选看])?{_NTH.pattern}(?:店|门店)?(?:呢|吧|怎么样)?")
_ELSEWHERE = re.compile(r"附近|最近|别的|其他|其它|另外|哪些|换一?家|所有|全部|我这|这边|nearest|nearby|other")
# 武康路店, 万达广场: named, though no place the brand has. 这家店, 门店, 几点店里 … name none.
_NAMED = re.compile(
    r"[\u4e00-\u9fff](?<![这那哪几家个门们你您的本该贵咖啡奶茶到去在开关进有分全各新老上天日晚末午网商饭酒])店(?![里员长铺家内])"
    r"|[\u4e00-\u9fff]{2}(?<!什么)(?<!哪条)(?:路|街|大道|广场|大厦|商场|机场|车站|大学|医院|小区|公园)"
)


def followed(
    text: str, match: Match, context: Context | None, intents: Mapping[str, Intent], places: Places, today: date
) -> Match:
    """Return what a message means after what was answered last; the match itself when that adds nothing."""
    match = of_a_store(match, match.slots)
    previous = intents.get(context.intent) if context is not None else None
    if context is None or previous is None or len(text) > _MOST_LOOKED_AT:
        return match
    if not any(step.rule == "exact" for step in match.card.steps):
        slots = carry_over(text, previous, context.slots, places, today)
        if slots is not None:
            return _asked_again(match, previous, slots, context)
    match = of_a_store(about_the_same(match, context.intent), context.slots)
    return _one_of_those_listed(text, match, context, previous) or _about_the_same_place(text, match, context, intents)


def context_after(
    intent: Intent | None, slots: Mapping[str, str], before: Context | None, now: datetime
) -> Context | None:
    """Return what the next message may follow, once an intent has answered: nothing without slots, small talk changes nothing."""
    if intent is None or not intent.offered:
        return before
    if not intent.slots and intent.name not in SUBJECTS:
        return None
    kept = {name: value for name, value in slots.items() if name in intent.slots or name == LISTED}
    if before is not None and LISTED in before.slots and SUBJECTS.get(before.intent) == SUBJECTS.get(intent.name):
        kept = {LISTED: before.slots[LISTED], **kept}
    return Context(intent.name, kept, now + CONTEXT_LIFETIME)


def _asked_again(match: Match, previous: Intent, slots: Mapping[str, str], context: Context) -> Match:
    kept = [Step("carry", f"{name} = {value}") for name, value in slots.items() if context.slots.get(name) == value]
    steps = (
        *match.card.steps,
        Step("context", "the last question again", previous.name, ASKED_AGAIN),
        *kept,
        Step("decide", "answer: the last question, of something else", previous.name, ASKED_AGAIN),
    )
    return Match(previous.name, ASKED_AGAIN, previous.name, (), slots, Card(steps, 1.0))


def _one_of_those_listed(text: str, match: Match, context: Context, previous: Intent) -> Match | None:
    """Return the match about the store that is pointed at by its place in the list just shown (第二家几点关门), or None."""
    listed = context.slots.get(LISTED, "").split()
    if not listed:
        return None
    even = normalise(text).key
    found = _NTH.search(even)
    if found is None or len(even) > LONGEST or any(name in match.slots for name in PLACES):
        return None
    place = len(listed) if found[2] else _PLACES_IN_A_LIST.index(found[1]) % 5 + 1
    bare = _NTH_ALONE.fullmatch(even) is not None
    name = previous.name if bare else match.intent
    if not 1 <= place <= len(listed) or name is None or SUBJECTS.get(name) != SUBJECTS.get(previous.name):
        return None
    code = listed[place - 1]
    card = Card((*match.card.steps, Step("carry", f"store = {code}", name, ASKED_AGAIN)), match.card.margin)
    slots = {**match.slots, "store": code}
    return replace(
        match,
        intent=name,
        guess=name,
        confidence=max(match.confidence, ASKED_AGAIN),
        options=(),
        slots=slots,
        card=card,
    )


def _about_the_same_place(text: str, match: Match, context: Context, intents: Mapping[str, Intent]) -> Match:
    """Return the match with the place of the question before, when this one is in want of a place and names none, known or not."""
    intent = intents.get(match.intent or "")
    if intent is None or match.also or len(text) > LONGEST or _ELSEWHERE.search(text) or _NAMED.search(text):
        return match
    if _NTH.search(text):  # of a list that does not have so many
        return match
    if any(name in match.slots for name in PLACES):
        return match
    carried = {name: context.slots[name] for name in PLACES if name in intent.slots and name in context.slots}
    if not carried:
        return match
    steps = [Step("carry", f"{name} = {value}") for name, value in carried.items()]
    return replace(match, slots={**match.slots, **carried}, card=Card((*match.card.steps, *steps), match.card.margin))
