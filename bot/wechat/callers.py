"""Which addresses may push to the webhook: those that the platform says it calls from, as a second line of defence behind the signature.

It fails open: while the list could never be fetched, everybody passes and an error is logged. The list is fetched again every day, and at once (at most
once a minute) when somebody whom the old one lacks knocks with a good signature.
"""

import ipaddress
import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.wechat.client import WeChatClient
from bot.wechat.outcomes import CallFailed
from bot.wechat.self_description import ListName, as_network, read_addresses
from storage import platform_lists
from storage.database import Database
from storage.errors import StorageError

NAME: ListName = "callback_addresses"
KEEP = timedelta(days=1)
PAUSE = timedelta(minutes=1)
_LOOK_SECONDS = 30.0  # how often another process's list is looked for

logger = logging.getLogger(__name__)


class Callers:
    """Knows the platform's addresses. Safe to share between threads; a push never waits for a list to be fetched."""

    def __init__(self, database: Database, client: WeChatClient, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._client = client
        self._clock = clock
        self._networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()
        self._fetched_at: datetime | None = None
        self._looked_at = float("-inf")
        self._refreshing = threading.Lock()

    def admits(self, address: str) -> bool:
        """Say whether a push may come from ``address``; an empty one is this process itself (the simulator)."""
        if not address:
            return True
        self._look()
        if self._fetched_at is None:
            self._refresh_soon()
            logger.error("WeChat's addresses are not known: pushes from everywhere are taken")
            return True
        listed = self._lists(address)
        if not listed or self._clock() - self._fetched_at > KEEP:
            self._refresh_soon()
        return listed

    def refresh(self) -> None:
        """Fetch the list and keep it for all processes. Raises CallFailed."""
        items = read_addresses(self._client, NAME)
        self._database.write(lambda tx: platform_lists.keep(tx, NAME, items, self._clock()))
        self._looked_at = float("-inf")

    def _lists(self, address: str) -> bool:
        try:
            given = ipaddress.ip_address(address)
        except ValueError:
            return False
        given = getattr(given, "ipv4_mapped", None) or given
        return any(given in network for network in self._networks)

    def _look(self) -> None:
        if time.monotonic() - self._looked_at < _LOOK_SECONDS:
            return
        self._looked_at = time.monotonic()
        try:
            found = platform_lists.stored(self._database, NAME)
        except StorageError as error:
            logger.error("WeChat's addresses could not be read: %s", type(error).__name__)
            return
        if found is not None and found.items:
            self._networks = tuple(network for item in found.items if (network := as_network(item)) is not None)
            self._fetched_at = found.fetched_at

    def _refresh_soon(self) -> None:
        """Fetch the list in a thread of its own, unless that goes on already."""
        if self._refreshing.acquire(blocking=False):
            threading.Thread(target=self._refresh_once, name="callback addresses", daemon=True).start()

    def _refresh_once(self) -> None:
        try:
            if self._database.write(lambda tx: platform_lists.begin(tx, NAME, self._clock(), PAUSE)):
                self.refresh()
        except CallFailed as error:
            logger.error("WeChat's addresses could not be fetched: %s", error.outcome)
        except StorageError as error:
            logger.error("WeChat's addresses could not be kept: %s", type(error).__name__)
        finally:
            self._refreshing.release()
