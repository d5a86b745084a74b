"""Waiting on the loop: what is asked for together is written together, one failure undoes only itself, and nobody who writes elsewhere holds up the loop."""

import asyncio
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from bot.waiting import PATIENCE_SECONDS, OnLoop, at_once
from storage import quarantine
from storage.database import Database, Transaction
from storage.errors import StorageUnavailable
from tests.conftest import ENGINES, Clock


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    return str(getattr(request, "param", "sqlite"))


both_engines = pytest.mark.parametrize("engine", ENGINES, indirect=True)


def keeping(body: str, clock: Clock) -> Any:
    def work(tx: Transaction) -> str:
        quarantine.keep(tx, reason="kept", account_id="a", openid="o", body=body, now=clock.now)
        return body

    return work


def kept(database: Database) -> list[str]:
    return sorted(row["body"] for row in database.query("SELECT body FROM quarantine"))


@both_engines
def test_what_is_asked_for_together_is_written_and_each_hears_of_its_own(database: Database, clock: Clock) -> None:
    async def scene() -> list[Any]:
        waiting = OnLoop(database, threads=4)
        return await asyncio.gather(*(waiting.write(keeping(f"{number:03}", clock)) for number in range(150)))

    assert asyncio.run(scene()) == [f"{number:03}" for number in range(150)] == kept(database)


@both_engines
def test_one_that_fails_undoes_only_itself(database: Database, clock: Clock) -> None:
    def failing(tx: Transaction) -> None:
        keeping("half", clock)(tx)
        raise ZeroDivisionError

    async def scene() -> list[Any]:
        waiting = OnLoop(database, threads=4)
        works = (keeping("before", clock), failing, keeping("after", clock))
        return await asyncio.gather(*map(waiting.write, works), return_exceptions=True)

    before, failed, after = asyncio.run(scene())
    assert (before, type(failed), after) == ("before", ZeroDivisionError, "after")
    assert kept(database) == ["after", "before"]


@pytest.mark.parametrize("held_seconds", [0.02, PATIENCE_SECONDS * 4])
def test_while_another_process_writes_the_loop_goes_on_and_then_all_is_written(
    database: Database, clock: Clock, tmp_path: Path, held_seconds: float
) -> None:
    other = sqlite3.connect(tmp_path / "test.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async def scene() -> float:
        waiting = OnLoop(database, threads=8)
        asked = [asyncio.create_task(waiting.write(keeping(str(number), clock))) for number in range(5)]
        longest, until = 0.0, time.monotonic() + held_seconds
        while time.monotonic() < until:
            began = time.monotonic()
            await asyncio.sleep(0.001)
            longest = max(longest, time.monotonic() - began)
        other.execute("ROLLBACK")
        assert sorted(await asyncio.gather(*asked)) == ["0", "1", "2", "3", "4"]
        return longest

    assert asyncio.run(scene()) < 3.0  # it would stand still for the four seconds that a writer waits
    other.close()
    assert kept(database) == ["0", "1", "2", "3", "4"]


@both_engines
def test_a_database_that_stays_away_is_told_to_each(database: Database, clock: Clock) -> None:
    def away(_: Transaction) -> None:
        raise StorageUnavailable("gone")

    async def scene() -> list[Any]:
        waiting = OnLoop(database, threads=4)
        return await asyncio.gather(*(waiting.write(away) for _ in range(3)), return_exceptions=True)

    assert [type(error) for error in asyncio.run(scene())] == [StorageUnavailable] * 3


def test_work_apart_does_not_hold_up_the_loop(database: Database) -> None:
    async def scene() -> list[str]:
        waiting, order = OnLoop(database, threads=2), list[str]()

        def work() -> str:
            time.sleep(0.1)
            return "slow"

        async def slow() -> None:
            order.append(await waiting.apart(work))

        task = asyncio.create_task(slow())
        await asyncio.sleep(0)
        order.append("quick")
        await task
        return order

    assert asyncio.run(scene()) == ["quick", "slow"]


def test_what_is_run_at_once_must_not_pause() -> None:
    async def pausing() -> None:
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="must not pause"):
        at_once(pausing())
