"""How messages sound, at the desk: shown, corrected with one tap, learned, and told to the manager when many come at once."""

import re

from bot.delivery.alerts import notice_burst
from bot.settings import RateLimit
from storage.audit import list_audit
from storage.exchanges import Exchange
from tests.desk.conftest import Desk
from tests.phone import Phone


def upset(desk: Desk) -> Exchange:
    """Return the newest message that was judged."""
    return [one for one in desk.said() if one.sentiment][-1]


def faces(page: str) -> list[tuple[str, str]]:
    """Return the faces on a page, each with whether it is lit."""
    return re.findall(r'name="label" value="(\w+)" aria-pressed="(\w+)"', page)


def test_a_message_shows_its_face_and_the_words_that_say_so(waiting: Desk, phone: Phone) -> None:
    phone.says("咖啡凉了<b>")
    page = waiting["bob"].get(waiting.at()).text
    assert re.search(r'咖啡<mark class="mark-bad" title="-\d\.\d">凉了</mark>&lt;b&gt;', page)
    assert faces(page)[-3:] == [("negative", "true"), ("neutral", "false"), ("positive", "false")]


def test_the_queue_shows_who_is_upset_and_a_complaint_its_mood(waiting: Desk, phone: Phone) -> None:
    line = waiting["bob"].get("/desk/queue").text
    assert "mood-negative" not in line
    phone.named("oUpset").says("我要投诉，咖啡里有虫子，垃圾")
    line = waiting["bob"].get("/desk/queue").text.partition(f'data-line="{waiting.member("oUpset")}"')[2]
    assert "mood-negative" in line
    assert "投诉" in line
    page = waiting["bob"].get(waiting.at("oUpset")).text
    assert re.search(r"<code>C\d{6}\w{4}</code> <span class=\"mood mood-negative\"", page)


def test_one_tap_corrects_is_written_down_and_counts_for_the_next_equal_words(waiting: Desk, phone: Phone) -> None:
    phone.says("这个有点东西")
    said = upset(waiting)
    assert said.sentiment == "neutral"
    address = f"{waiting.at()}/said/{said.id}/sentiment"
    answer = waiting["bob"].post(address, {"label": "positive"}, HX_Request="true")
    assert answer.status == 200
    assert faces(answer.text) == [("negative", "false"), ("neutral", "false"), ("positive", "true")]
    assert upset(waiting).sentiment == "positive"
    newest = list_audit(waiting.database, limit=9)[0]
    assert (newest.actor, newest.action, newest.detail) == ("user:bob", "sentiment.corrected", "neutral to positive")
    phone.named("oOther").says("这个有点东西！")
    assert [one.sentiment for one in waiting.said("oOther") if one.direction == "in"] == ["positive"]


def test_the_same_label_again_changes_nothing(waiting: Desk, phone: Phone) -> None:
    phone.says("咖啡凉了")
    said, entries = upset(waiting), list_audit(waiting.database, limit=9)
    assert waiting["bob"].post(f"{waiting.at()}/said/{said.id}/sentiment", {"label": "negative"}).status == 302
    assert (upset(waiting), list_audit(waiting.database, limit=9)) == (said, entries)


def test_nothing_but_a_members_own_judged_words_can_be_corrected(waiting: Desk, phone: Phone) -> None:
    phone.named("oOther").says("人工")
    foreign = waiting.said("oOther")[0]
    reply = next(one for one in waiting.said() if one.direction == "out")
    for exchange_id in (foreign.id, reply.id, 1):
        answer = waiting["bob"].post(f"{waiting.at()}/said/{exchange_id}/sentiment", {"label": "negative"})
        assert answer.status == 404
    assert waiting["bob"].post(f"{waiting.at()}/said/{foreign.id}/sentiment", {"label": "angry"}).status == 400


def test_the_manager_sees_an_alert_with_its_messages_until_it_is_seen(waiting: Desk, phone: Phone) -> None:
    for number in range(3):
        phone.named(f"oUpset{number}").says("咖啡凉了")
    ids = [one.id for number in range(3) for one in waiting.said(f"oUpset{number}") if one.sentiment]
    since_the_first = RateLimit(
        3, int(waiting.clock().timestamp())
    )  # ids carry the real time, the clock of the tests another
    assert waiting.database.write(lambda tx: notice_burst(tx, since_the_first, waiting.clock()))
    page = waiting["susan"].get("/desk/queue").text
    [burst_id] = re.findall(r'data-alert="(\d+)"', page)
    assert "3 条不满的消息集中到来" in page
    assert page.count("凉了</mark>") == len(ids)
    assert "data-alert" not in waiting["alice"].get("/desk/queue").text
    assert waiting["alice"].post(f"/desk/alerts/{burst_id}/seen").status == 403
    answer = waiting["susan"].post(f"/desk/alerts/{burst_id}/seen", HX_Request="true")
    assert answer.status == 200
    assert "data-alert" not in answer.text
    assert list_audit(waiting.database, limit=9)[0].action == "alert.seen"
