"""How corrections come into force: at once for equal texts, soon for others, and never at the cost of a message."""

import pytest

from bot.conversation.hearing import Hearing
from intents.sentiment.learned import Example

SAID: tuple[Example, ...] = (("太下头了", "negative"), ("好下头啊", "negative"), ("真下头", "negative"))


def test_an_equal_text_counts_at_once_and_others_when_they_are_learned() -> None:
    hearing = Hearing()
    hearing.teach(SAID)
    assert hearing.judge("太下头了！").label == "negative"
    hearing.settle(10)
    assert hearing.judge("这店下头").score < -0.2


def test_what_is_taken_back_no_longer_counts() -> None:
    hearing = Hearing()
    hearing.teach(SAID)
    hearing.teach(())
    hearing.settle(10)
    assert hearing.judge("太下头了").label != "negative"


def test_the_same_corrections_are_learned_once() -> None:
    hearing = Hearing()
    hearing.teach(SAID)
    hearing.settle(10)
    before = hearing._judge
    hearing.teach(SAID)
    assert hearing._judge is before


def test_learning_that_fails_leaves_what_was_there(caplog: pytest.LogCaptureFixture) -> None:
    hearing = Hearing()
    hearing.teach((("下头", "angry"),))  # type: ignore[arg-type]  # what no release ever wrote
    hearing.settle(10)
    assert hearing.judge("垃圾").label == "negative"
    assert "judged as before" in caplog.text
