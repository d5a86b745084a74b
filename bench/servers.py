"""Servers to compare: each runs under the same server program with the same number of threads, in a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TOKEN = "token4bench"
ENVIRONMENT = {
    "WECHAT_TOKEN": TOKEN,
    "WECHAT_MODE": "plain",
    "WECHAT_APP_ID": "wx0123456789abcdef",
    "WECHAT_MAX_AGE_SECONDS": "0",
    "MEMBER_RATE_LIMIT": "0",
    "SECRET_KEY": "only-for-the-bench-and-nothing-else",
    "LOG_LEVEL": "ERROR",
}
_START_SECONDS = 20.0
_ZHAOHU = str(Path(sys.executable).with_name("zhaohu"))


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Web:
    """A web process: the port it listens on, and its id."""

    port: int
    pid: int


@contextmanager
def zhaohu(folder: Path, **more: str) -> Iterator[int]:
    """Run the service on a fresh SQLite file in ``folder`` and yield its port."""
    with web(folder, **more) as started:
        yield started.port


@contextmanager
def web(folder: Path, **more: str) -> Iterator[Web]:
    """Run the service, on a SQLite file in ``folder`` unless told otherwise."""
    port = free_port()
    values = {**ENVIRONMENT, "DATABASE_URL": f"sqlite:///{folder}/bench.db", "PORT": str(port), **more}
    with _running([_ZHAOHU, "serve"], values, folder) as process:
        _wait_until_it_listens(port, process)
        yield Web(port, process.pid)


@contextmanager
def worker(folder: Path, **more: str) -> Iterator[int]:
    """Run a worker and yield the id of its process, which may still be starting."""
    values = {**ENVIRONMENT, "DATABASE_URL": f"sqlite:///{folder}/bench.db", **more}
    with _running([_ZHAOHU, "worker"], values, folder) as process:
        yield process.pid


@contextmanager
def peer(name: str, folder: Path) -> Iterator[int]:
    """Run the WSGI application ``bench.peers:NAME`` under the same server and yield its port."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--blocking-threads", "8"]
    values = {"PYTHONPATH": str(Path(__file__).parent.parent), "WEROBOT_TOKEN": TOKEN}
    with _running([*command, "--log-level", "error", "--factory", f"bench.peers:{name}"], values, folder) as process:
        _wait_until_it_listens(port, process)
        yield port


@contextmanager
def _running(command: list[str], values: Mapping[str, str], folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    # WeRoBot writes a traceback for every answer it loses; what counts here is that the answer was wrong.
    process = subprocess.Popen(
        command,
        env={**os.environ, **values},
        cwd=folder,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_until_it_listens(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"the server did not start: {process.args!r}")
