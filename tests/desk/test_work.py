"""An agent's work at the desk, through the real app and the real gate."""

import re

from bot.delivery.sending import take
from storage.audit import list_audit
from storage.cases import cases_of
from storage.conversations import handoffs_of
from storage.members import member_by_id
from tests.desk.conftest import Desk
from tests.phone import Phone


def test_queue_shows_who_waits_why_and_their_last_words(waiting: Desk, phone: Phone) -> None:
    phone.says("我的咖啡洒了一桌")
    page = waiting["bob"].get("/desk/").text
    assert "用户要求人工" in page
    assert "咖啡洒了一桌" in page or "正在" in page
    assert f'data-line="{waiting.member()}"' in page
    assert 'data-waiting="1"' in page


def test_longest_waiting_comes_first(waiting: Desk, phone: Phone) -> None:
    waiting.clock.forward(minutes=2)
    phone.named("oSecond").says("人工")
    page = waiting["alice"].get("/desk/queue").text
    lines = re.findall(r'data-line="(\d+)"', page)
    assert lines == [str(waiting.member()), str(waiting.member("oSecond"))]


def test_empty_queue_says_so_kindly(desk: Desk) -> None:
    page = desk["alice"].get("/desk/").text
    assert "没有人在排队" in page
    assert "喝口水吧" in page


def test_taking_makes_the_bot_silent_and_sending_posts_once(taken: Desk, phone: Phone) -> None:
    assert phone.says("你好？我的券呢") == ""
    sent = taken["alice"].post(f"{taken.at()}/send", {"text": "您好，我来帮您看看。", "client_id": "click-0001"})
    assert sent.status == 302
    [message] = taken.posted()
    assert message.author == "agent:alice"
    newest = taken.said()[-1]
    assert (newest.author, newest.text, newest.status) == ("agent:alice", "您好，我来帮您看看。", "queued")


def test_same_click_twice_is_one_message(taken: Desk) -> None:
    for _ in range(2):
        assert (
            taken["alice"].post(f"{taken.at()}/send", {"text": "在的", "client_id": "click-0001"}, HX_Request="true")
        ).status == 200
    assert len(taken.posted()) == 1


def test_same_click_with_other_words_is_refused(taken: Desk) -> None:
    taken["alice"].post(f"{taken.at()}/send", {"text": "在的", "client_id": "click-0001"})
    other = taken["alice"].post(f"{taken.at()}/send", {"text": "不在", "client_id": "click-0001"}, HX_Request="true")
    assert other.status == 409
    assert "没有发" in other.text
    assert len(taken.posted()) == 1


def test_after_the_lease_nothing_is_sent(taken: Desk) -> None:
    taken.clock.forward(minutes=31)
    answer = taken["alice"].post(f"{taken.at()}/send", {"text": "还在吗", "client_id": "click-0001"}, HX_Request="true")
    assert answer.status == 409
    assert "请先接入" in answer.text
    assert taken.posted() == []


def test_heartbeat_extends_the_lease_and_reads_all(taken: Desk, phone: Phone) -> None:
    phone.says("在吗")
    assert taken.conversation().unread == 1
    taken.clock.forward(minutes=29)
    assert taken["alice"].post(f"{taken.at()}/keep").status == 204
    assert taken.conversation().unread == 0
    taken.clock.forward(minutes=29)
    assert taken.conversation().owned_by_agent(taken.clock())


def test_closed_window_is_said_and_nothing_is_posted(taken: Desk) -> None:
    for _ in range(100):  # two days at the desk without a word from the member
        taken.clock.forward(minutes=29)
        if taken["alice"].post(f"{taken.at()}/keep").status != 204:
            taken.browsers.clear()
            taken["alice"].post(f"{taken.at()}/keep")
    page = taken["alice"].get(taken.at()).text
    assert 'data-closed="window_closed"' in page
    answer = taken["alice"].post(f"{taken.at()}/send", {"text": "还在吗", "client_id": "click-0001"}, HX_Request="true")
    assert answer.status == 409
    assert "打电话" in answer.text
    assert taken.posted() == []


