"""Which addresses may be asked, and how an address is shown without its secrets."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import SplitResult, urlsplit

from geoalert.errors import NotSent, Rejected

_PORTS = {"http": 80, "https": 443}


def origin(url: str) -> str:
    """Returns scheme, host and port only: tokens live in user names, queries and, at some platforms, in paths."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "an unreadable address"
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + (f":{port}" if port is not None else "")


def read_url(url: str) -> SplitResult:
    """Returns the parts of an http or https address.

    Raises:
        Rejected: another scheme, no host, or an unreadable port (`address_refused`).
    """
    try:
        parts = urlsplit(url)
        ok = parts.scheme in _PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        ok = False
    if not ok:
        raise Rejected(
            f"{origin(url)} is not an address this can ask", code="address_refused", do="Only http:// and https:// addresses work"
        )
    return parts


def may_follow(before: SplitResult, after: SplitResult, *, secret: bool) -> bool:
    """Returns whether a redirect may be followed: on the same server always, elsewhere only without secrets and never out of TLS.

    The step from http to https on the default ports of one host counts as the same server.
    """
    if before.scheme == "https" and after.scheme == "http":
        return False
    ports = (before.port or _PORTS[before.scheme], after.port or _PORTS[after.scheme])
    same = before.hostname == after.hostname and (ports[0] == ports[1] or ports == (80, 443))
    return same or not secret


def refuse_internal(url: str, *, resolve: bool = True) -> None:
    """Refuses an address that is not on the public internet.

    Args:
        resolve: look the host's name up; False behind a proxy, which does that itself, so that only literal addresses are judged.

    Raises:
        NotSent: the name has no address (`connection_failed`).
        Rejected: one of its addresses is loopback, private, link-local or otherwise not global (`address_refused`).
    """
    parts = read_url(url)
    host = parts.hostname or ""
    for address in _addresses(host, parts.port or _PORTS[parts.scheme], resolve):
        if not _is_public(address):
            raise Rejected(
                f"{origin(url)} is inside a private network",
                code="address_refused",
                value=str(address),
                do="Say internal = true where such an address is meant",
            )


def _addresses(host: str, port: int, resolve: bool) -> set[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    try:
        return {ipaddress.ip_address(host)}
    except ValueError:
        if not resolve:
            return set()
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as err:
        raise NotSent(f"the name {host} has no address", code="connection_failed") from err
    return {ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in found}


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.is_global and not address.is_multicast
