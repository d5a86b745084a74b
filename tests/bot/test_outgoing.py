"""Calls to addresses that people typed: where they may lead."""

import ipaddress
import socket

import pytest

from bot.outgoing import Door, Forbidden, NoAnswer, is_public, resolve

FORBIDDEN = (
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.8.8.8"),
    *("169.254.1.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.168.0.1"),
    *("192.168.255.255", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1"),
    *("255.255.255.255", "::", "::1", "fe80::1", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::a00:1"),
    *("2002:7f00:1::", "2002:c0a8:1::", "2001:0:1:1::80ff:fffe"),
)
ALLOWED = ["1.1.1.1", "101.226.103.106", "2400:da00::dbf:0:100", "::ffff:1.1.1.1", "64:ff9b::101:101"]


@pytest.mark.parametrize("text", FORBIDDEN)
def test_what_is_not_of_the_open_internet_is_known(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", ALLOWED)
def test_what_is_of_the_open_internet_is_known(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "::1"])
def test_every_way_to_write_loopback_is_refused(host: str) -> None:
    with pytest.raises((Forbidden, NoAnswer)):
        resolve(host, 443, private=False)


def test_a_name_is_refused_when_any_of_its_addresses_is_private(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("1.1.1.1", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(Forbidden):
        resolve("crm.example.com", 443, private=False)
    assert resolve("crm.example.com", 443, private=True) == "1.1.1.1"


@pytest.mark.parametrize("url", ["http://crm.example.com", "ftp://crm.example.com", "crm.example.com", "https://"])
def test_only_https_is_called(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        Door(url, seconds=1)


def test_a_name_that_does_not_exist_is_no_answer() -> None:
    with pytest.raises(NoAnswer):
        Door("https://no-such-host.invalid/", seconds=1).post(b"{}", {})
