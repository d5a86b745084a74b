"""Processes of ours for tests, started quickly: each is forked from one that has imported everything and learned what is shipped.

That takes more than a second, the rest of a start a quarter of one, and tests of faults start a hundred. From there on it is the real command, in
a process of its own that may be stopped, killed and watched like any other.
"""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.warm"])


class OwnProcess:
    """A process, the first of a group of its own; ``printed`` is the file that has what it printed."""

    def __init__(self, process: BaseProcess, printed: Path) -> None:
        assert process.pid is not None
        self._process = process
        self.pid = process.pid
        self.printed = printed

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process itself."""
        os.kill(self.pid, number)

    def send_to_all(self, number: signal.Signals) -> None:
        """Send a signal to the process and all its children."""
        os.killpg(self.pid, number)

    def kill(self) -> None:
        """End it as a crash would."""
        self._process.kill()
        self._process.join()

    def has_ended(self) -> bool:
        """Say whether it has ended."""
        return self._process.exitcode is not None

    def wait(self, seconds: float) -> int:
        """Wait until it has ended, and return its exit status."""
        self._process.join(seconds)
        assert self._process.exitcode is not None, f"it has not ended after {seconds:.0f} s"
        return self._process.exitcode


def start(
    work: Callable[..., None], *arguments: object, environment: Mapping[str, str], folder: Path, name: str = "process"
) -> OwnProcess:
    """Start a process that does this work in this environment and folder; what it prints goes to the file ``name``.txt there."""
    printed = folder / f"{name}.txt"
    process = FORKS.Process(target=_work, args=(work, arguments, dict(environment), folder, printed))
    process.start()
    return OwnProcess(process, printed)


@contextmanager
def running(
    work: Callable[..., None], *arguments: object, environment: Mapping[str, str], folder: Path, name: str = "process"
) -> Iterator[OwnProcess]:
    """Have a process do this work for a while; it is killed at the end unless it has ended by then."""
    process = start(work, *arguments, environment=environment, folder=folder, name=name)
    try:
        yield process
    finally:
        process.kill()


def zhaohu(*words: str) -> None:
    """Run the command line: work for a process."""
    from bot.cli.main import main

    sys.argv = ["zhaohu", *words]
    main()


def _work(
    work: Callable[..., None],
    arguments: tuple[object, ...],
    environment: Mapping[str, str],
    folder: Path,
    printed: Path,
) -> None:
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    output = os.open(printed, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for descriptor in (1, 2):
        os.dup2(output, descriptor)
    multiprocessing.set_start_method("fork", force=True)  # what a process started from a shell would use
    work(*arguments)
