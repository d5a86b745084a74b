"""Pictures and clips through the platform's API: fetched once, kept, sent; against a real server."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.media import GET, UPLOAD, Media
from bot.pictures import remade
from bot.wechat.client import WeChatClient
from bot.wechat.outcomes import CallFailed
from storage.database import Database
from storage.media_cache import MediaCache
from tests.bot.test_pictures import HIDDEN, picture
from tests.conftest import Clock
from tests.wechat_api import FarSide, far_side

AMR = b"#!AMR\n" + bytes(range(200))


@pytest.fixture
def far() -> Iterator[FarSide]:
    with far_side() as running:
        yield running


@pytest.fixture
def media(far: FarSide, database: Database, clock: Clock, tmp_path: Path) -> Iterator[Media]:
    with WeChatClient(far.settings, database, clock, connect_seconds=3.0, read_seconds=8.0) as client:
        yield Media(client, MediaCache(tmp_path / "media", most_bytes=10**7, keep=timedelta(days=30)), clock)


def test_a_picture_is_fetched_once_and_made_anew(media: Media, far: FarSide, clock: Clock) -> None:
    far.answers[GET] = picture() + HIDDEN
    first = media.picture("m-1")
    assert HIDDEN not in first
    clock.forward(days=5)
    assert media.picture("m-1") == first
    assert (far.calls[GET], far.queries) == (1, [{"media_id": "m-1"}])


def test_a_clip_is_kept_as_it_is(media: Media, far: FarSide) -> None:
    far.answers[GET] = AMR
    assert media.clip("m-1") == media.clip("m-1") == AMR
    assert far.calls[GET] == 1


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ({"errcode": 40007, "errmsg": "invalid media_id"}, "40007"),
        (b"<svg/>", "40137"),
        (b"\xff\xd8\xff\x00", "40137"),
        ({"video_url": "http://v.qq.com/1"}, "not_json"),
        (b"", "not_json"),
        (b"x" * (13 * 1024 * 1024), "not_json"),
    ],
)
def test_what_is_no_picture_is_not_kept(
    media: Media, far: FarSide, answer: dict[str, object] | bytes, outcome: str
) -> None:
    far.answers[GET] = answer
    for _ in range(2):
        with pytest.raises(CallFailed, match=outcome):
            media.picture("m-1")
    assert far.calls[GET] == 2


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("http://vweixinf.tc.qq.com/a?b=c", True),
        ("https://mp.video.qq.com/a", True),
        ("https://qq.com.evil.example/a", False),
        ("https://evilqq.com/a", False),
        ("javascript:alert(1)//.qq.com", False),
        ("http://[/", False),
        ("http://a.qq.com/\n", False),
        (7, False),
    ],
)
def test_a_video_is_shown_by_the_platform_alone(media: Media, far: FarSide, address: object, good: bool) -> None:
    far.answers[GET] = {"video_url": address}
    if good:
        assert media.video_address("m-1") == address
    else:
        with pytest.raises(CallFailed, match="not_json"):
            media.video_address("m-1")


def test_a_picture_is_handed_over_and_needs_no_fetching(media: Media, far: FarSide) -> None:
    far.answers[UPLOAD] = {"type": "image", "media_id": "m-9", "created_at": 1767225600}
    made = remade(picture(), "a.jpg")
    assert media.upload_picture(made) == "m-9"
    assert far.queries[-1] == {"type": "image"}
    body = far.bodies[-1]
    assert b'name="media"; filename="picture.jpg"' in body
    assert b"Content-Type: image/jpeg" in body
    assert made.content in body
    assert media.picture("m-9") == made.content
    assert far.calls[GET] == 0


@pytest.mark.parametrize("answer", [{"errcode": 45001, "errmsg": "too big"}, {"errcode": 0}, {"media_id": ""}])
def test_a_picture_that_is_not_taken_has_no_id(media: Media, far: FarSide, answer: dict[str, object]) -> None:
    far.answers[UPLOAD] = answer
    with pytest.raises(CallFailed, match="45001" if answer.get("errcode") else "not_json"):
        media.upload_picture(remade(picture()))


def test_a_token_that_is_refused_on_the_way_is_renewed(media: Media, far: FarSide) -> None:
    far.answers[GET] = AMR
    media.clip("m-1")
    far.expire_token()
    assert media.clip("m-2") == AMR


def test_who_waits_for_a_slow_platform_holds_only_a_few_threads(
    far: FarSide, database: Database, clock: Clock, tmp_path: Path
) -> None:
    far.answers[GET] = AMR
    held, go = threading.Semaphore(0), threading.Event()

    def hold() -> None:
        held.release()
        go.wait(10)

    far.on_send = hold
    with WeChatClient(far.settings, database, clock) as client:
        media = Media(client, MediaCache(tmp_path, most_bytes=10**7, keep=timedelta(days=1)), clock)
        threads = [threading.Thread(target=media.clip, args=(f"m-{number}",)) for number in range(6)]
        for thread in threads:
            thread.start()
        for _ in threads:
            assert held.acquire(timeout=5)
        with pytest.raises(CallFailed, match="-1"):
            media.clip("m-7")
        go.set()
        for thread in threads:
            thread.join()
    assert far.calls[GET] == 6
