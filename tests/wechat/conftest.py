"""What the door's tests share: a webhook over a turn that echoes, and notes what reached it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.wechat.account import Mode
from bot.wechat.gate import Gate, Quarantined
from bot.wechat.webhook import Webhook
from intents.messages import Message, TextMessage
from templates.content import Content
from tests.wechat.signing import NOW, account, turning


@dataclass
class Door:
    """A webhook with its far side: ``messages`` reached the turn, ``quarantined`` the quarantine. Text is echoed, all else is met with silence."""

    mode: Mode = "plain"
    settings: dict[str, Any] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    quarantined: list[Quarantined] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate = Gate(account(self.mode, **self.settings), lambda: NOW)
        self.webhook = Webhook(self.gate, turning(self.turn), self.quarantined.append)

    def turn(self, message: Message) -> Content | None:
        self.messages.append(message)
        return Content("text", text=message.content) if isinstance(message, TextMessage) else None


@pytest.fixture
def make_door() -> Callable[..., Door]:
    return Door


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def safe_door() -> Door:
    return Door("safe")
