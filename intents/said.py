"""What a consumer said in words, and whether it holds more than the bare wish to say something."""

import re

from intents.matching.normalise import normalise
from intents.messages import TextMessage, VoiceMessage
from intents.types import Turn

# "我想跟你们提个…" says that something will be said, not what.
_FILLER = re.compile(
    r"我们?|你们?|您|想要?|要|来|有|跟|向|给|对|可以|能不能|能|请问|请|帮|怎么|如何|在哪里?|去哪里?|哪里"
    r"|一?下|一?[个点条些]|吗|呢|啊|吧|呀|的|了|\s"
)


def words_of(turn: Turn) -> str:
    """Return the words of this message: the label of a choice picked by number, else what was typed or recognised in a voice clip."""
    message = turn.message
    if "choice" in turn.slots:
        return turn.slots["choice"]
    if isinstance(message, TextMessage):
        return message.content.strip()
    return message.recognition.strip() if isinstance(message, VoiceMessage) else ""


def content_beyond(turn: Turn, wish: re.Pattern[str]) -> str:
    """Return what was said, in answer to our question or at once; empty when it is no more than the ``wish`` to say something.

    ``wish`` matches the words that only name the matter (投诉, 建议), in a normalised text.
    """
    said = turn.slots.get("text", "").strip() or words_of(turn)
    return said if _FILLER.sub("", wish.sub("", normalise(said).key)) else ""