def test_budget_counts_what_is_on_its_way(taken: Desk) -> None:
    assert "还可发 5 条" in taken["alice"].get(taken.at()).text
    for number in range(5):
        given = {"text": f"第 {number} 条", "client_id": f"click-000{number}"}
        assert taken["alice"].post(f"{taken.at()}/send", given).status == 302
    assert 'data-closed="window_spent"' in taken["alice"].get(taken.at()).text
    answer = taken["alice"].post(f"{taken.at()}/send", {"text": "多一条", "client_id": "click-0009"}, HX_Request="true")
    assert answer.status == 409
    assert len(taken.posted()) == 5


def test_nothing_can_be_said_to_someone_who_left(taken: Desk, phone: Phone) -> None:
    phone.unfollows()
    assert 'data-closed="43004"' in taken["alice"].get(taken.at()).text
    answer = taken["alice"].post(f"{taken.at()}/send", {"text": "在吗", "client_id": "click-0001"}, HX_Request="true")
    assert (answer.status, taken.posted()) == (409, [])


def test_handing_back_lets_the_bot_answer_and_keeps_the_note(taken: Desk, phone: Phone) -> None:
    given = {"note": "券已补发，答应周五前回电。", "say_farewell": "1", "farewell": "再见", "client_id": "bye-0001"}
    assert taken["alice"].post(f"{taken.at()}/hand-back", given).status == 302
    assert [one.text for one in taken.said() if one.author == "agent:alice"] == ["再见"]
    assert "积分" in phone.says("我的积分")
    [handoff] = handoffs_of(taken.database, taken.member())
    assert handoff.note == "券已补发，答应周五前回电。"
    phone.says("人工")
    page = taken["bob"].get(taken.at()).text
    assert "答应周五前回电" in page


def test_colleague_who_comes_second_is_told_who_was_faster(taken: Desk) -> None:
    answer = taken["bob"].post(f"{taken.at()}/take", HX_Request="true")
    assert answer.status == 409
    assert "alice" in answer.text
    taken.clock.forward(minutes=6)
    assert taken["bob"].post(f"{taken.at()}/take", HX_Request="true").status == 404


def test_supervisor_takes_over_and_the_first_can_no_longer_send(taken: Desk) -> None:
    alice = str(taken.users["alice"].id)
    assert taken["susan"].post(f"{taken.at()}/take-over", {"from_agent": alice}).status == 302
    assert taken.conversation().agent_id == taken.users["susan"].id
    refused = taken["alice"].post(f"{taken.at()}/send", {"text": "我来", "client_id": "click-0001"}, HX_Request="true")
    assert refused.status == 404
    again = taken["susan"].post(f"{taken.at()}/take-over", {"from_agent": alice}, HX_Request="true")
    assert again.status == 409
    actions = [entry.action for entry in list_audit(taken.database, 20)]
    assert "conversation.taken_over" in actions


def test_profile_is_changed_and_logged_without_the_values(taken: Desk) -> None:
    given = {"name": "王小满", "phone": "120 0000 1234", "city": "上海", "remark": "少冰", "tags": "熟客，少冰、 熟客"}
    assert taken["alice"].post(f"{taken.at()}/profile", given).status == 302
    member = member_by_id(taken.database, taken.member())
    assert member is not None
    assert (member.name, member.phone, member.city) == ("王小满", "120 0000 1234", "上海")
    assert member.tags == ("熟客", "少冰")
    entry = next(entry for entry in list_audit(taken.database, 20) if entry.action == "member.changed")
    assert entry.detail == "name, phone, city, remark, tags"
    page = taken["alice"].get(taken.at()).text
    assert "120 0000 1234" not in page
    taken["alice"].post(f"{taken.at()}/profile", {"name": "王小满"})
    kept = member_by_id(taken.database, taken.member())
    assert kept is not None
    assert kept.phone == "120 0000 1234"
    taken["alice"].post(f"{taken.at()}/profile", {"name": "王小满", "forget_phone": "1"})
    forgotten = member_by_id(taken.database, taken.member())
    assert forgotten is not None
    assert forgotten.phone == ""


