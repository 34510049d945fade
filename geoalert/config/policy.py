"""What geoalert.toml says about approving, taking down and copying the record."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from geoalert.errors import ConfigurationError

_M2_PER_KM2 = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalLimits:
    """`[approval]`: a plan above either limit needs two approvers beside its submitter; None is no limit."""

    two_above_km2: float | None = None
    two_above_channels: int | None = None

    def needed(self, *, area_m2: float, channels: int) -> int:
        """Returns how many people have to approve a plan of that area and that many posts."""
        wide = self.two_above_km2 is not None and area_m2 > self.two_above_km2 * _M2_PER_KM2
        many = self.two_above_channels is not None and channels > self.two_above_channels
        return 2 if wide or many else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Takedown:
    """`[takedown]`: minutes until what was sent has to be gone, and after an error; None leaves it to the profile."""

    minutes: int | None = None
    error_minutes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogCopy:
    """`[log]`: where the record is copied to, a file of JSON lines and a syslog, `udp://HOST:PORT` or `unix:/PATH`.

    Raises:
        ConfigurationError: invalid_value.
    """

    file: Path | None = None
    syslog: str | None = None

    def __post_init__(self) -> None:
        if self.syslog is not None:
            parse_syslog(self.syslog)

    @property
    def syslog_at(self) -> tuple[str, int] | Path | None:
        """Host and port of the syslog, or the path of its socket."""
        return None if self.syslog is None else parse_syslog(self.syslog)


def parse_syslog(text: str) -> tuple[str, int] | Path:
    """Reads `udp://HOST:PORT`, `HOST:PORT`, `unix:/PATH` or `/PATH`; an IPv6 address stands in brackets.

    Raises:
        ConfigurationError: invalid_value.
    """
    plain = text.removeprefix("unix:").removeprefix("udp://")
    if plain.startswith("/") and not text.startswith("udp:"):
        return Path(plain)
    host, colon, port = plain.rpartition(":")
    if "/" in host or not (colon and host and port.isascii() and port.isdigit() and 0 < int(port) < 65_536) or text.startswith("unix:"):
        do = 'Write "udp://HOST:PORT" or "unix:/dev/log"'
        raise ConfigurationError("not the address of a syslog", code="invalid_value", field="log.syslog", value=text, do=do)
    return host.strip("[]"), int(port)
