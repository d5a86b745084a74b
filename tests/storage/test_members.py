"""Members: one per openid, followed by the platform's clock, found by what staff may know of them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import members
from storage.conversations import conversation_of, hand_back, take
from storage.database import Database, Transaction
from storage.errors import Conflict
from storage.members import Member
from tests.storage.people import NOW, at_once, people

LEASE = timedelta(minutes=30)


def known(database: Database, member_id: int) -> Member:
    found = members.member_by_id(database, member_id)
    assert found is not None
    return found


def follow(database: Database, member_id: int, *, follows: bool, minutes: float) -> bool:
    at = NOW + timedelta(minutes=minutes)
    return database.write(lambda tx: members.record_follow(tx, member_id, follows=follows, event_at=at))


def note(database: Database, member_id: int, **changed: str) -> None:
    profile = {"name": "", "phone": "", "city": "", "remark": "", **changed}
    tags = profile.pop("tags", "").split()
    database.write(lambda tx: members.update_profile(tx, member_id, tags=tags, **profile))


def found(database: Database, text: str, agent_id: int | None = None) -> list[int]:
    return [member.id for member in members.search_members(database, text, agent_id=agent_id)]


def test_a_new_member_has_a_conversation_with_the_bot(database: Database) -> None:
    [member_id] = people(database, 1)
    conversation = conversation_of(database, member_id)
    assert conversation is not None
    assert (conversation.state, conversation.misses, conversation.unread) == ("bot", 0, 0)
    assert (known(database, member_id).created_at, known(database, member_id).tags) == (NOW, ())


def test_an_openid_belongs_to_one_member_of_an_account(database: Database) -> None:
    people(database, 1)
    with pytest.raises(Conflict):
        people(database, 1)
    assert members.count_members(database) == 1


def test_of_many_who_make_the_same_member_at_once_one_does(database: Database) -> None:
    def make() -> int | None:
        try:
            return people(database, 1)[0]
        except Conflict:
            return None

    made = [member_id for member_id in at_once([make] * 8) if member_id is not None]
    assert made == members.member_ids_by_openid(database, "o0")


def test_the_same_openid_in_two_accounts_is_two_members(database: Database) -> None:
    [first] = people(database, 1)
    second = database.write(
        lambda tx: members.add_member(tx, account_id="gh_other", openid="o0", source="follow", now=NOW)
    )
    assert sorted(members.member_ids_by_openid(database, "o0")) == [first, second]


def test_nobody_is_found_by_an_unknown_id_or_openid(database: Database) -> None:
    people(database, 1)
    assert members.member_by_id(database, 1) is None
    assert members.member_ids_by_openid(database, "O0") == []


def test_identities_are_of_those_asked_for_that_have_one(database: Database) -> None:
    first, _, third = people(database, 3)
    identities = members.identities_of(database, [third, first, 404])
    assert {member_id: one.external_id for member_id, one in identities.items()} == {first: "o0", third: "o2"}
    assert identities[first].account_id == "gh_test"
    assert members.identities_of(database, []) == {}


def test_following_is_dated_and_counted(database: Database) -> None:
    [member_id] = people(database, 1)
    assert follow(database, member_id, follows=True, minutes=1)
    assert follow(database, member_id, follows=False, minutes=2)
    assert follow(database, member_id, follows=True, minutes=3)
    member = known(database, member_id)
    assert (member.subscribed, member.follows) == (True, 2)
    assert (member.subscribed_at, member.unsubscribed_at) == (NOW + timedelta(minutes=3), NOW + timedelta(minutes=2))


@given(
    events=st.lists(
        st.tuples(st.booleans(), st.integers(0, 9)), min_size=1, max_size=6, unique_by=lambda event: event[1]
    ),
    data=st.data(),
)
def test_whatever_order_events_come_in_the_newest_decides(
    shared: Database,
    events: list[tuple[bool, int]],
    data: st.DataObject,
) -> None:
    openid = f"o{members.count_members(shared)}"
    member_id = shared.write(
        lambda tx: members.add_member(tx, account_id="gh_any", openid=openid, source="event", now=NOW)
    )
    for follows, minutes in data.draw(st.permutations(events)):
        follow(shared, member_id, follows=follows, minutes=minutes)
    newest = max(events, key=lambda event: event[1])
    member = known(shared, member_id)
    assert member.subscribed is newest[0]
    assert member.follow_changed_at == NOW + timedelta(minutes=newest[1])


def test_a_source_is_replaced_only_while_nothing_better_is_known(database: Database) -> None:
    [member_id] = people(database, 1)
    for source in ("event", "store_7", "flyer"):
        database.write(lambda tx, source=source: members.set_source(tx, member_id, source))  # type: ignore[misc]
    assert known(database, member_id).source == "store_7"


def test_a_profile_comes_back_as_it_was_noted(database: Database) -> None:
    [member_id] = people(database, 1)
    note(database, member_id, name="小雨 🐱", phone="13800000000", city="上海", remark='爱喝"拿铁"', tags="低糖 常来")
    member = known(database, member_id)
    assert (member.name, member.city, member.remark, member.tags) == ("小雨 🐱", "上海", '爱喝"拿铁"', ("低糖", "常来"))


@pytest.mark.parametrize("text", ["小雨", "雨", "拿铁", "低糖", "o1", "message", "13800001234", "1234"])
def test_a_member_is_found_by_what_is_known(database: Database, text: str) -> None:
    people(database, 1)
    member_id = database.write(
        lambda tx: members.add_member(tx, account_id="gh_b", openid="wo1ld", source="message", now=NOW)
    )
    note(database, member_id, name="小雨", remark="爱喝拿铁", tags="低糖", phone="13800001234")
    assert member_id in found(database, text)


@pytest.mark.parametrize("text", ["138", "0000", "234", "00001234", "1380000123"])
def test_part_of_a_phone_number_finds_nobody(database: Database, text: str) -> None:
    [member_id] = people(database, 1)
    note(database, member_id, phone="13800001234")
    assert found(database, text) == []


@pytest.mark.parametrize("text", ["%", "_", "\\", "%%", "____"])
def test_signs_of_patterns_are_taken_as_they_are(database: Database, text: str) -> None:
    plain, marked = people(database, 2)
    note(database, plain, name="小雨", phone="13800001234")
    note(database, marked, name=f"<{text}>")
    assert found(database, text) == [marked]


def test_members_are_listed_newest_first_page_by_page(database: Database) -> None:
    ids = people(database, 5)
    page = members.search_members(database, limit=2)
    rest = members.search_members(database, before_id=page[-1].id)
    assert [member.id for member in page + rest] == ids[::-1]


def test_an_agent_finds_those_who_wait_and_those_they_dealt_with(database: Database) -> None:
    waits, mine, past, others, free = people(database, 5)

    def work(tx: Transaction) -> None:
        tx.execute("UPDATE conversations SET state = 'waiting', waiting_since = 0 WHERE member_id = :id", {"id": waits})
        take(tx, mine, agent_id=7, lease=LEASE, now=NOW)
        take(tx, past, agent_id=7, lease=LEASE, now=NOW)
        hand_back(tx, past, agent_id=7, note="", now=NOW)
        take(tx, others, agent_id=8, lease=LEASE, now=NOW)

    database.write(work)
    assert found(database, "", agent_id=7) == [past, mine, waits]
    concerned = [one for one in (waits, mine, past, others, free) if members.concerns_agent(database, one, 7)]
    assert concerned == [waits, mine, past]


def test_members_are_counted_from_a_time_on(database: Database) -> None:
    people(database, 2)
    database.write(
        lambda tx: members.add_member(
            tx, account_id="gh_b", openid="late", source="follow", now=NOW + timedelta(hours=1)
        )
    )
    assert members.count_members(database) == 3
    assert members.count_members(database, created_since=NOW) == 3
    assert members.count_members(database, created_since=NOW + timedelta(milliseconds=1)) == 1


@given(st.integers(0, 2**63 - 1))
def test_a_short_code_is_five_signs_nobody_mixes_up(member_id: int) -> None:
    code = members.short_code(member_id)
    assert len(code) == 5
    assert not set(code) & set("01IO")
    assert set(code) <= set("23456789ABCDEFGHJKLMNPQRSTUVWXYZ")


def test_short_codes_of_members_made_one_after_another_differ(database: Database) -> None:
    codes = [known(database, member_id).short_code for member_id in people(database, 200)]
    assert len(set(codes)) == 200