def test_phone_is_shown_for_a_reason_that_is_logged(taken: Desk) -> None:
    taken["alice"].post(f"{taken.at()}/profile", {"phone": "12000001234"})
    assert taken["alice"].post(f"{taken.at()}/reveal", {"reason": " "}, HX_Request="true").status == 422
    shown = taken["alice"].post(f"{taken.at()}/reveal", {"reason": "约好回电"})
    assert "12000001234" in shown.text
    entry = next(entry for entry in list_audit(taken.database, 20) if entry.action == "member.phone_revealed")
    assert (entry.actor, entry.detail) == ("user:alice", "约好回电")


def test_complaint_is_a_case_that_can_be_closed_once(desk: Desk, phone: Phone) -> None:
    phone.says("我要投诉")
    phone.says("昨天在静安寺店等了四十分钟")
    assert "投诉" in desk["alice"].get("/desk/").text
    desk["alice"].post(f"{desk.at()}/take")
    [case] = cases_of(desk.database, desk.member())
    address = f"{desk.at()}/cases/{case.id}/close"
    assert desk["alice"].post(address).status == 302
    assert cases_of(desk.database, desk.member())[0].status == "done"
    assert desk["alice"].post(address, HX_Request="true").status == 409


def test_dialogue_shows_the_bots_reasons_and_older_words_by_cursor(taken: Desk, phone: Phone) -> None:
    page = taken["alice"].get(taken.at()).text
    assert "为什么" in page
    assert "human_queue" in page
    for number in range(60):
        taken.clock.forward(seconds=20)
        phone.says(f"第{number}句话")
    page = taken["alice"].get(taken.at()).text
    assert "第59句话" in page
    assert "human_queue" not in page
    [older] = re.findall(r'hx-get="(/desk/m/[^"]+older[^"]+)"', page)
    before = taken["alice"].get(older.replace("&amp;", "&")).text
    assert "human_queue" in before
    assert "第59句话" not in before
    assert "hx-get" not in before


def test_news_carry_what_came_after_and_only_that(taken: Desk, phone: Phone) -> None:
    newest = taken.said()[-1]
    taken.clock.forward(seconds=60)
    phone.says("新的一句")
    news = taken["alice"].get(f"{taken.at()}/news?after={newest.id}&at=0").text
    assert "新的一句" in news
    assert 'data-part="dialogue-head"' in news
    assert 'data-part="budget"' in news


def test_quick_phrases_are_published_texts_without_values(taken: Desk) -> None:
    page = taken["alice"].get("/desk/phrases").text
    assert page.count('class="phrase"') > 3
    assert "{{" not in page


def test_with_a_closed_window_the_lawful_ways_are_listed_and_words_may_wait(taken: Desk, phone: Phone) -> None:
    taken.clock.forward(minutes=20)
    taken.database.write(lambda tx: tx.execute("UPDATE conversations SET window_until = 0"))
    page = taken["alice"].get(taken.at()).text
    for way in ("现在发不了：对方上次来消息，已经过了可以回复的时间", "对方下次来消息时自动发出", "打电话"):
        assert way in page
    words = {"text": "您好，查到了", "client_id": "click-0001"}
    assert taken["alice"].post(f"{taken.at()}/send", words, HX_Request="true").status == 409
    assert taken["alice"].post(f"{taken.at()}/send", {**words, "wait": "1"}).status == 302
    assert taken.database.write(lambda tx: take(tx, taken.clock.now)) is None
    assert "还没发出" in taken["alice"].get(taken.at()).text
    phone.says("在吗")
    sent = taken.database.write(lambda tx: take(tx, taken.clock.now))
    assert sent is not None
    assert "查到了" in sent.content


def test_whoever_unfollowed_can_only_be_called(taken: Desk, phone: Phone) -> None:
    phone.unfollows()
    page = taken["alice"].get(taken.at()).text
    assert "现在发不了：对方已取消关注" in page
    assert 'name="wait"' not in page
