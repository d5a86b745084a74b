"""Ids: they grow, are never given twice, tell the time they were made, and fit the column."""

import sys
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from storage.ids import EPOCH_MS, IdMaker, first_id_at, new_id
from tests.processes import start
from tests.storage.people import at_once

MOST = 2**63 - 1
SECONDS = st.integers(EPOCH_MS // 1000, EPOCH_MS // 1000 + 60 * 365 * 86_400)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def test_ids_grow() -> None:
    made = [new_id() for _ in range(10_000)]
    assert made == sorted(set(made))


def test_threads_are_never_given_the_same_id_and_each_sees_its_own_grow() -> None:
    maker = IdMaker()

    def make() -> list[int]:
        return [maker() for _ in range(500)]

    of_threads = at_once([make] * 8)
    for made in of_threads:
        assert made == sorted(made)
    assert len({one for made in of_threads for one in made}) == 4_000


def print_an_id() -> None:
    sys.stdout.write(str(new_id()))


def test_processes_forked_from_one_make_ids_of_their_own(tmp_path: Path) -> None:
    forked = [start(print_an_id, environment={}, folder=tmp_path, name=f"{number}") for number in range(4)]
    assert [process.wait(20) for process in forked] == [0] * 4
    parts = {int(process.printed.read_text()) >> 12 & 1023 for process in forked}
    assert len(parts) > 1, "four in one of 1,024 places: once in a thousand million runs"


def test_an_id_lies_in_the_span_of_its_time() -> None:
    before = first_id_at(now_ms())
    made = new_id()
    assert before <= made < first_id_at(now_ms() + 60_000)


def test_more_ids_than_a_millisecond_has_room_for_still_grow() -> None:
    maker = IdMaker()
    made = [maker() for _ in range(20_000)]
    assert made == sorted(set(made))
    assert made[-1] < first_id_at(now_ms() + 60_000)


def test_ids_fit_a_signed_column_of_64_bits_for_decades() -> None:
    far = datetime(2090, 1, 1, tzinfo=UTC)
    assert 0 < new_id() <= MOST
    assert first_id_at(int(far.timestamp() * 1000)) <= MOST


@given(SECONDS, st.integers(1, 10**9))
def test_later_times_begin_with_greater_ids(second: int, later: int) -> None:
    assert first_id_at(second * 1000) < first_id_at(second * 1000 + later)


@given(st.integers(-(10**13), EPOCH_MS))
def test_no_id_was_made_before_the_first(milliseconds: int) -> None:
    assert first_id_at(milliseconds) == 0


def test_spans_of_time_that_touch_share_no_id() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    edges = [first_id_at(int((start + timedelta(days=day)).timestamp() * 1000)) for day in range(4)]
    assert edges == sorted(set(edges))
    inside = edges[1]
    assert [edges[day] <= inside < edges[day + 1] for day in range(3)] == [False, True, False]


def test_makers_of_different_processes_rarely_meet() -> None:
    firsts = at_once([partial(IdMaker()) for _ in range(20)])
    assert len(set(firsts)) >= 18
