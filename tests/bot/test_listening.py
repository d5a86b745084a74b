"""Where the service listens: names are looked up, and what stands in the way is told in a sentence."""

import socket
import threading
from collections.abc import Iterator

import pytest

from bot.listening import PortTaken, place_to_listen
from bot.settings import SettingsError
from tests.faults.web_process import free_port


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which a program listens that would share it, as a server of ours would."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


def test_a_name_stands_for_an_address() -> None:
    assert place_to_listen("localhost", free_port()) == "127.0.0.1"
    assert place_to_listen("0.0.0.0", free_port()) == "0.0.0.0"


def test_a_port_is_not_shared_with_anybody(taken: int) -> None:
    for host in ("127.0.0.1", "0.0.0.0", "localhost"):
        with pytest.raises(PortTaken, match=f"port {taken} is in use by another program: .* set PORT"):
            place_to_listen(host, taken)


def test_who_is_about_to_go_is_waited_for() -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = int(other.getsockname()[1])
        goes = threading.Timer(0.3, other.close)
        goes.start()
        assert place_to_listen("127.0.0.1", port, patience_seconds=30) == "127.0.0.1"
        goes.join()


@pytest.mark.parametrize("host", ["brand.invalid", "192.0.2.7", "a" * 80 + ".example", "::gg"])
def test_an_address_that_this_machine_does_not_have_is_refused(host: str) -> None:
    with pytest.raises(SettingsError, match="HOST must be an address of this machine"):
        place_to_listen(host, free_port())
