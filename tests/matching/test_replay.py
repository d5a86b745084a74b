"""What another matcher would make of messages, counted without doing anything."""

from datetime import date

from intents.matching.replay import Outcome, changes, counted, outcome_of
from intents.types import Match
from tests.matching.brand import TODAY


class Says:
    """Understands what it was told."""

    def __init__(self, **said: Match) -> None:
        self.said = said

    def match(self, text: str, *, today: date) -> Match:
        return self.said.get(text, Match(None))


ANSWERED, OTHER, ASKED = Match("a", 1.0, "a", also=("b",)), Match("b", 1.0, "b"), Match(None, 0.4, "a", ("a", "b"))


def test_a_match_leads_to_an_answer_a_question_or_nothing() -> None:
    assert outcome_of(ANSWERED) == Outcome("answer", ("a", "b"))
    assert outcome_of(ASKED) == Outcome("ask", ("a", "b"))
    assert outcome_of(Match(None, 0.1, "a")) == Outcome("miss")


def test_only_what_leads_elsewhere_is_told_the_most_said_first() -> None:
    before = Says(same=ANSWERED, rare=ASKED, often=ANSWERED, order=ASKED)
    after = Says(same=Match("a", 0.9, "a"), rare=ANSWERED, often=OTHER, order=Match(None, 0.4, "a", ("a", "c")))
    found = changes({"same": 9, "rare": 1, "often": 5, "order": 2}, before, after, TODAY)
    assert [(one.text, one.times, one.before.act, one.after.intents) for one in found] == [
        ("often", 5, "answer", ("b",)),
        ("rare", 1, "ask", ("a", "b")),
    ]


def test_messages_that_an_intent_answers_or_is_offered_for_are_counted() -> None:
    matcher = Says(one=ANSWERED, two=ASKED, three=OTHER)
    assert counted({"one": 3, "two": 2, "three": 4, "four": 9}, matcher, TODAY, ["a"]) == (3, 2)
    assert counted({"one": 3}, matcher, TODAY, []) == (0, 0)
