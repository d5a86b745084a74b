"""Two hundred lines of real life against the intents of the release: answered, asked back, or honestly not understood."""

from datetime import date
from functools import cache

import pytest

from intents.matching.matcher import Matcher
from intents.matching.places import Places
from tests.intents.spoken import intents
from tests.matching.real_life import lines

TODAY = date(2026, 1, 1)


@cache
def matcher() -> Matcher:
    return Matcher(intents().values(), Places())


def test_there_are_two_hundred_of_them() -> None:
    texts = [text for text, _, _ in lines()]
    assert len(texts) == len(set(texts)) >= 200


@pytest.mark.parametrize(("text", "decision", "reason"), lines(), ids=[text for text, _, _ in lines()])
def test_each_line_is_met_as_intended(text: str, decision: str, reason: str) -> None:
    match = matcher().match(text, today=TODAY)
    if decision.startswith("?"):
        assert match.intent is None, reason
        assert set(decision[1:].split()) & set(match.options), (reason, match)
    elif decision.startswith("-"):
        assert match.intent is None, (reason, match)
        assert decision == "-" or match.options == (), (reason, match)
    else:
        assert match.intent == decision, (reason, match)
