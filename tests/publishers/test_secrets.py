"""Planted secrets in whole projects whose sending fails in every way: nothing that is printed, logged or kept holds one."""

from __future__ import annotations

import base64
import io
import json
import logging
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from geoalert.cli import main
from geoalert.publishers import webhook
from tests.app.project import ALERT, CHANNELS, PROJECT, write_project
from tests.publishers.mail_place import FAULTS, PASSWORD, USER, MailPlace
from tests.publishers.places import WEBHOOK_SECRET, Receiver

PATH_SECRET = "planted-path-s3cr3t"
PLANTED = (PASSWORD, PATH_SECRET, WEBHOOK_SECRET, Receiver.secret)
HOOK = """\
[accounts.posts]
publisher = "webhook"
url = "env:HOOK_URL"
secret = "file:hook.secret"
token = "env:HOOK_TOKEN"
internal = true
"""
MAIL = """\
[accounts.posts]
publisher = "email"
host = "127.0.0.1"
port = {port}
from = "alerts@police.example"
user = "{user}"
password = "env:MAIL_PASSWORD"
ca_path = "{trusted}"
timeout_s = 0.3
"""
OLD = '[accounts.posts]\npublisher = "folder"\npath = "posts"\n'


def run(folder: Path, *arguments: str, person: str | None = None) -> str:
    """Runs a command in the project and returns everything it printed."""
    who = [] if person is None else ["--as", person]
    done = CliRunner().invoke(main, [*arguments, "--project", str(folder), *who], catch_exceptions=False)
    return done.stdout + done.stderr


def contents(folder: Path) -> Iterator[bytes]:
    """Yields every file of the project's state, unpacked where it is packed."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            whole = path.read_bytes()
            yield whole
            if zipfile.is_zipfile(io.BytesIO(whole)):
                with zipfile.ZipFile(io.BytesIO(whole)) as packed:
                    yield from (packed.read(name) for name in packed.namelist())


def forms(secret: str) -> set[bytes]:
    """Returns the ways in which a secret may be written."""
    coded = base64.b64encode(secret.encode()).decode()
    return {form.encode() for form in (secret, quote(secret, safe=""), coded.rstrip("="), secret.encode().hex(), json.dumps(secret)[1:-1])}


def planned(folder: Path, **texts: str) -> Path:
    """Returns a project whose alert is planned and approved."""
    write_project(folder, **texts)
    (folder / "hook.secret").write_text(Receiver.signing)
    run(folder, "plan", str(folder / "alert.toml"), person="w.clerk")
    run(folder, "approve", "S1", "--reason", "exercise", person="t.singh")
    return folder


def send_all(folder: Path) -> str:
    """Sends, and asks what became of it."""
    told = ""
    for arguments in (["send", "S1"], ["send", "S1", "--json"]):
        told += run(folder, *arguments)
    for arguments in (["status", "S1"], ["status", "S1", "--json"], ["accounts", "check"], ["check"], ["show", "S1"]):
        told += run(folder, *arguments)
    return told


def assert_no_secret(told: str, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Looks for every planted secret in every form, in all that was told and kept."""
    assert '"tries": 1' in told, "nothing was tried"
    kept = [told.encode(), caplog.text.encode(), *contents(folder / ".geoalert")]
    assert len(kept) > 4
    for secret in PLANTED:
        found = [whole[:80] for whole in kept for form in forms(secret) if form in whole]
        assert not found, f"a planted secret was found in {found}"


@pytest.fixture(scope="module")
def hook_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that posts to a receiver, planned once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOOK_URL", "https://receiver.example")
        return planned(tmp_path_factory.mktemp("hook") / "project", project=PROJECT.replace(OLD, HOOK), alert=ALERT)


@pytest.fixture(scope="module")
def mail_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailPlace]:
    """A mail server on one port: an account that moves is another than the one that was approved."""
    with MailPlace(tmp_path_factory.mktemp("server")) as place:
        yield place


@pytest.fixture(scope="module")
def mail_project(tmp_path_factory: pytest.TempPathFactory, mail_place: MailPlace) -> Path:
    """A project that sends mail, planned once."""
    channels = CHANNELS.replace(",posts,d14,", ",posts,d14@bia.example,").replace(",posts,d52,", ",posts,d52@bia.example,")
    account = MAIL.format(port=mail_place.port, user=USER, trusted=mail_place.trusted)
    return planned(tmp_path_factory.mktemp("mail") / "project", project=PROJECT.replace(OLD, account), alert=ALERT, channels=channels)


@pytest.mark.parametrize("fault", [None, *sorted(Receiver.faults)])
def test_webhook(
    fault: str | None, hook_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Every fault of a receiver."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(webhook, "_TIMEOUT_S", 0.3)
    monkeypatch.setenv("HOOK_TOKEN", Receiver.secret)
    folder = shutil.copytree(hook_project, tmp_path / "project")
    with Receiver() as place:
        monkeypatch.setenv("HOOK_URL", f"{place.url.replace('http:', 'https:') if fault == 'tls' else place.url}/{PATH_SECRET}")
        with place.fault(fault) if fault else nullcontext():
            told = send_all(folder)
        assert len(place.standing()) == (2 if fault in (None, "cut_off") else 0)
        assert place.strays == []

    assert_no_secret(told, folder, caplog)


@pytest.mark.parametrize("fault", [None, *sorted(FAULTS)])
def test_email(
    fault: str | None,
    mail_project: Path,
    mail_place: MailPlace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Every fault of a mail server."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("MAIL_PASSWORD", PASSWORD)
    folder = shutil.copytree(mail_project, tmp_path / "project")
    mail_place.mails.clear()
    with mail_place.fault(fault) if fault else nullcontext():
        told = send_all(folder)

    assert len(mail_place.mails) == (0 if fault else 2)
    assert_no_secret(told, folder, caplog)
