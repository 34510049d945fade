"""Accounts of the project made ready: their publishers, and what they can do after every narrowing."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from geoalert.clock import Clock
from geoalert.config import TokenStore
from geoalert.errors import ConfigurationError, NotSent
from geoalert.findings import Finding
from geoalert.http import Http
from geoalert.http.pace import Told
from geoalert.publishing import Account, Capabilities, Post, Publisher, Receipt
from geoalert.registry import load_publisher
from geoalert.worker import Pacing, Ready

if TYPE_CHECKING:
    from geoalert.app.desk import Desk


@dataclass(frozen=True, slots=True)
class Unusable:
    """An account that geoalert.toml gets wrong: nothing leaves through it, and nothing is decided from that.

    Attributes:
        capabilities: of its kind of place, narrowed; None where not even they can be told.
    """

    account: Account
    error: ConfigurationError
    capabilities: Capabilities | None

    @property
    def told(self) -> str:
        """Why, in words that hold no value of geoalert.toml."""
        return f"account {self.account.name} cannot be used until geoalert.toml is corrected: {self.error.what} [{self.error.code}]"

    def finding(self) -> Finding:
        """Returns it as a finding at its field."""
        return Finding("warn", "account_unusable", self.told, where=self.error.field)

    def not_sent(self, channel: str) -> NotSent:
        """Returns why a post through it waits."""
        return NotSent(self.told, code="account_unusable", channel=channel)

    def ready(self) -> Ready:
        """Returns what a worker is handed, so that rows of this account wait rather than be refused."""
        return Ready(_Nobody(self.account), self.capabilities or Capabilities())


class Accounts(dict[str, Ready]):
    """Accounts that can be used, by name; and beside them those that cannot."""

    def __init__(self, usable: Mapping[str, Ready], unusable: Mapping[str, Unusable]) -> None:
        super().__init__(usable)
        self.unusable = dict(unusable)


def unusable_of(desk: Desk) -> Mapping[str, Unusable]:
    """Returns the accounts of a desk that cannot be used."""
    found = desk.accounts
    return found.unusable if isinstance(found, Accounts) else {}


def working_accounts(desk: Desk) -> Mapping[str, Ready]:
    """Returns every account of geoalert.toml as a worker needs it; what it holds for one that cannot be used only waits."""
    return {**desk.accounts, **{name: each.ready() for name, each in unusable_of(desk).items()}}


def ready_accounts(accounts: Mapping[str, Account], *, clock: Clock, tokens: Path | None = None) -> Accounts:
    """Returns `ready_account` of each; one that cannot be used takes no other with it."""
    usable, unusable = {}, {}
    for name, account in accounts.items():
        try:
            usable[name] = ready_account(account, clock=clock, tokens=tokens)
        except ConfigurationError as err:
            unusable[name] = Unusable(account, err, _capabilities(account))
    return Accounts(usable, unusable)


def ready_account(given: Account, *, clock: Clock, tokens: Path | None = None) -> Ready:
    """Returns what makes publishers of an account, with its capabilities cut down by the account's `limits`.

    The publishers of one account share its connections, and what the place's answers say of its pace.

    Args:
        tokens: folder of the tokens that publishers refresh, one file an account.

    Raises:
        ConfigurationError: an unknown publisher, a missing extra, or limits that would widen.
    """
    account = given if tokens is None else replace(given, tokens=TokenStore(tokens / f"{given.name}.json"))
    try:
        kind = load_publisher(account.publisher)
        capabilities = kind.capabilities.narrowed(account.options.get("limits", {}))
        pacing = Pacing(capabilities.rate_per_s, clock=clock)
        http = Told(Http(), pacing.told, internal=account.option("internal", bool, False))
        make = partial(kind, account, http=http, clock=clock)
        return Ready(make(), capabilities, make, pacing)
    except ConfigurationError as err:
        if not (err.field or "").startswith("accounts."):
            err.field = f"accounts.{given.name}.{err.field or 'publisher'}"
        raise


def _capabilities(account: Account) -> Capabilities | None:
    try:
        return load_publisher(account.publisher).capabilities.narrowed(account.options.get("limits", {}))
    except ConfigurationError:
        return None


class _Nobody(Publisher):
    """Stands where a publisher could not be made; the words that a post waits with come before it is asked."""

    name = "unusable"
    capabilities = Capabilities()

    def __init__(self, account: Account) -> None:
        self.account = account

    def publish(self, post: Post, *, key: str, steps: MutableMapping[str, str]) -> Receipt:
        raise NotSent("the account cannot be used", code="account_unusable", channel=post.channel, key=key)
