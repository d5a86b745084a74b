"""Two hundred lines of real life against the intents of the release: answered, asked back, or honestly not understood."""

from datetime import UTC, date, datetime
from functools import cache

import pytest

from bot.conversation.carrying import context_after, followed
from bot.conversation.wishes import wishes_of
from intents.matching.matcher import Matcher
from intents.matching.places import Places
from intents.types import Match
from tests.intents.spoken import intents as spoken_intents
from tests.matching.real_life import lines

TODAY = date(2026, 1, 1)


@cache
def matcher() -> Matcher:
    return Matcher(spoken_intents().values(), Places())


def test_there_are_two_hundred_of_them() -> None:
    texts = [text for text, _, _ in lines()]
    assert len(texts) == len(set(texts)) >= 200


def understood(text: str) -> Match:
    """Return how the last of what was said is understood, after what was answered before."""
    intents, places = {one.name: one for one in spoken_intents().values()}, Places()
    context, now = None, datetime(2026, 1, 1, tzinfo=UTC)
    *before, last = text.split(" > ")
    for said in before:
        match = followed(said, matcher().match(said, today=TODAY), context, intents, places, TODAY)
        context = context_after(intents.get(match.intent or ""), match.slots, context, now)
    return followed(last, matcher().match(last, today=TODAY), context, intents, places, TODAY)


@pytest.mark.parametrize(("text", "decision", "reason"), lines(), ids=[text for text, _, _ in lines()])
def test_each_line_is_met_as_intended(text: str, decision: str, reason: str) -> None:
    match = understood(text)
    if decision.startswith("?"):
        assert match.intent is None, reason
        assert set(decision[1:].split()) & set(match.options), (reason, match)
    elif decision.startswith("-"):
        assert match.intent is None, (reason, match)
        assert decision == "-" or match.options == (), (reason, match)
    elif "+" in decision:
        wishes = wishes_of(match, spoken_intents())
        assert wishes.second is not None, (reason, match)
        assert [wishes.first.intent, wishes.second.intent] == decision.split(" + "), (reason, match)
    else:
        assert (match.intent, match.also) == (decision, ()), (reason, match)
