"""The two languages: how one is chosen, and that no text is left in the other."""

import re
from collections import defaultdict
from pathlib import Path

import pytest

from bot.web import catalogue
from tests.web.conftest import Browser, SignIn


@pytest.mark.parametrize(
    ("accepts", "html", "words"),
    [
        ("", "zh-CN", "欢迎回来"),
        ("zh-TW,zh;q=0.9,en;q=0.8", "zh-CN", "欢迎回来"),
        ("en-GB,en;q=0.9,zh;q=0.5", "en", "Welcome back"),
        ("de,fr", "zh-CN", "欢迎回来"),
    ],
)
def test_browser_says_the_language_and_chinese_is_the_default(
    browser: Browser, accepts: str, html: str, words: str
) -> None:
    page = browser.get("/login", Accept_Language=accepts)
    assert f'<html lang="{html}">' in page.text
    assert words in page.text


def test_choice_is_kept(browser: Browser) -> None:
    assert "Welcome back" in browser.get("/login?lang=en").text
    assert "Welcome back" in browser.get("/login", Accept_Language="zh").text
    assert "欢迎回来" in browser.get("/login?lang=zh").text
    assert "欢迎回来" in browser.get("/login", Accept_Language="en").text


@pytest.mark.parametrize("wish", ["xx", "../../etc", "zh%0d%0aX: y", ""])
def test_unknown_language_is_ignored(browser: Browser, wish: str) -> None:
    page = browser.get(f"/login?lang={wish}")
    assert "欢迎回来" in page.text
    assert not any(cookie.startswith("zhaohu-language") for cookie in page.cookies)


def test_switch_keeps_the_page_and_its_query(signed_in: SignIn) -> None:
    assert 'href="/reports?page=2&amp;lang=en"' in signed_in("agent").get("/reports?page=2&lang=zh").text


def test_plural_in_english(signed_in: SignIn, browser: Browser) -> None:
    text = signed_in("admin").get("/console/patterns?lang=en").text
    assert "7 minutes ago" in text
    assert "3 days ago" in text


@pytest.mark.parametrize("room", catalogue.rooms(), ids=lambda room: room.name)
def test_every_text_has_its_english(room: Path) -> None:
    assert catalogue.untranslated(room) == [], "python -m bot.web.catalogue"


@pytest.mark.parametrize(
    "room", [room for room in catalogue.rooms() if catalogue.catalogue_file(room).exists()], ids=lambda room: room.name
)
def test_compiled_catalogue_is_up_to_date(room: Path) -> None:
    assert catalogue.catalogue_file(room).with_suffix(".mo").read_bytes() == catalogue.compiled(room), (
        "python -m bot.web.catalogue"
    )


def test_texts_are_found_at_all() -> None:
    texts = {message.id for message in catalogue.collect(Path(catalogue.__file__).parent) if message.id}
    assert "欢迎回来" in texts  # from a template
    assert "密码不对。" in texts  # from code


def test_a_text_has_one_english_in_all_rooms() -> None:
    known: dict[str, set[str]] = defaultdict(set)
    for room in catalogue.rooms():
        for message in catalogue.translated(room):
            known[str(message.id)].add(str(message.string))
    known.pop("")
    # The rooms share one table at run time: of two translations, the one of the room that comes last is shown in both.
    assert {text: english for text, english in known.items() if len(english) > 1} == {}


@pytest.mark.parametrize(
    ("name", "other"),
    [("customer", r"\bconsumers?\b"), ("administrator", r"\badmins?\b"), ("'", "’")],
)
def test_a_thing_has_one_english_name(name: str, other: str) -> None:
    words = [str(message.string) for room in catalogue.rooms() for message in catalogue.translated(room) if message.id]
    assert [text for text in words if re.search(other, text, re.IGNORECASE)] == [], f"say {name}"
