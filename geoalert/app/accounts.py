"""Accounts of the project made ready: their publisher, and what they can do after every narrowing."""

from __future__ import annotations

from collections.abc import Mapping

from geoalert.clock import Clock
from geoalert.errors import ConfigurationError
from geoalert.http import Http
from geoalert.publishing import Account
from geoalert.registry import load_publisher
from geoalert.worker import Ready


def ready_accounts(accounts: Mapping[str, Account], *, clock: Clock) -> dict[str, Ready]:
    """Returns one publisher an account, with its capabilities cut down by the account's `limits`.

    Raises:
        ConfigurationError: an unknown publisher, a missing extra, or limits that would widen.
    """
    made = {}
    for name, account in accounts.items():
        try:
            publisher = load_publisher(account.publisher)(account, http=Http(), clock=clock)
            made[name] = Ready(publisher, publisher.capabilities.narrowed(account.options.get("limits", {})))
        except ConfigurationError as err:
            if not (err.field or "").startswith("accounts."):
                err.field = f"accounts.{name}.{err.field or 'publisher'}"
            raise
    return made
