"""The access token: one for all, renewed once, in good time, and never in a storm."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot.wechat.tokens import NoToken, Tokens
from bot.wechat.wire import Wire
from storage.database import Database
from storage.opening import open_database
from tests.conftest import Clock
from tests.wechat_api import APP_ID, SECRET, TOKEN, FarSide, closed_port_url


@pytest.fixture
def wire(far: FarSide) -> Iterator[Wire]:
    made = Wire(far.url, read_seconds=2.0)
    yield made
    made.close()


@pytest.fixture
def tokens(wire: Wire, database: Database, clock: Clock) -> Tokens:
    return Tokens(database, clock, wire, app_id=APP_ID, secret=SECRET)


@pytest.fixture
def second_database(database_url: str) -> Iterator[Database]:
    opened = open_database(database_url)
    yield opened
    opened.close()


def of_eight_threads(first: Tokens, second: Tokens, ask: Callable[[Tokens], str]) -> list[str]:
    """What eight threads, four on each database, get when they ask at the same instant."""
    start = threading.Barrier(8)

    def each(number: int) -> str:
        start.wait()
        return ask(first if number % 2 else second)

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(each, range(8)))


def test_eight_threads_on_two_databases_fetch_one_token(
    far: FarSide, tokens: Tokens, second_database: Database, wire: Wire, clock: Clock
) -> None:
    far.before_token = lambda: time.sleep(0.1)
    other = Tokens(second_database, clock, wire, app_id=APP_ID, secret=SECRET)
    assert of_eight_threads(tokens, other, lambda each: each.current()) == [far.token] * 8
    assert far.calls[TOKEN] == 1


def test_eight_threads_whose_token_was_refused_fetch_one_new_token(
    far: FarSide, tokens: Tokens, second_database: Database, wire: Wire, clock: Clock
) -> None:
    other = Tokens(second_database, clock, wire, app_id=APP_ID, secret=SECRET)
    old = tokens.current()
    far.expire_token()
    assert of_eight_threads(tokens, other, lambda each: each.current(refused=old)) == [far.token] * 8
    assert far.calls[TOKEN] == 2


def test_it_is_kept_until_ten_minutes_before_its_end(far: FarSide, tokens: Tokens, clock: Clock) -> None:
    tokens.current()
    clock.forward(seconds=7200 - 601)
    tokens.current()
    assert far.calls[TOKEN] == 1
    clock.forward(seconds=1)
    tokens.current()
    assert far.calls[TOKEN] == 2


def test_the_platform_gives_the_same_one_until_five_minutes_before_and_is_asked_once_a_minute(
    far: FarSide, tokens: Tokens, clock: Clock
) -> None:
    far.token_lasts_seconds = 590
    for _ in range(5):
        tokens.current()
    assert far.calls[TOKEN] == 1
    clock.forward(seconds=60)
    for _ in range(5):
        tokens.current()
    assert far.calls[TOKEN] == 2


@pytest.mark.parametrize("failure", ["500", "silence", -1, 40164])
def test_while_it_cannot_be_renewed_the_old_one_serves_without_a_storm(
    far: FarSide, tokens: Tokens, clock: Clock, failure: str | int
) -> None:
    old = tokens.current()
    clock.forward(seconds=7200 - 300)
    far.token_failure = failure
    assert [tokens.current() for _ in range(10)] == [old] * 10
    assert far.calls[TOKEN] == 2
    clock.forward(seconds=300)
    with pytest.raises(NoToken):
        tokens.current()
    far.token_failure = None
    clock.forward(seconds=60)
    far.expire_token()
    assert tokens.current() == far.token


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [(40001, "40125"), (40013, "40013"), (40164, "40164"), (45009, "45009"), ("html", "token_pending")],
)
def test_without_one_it_says_why_and_when_to_ask_again(
    far: FarSide, tokens: Tokens, failure: str | int, outcome: str
) -> None:
    far.token_failure = failure
    for _ in range(3):
        with pytest.raises(NoToken) as caught:
            tokens.current()
        assert caught.value.outcome.partition(":")[0] == outcome
        assert 0 < caught.value.after_seconds <= 60
        assert SECRET not in caught.value.outcome
    assert far.calls[TOKEN] == 1


def test_a_process_that_died_while_renewing_is_replaced(
    far: FarSide, database: Database, tokens: Tokens, clock: Clock
) -> None:
    tokens.current()
    database.write(lambda tx: tx.execute("UPDATE access_tokens SET token = '', refresh_after = refresh_after + 20000"))
    clock.forward(seconds=21)
    assert tokens.current() == far.token


def test_a_pause_written_under_a_wrong_clock_does_not_last(
    far: FarSide, database: Database, tokens: Tokens, clock: Clock
) -> None:
    clock.forward(days=1)
    far.token_failure = 40164
    with pytest.raises(NoToken):
        tokens.current()
    clock.forward(days=-1)
    far.token_failure = None
    assert tokens.current() == far.token


def test_a_late_answer_does_not_replace_a_newer_token(
    far: FarSide, database: Database, tokens: Tokens, wire: Wire, clock: Clock
) -> None:
    other = Tokens(database, clock, wire, app_id=APP_ID, secret=SECRET)

    def meanwhile() -> None:
        far.before_token = lambda: None
        clock.forward(seconds=30)
        other.current()
        far.token_lasts_seconds = 100

    far.before_token = meanwhile
    tokens.current()
    [row] = database.query("SELECT expires_at - :now AS left FROM access_tokens", {"now": clock.now.timestamp() * 1000})
    assert row["left"] == 7_200_000


@pytest.mark.parametrize("lasts", [0, -5, 10**12])
def test_an_odd_lifetime_is_no_token(far: FarSide, tokens: Tokens, lasts: int) -> None:
    far.token_lasts_seconds = lasts
    with pytest.raises(NoToken):
        tokens.current()


def test_without_a_connection_it_says_so(database: Database, clock: Clock) -> None:
    wire = Wire(closed_port_url())
    with pytest.raises(NoToken, match="offline"):
        Tokens(database, clock, wire, app_id=APP_ID, secret=SECRET).current()
    wire.close()


def test_one_app_knows_nothing_of_the_token_of_another(
    far: FarSide, database: Database, tokens: Tokens, wire: Wire, clock: Clock
) -> None:
    first = tokens.current()
    far.expire_token()
    other = Tokens(database, clock, wire, app_id="wx2", secret=SECRET)
    assert other.current() != first
    clock.now += timedelta(seconds=1)
    assert tokens.current() == first
