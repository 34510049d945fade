"""The other side of the fault tests: an HTTP server that writes down what really arrived, and answers in small parts."""

from __future__ import annotations

import asyncio
import json
import re
import threading
import time
from collections import Counter
from types import TracebackType
from typing import Self

_KEY = re.compile(rb"[A-Z2-7]{26}")
REASONS = {200: b"OK", 201: b"Created", 404: b"Not Found"}


class Receiver:
    """Keeps a post once its whole request has arrived; a request that is cut off does nothing.

    `/webhook` takes signed events and does nothing twice for one key; `/plain/KEY` puts up a post as often as it is asked to;
    `/plain/KEY` answers GET with what stands there.

    Attributes:
        posts: how often each key was put up.
        standing: what can be read at each id now.
        asked: how often a webhook was asked under each key.
        answers: how many posts answer each id; those under "" answer none.
        begun: keys of which at least the head of a request arrived.
        requests: whole requests, repeats included.
        cut: requests of which only a part arrived.
        held: nothing is done or answered for as long as this is set.
    """

    def __init__(self) -> None:
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._open = 0
        self._ready = threading.Event()
        self.forget()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def forget(self) -> None:
        """Begins a new record."""
        self.posts: Counter[str] = Counter()
        self.standing: dict[str, str] = {}
        self.edits: Counter[str] = Counter()
        self.removed: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()
        self.begun: set[str] = set()
        self.requests = 0
        self.cut = 0
        self.held = False

    @property
    def url(self) -> str:
        """Where it is asked, without a path."""
        return f"http://127.0.0.1:{self.port}"

    def settle(self, *, patience_s: float = 10.0) -> None:
        """Waits until every connection is over, so that nothing of a dead client is still on its way."""
        until = time.monotonic() + patience_s
        while self._open:
            assert time.monotonic() < until, "a dead client's connection is still open"
            time.sleep(0.002)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=256))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        left = asyncio.all_tasks(self._loop)
        for task in left:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.CancelledError):
            pass
        except asyncio.IncompleteReadError as err:
            self.cut += bool(err.partial)
        finally:
            self._open -= 1
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        key = (_KEY.search(head) or [b""])[0].decode()
        self.begun.add(key)
        sized = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
        body = await reader.readexactly(int(sized[1]) if sized else 0)
        self.requests += 1
        method, path, _ = head.split(b" ", 2)
        while self.held:
            await asyncio.sleep(0.002)
        status, told = self._webhook(key, json.loads(body)) if path == b"/webhook" else self._plain(method.decode(), key, body.decode())
        content = json.dumps(told).encode()
        for part in (
            b"HTTP/1.1 %d %s\r\nContent-Type: application/json\r\n" % (status, REASONS[status]),
            b"Content-Length: %d\r\n\r\n" % len(content),
            content,
        ):
            writer.write(part)
            await writer.drain()
        return True

    def _plain(self, method: str, key: str, text: str) -> tuple[int, dict[str, str]]:
        if method == "GET":
            return (200, {"id": key}) if key in self.standing else (404, {})
        self.posts[key] += 1
        self.standing[key] = text
        return 201, {"id": key}

    def _webhook(self, key: str, event: dict[str, object]) -> tuple[int, dict[str, str]]:
        told = event["data"]
        assert isinstance(told, dict)
        self.asked[key] += 1
        if self.asked[key] == 1:
            if event["type"] == "post.published":
                self.posts[key] += 1
                self.standing[key] = told["text"]
                self.answers[told["in_reply_to"] or ""] += 1
            elif event["type"] == "post.updated":
                self.edits[told["id"]] += 1
                self.standing[told["id"]] = told["text"]
            elif event["type"] == "post.recalled":
                self.removed[told["id"]] += self.standing.pop(told["id"], None) is not None
        return 200, {}
