"""An account is what it says, and cannot be changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pytest

from geoalert.errors import ConfigurationError, NotLive
from geoalert.publishing import Account


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"mode": "LIVE"}, "unknown_mode", "accounts.x.mode"),
        ({"mode": None}, "unknown_mode", "accounts.x.mode"),
        ({"name": " "}, "invalid_account", "accounts. .name"),
        ({"publisher": ""}, "invalid_account", "accounts.x.publisher"),
        ({"publisher": None}, "invalid_account", "accounts.x.publisher"),
        ({"options": ["path"]}, "invalid_account", "accounts.x.options"),
        ({"secrets": "token"}, "invalid_account", "accounts.x.secrets"),
    ],
)
def test_each_defect_is_refused_when_it_is_made(given: dict[str, Any], code: str, field: str) -> None:
    """A mode that is not known would let an exercise through to live."""
    with pytest.raises(ConfigurationError) as refused:
        Account(**{"name": "x", "publisher": "folder", **given})

    assert (refused.value.code, refused.value.field) == (code, field)


@pytest.mark.parametrize(("mode", "status"), [("live", "exercise"), ("live", "test"), ("sandbox", "actual")])
def test_exercise_and_live_never_meet(mode: Any, status: str) -> None:
    """Either way round."""
    with pytest.raises(NotLive):
        Account("x", "folder", mode=mode).check_status(status)


@pytest.mark.parametrize("table", ["options", "secrets"])
def test_options_and_secrets_are_read_only_copies(table: str) -> None:
    """Neither through the account nor through what it was made from."""
    given: dict[str, Any] = {"path": "out"}
    account = Account("x", "folder", **cast("dict[str, Any]", {table: given}))
    given["path"] = "elsewhere"
    held: Mapping[str, Any] = getattr(account, table)

    with pytest.raises(TypeError, match="item assignment"):
        held["path"] = "elsewhere"  # type: ignore[index]

    assert dict(held) == {"path": "out"}


def test_an_empty_secret_is_missing() -> None:
    """A place that answers with nothing is named, whoever wrote what reveals it."""
    with pytest.raises(ConfigurationError) as refused:
        Account("x", "wall", secrets={"token": lambda: ""}).check_secrets()

    assert (refused.value.code, refused.value.field) == ("secret_missing", "accounts.x.token")
