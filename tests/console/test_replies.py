"""Replies: found, edited, checked, published; the phone says the new text at once."""

from storage import audit, reply_versions
from storage.database import Database
from templates.library import load_shipped
from tests.console.conftest import Browser, SignIn
from tests.phone import Phone

THANKS = load_shipped()["thanks"].source
NEW = THANKS.rsplit("---", 1)[0] + "---\n不客气，今天也要开心呀！\n"
BROKEN = THANKS.rsplit("---", 1)[0] + "---\n{% if %}\n"


def publish(browser: Browser, source: str, *, expected: int = 0, note: str = "") -> int:
    """Publish a text of the reply ``thanks`` and return the status of the answer."""
    form = {"source": source, "expected": expected, "note": note, "person": "samples"}
    return browser.post("/console/replies/thanks/publish", form).status


def test_a_published_reply_is_what_the_phone_hears_next(editor: Browser, phone: Phone) -> None:
    before = phone.says("谢谢")
    assert publish(editor, NEW) == 302
    assert phone.says("谢谢") == "不客气，今天也要开心呀！" != before


def test_the_list_is_searched_by_text_title_and_name(editor: Browser) -> None:
    for words in ("thanks", "道谢" if "道谢" in THANKS else load_shipped()["thanks"].title):
        page = editor.get(f"/console/replies/?q={words}", fragment=True)
        assert "/console/replies/thanks" in page.text
        assert "<html" not in page.text
    assert "/console/replies/thanks" not in editor.get("/console/replies/?q=没有这样的词").text


def test_the_editor_page_opens_for_every_reply(editor: Browser) -> None:
    for name, template in load_shipped().items():
        page = editor.get(f"/console/replies/{name}")
        assert page.status == 200
        assert template.title in page.words
