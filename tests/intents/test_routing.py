"""Where messages without words lead."""

from typing import Any

import pytest

from intents import messages
from intents.messages import Message
from intents.routing import Router
from tests.intents.spoken import intents
from tests.intents.turns import ACCOUNT, NOON, OPENID

ROUTED: list[tuple[type[Message], dict[str, Any], str | None]] = [
    (messages.FollowEvent, {"scene": "store_1"}, "welcome"),
    (messages.UnfollowEvent, {}, None),
    (messages.ScanEvent, {"scene": "1"}, "scene_scan"),
    (messages.LocationMessage, {"latitude": 31.2, "longitude": 121.4}, "store_nearest"),
    (messages.LocationReportEvent, {"latitude": 31.2, "longitude": 121.4}, None),
    (messages.ImageMessage, {}, "media"),
    (messages.VoiceMessage, {}, "media"),
    (messages.VideoMessage, {}, "media"),
    (messages.ShortVideoMessage, {}, "media"),
    (messages.LinkMessage, {}, "media"),
    (messages.FileMessage, {}, "media"),
    (messages.MiniProgramMessage, {}, "media"),
    (messages.MenuClickEvent, {"menu_key": "ZH_MENU_HUMAN"}, "human"),
    (messages.MenuClickEvent, {"menu_key": "invoice"}, "invoice"),
    (messages.MenuClickEvent, {"menu_key": "left over from the old account"}, "help"),
    (messages.MenuClickEvent, {}, "help"),
    (messages.MenuViewEvent, {}, None),
    (messages.MenuScanEvent, {"waiting": True}, "scene_scan"),
    (messages.MenuScanEvent, {"waiting": True, "menu_key": "human"}, "human"),
    (messages.MenuScanEvent, {"waiting": False, "menu_key": "human"}, None),
    (messages.MenuPicturesEvent, {}, None),
    (messages.MenuLocationEvent, {}, None),
    (messages.AgentSessionEvent, {}, None),
    (messages.DeliveryEvent, {}, None),
    (messages.ConsentEvent, {}, None),
    (messages.AccountEvent, {}, None),
    (messages.CardEvent, {}, None),
    (messages.TextMessage, {"content": "你好"}, None),
    (messages.TextMessage, {"content": "【收到不支持的消息类型，暂无法显示】"}, "media"),
]


@pytest.mark.parametrize(("kind", "fields", "intent"), ROUTED)
def test_each_message_leads_where_it_should(kind: type[Message], fields: dict[str, Any], intent: str | None) -> None:
    message = kind(account_id=ACCOUNT, openid=OPENID, key="e:1", sent_at=NOON, **fields)
    assert Router(intents().values()).route(message) == intent


def test_every_kind_of_message_was_thought_of() -> None:
    kinds = {kind for kind in vars(messages).values() if isinstance(kind, type) and issubclass(kind, Message)}
    assert kinds - {kind for kind, _, _ in ROUTED} == {Message, messages.Said, messages.Event}


def test_every_route_leads_to_an_intent_there_is() -> None:
    assert {intent for _, _, intent in ROUTED if intent} <= intents().keys()
