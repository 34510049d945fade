"""The people whom geoalert.toml names, and what they may do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from geoalert.errors import ConfigurationError
from geoalert.text import nearest

ROLES = ("author", "submitter", "approver", "operator", "steward", "auditor", "admin")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One person of the project.

    Attributes:
        roles: of ROLES; without any the person may submit, never approve.
        units: whose alerts they approve; none: every unit's.
        key: file of the public key that signs their approvals.
    """

    name: str
    roles: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    key: Path | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ConfigurationError("not a name of a person", code="invalid_person", field=f"people.{self.name}", value=self.name)
        for role in self.roles:
            if role not in ROLES:
                near = nearest(role, ROLES) or ROLES
                raise ConfigurationError(
                    "unknown role", code="unknown_role", field=f"people.{self.name}.roles", value=role, do=f"Use {', '.join(near)}"
                )

    def approves(self, unit: str | None) -> bool:
        """Tells whether the person approves alerts of this unit."""
        return "approver" in self.roles and (not self.units or unit in self.units)
