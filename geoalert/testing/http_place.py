"""A real HTTP server on this machine whose faults are scripted."""

from __future__ import annotations

import base64
import binascii
import json
import socket
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any, Self
from urllib.parse import unquote_plus, urlsplit

from geoalert.errors import NotSent, OutcomeUnknown, Rejected
from geoalert.testing.place import Arrived, Expected

RETRY_AFTER_S = 7
_PAGE = b"<!DOCTYPE html><html><head><title>Down for maintenance</title></head></html>"
_STRAY = "/somewhere-else"

FAULTS: Mapping[str, Expected] = MappingProxyType(
    {
        "refused": Expected((NotSent,)),
        "tls": Expected((NotSent,)),
        "hang": Expected((OutcomeUnknown,)),
        "cut_off": Expected((OutcomeUnknown,)),
        "hang_up": Expected((OutcomeUnknown,)),
        "garbage": Expected((OutcomeUnknown,)),
        "not_http": Expected((OutcomeUnknown,)),
        "401": Expected((Rejected,)),
        "403": Expected((Rejected,)),
        "echo": Expected((Rejected,)),
        "429": Expected((NotSent,), RETRY_AFTER_S),
        "429_silent": Expected((NotSent,)),
        "500": Expected((OutcomeUnknown,)),
        "503": Expected((NotSent,), RETRY_AFTER_S),
        "503_silent": Expected((OutcomeUnknown, NotSent)),
        "elsewhere": Expected((Rejected,)),
    }
)
"""What can go wrong, and what it has to become. `echo` is a 400 that repeats every header and the body; `garbage` a page of HTML with
status 200; `elsewhere` a 307 to another host; a silent 503 may be NotSent where the platform documents that."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    query: str = ""

    def json(self) -> Any:
        """Returns the body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered; anything but bytes is written as JSON."""

    content: Any = None
    status: int = 200
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


class HttpPlace:
    """A place that speaks HTTP: derive from it and write `answer`, which says what the platform does with one request.

        with Board() as place:
            place.url                       # http://127.0.0.1:PORT
            with place.fault("429"): ...

    Attributes:
        secret: a credential planted for the account, which must turn up nowhere but in requests; a place without one sets it empty.
        strays: requests that followed a redirect to another host.
    """

    faults: Mapping[str, Expected] = FAULTS
    secret = "planted-s3cr3t-0f-the-place"  # noqa: S105

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.strays: list[Asked] = []
        self._kept: dict[str, Arrived] = {}
        self._fault: str | None = None
        self._fault_done = False
        self._heal = threading.Event()
        self._lock = threading.RLock()
        self._connections: set[socket.socket] = set()
        self._server = self._listen(0)
        self.port: int = self._server.server_address[1]

    def answer(self, asked: Asked) -> Reply:
        """Returns what the platform answers to one request, after doing what it asks."""
        raise NotImplementedError

    def knows(self, asked: Asked) -> bool:
        """Returns whether a request carries the secret, in a header, its address or its body; without it the place answers 401."""
        kind, _, given = asked.headers.get("authorization", "").partition(" ")
        try:
            pair = base64.b64decode(given) if kind.lower() == "basic" else b""
        except binascii.Error:
            pair = b""
        text = "\n".join((*asked.headers.values(), asked.path, asked.query, (asked.body + b"\n" + pair).decode("utf-8", "replace")))
        return self.secret in text or self.secret in unquote_plus(text)

    @property
    def url(self) -> str:
        """Where it is asked, without a path."""
        return f"http://127.0.0.1:{self.port}"

    def keep(self, key: str, arrived: Arrived) -> str:
        """Keeps a post under a key, once, and returns its id, which is the key unless it has one."""
        with self._lock:
            return self._kept.setdefault(key, arrived).id or key

    def remove(self, key: str) -> bool:
        """Removes a post; False where there is none."""
        with self._lock:
            return self._kept.pop(key, None) is not None

    def change(self, key: str, arrived: Arrived) -> None:
        """Puts another post in the place of what stands under a key."""
        with self._lock:
            self._kept[key] = arrived

    def standing(self) -> Sequence[Arrived]:
        """Returns the posts that are kept now, first to last."""
        with self._lock:
            return list(self._kept.values())

    def touched(self) -> int:
        """Returns how many requests arrived."""
        return len(self.asked)

    @contextmanager
    def fault(self, name: str, *, done: bool = False) -> Iterator[Self]:
        """Lets every exchange go wrong in this way until the context ends.

        Args:
            done: the platform does what it was asked before it goes wrong, so that only the answer is lost.
        """
        if name not in self.faults:
            raise KeyError(name)
        self._fault, self._fault_done = name, done
        self._heal.clear()
        if name == "refused":
            self._stop()
        try:
            yield self
        finally:
            self._fault = None
            self._heal.set()
            if name == "refused":
                self._server = self._listen(self.port)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._heal.set()
        self._stop()

    def _listen(self, port: int) -> ThreadingHTTPServer:
        server = _Server(("127.0.0.1", port), _handler(self))
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return server

    def _stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        with self._lock:
            left = list(self._connections)
        for connection in left:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _came(self, connection: socket.socket) -> None:
        with self._lock:
            self._connections.add(connection)

    def _went(self, connection: socket.socket) -> None:
        with self._lock:
            self._connections.discard(connection)

    def _reply(self, asked: Asked) -> tuple[Reply, str | None]:
        """Returns the reply and the fault that spoils its sending."""
        name = self._fault
        if asked.path.startswith(_STRAY):
            self.strays.append(asked)
            return Reply({"id": "stray"}), None
        with self._lock:
            self.asked.append(asked)
            known = self.knows(asked)
            reply = self.answer(asked) if known and (name is None or name in ("cut_off", "tls") or self._fault_done) else Reply({})
        wait = {"Retry-After": str(RETRY_AFTER_S)}
        spoilt = {
            "garbage": Reply(_PAGE, 200, "text/html; charset=utf-8"),
            "401": Reply({"error": "unauthorized"}, 401),
            "403": Reply({"error": "forbidden"}, 403),
            "echo": Reply({"headers": dict(asked.headers), "body": asked.body.decode("utf-8", "replace")}, 400),
            "429": Reply({"error": "slow down"}, 429, headers=wait),
            "429_silent": Reply({"error": "slow down"}, 429),
            "500": Reply(_PAGE, 500, "text/html"),
            "503": Reply(_PAGE, 503, "text/html", wait),
            "503_silent": Reply(_PAGE, 503, "text/html"),
            "elsewhere": Reply(b"", 307, headers={"Location": f"http://localhost:{self.port}{_STRAY}"}),
        }
        return spoilt.get(name or "", reply if known else Reply({"error": "who are you"}, 401)), name


def _handler(place: HttpPlace) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def setup(self) -> None:
            super().setup()
            place._came(self.connection)  # noqa: SLF001

        def finish(self) -> None:
            place._went(self.connection)  # noqa: SLF001
            with suppress(OSError):
                super().finish()

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65_537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            length = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(length)
            if len(body) < length:
                self.close_connection = True
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply, fault = place._reply(Asked(self.command, urlsplit(self.path).path, headers, body, urlsplit(self.path).query))  # noqa: SLF001
            self._send(reply, fault)
            self.wfile.flush()

        def _send(self, reply: Reply, fault: str | None) -> None:
            if fault in ("hang", "hang_up", "not_http"):
                self.close_connection = True
                if fault == "hang":
                    place._heal.wait(30)  # noqa: SLF001
                elif fault == "not_http":
                    self.wfile.write(b"\x00\x01 garbage, not HTTP\r\n")
                return
            content = reply.content if isinstance(reply.content, bytes) else json.dumps(reply.content).encode()
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.media_type)
            self.send_header("Content-Length", str(len(content) + (100 if fault == "cut_off" else 0)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if fault == "cut_off" else content)
            self.close_connection = self.close_connection or fault == "cut_off"

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Tells of everything but a client that hung up."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)
