"""Thanks and goodbye: the right kind word, and nothing asked."""

import pytest

from intents import thanks
from storage.database import Database
from tests.intents.spoken import spoken
from tests.intents.turns import answer


@pytest.mark.parametrize("words", ["谢谢", "太感谢了", "好的知道了", "辛苦啦"])
def test_thanks_are_answered(database: Database, words: str) -> None:
    reply = answer(database, thanks.handle, words)
    assert "不客气" in spoken(reply)
    assert (reply.ask, reply.handoff, reply.choices) == (None, None, ())


@pytest.mark.parametrize("words", ["再见", "拜拜", "好的谢谢，晚安", "BYE"])
def test_who_leaves_is_said_goodbye(database: Database, words: str) -> None:
    assert spoken(answer(database, thanks.handle, words)).startswith("再见")
