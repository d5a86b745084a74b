"""The demo brand: what is there after filling, that all of it holds together, and that a real database is left alone."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo

import pytest

from bot.demo.brand import AGENTS, NAME, STAFF, demo_menu, demo_scenes, demo_stores
from bot.demo.campaigns import ENDED, NEARLY_GONE, NEARLY_GONE_LEFT, NEWCOMERS
from bot.demo.dialogues import WAITING
from bot.demo.filling import DatabaseInUse, Filled, fill
from bot.demo.past import MEMBERS, UNFOLLOWED, openid_of
from bot.web.passwords import is_right
from intents.registry import all_intents
from intents.types import Brand
from storage import cases, checkins, conversations, coupons, exchanges, members, outbox, points, users
from storage.database import Database, Transaction
from storage.errors import Conflict
from storage.migrations import migrate
from storage.opening import open_database
from storage.stores import all_stores

BRAND = Brand(NAME, ZoneInfo("Asia/Shanghai"), desk_opens=clock_time(9), desk_closes=clock_time(21))
AFTERNOON = datetime(2026, 1, 22, 7, 30, tzinfo=UTC)  # 15:30 in Shanghai, a Thursday
EARLY = datetime(2026, 1, 22, 23, 0, tzinfo=UTC)  # 07:00 the next morning: nothing has happened yet today


def fill_in(database: Database, now: datetime = AFTERNOON, **passwords: str) -> Filled:
    return fill(database, now, brand=BRAND, account_id="gh_demo", passwords=passwords)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The filled database, made once: no test changes it."""
    opened = open_database(f"sqlite:///{tmp_path_factory.mktemp('demo') / 'demo.db'}")
    migrate(opened)
    fill_in(opened, linxia="correct horse battery")
    yield opened
    opened.close()


def everything_said(database: Database) -> list[exchanges.Exchange]:
    return list(exchanges.every(database))


def test_there_are_enough_stores_in_enough_cities_of_every_kind_of_hours() -> None:
    stores = demo_stores()
    assert len(stores) >= 36
    assert len({store.city for store in stores}) >= 12
    hours = [store.hours for store in stores]
    assert "24小时" in hours
    assert "10:00-02:00" in hours
    assert [store.open for store in stores].count(False) == 1
    assert len({(store.latitude, store.longitude) for store in stores}) == len(stores)


def test_every_phone_number_is_one_that_cannot_exist() -> None:
    for store in demo_stores():
        assert store.phone.split("-")[1] == "0000"


def test_the_menu_fits_wechat_and_every_button_leads_somewhere() -> None:
    buttons = demo_menu()["button"]
    assert 1 <= len(buttons) <= 3
    known = {key for intent in all_intents(()) for key in intent.menu_keys}
    for top in buttons:
        assert len(top["name"].encode()) <= 16
        assert 1 <= len(top["sub_button"]) <= 5
        for button in top["sub_button"]:
            assert len(button["name"].encode()) <= 60
            assert button["key"] in known


def test_every_store_has_a_qr_code() -> None:
    names = [scene.name for scene in demo_scenes(demo_stores())]
    assert "store_SH0001" in names
    assert "flyer_spring" in names
    assert len(set(names)) == len(names)
    assert all(len(name) <= 64 for name in names)


def test_members_stores_and_staff_are_there(demo: Database) -> None:
    assert members.count_members(demo) == MEMBERS
    assert len(all_stores(demo)) == len(demo_stores())
    assert {user.name: user.role for user in users.list_users(demo)} == {one.name: one.role for one in STAFF}
    assert len(AGENTS) == 2
    followers = [member for member in members.search_members(demo, limit=100) if member.subscribed]
    assert len(followers) == MEMBERS - UNFOLLOWED
    assert sum(bool(member.name) for member in members.search_members(demo, limit=100)) >= 25


def test_only_the_passwords_given_work(demo: Database) -> None:
    found = {user.name: user for user in users.list_users(demo)}
    assert is_right(found["linxia"].password_hash, "correct horse battery")
    assert not found["admin"].has_password


def test_a_few_hundred_exchanges_lie_in_the_last_two_weeks_under_ids_of_their_time(demo: Database) -> None:
    said = everything_said(demo)
    assert 400 <= len(said) <= 1_200
    assert all(AFTERNOON - timedelta(days=15) < one.created_at < AFTERNOON for one in said)
    assert [one.created_at for one in said] == sorted(one.created_at for one in said)
    today = datetime(2026, 1, 22, tzinfo=BRAND.zone)
    counted = exchanges.count_between(demo, today, AFTERNOON)
    assert counted.received == sum(one.direction == "in" and one.created_at >= today for one in said) > 0


