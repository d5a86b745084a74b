"""The one-time link by which a new user chooses a password."""

import pytest

from storage import users
from storage.database import Database
from storage.users import User
from tests.conftest import Clock
from tests.web.conftest import Browser

GOOD = "four more words nobody guesses"


@pytest.fixture
def newcomer(database: Database, clock: Clock) -> User:
    return database.write(lambda tx: users.add_user(tx, "xiaoyu", "agent", "小雨", clock()))


@pytest.fixture
def link(newcomer: User, database: Database, clock: Clock) -> str:
    return "/setup/" + database.write(lambda tx: users.add_setup_link(tx, newcomer.id, clock()))


def choose(browser: Browser, link: str, password: str, again: str | None = None) -> int:
    return browser.post(link, {"password": password, "again": password if again is None else again}).status


def test_link_lets_its_user_choose_a_password_and_come_in(browser: Browser, link: str) -> None:
    assert "小雨，您好" in browser.get(link).text
    assert choose(browser, link, GOOD) == 302
    assert browser.get("/desk").status == 200
    assert Browser(browser.client.application.test_client()).sign_in("xiaoyu", GOOD).status == 302


def test_link_works_once(browser: Browser, link: str) -> None:
    assert choose(browser, link, GOOD) == 302
    assert browser.get(link).status == 404
    assert choose(browser, link, "another good long password") == 404


def test_link_lasts_an_hour(browser: Browser, link: str, clock: Clock) -> None:
    clock.forward(minutes=59)
    assert browser.get(link).status == 200
    clock.forward(minutes=1)
    answer = browser.get(link)
    assert answer.status == 404
    assert "已经用过，或者过期了" in answer.text


def test_newer_link_ends_the_older_one(
    browser: Browser, link: str, newcomer: User, database: Database, clock: Clock
) -> None:
    database.write(lambda tx: users.add_setup_link(tx, newcomer.id, clock()))
    assert browser.get(link).status == 404


def test_link_of_a_disabled_user_is_dead(browser: Browser, link: str, newcomer: User, database: Database) -> None:
    database.write(lambda tx: users.disable_user(tx, newcomer.id))
    assert browser.get(link).status == 404


def test_made_up_links_lead_nowhere(browser: Browser, link: str) -> None:
    for made_up in ("/setup/x", "/setup/%00", "/setup/" + "a" * 3000):
        assert browser.get(made_up).status in (400, 404)


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("eleven char", "12 到 128 个字符"),
        ("long" * 33, "12 到 128 个字符"),
        ("i like ZhaoHu very much", "品牌名"),
        ("每天都喝山茶咖啡的人真不少", "品牌名"),
        ("my name is XiaoYu ok", "用户名"),
        ("qwertyuiop123", "太常见"),
        ("aaaaaaaaaaaaaa", "太常见"),
        ("abc123abc123abc1", "太常见"),
        ("1qaz2wsx3edc", "太常见"),
        ("123456789012", "太常见"),
    ],
)
def test_poor_passwords_are_refused_with_the_reason(browser: Browser, link: str, password: str, words: str) -> None:
    answer = browser.post(link, {"password": password, "again": password})
    assert answer.status == 422
    assert words in answer.text
    assert password not in answer.text


@pytest.mark.parametrize(
    "password",
    [
        "十二个汉字也可以做一个密码的呀",
        "  blanks around it  ",
        "🎈🎉🎊🎈🎉🎊😀😁😂🤣😃😄",
        "x9" + "!a" * 20 + "kq%z7",
        "twelve chars",
    ],
)
def test_any_characters_will_do_exactly_as_typed(browser: Browser, link: str, password: str) -> None:
    assert choose(browser, link, password) == 302
    other = Browser(browser.client.application.test_client())
    assert other.sign_in("xiaoyu", password.strip() + "?").status == 401
    assert other.sign_in("xiaoyu", password).status == 302


def test_both_fields_must_agree(browser: Browser, link: str) -> None:
    assert choose(browser, link, GOOD, GOOD + "x") == 422
    assert choose(browser, link, GOOD) == 302
