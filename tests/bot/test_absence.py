"""What ``/readyz`` says when the database cannot be used: the cause, in the engine's words, and what to do; never the password."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from werkzeug.test import Client

from bot.app import create_app
from bot.diagnosis.absence import why_unusable
from bot.diagnosis.contents import check_database
from bot.settings import Settings
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.postgres import PostgresDatabase
from tests.conftest import Clock
from tests.faults.web_process import free_port
from tests.postgres_server import GUARDED, CleanDatabase

WAIT_SECONDS = 0.05
SERVER_SAYS = {
    'FATAL:  no pg_hba.conf entry for host "10.0.0.9"': "pg_hba.conf",
    "FATAL:  the database system is starting up": "wait",
    "FATAL:  sorry, too many clients already": "max_connections",
    "FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute": "max_connections",
    'could not extend file "base/5/1259": No space left on device': "make room",
    "cannot execute UPDATE in a read-only transaction": "target_session_attrs",
    'could not translate host name "db" to address: Name or service not known': "DNS",
    "failed to resolve host 'db': [Errno -2] Name or service not known": "DNS",
    "connection timeout expired": "firewall",
    "file is not a database": "DATABASE_URL",
    "database disk image is malformed": "restore",
    "/var/lib/zhaohu: Permission denied": "right to read",
    "database or disk is full": "make room",
    "database is locked": "who holds",
    "attempt to write a readonly database": "right to write",
    "something nobody thought of": "zhaohu doctor",
}


@pytest.fixture
def addresses(on_server: CleanDatabase) -> Iterator[list[tuple[str, str]]]:
    """Addresses of databases that cannot be used, each with the advice that is to be given."""
    here = f"host={on_server.server.folder}"
    with on_server.guarded_user("right"):
        yield [
            (f"postgresql://postgres:hush@127.0.0.1:{free_port()}/brand", "start the server"),
            (f"postgresql://postgres:hush@/brand?{here}/absent", "start the server"),
            (f"postgresql://{GUARDED}:hush@/postgres?{here}", "set the user's password"),
            (f"postgresql://postgres:hush@/absent?{here}", "createdb"),
        ]


def test_a_server_that_cannot_be_reached_is_told_with_its_cause(
    addresses: list[tuple[str, str]], settings: Settings, clock: Clock
) -> None:
    for url, told in addresses:
        with closing(PostgresDatabase(url, wait_seconds=WAIT_SECONDS)) as database:
            client = Client(create_app(settings, database, clock=clock))
            answer = client.get("/readyz", environ_overrides={"REMOTE_ADDR": "127.0.0.1"})
            [finding] = check_database(database)
        assert answer.status_code == 503
        assert answer.json is not None
        [problem] = answer.json["problems"]
        assert problem["part"] == "database"
        assert told in problem["advice"], problem
        assert "cannot be used, messages are kept in the spool: connection to server" in problem["problem"]
        assert (finding.state, finding.advice) == ("failed", problem["advice"]), "the doctor says the same"
        assert "hush" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(("words", "told"), SERVER_SAYS.items())
def test_every_cause_has_its_advice(database: Database, words: str, told: str) -> None:
    said, advice = why_unusable(database, StorageUnavailable(words))
    assert said == words
    assert told in advice
