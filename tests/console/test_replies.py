"""Replies: found, edited, checked, published; the phone says the new text at once, or the old one whole."""

import pytest

from storage import audit, reply_versions
from storage.database import Database
from templates.library import load_shipped
from tests.console.conftest import Browser, SignIn
from tests.phone import Phone

THANKS = load_shipped()["thanks"].source
HEAD = THANKS.rsplit("---", 1)[0]
NEW = HEAD + "---\n不客气，今天也要开心呀！\n"
OTHER = HEAD + "---\n您太客气啦！\n"
BROKEN = HEAD + "---\n{% if %}\n"
REWARD = HEAD + "---\n转发到朋友圈，免费领红包！\n"
PATH = "/console/replies/thanks"


def form_of(source: str, expected: int = 0, note: str = "") -> dict[str, object]:
    """Return what the editor's form sends."""
    return {"source": source, "expected": expected, "note": note, "person": "samples"}


def saved(database: Database) -> list[str]:
    """Return the texts that are kept of the reply, newest first."""
    return [version.source for version in reply_versions.versions_of(database, "thanks")]


def test_a_published_reply_is_what_the_phone_hears_next(editor: Browser, phone: Phone, database: Database) -> None:
    before = phone.says("谢谢")
    assert editor.post(f"{PATH}/publish", form_of(NEW, note="更亲切")).status == 302
    assert phone.says("谢谢") == "不客气，今天也要开心呀！" != before
    [version] = reply_versions.versions_of(database, "thanks")
    assert (version.author, version.note, version.source) == ("editor", "更亲切", NEW)


def test_publishing_is_noted_with_the_version_before_it(editor: Browser, database: Database) -> None:
    editor.post(f"{PATH}/publish", form_of(NEW))
    editor.post(f"{PATH}/publish", form_of(OTHER, expected=1))
    noted = [entry for entry in audit.list_audit(database, 50) if entry.action == "template.published"]
    assert [(entry.actor, entry.target, entry.detail) for entry in noted] == [
        ("user:editor", "thanks", "version=2 before=1"),
        ("user:editor", "thanks", "version=1 before=0"),
    ]


def test_a_draft_is_kept_but_nobody_hears_it(editor: Browser, phone: Phone) -> None:
    before = phone.says("谢谢")
    assert editor.post(f"{PATH}/draft", form_of(NEW)).status == 302
    assert phone.says("谢谢") == before
    page = editor.get(PATH)
    assert "今天也要开心呀" in page.words
    assert "草稿：版本 1，未发布" in page.words


def test_publishing_an_unchanged_draft_makes_no_second_version(
    editor: Browser, database: Database, phone: Phone
) -> None:
    editor.post(f"{PATH}/draft", form_of(NEW))
    editor.post(f"{PATH}/publish", form_of(NEW, expected=1))
    assert saved(database) == [NEW]
    assert phone.says("谢谢") == "不客气，今天也要开心呀！"


def test_line_ends_of_browsers_do_not_make_another_text(editor: Browser, database: Database) -> None:
    editor.post(f"{PATH}/draft", form_of(NEW.replace("\n", "\r\n")))
    assert saved(database) == [NEW]


@pytest.mark.parametrize(("source", "told"), [(BROKEN, "还不能发布"), (REWARD, "诱导分享"), ("", "缺少说明部分")])
def test_a_text_with_an_error_is_not_published_and_not_lost(
    editor: Browser, database: Database, phone: Phone, source: str, told: str
) -> None:
    before = phone.says("谢谢")
    page = editor.post(f"{PATH}/publish", form_of(source))
    assert page.status == 422
    assert told in page.words
    assert source.strip() in page.words
    assert saved(database) == []
    assert phone.says("谢谢") == before


def test_a_broken_text_may_be_kept_as_a_draft(editor: Browser, database: Database) -> None:
    assert editor.post(f"{PATH}/draft", form_of(BROKEN)).status == 302
    assert saved(database) == [BROKEN]
    assert editor.get(PATH).status == 200
    assert editor.get("/console/replies/").status == 200


def test_a_text_beyond_any_reply_is_not_even_a_draft(editor: Browser, database: Database) -> None:
    assert editor.post(f"{PATH}/draft", form_of("长" * 40_000)).status == 422
    assert saved(database) == []


def test_the_second_of_two_editors_gets_both_texts_and_may_go_on(
    signed_in: SignIn, database: Database, phone: Phone
) -> None:
    first, second = signed_in("editor"), signed_in("admin")
    assert first.post(f"{PATH}/publish", form_of(NEW)).status == 302
    page = second.post(f"{PATH}/publish", form_of(OTHER))
    assert page.status == 409
    assert "今天也要开心呀" in page.words
    assert "您太客气啦" in page.words
    assert "editor 存了版本 1" in page.words
    assert phone.says("谢谢") == "不客气，今天也要开心呀！"
    assert second.post(f"{PATH}/publish", form_of(OTHER, expected=1)).status == 302
    assert saved(database) == [OTHER, NEW]
    assert phone.says("谢谢") == "您太客气啦！"


def test_a_draft_conflicts_as_publishing_does(signed_in: SignIn, database: Database) -> None:
    signed_in("editor").post(f"{PATH}/draft", form_of(NEW))
    assert signed_in("admin").post(f"{PATH}/draft", form_of(OTHER)).status == 409
    assert saved(database) == [NEW]


