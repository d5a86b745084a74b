"""The gym: what nobody answered is taught, ignored, or given to people by one click that tells what it changes, and can be undone."""

import re
import threading
from datetime import date

import pytest

from bot.conversation import gym, knowledge
from intents.matching.clusters import Unanswered, cluster
from storage import audit, cases, examples, missed
from storage.database import Database
from tests.console.conftest import Browser, Page
from tests.phone import Phone

MOVIES = ("你们放电影吗", "电影票怎么买", "周末有什么电影", "电影几点开始")
PAGE = "/console/gym/"


def cluster_key(page: Page, title: str) -> str:
    """Return the key of the group with this title."""
    found = re.search(rf'id="g-(\w+)-title">{title}<', page.text)
    assert found, title
    return found[1]


def form(page: Page, title: str, **more: str) -> dict[str, str]:
    return {"cluster": cluster_key(page, title), "days": "14", "intent": "", "phrases": "\n".join(MOVIES), **more}


def post(browser: Browser, act: str, sent: dict[str, str]) -> Page:
    """Press a button of a group, as the page does."""
    headers = {"HX-Request": "true"}
    answer = browser.client.post(PAGE + act, data={**sent, "csrf_token": browser.token()}, headers=headers)
    return Page(answer.status_code, answer.get_data(as_text=True), answer.headers)


@pytest.fixture
def asked(phone: Phone) -> Phone:
    """A phone, after several others asked about films, and one about the weather."""
    for number, text in enumerate((*MOVIES, MOVIES[0], "明天会下冰雹吗")):
        phone.named(f"oFan{number}").says(text)
    return phone


@pytest.mark.usefixtures("asked")
def test_messages_are_shown_by_what_they_are_about_without_whose_they_are(editor: Browser) -> None:
    page = editor.get(PAGE)
    assert "6 条，2 组" in page.words
    group = page.words.partition('-title">电影<')[2].partition("</section>")[0]
    for told in ("5 条", "4 种说法", "1 天", "像是新的", *MOVIES, "× 2"):
        assert told in group
    assert "oFan" not in page.text


def test_what_is_taught_counts_at_once_and_can_be_undone(asked: Phone, editor: Browser, database: Database) -> None:
    page = post(editor, "teach", form(editor.get(PAGE), "电影", intent="store_hours"))
    assert "已教给“门店营业时间” 4 句" in page.words
    assert "现在答得上 5 / 5 条" in page.words
    assert asked.named("oAnn").says("你们放电影吗").startswith("想问哪家门店的营业时间")
    assert set(MOVIES) <= set(examples.published(database).phrases["store_hours"])
    assert "电影</h2>" not in editor.get(PAGE).text
    [decision] = missed.newest_decisions(database)
    assert str(decision.id) in page.text

    editor.post(PAGE + "undo", {"decision": decision.id, "days": 14})
    assert examples.published(database).phrases == {}
    back = editor.get(PAGE)
    assert cluster_key(back, "电影")
    assert "已撤销" in back.words
    assert editor.post(PAGE + "undo", {"decision": decision.id, "days": 14}).status == 302
    assert "已经撤销过了" in editor.get(PAGE).words
    done = [entry for entry in audit.list_audit(database, 9) if entry.action.startswith("missed.")]
    assert [(entry.actor, entry.action) for entry in done] == [
        ("user:editor", "missed.undone"),
        ("user:editor", "missed.taught"),
    ]
    assert "电影" not in "".join(entry.detail for entry in done)


