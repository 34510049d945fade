"""Proves that accounts can be used: their secrets are there, their place knows them, and nothing is posted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from geoalert.app.accounts import ready_account
from geoalert.errors import ConfigurationError, ExplainedError
from geoalert.publishing import Account, has_check
from geoalert.text import nearest

if TYPE_CHECKING:
    from geoalert.app.desk import Desk

UNCHECKED = "its publisher proves nothing without posting; secrets are there"


@dataclass(frozen=True, slots=True)
class AccountCheck:
    """What was found about one account; no secret and no token is in it.

    Attributes:
        code: of the error, None where the account is good, or cannot be checked.
        checked: whether its publisher can prove anything without posting.
        told: what was found, in words.
        tokens: name of each refreshed token and when it ends, None for one without an end.
    """

    name: str
    publisher: str
    mode: str
    code: str | None
    told: str
    tokens: Mapping[str, datetime | None]
    checked: bool = True

    def to_dict(self) -> dict[str, Any]:
        """Returns it JSON-ready."""
        tokens = {name: None if at is None else at.isoformat() for name, at in self.tokens.items()}
        known = {"name": self.name, "publisher": self.publisher, "mode": self.mode, "ok": self.code is None, "checked": self.checked}
        return known | {"code": self.code, "told": self.told, "tokens": tokens}


def check_accounts(desk: Desk, name: str | None = None) -> tuple[AccountCheck, ...]:
    """Returns what was found about each account, or about one; a failure of one does not hide the next.

    Raises:
        ConfigurationError: no account of that name (`unknown_account`).
    """
    accounts = desk.project.accounts
    if name is not None and name not in accounts:
        near = nearest(name, accounts)
        do = f"Did you mean {' or '.join(near)}" if near else f"Accounts are {', '.join(accounts) or 'none'}"
        raise ConfigurationError("no such account", code="unknown_account", field="accounts", value=name, do=do)
    return tuple(_check(desk, account) for each, account in accounts.items() if name in (None, each))


def _check(desk: Desk, account: Account) -> AccountCheck:
    code, told, tokens, checked = None, "good, and nothing was posted", {}, True
    try:
        ready = ready_account(account, clock=desk.clock, tokens=desk.project.state / "tokens")
        account.check_secrets()
        room = ready.publisher.account.tokens
        kept = {each: room.get(each) for each in room.names()} if room is not None else {}
        tokens = {each: token.expires_at for each, token in kept.items() if token is not None}
        checked = has_check(ready.publisher)
        if checked:
            ready.publisher.check()
        else:
            told = f"cannot be checked: {UNCHECKED}"
    except ExplainedError as err:
        code, told = err.code, _masked(str(err), account)
    except Exception as err:  # noqa: BLE001  a defect in one publisher must not hide what there is to say of the other accounts
        code, told = "publisher_defect", f"a defect in the publisher: {type(err).__name__}"
    return AccountCheck(account.name, account.publisher, account.mode, code, told, tokens, checked)


def _masked(text: str, account: Account) -> str:
    for reveal in account.secrets.values():
        try:
            text = text.replace(reveal(), "***")
        except ConfigurationError:
            continue
    return text
