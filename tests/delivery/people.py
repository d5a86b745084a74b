"""Members with an open reply window, and posts to them, in one line each."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from bot.delivery.posting import Posted, post
from bot.delivery.worker import Worker
from storage import outbox
from storage.database import Database, Transaction
from storage.exchanges import timeline
from storage.ids import new_id
from storage.members import WECHAT, Identity, add_member
from storage.outbox import OutboxMessage
from storage.times import to_ms
from templates.content import Content


class Outgoing:
    """Writes to members of one database."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self.database = database
        self.clock = clock
        self._numbers = itertools.count(1)

    def member(self, *, messages: int = 5, until: datetime | None = None) -> Identity:
        """Make a member to whom so many messages may be sent, for 48 hours unless said otherwise."""
        until_ms = to_ms(until or self.clock() + timedelta(hours=48))
        openid = f"oMember{new_id():021d}"

        def make(tx: Transaction) -> int:
            member_id = add_member(tx, account_id="gh_1", openid=openid, source="follow", now=self.clock())
            tx.execute(
                "UPDATE conversations SET window_until = :until, window_left = :left WHERE member_id = :id",
                {"until": until_ms, "left": messages, "id": member_id},
            )
            return member_id

        return Identity(WECHAT, "gh_1", openid, self.database.write(make))

    def say(self, to: Identity, text: str = "您好", *, cause: str = "", due_at: datetime | None = None) -> Posted:
        """Post a text as an agent."""
        why = cause or f"click:{next(self._numbers)}"
        return self.database.write(
            lambda tx: post(
                tx,
                identity=to,
                content=Content("text", text=text),
                author="agent:小林",
                cause=why,
                now=self.clock(),
                due_at=due_at,
            )
        )

    def messages(self, to: Identity) -> list[OutboxMessage]:
        """What was posted to a member, oldest first."""
        return outbox.page(self.database, member_id=to.member_id)

    def states(self, to: Identity) -> list[str]:
        return [message.state for message in self.messages(to)]

    def only(self, to: Identity) -> OutboxMessage:
        [message] = self.messages(to)
        return message

    def exchange_status(self, to: Identity) -> str:
        [exchange] = timeline(self.database, to.member_id)
        return exchange.status

    def window_left(self, to: Identity) -> int:
        row = self.database.one("SELECT window_left FROM conversations WHERE member_id = :id", {"id": to.member_id})
        assert row is not None
        return int(row["window_left"])


@contextmanager
def running(worker: Worker) -> Iterator[threading.Event]:
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join()


def wait_until_empty(database: Database, *, seconds: float = 30.0) -> None:
    ends = time.monotonic() + seconds
    while (depth := outbox.depth(database)).ready or depth.sending:
        assert time.monotonic() < ends, depth
        time.sleep(0.01)
