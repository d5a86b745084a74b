"""Pictures and clips between the platform and the pages: fetched once through the API when somebody looks, sent there when an agent has one to show.

Source: https://developers.weixin.qq.com/doc/service/api/material/temporary/api_getmedia.html and the pages beside it, read 2026-03.

CallFailed    (of ``bot.wechat.outcomes``) the platform does not hand it over, or take it
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from bot.loading import default_media_folder
from bot.pictures import BadPicture, Picture, remade
from bot.settings import Settings
from bot.wechat.client import WeChatClient
from bot.wechat.outcomes import CallFailed, Refused, RetryLater, Unknown
from bot.wechat.wire import File
from storage.media_cache import MediaCache

GET, UPLOAD = "/cgi-bin/media/get", "/cgi-bin/media/upload"
MOST_CLIP_BYTES = 12 * 1024 * 1024
VIDEO_HOST = ".qq.com"  # where the platform keeps videos; what it names elsewhere is not opened
_WAIT_SECONDS = 1.0
_AT_ONCE = 6  # fetches that hold a thread while the platform takes its time


class Media:
    """Fetches and sends pictures and clips of one account. Safe to share between threads."""

    def __init__(self, client: WeChatClient, cache: MediaCache, clock: Callable[[], datetime]) -> None:
        """Take the platform's API, and where to keep what it gave."""
        self._client = client
        self._cache = cache
        self._clock = clock
        self._fetching = threading.BoundedSemaphore(_AT_ONCE)

    def picture(self, media_id: str) -> bytes:
        """Return a picture, made anew before it is kept. Raises CallFailed."""
        key = f"picture {media_id}"
        kept = self._cache.get(key, self._clock())
        if kept is not None:
            return kept
        try:
            content = remade(self._fetched(media_id)).content
        except BadPicture as error:
            raise CallFailed(Refused("40137")) from error
        self._cache.put(key, content, self._clock())
        return content

    def clip(self, media_id: str) -> bytes:
        """Return a voice clip as the platform has it (AMR). Raises CallFailed."""
        key = f"clip {media_id}"
        kept = self._cache.get(key, self._clock())
        if kept is not None:
            return kept
        content = self._fetched(media_id)
        self._cache.put(key, content, self._clock())
        return content

    def video_address(self, media_id: str) -> str:
        """Return where the platform shows a video for a while. Raises CallFailed."""
        with _one_of(self._fetching):
            found = self._client.fetch(GET, {"media_id": media_id}, most_bytes=MOST_CLIP_BYTES)
        address = found.get("video_url") if isinstance(found, dict) else None
        if not isinstance(address, str) or not _is_of_the_platform(address):
            raise CallFailed(Unknown("not_json"))
        return address

    def upload_picture(self, picture: Picture) -> str:
        """Hand a picture to the platform and return the media id it has there, for three days. Raises CallFailed."""
        file = File("media", f"picture.{picture.ending}", picture.media_type, picture.content)
        media_id = self._client.upload(UPLOAD, {"type": "image"}, file).get("media_id")
        if not isinstance(media_id, str) or not media_id:
            raise CallFailed(Unknown("not_json"))
        self._cache.put(f"picture {media_id}", picture.content, self._clock())
        return media_id

    def empty(self, now: datetime) -> int:
        """Drop what was kept too long or is too much; return how many."""
        return self._cache.empty(now)

    def _fetched(self, media_id: str) -> bytes:
        with _one_of(self._fetching):
            found = self._client.fetch(GET, {"media_id": media_id}, most_bytes=MOST_CLIP_BYTES)
        if not isinstance(found, bytes):
            raise CallFailed(Unknown("not_json"))
        return found


@contextmanager
def _one_of(places: threading.BoundedSemaphore) -> Iterator[None]:
    """Take one of a few places. Raises CallFailed when all are taken: who waits for a slow platform must not hold every thread of the pages."""
    if not places.acquire(timeout=_WAIT_SECONDS):
        raise CallFailed(RetryLater("-1"))
    try:
        yield
    finally:
        places.release()


def media_cache_of(settings: Settings) -> MediaCache:
    """Return what keeps pictures and clips for a while."""
    return MediaCache(
        settings.media_folder or default_media_folder(settings.database_url),
        most_bytes=settings.media_megabytes * 1024 * 1024,
        keep=timedelta(days=settings.media_days),
    )


def _is_of_the_platform(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and (parts.hostname or "").endswith(VIDEO_HOST) and address.isprintable()
