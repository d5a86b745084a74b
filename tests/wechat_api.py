"""The far side of the wire: WeChat's API as a real HTTP server on loopback, with ways to fail and a count of all it saw."""

import json
import os
import socket
import struct
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

APP_ID, SECRET = "wx5a1e0f7c3d2b4a68", "s3cr3t-of-the-far-side"
SEND, TYPING, TOKEN = "/cgi-bin/message/custom/send", "/cgi-bin/message/custom/typing", "/cgi-bin/stable_token"
Failure = str | int  # a way to fail, or an error code
Handler = Callable[[dict[str, str], dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class ApiSettings:
    """The settings a client needs to reach a far side."""

    wechat_api_url: str
    wechat_app_id: str = APP_ID
    wechat_app_secret: str = SECRET


class FarSide:
    """What the server knows. ``delivered`` are the messages a phone would show, also those whose sender never heard so."""

    def __init__(self) -> None:
        self.url = ""
        self.delivered: list[dict[str, Any]] = []
        self.calls: Counter[str] = Counter()
        self.bodies: list[bytes] = []
        self.queries: list[dict[str, str]] = []  # of calls other than for a token, without the token
        self.answers: dict[str, dict[str, Any] | bytes] = {}  # by path, in place of a plain "ok"
        self.handlers: dict[str, Handler] = {}  # by path: what answers from the query and the JSON that was sent
        self.token_number = 0
        self.token_lasts_seconds = 7200
        self.token_failure: Failure | None = None
        self.always: Failure | None = None
        self.next_failures: deque[Failure] = deque()
        self.before_token: Callable[[], None] = lambda: None
        self.on_send: Callable[[], None] = lambda: None
        self.release = threading.Event()  # set to let go of those who are kept waiting
        self._lock = threading.Lock()

    @property
    def settings(self) -> ApiSettings:
        return ApiSettings(self.url)

    def environment(self, database_url: str, *, log_level: str = "ERROR") -> dict[str, str]:
        """The environment of a process that works on a database and this far side."""
        return {
            **os.environ,
            "DATABASE_URL": database_url,
            "WECHAT_API_URL": self.settings.wechat_api_url,
            "WECHAT_APP_ID": self.settings.wechat_app_id,
            "WECHAT_APP_SECRET": self.settings.wechat_app_secret,
            "SECRET_KEY": "x" * 32,
            "LOG_LEVEL": log_level,
        }

    @property
    def token(self) -> str:
        """The token now valid."""
        return f"token-{self.token_number}-of-the-far-side"

    def expire_token(self) -> None:
        """Make the token that was given out worthless."""
        self.token_number += 1

    def texts(self) -> list[str]:
        """The texts delivered, in order."""
        return [message["text"]["content"] for message in self.delivered]

    def failure_for(self, path: str) -> Failure | None:
        with self._lock:
            self.calls[path] += 1
            if path == TOKEN:
                return self.token_failure
            return self.next_failures.popleft() if self.next_failures else self.always

    def deliver(self, message: dict[str, Any]) -> None:
        with self._lock:
            self.delivered.append(message)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body go out in two writes; without this each answer would wait 40 ms
    far_side: FarSide

    def do_POST(self) -> None:
        far, path = self.far_side, urlsplit(self.path).path
        body = self.rfile.read(int(self.headers["Content-Length"]))
        far.bodies.append(body)
        failure = far.failure_for(path)
        if path == TOKEN:
            far.before_token()
            self._answer_token(json.loads(body), failure)
        else:
            self._answer_call(path, body, failure)

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self._answer_call(path, b"", self.far_side.failure_for(path))

    def _answer_call(self, path: str, body: bytes, failure: Failure | None) -> None:
        far = self.far_side
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        token = query.pop("access_token", "")
        far.queries.append(query)
        if failure is None and token != far.token:
            self._json({"errcode": 40001, "errmsg": f"invalid credential, {token} is not latest rid: 1-2-3"})
        elif isinstance(failure, int):
            self._json({"errcode": failure, "errmsg": f"no {token} rid: 1-2-3"})
        elif failure is not None and failure.startswith("refused:"):
            self._answer(int(failure.partition(":")[2]), b"no")
        else:
            far.on_send()
            if path == SEND:
                far.deliver(json.loads(body))
            if failure:
                self._fail(failure)
            elif path in far.handlers:
                self._json(far.handlers[path](query, json.loads(body or b"{}")))
            else:
                self._answer_well(far.answers.get(path, {"errcode": 0, "errmsg": "ok"}))

    def _answer_well(self, answer: dict[str, Any] | bytes) -> None:
        self._answer(200, answer) if isinstance(answer, bytes) else self._json(answer)

    def _answer_token(self, asked: dict[str, Any], failure: Failure | None) -> None:
        assert asked["force_refresh"] is False
        if isinstance(failure, int):
            self._json({"errcode": failure, "errmsg": f"no {asked['secret']} rid: 1-2-3"})
        elif failure:
            self._fail(failure)
        else:
            self._json({"access_token": self.far_side.token, "expires_in": self.far_side.token_lasts_seconds})

    def _fail(self, way: str) -> None:
        if way == "silence":
            self.far_side.release.wait(5)
            self.close_connection = True
        elif way == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
        elif way == "half":
            self._answer(200, b'{"errcode":0,"err', length=40)
            self.close_connection = True
        else:
            answers = {
                "500": (500, b"oops"),
                "502": (502, b"<html>Bad Gateway</html>"),
                "empty": (200, b""),
                "html": (200, b"<html>ok</html>"),
                "half json": (200, b'{"errcode":0,'),
                "no code": (200, b"{}"),
                "list": (200, b"[0]"),
                "huge": (200, b"[" * 200_000),
            }
            self._answer(*answers[way])

    def _json(self, value: dict[str, Any]) -> None:
        self._answer(200, json.dumps(value).encode())

    def _answer(self, status: int, body: bytes, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the library's name)
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # a client that gave up is part of the play


@contextmanager
def far_side() -> Iterator[FarSide]:
    """Run the far side on a free port of loopback."""
    far = FarSide()
    handler = type("Handler", (_Handler,), {"far_side": far})
    server = _Server(("127.0.0.1", 0), handler)
    far.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield far
    finally:
        far.release.set()
        server.shutdown()
        thread.join()
        server.server_close()


def closed_port_url() -> str:
    """An address where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
