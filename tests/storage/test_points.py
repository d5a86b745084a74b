"""Points: the ledger counts each cause once, never falls below zero, and its sum is the balance."""

from functools import partial
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from storage.database import Database
from storage.differences import Difference
from storage.errors import Conflict, InsufficientPoints
from storage.migrations import migrate
from storage.opening import open_database
from storage.points import LedgerEntry, add_points, balance_of, history, reconcile
from tests.storage.people import NOW, at_once, people


def add(database: Database, member_id: int, amount: int, cause: str, kind: str = "gift") -> LedgerEntry:
    return database.write(lambda tx: add_points(tx, member_id, amount, kind=kind, cause=cause, now=NOW))


def test_entries_add_up_newest_first(database: Database) -> None:
    member, other = people(database, 2)
    for number, amount in enumerate((5, 20, -8)):
        add(database, member, amount, f"c{number}")
    add(database, other, 100, "c0")
    assert balance_of(database, member) == 17
    assert [(entry.amount, entry.balance_after) for entry in history(database, member)] == [(-8, 17), (20, 25), (5, 5)]


def test_the_same_cause_counts_once_and_returns_the_first_entry(database: Database) -> None:
    member = people(database, 1)[0]
    first = add(database, member, 5, "m:1", "checkin")
    assert add(database, member, 999, "m:1", "other") == first
    assert (first.amount, first.kind, first.created_at) == (5, "checkin", NOW)
    assert balance_of(database, member) == 5


def test_a_spent_cause_is_answered_again_also_when_nothing_is_left(database: Database) -> None:
    member = people(database, 1)[0]
    add(database, member, 5, "in")
    spent = add(database, member, -5, "out")
    assert add(database, member, -5, "out") == spent


def test_more_than_there_is_cannot_be_spent(database: Database) -> None:
    member, stranger = people(database, 2)
    add(database, member, 5, "in")
    with pytest.raises(InsufficientPoints, match="6 points asked for, 5 there"):
        add(database, member, -6, "out")
    with pytest.raises(InsufficientPoints):
        add(database, stranger, -1, "out")
    assert balance_of(database, member) == 5
    assert len(history(database, member)) == 1
    assert reconcile(database) == []


def test_an_entry_of_nothing_is_a_mistake(database: Database) -> None:
    with pytest.raises(ValueError, match="0 points"):
        add(database, people(database, 1)[0], 0, "c")


def test_points_of_nobody_are_refused(database: Database) -> None:
    with pytest.raises(Conflict):
        add(database, 404, 5, "c")


def test_history_goes_on_from_a_cursor(database: Database) -> None:
    member = people(database, 1)[0]
    added = [add(database, member, 1, f"c{number}").id for number in range(5)]
    first = history(database, member, limit=2)
    rest = history(database, member, before_id=first[-1].id)
    assert [entry.id for entry in first + rest] == added[::-1]


def test_the_database_itself_keeps_a_balance_from_falling_below_zero(database: Database) -> None:
    member = people(database, 1)[0]
    add(database, member, 5, "in")
    with pytest.raises(Conflict):
        database.write(lambda tx: tx.execute("UPDATE balances SET points = -1"))


def test_spent_forty_times_at_once_no_point_is_spent_twice(database: Database) -> None:
    member = people(database, 1)[0]
    add(database, member, 100, "in")

    def spend(number: int) -> bool:
        try:
            add(database, member, -7, f"out {number}")
        except InsufficientPoints:
            return False
        return True

    assert sum(at_once([partial(spend, number) for number in range(40)])) == 14
    assert balance_of(database, member) == 2
    assert reconcile(database) == []


def test_one_cause_forty_times_at_once_counts_once(database: Database) -> None:
    member = people(database, 1)[0]
    entries = at_once([partial(add, database, member, 5, "m:1") for _ in range(40)])
    assert len(set(entries)) == 1
    assert balance_of(database, member) == 5


def test_reconciling_finds_a_balance_that_is_not_the_sum(database: Database) -> None:
    member, other, third = people(database, 3)
    for one in (member, other, third):
        add(database, one, 5, "in")
    database.write(lambda tx: tx.execute("UPDATE balances SET points = 50 WHERE member_id = :id", {"id": member}))
    database.write(lambda tx: tx.execute("DELETE FROM balances WHERE member_id = :id", {"id": third}))
    assert reconcile(database) == [
        Difference("sum of entries = balance", member, 5, 50),
        Difference("sum of entries = balance", third, 5, 0),
    ]


class Ledger(RuleBasedStateMachine):
    """Any order of earning, spending and repeating, beside a model that is a dictionary."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.database = open_database(f"sqlite:///{self.folder.name}/ledger.db")
        migrate(self.database)
        self.members = people(self.database, 2)
        self.model: dict[tuple[int, str], int] = {}

    def total(self, member: int) -> int:
        return sum(amount for (whose, _), amount in self.model.items() if whose == member)

    @rule(
        who=st.integers(0, 1),
        amount=st.integers(-60, 60).filter(bool),
        cause=st.sampled_from([f"c{number}" for number in range(12)]),
    )
    def change(self, who: int, amount: int, cause: str) -> None:
        member = self.members[who]
        known = self.model.get((member, cause))
        if known is None and self.total(member) + amount < 0:
            with pytest.raises(InsufficientPoints):
                add(self.database, member, amount, cause)
            return
        entry = add(self.database, member, amount, cause)
        self.model.setdefault((member, cause), amount)
        assert entry.amount == self.model[member, cause]
        if known is None:
            assert entry.balance_after == self.total(member)

    @invariant()
    def everything_adds_up(self) -> None:
        assert reconcile(self.database) == []
        for member in self.members:
            assert balance_of(self.database, member) == self.total(member)
            amounts = sorted(entry.amount for entry in history(self.database, member))
            assert amounts == sorted(amount for (whose, _), amount in self.model.items() if whose == member)

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()


TestLedger = Ledger.TestCase
TestLedger.settings = settings(
    max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
