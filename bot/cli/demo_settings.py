"""The demo's own settings: everything it needs, kept apart from a real brand's; secrets are made once and kept beside its database."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from bot.demo.brand import NAME, STAFF
from bot.loading import database_folder
from bot.settings import Settings
from bot.simulator.once import ONCE_TEMPLATE
from bot.simulator.wechat_api import ROOT

DATABASE_URL = "sqlite:///data/demo.db"
ACCOUNT_ID = "gh_tinghecoffee"
APP_ID = "wx7a1e55c0ffee1e55"
_KEPT_FILE = "demo.json"
_ELSEWHERE = Path("data")  # where secrets are kept when the database is not a file
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # without those that look alike
_KEY_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_AES_KEY_LENGTH = 43
_ANYWHERE = ("0.0.0.0", "::")  # noqa: S104 (recognised, not listened on)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is made once for a demo: secrets of the pretended account, and the passwords of its staff by name."""

    token: str
    aes_key: str
    app_secret: str
    passwords: dict[str, str]


def kept_secrets(database_url: str) -> Kept:
    """Return the secrets of the demo with this database; they are made when there are none, readable to their owner alone."""
    path = (database_folder(database_url) or _ELSEWHERE) / _KEPT_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with open(path, "x", encoding="ascii", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            json.dump(asdict(_new_secrets()), file, indent=2)
    except FileExistsError:
        pass
    return Kept(**json.loads(path.read_text(encoding="ascii")))


def demo_environment(given: Mapping[str, str], kept: Kept | None = None) -> dict[str, str]:
    """Return the environment of the demo: what is given there stays, the rest is the demo's, and nothing comes from a ``.env`` file."""
    database_url = given.get("DATABASE_URL", "").strip() or DATABASE_URL
    kept = kept or kept_secrets(database_url)
    host, port = given.get("HOST", "").strip() or "127.0.0.1", given.get("PORT", "").strip() or "8000"
    ours = {
        "DATABASE_URL": database_url,
        "HOST": host,
        "PORT": port,
        "BRAND_NAME": NAME,
        "SIMULATOR": "on",
        "DESK_HOURS": "00:00-24:00",
        "WECHAT_ACCOUNT_ID": ACCOUNT_ID,
        "WECHAT_APP_ID": APP_ID,
        "WECHAT_APP_SECRET": kept.app_secret,
        "WECHAT_TOKEN": kept.token,
        "WECHAT_ENCODING_AES_KEY": kept.aes_key,
        "WECHAT_MODE": "compatible",
        "WECHAT_CHOICE_LINKS": "on",
        "COUPON_ONCE_TEMPLATE": "" if given.get("COUPON_NOTICE_TEMPLATE", "").strip() else ONCE_TEMPLATE,
        "WECHAT_API_URL": f"http://{reachable(host)}:{port}{ROOT}",
    }
    names = [field.name.upper() for field in fields(Settings)]
    return {name: given.get(name, "").strip() or ours.get(name, "") for name in names}


def reachable(host: str) -> str:
    """Return the address by which this machine reaches what listens on ``host``."""
    if host in _ANYWHERE:
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _new_secrets() -> Kept:
    passwords = {person.name: "-".join(_drawn(_LETTERS, 4) for _ in range(3)) for person in STAFF}
    return Kept(secrets.token_hex(16), _drawn(_KEY_CHARACTERS, _AES_KEY_LENGTH), secrets.token_hex(16), passwords)


def _drawn(characters: str, length: int) -> str:
    return "".join(secrets.choice(characters) for _ in range(length))
