"""How whoever serves a request waits for what takes time: in its own thread, or on an event loop that serves all messages.

What has to be waited for is written as coroutines. In a thread nothing in them ever pauses, so ``at_once`` runs them like any function.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

from storage.database import MOST_SHARING_A_COMMIT, Database, Embedded, Transaction, Written

GATHER_SECONDS = 0.002  # under load, how long the first of those that share a commit waits for more, at most
QUIET_SECONDS = 0.0002  # nor does it wait any longer once nobody has come for so long
PATIENCE_SECONDS = 0.05  # how long the loop tries again while somebody else writes, before threads wait for that
_LOOK_AGAIN_SECONDS = 0.001

T = TypeVar("T")
Work = Callable[[Transaction], Any]


class Waiting(Protocol):
    """A way to wait."""

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Return what ``work`` returned once it is written (see ``Database.write``)."""
        ...

    async def apart(self, work: Callable[[], T]) -> T:
        """Return what ``work``, which may block, returned."""
        ...


class InThread:
    """Waits by standing still: for threads that have nothing else to do."""

    def __init__(self, database: Database) -> None:
        """Prepare to write to ``database``."""
        self._database = database

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Write at once."""
        return self._database.write(work)

    async def apart(self, work: Callable[[], T]) -> T:
        """Work at once."""
        return work()


class OnLoop:
    """Waits without holding up the event loop.

    What the requests of the loop want written to an embedded database is written together, many turns a commit, by the loop itself: threads would
    spend as long on handing the interpreter to each other as on the turns. When somebody else is writing, and for a database elsewhere, threads wait.
    """

    def __init__(self, database: Database, *, threads: int) -> None:
        """Prepare to write to ``database``; ``threads`` at most wait at once for what cannot be done on the loop."""
        self._database = database
        self._embedded = database if isinstance(database, Embedded) else None
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="waiting")
        self._asked: list[tuple[Work, asyncio.Future[Any]]] = []
        self._first_asked = self._last_asked = 0.0
        self._loaded = False

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Write, together with whatever else is asked for within a moment."""
        if self._embedded is None:
            return await self.apart(lambda: self._database.write(work))
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._last_asked = time.monotonic()
        if not self._asked:
            self._first_asked = self._last_asked
            loop.call_soon(self._gather if self._loaded else self._write_together)
        self._asked.append((work, future))
        return await future

    async def apart(self, work: Callable[[], T]) -> T:
        """Work in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _gather(self) -> None:
        """Write once no more seem to come; no timer of the loop is fine enough to tell, so it goes round and looks."""
        now = time.monotonic()
        if now < min(self._last_asked + QUIET_SECONDS, self._first_asked + GATHER_SECONDS):
            asyncio.get_running_loop().call_soon(self._gather)
        else:
            self._write_together()

    def _write_together(self) -> None:
        assert self._embedded is not None
        loop = asyncio.get_running_loop()
        asked = self._asked[:MOST_SHARING_A_COMMIT]
        try:
            written = self._embedded.write_now([work for work, _ in asked])
        except Exception as error:  # noqa: BLE001 (whatever it is, those who wait must hear of it)
            written = [Written[Any](error=error)] * len(asked)
        if written is None and time.monotonic() < self._first_asked + PATIENCE_SECONDS:
            loop.call_later(_LOOK_AGAIN_SECONDS, self._write_together)
            return
        self._loaded = len(asked) > 1
        self._asked = self._asked[MOST_SHARING_A_COMMIT:]
        if self._asked:
            self._first_asked = time.monotonic()
            loop.call_soon(self._write_together)
        for number, (work, future) in enumerate(asked):
            if written is None:
                self._write_by_thread(work, future)
            else:
                _settle(future, written[number])

    def _write_by_thread(self, work: Work, future: asyncio.Future[Any]) -> None:
        loop = asyncio.get_running_loop()

        def write() -> None:
            try:
                written = Written(self._database.write(work))
            except Exception as error:  # noqa: BLE001 (as above)
                written = Written(error=error)
            loop.call_soon_threadsafe(_settle, future, written)

        self._threads.submit(write)


def _settle(future: asyncio.Future[Any], written: Written[Any]) -> None:
    if future.done():  # whoever asked has gone
        return
    if written.error is not None:
        future.set_exception(written.error)
    else:
        future.set_result(written.result)


def at_once(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in which nothing pauses, as ``InThread`` sees to, and return its result."""
    try:
        coroutine.send(None)
    except StopIteration as ended:
        return ended.value  # type: ignore[no-any-return]
    coroutine.close()
    raise RuntimeError("a coroutine run at once must not pause")
