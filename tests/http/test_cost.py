"""What a request costs: never more than the same request by a bare session."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
import requests

from geoalert.http import Http

# In a process of its own, so that its time is not counted.
SERVER = r"""
import socket, threading
listening = socket.create_server(("127.0.0.1", 0), backlog=100)
print(listening.getsockname()[1], flush=True)
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"id":"42"}'
def serve(connection):
    with connection, connection.makefile("rb") as lines:
        while line := lines.readline():
            size = 0
            while (line := lines.readline()) not in (b"\r\n", b""):
                size = int(line[15:]) if line.lower().startswith(b"content-length:") else size
            lines.read(size)
            connection.sendall(ANSWER)
while True:
    threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()
"""
BODY = json.dumps({"text": "x" * 400}).encode()
HEADERS = {"Content-Type": "application/json"}


@pytest.fixture
def url() -> Iterator[str]:
    """A server that answers at once."""
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield f"http://127.0.0.1:{server.stdout.readline().strip()}/hook?x=1"
        server.kill()


def spent(ask: Callable[[], object], times: int) -> float:
    """Returns the processor time of one request, seconds."""
    begun = time.process_time()
    for _ in range(times):
        ask()
    return (time.process_time() - begun) / times


def test_a_small_post_costs_less_than_by_a_bare_session(url: str) -> None:
    """Pairs of runs, so that a busy machine slows both; the median of their ratios."""
    session, http = requests.Session(), Http()

    def bare() -> object:
        return session.post(url, data=BODY, headers=HEADERS, timeout=10).json()

    def ours() -> object:
        return http.request("POST", url, body=BODY, headers=HEADERS, internal=True).require().json()

    spent(bare, 50), spent(ours, 50)

    ratio = statistics.median(spent(ours, 150) / spent(bare, 150) for _ in range(7))

    session.close()
    print(f"processor time of a small POST, against a bare session: {ratio:.2f}")
    assert ratio <= 1.0
