"""The database is locked, or the disk is full: every message that was acknowledged is met once, and none is acknowledged that is not on disk."""

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from werkzeug.test import Client

from bot.app import account_of, create_app
from bot.service import service_of
from bot.settings import read_settings
from bot.wechat.outbound_push import Push, message_fields
from storage import exchanges, outbox, points
from storage.opening import open_database
from tests.conftest import ENVIRONMENT, Clock
from tests.faults.full_disk import small_disk
from tests.faults.platform import PUSH, deliver, text_fields
from tests.faults.web_process import WebProcess
from tests.phone import shown


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Keep everybody else from writing."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@pytest.mark.slow
def test_a_message_waits_three_seconds_for_the_database_and_is_kept_after_four_also_from_a_kill(tmp_path: Path) -> None:
    web = WebProcess(tmp_path)
    web.start()
    with ThreadPoolExecutor() as senders:
        with held(tmp_path / "faults.db"):
            waits = senders.submit(deliver, web.port, text_fields("oPatient", "签到"))
            time.sleep(3)
        status, body = waits.result()
        assert (status, "签到" in shown(PUSH.heard(body))) == (200, True)
        with held(tmp_path / "faults.db"):
            began = time.monotonic()
            late = text_fields("oLate", "签到")
            twice = [senders.submit(deliver, web.port, late) for _ in range(2)]
            assert [sent.result() for sent in twice] == [(200, b"success")] * 2
            assert time.monotonic() - began < 4.9
            assert deliver(web.port, text_fields("oLate", "我的积分")) == (200, b"success")
            web.kill()
    with (tmp_path / "spool" / "waiting").open("ab") as waiting:
        waiting.write(b"0badcafe {half of a li")
    web.start()
    database = open_database(web.database_url)
    ends = time.monotonic() + 10
    while len(outbox.page(database)) < 2 or (tmp_path / "spool" / "taking").exists():
        assert time.monotonic() < ends
        time.sleep(0.02)
    incoming = [one for one in exchanges.every(database) if one.direction == "in"]
    assert [one.text for one in incoming] == ["签到", "签到", "我的积分"]
    assert {message.openid for message in outbox.page(database)} == {"oLate"}
    assert points.reconcile(database) == []
    assert len(database.query("SELECT id FROM ledger")) == 2
    database.close()
    web.stop()


def test_a_full_disk_acknowledges_nothing_lets_people_read_and_is_got_over_alone(
    tmp_path: Path, migrated_file: Path
) -> None:
    clock = Clock()
    with small_disk(tmp_path, megabytes=4) as disk:
        settings = read_settings({**ENVIRONMENT, "DATABASE_URL": f"sqlite:///{disk / 'full.db'}"})
        shutil.copyfile(migrated_file, disk / "full.db")
        database = open_database(settings.database_url)
        app = create_app(settings, database, clock=clock)
        client, push = Client(app), Push(account_of(settings))

        def send(number: int) -> tuple[int, str]:
            fields = message_fields(push.account, f"oFull{number}", "text", clock(), Content="签到" * 300)
            query, body = push.of(fields, clock())
            return client.post(f"/wechat?{query}", data=body).status_code, f"m:{fields['MsgId']}"

        acknowledged = {key for status, key in map(send, range(3)) if status == 200}
        assert len(acknowledged) == 3
        (disk / "filler").write_bytes(os.urandom(shutil.disk_usage(disk).free - 200_000))
        answers = [send(number) for number in range(3, 60)]
        assert {status for status, _ in answers} == {200, 503}, "what had room is kept, the rest is sent again"
        acknowledged |= {key for status, key in answers if status == 200}
        assert client.get("/healthz").status_code == 200
        ready = client.get("/readyz", environ_overrides={"REMOTE_ADDR": "127.0.0.1"})
        assert ready.json is not None
        assert "disk" in {problem["part"] for problem in ready.json["problems"]}
        assert client.get("/login").status_code == 200
        (disk / "filler").unlink()
        service_of(app).shelter.begin()
        assert service_of(app).shelter.wait_until_empty(10)
        acknowledged |= {key for status, key in map(send, range(60, 63)) if status == 200}
        kept = {one.message_key for one in exchanges.every(database) if one.direction == "in"}
        assert acknowledged <= kept
        assert points.reconcile(database) == []
        database.close()
