"""The spool: what is kept is on disk, whole and in order, whoever writes and whoever is killed; what is not, raises."""

import multiprocessing
import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.wechat.spool import Spool, Spooled, SpoolError
from tests.faults.full_disk import small_disk

NOW = datetime(2026, 1, 1, 2, 0, tzinfo=UTC)


def push(number: int, body: bytes = b"<xml/>") -> Spooled:
    return Spooled(f"signature=s&nonce={number}", body, NOW + timedelta(seconds=number))


def taken(spool: Spool) -> list[Spooled]:
    pushes: list[Spooled] = []
    assert spool.take(pushes.append)
    return pushes


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


def test_pushes_are_handed_over_once_as_they_came_and_in_order(spool: Spool) -> None:
    kept = [push(1), push(2, b"\x00\xff\n" * 100_000), push(3, "签到\n".encode())]
    for one in kept:
        spool.keep(one)
    assert not spool.is_empty()
    assert taken(spool) == kept
    assert spool.is_empty()
    assert taken(spool) == []


def test_it_is_readable_to_its_owner_alone(spool: Spool) -> None:
    spool.keep(push(1))
    assert (spool.folder.stat().st_mode & 0o777, (spool.folder / "waiting").stat().st_mode & 0o777) == (0o700, 0o600)


def test_nothing_is_made_before_it_is_needed(spool: Spool) -> None:
    assert taken(spool) == []
    assert not spool.folder.exists()


def test_what_failed_half_way_is_handed_over_again_from_the_start(spool: Spool) -> None:
    for number in range(3):
        spool.keep(push(number))
    handed: list[Spooled] = []

    def fail_at_the_second(one: Spooled) -> None:
        handed.append(one)
        if len(handed) == 2:
            raise LookupError

    with pytest.raises(LookupError):
        spool.take(fail_at_the_second)
    spool.keep(push(3))
    assert taken(spool) == [push(number) for number in range(4)]


@pytest.mark.parametrize("torn", [1, 30, -1])
def test_a_line_cut_by_a_kill_is_no_push_and_spoils_no_other(spool: Spool, torn: int) -> None:
    spool.keep(push(1))
    whole = (spool.folder / "waiting").read_bytes()
    spool.keep(push(2))
    second = (spool.folder / "waiting").read_bytes()[len(whole) :]
    (spool.folder / "waiting").write_bytes(whole + second[:torn])
    spool.keep(push(3))
    assert taken(spool) == [push(1), push(3)]
    (spool.folder / "waiting").write_bytes(whole + second[:torn])
    assert taken(spool) == [push(1)]
    assert spool.aside_bytes() == 0


@pytest.mark.parametrize("at", [0, 12, 60])
def test_a_damaged_line_is_set_aside_and_the_others_are_taken(spool: Spool, at: int) -> None:
    for number in range(3):
        spool.keep(push(number))
    lines = (spool.folder / "waiting").read_bytes().splitlines(keepends=True)
    lines[1] = lines[1][:at] + b"~" + lines[1][at + 1 :]
    (spool.folder / "waiting").write_bytes(b"".join(lines))
    assert taken(spool) == [push(0), push(2)]
    assert (spool.folder / "aside").read_bytes() == lines[1]


def keep_many(folder: Path, first: int) -> None:
    for number in range(first, first + 50):
        Spool(folder).keep(push(number))


def test_processes_and_threads_write_at_once_without_mixing_lines(spool: Spool) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=keep_many, args=(spool.folder, first)) for first in (0, 50)]
    writers: list[Any] = [*processes, *(threading.Thread(target=keep_many, args=(spool.folder, n)) for n in (100, 150))]
    for writer in writers:
        writer.start()
    early: list[Spooled] = []
    while any(writer.is_alive() for writer in writers):
        spool.take(early.append)
    late = taken(spool)
    assert sorted(one.received_at for one in (*early, *late)) == [push(number).received_at for number in range(200)]


def test_only_one_takes_at_a_time(spool: Spool) -> None:
    spool.keep(push(1))
    answers: list[bool] = []
    assert spool.take(lambda _: answers.append(Spool(spool.folder).take(lambda _: None)))
    assert answers == [False]


def test_where_nothing_can_be_written_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file in the way")
    with pytest.raises(SpoolError):
        Spool(tmp_path / "spool").keep(push(1))


def test_on_a_full_disk_nothing_is_kept_by_halves_and_later_it_works_again(tmp_path: Path) -> None:
    with small_disk(tmp_path, megabytes=1) as disk:
        spool = Spool(disk / "spool")
        spool.keep(push(1))
        filler = disk / "filler"
        filler.write_bytes(os.urandom(700_000))
        with pytest.raises(SpoolError, match="No space left"):
            spool.keep(push(2, os.urandom(400_000)))
        filler.unlink()
        spool.keep(push(3))
        assert taken(spool) == [push(1), push(3)]
