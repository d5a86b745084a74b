"""How strict to be: every text is judged by a matcher that did not learn it, and the table tells what each setting would do."""

from collections import Counter
from itertools import pairwise

import pytest

from intents.matching.decide import Thresholds, thresholds_for
from intents.matching.foreign import shipped_foreign
from intents.matching.replay import Outcome
from intents.matching.strictness import (
    SETTINGS,
    USUAL,
    Judged,
    Line,
    by_intent,
    held_out,
    in_the_way,
    lines,
    recommended,
    replayed,
)
from tests.matching.brand import INTENTS, MATCHER, PLACES, TODAY


@pytest.fixture(scope="module")
def judged() -> list[Judged]:
    return held_out(INTENTS, PLACES, ("你们家的猫叫什么名字",), TODAY)


def said(intent: str | None, *outcomes: Outcome, guess: str | None = None, confidence: float = 0.5) -> Judged:
    """A text with these outcomes, the last one for all stricter settings as well."""
    filled = (*outcomes, *outcomes[-1:] * (len(SETTINGS) - len(outcomes)))
    return Judged("x", intent, guess or intent, confidence, filled)


RIGHT, WRONG, MISSED = Outcome("answer", ("a",)), Outcome("answer", ("b",)), Outcome("miss")
ASKED, ASKED_OTHERS = Outcome("ask", ("b", "a")), Outcome("ask", ("b",))


def test_every_phrase_and_every_foreign_message_is_judged_once(judged: list[Judged]) -> None:
    phrases = Counter(phrase for intent in INTENTS for phrase in intent.phrases)
    assert Counter(one.text for one in judged if one.intent is not None) == phrases
    assert sum(one.intent is None for one in judged) == len(shipped_foreign()) + 1


def test_nobody_is_judged_by_what_it_learned_from_them(judged: list[Judged]) -> None:
    ours = [one for one in judged if one.intent is not None]
    assert any(one.confidence < 0.5 for one in ours)  # learned phrases are certain
    assert sum(one.guess == one.intent for one in ours) / len(ours) > 0.6  # and others are not guessed at random


def test_the_stricter_the_fewer_answers_of_either_kind(judged: list[Judged]) -> None:
    table = lines(judged)
    assert [line.setting for line in table] == list(SETTINGS)
    for looser, stricter in pairwise(table):
        assert looser.right >= stricter.right
        assert looser.wrong >= stricter.wrong
        assert looser.foreign_answered >= stricter.foreign_answered
    for line in table:
        assert line.right + line.asked + line.wrong + line.missed == pytest.approx(1.0)
        assert line.foreign_refused + line.foreign_asked + line.foreign_answered == pytest.approx(1.0)
    assert recommended(table) in SETTINGS


def test_a_text_counts_as_right_asked_wrong_or_missed() -> None:
    ours = [said("a", RIGHT), said("a", ASKED), said("a", WRONG), said("a", ASKED_OTHERS), said("a", MISSED)]
    foreign = [said(None, MISSED), said(None, ASKED), said(None, RIGHT), said(None, RIGHT)]
    line = lines([*ours, *foreign])[0]
    assert (line.right, line.asked, line.wrong, line.missed) == (0.2, 0.2, 0.2, 0.4)
    assert (line.foreign_refused, line.foreign_asked, line.foreign_answered) == (0.25, 0.25, 0.5)


def test_the_setting_that_answers_most_of_those_nearly_worth_the_most_is_recommended() -> None:
    def line(setting: float, right: float, wrong: float) -> Line:
        return Line(setting, right, 0.0, wrong, 1 - right - wrong, 1.0, 0.0, 0.0)

    table = [line(0.4, 0.8, 0.2), line(0.6, 0.705, 0.055), line(0.7, 0.7, 0.05), line(0.9, 0.4, 0.0)]
    assert recommended(table) == 0.6
    assert recommended([Line(0.5, 0.6, 0.0, 0.0, 0.4, 1, 0, 0), Line(0.9, 0.0, 1.0, 0.0, 0.0, 1, 0, 0)]) == 0.5


def test_intents_are_told_by_how_they_fare_the_weakest_first() -> None:
    judged = [said("a", RIGHT), said("a", RIGHT), said("b", WRONG), said("b", RIGHT, guess="a"), said("b", MISSED)]
    weakest, other = by_intent(judged, USUAL)
    assert (weakest.intent, weakest.phrases, weakest.right, weakest.wrong, weakest.missed) == ("b", 3, 1, 1, 1)
    assert (weakest.taken_for, weakest.taken_times) == ("a", 1)
    assert (other.intent, other.right, other.taken_for) == ("a", 2, None)


def test_phrases_nearer_to_another_intent_are_in_its_way_the_surest_first() -> None:
    judged = [
        said("a", RIGHT),
        said("a", WRONG, guess="b", confidence=0.3),
        said("a", WRONG, guess="c", confidence=0.9),
        said(None, RIGHT, guess="b"),
    ]
    assert [one.guess for one in in_the_way(judged)] == ["c", "b"]


def test_real_messages_are_counted_by_what_is_done_with_them() -> None:
    counts = replayed(MATCHER, {"我要签到": 3, "zzqx": 2}, TODAY)
    assert len(counts) == len(SETTINGS)
    for one in counts:
        assert (one["answer"], one["ask"] + one["miss"]) == (3, 2)


def test_other_thresholds_decide_otherwise_on_what_was_learned_once() -> None:
    strict = MATCHER.with_thresholds(thresholds_for(0.95))
    text = "积分这东西有啥用处"
    loose = MATCHER.with_thresholds(thresholds_for(0.05))
    assert strict.fingerprint == loose.fingerprint == MATCHER.fingerprint
    assert strict.match(text, today=TODAY).confidence == loose.match(text, today=TODAY).confidence
    assert loose.match(text, today=TODAY).intent == "points"
    assert MATCHER.with_thresholds(Thresholds()).match(text, today=TODAY) == MATCHER.match(text, today=TODAY)
