"""Signing in: wrong tries slow down the name and the network they come from, never whom they did not concern, and never for good."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from math import ceil

from bot.web.passwords import hash_password, is_outdated, is_right
from storage import audit, login_failures, sessions, users
from storage.database import Database, Transaction
from storage.login_failures import name_subject, network_subject
from storage.users import User

FREE_TRIES = 5  # the fifth wrong try is the first that makes the next one wait
LONGEST_DELAY = timedelta(seconds=900)
NETWORK_WINDOW = timedelta(minutes=15)
MOST_PER_NETWORK = 20  # wrong tries within the window
_IPV6_SITE_BITS = 64


@dataclass(frozen=True, slots=True)
class RightPair:
    """Name and password belong together; ``wrong_tries`` is how many failed since the last time they were given."""

    user: User
    wrong_tries: int


@dataclass(frozen=True, slots=True)
class WrongPair:
    """No enabled user has this name and password; which of the two is wrong is not said."""


@dataclass(frozen=True, slots=True)
class TooSoon:
    """Not looked at: too many wrong tries before; the next may come after ``wait_seconds``."""

    wait_seconds: int


def check_pair(
    database: Database, name: str, password: str, address: str, now: datetime
) -> RightPair | WrongPair | TooSoon:
    """Look whether an enabled user has this name and password, given from a network address."""
    subject, network = name_subject(users.normal_name(name)), network_of(address)
    counted = database.write(partial(_count_try, subject=subject, network=network_subject(network), now=now))
    if isinstance(counted, TooSoon):
        return counted
    user = users.find_user_by_name(database, name)
    right = is_right("" if user is None else user.password_hash, password)
    if user is None or not user.enabled or not right:
        # Recorded for unknown names too (without the name: people type passwords there), so that both take as long.
        actor = "nobody" if user is None else f"user:{user.name}"
        database.write(lambda tx: audit.record(tx, actor, "login.failed", "", f"network={network}", now))
        return WrongPair()
    stronger = hash_password(password) if is_outdated(user.password_hash) else None

    def forgive(tx: Transaction) -> int:
        tries, _ = login_failures.failures_since(tx, subject, now - login_failures.REMEMBERED)
        login_failures.clear(tx, subject)
        login_failures.take_back(tx, counted)
        if stronger is not None:
            users.renew_password_hash(tx, user.id, user.password_hash, stronger)
        return tries - 1  # this try was counted too

    return RightPair(user, database.write(forgive))


def start_session(database: Database, user: User, network: str, now: datetime, old_token_hash: str) -> str:
    """Begin a session and return its token for the cookie; the browser's older session ends."""

    def work(tx: Transaction) -> str:
        sessions.end_session(tx, old_token_hash)
        audit.record(tx, f"user:{user.name}", "login.succeeded", "", f"network={network}", now)
        return sessions.start_session(tx, user.id, now)

    return database.write(work)


def network_of(address: str) -> str:
    """Return the network a wrong try is counted against: the IPv4 address itself, the site's prefix of an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, _IPV6_SITE_BITS), strict=False))
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)


def delay_after(wrong_tries: int) -> timedelta:
    """Return how long the next try must wait: 1, 2, 4 … 900 seconds from the fifth wrong one on."""
    if wrong_tries < FREE_TRIES:
        return timedelta(0)
    return min(LONGEST_DELAY, timedelta(seconds=2 ** min(wrong_tries - FREE_TRIES, 10)))


def _count_try(tx: Transaction, subject: str, network: str, now: datetime) -> list[int] | TooSoon:
    """Count this try before anything is hashed, so that tries in parallel see each other; or say how long it must wait."""
    tx.alone("sign-in")
    tries, last = login_failures.failures_since(tx, subject, now - login_failures.REMEMBERED)
    by_network, last_by_network = login_failures.failures_since(tx, network, now - NETWORK_WINDOW)
    until = now
    if last is not None:
        until = max(until, last + delay_after(tries))
    if last_by_network is not None and by_network >= MOST_PER_NETWORK:
        until = max(until, last_by_network + NETWORK_WINDOW)
    if until > now:
        return TooSoon(ceil((until - now).total_seconds()))
    return login_failures.add_failure(tx, (subject, network), now)
