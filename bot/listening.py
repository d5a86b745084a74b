"""Where the service listens: the address that a host's name stands for, and whether nobody else is there.

The server shares its port with whoever else wants it, so a second one would get half of all messages without a word; this is looked for first.
"""

import errno
import socket
import time

from bot.settings import SettingsError

_LOOK_AGAIN_SECONDS = 0.05


class PortTaken(SettingsError):
    """Another program listens there."""


def place_to_listen(host: str, port: int, *, patience_seconds: float = 0.0) -> str:
    """Return the numbers of the address that ``host`` stands for.

    A server that was killed a moment ago may hold the port a moment longer, so it is looked again for ``patience_seconds``. Raises PortTaken when
    somebody listens there all that time, SettingsError when this machine cannot listen there; both say what to do.
    """
    family, numbers = _address_of(host)
    ends = time.monotonic() + patience_seconds
    while (error := _refused(family, numbers, port)) is not None:
        if error.errno != errno.EADDRINUSE or time.monotonic() >= ends:
            raise _refusal(error, host, port) from error
        time.sleep(_LOOK_AGAIN_SECONDS)
    return numbers


def _refused(family: socket.AddressFamily, numbers: str, port: int) -> OSError | None:
    """Return why nobody can listen there now, or None."""
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((numbers, port))
        except OSError as error:
            return error
    return None


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
