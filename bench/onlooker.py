"""Somebody at the desk who looks at the pictures that members send, so that they are fetched from the platform, made anew and kept."""

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from random import Random

from PIL import Image

from storage import exchanges, members, users
from storage.database import Database, Transaction
from storage.sessions import start_session

_SIDE = 200  # pixels of a picture that cannot be packed: 49 KB as it is sent, 32 KB once it is made anew


def picture(seed: int) -> bytes:
    """Return a picture of noise, the same for the same seed."""
    into = BytesIO()
    pixels = Random(seed).randbytes(_SIDE * _SIDE * 3)
    Image.frombytes("RGB", (_SIDE, _SIDE), pixels).save(into, "JPEG", quality=95)
    return into.getvalue()


class Onlooker:
    """A supervisor, who may see every dialogue, signed in."""

    def __init__(self, database: Database) -> None:
        """Come in."""
        self._database = database
        self._session = database.write(_come_in)

    def requests(self, openids: Sequence[str], most: int) -> list[bytes]:
        """Return requests for the newest pictures of these members, at most so many."""
        return [self._get(path) for openid in openids if (path := self._newest_picture(openid))][:most]

    def _newest_picture(self, openid: str) -> str:
        for member_id in members.member_ids_by_openid(self._database, openid):
            for one in reversed(exchanges.timeline(self._database, member_id, limit=5)):
                if (one.kind, one.direction) == ("image", "in"):
                    return f"/desk/m/{member_id}/media/{one.id}"
        return ""

    def _get(self, path: str) -> bytes:
        return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: zhaohu={self._session}\r\n\r\n".encode("ascii")


def _come_in(tx: Transaction) -> str:
    now = datetime.now(UTC)
    return start_session(tx, users.add_user(tx, "onlooker", "supervisor", "", now).id, now)
