"""A publisher takes the options that it names, whoever wrote it."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import pytest

from geoalert.errors import ConfigurationError
from geoalert.publishing import Account, Capabilities, Post, Publisher, Receipt
from geoalert.registry import load_publisher


class Bell(Publisher):
    """A place that rings."""

    name = "bell"
    capabilities = Capabilities()
    options = {"tower": "which tower", "key": "of its door"}

    def publish(self, post: Post, *, key: str, steps: MutableMapping[str, str]) -> Receipt:
        """Never called."""
        raise AssertionError


@pytest.mark.parametrize(
    ("given", "field", "do"),
    [
        ({"options": {"towr": "planted"}}, "accounts.b.towr", "Did you mean tower"),
        ({"options": {"zzz": "planted"}}, "accounts.b.zzz", "It takes tower, key, limits, internal"),
        ({"secrets": {"password": lambda: "planted"}}, "accounts.b.password", "It takes"),
    ],
)
def test_an_unknown_option_is_refused_without_its_value(given: dict[str, Any], field: str, do: str) -> None:
    """With the nearest known one; a secret counts as one."""
    with pytest.raises(ConfigurationError) as refused:
        Bell(Account("b", "bell", **given))

    assert (refused.value.code, refused.value.field) == ("unknown_option", field)
    assert do in str(refused.value)
    assert "planted" not in str(refused.value)


def test_named_options_and_limits_are_taken() -> None:
    """Secrets and options alike, and what every account may say."""
    account = Account("b", "bell", options={"tower": "north", "limits": {"text_limit": 9}}, secrets={"key": lambda: "k"})

    assert Bell(account).account is account


@pytest.mark.parametrize(("name", "options"), [("console", {"path": "x"}), ("folder", {"path": "x", "pathh": "y"})])
def test_shipped_publishers_name_theirs(name: str, options: dict[str, str]) -> None:
    """`console` takes none, `folder` one."""
    with pytest.raises(ConfigurationError, match="takes no option path"):
        load_publisher(name)(Account("a", name, options=options))