def test_what_was_said_went_through_the_real_turn(demo: Database) -> None:
    said = everything_said(demo)
    incoming = {one.id: one for one in said if one.direction == "in"}
    intents = {one.intent for one in incoming.values()}
    assert {"store_nearest", "store_hours", "coupon_claim", "checkin", "complaint", "human", None} <= intents
    assert 5 <= sum(one.status == "missed" for one in incoming.values()) <= 40
    replies = [one for one in said if one.status == "replied"]
    assert all(one.in_reply_to in incoming for one in replies)
    assert not [one.text for one in replies if one.template == "fault"]


def test_one_conversation_waits_with_a_complaint(demo: Database) -> None:
    waiting = conversations.open_conversations(demo)
    assert [one.handoff_reason for one in waiting] == ["complaint"]
    assert [one.text for one in exchanges.timeline(demo, waiting[0].member_id) if one.text in WAITING] == list(WAITING)
    assert cases.cases_of(demo, waiting[0].member_id)[0].kind == "complaint"


def test_agents_answered_and_left_notes(demo: Database) -> None:
    said = [one for one in everything_said(demo) if one.author.startswith("agent:")]
    assert {one.author for one in said} == {f"agent:{agent.name}" for agent in AGENTS}
    assert all(one.status == "sent" for one in said)
    assert [one.exchange_id for one in outbox.page(demo)] == [one.id for one in said]
    notes = [handoff.note for one in said for handoff in conversations.handoffs_of(demo, one.member_id)]
    assert all(notes)


def test_campaigns_are_in_every_state_and_all_figures_agree(demo: Database) -> None:
    found = {campaign.code: campaign for campaign in coupons.campaigns(demo)}
    assert found[NEARLY_GONE].left == NEARLY_GONE_LEFT
    assert found[ENDED].closed(AFTERNOON) == "ended"
    assert found[NEWCOMERS].closed(AFTERNOON) is None
    assert found[NEWCOMERS].stock == 500
    assert [gift.issued for gift in coupons.running_campaigns(demo, AFTERNOON, "welcome")] == [MEMBERS]
    assert coupons.reconcile(demo) == []
    assert points.reconcile(demo) == []


def test_someone_checked_in_for_a_week_or_more(demo: Database) -> None:
    member = members.member_ids_by_openid(demo, openid_of(0))[0]
    entries = points.history(demo, member)
    assert len(entries) >= 7
    assert max(entry.amount for entry in entries) > checkins.BONUS_POINTS
    assert points.balance_of(demo, member) == sum(entry.amount for entry in entries)


def test_filling_again_changes_nothing(demo: Database) -> None:
    before = everything_said(demo)
    again = fill_in(demo, AFTERNOON + timedelta(days=1), admin="another long password")
    assert again == Filled(fresh=False, stores=len(demo_stores()), members=MEMBERS)
    assert everything_said(demo) == before


def test_the_same_moment_gives_the_same_past(demo: Database, database: Database) -> None:
    fill_in(database)
    told = [
        [(one.created_at, one.direction, one.intent, one.template) for one in everything_said(db)]
        for db in (demo, database)
    ]
    assert told[0] == told[1]


@pytest.mark.parametrize("hours", range(0, 24, 5))
def test_it_holds_at_any_hour(database: Database, hours: int) -> None:
    fill_in(database, EARLY + timedelta(hours=hours))
    assert len(conversations.open_conversations(database)) == 1
    assert not [one for one in everything_said(database) if one.template == "fault"]


def test_it_takes_less_than_two_seconds_of_work(database: Database) -> None:
    began = time.process_time()
    fill_in(database)
    assert time.process_time() - began < 2


def test_a_database_with_members_of_its_own_is_refused_and_left_alone(database: Database) -> None:
    database.write(lambda tx: members.add_member(tx, account_id="gh", openid="o1", source="message", now=AFTERNOON))
    with pytest.raises(DatabaseInUse):
        fill_in(database)
    assert all_stores(database) == []
    assert users.list_users(database) == []


def test_a_failure_in_the_middle_leaves_nothing(database: Database) -> None:
    def take_a_code(tx: Transaction) -> None:
        coupons.add_campaign(
            tx,
            code=NEWCOMERS,
            name="x",
            offer="x",
            stock=1,
            valid_days=1,
            starts_at=AFTERNOON,
            ends_at=EARLY,
            now=AFTERNOON,
        )

    database.write(take_a_code)
    with pytest.raises(Conflict):
        fill_in(database)
    assert all_stores(database) == []
    assert members.count_members(database) == 0
