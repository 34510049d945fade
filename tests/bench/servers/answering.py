"""An HTTP server that answers every request with the same few bytes, at once or after a while, in a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import atexit
import subprocess
import sys
from pathlib import Path

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
ROOT = Path(__file__).resolve().parents[3]


class Answering(asyncio.Protocol):
    """One connection: requests one after another, each answered `delay_s` after its last byte."""

    def __init__(self, delay_s: float) -> None:
        self._delay_s = delay_s
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
            if self._delay_s:
                asyncio.get_running_loop().call_later(self._delay_s, self._answer)
            else:
                self._answer()

    def _answer(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(ANSWER)


def start(delay_s: float) -> str:
    """Starts a server and returns its address; it ends with this process."""
    command = [sys.executable, "-m", "tests.bench.servers.answering", str(delay_s)]
    started = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    atexit.register(started.communicate)
    return f"http://127.0.0.1:{int(started.stdout.readline())}"


async def serve(delay_s: float) -> None:
    """Serves until standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Answering(delay_s), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("delay_s", type=float)
    asyncio.run(serve(parser.parse_args().delay_s))
