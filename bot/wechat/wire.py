"""One request to the platform's API and its answer: bounded in time and size, and clear about what surely did not leave.

    WireError
    ├── NotSent       the request surely had no effect: no connection, or turned away
    └── Unanswered    the request left, or may have, and nobody knows what came of it

Neither carries the address, which holds the access token, nor the library's exception, which holds the address.
"""

import json
import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError
from urllib3.filepost import encode_multipart_formdata

CONNECT_SECONDS, READ_SECONDS = 3.05, 8.0
ANSWER_SECONDS = 12.0  # for the whole body, however slowly it trickles in
MOST_ANSWER_BYTES = 64 * 1024
MOST_LIST_BYTES = 2 * 1024 * 1024  # a page of ten thousand followers takes a third of a megabyte
IDLE_SECONDS = 15.0  # an older idle connection is made anew: the far side may be closing it just as we write, and that looks like "unknown"


class WireError(Exception):
    """Base: ``outcome`` is a code of ``bot.wechat.outcomes``."""

    def __init__(self, outcome: str) -> None:
        super().__init__(outcome)
        self.outcome = outcome


class NotSent(WireError):
    """The request surely had no effect."""


class Unanswered(WireError):
    """Nobody knows what came of the request."""


class _HTTPSConnection(HTTPSConnection):
    """Tells a failed handshake from a connection that broke later; in the library both are one error."""

    def connect(self) -> None:
        try:
            super().connect()
        except (OSError, HTTPError) as error:
            raise NewConnectionError(self, f"no secure connection: {type(error).__name__}") from error


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


class _Adapter(HTTPAdapter):
    """Uses the connections above, also through a proxy."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self._use_our_pools(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        self._use_our_pools(manager)
        return manager

    def _use_our_pools(self, manager: PoolManager) -> None:
        manager.pool_classes_by_scheme = {"http": HTTPConnectionPool, "https": _HTTPSPool}


def without_queries(record: logging.LogRecord) -> bool:
    """Cut the query, which holds the access token, off every address in a record of the HTTP library."""
    if isinstance(record.args, tuple):
        record.args = tuple(part.partition("?")[0] if isinstance(part, str) else part for part in record.args)
    return True


_JSON = {"Content-Type": "application/json; charset=utf-8"}


@dataclass(frozen=True, slots=True, repr=False)  # the query holds the token
class _Request:
    method: str
    path: str
    query: Mapping[str, str]
    body: bytes | None = None
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A file to post: the form's field, a name, a media type and the bytes."""

    field: str
    name: str
    media_type: str
    content: bytes


def _with_token(query: Mapping[str, str], token: str | None) -> dict[str, str]:
    return {"access_token": token, **query} if token else dict(query)


