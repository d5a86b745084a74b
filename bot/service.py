"""What a running service is made of; pages and commands get at it here."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import Flask, current_app

from bot.conversation.engine import Engine
from bot.conversation.feed import Feed
from bot.media import Media
from bot.settings import Settings
from bot.shelter import Shelter
from bot.wechat.client import WeChatClient
from bot.wechat.consent_links import ConsentLinks
from storage.database import Database

NAME = "zhaohu"


@dataclass(frozen=True, slots=True)
class Service:
    """The parts of one service: its settings, its store, its clock, the engine that answers, the feed that live pages follow.

    ``outbox_wake`` is set after something was put in the outbox, so that a worker in the same process sends it at once. ``wechat`` is the
    platform's API for calls that a person waits for; it connects when first used. ``media`` holds pictures and clips. ``shelter`` keeps messages while the
    database is away. ``consent_links`` ask members to allow a reminder, None where there is no template for one.
    """

    settings: Settings
    database: Database
    clock: Callable[[], datetime]
    engine: Engine
    feed: Feed
    outbox_wake: threading.Event
    wechat: WeChatClient
    media: Media
    shelter: Shelter
    consent_links: ConsentLinks | None

    def attach(self, app: Flask) -> None:
        """Make this the service of the app."""
        app.extensions[NAME] = self


def service_of(app: Flask) -> Service:
    """Return the service that was attached to the app."""
    return cast(Service, app.extensions[NAME])


def current() -> Service:
    """Return the service of the app that handles the current request."""
    return service_of(current_app)
