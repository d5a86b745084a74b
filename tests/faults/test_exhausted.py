"""Nothing left to open: the process that has no file descriptor to spare lives, and goes on once there are some again."""

import http.client
import resource
import socket
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from storage import exchanges
from storage.opening import open_database
from tests.faults.platform import deliver, deliver_until_answered, text_fields
from tests.faults.web_process import WebProcess


@pytest.fixture
def engine() -> str:
    """This is a matter of the process."""
    return "sqlite"


def serving_process(web: WebProcess) -> int:
    """Return the id of the process that answers."""
    assert web.process is not None
    pid = web.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    return int(children[0])


@pytest.mark.slow
def test_without_file_descriptors_nothing_is_acknowledged_that_is_not_kept_and_it_recovers(tmp_path: Path) -> None:
    web = WebProcess(tmp_path)
    web.start()
    acknowledged = [deliver_until_answered(web.port, text_fields("oBefore", "签到"))]
    serving = serving_process(web)
    spare = len(list(Path(f"/proc/{serving}/fd").iterdir())) + 8
    resource.prlimit(serving, resource.RLIMIT_NOFILE, (spare, spare * 100))
    with ExitStack() as crowd:
        for _ in range(40):
            crowd.enter_context(socket.create_connection(("127.0.0.1", web.port), timeout=5))
        for number in range(3):
            with suppress(OSError, http.client.HTTPException):  # no answer is a right answer too: it is sent again
                status, _ = deliver(web.port, text_fields(f"oDuring{number}", "签到"), timeout_seconds=1.0)
                assert status in (200, 503)
                acknowledged += ["during"] * (status == 200)
    began = time.monotonic()
    acknowledged.append(deliver_until_answered(web.port, text_fields("oAfter", "签到")))
    assert time.monotonic() - began < 10
    assert serving_process(web) == serving, "it is the same process still"
    while (tmp_path / "spool" / "waiting").exists() or (tmp_path / "spool" / "taking").exists():
        assert time.monotonic() - began < 20
        time.sleep(0.02)
    web.stop()
    database = open_database(web.database_url)
    assert len([one for one in exchanges.every(database) if one.direction == "in"]) >= len(acknowledged)
    database.close()
