"""Turns of one member that meet on PostgreSQL, also those that began before the member was known."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest

from storage import turns
from storage.database import Database, Transaction
from storage.members import add_member
from storage.turns import Recalled
from tests.storage.people import NOW

WHO = {"account_id": "gh_test", "openid": "oNew"}
PATIENCE_SECONDS = 30.0


@pytest.fixture
def engine() -> str:
    return "postgresql"


class Interrupted:
    """A transaction in which something happens right after the first lock."""

    def __init__(self, tx: Transaction, then: Callable[[], object]) -> None:
        self._tx, self._then = tx, [then]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tx, name)

    def lock(self, *asked: Any) -> bool:
        found = self._tx.lock(*asked)
        while self._then:
            self._then.pop()()
        return found


def test_who_becomes_known_while_they_are_recalled_is_kept_from_other_turns_all_the_same(database: Database) -> None:
    made, may_commit = threading.Event(), threading.Event()

    def first_message(tx: Transaction) -> None:
        add_member(tx, account_id="gh_test", openid="oNew", source="message", now=NOW)
        turns.recall(tx, **WHO, key="m:1")  # notes the id of one who is not committed
        made.set()
        assert may_commit.wait(PATIENCE_SECONDS)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(database.write, first_message)
        assert made.wait(PATIENCE_SECONDS)

        def commit_first() -> None:
            may_commit.set()
            first.result(PATIENCE_SECONDS)

        def second_message(tx: Transaction) -> tuple[Recalled | None, int]:
            recalled = turns.recall(cast(Transaction, Interrupted(tx, commit_first)), **WHO, key="m:2")
            return recalled, pool.submit(database.write, free_for_others).result(PATIENCE_SECONDS)

        recalled, free = database.write(second_message)
    assert recalled is not None
    assert free == 0


def free_for_others(tx: Transaction) -> int:
    return len(tx.query_unlocked("SELECT member_id FROM conversations"))
