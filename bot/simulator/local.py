"""Keeps the pocket WeChat at home: whoever reaches it may act for any pretended member, so nobody from outside may reach it."""

import ipaddress
from urllib.parse import urlsplit

from flask import abort, request

from bot.settings import Settings, SettingsError
from bot.web.words import gettext

_LOCAL_ENDINGS = (".localhost", ".local", ".internal", ".lan", ".test")


def check_is_private(settings: Settings) -> None:
    """Raise SettingsError when the service is reached at a public address."""
    host = urlsplit(settings.base_url).hostname
    if host and not is_private_host(host):
        raise SettingsError("SIMULATOR must be off when BASE_URL is a public address, for it asks nobody who they are")


def is_private_host(name: str) -> bool:
    """Say whether a host's name or address can only be reached from this machine or its own network."""
    bare = name.strip("[]").lower()
    try:
        return _is_private(ipaddress.ip_address(bare))
    except ValueError:
        return "." not in bare or bare.endswith(_LOCAL_ENDINGS)


def refuse_strangers() -> None:
    """Refuse a request from outside, or one under a public name (which a page elsewhere may have pointed here)."""
    host = urlsplit(f"//{request.host}").hostname or ""
    if not (is_private_host(host) and is_private_host(request.remote_addr or "localhost")):
        abort(403, description=gettext("口袋微信只对本机和内网开放。"))


def _is_private(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_private and not address.is_unspecified
