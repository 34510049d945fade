"""One configured publisher: whose it is, live or sandbox, and its secrets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal, Protocol, TypeVar

from geoalert.errors import ConfigurationError, NotLive

T = TypeVar("T")
MODES = ("live", "sandbox")


@dataclass(frozen=True, slots=True)
class Token:
    """A secret that a platform gave out and will give again, with the time it ends."""

    value: str = field(repr=False)
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.expires_at is not None and self.expires_at.tzinfo is None:
            raise ValueError("a token needs an aware time")


class TokenRoom(Protocol):
    """Where an account keeps tokens that its publisher refreshes; `geoalert.config.TokenStore` is it."""

    def get(self, name: str) -> Token | None:
        """Returns a token as it was last put, or None."""

    def put(self, name: str, value: str, expires_at: datetime | None) -> None:
        """Keeps a token, on disk before it returns."""

    def names(self) -> tuple[str, ...]:
        """Returns the names of the tokens that are kept."""


@dataclass(frozen=True, slots=True)
class Account:
    """One configured publisher: what geoalert.toml says of it, with secrets that only `reveal` shows.

    Options and secrets are copied and cannot be changed.

    Raises:
        ConfigurationError: `invalid_account`, `unknown_mode`.
    """

    name: str
    publisher: str
    mode: Literal["live", "sandbox"] = "sandbox"
    options: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, Callable[[], str]] = field(default_factory=dict, repr=False)
    tokens: TokenRoom | None = field(default=None, repr=False, compare=False)
    """None where nothing can be kept, as in a trial without a project."""

    def __post_init__(self) -> None:
        for field_name in ("name", "publisher"):
            value = getattr(self, field_name)
            if not isinstance(value, str) or not value.strip():
                raise self._invalid(f"an account without a {field_name}", field_name, "Name it", value)
        if self.mode not in MODES:
            raise ConfigurationError(
                "unknown mode", code="unknown_mode", field=f"accounts.{self.name}.mode", value=self.mode, do=f"Use {' or '.join(MODES)}"
            )
        for field_name in ("options", "secrets"):
            value = getattr(self, field_name)
            if not isinstance(value, Mapping):
                raise self._invalid(f"the {field_name} of an account are not a table", field_name, "Give them by name")
            object.__setattr__(self, field_name, MappingProxyType(dict(value)))

    def __reduce__(self) -> tuple[type[Account], tuple[Any, ...]]:
        # A read-only view can be neither copied nor pickled itself.
        return Account, (self.name, self.publisher, self.mode, dict(self.options), dict(self.secrets), self.tokens)

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
            ConfigurationError: `invalid_account`, the account has no such secret; `secret_missing`, its place does not hold it.
        """
        if name not in self.secrets:
            do = 'Give it as "env:NAME", "file:PATH" or "keyring:SERVICE/NAME" in geoalert.toml'
            raise self._invalid("a secret is missing", name, do)
        where = f"accounts.{self.name}.{name}"
        try:
            found = self.secrets[name]()
        except ConfigurationError as err:
            err.field = err.field or where
            raise
        if not found:
            raise ConfigurationError("the place of a secret is empty", code="secret_missing", field=where, do="Put the secret there")
        return found

    def check_secrets(self) -> None:
        """Proves that every secret's place holds one, showing none.

        Raises:
            ConfigurationError: `secret_missing`, or `missing_extra` for a keyring without its library, naming the option.
        """
        for name in self.secrets:
            self.reveal(name)

    def _invalid(self, what: str, option: str, do: str, value: object = None) -> ConfigurationError:
        return ConfigurationError(what, code="invalid_account", field=f"accounts.{self.name}.{option}", value=value, do=do)
