"""The API over a real connection, asked as other systems ask it."""

import threading
from collections.abc import Iterator

import pytest
import requests
from flask import Flask
from werkzeug.serving import make_server

from tests.api.conftest import Program


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_program_reads_everything_page_by_page(address: str, crm: Program, filled: dict[str, int]) -> None:
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {crm.token}"
        records, parameters = [], {"limit": "2"}
        while True:
            answer = session.get(f"{address}/v1/exchanges", params=parameters, timeout=10)
            assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
            records += answer.json()["data"]
            if answer.json()["next_cursor"] is None:
                break
            parameters["cursor"] = answer.json()["next_cursor"]
    assert [record["text"] for record in records if record["direction"] == "in"][1:] == ["您好", "几点开门"]
    ids = [int(record["id"]) for record in records]
    assert ids == sorted(set(ids))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/members", 401),
        ("POST", "/v1/members", 401),
        ("GET", "/nowhere", 401),
        ("GET", "/openapi.json", 200),
    ],
)
def test_without_a_token_only_the_description_is_told(address: str, method: str, path: str, status: int) -> None:
    answer = requests.request(method, address + path, data=b"x" * 1000 if method == "POST" else None, timeout=10)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_cannot_be_in_a_header_is_no_token(address: str, crm: Program) -> None:
    for header in (b"Bearer \xff\xfe", b"Bearer " + b"a" * 5000, b"Bearer zh_\x7f"):
        answer = requests.get(f"{address}/v1/members", headers={"Authorization": header}, timeout=10)
        assert answer.status_code == 401
