"""The few statements of a turn: what is recalled, what is remembered, and that a bot never speaks over an agent."""

import shutil
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from storage import conversations, exchanges, reply_versions, turns
from storage.conversations import Conversation
from storage.database import Database
from storage.exchanges import Exchange
from storage.ids import new_id
from storage.members import member_by_id
from storage.revisions import current
from storage.sqlite import SqliteDatabase
from storage.times import to_ms
from storage.turns import Recalled, Remembered
from tests.storage.people import NOW, people

ACCOUNT, OPENID = "gh_test", "o0"
LEASE = timedelta(minutes=30)


@pytest.fixture
def member(database: Database) -> int:
    return people(database, 1)[0]


def recall(database: Database, key: str = "m:1", *, openid: str = OPENID, account_id: str = ACCOUNT) -> Recalled | None:
    return database.write(lambda tx: turns.recall(tx, account_id=account_id, openid=openid, key=key))


def after(member_id: int, *, silent: bool = False) -> Remembered:
    return Remembered(
        member_id=member_id,
        silent=silent,
        pending='{"slot":"city"}',
        misses=2,
        last_template="greeting",
        last_inbound_at_ms=to_ms(NOW),
        unread=3,
        window_until_ms=to_ms(NOW) + 1000,
        window_left=4,
        rate_started_at_ms=to_ms(NOW) - 5,
        rate_count=6,
    )


def now_of(database: Database, member_id: int) -> Conversation:
    found = conversations.conversation_of(database, member_id)
    assert found is not None
    return found


def add(database: Database, member_id: int, key: str | None, in_reply_to: int | None = None, **changed: str) -> int:
    """Record something said and return its id."""
    one = Exchange(
        id=new_id(),
        member_id=member_id,
        direction="out" if in_reply_to else "in",
        kind="text",
        author=changed.get("author", "bot" if in_reply_to else "member"),
        status="replied" if in_reply_to else "answered",
        created_at=NOW,
        payload=changed.get("payload", ""),
        message_key=key,
        in_reply_to=in_reply_to,
    )
    database.write(lambda tx: exchanges.add_exchange(tx, one))
    return one.id


def test_nobody_is_recalled_by_an_unknown_openid_or_account(database: Database, member: int) -> None:
    assert recall(database, openid="o1") is None
    assert recall(database, openid="O0") is None
    assert recall(database, account_id="gh_other") is None


def test_member_conversation_and_revision_are_recalled_as_they_are(database: Database, member: int) -> None:
    recalled = recall(database)
    assert recalled is not None
    assert recalled.member == member_by_id(database, member)
    assert recalled.conversation == now_of(database, member)
    assert (recalled.revision, recalled.seen_id) == (current(database), None)


def test_every_field_of_a_conversation_is_recalled(database: Database, member: int) -> None:
    database.write(lambda tx: turns.remember(tx, after(member)))
    database.write(lambda tx: conversations.ask_for_person(tx, member, reason="complaint", now=NOW))
    database.write(lambda tx: conversations.take(tx, member, agent_id=7, lease=LEASE, now=NOW))
    recalled = recall(database)
    assert recalled is not None
    assert recalled.conversation == now_of(database, member)
    assert recalled.conversation.agent_id == 7


def test_a_message_seen_before_is_known_by_its_key(database: Database, member: int) -> None:
    seen = add(database, member, "m:1")
    recalled, other = recall(database, "m:1"), recall(database, "m:2")
    assert recalled is not None
    assert other is not None
    assert (recalled.seen_id, other.seen_id) == (seen, None)


def test_the_key_of_somebody_else_is_not_known(database: Database, member: int) -> None:
    add(database, member + 1, "m:1")
    recalled = recall(database)
    assert recalled is not None
    assert recalled.seen_id is None


def test_publishing_is_seen_by_the_next_turn(database: Database, member: int) -> None:
    before = recall(database)
    database.write(lambda tx: reply_versions.publish(tx, "thanks", 0, by="editor", now=NOW))
    later = recall(database)
    assert before is not None
    assert later is not None
    assert later.revision > before.revision


def test_the_stored_reply_is_the_bots_to_that_very_message(database: Database, member: int) -> None:
    first, second = add(database, member, "m:1"), add(database, member, "m:2")
    add(database, member, None, first, payload="agent's", author="agent:mei")
    add(database, member, None, first, payload="first")
    add(database, member, None, second, payload="second")
    assert turns.stored_reply(database, member, first) == "first"
    assert turns.stored_reply(database, member, second) == "second"


def test_what_was_met_with_silence_has_no_stored_reply(database: Database, member: int) -> None:
    seen = add(database, member, "m:1")
    assert turns.stored_reply(database, member, seen) is None
    assert turns.stored_reply(database, member + 1, seen) is None


def test_what_a_turn_leaves_behind_is_all_there_for_the_next(database: Database, member: int) -> None:
    assert database.write(lambda tx: turns.remember(tx, after(member)))
    conversation = now_of(database, member)
    assert (conversation.pending, conversation.misses, conversation.last_template) == ('{"slot":"city"}', 2, "greeting")
    assert (conversation.last_inbound_at, conversation.unread) == (NOW, 3)
    assert (conversation.window_until_ms, conversation.window_left) == (to_ms(NOW) + 1000, 4)
    assert (conversation.rate_started_at_ms, conversation.rate_count) == (to_ms(NOW) - 5, 6)


def test_remembering_leaves_the_owner_as_it_is(database: Database, member: int) -> None:
    database.write(lambda tx: conversations.ask_for_person(tx, member, reason="complaint", now=NOW))
    database.write(lambda tx: turns.remember(tx, after(member)))
    conversation = now_of(database, member)
    assert (conversation.state, conversation.handoff_reason, conversation.waiting_since) == (
        "waiting",
        "complaint",
        NOW,
    )


def test_a_bot_that_spoke_while_an_agent_owns_it_is_refused_and_nothing_is_written(
    database: Database, member: int
) -> None:
    database.write(lambda tx: conversations.take(tx, member, agent_id=7, lease=LEASE, now=NOW))
    before = now_of(database, member)
    assert not database.write(lambda tx: turns.remember(tx, after(member)))
    assert now_of(database, member) == before


def test_silence_is_remembered_while_an_agent_owns_it(database: Database, member: int) -> None:
    database.write(lambda tx: conversations.take(tx, member, agent_id=7, lease=LEASE, now=NOW))
    assert database.write(lambda tx: turns.remember(tx, after(member, silent=True)))
    assert now_of(database, member).unread == 3
    assert now_of(database, member).agent_id == 7


def test_what_is_remembered_of_one_member_is_not_of_another(database: Database) -> None:
    first, second = people(database, 2)
    database.write(lambda tx: turns.remember(tx, replace(after(first), unread=9)))
    assert now_of(database, second).unread == 0


def test_nobody_is_remembered_who_is_not_there(database: Database) -> None:
    assert not database.write(lambda tx: turns.remember(tx, after(404)))


def test_who_was_heard_before_is_recalled_anew_when_they_are_gone_or_live_in_another_store(
    database: Database, tmp_path: Path, migrated_file: Path
) -> None:
    first = people(database, 1)[0]
    assert [recalled.member.id for recalled in (recall(database), recall(database)) if recalled] == [first, first]
    with closing(SqliteDatabase(Path(shutil.copyfile(migrated_file, tmp_path / "another.db")))) as another:
        assert recall(another) is None
        second = people(another, 1)[0]
        assert [recalled.member.id for recalled in (recall(another), recall(database)) if recalled] == [second, first]
