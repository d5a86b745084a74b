"""Running the service: the server's own process, and with it, on a small machine, the worker."""

import atexit
import gc
import logging
import multiprocessing
import os
import signal
import threading
import time
from pathlib import Path

from granian.constants import Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from bot.app import as_asgi, create_app, utc_now
from bot.conversation.following import Follower
from bot.delivery.keeping import Keeper
from bot.front import AsgiFront
from bot.health import KEEPER
from bot.listening import place_to_listen
from bot.loading import load_settings
from bot.logs import start_logging
from bot.service import Service, service_of
from bot.settings import Settings
from bot.web.live import places_of
from bot.working import run_worker
from storage import changes, exchanges
from storage.ids import new_id
from storage.migrations import check_current
from storage.opening import open_database

_MAIN_PROCESS = "ZHAOHU_MAIN_PROCESS"  # tells the server's process whose child it is
_WITH_WORKER = "ZHAOHU_WITH_WORKER"  # tells the server's process, which reads the environment anew, to run a worker too
_BACKLOG = 1024
_CONNECTIONS = 8192  # open at once, also idle ones and such as send nothing: they cost memory, not threads
_HEADER_MILLISECONDS = 10_000  # how long a connection may take to say what it wants
_COLLECT_AFTER = 20_000  # new objects: a turn makes a few hundred, none of them in circles
_STOP_SECONDS = 10  # an answer that takes longer is worth nothing to the platform
_STOP_WORKER_SECONDS = 20  # a worker finishes what it is sending: connecting and reading may take that long
_LOOK_FOR_PARENT_SECONDS = 0.5
_STOP_FOLLOWING_SECONDS = 1  # what is being learned is learned again by the next
# Tells the processes that serve to say so and to let live pages go; the server's own signals leave no room for that.
_STOPPING = signal.SIGUSR1

log = logging.getLogger(__name__)


class _GracefulServer(MPServer):
    """The server, which upon SIGTERM first has ``/readyz`` say no, goes on serving for ``drain_seconds``, and then stops."""

    drain_seconds = 0

    def signal_handler_interrupt(self, *args: object, **kwargs: object) -> None:
        """Begin to stop."""
        for child in multiprocessing.active_children():
            if child.pid is not None:
                os.kill(child.pid, _STOPPING)
        threading.Timer(self.drain_seconds, super().signal_handler_interrupt, args, kwargs).start()


def run_server(settings: Settings, *, with_worker: bool = False) -> None:
    """Serve until told to stop; ``with_worker`` sends the outbox from the same process. Raises SettingsError when nobody can listen there."""
    address = place_to_listen(settings.host, settings.port)
    os.environ[_MAIN_PROCESS] = str(os.getpid())
    if with_worker:
        os.environ[_WITH_WORKER] = "1"
    signal.signal(_STOPPING, signal.SIG_IGN)  # a process that is only starting must not die of it
    server = _GracefulServer(
        "bot.serving:application",
        factory=True,
        address=address,
        port=settings.port,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        workers=1,  # one process writes to an embedded database best: its turns share commits
        backlog=_BACKLOG,
        backpressure=_CONNECTIONS,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_MILLISECONDS),
        websockets=False,
        respawn_failed_workers=True,
        log_level=LogLevels.error,
        log_access=False,
        workers_kill_timeout=_STOP_WORKER_SECONDS if with_worker else _STOP_SECONDS,
        working_dir=Path.cwd(),
    )
    server.drain_seconds = settings.drain_seconds
    server.serve()


def application() -> AsgiFront:
    """Build the application inside the server's process (called by the server)."""
    settings = load_settings()
    start_logging(settings)
    database = open_database(settings.database_url)
    check_current(database)
    for newest_id in (exchanges.newest_id, changes.newest_id):
        new_id.at_least(newest_id(database))
    app = create_app(settings, database)
    signal.signal(_STOPPING, lambda *_: places_of(app).close())
    _follow(service_of(app))
    atexit.register(service_of(app).engine.late.give_back)
    service_of(app).shelter.begin()  # what a process before this one may have left
    _spare_the_collector()
    _end_with(int(os.environ[_MAIN_PROCESS]))
    if os.environ.get(_WITH_WORKER):
        app.extensions[KEEPER] = _start_worker(service_of(app))
    return as_asgi(app)


def _follow(service: Service) -> None:
    """Load what is published before the first message, not during it, and go on following it."""
    follower = Follower(service.database, service.engine.knowledge, service.clock)
    service.engine.knowledge.newest(service.database)
    follower.start()
    atexit.register(follower.stop, _STOP_FOLLOWING_SECONDS)


def _end_with(parent: int) -> None:
    """End in good order once the server's own process is gone: left alone, this one would keep the port, and old code would answer beside the new."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_FOR_PARENT_SECONDS)
        log.error("the server's main process is gone: this one ends too")
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(_STOP_WORKER_SECONDS)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def _spare_the_collector() -> None:
    """Keep what was loaded out of every later collection: it stays anyway, and looking through it takes tens of milliseconds."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)


def _start_worker(service: Service) -> Keeper:
    """Send the outbox from a thread of this process, which lets go of what it holds when the process ends in good order."""

    def work(stop: threading.Event) -> None:
        run_worker(service.settings, service.database, utc_now, stop, wake=service.outbox_wake)

    keeper = Keeper(work, service.outbox_wake)
    keeper.start()
    atexit.register(keeper.stop, _STOP_WORKER_SECONDS)
    return keeper
