"""Where a request may go: judged by the address that is connected to, before a byte leaves."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from geoalert.clock import Clock
from geoalert.errors import ConfigurationError, NotSent, OutcomeUnknown, PublishError, Rejected
from geoalert.http import Http, addresses
from geoalert.http.addresses import refuse_address, refuse_internal
from tests.portal import Portal, Reply

INSIDE = "127.0.0.2"


@pytest.fixture
def open_to_portal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes 127.0.0.1 for a place on the public internet, so that the portal stands for one."""
    judged = addresses._is_public
    monkeypatch.setattr(addresses, "_is_public", lambda address: str(address) == "127.0.0.1" or judged(address))


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A server inside that nobody may reach."""
    with socket.create_server((INSIDE, 0)) as listening:
        listening.settimeout(0.05)
        yield listening


def answer_with(monkeypatch: pytest.MonkeyPatch, *rounds: tuple[str, ...]) -> None:
    """Lets every look-up give the next of these sets of addresses, the last for ever."""
    left = list(rounds)

    def look_up(host: str, port: int, *rest: object, **named: object) -> list[object]:
        found = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET6 if ":" in each else socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.0.0.7",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.31.255.255",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::10.0.0.7",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:0:127.0.0.1",
        "::5efe:127.0.0.1",
        "2001:db8:1::5efe:10.0.0.7",
        "2606:4700::200:5efe:10.0.0.7",
        "64:ff9b::10.0.0.7",
        "64:ff9b:1::127.0.0.1",
        "5f00::1",
        "2002:a00:7::1",
        "fc00::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "fd00:ec2::254",
    ],
)
def test_no_address_inside_passes(address: str) -> None:
    """Private, local, shared, metadata and multicast addresses, also those wrapped in another family."""
    with pytest.raises(Rejected) as caught:
        refuse_address(address, at="name.example")

    assert caught.value.code == "address_refused"


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"])
def test_addresses_on_the_internet_pass(address: str) -> None:
    """Nothing is raised for a global one."""
    assert ipaddress.ip_address(address)
    refuse_address(address, at="name.example")


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "localhost", "a.localhost", "localhost."])
def test_other_spellings_of_an_address_inside_are_refused_behind_a_proxy_too(host: str) -> None:
    """What means an address without any look-up is judged where the proxy would look up."""
    with pytest.raises(Rejected):
        refuse_internal(f"http://{host}/", resolve=False)


def test_a_name_that_changes_its_address_gets_nothing_sent_inside(
    http: Http, clock: Clock, portal: Portal, open_to_portal: None, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look-up that is judged is the one that is connected to; the next connection is judged again."""
    port = portal.url.rpartition(":")[2]
    portal.routes["/x"] = lambda asked: Reply(b"{}", headers={"Connection": "close"})
    answer_with(monkeypatch, ("127.0.0.1",), (INSIDE,))

    assert http.request("GET", f"http://name.example:{port}/x").status == 200
    with pytest.raises(Rejected) as caught:
        http.request("GET", f"http://name.example:{listener.getsockname()[1]}/x")

    assert (caught.value.code, caught.value.value) == ("address_refused", INSIDE)
    with pytest.raises(TimeoutError):
        listener.accept()


