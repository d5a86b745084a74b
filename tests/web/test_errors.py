"""Errors: what happened and what to do, in the form the asker can use."""

import logging

import pytest

from tests.web.conftest import Browser, SignIn


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (400, "这个请求看不懂。"),
        (403, "您没有权限打开这里。"),
        (404, "没有找到这个页面。"),
        (409, "别人刚刚改过这里。"),
        (413, "内容太大了，没有收下。"),
        (429, "操作太频繁了。"),
        (500, "我们这边出了点问题。"),
        (503, "系统正忙，暂时打不开。"),
        (418, "这个请求看不懂。"),
    ],
)
def test_each_error_has_its_words(browser: Browser, code: int, words: str) -> None:
    answer = browser.get(f"/fails/{code}")
    assert answer.status == code
    assert words in answer.text
    assert "回到首页" in answer.text


def test_words_of_the_view_win(browser: Browser) -> None:
    answer = browser.get("/fails/words")
    assert "这张券刚刚被领完。" in answer.text


def test_a_part_of_a_page_is_told_no_more_than_the_words_of_the_view(browser: Browser) -> None:
    assert browser.get("/fails/words", HX_Request="true").text == "这张券刚刚被领完。"
    assert browser.get("/fails/409", HX_Request="true").text == "别人刚刚改过这里。\n请刷新页面，看看最新的内容再决定。"


def test_locked_or_full_database_is_a_503_with_a_time_to_come_back(
    browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = browser.get("/fails/storage")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert "disk is full" not in answer.text
    assert "disk is full" in caplog.text


def test_fault_of_ours_tells_nothing_about_the_code(browser: Browser, caplog: pytest.LogCaptureFixture) -> None:
    answer = browser.get("/fails/code")
    assert answer.status == 500
    assert "RuntimeError" not in answer.text
    assert "a fault of ours" in caplog.text


def test_fragments_and_programs_get_plain_words(browser: Browser) -> None:
    fragment = browser.get("/fails/409", HX_Request="true")
    assert fragment.headers["Content-Type"].startswith("text/plain")
    assert fragment.text == "别人刚刚改过这里。\n请刷新页面，看看最新的内容再决定。"
    assert browser.get("/nowhere", Accept="application/json").headers["Content-Type"].startswith("text/plain")


def test_wrong_method_names_the_right_ones(browser: Browser) -> None:
    answer = browser.get("/logout")
    assert answer.status == 405
    assert "POST" in answer.headers["Allow"]


def test_error_page_needs_no_session(browser: Browser, signed_in: SignIn) -> None:
    assert browser.get("/nowhere").status == 404
    assert signed_in("agent").get("/nowhere").status == 404
