"""A secret is shown by `reveal` and by nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from geoalert.config import Secret
from geoalert.errors import ConfigurationError


def test_a_secret_is_revealed_from_its_place(tmp_path: Path) -> None:
    """The environment as it is now, and a file relative to the project, its line end stripped."""
    (tmp_path / "smtp.secret").write_text("hunter2\n")

    assert Secret("env:NAME").reveal({"NAME": "swordfish"}) == "swordfish"
    assert Secret("file:smtp.secret", tmp_path).reveal({}) == "hunter2"


def test_a_keyring_is_asked_for_service_and_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """The part after the last slash is the user."""
    import keyring
    from keyring.backend import KeyringBackend

    class Ring(KeyringBackend):
        priority = 1

        def get_password(self, service: str, username: str) -> str | None:
            return "hunter2" if (service, username) == ("geoalert/mail", "alerts") else None

        def set_password(self, service: str, username: str, password: str) -> None:
            raise NotImplementedError

    monkeypatch.setattr("keyring.core._keyring_backend", Ring())
    assert keyring.get_keyring().name

    assert Secret("keyring:geoalert/mail/alerts").reveal({}) == "hunter2"


@pytest.mark.parametrize("source", ["env:ABSENT", "file:absent.secret", "file:."])
def test_an_empty_place_is_named(tmp_path: Path, source: str) -> None:
    """The error says where the secret should be."""
    with pytest.raises(ConfigurationError) as refused:
        Secret(source, tmp_path).reveal({})

    assert (refused.value.code, refused.value.value) == ("secret_missing", source)


@pytest.mark.parametrize("literal", ["hunter2", "env", "http://a.example"])
def test_a_literal_is_no_place(literal: str) -> None:
    """What was given instead is not repeated."""
    with pytest.raises(ConfigurationError) as refused:
        Secret(literal)

    assert refused.value.code == "literal_secret"
    assert f"got {literal}" not in str(refused.value)


def test_repr_names_the_place() -> None:
    """Safe to log."""
    assert f"{Secret('env:NAME')!r} {Secret('env:NAME')}" == "Secret(env:NAME) Secret(env:NAME)"