def test_one_address_inside_among_several_is_enough(
    http: Http, portal: Portal, open_to_portal: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which of them would be taken is chance."""
    answer_with(monkeypatch, ("127.0.0.1", INSIDE))

    with pytest.raises(Rejected):
        http.request("GET", portal.url.replace("127.0.0.1", "name.example"))

    assert portal.asked == []


def test_the_next_address_is_taken_when_the_first_is_dead(
    http: Http, portal: Portal, monkeypatch: pytest.MonkeyPatch, open_to_portal: None
) -> None:
    """Nobody listens at the first, the second answers."""
    monkeypatch.setattr(addresses, "_is_public", lambda address: True)
    answer_with(monkeypatch, ("::1", "127.0.0.1"))
    portal.routes["/x"] = lambda asked: Reply(asked.headers["host"].encode())

    assert http.request("GET", portal.url.replace("127.0.0.1", "name.example") + "/x").text().startswith("name.example:")


@pytest.mark.parametrize("where", ["http://10.0.0.1/inside", "http://169.254.169.254/latest/meta-data", "http://[::ffff:10.0.0.1]/"])
def test_redirect_into_a_private_network_is_refused(http: Http, portal: Portal, open_to_portal: None, where: str) -> None:
    """The rule holds on every step, not only for the first address."""
    portal.fault("/old", Reply(status=302, headers={"Location": where}))

    with pytest.raises(Rejected) as caught:
        http.request("GET", f"{portal.url}/old")

    assert caught.value.code == "address_refused"
    assert len(portal.asked) == 1


def test_a_connection_that_was_meant_is_not_lent_to_a_request_that_was_not(http: Http, portal: Portal) -> None:
    """One open connection into the network opens no door for the next request."""
    portal.routes["/x"] = lambda asked: Reply(b"{}")
    http.request("GET", f"{portal.url}/x", internal=True)

    with pytest.raises(Rejected):
        http.request("GET", f"{portal.url}/x")

    assert len(portal.asked) == 1


def test_connections_are_kept(http: Http, portal: Portal) -> None:
    """Two requests to one origin arrive over one connection."""
    ports: list[str] = []
    portal.routes["/x"] = lambda asked: Reply(ports.append(threading.current_thread().name) or b"{}")  # type: ignore[func-returns-value]

    for _ in range(3):
        http.request("GET", f"{portal.url}/x", internal=True)

    assert len(set(ports)) == 1


def test_tls_that_breaks_off_was_not_sent(http: Http) -> None:
    """A server that hangs up in the handshake has received no byte of the request."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=lambda: listening.accept()[0].close())
        thread.start()
        with pytest.raises(PublishError) as caught:
            http.request("POST", f"https://127.0.0.1:{listening.getsockname()[1]}/x", body="x", internal=True)
        thread.join()

    assert isinstance(caught.value, NotSent)


def test_a_hang_up_after_the_request_is_unknown(http: Http) -> None:
    """The request was there; what became of it nobody knows."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def hang_up() -> None:
            connection, _ = listening.accept()
            connection.recv(65536)
            connection.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(PublishError) as caught:
            http.request("POST", f"http://127.0.0.1:{listening.getsockname()[1]}/x", body="x", internal=True)
        thread.join()

    assert (type(caught.value), caught.value.code) == (OutcomeUnknown, "connection_broken")


@pytest.mark.parametrize(
    "headers", [{"X-A": "1\r\nX-Evil: 2"}, {"X-A\r\nX-Evil": "2"}, {"X-A": "1\n2"}, {"X-A": "a\0b"}, {"X A": "1"}, {"X-A": "\u2603"}]
)
def test_a_header_that_would_break_out_is_refused(http: Http, portal: Portal, headers: dict[str, str]) -> None:
    """Nothing is sent, and the value is not shown."""
    with pytest.raises(Rejected) as caught:
        http.request("GET", f"{portal.url}/x", headers=headers, internal=True)

    assert caught.value.code == "request_refused"
    assert "Evil" not in str(caught.value)
    assert portal.asked == []


def test_certificates_to_trust_that_are_not_there_are_told(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong REQUESTS_CA_BUNDLE is the project's mistake, not the server's."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")

    with pytest.raises(ConfigurationError) as caught:
        http.request("GET", "https://127.0.0.1:1/", internal=True)

    assert caught.value.code == "invalid_ca_bundle"


def test_the_least_recent_origin_makes_room(http: Http, monkeypatch: pytest.MonkeyPatch, portal: Portal) -> None:
    """Hundreds of origins leave no more pools than the limit."""
    monkeypatch.setattr("geoalert.http.direct.MOST_ORIGINS", 3)
    portal.routes["/x"] = lambda asked: Reply(b"{}")

    for number in range(1, 6):
        with pytest.raises(NotSent):
            http.request("GET", f"http://127.0.0.1:{number}/x", internal=True)
    http.request("GET", f"{portal.url}/x", internal=True)

    assert len(http._direct._pools) == 3


@pytest.mark.parametrize("piece", [b"X", b"X-More: and more\r\n"])
def test_a_reply_that_trickles_in_is_not_waited_for(http: Http, piece: bytes) -> None:
    """Byte by byte or header by header: the wait for a reply to begin is one wait, not one for each piece."""
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def trickle() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\n")
                while not done.wait(0.02):
                    connection.sendall(piece)

        thread = threading.Thread(target=trickle)
        thread.start()
        begun = time.monotonic()
        with pytest.raises(OutcomeUnknown) as caught:
            http.request("GET", f"http://127.0.0.1:{listening.getsockname()[1]}/x", internal=True, timeout_s=0.2)
        took_s = time.monotonic() - begun
        done.set()
        thread.join()

    assert caught.value.code == "read_timeout"
    assert took_s < 5
