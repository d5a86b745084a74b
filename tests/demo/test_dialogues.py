"""What the demo's members said and got: written as the page of dialogues says, answered with what is shipped, and the same each time."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from bot.conversation.record import content_from_text
from bot.demo.brand import AGENTS, NAME, demo_menu, demo_scenes, demo_stores
from bot.demo.dialogues import EVERYDAY, NAMES, TAGS, WAITING, WITH_AGENT, Dialogue
from bot.demo.filling import fill
from bot.demo.past import DAYS, FAITHFUL, MEMBERS, Said, openid_of, plan, to_message
from intents.messages import Event, LocationMessage, MenuClickEvent, TextMessage
from intents.registry import all_intents
from intents.types import Brand
from storage import checkins, coupons, exchanges, members, points
from storage.database import Database
from storage.exchanges import Exchange
from storage.opening import open_database
from templates.library import load_shipped

BRAND = Brand(NAME, ZoneInfo("Asia/Shanghai"), desk_opens=time(9), desk_closes=time(21))
NOW = datetime(2026, 1, 22, 7, 30, tzinfo=UTC)
LOCAL = NOW.astimezone(BRAND.zone)
DRAWN = re.compile(r"[2-9A-HJ-NP-Z]{4}(?:-[2-9A-HJ-NP-Z]{4}){3}|[SCM]\d{6}[2-9A-HJ-NP-Z]{4}")
EVERY: Sequence[Dialogue] = (*EVERYDAY, *WITH_AGENT, WAITING)
WORDS = {"/click", "/scan", "/location", "/picture", "/unfollow", "/take", "/say", "/back"}


def filled(file: Path, migrated_file: Path) -> Database:
    file.write_bytes(migrated_file.read_bytes())
    opened = open_database(f"sqlite:///{file}")
    fill(opened, NOW, brand=BRAND, account_id="gh_demo", passwords={})
    return opened


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[Database]:
    """The filled database, made once: no test changes it."""
    opened = filled(tmp_path_factory.mktemp("dialogues") / "demo.db", migrated_file)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def replies(demo: Database) -> list[Exchange]:
    """Everything the bot said."""
    return [one for one in exchanges.every(demo) if one.author == "bot"]


def planned(now: datetime = LOCAL, seed: int = 1) -> list[Said]:
    return plan(now, demo_scenes(demo_stores()), Random(seed))


def texts_of(database: Database) -> list[tuple[datetime, str, str]]:
    return [(one.created_at, one.author, DRAWN.sub("…", one.text)) for one in exchanges.every(database)]


@pytest.mark.parametrize("dialogue", EVERY, ids=lambda dialogue: dialogue[0])
def test_a_dialogue_is_written_with_words_that_are_known(dialogue: Dialogue) -> None:
    for line in dialogue:
        assert line == line.strip() != ""
        if line.startswith("/"):
            assert line.split()[0] in WORDS


@pytest.mark.parametrize("dialogue", WITH_AGENT, ids=lambda dialogue: dialogue[0])
def test_an_agent_takes_answers_and_hands_back_with_a_note(dialogue: Dialogue) -> None:
    acts = [line.split()[0] for line in dialogue if line.startswith("/")]
    assert (acts[0], acts[-1]) == ("/take", "/back")
    assert set(acts[1:-1]) == {"/say"}
    assert dialogue[-1].removeprefix("/back ").endswith("。")


def test_menu_buttons_and_places_in_dialogues_exist() -> None:
    keys = {key for intent in all_intents(()) for key in intent.menu_keys}
    shown = {button["key"] for top in demo_menu()["button"] for button in top["sub_button"]}
    for line in (line for dialogue in EVERY for line in dialogue):
        if line.startswith("/click "):
            assert line.removeprefix("/click ") in keys & shown
        if line.startswith("/location "):
            _, latitude, longitude, label = line.split(" ", 3)
            assert 18 < float(latitude) < 54
            assert 73 < float(longitude) < 135
            assert label


def test_names_and_tags_are_each_there_once() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert len(set(TAGS)) == len(TAGS)


def test_the_plan_is_in_order_and_lies_in_the_past() -> None:
    said = planned()
    assert all(earlier.at <= later.at for earlier, later in pairwise(said))
    assert all(LOCAL - timedelta(days=DAYS + 1) < one.at < LOCAL for one in said)
    assert {one.member for one in said} == set(range(MEMBERS))


def test_everyone_follows_before_anything_else() -> None:
    first: dict[int, str] = {}
    for one in planned():
        first.setdefault(one.member, one.line)
    assert all(line.startswith("/follow") for line in first.values())


def test_people_sleep_at_night() -> None:
    assert {one.at.hour for one in planned() if one.line not in (*WAITING, "/unfollow")} <= set(range(9, 21))


def test_the_same_seed_plans_the_same_and_another_another() -> None:
    assert planned() == planned()
    assert planned() != planned(seed=2)


def test_every_dialogue_is_held_before_any_comes_again() -> None:
    begun = Counter(one.line for one in planned())
    assert min(begun[dialogue[0]] for dialogue in EVERYDAY) >= 1


def test_every_line_of_a_member_is_a_push_of_its_own() -> None:
    said = planned()
    pushes = [to_message(one, number, "gh_demo") for number, one in enumerate(said)]
    made = [push for push in pushes if push is not None]
    assert len({(push.openid, push.key) for push in made}) == len(made)
    assert {one.line.split()[0] for one, push in zip(said, pushes, strict=True) if push is None} <= {
        "/take",
        "/say",
        "/back",
    }
    assert all(push.openid == openid_of(one.member) for one, push in zip(said, pushes, strict=True) if push)


@pytest.mark.parametrize(
    ("line", "kind"),
    [("签到", TextMessage), ("/click K", MenuClickEvent), ("/location 31.2 121.4 上海 静安", LocationMessage)],
)
def test_a_line_becomes_what_it_says(line: str, kind: type) -> None:
    push = to_message(Said(LOCAL, 3, line), 5, "gh_demo")
    assert push is not None
    assert type(push) is kind
    assert (push.msg_id is None) == isinstance(push, Event)


def test_every_reply_is_of_a_template_that_is_shipped(replies: list[Exchange]) -> None:
    shipped = load_shipped()
    assert {one.template for one in replies} <= set(shipped)
    assert {one.template_version for one in replies} == {0}
    assert len({one.template for one in replies}) >= 20


def test_every_reply_can_be_shown_and_has_nothing_left_to_fill_in(replies: list[Exchange]) -> None:
    for one in replies:
        assert content_from_text(one.payload).summary() == one.text
        assert one.text.strip()
        assert not re.search(r"\{\{|\}\}|\{%|%\}|None|undefined|Undefined", one.text), one.text


def test_the_bot_says_nothing_between_an_agents_first_and_last_words(demo: Database) -> None:
    spoken_with = {one.member_id for one in exchanges.every(demo) if one.author.startswith("agent:")}
    assert len(spoken_with) >= len(WITH_AGENT)
    for member_id in spoken_with:
        authors = [one.author for one in exchanges.timeline(demo, member_id, limit=200)]
        places = [place for place, author in enumerate(authors) if author.startswith("agent:")]
        assert "bot" not in authors[places[0] : places[-1]]


def test_agents_say_their_own_names(demo: Database) -> None:
    shown = {f"agent:{agent.name}": agent.display_name for agent in AGENTS}
    greetings = [one for one in exchanges.every(demo) if one.author in shown and "我是" in one.text]
    assert greetings
    assert all(shown[one.author] in one.text for one in greetings)
    assert not [one.text for one in exchanges.every(demo) if "{agent}" in one.text]


def test_every_members_points_are_the_sum_of_their_check_ins(demo: Database) -> None:
    assert points.reconcile(demo) == coupons.reconcile(demo) == []
    for number in range(MEMBERS):
        [member_id] = members.member_ids_by_openid(demo, openid_of(number))
        days = checkins.days_of(demo, member_id)
        assert points.balance_of(demo, member_id) == sum(day.points for day in days)
        assert number >= FAITHFUL or len(days) >= 7


def test_filled_again_elsewhere_everybody_says_the_same(demo: Database, tmp_path: Path, migrated_file: Path) -> None:
    other = filled(tmp_path / "other.db", migrated_file)
    assert texts_of(other) == texts_of(demo)
    assert any("…" in text for _, _, text in texts_of(demo))
    other.close()
