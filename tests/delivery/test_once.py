"""Each message once, whoever works and whoever dies: counted at the far side."""

import signal
import time
from contextlib import AbstractContextManager
from pathlib import Path

from storage import outbox
from storage.database import Database
from tests.delivery.people import Outgoing
from tests.processes import OwnProcess, running, zhaohu
from tests.wechat_api import FarSide


def wait_for(what: object, *, seconds: float = 30.0) -> None:
    ends = time.monotonic() + seconds
    while not what():  # type: ignore[operator]
        assert time.monotonic() < ends
        time.sleep(0.01)


def is_empty(database: Database) -> bool:
    depth = outbox.depth(database)
    return depth.ready + depth.sending == 0


def worker_process(
    environment: dict[str, str], folder: Path, name: str = "worker"
) -> AbstractContextManager[OwnProcess]:
    """Run the worker's command as a process of its own."""
    return running(zhaohu, "worker", environment=environment, folder=folder, name=name)


def test_killed_between_sending_and_writing_it_down_the_message_is_unknown_and_goes_out_once(
    outgoing: Outgoing, database: Database, far: FarSide, environment: dict[str, str], tmp_path: Path
) -> None:
    alice = outgoing.member()
    outgoing.say(alice, "one")
    far.next_failures.append("silence")
    with worker_process(environment, tmp_path) as process:
        wait_for(lambda: far.delivered)
        process.kill()
    assert outgoing.states(alice) == ["sending"]
    database.write(lambda tx: tx.execute("UPDATE outbox SET lease_until = 0"))
    outgoing.say(alice, "two")
    with worker_process(environment, tmp_path) as process:
        wait_for(lambda: is_empty(database))
    assert outgoing.states(alice) == ["unknown", "sent"]
    assert far.texts() == ["one", "two"]


def test_told_to_stop_the_command_finishes_and_ends_well(
    outgoing: Outgoing, far: FarSide, environment: dict[str, str], tmp_path: Path
) -> None:
    alice = outgoing.member()
    outgoing.say(alice, "只有您能看到这句")
    with worker_process(environment, tmp_path) as process:
        wait_for(lambda: far.delivered)
        process.send(signal.SIGTERM)
        assert process.wait(10) == 0
        printed = process.printed.read_text("utf-8")
    assert outgoing.states(alice) == ["sent"]
    assert " attempt 1: Sent" in printed
    for secret in (far.token, far.settings.wechat_app_secret, alice.external_id, "只有您", "\\u53ea\\u6709"):
        assert secret not in printed
