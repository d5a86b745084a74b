"""The stand-in for WeChat's API: checks calls as the platform does, and puts what is sent on the pretended phones.

Source: https://developers.weixin.qq.com/doc/service/api/customer/message/api_sendcustommessage.html and the pages beside it, read 2026-03.

ApiError    the platform would answer with an error code
"""

import hmac
import json
import secrets
import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from bot.settings import Settings
from bot.simulator.messages import ApiError, shown_by
from bot.simulator.phone import CHANGE_TOPIC
from bot.simulator.records import Shown
from storage import changes, members, simulated_deliveries
from storage.database import Database, Transaction
from storage.media_cache import MediaCache

TOKEN_LASTS_SECONDS = 7200
OVERLAP_SECONDS = 300  # near its end both the old and the new token are good
LATE_SECONDS = 10.0  # longer than the worker waits for an answer
FAULTS = ("-1", "45015", "45047", "45009", "48001", "timeout")
NOTICE_REPORTS = (
    "failed:user block",
    "failed: system failed",
)  # what came of a message by template, other than success
MASS_REPORTS = ("send fail", "err(30003)", "err(40002)")
REPORT_SECONDS = 1.0
_MOST_REFUSALS = 200
_MENU = "menu"
_ACCOUNT = ""  # the "openid" of what belongs to the account
_MOST_BUTTONS, _MOST_SUB_BUTTONS = 3, 5
_MOST_NAME_BYTES, _MOST_SUB_NAME_BYTES, _MOST_KEY_BYTES = 16, 60, 128

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call that was refused, by the number that its answer named."""

    rid: str
    path: str
    answer: str
    at: datetime


def in_a_moment(work: Callable[[], object]) -> None:
    """Do something after the call that caused it has been answered."""
    timer = threading.Timer(REPORT_SECONDS, work)
    timer.daemon = True
    timer.start()


@dataclass(slots=True)
class Platform:
    """Plays the platform's API for one account. ``faults`` are the ways in which the next calls that send will fail, or will be reported to have failed.

    ``later`` does what happens a moment after a call.
    ``media`` keeps what was uploaded; ``mass_keys`` are the ids of what was sent to many, by clientmsgid. ``calls``
    counts calls by path since the start, ``refusals`` are the newest ones.
    """

    settings: Settings
    database: Database
    clock: Callable[[], datetime]
    media: MediaCache
    faults: deque[str] = field(default_factory=deque)
    later: Callable[[Callable[[], object]], None] = in_a_moment
    patience: threading.Event = field(default_factory=threading.Event)
    calls: Counter[str] = field(default_factory=Counter)
    mass_keys: dict[str, int] = field(default_factory=dict)
    refusals: deque[Refusal] = field(default_factory=lambda: deque(maxlen=_MOST_REFUSALS))

    def stable_token(self, asked: Mapping[str, Any]) -> Answer:
        """Give out the access token, the same one while it lasts."""
        if asked.get("grant_type") != "client_credential":
            raise ApiError(40002, "invalid grant_type")
        if not self.settings.wechat_app_id or asked.get("appid") != self.settings.wechat_app_id:
            raise ApiError(40013, "invalid appid")
        given, right = str(asked.get("secret", "")), self.settings.wechat_app_secret
        if not right or not hmac.compare_digest(given.encode("utf-8", "replace"), right.encode()):
            raise ApiError(40125, "invalid appsecret")
        number, left = self._period()
        if left < OVERLAP_SECONDS:
            number, left = number + 1, left + TOKEN_LASTS_SECONDS
        return {"access_token": self._token(number), "expires_in": left}

    def send(self, token: str, message: Mapping[str, Any]) -> Answer:
        """Put a customer-service message on the phone it is for."""
        self.check_token(token)
        openid, member_id = self.addressee(message)
        fault = self.take_fault(FAULTS)
        if fault and fault != "timeout":
            raise ApiError(int(fault), "asked for in the simulator")
        self.deliver(openid, member_id, shown_by(message))
        if fault:  # the message is on the phone, and the caller will never hear so
            self.patience.wait(LATE_SECONDS)
        return _ok()

    def take_fault(self, kinds: Sequence[str]) -> str:
        """Return the next planned fault of some kinds, which strikes once; empty when none is planned."""
        fault = next((each for each in self.faults if each in kinds), "")
        if fault:
            self.faults.remove(fault)
        return fault

    def typing(self, token: str, asked: Mapping[str, Any]) -> Answer:
        """Show on a phone that somebody is typing, or no longer."""
        self.check_token(token)
        openid, member_id = self.addressee(asked)
        if asked.get("command") not in ("Typing", "CancelTyping"):
            raise ApiError(40097, "invalid args: command")
        self.deliver(openid, member_id, Shown(via="typing", typing=asked["command"] == "Typing"))
        return _ok()

    def create_menu(self, token: str, menu: Mapping[str, Any]) -> Answer:
        """Replace the menu under the chat."""
        self.check_token(token)
        _check_buttons(menu.get("button"), _MOST_BUTTONS, _MOST_NAME_BYTES)
        self._keep_menu({"button": menu["button"]})
        return _ok()

    def delete_menu(self, token: str) -> Answer:
        """Take the menu away."""
        self.check_token(token)
        self._keep_menu({})
        return _ok()

    def get_menu(self, token: str) -> Answer:
        """Return the menu that was created."""
        self.check_token(token)
        if not (menu := self.menu()):
            raise ApiError(46003, "menu no exist")
        return {"menu": menu}

    def note_refusal(self, path: str, answer: Answer) -> None:
        """Remember a refused call, to be asked about by its number."""
        rid = str(answer["errmsg"]).rpartition("rid: ")[2]
        self.refusals.append(Refusal(rid, path, json.dumps(answer), self.clock()))

    def menu(self) -> dict[str, Any] | None:
        """Return the menu that was created, empty when it was taken away, None when there never was one."""
        kept = simulated_deliveries.newest(self.database, _ACCOUNT, limit=1)
        found: dict[str, Any] | None = json.loads(kept[0].body)[_MENU] if kept else None
        return found

    def _keep_menu(self, menu: Mapping[str, Any]) -> None:
        body = json.dumps({_MENU: menu}, ensure_ascii=False)

        def work(tx: Transaction) -> None:
            simulated_deliveries.keep(tx, _ACCOUNT, "up", body, self.clock())
            changes.note(tx, CHANGE_TOPIC, 0, self.clock())

        self.database.write(work)

    def deliver(self, openid: str, member_id: int, shown: Shown) -> None:
        """Show something on a phone."""

        def work(tx: Transaction) -> None:
            simulated_deliveries.keep(tx, openid, "down", shown.to_text(), self.clock())
            changes.note(tx, CHANGE_TOPIC, member_id, self.clock())

        self.database.write(work)

    def addressee(self, message: Mapping[str, Any]) -> tuple[str, int]:
        """Return the openid that a message is for, and the member. Raises ApiError."""
        openid = message.get("touser")
        found = members.member_ids_by_openid(self.database, openid) if isinstance(openid, str) and openid else []
        if not isinstance(openid, str) or not found:
            raise ApiError(40003, "invalid openid")
        member = members.member_by_id(self.database, found[0])
        if member is None or not member.subscribed:
            raise ApiError(43004, "require subscribe")
        return openid, found[0]

    def check_token(self, token: str) -> None:
        """Raise ApiError unless the token is one that was given out and is still good."""
        if not token:
            raise ApiError(41001, "access_token missing")
        number, left = self._period()
        good = {number, number + (left < OVERLAP_SECONDS), number - (left > TOKEN_LASTS_SECONDS - OVERLAP_SECONDS)}
        if not any(hmac.compare_digest(token.encode("utf-8", "replace"), self._token(n).encode()) for n in good):
            raise ApiError(40001, "invalid credential, access_token is invalid or not latest")

    def _period(self) -> tuple[int, int]:
        """Return the number of the token's period and how many seconds are left of it."""
        number, passed = divmod(int(self.clock().timestamp()), TOKEN_LASTS_SECONDS)
        return number, TOKEN_LASTS_SECONDS - passed

    def _token(self, number: int) -> str:
        """Return the token of a period; whoever knows the key can tell it, so nothing needs to be remembered."""
        said = f"pretended token {self.settings.wechat_app_id} {number}".encode()
        return f"0_{hmac.new(self.settings.secret_key.encode(), said, sha256).hexdigest()}"


