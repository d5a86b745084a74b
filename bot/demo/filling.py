"""Filling an empty database with the demo brand: everything its members said goes through the real turn, in one transaction.

DatabaseInUse   members are there that the demo did not make: it is somebody's real database
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from bot.conversation.engine import Engine
from bot.conversation.knowledge import KnowledgeCache
from bot.conversation.late import LateReplies
from bot.delivery import posting, sending
from bot.demo import campaigns, past
from bot.demo.brand import AGENTS, STAFF, demo_scenes, demo_stores
from bot.demo.codes import add_menu_and_codes
from bot.demo.dialogues import NAMES, TAGS
from bot.settings import RateLimit
from bot.web.passwords import hash_password
from intents.types import Brand
from storage import conversations, coupons, members, users
from storage.backdating import backdate_exchanges
from storage.database import Database, Parameters, Result, Row, Transaction
from storage.stores import Store, import_stores
from templates.content import Content

_SEED = 20260101
_LEASE = timedelta(minutes=30)
_NO_PARAMETERS: Parameters = {}


class DatabaseInUse(Exception):
    """The database has members of a real brand; the demo leaves it alone."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What filling did; ``fresh`` is False when the demo brand was there already."""

    fresh: bool
    stores: int
    members: int


def fill(database: Database, now: datetime, *, brand: Brand, account_id: str, passwords: Mapping[str, str]) -> Filled:
    """Make the demo brand: stores, campaigns, staff, members and their two weeks up to ``now``; one that is there stays as it is.

    ``passwords`` are those of the staff of ``brand.STAFF``, by name; whoever has none cannot log in until given one. Raises DatabaseInUse.
    """
    stores, hashes = demo_stores(), {name: hash_password(password) for name, password in passwords.items()}

    def work(tx: Transaction) -> Filled:
        fresh = coupons.campaign_by_code(tx, campaigns.MARK) is None
        if fresh and members.count_members(tx):
            raise DatabaseInUse("the database has members already: the demo needs a database of its own")
        if fresh:
            _Filling(tx, now.astimezone(brand.zone), brand, account_id).run(stores, hashes)
        return Filled(fresh, len(stores), members.count_members(tx))

    return database.write(work)


class _Filling:
    """One filling of an empty database."""

    def __init__(self, tx: Transaction, now: datetime, brand: Brand, account_id: str) -> None:
        self._tx = tx
        self._now = now
        self._account_id = account_id
        self._random = Random(_SEED)  # noqa: S311 (the past must be the same each time, and hides nothing)
        self._clock = now
        joined, knowledge = _Joined(tx), KnowledgeCache()
        self._engine = Engine(
            joined,
            brand,
            lambda: self._clock,
            RateLimit(0, 1),
            choice_links=False,
            knowledge=knowledge,
            late=LateReplies(joined, lambda: self._clock, knowledge.library, works={}),
        )

    def run(self, stores: list[Store], hashes: Mapping[str, str]) -> None:
        """Make everything, in the order in which it came about."""
        tx = self._tx
        import_stores(tx, stores)
        campaigns.add_campaigns(tx, self._now)
        add_menu_and_codes(tx, stores, self._now)
        self._add_staff(hashes)
        said = past.plan(self._now, demo_scenes(stores), self._random)
        for number, one in enumerate(said):
            self._clock = one.at.astimezone(UTC)
            message = past.to_message(one, number, self._account_id)
            if message is not None:
                self._engine.receive(message)
            else:
                self._agent_side(one)
        known = [self._member(number) for number in range(past.MEMBERS)]
        campaigns.issue(tx, known, self._now)
        campaigns.use_some(tx, known, self._random, self._now)
        self._name_members(known, sorted({store.city for store in stores}))
        backdate_exchanges(tx)

    def _add_staff(self, hashes: Mapping[str, str]) -> None:
        for person in STAFF:
            user = users.find_user_by_name(self._tx, person.name)
            if user is None:
                user = users.add_user(self._tx, person.name, person.role, person.display_name, self._now)
                if person.name in hashes:
                    users.set_password_hash(self._tx, user.id, hashes[person.name])

    def _agent_side(self, said: past.Said) -> None:
        """Let an agent take the conversation, answer in it, or hand it back."""
        tx, now, member_id = self._tx, self._clock, self._member(said.member)
        agent = AGENTS[said.member % len(AGENTS)]
        user = users.find_user_by_name(tx, agent.name)
        assert user is not None
        word, _, rest = said.line.partition(" ")
        if word == "/take":
            conversations.take(tx, member_id, agent_id=user.id, lease=_LEASE, now=now)
        elif word == "/back":
            conversations.hand_back(tx, member_id, agent_id=user.id, note=rest, now=now)
        else:
            identity = members.identities_of(tx, [member_id])[member_id]
            cause = f"demo:{said.at:%m%d%H%M%S}"
            content = Content("text", rest.format(agent=agent.display_name))
            posting.post(tx, identity=identity, content=content, author=f"agent:{agent.name}", cause=cause, now=now)
            message = sending.take(tx, now)
            if message is not None:
                sending.settle(tx, message, "sent", "", now)

    def _member(self, number: int) -> int:
        return members.member_ids_by_openid(self._tx, past.openid_of(number))[0]

    def _name_members(self, known: list[int], cities: list[str]) -> None:
        """Note what staff learnt of about half of the members."""
        for number, (member_id, name) in enumerate(zip(known[::2], NAMES, strict=False)):
            members.update_profile(
                self._tx,
                member_id,
                name=name,
                phone=f"1200000{number:04}" if number % 3 == 0 else "",  # no number begins with 120
                city=self._random.choice(cities),
                remark="",
                tags=sorted(self._random.sample(TAGS, number % 3)),
            )


class _Joined:
    """An open transaction in the place of a database: what is written through it joins the transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def query(self, sql: str, parameters: Parameters = _NO_PARAMETERS) -> list[Row]:
        return self._tx.query(sql, parameters)

    def one(self, sql: str, parameters: Parameters = _NO_PARAMETERS) -> Row | None:
        return self._tx.one(sql, parameters)

    def write(self, work: Callable[[Transaction], Result]) -> Result:
        return work(self._tx)

    def listen(self, _name: str, _wake: Callable[[], object], /) -> bool:
        return False

    def close(self) -> None:
        """Leave the transaction to whoever opened it."""
