"""A real `zhaohu serve` that a test may kill."""

import os
import signal
import socket
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests import processes
from tests.processes import OwnProcess

_START_SECONDS = 60.0
ENVIRONMENT = {
    "WECHAT_TOKEN": "token4faults",
    "WECHAT_MODE": "plain",
    "MEMBER_RATE_LIMIT": "0",
    "SECRET_KEY": "only-for-the-fault-tests-nothing-else",
    "LOG_LEVEL": "ERROR",
    "BASE_URL": "",
}


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class WebProcess:
    """One web process over a database, that of ``folder`` when no other is named; ``settings`` are further ones of its environment."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    database_url: str = ""
    port: int = field(default_factory=free_port)
    process: OwnProcess | None = None

    def __post_init__(self) -> None:
        self.database_url = self.database_url or f"sqlite:///{self.folder}/faults.db"

    def start(self) -> None:
        """Start it and wait until it answers."""
        values = {
            **os.environ,
            **ENVIRONMENT,
            "PORT": str(self.port),
            "DATABASE_URL": self.database_url,
            **self.settings,
        }
        started = processes.start(
            processes.zhaohu, "serve", environment=values, folder=self.folder, name=f"web-{self.port}"
        )
        self.process = started
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            assert not started.has_ended(), f"the web process did not start: {started.printed.read_text()}"
            assert time.monotonic() < deadline, f"the web process does not answer: {started.printed.read_text()}"
            time.sleep(0.01)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=_START_SECONDS) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def kill(self) -> None:
        """End it and all its children at once, as a crash would."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        """End it in good order."""
        self._signal(signal.SIGTERM)

    def ask_to_stop(self) -> None:
        """Tell its main process to end in good order, as a service manager does."""
        assert self.process is not None
        self.process.send(signal.SIGTERM)

    def wait_until_ended(self, timeout_seconds: float) -> int:
        """Return its exit status."""
        assert self.process is not None
        status = self.process.wait(timeout_seconds)
        self.process = None
        return status

    def _signal(self, number: signal.Signals) -> None:
        if self.process is not None and not self.process.has_ended():
            self.process.send_to_all(number)
            self.process.wait(20)
        self.process = None