def answer_to(error: ApiError) -> Answer:
    """Return what the platform says to a call it refuses."""
    rid = f"{secrets.token_hex(4)}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
    return {"errcode": error.code, "errmsg": f"{error.words} rid: {rid}"}


def _ok() -> Answer:
    return {"errcode": 0, "errmsg": "ok"}


def _check_buttons(buttons: object, most: int, most_name_bytes: int) -> None:
    """Check one level of a menu and those below."""
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= most:
        raise ApiError(40016, "invalid button size")
    for button in buttons:
        if not isinstance(button, dict):
            raise ApiError(47001, "data format error")
        name = button.get("name")
        if not isinstance(name, str) or not 1 <= len(name.encode("utf-8", "replace")) <= most_name_bytes:
            raise ApiError(40018, "invalid button name size")
        if button.get("sub_button"):
            if most == _MOST_SUB_BUTTONS:
                raise ApiError(40022, "invalid sub button level")
            _check_buttons(button["sub_button"], _MOST_SUB_BUTTONS, _MOST_SUB_NAME_BYTES)
        elif not isinstance(button.get("type"), str):
            raise ApiError(40017, "invalid button type")
        elif button["type"] not in ("view", "miniprogram") and not _is_key(button.get("key")):
            raise ApiError(40019, "invalid button key size")


def _is_key(key: object) -> bool:
    return isinstance(key, str) and 1 <= len(key.encode("utf-8", "replace")) <= _MOST_KEY_BYTES
