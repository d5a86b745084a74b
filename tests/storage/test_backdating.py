"""Backdating: exchanges get the ids of their time, and whatever points at them still does."""

from datetime import datetime, timedelta

from storage import outbox
from storage.backdating import backdate_exchanges
from storage.database import Database, Transaction
from storage.exchanges import Exchange, add_exchange, count_between, page
from storage.ids import new_id
from storage.members import add_member
from tests.conftest import Clock


def test_exchanges_are_found_on_the_day_they_were_made(database: Database, clock: Clock) -> None:
    yesterday = clock.now - timedelta(days=1)

    def said(tx: Transaction, member: int, text: str, at: datetime, in_reply_to: int | None = None) -> int:
        made = Exchange(
            id=new_id(),
            member_id=member,
            direction="out" if in_reply_to else "in",
            kind="text",
            author="member",
            status="answered",
            created_at=at,
            text=text,
            in_reply_to=in_reply_to,
        )
        add_exchange(tx, made)
        return made.id

    def work(tx: Transaction) -> int:
        member = add_member(tx, account_id="gh", openid="o1", source="message", now=yesterday)
        said(tx, member, "later", clock.now)
        answer = said(tx, member, "answered", yesterday, said(tx, member, "asked", yesterday))
        outbox.add(
            tx,
            member_id=member,
            openid="o1",
            exchange_id=answer,
            content="{}",
            cause="c",
            author="bot",
            due_at=yesterday,
            now=yesterday,
        )
        return backdate_exchanges(tx)

    assert database.write(work) == 3
    exchanges = page(database)
    assert [exchange.text for exchange in exchanges] == ["asked", "answered", "later"]
    assert exchanges[1].in_reply_to == exchanges[0].id
    assert outbox.page(database)[0].exchange_id == exchanges[1].id
    assert count_between(database, yesterday, clock.now).received == 1
    assert count_between(database, clock.now, clock.now + timedelta(seconds=1)).received == 1
