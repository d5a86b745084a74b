"""Logs: what they never hold, whoever writes them."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import Client

from bot.app import account_of, create_app
from bot.delivery.breaker import Breaker
from bot.delivery.worker import Worker
from bot.logs import Cleaner, JsonLines, start_logging
from bot.service import service_of
from bot.settings import Settings, secrets_of
from bot.wechat.client import WeChatClient
from bot.wechat.outbound_push import Push, message_fields
from bot.wechat.outcomes import CallFailed
from intents.types import Reply, Turn
from storage.database import Database
from storage.sqlite import SqliteDatabase
from tests.bot.test_shelter import held
from tests.conftest import Clock, on_sqlite
from tests.delivery.people import Outgoing
from tests.phone import Phone
from tests.wechat_api import far_side

PHONE = "13800138000"
OPENID = "oMARKERxyzxyzxyzxyzxyzxyzxyz"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines(Cleaner(["a-secret-of-ours"], "key")))
    log = logging.getLogger("tests.logs")
    log.addHandler(handler)
    yield stream
    log.removeHandler(handler)


def understand(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise LookupError(f"no member has {text}") from error


def test_the_words_of_an_exception_are_not_written_but_its_types_and_places_are(written: io.StringIO) -> None:
    try:
        understand("手机" + PHONE)
    except LookupError:
        logging.getLogger("tests.logs").exception("failed")
    assert PHONE not in written.getvalue()
    line = json.loads(written.getvalue())
    types = [part for part in line["exception"] if not part.startswith(" ")]
    assert types == ["LookupError", "ValueError"]
    assert any("test_logs.py:" in part and part.endswith(" understand") for part in line["exception"])


def test_exceptions_that_cause_each_other_come_to_an_end(written: io.StringIO) -> None:
    first, second = ValueError(PHONE), KeyError(PHONE)
    first.__cause__, second.__cause__ = second, first
    logging.getLogger("tests.logs").error("failed", exc_info=first)
    assert json.loads(written.getvalue())["exception"] == ["ValueError", "KeyError"]


@pytest.mark.parametrize("forged", ["\n", "\r\n", "\x1b[31m", "\u2028", "\x00", "\x85", "\u202e", '"}'])
def test_whatever_is_logged_stays_one_line_of_plain_characters(written: io.StringIO, forged: str) -> None:
    logging.getLogger("tests.logs").error("before%safter", forged)
    assert written.getvalue().count("\n") == 1
    assert written.getvalue()[:-1].isprintable()
    assert written.getvalue().isascii()
    assert json.loads(written.getvalue())["message"] == f"before{forged}after"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("key a-secret-of-ours here", "key … here"),
        ("GET /cgi-bin/x?access_token=abc123&type=1", "GET /cgi-bin/x?access_token=…&type=1"),
        (
            "POST /wechat?signature=f00&timestamp=1&nonce=77&openid=me",
            "POST /wechat?signature=…&timestamp=1&nonce=…&openid=…",
        ),
        ('{"secret": "hush"}', '{"secret=…"}'),
        ("call 13800138000 or +8613800138000", "call … or …"),
        ("outbox 382722307831431170 attempt 1", "outbox 382722307831431170 attempt 1"),
    ],
)
def test_what_any_library_says_is_cleaned(written: io.StringIO, said: str, shown: str) -> None:
    logging.getLogger("tests.logs").error("%s", said)
    assert json.loads(written.getvalue())["message"] == shown


def test_an_open_id_becomes_a_hash_that_only_the_key_leads_to(written: io.StringIO) -> None:
    log = logging.getLogger("tests.logs")
    for openid in (OPENID, OPENID, OPENID[:-1] + "A"):
        log.error("from %s", openid)
    lines = [json.loads(line)["message"] for line in written.getvalue().splitlines()]
    assert lines[0] == lines[1] != lines[2]
    assert lines[0].startswith("from openid:")
    assert Cleaner(key="another").hashed(OPENID) not in lines[0]


@pytest.fixture
def everything(settings: Settings) -> Iterator[io.StringIO]:
    """All that is logged at DEBUG, libraries included, as the service would write it."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    sink = io.StringIO()
    start_logging(replace(planted(settings), log_level="DEBUG"), sink)
    quiet = ("urllib3", "werkzeug", "_granian", "PIL")
    for name in quiet:  # worse than it can be: these are kept quiet
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield sink
    root.setLevel(level)
    root.handlers[:] = handlers
    for name in quiet:
        logging.getLogger(name).setLevel(logging.NOTSET)


def planted(settings: Settings) -> Settings:
    """The settings with a marker in every secret."""
    return replace(
        settings,
        secret_key="MARKER-secret-key-for-the-tests",
        wechat_token="MARKERtoken4tests",
        wechat_app_secret="MARKER0app0secret",
        wechat_encoding_aes_key="MARKERghijklmnopqrstuvwxyz0123456789ABCDEFG",
        wechat_previous_encoding_aes_key="MARKERGHIJKLMNOPQRSTUVWXYZ0123456789abcdefg",
        monitoring_token="MARKER-monitoring-token",
        wechat_mode="safe",
    )


