"""Accounts of the project made ready: their publishers, and what they can do after every narrowing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from geoalert.clock import Clock
from geoalert.config import TokenStore
from geoalert.errors import ConfigurationError
from geoalert.http import Http
from geoalert.http.pace import Told
from geoalert.publishing import Account
from geoalert.registry import load_publisher
from geoalert.worker import Pacing, Ready


def ready_accounts(accounts: Mapping[str, Account], *, clock: Clock, tokens: Path | None = None) -> dict[str, Ready]:
    """Returns what makes publishers of each account, with its capabilities cut down by the account's `limits`.

    The publishers of one account share its connections, and what the place's answers say of its pace.

    Args:
        tokens: folder of the tokens that publishers refresh, one file an account.

    Raises:
        ConfigurationError: an unknown publisher, a missing extra, or limits that would widen.
    """
    made = {}
    for name, given in accounts.items():
        account = given if tokens is None else replace(given, tokens=TokenStore(tokens / f"{name}.json"))
        try:
            kind = load_publisher(account.publisher)
            capabilities = kind.capabilities.narrowed(account.options.get("limits", {}))
            pacing = Pacing(capabilities.rate_per_s, clock=clock)
            make = partial(kind, account, http=Told(Http(), pacing.told), clock=clock)
            made[name] = Ready(make(), capabilities, make, pacing)
        except ConfigurationError as err:
            if not (err.field or "").startswith("accounts."):
                err.field = f"accounts.{name}.{err.field or 'publisher'}"
            raise
    return made