def test_an_older_version_and_the_shipped_one_come_back(editor: Browser, phone: Phone) -> None:
    before = phone.says("谢谢")
    editor.post(f"{PATH}/publish", form_of(NEW))
    editor.post(f"{PATH}/publish", form_of(OTHER, expected=1))
    assert editor.post(f"{PATH}/versions/1/publish").status == 302
    assert phone.says("谢谢") == "不客气，今天也要开心呀！"
    assert "今天也要开心呀" in editor.get(PATH).words  # the editor goes on from what is said
    assert editor.post(f"{PATH}/versions/0/publish").status == 302
    assert phone.says("谢谢") == before


def test_a_version_that_never_was_cannot_be_said(editor: Browser) -> None:
    assert editor.post(f"{PATH}/versions/7/publish").status == 404
    assert editor.post("/console/replies/no_such/versions/0/publish").status == 404


def test_a_broken_draft_is_not_said_by_way_of_the_versions(editor: Browser, phone: Phone) -> None:
    before = phone.says("谢谢")
    editor.post(f"{PATH}/draft", form_of(BROKEN))
    editor.post(f"{PATH}/versions/1/publish")
    assert "没有发布，这一版现在用不了" in editor.get(f"{PATH}/versions").words
    assert phone.says("谢谢") == before


def test_any_two_versions_are_compared_word_by_word(editor: Browser) -> None:
    editor.post(f"{PATH}/publish", form_of(NEW))
    editor.post(f"{PATH}/draft", form_of(NEW.replace("开心", "顺心"), expected=1))
    page = editor.get(f"{PATH}/versions?from=1&to=2")
    assert "<del>开</del>" in page.text
    assert "<ins>顺</ins>" in page.text
    assert editor.get(f"{PATH}/versions?from=1&to=9").status == 404
    assert editor.get(f"{PATH}/versions?from=x&to=1").status == 404


def test_what_is_typed_is_checked_and_shown_as_the_phone_will(editor: Browser) -> None:
    page = editor.post(f"{PATH}/check", form_of(NEW))
    assert "不客气，今天也要开心呀！" in page.words
    assert "<html" not in page.text
    assert "可以发布" in page.words
    page = editor.post(f"{PATH}/check", form_of(HEAD + "---\n{{ nobody }}\n"))
    assert "变量“nobody”不存在" in page.words
    assert "还不能发布" in page.words


def test_a_draft_is_shown_to_made_up_people(editor: Browser) -> None:
    source = load_shipped()["points_balance"].source
    for person, balance in (("samples", "1,280"), ("newcomer", "0"), ("regular", "12,860"), ("m:1", "1,280")):
        page = editor.post("/console/replies/points_balance/check", {**form_of(source), "person": person})
        assert balance in page.words, person


def test_links_in_a_bubble_are_words_not_links(editor: Browser) -> None:
    body = '<a href="https://example.com/x">点这里</a><script>alert(1)</script>'
    page = editor.post(f"{PATH}/check", form_of(f"{HEAD}---\n{body}\n"))
    assert '<span class="phone-link" title="https://example.com/x">点这里</span>' in page.text
    assert "<script" not in page.text


@pytest.mark.parametrize("words", ["thanks", "感谢", "谢"])
def test_replies_are_found_by_name_title_and_text(editor: Browser, words: str) -> None:
    page = editor.get(f"/console/replies/?q={words}", fragment=True)
    assert PATH in page.text
    assert "<html" not in page.text
    assert PATH not in editor.get("/console/replies/?q=没有这样的词").text


def test_the_list_keeps_to_a_filter(editor: Browser) -> None:
    assert PATH not in editor.get("/console/replies/?show=draft").text
    editor.post(f"{PATH}/draft", form_of(NEW))
    assert PATH in editor.get("/console/replies/?show=draft").text
    assert PATH not in editor.get("/console/replies/?show=changed").text
    editor.post(f"{PATH}/publish", form_of(NEW, expected=1))
    assert PATH in editor.get("/console/replies/?show=changed").text
    assert PATH not in editor.get("/console/replies/?show=draft").text


def test_a_reply_past_its_review_is_due(editor: Browser) -> None:
    assert PATH not in editor.get("/console/replies/?show=stale").text
    old = NEW.replace("---\n", "---\nreview_on: 2020-01-01\n", 1)
    assert editor.post(f"{PATH}/publish", form_of(old)).status == 302
    assert PATH in editor.get("/console/replies/?show=stale").text


def test_the_editor_opens_for_every_reply_in_both_languages(editor: Browser) -> None:
    for name, template in load_shipped().items():
        page = editor.get(f"/console/replies/{name}")
        assert page.status == 200
        assert template.title in page.words
    assert editor.get(f"{PATH}?lang=en").status == 200


@pytest.mark.parametrize("name", ["no_such_reply", "..%2F..%2Fetc%2Fpasswd", "%00", "a" * 300, "THANKS"])
def test_a_reply_that_is_none_is_not_there(editor: Browser, name: str) -> None:
    for path in ("", "/versions"):
        assert editor.get(f"/console/replies/{name}{path}").status in (400, 404)
    for path in ("/draft", "/publish", "/check"):
        assert editor.post(f"/console/replies/{name}{path}", form_of(NEW)).status in (400, 404)


@pytest.mark.parametrize("field", ["author", "version", "published", "created_at", "published_by", "name"])
def test_fields_that_the_form_has_not_are_refused(editor: Browser, database: Database, field: str) -> None:
    assert editor.post(f"{PATH}/publish", {**form_of(NEW), field: "1"}).status == 400
    assert saved(database) == []


@pytest.mark.parametrize("expected", ["", "-1", "x", "１", "9" * 30])
def test_an_edit_must_say_what_it_began_from(editor: Browser, database: Database, expected: str) -> None:
    assert editor.post(f"{PATH}/draft", {**form_of(NEW), "expected": expected}).status == 400
    assert saved(database) == []
