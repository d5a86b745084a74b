"""Understanding: what each setting would do, pinning one for the phone at once, and builds that failed told with their reason."""

import pytest
from flask import Flask

from bot.conversation.following import Follower
from bot.service import service_of
from intents.matching.matcher import Matcher
from storage import audit, model_builds, scripted_intents, strictness
from storage.database import Database
from tests.conftest import Clock
from tests.console.conftest import Browser
from tests.phone import Phone

PAGE = "/console/understanding/"
UNSURE = "积分怎么用"


def test_the_table_tells_what_every_setting_would_do(editor: Browser, phone: Phone) -> None:
    for number, text in enumerate(("怎么开发票", UNSURE, "量子纠缠是什么")):
        phone.named(f"oFan{number}").says(text)
    assert 'hx-get="/console/understanding/figures"' in editor.get(PAGE).text
    page = editor.get(PAGE + "figures", fragment=True)
    for told in (
        "0.40",
        "0.95",
        "现在",
        "建议",
        "答对",
        "3 条真消息",
        "data-chart",
        "每个意图",
        "营业时间",
        "挡了别的意图的路",
    ):
        assert told in page.words
    whole = editor.get(PAGE)  # known by now
    assert "每个意图" in whole.words
    changed = editor.get(PAGE + "changes?at=0.40", fragment=True).words
    assert "改成 0.40" in changed
    assert "怎么开发票" not in changed  # certain under any setting


def test_a_pinned_setting_counts_for_the_next_message_and_can_be_rolled_back(
    editor: Browser, phone: Phone, app: Flask, database: Database
) -> None:
    def answered() -> bool:
        service = service_of(app)
        match = service.engine.knowledge.newest(database).matcher.match(UNSURE, today=service.clock().date())
        return match.intent is not None

    assert editor.post(PAGE + "pin", {"answer": "0.40", "note": "雨季"}).status == 302
    loose = answered()
    assert editor.post(PAGE + "pin", {"answer": "0.95", "note": ""}).status == 302
    assert (loose, answered()) == (True, False)
    page = editor.get(PAGE)
    assert "已经生效：把握到 0.95 才直接回答" in page.words
    assert "雨季" in page.words
    assert editor.post(PAGE + "pin", {"answer": "", "note": ""}).status == 302
    assert strictness.pinned_answer(database) is None
    entries = [entry for entry in audit.list_audit(database, 9) if entry.action == "strictness.pinned"]
    assert [(entry.actor, entry.target) for entry in entries] == [
        ("user:editor", "usual"),
        ("user:editor", "0.95"),
        ("user:editor", "0.40"),
    ]


@pytest.mark.parametrize("answer", ["0.41", "2", "nan", "-1", "0.4", "x" * 50])
def test_only_a_setting_of_the_table_can_be_pinned(editor: Browser, database: Database, answer: str) -> None:
    assert editor.post(PAGE + "pin", {"answer": answer, "note": ""}).status == 422
    assert editor.get(f"{PAGE}changes?at={answer}").status == 422
    assert strictness.versions(database) == []


def test_a_build_that_failed_is_told_with_its_reason(
    editor: Browser, app: Flask, database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = service_of(app)
    follower = Follower(database, service.engine.knowledge, clock)
    follower.look()
    assert model_builds.newest(database)[0].fingerprint[:12] in editor.get(PAGE).text
    monkeypatch.setattr(Matcher, "__init__", lambda *_, **__: 1 / 0)
    database.write(
        lambda tx: scripted_intents.add(
            tx, name="parking", title="停车", phrases=("停车吗",), keywords=(), by="x", now=clock()
        )
    )
    follower.look()
    monkeypatch.undo()
    database.write(lambda tx: scripted_intents.disable(tx, "parking", by="x", now=clock()))
    page = editor.get(PAGE)
    assert "没能学会" in page.words
    assert "ZeroDivisionError: division by zero" in page.words
