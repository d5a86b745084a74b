"""The web process is killed while it looks something up: a worker takes that up, and the member is answered once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.client import HTTPException
from pathlib import Path

import pytest

from bot.app import utc_now
from bot.conversation.knowledge import PublishedReplies
from bot.conversation.late import LateReplies
from bot.crm import works_of
from bot.settings import Settings
from storage import exchanges, outbox
from storage.opening import open_database
from tests.crm_api import Crm
from tests.faults.platform import PUSH, deliver, text_fields
from tests.faults.web_process import WebProcess


@pytest.mark.slow
def test_what_a_killed_process_was_looking_up_is_answered_once(tmp_path: Path, settings: Settings, crm: Crm) -> None:
    crm.held = True
    web = WebProcess(tmp_path, {"CRM_LOOKUP_URL": crm.url, "CRM_LOOKUP_PRIVATE": "on"})
    web.start()
    fields = text_fields("oAlice", "我的订单")
    try:
        with ThreadPoolExecutor(1) as platform:
            answer = platform.submit(deliver, web.port, fields)
            assert crm.arrived.acquire(timeout=20)
            web.kill()
            assert isinstance(answer.exception(), OSError | HTTPException)
        crm.let_go.set()
        database = open_database(web.database_url)
        asking = replace(settings, crm_lookup_url=crm.url, crm_lookup_private=True)
        worker = LateReplies(database, utc_now, PublishedReplies().library, works_of(asking))
        assert not worker.pick_up(), "its lease still runs"
        database.write(lambda tx: tx.execute("UPDATE late_replies SET lease_until = 0"))
        assert worker.pick_up()
        assert not worker.pick_up()
        web.start()
        assert PUSH.heard(deliver(web.port, fields)[1]) is None, "it has gone another way"
    finally:
        web.kill()
    assert [one.status for one in exchanges.every(database)] == ["answered", "queued"]
    assert len(outbox.page(database)) == 1
    assert len(crm.asked) == 2
    database.close()
