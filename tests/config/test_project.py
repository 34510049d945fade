"""geoalert.toml: every section read, every mistake named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from geoalert.config import find_project, read_project
from geoalert.errors import ConfigurationError, GeoAlertError

Write = Callable[..., Path]


def test_every_section_is_read(project_file: Write) -> None:
    """The example of the file's reference, with paths made absolute."""
    project = read_project(project_file(), environ={"GEOALERT_MAIL_PASSWORD": "hunter2"})
    layer, mail, out = project.layers["division"], project.accounts["mail"], project.accounts["out"]

    assert (project.agency, project.zone.key, project.languages) == ("Hamilton Example Police", "America/Toronto", ("en", "fr-CA"))
    assert (layer.file, layer.valid_from, layer.lead) == (project.folder / "gis/HPS_Divisions.shp", date(2026, 4, 1), True)
    assert layer.options()["name"] == "division"
    assert (mail.publisher, mail.mode, mail.options["port"], mail.options["from"]) == ("email", "live", 587, "alerts@police.example")
    assert mail.reveal("password") == "hunter2"
    assert (out.mode, out.options["path"]) == ("sandbox", str(project.folder / "out"))
    assert project.people["singh"].approves("sex-crimes")
    assert not project.people["singh"].approves("hold-up")
    assert project.people["singh"].key == project.folder / "keys/singh.pub"
    assert (project.state, project.units) == (project.folder / ".geoalert", project.folder / "units.csv")
    assert (project.media_host.kind if project.media_host else None, project.retention.alerts_days) == ("folder", 365)


def test_a_layer_says_how_its_ids_are_compared(project_file: Write) -> None:
    """`read_layer` is told; another word is refused."""
    as_written = read_project(project_file(("label =", 'id_rule = "verbatim"\nlabel =')))
    assert as_written.layers["division"].options()["id_rule"] == "verbatim"

    with pytest.raises(ConfigurationError) as refused:
        read_project(project_file(("label =", 'id_rule = "exact"\nlabel =')))
    assert refused.value.field == "layers.division.id_rule"


@pytest.mark.parametrize(
    ("old", "new", "code", "field"),
    [
        ("agency =", "agancy =", "unknown_field", "agancy"),
        ('agency = "Hamilton Example Police"', 'agency = " "', "missing_field", "agency"),
        ('time_zone = "America/Toronto"\n', "", "missing_field", "time_zone"),
        ("America/Toronto", "America/Torronto", "unknown_zone", "time_zone"),
        ('["en", "fr-ca"]', '["english, please"]', "unknown_language", "languages"),
        ('["en", "fr-ca"]', "[]", "invalid_value", "languages"),
        ("label =", "lable =", "unknown_field", "layers.division.lable"),
        ("valid_from = 2026-04-01", 'valid_from = "soon"', "wrong_type", "layers.division.valid_from"),
        ("[layers.division]", '[layers."a/b"]', "invalid_layer_name", "layers.a/b"),
        ('publisher = "email"\n', "", "missing_field", "accounts.mail.publisher"),
        ('mode = "live"', 'mode = "alive"', "unknown_mode", "accounts.mail.mode"),
        ("[accounts.out]", '[accounts."a b"]', "invalid_account", "accounts.a b"),
        ('["approver"]', '["aprover"]', "unknown_role", "people.singh.roles"),
        ("alerts_days = 365", "alerts_days = 0", "invalid_value", "retention.alerts_days"),
        ("alerts_days = 365", 'alerts_days = 1\n[venue_accounts]\nemail = "post"', "unknown_account", "venue_accounts.email"),
    ],
)
def test_a_mistake_is_named_with_its_line(project_file: Write, old: str, new: str, code: str, field: str) -> None:
    """Code, file and field; the class stands outside the tree of alert errors."""
    path = project_file((old, new))

    with pytest.raises(ConfigurationError) as refused:
        read_project(path)

    assert (refused.value.code, refused.value.field, refused.value.file) == (code, field, str(path))
    assert refused.value.row is not None or code == "missing_field"
    assert not isinstance(refused.value, GeoAlertError)