@pytest.mark.usefixtures("asked")
def test_what_takes_long_to_be_learned_is_said_to_be_still_learned(
    editor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = form(editor.get(PAGE), "电影", intent="store_hours")
    monkeypatch.setattr(knowledge, "PATIENCE_SECONDS", 0.0)
    page = post(editor, "teach", sent)
    for thread in threading.enumerate():
        if thread.name == "learning":
            thread.join()
    assert "已教给“门店营业时间” 4 句" in page.words
    assert "还在学" in page.words
    assert "现在答得上" not in page.words


@pytest.mark.usefixtures("asked")
def test_a_look_ahead_tells_what_would_change_and_keeps_nothing(editor: Browser, database: Database) -> None:
    page = post(editor, "preview", form(editor.get(PAGE), "电影", intent="store_hours"))
    assert "会答上 5 / 5 条" in page.words
    assert "最近 6 条别的消息" in page.words
    as_new = post(editor, "preview", form(editor.get(PAGE), "电影"))
    assert "会答上 5 / 5 条" in as_new.words
    assert examples.published(database).phrases == {}
    assert missed.newest_decisions(database) == []


def test_other_messages_that_a_change_would_lead_astray_are_named(
    asked: Phone, editor: Browser, database: Database
) -> None:
    asked.named("oZoe").says("怎么开发票")
    page = post(
        editor, "preview", form(editor.get(PAGE), "电影", intent="store_hours", phrases="怎么开发票\n你们放电影吗")
    )
    assert "有 1 句会变" in page.words
    assert "怎么开发票" in page.words


def test_what_is_none_of_ours_is_learned_as_such_and_listed_no_more(
    asked: Phone, editor: Browser, database: Database
) -> None:
    page = post(editor, "ignore", form(editor.get(PAGE), "电影"))
    assert "与我们无关" in page.words
    assert set(examples.published(database).foreign) == set(MOVIES)
    asked.named("oNew").says("你们放电影吗！")
    assert "电影</h2>" not in editor.get(PAGE).text
    [decision] = missed.newest_decisions(database)
    editor.post(PAGE + "undo", {"decision": decision.id, "days": 14})
    assert cluster_key(editor.get(PAGE), "电影")
    assert examples.published(database).foreign == ()


@pytest.mark.usefixtures("asked")
def test_a_ticket_is_a_case_for_people_and_closed_when_undone(editor: Browser, database: Database) -> None:
    page = post(editor, "ticket", form(editor.get(PAGE), "电影"))
    [case] = cases.list_cases(database)
    assert case.number in page.words
    assert (case.kind, case.status) == ("message", "open")
    assert case.text.startswith("电影 × 5: ")
    assert "电影</h2>" not in editor.get(PAGE).text
    [decision] = missed.newest_decisions(database)
    editor.post(PAGE + "undo", {"decision": decision.id, "days": 14})
    assert [one.status for one in cases.list_cases(database)] == ["done"]


@pytest.mark.usefixtures("asked")
def test_a_new_intent_begins_with_the_name_and_the_phrases_of_the_group(editor: Browser) -> None:
    page = editor.post(PAGE + "start", form(editor.get(PAGE), "电影"))
    for filled in ('value="dianying"', 'value="电影"', 'action="/console/intents/new"', *MOVIES):
        assert filled in page.words
    sent = {"name": "dianying", "title": "电影", "copy": "", "phrases": "\n".join(MOVIES), "keywords": ""}
    assert editor.post("/console/intents/new", sent).status == 302


@pytest.mark.usefixtures("asked")
def test_without_scripts_a_click_leads_back_with_a_note(editor: Browser) -> None:
    page = editor.post(PAGE + "ignore", form(editor.get(PAGE), "电影"))
    assert page.location == "/console/gym/?days=14"
    assert "与我们无关" in editor.get(page.location).words


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(
    ("act", "changed", "status", "told"),
    [
        ("teach", {"intent": ""}, 422, "请选一个意图"),
        ("teach", {"intent": "nobody"}, 422, "没有这个意图"),
        ("teach", {"intent": "store_hours", "phrases": " \n "}, 422, "至少留一句"),
        ("preview", {"phrases": ""}, 422, "至少留一句"),
        ("teach", {"intent": "store_hours", "phrases": "长" * 101}, 422, "每句最多 100 个字"),
        ("teach", {"intent": "store_hours", "phrases": "\n".join(map(str, range(21)))}, 422, "一次最多 20 句"),
        ("teach", {"cluster": "0123456789abcdef"}, 409, "刚刚变了"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    editor: Browser, database: Database, act: str, changed: dict[str, str], status: int, told: str
) -> None:
    page = post(editor, act, {**form(editor.get(PAGE), "电影"), **changed})
    assert page.status == status
    assert told in page.words
    assert missed.newest_decisions(database) == []


def test_with_nothing_missed_the_page_says_so(editor: Browser) -> None:
    assert "没有听不懂的话" in editor.get(PAGE + "?days=nonsense").words


def test_somebodys_number_and_a_story_are_not_put_forward_as_examples() -> None:
    texts = ["查 13812345678 的电影票", "电影票怎么买", "电影" + "好看" * 40, "电影\n第二行"]
    found = cluster(Unanswered(number, text, date(2026, 1, 1)) for number, text in enumerate(texts))
    groups = [gym.Group(one, None, 0.0, "x") for one in found]
    assert [text for group in groups for text in group.examples] == ["电影票怎么买"]
