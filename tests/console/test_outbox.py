"""The outbox page: what was not delivered, why, and a person's decision about it."""

import pytest

from bot.delivery.posting import post
from bot.delivery.sending import release_lapsed, take
from storage import audit, outbox
from storage.database import Database, Transaction
from storage.members import identities_of
from storage.outbox import FinalState, OutboxMessage
from templates.content import Content
from tests.conftest import Clock
from tests.console.conftest import Browser, SignIn, member_id_of
from tests.phone import Phone

SECRET_WORDS = "您上次说的那件事"


@pytest.fixture
def member_id(phone: Phone, database: Database) -> int:
    phone.says("你好")
    return member_id_of(database, "oAlice")


@pytest.fixture
def supervisor(signed_in: SignIn) -> Browser:
    return signed_in("supervisor")


def ended(database: Database, clock: Clock, member_id: int, state: FinalState, outcome: str) -> OutboxMessage:
    """A message that ended like this."""

    def work(tx: Transaction) -> OutboxMessage:
        identity = identities_of(tx, [member_id])[member_id]
        posted = post(
            tx,
            identity=identity,
            content=Content("text", text=SECRET_WORDS),
            author="agent:mei",
            cause=f"{state}:{outcome}",
            now=clock.now,
        )
        message = take(tx, clock.now)
        assert message is not None
        assert message.exchange_id == posted.exchange_id
        outbox.finish(tx, message, state, outcome, clock.now)
        return message

    return database.write(work)


def state_of(database: Database, message: OutboxMessage) -> str:
    found = outbox.by_id(database, message.id)
    assert found is not None
    return found.state


def actions(database: Database) -> list[tuple[str, str]]:
    return [(entry.actor, entry.action) for entry in audit.list_audit(database, 10, audit.LATEST)]


@pytest.mark.parametrize(
    ("state", "outcome", "words"),
    [
        ("failed", "window_closed", "回复时间已过"),
        ("unknown", "timeout", "不确定对方是否收到"),
        ("dead", "internal", "请管理员查看日志"),
        ("failed", "43004", "取消关注"),
    ],
)
def test_what_was_not_delivered_is_listed_with_a_reason_people_understand(
    supervisor: Browser,
    database: Database,
    clock: Clock,
    member_id: int,
    state: FinalState,
    outcome: str,
    words: str,
) -> None:
    ended(database, clock, member_id, state, outcome)
    page = supervisor.get("/console/outbox/")
    assert words in page.words
    assert SECRET_WORDS in page.words
    assert "客服 mei" in page.words


def test_an_unsure_one_is_sent_again_only_by_a_person_and_that_is_on_record(
    supervisor: Browser, database: Database, clock: Clock, member_id: int
) -> None:
    message = ended(database, clock, member_id, "unknown", "timeout")
    clock.forward(minutes=30)
    database.write(lambda tx: release_lapsed(tx, clock.now))
    assert state_of(database, message) == "unknown"
    assert "对方可能已经收到了" in supervisor.get("/console/outbox/").words
    assert supervisor.post(f"/console/outbox/{message.id}/again").status == 302
    assert state_of(database, message) == "ready"
    assert ("user:supervisor", "message.sent_again") in actions(database)
    supervisor.post(f"/console/outbox/{message.id}/again")
    assert "已经有人处理过了" in supervisor.get("/console/outbox/").words


def test_what_is_left_alone_leaves_the_list_and_stays_as_it_ended(
    supervisor: Browser, database: Database, clock: Clock, member_id: int
) -> None:
    message = ended(database, clock, member_id, "dead", "internal")
    supervisor.post(f"/console/outbox/{message.id}/drop")
    assert state_of(database, message) == "dead"
    assert ("user:supervisor", "message.dropped") in actions(database)
    page = supervisor.get("/console/outbox/")
    assert "没有要决定的" in page.words


def test_what_failed_by_a_closed_window_may_wait_for_the_member(
    signed_in: SignIn, database: Database, clock: Clock, member_id: int, phone: Phone
) -> None:
    message = ended(database, clock, member_id, "failed", "window_closed")
    other = ended(database, clock, member_id, "failed", "43004")
    clock.forward(days=3)
    supervisor = signed_in("supervisor")
    assert supervisor.get("/console/outbox/").words.count("等来消息时发") == 1
    supervisor.post(f"/console/outbox/{message.id}/again", {"wait": "1"})
    assert database.write(lambda tx: take(tx, clock.now)) is None
    coming = supervisor.get("/console/outbox/coming").words
    assert "对方下次来消息时自动发出" in coming
    assert "最晚等到" in coming
    phone.says("我又来了")
    sent = database.write(lambda tx: take(tx, clock.now))
    assert sent is not None
    assert sent.id == message.id
    assert state_of(database, other) == "failed"


def test_an_admin_decides_without_reading_the_dialogue(
    signed_in: SignIn, database: Database, clock: Clock, member_id: int
) -> None:
    ended(database, clock, member_id, "unknown", "cut_off")
    page = signed_in("admin").get("/console/outbox/").words
    assert "不确定对方是否收到" in page
    assert SECRET_WORDS not in page


@pytest.mark.parametrize("message_id", ["1", str(2**63), "9" * 30])
def test_what_does_not_exist_is_not_found(supervisor: Browser, message_id: str) -> None:
    for act in ("again", "drop"):
        assert supervisor.post(f"/console/outbox/{message_id}/{act}").status == 404


def test_a_long_list_goes_on_on_the_next_page(
    supervisor: Browser, database: Database, clock: Clock, member_id: int
) -> None:
    first = ended(database, clock, member_id, "failed", "43004")

    def copy(tx: Transaction) -> None:
        for number in range(1, 51):
            tx.execute(
                "INSERT INTO outbox (id, member_id, exchange_id, openid, content, cause, author, state, due_at, outcome, created_at) "
                "SELECT id + :n, member_id, exchange_id, openid, content, :cause, author, state, due_at, outcome, created_at "
                "FROM outbox WHERE id = :id",
                {"n": number, "cause": f"copy:{number}", "id": first.id},
            )

    database.write(copy)
    page = supervisor.get("/console/outbox/")
    assert page.text.count("data-message=") == 50
    before = page.text.partition("?before=")[2].partition('"')[0]
    assert f'data-message="{first.id}"' in supervisor.get(f"/console/outbox/?before={before}").text
