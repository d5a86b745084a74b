"""The outbox: messages posted to members who may be written to, and sent by real workers to a stand-in for the platform."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench import servers
from bot.delivery.posting import post
from storage import members
from storage.database import Database, Transaction
from storage.outbox import depth, is_waiting
from templates.content import Content
from tests.wechat_api import FarSide, far_side

_POST_AT_ONCE = 500
_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of a number of jobs: how many a second, and the processor time of each, workers and database server together."""

    per_second: float
    processor_microseconds: float


def measure(
    folder: Path,
    url: str,
    database: Database,
    openids: Sequence[str],
    *,
    cause: str,
    used_seconds: Callable[[int], float],
    workers: int = 1,
) -> Sent:
    """Post a message to each of these members, and have so many workers send all; ``used_seconds`` tells the processor time of one by its id.

    Begins to count with the first that arrives: starting is no part of the work. Raises TimeoutError.
    """
    for first in range(0, len(openids), _POST_AT_ONCE):
        some = openids[first : first + _POST_AT_ONCE]
        database.write(lambda tx, some=some: _post(tx, some, cause))  # type: ignore[misc]
    with far_side() as far, ExitStack() as stack:
        pids = [stack.enter_context(servers.worker(folder, **reaching(far), DATABASE_URL=url)) for _ in range(workers)]
        _wait_for(lambda: bool(far.delivered))
        before, began, already = sum(map(used_seconds, pids)), time.monotonic(), len(far.delivered)
        _wait_for(lambda: _all_sent(database))
        sent, seconds = len(far.delivered) - already, time.monotonic() - began
        return Sent(sent / seconds, (sum(map(used_seconds, pids)) - before) / sent * 1e6)


def reaching(far: FarSide) -> dict[str, str]:
    """Return the settings of a process that takes the far side for the platform."""
    api = far.settings
    return {
        "WECHAT_API_URL": api.wechat_api_url,
        "WECHAT_APP_ID": api.wechat_app_id,
        "WECHAT_APP_SECRET": api.wechat_app_secret,
    }


def _post(tx: Transaction, openids: Sequence[str], cause: str) -> None:
    known = [found[0] for openid in openids if (found := members.member_ids_by_openid(tx, openid))]
    for to in members.identities_of(tx, known).values():
        content = Content("text", text="到店有礼")
        post(tx, identity=to, content=content, author="bot", cause=cause, now=datetime.now(UTC))


def _all_sent(database: Database) -> bool:
    """Say whether nothing that is due is left; notices of another day may wait."""
    return not is_waiting(database, datetime.now(UTC)) and not depth(database).sending


def _wait_for(what: Callable[[], bool]) -> None:
    ends = time.monotonic() + _PATIENCE_SECONDS
    while not what():
        if time.monotonic() > ends:
            raise TimeoutError("the workers did not send everything")
        time.sleep(0.02)
