"""Media: pictures, voice, video, links, files and mini programs, which only a person can look at."""

from intents.messages import (
    FileMessage,
    ImageMessage,
    LinkMessage,
    Message,
    MiniProgramMessage,
    VideoMessage,
    VoiceMessage,
)
from intents.offering import choices
from intents.types import Intent, Reply, Turn

_KINDS: tuple[tuple[type[Message], str], ...] = (
    (ImageMessage, "image"),
    (VoiceMessage, "voice"),
    (VideoMessage, "video"),  # the short ones too
    (LinkMessage, "link"),
    (FileMessage, "file"),
    (MiniProgramMessage, "miniprogram"),
)


def handle(turn: Turn) -> Reply:
    """Say kindly that this cannot be read here, and offer a person; to someone who waits for one, that the person will see it."""
    if turn.conversation.state == "waiting":
        return Reply("media_waiting", {"brand": turn.brand.name})
    kind = next((name for of_class, name in _KINDS if isinstance(turn.message, of_class)), "other")
    return Reply("media", {"brand": turn.brand.name, "kind": kind}, choices=choices(turn, "human", "help"))


INTENT = Intent(
    name="media",
    title="图片与语音",
    handler=handle,
    offered=False,
    replies=("media", "media_waiting"),
)
