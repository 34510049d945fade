"""Which addresses may be asked, and how an address is shown without its secrets."""

from __future__ import annotations

import ipaddress
import re
import socket
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

from urllib3.util import parse_url

from geoalert.errors import NotSent, Rejected

PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_IPV4_COMPATIBLE = ipaddress.ip_network("::/96")
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
_ISATAP = (0x00005EFE, 0x02005EFE)
"""What stands before an IPv4 address in the lower half of an ISATAP address (RFC 5214 section 6.1)."""
_READ_TWO_WAYS = re.compile(r"[\x00-\x20\x7f\\]|\s")


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
        Rejected: another scheme, no host, an unreadable port, or an address that this and the client underneath read differently
            (`address_refused`).
    """
    parts = _agreed(url)
    if parts is None:
        raise Rejected(
            f"{origin(url)} is not an address this can ask",
            code="address_refused",
            do="Only http:// and https:// addresses work, without spaces and backslashes",
        )
    return parts


@lru_cache(maxsize=256)
def _agreed(url: str) -> SplitResult | None:
    """Returns the parts of an address, or None where the host that is judged may not be the one that would be connected to."""
    if _READ_TWO_WAYS.search(url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        judged = parse_url(f"{parts.scheme}://{f'[{host}]' if ':' in host else host}").host
        asked = parse_url(url)
        # requests decodes a percent-encoded host after it was judged; in an IPv6 address the sign begins a zone.
        if parts.scheme not in PORTS or not host or parts.port == 0 or ("%" in host and ":" not in host):
            return None
    except ValueError:
        return None
    return parts if (asked.scheme, asked.host, asked.port) == (parts.scheme, judged, parts.port) else None


def may_follow(before: SplitResult, after: SplitResult, *, secret: bool) -> bool:
    """Returns whether a redirect may be followed: on the same server always, elsewhere only without secrets and never out of TLS.

    The step from http to https on the default ports of one host counts as the same server.
    """
    if before.scheme == "https" and after.scheme == "http":
        return False
    ports = (before.port or PORTS[before.scheme], after.port or PORTS[after.scheme])
    same = before.hostname == after.hostname and (ports[0] == ports[1] or ports == (80, 443))
    return same or not secret


def refuse_internal(url: str, *, resolve: bool = True) -> None:
    """Refuses an address that is not on the public internet.

    Args:
        resolve: look the host's name up; False behind a proxy, which does that itself, so that only what is an address already is judged.

    Raises:
        NotSent: the name has no address (`connection_failed`).
        Rejected: one of its addresses is loopback, private, link-local or otherwise not global (`address_refused`).
    """
    parts = read_url(url)
    host = parts.hostname or ""
    for address in _addresses(host, parts.port or PORTS[parts.scheme], resolve):
        refuse_address(address, at=host)


def refuse_address(address: str, *, at: str) -> None:
    """Refuses one numeric address that is not on the public internet.

    Args:
        at: the host's name, for the error.

    Raises:
        Rejected: `address_refused`.
    """
    if not _is_public(ipaddress.ip_address(address.partition("%")[0])):
        raise Rejected(
            f"{at} is inside a private network",
            code="address_refused",
            value=address,
            do="Say internal = true where such an address is meant",
        )


def _addresses(host: str, port: int, resolve: bool) -> set[str]:
    try:
        return {str(ipaddress.ip_address(host))}
    except ValueError:
        pass
    if not resolve:
        return _spelt_otherwise(host)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as err:
        raise NotSent(f"the name {host} has no address", code="connection_failed") from err
    return {str(row[4][0]) for row in found}


def _spelt_otherwise(host: str) -> set[str]:
    """Returns the address that a host means without any look-up: 2130706433, 0x7f.1, localhost (RFC 6761 section 6.3)."""
    if host.rstrip(".").rpartition(".")[2] == "localhost":
        return {"127.0.0.1"}
    try:
        return {socket.inet_ntoa(socket.inet_aton(host))}
    except OSError:
        return set()


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64 or address in _IPV4_COMPATIBLE:
            return _is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            return _is_public(inner)
        if int(address) >> 32 & 0xFFFFFFFF in _ISATAP and not _is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)):
            return False
        if address not in _GLOBAL_UNICAST:
            return False
    return address.is_global and not address.is_multicast
