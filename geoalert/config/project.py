"""The project: everything geoalert.toml says, checked.

    project = read_project(find_project())
    project.accounts["mail"].reveal("password")      # read from its place, now
    read_layer(project.layers["division"].file, **project.layers["division"].options())

Reading it opens no other file: layers, directory, profile and keys are read by their own rooms when they are needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from geoalert.alert.checks import language_tag
from geoalert.config.accounts import account_from
from geoalert.config.people import Member, OnCall, Reach
from geoalert.config.policy import ApprovalLimits, LogCopy, Takedown
from geoalert.config.secrets import refuse_literals
from geoalert.errors import ConfigurationError, ExplainedError
from geoalert.files.project_schema import LayerTable, OnCallTable, PersonTable, ProjectFile
from geoalert.files.times import read_time, zone
from geoalert.files.toml import Document, read_document, validate
from geoalert.publishing import Account
from geoalert.text import fold, nearest


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
    neighbours: bool = False
    population: str | None = None
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
        on_call: watches of the rota, in the file's order.
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
    on_call: tuple[OnCall, ...] = ()
    approval: ApprovalLimits = field(default_factory=ApprovalLimits)
    takedown: Takedown = field(default_factory=Takedown)
    log: LogCopy = field(default_factory=LogCopy)
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

    def person(self, name: str) -> Member | None:
        """Returns the person of that name in any spelling, None where geoalert.toml lists nobody so."""
        return {fold(listed): person for listed, person in self.people.items()}.get(fold(name))

    def approvers_on_call(self, at: datetime, unit: str | None) -> tuple[Member, ...]:
        """Returns who is on call at an instant and approves a unit's alerts, each once, in the rota's order."""
        names = dict.fromkeys(name for watch in self.on_call if watch.holds(at) for name in watch.people)
        return tuple(self.people[name] for name in names if self.people[name].approves(unit))


def read_project(path: Path | str, *, environ: Mapping[str, str] | None = None) -> Project:
    """Reads geoalert.toml.

    Args:
        path: of the file, as `find_project` gives it.
        environ: where `env:` secrets are looked up when they are revealed; the process's own.

    Raises:
        ConfigurationError: with file, line and field; a value that may be a secret is never shown. Codes besides those of any file:
            `literal_secret`, `unknown_zone`, `unknown_language`, `unknown_mode`, `unknown_role`, `unknown_account`, `invalid_account`,
            `invalid_layer_name`, `invalid_person`, `person_twice`, `unknown_person`, `no_approver`, and those of a local time.
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
    here = zone(written.time_zone)
    people = _people(written.people, folder, accounts)
    return Project(
        path=folder / Path(document.file).name,
        agency=written.agency.strip(),
        time_zone=here.key,
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
        people=people,
        on_call=tuple(_watch(table, f"on_call.{number}", people, here) for number, table in enumerate(written.on_call, 1)),
        approval=ApprovalLimits(**written.approval.model_dump()),
        takedown=Takedown(**written.takedown.model_dump()),
        log=LogCopy(file=None if written.log.file is None else folder / written.log.file, syslog=written.log.syslog),
        media_host=None if written.media_host is None else MediaHost(**written.media_host.model_dump()),
        retention=Retention(**written.retention.model_dump()),
    )


def _people(tables: Mapping[str, PersonTable], folder: Path, accounts: Mapping[str, Account]) -> dict[str, Member]:
    found: dict[str, Member] = {}
    for name, table in tables.items():
        twin = next((other for other in found if fold(other) == fold(name)), None)
        if twin is not None:
            raise ConfigurationError(
                "two people of one name, but for its spelling",
                code="person_twice",
                field=f"people.{name}",
                value=twin,
                do="Give one of them another name",
            )
        found[name] = Member(
            name=name,
            roles=tuple(table.roles),
            units=tuple(table.units),
            key=None if table.key is None else folder / table.key,
            notify=tuple(Reach.parse(text, field=f"people.{name}.notify", accounts=accounts) for text in table.notify),
        )
    return found


def _watch(table: OnCallTable, field: str, people: Mapping[str, Member], here: ZoneInfo) -> OnCall:
    for name in table.people:
        if name not in people:
            near = nearest(name, people)
            do = f"Did you mean {' or '.join(near)}?" if near else f'Add [people."{name}"]'
            raise ConfigurationError("nobody of that name is listed", code="unknown_person", field=f"{field}.people", value=name, do=do)
        if "approver" not in people[name].roles:
            do = 'Add roles = ["approver"] to the person, or leave the name out'
            raise ConfigurationError("who is on call has to approve", code="no_approver", field=f"{field}.people", value=name, do=do)
    begins, ends = read_time(table.from_, here, field=f"{field}.from"), read_time(table.until, here, field=f"{field}.until")
    if ends <= begins:
        do = "Give a later time"
        raise ConfigurationError(
            "the watch ends before it begins", code="invalid_value", field=f"{field}.until", value=str(table.until), do=do
        )
    return OnCall(people=tuple(table.people), begins=begins, ends=ends)


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
