"""Connections straight to servers: one pool an origin, every address judged before anything is connected to it.

A proxy, or a session of the caller's own, goes another way (client.py).
"""

from __future__ import annotations

import os
import socket
import ssl
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from urllib.parse import SplitResult

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import BaseHTTPResponse, HTTPResponse
from urllib3.util import Retry, Timeout, parse_url
from urllib3.util.connection import allowed_gai_family
from urllib3.util.ssl_ import create_urllib3_context

from geoalert.errors import ConfigurationError, PublishError
from geoalert.http.addresses import PORTS
from geoalert.http.reach import TimedTls, by_then, open_socket
from geoalert.http.translate import FOREIGN, not_connected

MOST_ORIGINS = 256
MOST_IDLE = 64
"""Connections kept open to one origin: as many as the worker has threads."""

_ONCE = Retry(total=False, redirect=0)


class _Plain(HTTPConnection):
    def connect(self) -> None:
        _connected(self, super().connect)

    def _new_conn(self) -> socket.socket:
        return _reach(self, internal=True)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        with by_then(self.sock, self.timeout):
            return super().getresponse()


class _Tls(HTTPSConnection):
    def connect(self) -> None:
        _connected(self, super().connect)

    def _new_conn(self) -> socket.socket:
        return _reach(self, internal=True)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        with by_then(self.sock, self.timeout):
            return super().getresponse()


class _GuardedPlain(_Plain):
    def _new_conn(self) -> socket.socket:
        return _reach(self, internal=False)


class _GuardedTls(_Tls):
    def _new_conn(self) -> socket.socket:
        return _reach(self, internal=False)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _Tls


class _GuardedPlainPool(HTTPConnectionPool):
    ConnectionCls = _GuardedPlain


class _GuardedTlsPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedTls


class Direct:
    """Pools of connections by origin; one that may lead inside is never used for a request that may not. Threads may share it."""

    def __init__(self) -> None:
        self._pools: OrderedDict[tuple[str, str | None, int, bool], HTTPConnectionPool] = OrderedDict()
        self._lock = threading.Lock()

    def send(
        self, method: str, parts: SplitResult, *, headers: dict[str, str], body: bytes | None, timeout: tuple[float, float], internal: bool
    ) -> BaseHTTPResponse:
        """Sends one request and returns the reply with its body unread; follows and repeats nothing.

        Args:
            timeout: for connecting and for each read, seconds.
        """
        return self._pool(parts, internal).urlopen(
            method,
            _path(parts.path, parts.query),
            body=body,
            headers=headers,
            retries=_ONCE,
            redirect=False,
            assert_same_host=False,
            timeout=Timeout(connect=timeout[0], read=timeout[1]),
            preload_content=False,
        )

    def _pool(self, parts: SplitResult, internal: bool) -> HTTPConnectionPool:
        port = parts.port or PORTS[parts.scheme]
        key = (parts.scheme, parts.hostname, port, internal)
        with self._lock:
            pool = self._pools.get(key)
            if pool is None:
                pool = self._pools[key] = _new_pool(parts.scheme, parts.hostname or "", port, internal)
                if len(self._pools) > MOST_ORIGINS:
                    self._pools.popitem(last=False)
            else:
                self._pools.move_to_end(key)
        return pool


def _new_pool(scheme: str, host: str, port: int, internal: bool) -> HTTPConnectionPool:
    # parse_url knows international names and brackets; what stands in a pool's host is what TLS verifies.
    name = parse_url(f"{scheme}://{f'[{host}]' if ':' in host else host}").host or host
    if scheme == "http":
        return (_PlainPool if internal else _GuardedPlainPool)(name, port, maxsize=MOST_IDLE)
    context = _tls(os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or str(DEFAULT_CA_BUNDLE_PATH))
    return (_TlsPool if internal else _GuardedTlsPool)(name, port, maxsize=MOST_IDLE, ssl_context=context)


@lru_cache(maxsize=4)
def _tls(trusted: str) -> ssl.SSLContext:
    context = create_urllib3_context()
    context.sslsocket_class = TimedTls
    try:
        context.load_verify_locations(capath=trusted) if Path(trusted).is_dir() else context.load_verify_locations(cafile=trusted)
    except OSError as err:
        raise ConfigurationError(
            "the certificates to trust cannot be read",
            code="invalid_ca_bundle",
            field="REQUESTS_CA_BUNDLE",
            value=trusted,
            do="Name a PEM file or a folder of them, or unset it",
        ) from err
    return context


@lru_cache(maxsize=MOST_ORIGINS)
def _path(path: str, query: str) -> str:
    return parse_url(f"http://h{path or '/'}{f'?{query}' if query else ''}").request_uri


def _connected(connection: HTTPConnection, connect: Callable[[], None]) -> None:
    """Connects, TLS included; whatever goes wrong before that is done left no byte of the request."""
    problem: PublishError
    try:
        connect()
    except FOREIGN as err:
        scheme = "https" if isinstance(connection, HTTPSConnection) else "http"
        problem = not_connected(err, at=f"{scheme}://{connection.host}:{connection.port}")
    else:
        return
    # Raised outside the handler: a foreign error may tell more than people should read.
    raise problem


def _reach(connection: HTTPConnection, *, internal: bool) -> socket.socket:
    opened = open_socket(
        connection.host,
        connection.port or 0,
        timeout_s=connection.timeout,
        internal=internal,
        options=connection.socket_options or (),
        family=allowed_gai_family(),
    )
    sys.audit("http.client.connect", connection, connection.host, connection.port)
    return opened
