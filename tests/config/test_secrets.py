"""A secret is shown by `reveal` and by nothing else."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from geoalert.config import Secret, read_project
from geoalert.config.secrets import Revealing
from geoalert.errors import ConfigurationError
from geoalert.publishing import Account


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


def mail(project_file: Callable[..., Path], environ: dict[str, str] | None = None) -> Account:
    """The account whose password is in the environment."""
    return read_project(project_file(), environ=environ).accounts["mail"]


@pytest.mark.parametrize("given", [True, False])
def test_no_form_of_an_account_shows_its_environment(
    project_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, given: bool
) -> None:
    """Neither repr, nor a copy, nor a pickle, whether the environment was handed in or is the process's."""
    monkeypatch.setenv("GEOALERT_MAIL_PASSWORD", "planted-4711")
    monkeypatch.setenv("UNRELATED", "planted-4712")
    account = mail(project_file, {"GEOALERT_MAIL_PASSWORD": "planted-4711", "UNRELATED": "planted-4712"} if given else None)
    secret = account.secrets["password"]

    copies = (account, copy.copy(account), copy.deepcopy(account), pickle.loads(pickle.dumps(account)))
    shown = [f"{each!r} {each.secrets!r} {dict(each.secrets)} {asdict_of(each)}" for each in copies]

    assert not [text for text in (*shown, repr(pickle.dumps(account)), f"{secret!r} {secret}") if "planted" in text or "UNRELATED" in text]
    assert repr(secret) == "Revealing(env:GEOALERT_MAIL_PASSWORD)"
    assert [each.reveal("password") for each in copies] == ["planted-4711"] * 4


def asdict_of(account: Account) -> object:
    """Returns what asdict makes of an account, or its error: a read-only view cannot be taken apart."""
    try:
        return asdict(account)
    except TypeError as err:
        return err


def test_a_secret_is_read_at_the_moment_it_is_revealed(project_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """A rotated password is seen without reading the project again."""
    account = mail(project_file)
    monkeypatch.setenv("GEOALERT_MAIL_PASSWORD", "first")
    first = account.reveal("password")
    monkeypatch.setenv("GEOALERT_MAIL_PASSWORD", "second")

    assert (first, account.reveal("password")) == ("first", "second")


def test_what_reveals_a_secret_cannot_be_changed() -> None:
    """Nobody points it elsewhere."""
    with pytest.raises(AttributeError, match="frozen"):
        Revealing(Secret("env:NAME"))._secret = Secret("env:OTHER")


def test_an_unset_secret_is_found_with_its_option(project_file: Callable[..., Path]) -> None:
    """Before anything is posted, and without a value."""
    with pytest.raises(ConfigurationError) as refused:
        mail(project_file, {"OTHER": "planted"}).check_secrets()

    assert (refused.value.code, refused.value.field) == ("secret_missing", "accounts.mail.password")
    mail(project_file, {"GEOALERT_MAIL_PASSWORD": "x"}).check_secrets()