class Wire:
    """Makes requests to one host. Safe to share between threads."""

    def __init__(
        self, base_url: str, *, connect_seconds: float = CONNECT_SECONDS, read_seconds: float = READ_SECONDS
    ) -> None:
        """Prepare for ``base_url``; a connection must stand within ``connect_seconds``, silence may last ``read_seconds``."""
        self._base_url = base_url.rstrip("/")
        self._timeouts = (connect_seconds, read_seconds)
        self._session = requests.Session()
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, _Adapter(pool_connections=2, pool_maxsize=32))
        self._lock = threading.Lock()
        self._in_flight = 0
        self._last_used = time.monotonic()
        for name in ("urllib3.connectionpool", "urllib3.util.retry"):
            logging.getLogger(name).addFilter(without_queries)

    def close(self) -> None:
        """Close every connection."""
        self._session.close()

    def post(
        self,
        path: str,
        body: Mapping[str, object],
        *,
        token: str | None = None,
        most_bytes: int = MOST_ANSWER_BYTES,
    ) -> dict[str, Any]:
        """Post ``body`` as JSON and return the JSON object that came back, of at most ``most_bytes``.

        Raises NotSent when it surely had no effect, Unanswered when nobody knows.
        """
        request = _Request("POST", path, _with_token({}, token), json.dumps(body, ensure_ascii=False).encode(), _JSON)
        return _object(self._answered(request, most_bytes))

    def get(
        self, path: str, query: Mapping[str, str], *, token: str, most_bytes: int = MOST_ANSWER_BYTES
    ) -> dict[str, Any]:
        """Get ``path`` and return the JSON object that came back. Raises as ``post`` does."""
        return _object(self._answered(_Request("GET", path, _with_token(query, token)), most_bytes))

    def upload(self, path: str, query: Mapping[str, str], file: File, *, token: str) -> dict[str, Any]:
        """Post a file as a form does and return the JSON object that came back. Raises as ``post`` does."""
        body, form_type = encode_multipart_formdata({file.field: (file.name, file.content, file.media_type)})
        request = _Request("POST", path, _with_token(query, token), body, {"Content-Type": form_type})
        return _object(self._answered(request, MOST_ANSWER_BYTES))

    def fetch(self, path: str, query: Mapping[str, str], *, token: str, most_bytes: int) -> bytes | dict[str, Any]:
        """Get ``path`` and return the bytes that came back; where they are a JSON object, that (it mostly says what went wrong).

        Raises as ``post`` does.
        """
        answer = self._answered(_Request("GET", path, _with_token(query, token)), most_bytes)
        if not answer:
            raise Unanswered("not_json")
        return _object(answer) if answer.lstrip()[:1] == b"{" else answer

    def _answered(self, request: _Request, most_bytes: int) -> bytes:
        """Return the body of a 200 answer. Raises NotSent, Unanswered."""
        self._begin()
        try:
            status, answer = self._exchange(request, most_bytes)
        finally:
            self._end()
        if status >= 500:
            raise Unanswered("http_error")
        if status != 200:
            raise NotSent(f"http_refused: {status}")
        return answer

    def _exchange(self, request: _Request, most_bytes: int) -> tuple[int, bytes]:
        failure: WireError
        try:
            with self._session.request(
                request.method,
                self._base_url + request.path,
                params=request.query,
                data=request.body,
                headers=request.headers,
                timeout=self._timeouts,
                allow_redirects=False,
                stream=True,
            ) as response:
                return response.status_code, _read(response, most_bytes)
        except (requests.RequestException, HTTPError, OSError) as error:
            failure = _failure(error)
        except Unanswered as error:
            failure = error
        raise failure  # out here, so that it carries nothing of the library's error along

    def _begin(self) -> None:
        with self._lock:
            if not self._in_flight and time.monotonic() - self._last_used > IDLE_SECONDS:
                self._session.close()
            self._in_flight += 1

    def _end(self) -> None:
        with self._lock:
            self._in_flight -= 1
            self._last_used = time.monotonic()


def _read(response: requests.Response, most_bytes: int) -> bytes:
    """Return the body. Raises Unanswered when it is too long or takes too long."""
    ends = time.monotonic() + ANSWER_SECONDS
    body = b""
    for part in response.iter_content(8192):
        body += part
        if len(body) > most_bytes:
            raise Unanswered("not_json")
        if time.monotonic() > ends:
            raise Unanswered("timeout")
    return body


def _object(answer: bytes) -> dict[str, Any]:
    """Return the JSON object of an answer. Raises Unanswered when it is none."""
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Unanswered("not_json")
    return found


_NEVER_LEFT = (
    NewConnectionError,
    ConnectTimeoutError,
    requests.ConnectTimeout,
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
)


def _failure(error: BaseException) -> WireError:
    """Say what an error of the library means for the request."""
    causes = list(_causes(error))
    if any(isinstance(cause, _NEVER_LEFT) for cause in causes):
        return NotSent("offline")
    if any(isinstance(cause, (TimeoutError, requests.Timeout)) for cause in causes):
        return Unanswered("timeout")
    return Unanswered("cut_off")


def _causes(error: BaseException | None) -> list[BaseException]:
    """Return the error and all it was made from."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        each = waiting.pop()
        if isinstance(each, BaseException) and each not in found:
            found.append(each)
            waiting += [each.__cause__, each.__context__, getattr(each, "reason", None), *each.args]
    return found
