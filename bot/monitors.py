"""Who may see how the service is in detail: programs with the monitoring token, this machine itself, administrators who are signed in."""

import hmac
import ipaddress

from flask import Request, request

from bot import service
from bot.settings import Settings
from bot.web.auth import current_user, load_session
from storage.errors import StorageError

_FORWARDED = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via")
_ROLES = ("admin", "supervisor")


def is_monitor() -> bool:
    """Say whether the current request may see details."""
    return _is_program(service.current().settings, request) or _is_administrator()


def _is_program(settings: Settings, asked: Request) -> bool:
    """Say whether the request carries the token or, when there is none, comes from this machine and not through a proxy on it."""
    if settings.monitoring_token:
        given = asked.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {settings.monitoring_token}".encode())
    forwarded = not settings.proxy_hops and any(name in asked.headers for name in _FORWARDED)
    return not forwarded and _is_loopback(asked.remote_addr or "")


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _is_administrator() -> bool:
    try:
        load_session()
    except StorageError:  # then nobody can be known
        return False
    user = current_user()
    return user is not None and user.role in _ROLES
