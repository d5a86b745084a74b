"""The account's side of the agreement with the platform: ids, token, keys, mode."""

import re
from dataclasses import dataclass, field
from typing import Literal

from bot.wechat.errors import BadAccount

Mode = Literal["plain", "compatible", "safe"]

MAX_BODY_BYTES = 256 * 1024  # a push is a few kB at most; the longest text the platform lets through is far below
_AES_KEY = re.compile(r"[0-9A-Za-z+/]{43}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One official account as set up in the platform's console.

    ``account_id`` is its original id (``gh_…``); when empty, pushes to any are taken. ``mode`` is what the console says, and the only thing that
    decides how pushes are read. ``previous_aes_key`` is still accepted after a change of key. ``max_age_seconds`` is how far a push's timestamp
    may lie from our clock, either way; 0 switches that check off.
    """

    app_id: str
    token: str = field(repr=False)
    aes_key: str = field(default="", repr=False)
    previous_aes_key: str = field(default="", repr=False)
    mode: Mode = "safe"
    account_id: str = ""
    max_age_seconds: int = 600
    max_body_bytes: int = MAX_BODY_BYTES

    def __post_init__(self) -> None:
        """Raise BadAccount when the settings can't work."""
        if not self.token:
            raise BadAccount("the token is empty; it should be the one set in the platform's console")
        if self.mode not in ("plain", "compatible", "safe"):
            raise BadAccount("the mode should be plain, compatible or safe")
        for key in (self.aes_key, self.previous_aes_key):
            if key and not _AES_KEY.fullmatch(key):
                raise BadAccount("an EncodingAESKey should be the 43 letters and digits of the platform's console")
        if self.mode != "plain" and not (self.aes_key and self.app_id):
            raise BadAccount(f"{self.mode} mode needs the app id and the EncodingAESKey")
