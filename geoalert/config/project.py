"""The project: everything geoalert.toml says, checked.

    project = read_project(find_project())
    project.accounts["mail"].reveal("password")      # read from its place, now
    read_layer(project.layers["division"].file, **project.layers["division"].options())

Reading it opens no other file: layers, directory, profile and keys are read by their own rooms when they are needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from geoalert.alert.checks import language_tag
from geoalert.config.accounts import account_from
from geoalert.config.people import Member
from geoalert.config.secrets import refuse_literals
from geoalert.errors import ConfigurationError, ExplainedError
from geoalert.files.project_schema import LayerTable, ProjectFile
from geoalert.files.times import zone
from geoalert.files.toml import Document, read_document, validate
from geoalert.publishing import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerSpec:
    """`[layers.NAME]`: which file is a layer, and how to read it."""

    name: str
    file: Path
    id: str
    edition_of: str | None = None
    label: str | None = None
    table: str | None = None
    crs: str | None = None
    version: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    source: str | None = None
    licence: str | None = None
    lead: bool = False
    dissolve: bool = False
    id_rule: str = "default"
    accept_accuracy_m: float = 5.0

    def options(self) -> dict[str, Any]:
        """Returns the keyword arguments of `read_layer`, which takes `file` as its first."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__ if name not in ("file", "edition_of")}
        return plain | {"name": self.edition_of or self.name}


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaHost:
    """`[media_host]`: where images lie for publishers that fetch them; `path` on this machine is served at `url`."""

    kind: str
    path: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """`[retention]`: days that each class of record is kept; None keeps it."""

    alerts_days: int | None = None
    media_days: int | None = None
    restricted_days: int | None = None
    evidence_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One agency's settings; paths are absolute, nothing they name has been opened.

    Attributes:
        path: of geoalert.toml.
        time_zone: IANA name; local times in every file are read in it.
        profile: a shipped name, or a file relative to the project; `files.profile.read_profile` reads it.
        languages: BCP 47 tags, the agency's own first.
        holidays: country and subdivision, `CA-ON`, for opening hours.
        channels, venues, units: directory files, in the order to read them.
        places: gazetteer of street corners.
        people: by the name that `--as` takes.
        state: folder of the outbox; `state_folder` makes it.
        accounts: ready to hand to publishers; a secret is read when it is revealed.
        venue_accounts: account that carries venues' own contacts, by way: email, sms.
    """

    path: Path
    agency: str
    time_zone: str
    languages: tuple[str, ...]
    profile: str
    state: Path
    holidays: str | None = None
    channels: tuple[Path, ...] = ()
    venues: tuple[Path, ...] = ()
    units: Path | None = None
    places: Path | None = None
    layers: Mapping[str, LayerSpec] = field(default_factory=dict)
    accounts: Mapping[str, Account] = field(default_factory=dict)
    venue_accounts: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, Member] = field(default_factory=dict)
    media_host: MediaHost | None = None
    retention: Retention = field(default_factory=Retention)

    @property
    def folder(self) -> Path:
        """The project's folder; relative paths start here."""
        return self.path.parent

    @property
    def zone(self) -> ZoneInfo:
        """The agency's zone."""
        return ZoneInfo(self.time_zone)


def read_project(path: Path | str, *, environ: Mapping[str, str] | None = None) -> Project:
    """Reads geoalert.toml.

    Args:
        path: of the file, as `find_project` gives it.
        environ: where `env:` secrets are looked up when they are revealed; the process's own.

    Raises:
        ConfigurationError: with file, line and field; a value that may be a secret is never shown. Codes besides those of any file:
            `literal_secret`, `unknown_zone`, `unknown_language`, `unknown_mode`, `unknown_role`, `unknown_account`, `invalid_account`,
            `invalid_layer_name`, `invalid_person`.
    """
    document = read_document(path, refusal=ConfigurationError, what="project file")
    host = document.values.get("media_host")
    if isinstance(host, dict):
        refuse_literals(host, field="media_host", file=document.file, row=document.line_named)
    written = validate(document, ProjectFile, refusal=ConfigurationError, hide=("accounts", "media_host"))
    folder = Path(path).resolve().parent
    try:
        with document.placing():
            return _project(written, document, folder, environ)
    except ConfigurationError:
        raise
    except ExplainedError as err:
        raise ConfigurationError(err.what, code=err.code, file=err.file, row=err.row, field=err.field, value=err.value, do=err.do) from err


def _project(written: ProjectFile, document: Document, folder: Path, environ: Mapping[str, str] | None) -> Project:
    if not written.agency.strip():
        raise ConfigurationError("the agency has no name", code="missing_field", field="agency", do='Write agency = "..."')
    accounts = {
        name: account_from(name, table, document=document, folder=folder, environ=environ) for name, table in written.accounts.items()
    }
    for way, account in written.venue_accounts.items():
        if account not in accounts:
            raise ConfigurationError(
                "no such account",
                code="unknown_account",
                field=f"venue_accounts.{way}",
                value=account,
                do=f"Accounts are {', '.join(accounts) or 'none'}",
            )
    return Project(
        path=folder / Path(document.file).name,
        agency=written.agency.strip(),
        time_zone=zone(written.time_zone).key,
        holidays=written.holidays,
        languages=tuple(language_tag(tag, field="languages") for tag in written.languages),
        profile=written.profile,
        state=folder / Path(written.state).expanduser(),
        channels=tuple(folder / name for name in written.channels),
        venues=tuple(folder / name for name in written.venues),
        units=None if written.units is None else folder / written.units,
        places=None if written.places is None else folder / written.places,
        layers={name: _layer(name, table, folder) for name, table in written.layers.items()},
        accounts=accounts,
        venue_accounts=written.venue_accounts,
        people={
            name: Member(
                name=name, roles=tuple(table.roles), units=tuple(table.units), key=None if table.key is None else folder / table.key
            )
            for name, table in written.people.items()
        },
        media_host=None if written.media_host is None else MediaHost(**written.media_host.model_dump()),
        retention=Retention(**written.retention.model_dump()),
    )


def _layer(name: str, table: LayerTable, folder: Path) -> LayerSpec:
    if not name.replace("-", "").replace("_", "").isalnum() or not name.isascii():
        raise ConfigurationError(
            "not a name of a layer", code="invalid_layer_name", field=f"layers.{name}", value=name, do="Use letters, digits, - _"
        )
    if table.accept_accuracy_m <= 0:
        raise ConfigurationError(
            "an accuracy is a length above 0", code="invalid_value", field=f"layers.{name}.accept_accuracy_m", value=table.accept_accuracy_m
        )
    return LayerSpec(name=name, **table.model_dump(exclude={"file"}), file=folder / table.file)
