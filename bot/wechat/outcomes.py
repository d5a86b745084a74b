"""What can come of a call to the platform's API, as a value, and the sentence that tells people.

An outcome is written as its code, perhaps with the platform's own words after a colon: ``45015``, ``40164: invalid ip 1.2.3.4 …``, ``timeout``.
``bot.wechat.error_codes`` is the table of codes.
"""

from dataclasses import dataclass
from typing import Literal

from bot.wechat.error_codes import OUTCOMES, Action, Outcome

Language = Literal["zh", "en"]
_DETAIL_MOST = 200
_MENDED = (
    "{why}消息先留着，管理员处理好后自动发出。",
    "{why} The message is kept and goes out by itself once an administrator has dealt with this.",
)
_MEND = ("没有成功：{why}请管理员处理后再试。", "It did not work: {why} An administrator must deal with this first.")
_NOT_SENT = ("没有发出：{why}{advice}", "Not sent: {why} {advice}")
_NOT_DONE = ("没有成功：{why}{advice}", "It did not work: {why} {advice}")
_LATER = ("没有成功：{why}请稍后再试。", "It did not work: {why} Try again a little later.")
_OF_MESSAGES = {
    Action.REFUSE: _NOT_SENT,
    Action.CLOSE: _NOT_SENT,
    Action.ALARM: _NOT_SENT,
    Action.TOKEN: _MENDED,
    Action.HALT: _MENDED,
    Action.BUSY: ("{why}稍后自动重试。", "{why} It is tried again shortly."),
    Action.MINUTE: ("{why}一分钟后自动继续。", "{why} It goes on by itself in a minute."),
    Action.QUOTA: ("{why}恢复后自动发出；等不及请打电话。", "{why} It goes out by itself once renewed. If it cannot wait, call them."),
    Action.OFFLINE: ("{why}恢复后自动发出。", "{why} It goes out by itself once this is over."),
    Action.CONTACT: ("还没发出：{why}对方下次来消息时自动发出。", "Not sent yet: {why} It goes out by itself once they write again."),
    Action.UNSURE: ("{why}不确定对方是否收到。请先核对，再决定要不要重发。", "{why} Nobody knows whether they got it: check before sending again."),
}  # fmt: skip
_OF_CALLS = {
    Action.REFUSE: _NOT_DONE,
    Action.CLOSE: _NOT_DONE,
    Action.CONTACT: _NOT_DONE,
    Action.ALARM: _NOT_DONE,
    Action.TOKEN: _MEND,
    Action.HALT: _MEND,
    Action.BUSY: _LATER,
    Action.OFFLINE: _LATER,
    Action.MINUTE: ("没有成功：{why}请一分钟后再试。", "It did not work: {why} Try again in a minute."),
    Action.QUOTA: ("没有成功：{why}恢复后再试。", "It did not work: {why} Try again once it is renewed."),
    Action.UNSURE: ("{why}不确定有没有成功，请先核对再试。", "{why} Nobody knows whether it worked: check before trying again."),
}  # fmt: skip
_TELL = ("请告知管理员。", "Tell an administrator.")


def outcome_of(text: str) -> Outcome:
    """Return the row for an outcome as stored; a code the table lacks is a refusal that names it."""
    code = text.partition(":")[0]
    return OUTCOMES.get(code) or Outcome(
        code, Action.ALARM, f"微信没有接受（错误码 {code}）。", f"WeChat did not accept it (error {code})."
    )


def sentence(text: str, language: str = "zh") -> str:
    """Return what to tell a person about a message's outcome as stored, in a language (``zh…`` or ``en…``); empty for none."""
    return _said(_OF_MESSAGES, text, language)


def call_sentence(text: str, language: str = "zh") -> str:
    """Return what to tell a person who waited for any other call, as ``sentence`` does."""
    return _said(_OF_CALLS, text, language)


def _said(frames: dict[Action, tuple[str, str]], text: str, language: str) -> str:
    if not text:
        return ""
    row, chinese = outcome_of(text), language.startswith("zh")
    why, advice = (row.zh, row.advice_zh) if chinese else (row.en, row.advice_en)
    if not advice and row.action is Action.ALARM:
        advice = _TELL[not chinese]
    said = frames[row.action][not chinese].format(why=why, advice=advice).strip()
    return said[:1].upper() + said[1:]


def with_detail(code: str, detail: str) -> str:
    """Return the outcome as stored: its code, and the platform's own words on one short line."""
    words = " ".join(detail.split())[:_DETAIL_MOST]
    return f"{code}: {words}" if words else code


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform took it; ``msg_id`` is its own number of it, by which it reports on messages by template, empty when it gave none."""

    msg_id: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The platform, or we, said no for good. ``closes_window``: nothing more may be sent to the member until they do something."""

    outcome: str
    closes_window: bool = False


@dataclass(frozen=True, slots=True)
class RetryLater:
    """Surely not delivered; again in ``after_seconds`` (None: by growing steps).

    ``holds_all`` means that nothing else would get through meanwhile either. ``most_tries`` limits how often, None not at all.
    """

    outcome: str
    after_seconds: float | None = None
    holds_all: bool = True
    most_tries: int | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody knows whether it was delivered."""

    outcome: str


Failure = Refused | RetryLater | Unknown
Result = Sent | Failure


class CallFailed(Exception):
    """A call other than sending did not do what was asked. ``result`` says what that means, ``outcome`` is its code with the platform's words.

    Neither holds the access token or the secret.
    """

    def __init__(self, result: Failure) -> None:
        super().__init__(result.outcome)
        self.result = result
        self.outcome = result.outcome
