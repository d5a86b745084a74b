"""What only a person can look at."""

import pytest

from intents import media
from intents.messages import (
    FileMessage,
    ImageMessage,
    LinkMessage,
    Message,
    MiniProgramMessage,
    ShortVideoMessage,
    TextMessage,
    VideoMessage,
    VoiceMessage,
)
from storage import conversations
from storage.database import Database
from tests.intents.spoken import intents, labels, spoken
from tests.intents.turns import ACCOUNT, NOON, OPENID, answer, member_of


def message(kind: type[Message], **fields: str) -> Message:
    return kind(account_id=ACCOUNT, openid=OPENID, key="m:1", sent_at=NOON, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (ImageMessage, "图片"),
        (VoiceMessage, "语音"),
        (VideoMessage, "视频"),
        (ShortVideoMessage, "视频"),
        (LinkMessage, "链接"),
        (FileMessage, "文件"),
        (MiniProgramMessage, "小程序"),
    ],
)
def test_each_kind_is_named_and_a_person_offered(database: Database, kind: type[Message], word: str) -> None:
    reply = answer(database, media.handle, message(kind), intents=intents())
    assert word in spoken(reply)
    assert labels(reply)[0] == "human"
    assert reply.handoff is None


def test_what_the_platform_does_not_pass_on_is_answered_too(database: Database) -> None:
    placeholder = message(TextMessage, content="【收到不支持的消息类型，暂无法显示】")
    assert "显示不出来" in spoken(answer(database, media.handle, placeholder))


def test_who_waits_for_a_person_hears_that_the_person_will_see_it(database: Database) -> None:
    database.write(lambda tx: conversations.ask_for_person(tx, member_of(tx), reason="asked", now=NOON))
    reply = answer(database, media.handle, message(ImageMessage))
    assert "接待您时会看到" in spoken(reply)
    assert reply.choices == ()
