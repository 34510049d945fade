"""TLS as it is: a certificate that is trusted, one that is not, and one for another name."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from geoalert.errors import NotSent, OutcomeUnknown
from geoalert.http import Http
from tests.publishers.mail_place import certificate

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[int, Path, list[bytes]]]:
    """A server that speaks TLS with a certificate of its own; port, certificate, and what it was told."""
    context, trusted = certificate(tmp_path / "tls")
    told: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    plain, _ = listening.accept()
                except OSError:
                    return
                try:
                    with context.wrap_socket(plain, server_side=True) as connection:
                        while piece := connection.recv(65536):
                            told.append(piece)
                            if piece.endswith(b"not tls"):
                                os.write(plain_fd := os.dup(connection.fileno()), b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
                                os.close(plain_fd)
                            if piece.endswith(b"hello"):
                                connection.sendall(ANSWER)
                except OSError:
                    plain.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1], trusted, told
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def test_a_certificate_of_the_house_is_trusted_where_the_environment_says_so(
    server: tuple[int, Path, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """REQUESTS_CA_BUNDLE, as for every other program on the machine."""
    port, trusted, told = server
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted))
    http = Http()

    answers = [http.request("POST", f"https://localhost:{port}/x", body="hello", internal=True).text() for _ in range(2)]

    assert answers == ["ok", "ok"]
    assert b"".join(told).count(b"hello") == 2


@pytest.mark.parametrize("trust", [False, True])
def test_a_certificate_that_proves_nothing_gets_nothing_sent(
    server: tuple[int, Path, list[bytes]], monkeypatch: pytest.MonkeyPatch, trust: bool
) -> None:
    """Unknown here, or known and made out to another name."""
    port, trusted, told = server
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    if trust:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted))
        rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **named: rows)

    with pytest.raises(NotSent) as caught:
        Http().request("POST", f"https://{'other.example' if trust else 'localhost'}:{port}/x", body="s3cr3t", internal=True)

    assert (caught.value.code, told) == ("tls_failed", [])
    assert "certificate" in str(caught.value.do)
    assert caught.value.__context__ is None


@pytest.mark.parametrize("own", [False, True])
def test_bytes_that_are_no_tls_after_the_request_leave_it_unknown(
    server: tuple[int, Path, list[bytes]], monkeypatch: pytest.MonkeyPatch, own: bool
) -> None:
    """The server had read everything, so nobody may repeat it."""
    port, trusted, told = server
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted))
    session = requests.Session()
    session.verify = str(trusted)

    with pytest.raises(OutcomeUnknown):
        Http(session if own else None).request("POST", f"https://localhost:{port}/x", body="not tls", internal=True)

    assert b"".join(told).endswith(b"not tls")


def test_a_callers_session_that_trusts_nothing_sends_nothing(server: tuple[int, Path, list[bytes]]) -> None:
    """The handshake failed, so trying again is safe."""
    port, _, told = server

    with pytest.raises(NotSent) as caught:
        Http(requests.Session()).request("POST", f"https://localhost:{port}/x", body="s3cr3t", internal=True)

    assert (caught.value.code, told) == ("tls_failed", [])
