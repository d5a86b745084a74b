"""Calls to addresses that people typed in: the one door for them. Nothing behind our own walls can be reached through it unless that was allowed.

    OutgoingError
    ├── Forbidden      the address leads where no call may go
    └── NoAnswer       no connection, no time, or an answer that cannot be used

The name is resolved once, every address it has must be allowed, and the connection goes to the one that was checked, under the right name in TLS.
Redirects are not followed.
"""

import ipaddress
import logging
import socket
import ssl
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from urllib3 import HTTPSConnectionPool, Timeout
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from bot.wechat.wire import without_queries

CONNECT_SECONDS = 3.0
MOST_ANSWER_BYTES = 64 * 1024
_EMBEDDING = tuple(ipaddress.IPv6Network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48"))  # NAT64

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class OutgoingError(Exception):
    """Base; the text says what happened, without the address."""


class Forbidden(OutgoingError):
    """The address leads where no call may go."""


class NoAnswer(OutgoingError):
    """No connection, no time, or an answer that cannot be used."""


def is_public(address: Address) -> bool:
    """Return whether an address belongs to the open internet, also the one that may be wrapped in it."""
    if isinstance(address, ipaddress.IPv6Address) and (inner := _embedded(address)):
        return is_public(inner)
    return address.is_global and not address.is_multicast


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if any(address in net for net in _EMBEDDING):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address.teredo:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour


def resolve(host: str, port: int, *, private: bool) -> str:
    """Return an address of the host to connect to. Raises Forbidden when any of them may not be called, NoAnswer when there is none."""
    try:
        found = dict.fromkeys(str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except (OSError, UnicodeError) as error:
        raise NoAnswer("the name cannot be resolved") from error
    addresses = sorted((ipaddress.ip_address(text.partition("%")[0]) for text in found), key=lambda one: one.version)
    if not private and not all(is_public(address) for address in addresses):
        raise Forbidden("the address leads into a private network")
    return str(addresses[0])


class Door:
    """Calls one https address. Safe to share between threads; each call is a connection of its own."""

    def __init__(self, url: str, *, private: bool = False, seconds: float) -> None:
        """Prepare for ``url``; ``private`` allows addresses of private networks, ``seconds`` bound one call from its first byte to its last."""
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname:
            raise ValueError("an https address")
        self._host, self._port = parts.hostname, parts.port or 443
        self._authority = parts.netloc.rpartition("@")[2]
        self._target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._private = private
        self._seconds = seconds
        self._context = ssl.create_default_context()
        logging.getLogger("urllib3.connectionpool").addFilter(without_queries)  # of an address may hold a key

    def post(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Post ``body`` and return status and answer. Raises OutgoingError."""
        ends = time.monotonic() + self._seconds
        address = resolve(self._host, self._port, private=self._private)
        pool = HTTPSConnectionPool(
            address,
            self._port,
            timeout=Timeout(connect=CONNECT_SECONDS, read=self._seconds),
            retries=False,
            ssl_context=self._context,
            server_hostname=self._host,
            assert_hostname=self._host,
        )
        try:
            answer = pool.urlopen(
                "POST",
                self._target,
                body=body,
                headers={"Host": self._authority, **headers},
                redirect=False,
                preload_content=False,
            )
            return answer.status, _read(answer, ends)
        except (HTTPError, OSError, ValueError) as error:
            raise NoAnswer(type(error).__name__) from None
        finally:
            pool.close()


def _read(answer: BaseHTTPResponse, ends: float) -> bytes:
    """Return the body. Raises NoAnswer when it is too long or takes too long."""
    body = b""
    for part in answer.stream(8192):
        body += part
        if len(body) > MOST_ANSWER_BYTES:
            raise NoAnswer("the answer is too long")
        if time.monotonic() > ends:
            raise NoAnswer("the answer takes too long")
    return body
