"""Accounts of the project made ready: their publishers, and what they can do after every narrowing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from geoalert.clock import Clock
from geoalert.errors import ConfigurationError
from geoalert.http import Http
from geoalert.http.pace import Told
from geoalert.publishing import Account
from geoalert.registry import load_publisher
from geoalert.worker import Pacing, Ready


def ready_accounts(accounts: Mapping[str, Account], *, clock: Clock) -> dict[str, Ready]:
    """Returns what makes publishers of each account, with its capabilities cut down by the account's `limits`.

    The publishers of one account share its connections, and what the place's answers say of its pace.

    Raises:
        ConfigurationError: an unknown publisher, a missing extra, or limits that would widen.
    """
    made = {}
    for name, account in accounts.items():
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
