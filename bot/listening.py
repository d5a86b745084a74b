"""Where the service listens: the address that a host's name stands for, and whether nobody else is there.

The server shares its port with whoever else wants it, so a second one would get half of all messages without a word; this is looked for first.
"""

import errno
import socket

from bot.settings import SettingsError


class PortTaken(SettingsError):
    """Another program listens there."""


def place_to_listen(host: str, port: int) -> str:
    """Return the numbers of the address that ``host`` stands for.

    Raises PortTaken when somebody listens there already, SettingsError when this machine cannot listen there; both say what to do.
    """
    family, numbers = _address_of(host)
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((numbers, port))
        except OSError as error:
            raise _refusal(error, host, port) from error
    return numbers


def _address_of(host: str) -> tuple[socket.AddressFamily, str]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SettingsError(
            f"HOST must be an address of this machine, such as 127.0.0.1 or 0.0.0.0 for all, not {host!r}"
        ) from error
    family, _, _, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
    return family, str(address[0])


def _refusal(error: OSError, host: str, port: int) -> SettingsError:
    if error.errno == errno.EADDRINUSE:
        return PortTaken(f"port {port} is in use by another program: end that one, or set PORT to another")
    if error.errno == errno.EADDRNOTAVAIL:
        return SettingsError(f"HOST must be an address of this machine, or 0.0.0.0 for all, not {host!r}")
    if error.errno == errno.EACCES:
        return SettingsError(
            f"PORT {port} needs rights that this user lacks: set PORT to 1024 or more, and put a proxy in front"
        )
    return SettingsError(f"cannot listen on {host} port {port}: {error.strerror}")
