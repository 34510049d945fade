"""An HTTP server that answers every request with the same few bytes, at once or after a while, in a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import atexit
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
ROOT = Path(__file__).resolve().parents[3]


class Answering(asyncio.Protocol):
    """One connection: requests one after another, each answered `delay_s` after its last byte."""

    def __init__(self, delay_s: float, asked: Callable[[], None]) -> None:
        self._delay_s = delay_s
        self._asked = asked
        self._read = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps what is written to."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answers what is whole."""
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._read[:end]).lower()
            at = head.find(b"content-length:")
            size = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._read) < end + 4 + size:
                return
            del self._read[: end + 4 + size]
            self._asked()
            if self._delay_s:
                asyncio.get_running_loop().call_later(self._delay_s, self._answer)
            else:
                self._answer()

    def _answer(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(ANSWER)


class Server:
    """A server in a process of its own, which ends with this one.

    Attributes:
        url: where it is asked.
    """

    def __init__(self, delay_s: float) -> None:
        command = [sys.executable, "-m", "tests.bench.servers.answering", str(delay_s)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{int(self._line())}"
        atexit.register(self._process.communicate)

    def arm(self) -> None:
        """Lets the server tell when the next request has arrived whole."""
        assert self._process.stdin is not None
        self._process.stdin.write("arm\n")
        self._process.stdin.flush()
        assert self._line() == "armed\n"

    def arrived(self) -> float:
        """Waits for that request; returns when it came, in the seconds of `time.monotonic`, which all processes share."""
        return float(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


def start(delay_s: float) -> str:
    """Starts a server and returns its address."""
    return Server(delay_s).url


class Watch:
    """Tells of the first request after it was armed."""

    def __init__(self) -> None:
        self._armed = False

    def asked(self) -> None:
        """Notes a request."""
        if self._armed:
            self._armed = False
            print(time.monotonic(), flush=True)

    def listen(self) -> None:
        """Arms at every line of standard input, until its end."""
        for _ in sys.stdin:
            self._armed = True
            print("armed", flush=True)


async def serve(delay_s: float) -> None:
    """Serves until standard input ends."""
    loop, watch = asyncio.get_running_loop(), Watch()
    server = await loop.create_server(lambda: Answering(delay_s, watch.asked), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, watch.listen)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("delay_s", type=float)
    asyncio.run(serve(parser.parse_args().delay_s))
