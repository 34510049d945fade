"""Opening a connection: one look-up, judged, and connected to without looking up again."""

from __future__ import annotations

import ipaddress
import math
import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from geoalert.http.addresses import refuse_address

NO_DELAY = ((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),)


class TimedSocket(socket.socket):
    """A socket whose reads end at an instant, however many bytes trickle in before it; `by_then` sets it."""

    until = math.inf

    def recv_into(self, *given: Any) -> int:
        """Reads as any socket does, and no longer than until then."""
        usual = self.gettimeout()
        if self.until != math.inf:
            self.settimeout(_left(self.until, usual))
        try:
            return super().recv_into(*given)
        finally:
            self.settimeout(usual)


class TimedTls(ssl.SSLSocket):
    """The same over TLS; a context makes it whose `sslsocket_class` it is."""

    until = math.inf

    def recv_into(self, *given: Any, **named: Any) -> int:
        """Reads as any socket does, and no longer than until then."""
        usual = self.gettimeout()
        if self.until != math.inf:
            self.settimeout(_left(self.until, usual))
        try:
            return super().recv_into(*given, **named)
        finally:
            self.settimeout(usual)


@contextmanager
def by_then(opened: object, timeout_s: float | None) -> Iterator[None]:
    """Lets everything that is read within this context take so long in all."""
    if not isinstance(opened, TimedSocket | TimedTls) or timeout_s is None:
        yield
        return
    opened.until = time.monotonic() + timeout_s
    try:
        yield
    finally:
        opened.until = math.inf


def _left(until: float, usual_s: float | None) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left if usual_s is None else min(usual_s, left)


def open_socket(
    host: str,
    port: int,
    *,
    timeout_s: float | None,
    internal: bool,
    loopback: bool = False,
    options: Iterable[tuple[int, int, int | bytes]] = NO_DELAY,
    family: socket.AddressFamily = socket.AF_UNSPEC,
) -> socket.socket:
    """Looks a name up once, refuses it if one address lies inside, and connects to an address that was judged, not to the name.

    Args:
        timeout_s: for each of its addresses.
        internal: addresses inside private networks are meant.
        loopback: this machine may be meant, where `host` says so itself and not through a look-up.

    Raises:
        Rejected: `address_refused`, before anything is connected to.
        OSError: no such name, or nobody there.
    """
    rows = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
    if not internal and not (loopback and is_this_machine(host)):
        for row in rows:
            refuse_address(str(row[4][0]), at=host)
    problem = OSError("no address")
    for kind_of_address, kind, protocol, _, address in rows:
        try:
            return _open(kind_of_address, kind, protocol, address, timeout_s, options)
        except OSError as err:
            problem = err
    raise problem


def is_this_machine(host: str) -> bool:
    """Tells whether a host is a loopback address or `localhost` by its own words."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _open(
    family: int, kind: int, protocol: int, address: Any, timeout_s: float | None, options: Iterable[tuple[int, int, int | bytes]]
) -> socket.socket:
    opened = TimedSocket(family, kind, protocol)
    try:
        for level, name, value in options:
            opened.setsockopt(level, name, value)
        opened.settimeout(timeout_s)
        opened.connect(address)
    except BaseException:
        opened.close()
        raise
    return opened
