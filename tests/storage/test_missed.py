"""Messages that nothing answered, and what was decided about them: read back, settled while it stands, undone once."""

from datetime import UTC, datetime, timedelta

from storage import examples, members, missed
from storage.database import Database
from storage.exchanges import Exchange, add_exchange
from storage.ids import new_id

NOW = datetime.now(UTC).replace(microsecond=0)  # ids are made of the real time
SINCE = NOW - timedelta(days=1)


def member(database: Database, openid: str = "oAlice") -> int:
    return database.write(
        lambda tx: members.add_member(tx, account_id="gh_1", openid=openid, source="message", follows=True, now=NOW)
    )


def say(database: Database, member_id: int, text: str, status: str = "missed", **more: object) -> int:
    exchange_id = new_id()
    values: dict[str, object] = {"direction": "in", "kind": "text", "author": "member", "text": text, **more}
    one = Exchange(id=exchange_id, member_id=member_id, status=status, created_at=NOW, **values)  # type: ignore[arg-type]
    database.write(lambda tx: add_exchange(tx, one))
    return exchange_id


def ask_back(database: Database, member_id: int, text: str) -> int:
    asked = say(database, member_id, text, "answered")
    say(
        database,
        member_id,
        "您是想问",
        "replied",
        direction="out",
        author="bot",
        template="did_you_mean",
        in_reply_to=asked,
    )
    return asked


def decide(database: Database, **more: object) -> int:
    values: dict[str, object] = {
        "kind": "ignored",
        "title": "电影",
        "intent": "",
        "messages": 3,
        "made": {"examples": ["放电影吗"]},
        "wordings": ["放电影吗", "有电影吗", "放电影吗"],
        "by": "ann",
        "now": NOW,
        **more,
    }
    return database.write(lambda tx: missed.decide(tx, **values))  # type: ignore[arg-type]


def test_what_was_missed_and_what_was_asked_back_without_a_choice_is_unanswered(database: Database) -> None:
    alice = member(database)
    first = say(database, alice, "放电影吗")
    say(database, alice, "怎么领券", "answered")
    say(database, alice, "在吗", "held")
    open_one, chosen = ask_back(database, alice, "券的事"), ask_back(database, alice, "积分的事")
    database.write(
        lambda tx: examples.propose(
            tx, text="积分的事", intent="points", source="tap", now=NOW, member_id=alice, exchange_id=chosen
        )
    )
    found = missed.unanswered(database, since=SINCE, limit=9)
    assert [(one.id, one.text) for one in found] == [(open_one, "券的事"), (first, "放电影吗")]
    assert found[0].member_id == alice
    assert missed.unanswered(database, since=NOW + timedelta(days=1), limit=9) == []
    assert len(missed.unanswered(database, since=SINCE, limit=1)) == 2  # one of each


def test_recent_texts_are_those_the_bot_met_alone(database: Database) -> None:
    alice = member(database)
    for text, status in (("放电影吗", "missed"), ("怎么领券", "answered"), ("我的地址", "held"), ("", "answered")):
        say(database, alice, text, status)
    assert missed.recent_texts(database, since=SINCE, limit=9) == ["怎么领券", "放电影吗"]


def test_wordings_are_settled_while_the_decision_stands(database: Database) -> None:
    assert missed.settled_wordings(database) == frozenset()
    first, second = decide(database), decide(database, wordings=["有电影吗"])
    assert missed.settled_wordings(database) == {"放电影吗", "有电影吗"}
    undone = database.write(lambda tx: missed.undo(tx, first, by="bob", now=NOW))
    assert undone is not None
    assert (undone.made, undone.undone_by, undone.undone_at) == ({"examples": ["放电影吗"]}, "bob", NOW)
    assert missed.settled_wordings(database) == {"有电影吗"}
    assert database.write(lambda tx: missed.undo(tx, first, by="bob", now=NOW)) is None
    assert database.write(lambda tx: missed.undo(tx, 7, by="bob", now=NOW)) is None
    assert [one.id for one in missed.newest_decisions(database)] == [second, first]
