"""What geoalert.toml says about approving, taking down and copying the record."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

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
    """`[log]`: where the record is copied to as JSON lines, a file and a syslog (`HOST:PORT`, or a local socket's path)."""

    file: Path | None = None
    syslog: str | None = None
