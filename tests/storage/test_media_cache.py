"""The cache of pictures and clips: what is kept, for how long, and how much of it."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from storage.media_cache import MediaCache
from tests.conftest import Clock

KEEP = timedelta(days=3)


@pytest.fixture
def cache(tmp_path: Path) -> MediaCache:
    return MediaCache(tmp_path / "media", most_bytes=100, keep=KEEP)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_was_put_is_there_until_it_is_too_old(cache: MediaCache, clock: Clock, tmp_path: Path) -> None:
    cache.put("a", b"picture", clock())
    assert cache.get("a", clock()) == b"picture"
    assert cache.get("b", clock()) is None
    clock.forward(days=3)
    assert cache.get("a", clock()) == b"picture"
    clock.forward(seconds=1)
    assert cache.get("a", clock()) is None
    assert cache.empty(clock()) == 1
    assert files(tmp_path) == []


def test_when_it_is_too_much_the_oldest_goes_first(cache: MediaCache, clock: Clock) -> None:
    for key in "abcd":
        cache.put(key, key.encode() * 30, clock())
        clock.forward(minutes=1)
    cache.empty(clock())
    assert [cache.get(key, clock()) is not None for key in "abcd"] == [False, True, True, True]


def test_it_empties_itself_now_and_then_while_it_is_used(cache: MediaCache, clock: Clock, tmp_path: Path) -> None:
    for number in range(30):
        cache.put(str(number), b"x" * 30, clock())
        clock.forward(minutes=5)
    assert len(files(tmp_path)) <= 5


def test_however_fast_it_is_filled_it_holds_a_tenth_more_than_it_may_at_most(tmp_path: Path, clock: Clock) -> None:
    cache = MediaCache(tmp_path, most_bytes=1000, keep=KEEP)
    held = []
    for number in range(200):
        cache.put(str(number), b"x" * 30, clock())
        held.append(sum(file.stat().st_size for file in files(tmp_path)))
    assert max(held) <= 1100
    assert min(held[50:]) > 900, "and is not emptied of more than that"


def test_what_is_larger_than_all_it_may_hold_is_not_kept(cache: MediaCache, clock: Clock, tmp_path: Path) -> None:
    cache.put("a", b"x" * 101, clock())
    assert files(tmp_path) == []


@pytest.mark.parametrize("key", ["../../etc/passwd", "/etc/passwd", "a\x00b", "\ud800", "", "x" * 10_000])
def test_no_key_leads_out_of_the_folder(cache: MediaCache, clock: Clock, tmp_path: Path, key: str) -> None:
    cache.put(key, b"x", clock())
    [path] = files(tmp_path)
    assert path.resolve().is_relative_to((tmp_path / "media").resolve())
    assert cache.get(key, clock()) == b"x"


def test_only_its_owner_may_read_it(cache: MediaCache, clock: Clock, tmp_path: Path) -> None:
    cache.put("a", b"x", clock())
    [path] = files(tmp_path)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_folder_that_cannot_be_written_loses_nothing_but_the_copy(
    clock: Clock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "media").write_text("a file, where a folder should be")
    cache = MediaCache(tmp_path / "media", most_bytes=100, keep=KEEP)
    cache.put("a", b"x", clock())
    assert cache.get("a", clock()) is None
    assert "could not be kept" in caplog.text


def test_many_threads_never_see_half_a_file(tmp_path: Path, clock: Clock) -> None:
    cache = MediaCache(tmp_path, most_bytes=10_000_000, keep=KEEP)
    contents = [bytes([number]) * 50_000 for number in range(4)]
    seen: set[bytes | None] = set()

    def work(content: bytes) -> None:
        for _ in range(20):
            cache.put("a", content, clock())
            seen.add(cache.get("a", clock()))

    threads = [threading.Thread(target=work, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen <= set(contents)
    assert len(list(tmp_path.iterdir())) == 1
