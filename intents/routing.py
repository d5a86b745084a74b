"""Where messages without words lead: events, taps on the menu, and everything that is not text."""

from collections.abc import Iterable

from intents.messages import (
    FileMessage,
    FollowEvent,
    ImageMessage,
    LinkMessage,
    LocationMessage,
    MenuClickEvent,
    MenuScanEvent,
    Message,
    MiniProgramMessage,
    ScanEvent,
    TextMessage,
    VideoMessage,
    VoiceMessage,
)
from intents.types import Intent

UNKNOWN_BUTTON = "help"  # whoever taps a button is owed an answer, also when staff gave it a key nobody knows

# A place picked from the menu and pictures picked from it are not here: they come again as messages of their own, and would be answered twice.
_ROUTES: tuple[tuple[type[Message], str], ...] = (
    (FollowEvent, "welcome"),
    (ScanEvent, "scene_scan"),
    (LocationMessage, "store_nearest"),
    (ImageMessage, "media"),
    (VoiceMessage, "media"),
    (VideoMessage, "media"),
    (LinkMessage, "media"),
    (FileMessage, "media"),
    (MiniProgramMessage, "media"),
)
# What the platform says in place of something it does not pass on, stickers for one.
_PLACEHOLDER_START = "【收到不支持的消息类型"


class Router:
    """Leads what has no words to an intent."""

    def __init__(self, intents: Iterable[Intent]) -> None:
        """Learn the intents' menu keys; an intent's own name is a key of it as well."""
        self._by_key: dict[str, str] = {}
        for intent in intents:
            self._by_key[intent.name] = intent.name
            self._by_key.update(dict.fromkeys(intent.menu_keys, intent.name))

    def route(self, message: Message) -> str | None:
        """Return the name of the intent that answers, None when silence is right (reports, views, what a person does in the app)."""
        if isinstance(message, MenuClickEvent):
            return self._by_key.get(message.menu_key, UNKNOWN_BUTTON)
        if isinstance(message, MenuScanEvent):  # the phone shows "receiving" only when it waits
            return self._by_key.get(message.menu_key, "scene_scan") if message.waiting else None
        if isinstance(message, TextMessage):
            return "media" if self.is_placeholder(message.content) else None
        return next((name for of_class, name in _ROUTES if isinstance(message, of_class)), None)

    @staticmethod
    def is_placeholder(text: str) -> bool:
        """Return whether these words are the platform's, standing for something that it did not pass on."""
        return text.startswith(_PLACEHOLDER_START)
