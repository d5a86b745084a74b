"""Who may do what at the desk: every route, for the owner, a colleague, a supervisor, staff of other rooms and strangers."""

import re
import threading
from collections.abc import Mapping

import pytest
from flask import Flask

from bot.desk.access import Actor
from bot.desk.errors import NotTheirs
from bot.desk.stage import task_lease
from bot.desk.work import Task, take
from storage.cases import cases_of, open_case
from storage.conversations import handoffs_of
from storage.database import Database, Transaction
from storage.outbox import page
from tests.conftest import ENGINES, Clock
from tests.desk.conftest import Colleague, Desk
from tests.phone import Phone
from tests.web.conftest import Browser

# What one member's routes take, each as its owner would send it.
READS = ("", "/older?before=9&at=9", "/news?after=0", "/media/1")
CHANGES: Mapping[str, Mapping[str, str]] = {
    "/take": {},
    "/keep": {},
    "/send": {"text": "您好", "client_id": "click-0001"},
    "/picture": {"client_id": "click-0002"},
    "/typing": {"on": "1"},
    "/again": {"message": "1"},
    "/profile": {"name": "王小满"},
    "/reveal": {"reason": "约好回电"},
    "/hand-back": {"note": "好了"},
    "/cases/{case}/close": {},
    "/take-over": {"from_agent": "1"},
    "/said/1/sentiment": {"label": "neutral"},
}
COMMON = ("/", "/queue", "/phrases", "/live")
COLUMNS = (
    "role",
    "account_id",
    "assignee_id",
    "agent_id",
    "balance",
    "issued",
    "member_id",
    "status",
    "author",
    "lease_until",
)


def case_of(desk: Desk) -> int:
    member_id = desk.member()
    return desk.database.write(
        lambda tx: open_case(tx, member_id, kind="message", text="留言", cause="test", now=desk.clock()).id
    )


def test_table_of_this_test_knows_every_route(app: Flask) -> None:
    rules = {str(rule.rule) for rule in app.url_map.iter_rules() if rule.endpoint.startswith("desk.")}
    plain = {re.sub(r"<[^>]*:(\w+)>", r"{\1}", rule) for rule in rules}
    of_member = {path.partition("?")[0].replace("{case}", "{case_id}") for path in (*READS, *CHANGES)}
    expected = {f"/desk{path}" for path in COMMON} | {
        f"/desk/m/{{member_id}}{re.sub(r'/1$|/1(?=/)', '/{exchange_id}', path)}" for path in of_member
    }
    assert plain == expected | {"/desk/alerts/{burst_id}/seen"}


@pytest.mark.parametrize("name", ["charlie", "adam"])
def test_staff_of_other_rooms_are_refused_everywhere(taken: Desk, name: str) -> None:
    case = case_of(taken)
    answers = {path: taken[name].get(f"/desk{path}").status for path in COMMON}
    answers |= {path: taken[name].get(taken.at() + path).status for path in READS}
    answers |= {
        path: taken[name].post(taken.at() + path.format(case=case), dict(form)).status for path, form in CHANGES.items()
    }
    assert set(answers.values()) == {403}
    assert taken.posted() == []


def test_stranger_is_led_to_the_door(taken: Desk) -> None:
    stranger = Browser(taken.app.test_client())
    for path in (*COMMON[:3], *(f"/m/{taken.member()}{path}" for path in READS)):
        answer = stranger.get(f"/desk{path}")
        assert (answer.status, answer.location.startswith("/login")) == (302, True), path
    for path, form in CHANGES.items():
        assert stranger.post(taken.at() + path.format(case=1), dict(form), token="").status in (302, 403), path
    assert taken.posted() == []


def test_foreign_dialogue_and_absent_one_are_the_same_to_a_colleague(taken: Desk) -> None:
    case = case_of(taken)
    taken.clock.forward(minutes=6)  # who took it a moment ago is told to those who were just too late
    taken["alice"].post(f"{taken.at()}/keep")
    before = taken.conversation()
    for address in (taken.at(), "/desk/m/1", "/desk/m/9223372036854775807", "/desk/m/9223372036854775808"):
        for path in READS:
            assert taken["bob"].get(address + path).status == 404, address + path
        for path, form in CHANGES.items():
            expected = 403 if path == "/take-over" else 404
            answer = taken["bob"].post(address + path.format(case=case), dict(form))
            assert answer.status == expected or address.endswith("5808"), address + path
            assert "alice" not in answer.text
    assert (taken.posted(), taken.conversation()) == ([], before)
    assert cases_of(taken.database, taken.member())[0].status == "open"


