"""The people whom geoalert.toml names: what they may do, when they are on call, and where they are told."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from geoalert.errors import ConfigurationError
from geoalert.text import nearest

ROLES = ("author", "submitter", "approver", "operator", "steward", "auditor", "admin")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a person is told of something: an account of the project, and their address there."""

    account: str
    address: str

    @classmethod
    def parse(cls, text: str, *, field: str, accounts: Collection[str]) -> Reach:
        """Reads `ACCOUNT:ADDRESS`.

        Raises:
            ConfigurationError: `invalid_value`, `unknown_account`.
        """
        account, colon, address = (part.strip() for part in text.partition(":"))
        if not (account and colon and address):
            raise ConfigurationError(
                "not an account and an address", code="invalid_value", field=field, value=text, do='Write "ACCOUNT:ADDRESS"'
            )
        if account not in accounts:
            known = ", ".join(accounts) or "none"
            raise ConfigurationError("no such account", code="unknown_account", field=field, value=account, do=f"Accounts are {known}")
        return cls(account, address)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One person of the project.

    Attributes:
        roles: of ROLES; without any the person may submit, never approve.
        units: whose alerts they approve; none: every unit's.
        key: file of the public key that signs their approvals.
        notify: where they are told of plans that wait for them.
    """

    name: str
    roles: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    key: Path | None = None
    notify: tuple[Reach, ...] = ()

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


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCall:
    """One watch of the rota: these approvers, from one instant up to another; watches may overlap."""

    people: tuple[str, ...]
    begins: datetime
    ends: datetime

    def __post_init__(self) -> None:
        if self.begins.tzinfo is None or self.ends.tzinfo is None:
            raise ValueError("a watch needs aware times")

    def holds(self, at: datetime) -> bool:
        """Tells whether the watch is on: from its begin, until just before its end."""
        return self.begins <= at < self.ends
