"""What the pages need of the running service; whatever has these attributes will do."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, cast

from flask import Flask, current_app

from bot.settings import Settings
from storage.database import Database

_EXTENSION = "zhaohu_web"


class PageService(Protocol):
    """The parts of the service that pages use."""

    @property
    def settings(self) -> Settings:
        """What was configured."""
        ...

    @property
    def database(self) -> Database:
        """What is remembered."""
        ...

    @property
    def clock(self) -> Callable[[], datetime]:
        """The time, aware, in UTC."""
        ...


def attach(app: Flask, service: PageService) -> None:
    """Make this the service of the app's pages."""
    app.extensions[_EXTENSION] = service


def page_service() -> PageService:
    """Return the service that the pages of the current app were installed with."""
    return cast(PageService, current_app.extensions[_EXTENSION])
