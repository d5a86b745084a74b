"""What lets a distributed database keep a member's rows together: every statement of a turn names the member whose rows it wants."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from werkzeug.test import Client

from bot.app import account_of, create_app
from bot.settings import Settings
from bot.wechat.outbound_push import Push, event_fields, message_fields
from storage.database import Database, Transaction
from storage.migrations import all_migrations
from storage.sqlite import SqliteDatabase
from tests.conftest import Clock
from tests.phone import Phone
from tests.storage.people import campaign

DOCUMENT = Path(__file__).parents[2] / "docs" / "scaling.md"
# Small, the same for everybody, or told to all of a process: on every node, or on one.
SHARED = {"revisions", "campaigns", "stores", "changes"}
COLUMN = {"members": "id", "identities": "external_id"}
# Asked only when somebody joins or leaves the queue for a person, which is for people to answer: a few a minute, over an index of those who wait.
ACROSS = {
    "SELECT count(*) AS n FROM conversations WHERE state <> 'bot' AND state = 'waiting' AND waiting_since < :before"
}


class Recording:
    """A transaction that notes the statements it is given."""

    def __init__(self, tx: Transaction, statements: list[str]) -> None:
        self._tx = tx
        self._statements = statements

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._tx, name)
        if name not in ("query", "one", "execute", "lock", "query_unlocked"):
            return method

        def noted(sql: str, *parameters: Any) -> Any:
            self._statements.append(sql)
            return method(sql, *parameters)

        return noted


class RecordingDatabase(SqliteDatabase):
    """A database that notes the statements of its transactions."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.statements: list[str] = []

    def write(self, work: Callable[[Transaction], Any]) -> Any:
        return super().write(lambda tx: work(cast(Transaction, Recording(tx, self.statements))))


@pytest.fixture
def engine() -> str:
    """Which statements are run is the same on both."""
    return "sqlite"


@pytest.fixture
def recording(database: Database, tmp_path: Path, clock: Clock) -> Iterator[RecordingDatabase]:
    """The database with two campaigns, noting statements."""
    campaign(database, starts_at=clock() - timedelta(days=1), ends_at=clock() + timedelta(days=9))
    campaign(
        database, "GIFT", kind="welcome", starts_at=clock() - timedelta(days=1), ends_at=clock() + timedelta(days=9)
    )
    with closing(RecordingDatabase(tmp_path / "test.db")) as opened:
        yield opened


@pytest.fixture
def caller(recording: RecordingDatabase, settings: Settings, clock: Clock) -> Phone:
    """A phone to the app over that database; what the first turn of a process asks for is not noted."""
    phone = Phone(Client(create_app(settings, recording, clock=clock)), Push(account_of(settings)), clock)
    phone.says("你好")
    recording.statements.clear()
    return phone


@pytest.fixture
def statements(recording: RecordingDatabase, caller: Phone, clock: Clock) -> set[str]:
    """The statements of turns of every kind, none of which is the first of its process."""
    for number in range(2):
        talk(caller.named(f"oSpread{number}"), clock)
    return set(recording.statements)


def talk(phone: Phone, clock: Clock) -> None:
    account, who = phone.push.account, phone.openid
    phone.sends(event_fields(account, who, "subscribe", clock(), EventKey="qrscene_x", Ticket="t"))
    for words in (
        "你好",
        "签到",
        "签到",
        "我的积分",
        "积分明细",
        "领优惠券",
        "1",
        "我的优惠券",
        "附近门店",
        "上海",
        "量子纠缠",
    ):
        clock.forward(seconds=11)
        phone.says(words)
    phone.sends(
        message_fields(account, who, "location", clock(), Location_X="31.2", Location_Y="121.4", Scale="1", Label="x")
    )
    for words in ("我要投诉，咖啡凉了", "转人工", "在吗", "不用了"):
        clock.forward(seconds=11)
        phone.says(words)
    phone.sends(event_fields(account, who, "unsubscribe", clock(), EventKey=""))


def tables_of_members() -> set[str]:
    """The tables that grow with the number of members."""
    found = set(COLUMN)
    for migration in all_migrations():
        for statement in migration.statements:
            table = re.match(r"CREATE TABLE (\w+)", statement)
            if table and re.search(r"^ +member_id BIGINT", statement, re.MULTILINE):
                found.add(table[1])
    return found - SHARED


def loose(statement: str, spread: Iterable[str]) -> set[str]:
    """Return the tables of members of which a statement does not say whose rows it wants."""
    named = re.findall(
        r"(?:FROM|JOIN|INTO|UPDATE) (\w+)(?: AS)?(?: (?!JOIN|WHERE|SET|LEFT|ON|ORDER|VALUES)(\w+))?", statement
    )
    return {table for table, alias in named if table in spread and not _says_whose(statement, table, alias)}


def _says_whose(statement: str, table: str, alias: str) -> bool:
    column = COLUMN.get(table, "member_id")
    if statement.startswith("INSERT"):
        return re.search(rf"INTO {table} \([^)]*\b{column}\b", statement) is not None
    of = rf"(?:{alias}\.)" if alias else ""
    wanted = rf"(?<![\w.]){of}{column} = (:\w+|\w+\.(?:member_id|id))\b|= {of}{column}\b"
    return (
        re.search(
            wanted,
            statement.partition("WHERE")[2] + " " + " ".join(re.findall(r" ON (.*?)(?= WHERE| JOIN|$)", statement)),
        )
        is not None
    )


def test_every_statement_of_a_turn_says_whose_rows_it_wants(statements: set[str]) -> None:
    spread = tables_of_members()
    assert {"members", "identities", "exchanges", "conversations", "coupons", "ledger"} <= spread
    assert len(statements) > 30
    assert {text: tables for text in statements - ACROSS if (tables := loose(text, spread))} == {}


def test_the_exceptions_are_really_asked(statements: set[str]) -> None:
    assert statements >= ACROSS


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT id FROM exchanges WHERE id = :id",
        "UPDATE conversations SET unread = 1 WHERE state = 'agent'",
        "DELETE FROM ledger WHERE cause = :cause",
        "INSERT INTO outbox (id, cause) VALUES (:id, :cause)",
        "SELECT m.id FROM members m JOIN exchanges e ON e.intent = m.name WHERE m.id = :member",
        "SELECT member_id FROM identities WHERE member_id = :member",
    ],
)
def test_a_statement_that_would_ask_every_node_is_found(statement: str) -> None:
    assert loose(statement, tables_of_members())


def test_the_page_names_the_column_of_every_table() -> None:
    page = DOCUMENT.read_text("utf-8")
    for table in tables_of_members():
        assert f"| `{table}` | `{COLUMN.get(table, 'member_id')}` |" in page, table


def test_words_that_name_no_campaign_ask_nothing_about_campaigns(recording: RecordingDatabase, caller: Phone) -> None:
    caller.says("你们放电影吗")
    assert recording.statements
    assert [sql for sql in recording.statements if "campaigns" in sql] == []