@on_sqlite
def test_nothing_secret_or_personal_is_in_the_log_of_real_traffic_with_its_failures(
    settings: Settings, database: Database, clock: Clock, everything: io.StringIO, tmp_path: Path
) -> None:
    database = SqliteDatabase(tmp_path / "test.db", wait_seconds=0.1)  # it is given up on sooner
    app = create_app(planted(settings), database, clock=clock)
    assert len(secrets_of(planted(settings))) == 6
    talk_and_fail(app, database, clock)
    visit_and_fail(app)
    write_and_fail(app, clock)
    database.close()
    text = everything.getvalue()
    assert {json.loads(line)["level"] for line in text.splitlines()} >= {"WARNING", "ERROR"}
    loggers = {json.loads(line)["logger"].partition(".")[0] for line in text.splitlines()}
    assert loggers >= {"bot", "urllib3"}
    forbidden = ("MARKER", PHONE, "记号", "oMember", "token-0-of")
    assert [
        line
        for line in text.splitlines()
        if any(word in json.dumps(json.loads(line), ensure_ascii=False) for word in forbidden)
    ] == []


def talk_and_fail(app: Flask, database: Database, clock: Clock) -> None:
    """Say personal things, also where they are refused, quarantined, kept in the spool or met by a handler that fails."""
    push = Push(account_of(service_of(app).settings))
    phone = Phone(Client(app), push, clock, OPENID, safe=True)
    phone.follows("MARKER")
    for words in ("你好", f"我的手机是{PHONE}，记号MARKER", "签到", "转人工"):
        phone.says(words)
    phone.shares_location(31.2, 121.4, "记号MARKER路1号")
    phone.sends(message_fields(push.account, OPENID, "hologram", clock(), Content="记号MARKER"))
    query, body = push.of(
        message_fields(push.account, OPENID, "text", clock(), Content="记号MARKER"), clock(), safe=True
    )
    for wrong in (query.replace("signature=", "signature=MARKER"), query + "&nonce=MARKER", f"echostr=MARKER&{query}"):
        assert Client(app).post(f"/wechat?{wrong}", data=body).status_code in (200, 400, 403)
    assert Client(app).post(f"/wechat?{query}", data=body[:-20] + b"MARKER").status_code in (400, 403)
    failing = service_of(app).engine.knowledge.newest(database)

    def fail(_: Turn) -> Reply:
        raise ValueError(f"记号MARKER {PHONE} {OPENID}")

    intents = {**failing.intents, "greeting": replace(failing.intents["greeting"], handler=fail)}
    service_of(app).engine.knowledge.put(replace(failing, intents=intents))
    phone.says("你好")
    with held(database):
        phone.says("记号MARKER")
    assert service_of(app).shelter.wait_until_empty(10)


def visit_and_fail(app: Flask) -> None:
    """Come with wrong passwords and tokens, wrong forms and wrong addresses."""
    client = app.test_client()
    page = client.get("/login?next=/MARKER").get_data(as_text=True)
    token = page.partition('csrf_token" value="')[2].partition('"')[0]
    form = {"name": "MARKER", "password": "MARKER password 记号", "csrf_token": token}
    assert client.post("/login", data=form).status_code in (200, 400, 401, 403)
    client.set_cookie("zhaohu", "MARKER-session")
    for path in ("/console/", "/desk/", f"/console/members?words={PHONE}", "/api/v1/members?openid=MARKER", "/MARKER"):
        client.get(path, headers={"Authorization": "Bearer MARKER-token", "Cookie": "zhaohu=MARKER"})
    client.get("/readyz", headers={"Authorization": "Bearer MARKER-monitoring-token"})


def write_and_fail(app: Flask, clock: Clock) -> None:
    """Send outside the reply to a far side that fails in every way and repeats what it was sent."""
    running = service_of(app)
    outgoing = Outgoing(running.database, clock)
    with (
        far_side() as far,
        WeChatClient(
            replace(running.settings, wechat_api_url=far.url),
            running.database,
            clock,
            connect_seconds=1,
            read_seconds=0.2,
        ) as client,
    ):
        worker = Worker(running.database, client, clock, breaker=Breaker(0.0, 0.0))
        for failure in ("reset", "500", "html", 40164, 45015, "silence", None):
            far.always = failure
            outgoing.say(outgoing.member(), f"记号MARKER {PHONE}")
            worker.send_next()
            clock.forward(seconds=1)
            with suppress(CallFailed):
                client.call("/cgi-bin/user/info", {"openid": OPENID})


def test_lines_of_a_request_carry_the_id_that_its_answer_tells(app: Flask, written: io.StringIO) -> None:
    app.before_request(lambda: logging.getLogger("tests.logs").error("within"))
    client = app.test_client()
    told = [
        client.get(path, headers={"X-Request-Id": "claimed"}).headers["X-Request-Id"] for path in ("/login", "/healthz")
    ]
    logging.getLogger("tests.logs").error("outside")
    *within, outside = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [line["request"] for line in within] == told
    assert told[0] != told[1] != "claimed"
    assert "request" not in outside