@pytest.mark.parametrize(
    "literal",
    [
        'password = "planted-4711"',
        "password = 4711471147",
        'api_key = "planted-4711"',
        'accessToken = "planted-4711"',
        'client_secret = ["planted-4711"]',
        'server = "https://me:planted-4711@police.example"',
        'deep = {token = "planted-4711"}',
        'servers = ["smtp://me:planted-4711@police.example"]',
        'servers = [{host = "a.example", password = "planted-4711"}]',
        'webhook = "https://post.example/in/planted-4711"',
        'webhook_url = "planted-4711"',
        'incomingWebhooks = ["planted-4711"]',
        'server = "https://hooks.slack.com/services/T0/B0/planted-4711"',
        'server = "HTTPS://Hooks.Slack.com:443/workflows/T0/planted-4711"',
        'server = "hooks.slack.com/services/T0/B0/planted-4711"',
        'server = "https://canary.discord.com/api/v10/webhooks/77/planted-4711"',
        'server = "https://discordapp.com/api/webhooks/77/planted-4711"',
        'server = "https://discord.com/api/%77ebhooks/77/planted-4711"',
        'server = "https://api.telegram.org/bot77:planted-4711/sendMessage"',
        'server = "https://telegram.police.example/bot4711000:AAplanted4711planted4711pla/sendMessage"',
        'server = "https://outlook.office.com/webhook/planted-4711"',
        'server = "https://police.webhook.office.com/webhookb2/planted-4711"',
        'server = "https://chat.googleapis.com/v1/spaces/A/messages?key=planted-4711&token=x"',
        'server = "https://prod-1.eastus.logic.azure.com/workflows/a?api-version=1&sig=planted-4711"',
    ],
)
def test_a_literal_secret_is_refused_and_never_shown(project_file: Write, literal: str) -> None:
    """By the option's name or an address with a password; the planted value is in no form of the error."""
    path = project_file(('password = "env:GEOALERT_MAIL_PASSWORD"', literal))

    with pytest.raises(ConfigurationError) as refused:
        read_project(path)

    assert (refused.value.code, refused.value.row) == ("literal_secret", 26)
    assert "4711" not in f"{refused.value} {refused.value!r} {refused.value.to_dict()} {refused.value.__cause__}"


ORDINARY = (
    'server = "https://discord.com/channels/77/88"',
    'server = "https://slack.com/services/T0"',
    'server = "https://api.telegram.org"',
    'server = "https://chat.googleapis.com/v1/spaces/A/messages"',
    'server = "https://police.example/bot1/webhooks/77?page=2"',
    'server = "https://matrix.police.example:8448/_matrix"',
    'webhook_id = "77"',
    'webhook = "env:GEOALERT_WEBHOOK"',
    'server = "env:GEOALERT_SERVER"',
)


@pytest.mark.parametrize(
    "harmless", ['token_url = "https://a.example/token"', 'key_id = "7"', 'public_key = "abc"', 'keyboard = "fr"', *ORDINARY]
)
def test_an_option_that_only_speaks_about_a_secret_is_read(project_file: Write, harmless: str) -> None:
    """An address of a token's issuer, or a key's number, is no secret."""
    read_project(project_file(('password = "env:GEOALERT_MAIL_PASSWORD"', harmless)))


@pytest.mark.parametrize("body", ["accounts = {mail = 4711}", "accounts = 4711", "[accounts]\nmail = 'planted-4711'"])
def test_a_value_of_the_wrong_type_in_accounts_is_never_shown(tmp_path: Path, body: str) -> None:
    """Whatever stands where an account should be may be a secret."""
    path = tmp_path / "geoalert.toml"
    path.write_text(f'format = 1\nagency = "A"\ntime_zone = "UTC"\n{body}\n')

    with pytest.raises(ConfigurationError) as refused:
        read_project(path)

    assert refused.value.code == "wrong_type"
    assert "4711" not in f"{refused.value} {refused.value.__cause__}"


def test_the_nearest_project_upwards_is_found(project_file: Write) -> None:
    """From a folder below, by name, and by GEOALERT_PROJECT."""
    path = project_file()
    below = path.parent / "alerts" / "s1"
    below.mkdir(parents=True)

    assert find_project(below, environ={}) == path
    assert find_project("/", project=path.parent, environ={}) == path
    assert find_project("/", environ={"GEOALERT_PROJECT": str(path)}) == path


@pytest.mark.parametrize("named", [None, "absent"])
def test_no_project_is_an_error_with_the_way_out(tmp_path: Path, named: str | None) -> None:
    """Nothing above, or nothing where it was said to be."""
    with pytest.raises(ConfigurationError) as refused:
        find_project(tmp_path, project=None if named is None else tmp_path / named, environ={})

    assert refused.value.code == "no_project"
    assert refused.value.do