def test_lists_hold_only_what_may_be_opened(taken: Desk, phone: Phone) -> None:
    phone.named("oOther").says("人工")
    secret, other = str(taken.member()), str(taken.member("oOther"))
    for path in ("/desk/", "/desk/queue"):
        assert secret in taken["alice"].get(path).text
        assert secret not in taken["bob"].get(path).text
        assert other in taken["bob"].get(path).text
        assert secret in taken["susan"].get(path).text


def test_waiting_dialogue_can_be_read_by_every_agent_but_not_answered(waiting: Desk) -> None:
    assert waiting["bob"].get(waiting.at()).status == 200
    for path in ("/send", "/keep", "/hand-back", "/profile", "/reveal"):
        answer = waiting["bob"].post(waiting.at() + path, dict(CHANGES[path]), HX_Request="true")
        assert (answer.status, waiting.posted()) == (409, []), path


def test_supervisor_reads_the_teams_dialogues_but_answers_only_own_ones(taken: Desk) -> None:
    page_text = taken["susan"].get(taken.at()).text
    assert "现在由alice负责" in page_text
    answer = taken["susan"].post(f"{taken.at()}/send", dict(CHANGES["/send"]), HX_Request="true")
    assert answer.status == 409
    assert "alice" in answer.text
    assert taken.posted() == []


def test_dialogue_that_the_bot_leads_is_the_supervisors_to_see_alone(desk: Desk, phone: Phone) -> None:
    phone.says("你好")
    assert desk["alice"].get(desk.at()).status == 404
    assert desk["susan"].get(desk.at()).status == 200


@pytest.mark.parametrize("column", COLUMNS)
def test_fields_nobody_asked_for_are_refused(taken: Desk, column: str) -> None:
    for path, form in CHANGES.items():
        name = "susan" if path == "/take-over" else "alice"
        answer = taken[name].post(taken.at() + path.format(case=1), {**form, column: "1"})
        assert answer.status == 400, path
    assert (taken.conversation().agent_id, taken.posted()) == (taken.users["alice"].id, [])


@pytest.mark.parametrize("query", ["after=x", "after=-1", "after=99999999999999999999", "at=1e9", "check=%00"])
def test_cursors_that_are_no_numbers_are_refused(taken: Desk, query: str) -> None:
    assert taken["alice"].get(f"{taken.at()}/news?{query}").status == 400


def test_nothing_changes_without_the_token_of_the_form(taken: Desk) -> None:
    for path, form in CHANGES.items():
        assert taken["alice"].post(taken.at() + path.format(case=1), dict(form), token="").status == 403, path
    assert taken.posted() == []


@pytest.mark.parametrize("engine", ENGINES)
def test_two_agents_at_the_same_moment_and_one_owner(
    app: Flask, database: Database, clock: Clock, waiting: Desk
) -> None:
    member_id, barrier = waiting.member(), threading.Barrier(8)
    outcomes: list[str] = []

    def grab(name: str) -> None:
        user = waiting.users[name]
        with app.app_context():
            task = Task(Actor(user.id, user.name, user.name, sees_team=False), member_id, task_lease(), clock())

        def work(tx: Transaction) -> None:
            take(tx, task)

        barrier.wait(5)
        try:
            database.write(work)
            outcomes.append(name)
        except NotTheirs as error:
            outcomes.append(f"lost to {error.owner}")

    threads = [threading.Thread(target=grab, args=(name,)) for name in ("alice", "bob") * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    winner = {user.id: name for name, user in waiting.users.items()}[waiting.conversation().agent_id or 0]
    assert sorted(outcomes) == sorted([winner] * 4 + [f"lost to {winner}"] * 4)
    assert len(handoffs_of(database, member_id)) == 1


def test_same_click_from_two_tabs_at_once_is_one_message(taken: Desk) -> None:
    address, token, barrier = f"{taken.at()}/send", taken["alice"].token(), threading.Barrier(6)
    cookie = taken["alice"].cookie()
    statuses: list[int] = []

    def press() -> None:
        tab = Colleague(taken.app.test_client())
        tab.client.set_cookie("zhaohu", cookie)
        barrier.wait(5)
        statuses.append(tab.post(address, {"text": "在的", "client_id": "click-0001"}, token=token).status)

    threads = [threading.Thread(target=press) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert statuses == [302] * 6
    assert len(page(taken.database, member_id=taken.member())) == 1
