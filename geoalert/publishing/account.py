"""One configured publisher: whose it is, live or sandbox, and its secrets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from geoalert.errors import ConfigurationError, NotLive

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Account:
    """One configured publisher: what geoalert.toml says of it, with secrets that only `reveal` shows."""

    name: str
    publisher: str
    mode: Literal["live", "sandbox"] = "sandbox"
    options: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, Callable[[], str]] = field(default_factory=dict, repr=False)

    def option(self, name: str, kind: type[T], default: T | None = None) -> T:
        """Returns an option of the account.

        Raises:
            ConfigurationError: it is missing and has no default, or is of another type.
        """
        value = self.options.get(name, default)
        if not isinstance(value, kind):
            what = "an option is missing" if value is None else f"an option is not a {kind.__name__}"
            raise ConfigurationError(
                what,
                code="invalid_account",
                field=f"accounts.{self.name}.{name}",
                value=value,
                do=f"The publisher {self.publisher} needs it in geoalert.toml",
            )
        return value

    def check_status(self, status: str) -> None:
        """Refuses an exercise on a live account, and an actual alert on a sandbox one.

        Raises:
            NotLive: they may not meet.
        """
        if (status == "actual") != (self.mode == "live"):
            raise NotLive(
                f"an alert of status {status} may not use the {self.mode} account {self.name}",
                code="not_live",
                field="account",
                value=self.name,
                do="Use a sandbox account for exercises and tests, a live one for actual alerts",
            )

    def reveal(self, name: str) -> str:
        """Returns a secret of the account, at the moment it is needed.

        Raises:
            ConfigurationError: the account has no such secret, or its source does not hold it.
        """
        if name not in self.secrets:
            raise ConfigurationError(
                "a secret is missing",
                code="invalid_account",
                field=f"accounts.{self.name}.{name}",
                do='Give it as "env:NAME", "file:PATH" or "keyring:SERVICE/NAME" in geoalert.toml',
            )
        return self.secrets[name]()
