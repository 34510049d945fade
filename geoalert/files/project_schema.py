"""The fields of geoalert.toml."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import Field

from geoalert.files.model import FileModel, Formatted, LocalTime


class LayerTable(FileModel):
    """`[layers.NAME]`."""

    edition_of: str | None = Field(
        default=None, description="Name of the layer that this file is one edition of; valid_from and valid_to say which holds when."
    )
    file: str = Field(description="Relative to the project.")
    id: str = Field(description="Field that holds the boundary's id.")
    label: str | None = Field(default=None, description="Field that holds its name; default: the id.")
    table: str | None = Field(default=None, description="Table, where the file has several.")
    crs: str | None = Field(default=None, description="Only where the file has none.")
    version: str | None = Field(default=None, description="Version of the map, as its publisher names it.")
    valid_from: date | None = Field(default=None, description="First day on which the layer holds.")
    valid_to: date | None = Field(default=None, description="Last day on which the layer holds.")
    source: str | None = Field(default=None, description="Who published the file.")
    licence: str | None = Field(default=None, description="Under which licence.")
    lead: bool = Field(default=False, description="Whether this layer gives an alert's lead boundary.")
    neighbours: bool = Field(
        default=False, description="Whether these are neighbouring services: their ground is outside the city, and plans say whom to tell."
    )
    population: str | None = Field(
        default=None, description="Field that holds how many people live in each; plans estimate from it how many the area holds."
    )
    dissolve: bool = Field(default=False, description="Join the rows of one id.")
    id_rule: Literal["default", "verbatim"] = Field(
        default="default", description="verbatim compares ids as written; default takes D14, 14 and 14 Division for one."
    )
    accept_accuracy_m: float = Field(default=5.0, description="Worst stated accuracy of the conversion to WGS 84, metres.")


class PersonTable(FileModel):
    """`[people.NAME]`."""

    roles: list[str] = Field(default_factory=list, description="author | submitter | approver | operator | steward | auditor | admin")
    units: list[str] = Field(default_factory=list, description="Units whose alerts the person approves; none: every unit.")
    key: str | None = Field(default=None, description="Public key file, relative to the project.")
    notify: list[str] = Field(
        default_factory=list, description="Where the person is told of plans to approve, ACCOUNT:ADDRESS; the account of the alert's mode."
    )


class OnCallTable(FileModel):
    """`[[on_call]]`: who is asked for approval, and when."""

    people: list[str] = Field(min_length=1, description="Approvers by name.")
    from_: LocalTime = Field(alias="from")
    until: LocalTime = Field()


class ApprovalTable(FileModel):
    """`[approval]`: above either limit a plan needs two approvers."""

    two_above_km2: float | None = Field(default=None, ge=0, description="Square kilometres of the area.")
    two_above_channels: int | None = Field(default=None, ge=0, description="Number of posts.")


class TakedownTable(FileModel):
    """`[takedown]`: how soon what was sent has to be gone."""

    minutes: int | None = Field(default=None, ge=1, description="Minutes; default: the profile's, else 60.")
    error_minutes: int | None = Field(default=None, ge=1, description="The same after an error; default: the profile's, else 15.")


class LogTable(FileModel):
    """`[log]`: where the record is copied to as JSON lines."""

    file: str | None = Field(default=None, description="File that lines are added to, relative to the project.")
    syslog: str | None = Field(default=None, description="udp://HOST:PORT, or unix:/dev/log, the path of a local socket.")


class MediaHostTable(FileModel):
    """`[media_host]`: only for publishers that fetch images from a public URL."""

    kind: str = Field(description="How files get there; folder.")
    path: str = Field(description="Folder that is served.")
    url: str = Field(description="Public address of that folder.")


class RetentionTable(FileModel):
    """`[retention]`: days that each class of record is kept."""

    alerts_days: int | None = Field(default=None, ge=1, description="Plans and deliveries.")
    media_days: int | None = Field(default=None, ge=1, description="Images.")
    restricted_days: int | None = Field(default=None, ge=1, description="Restricted parts of plans.")
    evidence_days: int | None = Field(default=None, ge=1, description="Evidence.")


class ProjectFile(Formatted):
    """geoalert.toml."""

    agency: str = Field(description="Name of the agency, the sender of its alerts.")
    time_zone: str = Field(description="IANA name; local times in every file are read in it.")
    holidays: str | None = Field(default=None, description="Calendar of public holidays, such as CA-ON.")
    languages: list[str] = Field(default=["en"], min_length=1, description="BCP 47 tags, the first one first.")
    profile: str = Field(default="plain", description="A shipped name, or a .toml file relative to the project.")
    state: str = Field(default=".geoalert", description="Folder on a local disk.")
    channels: list[str] = Field(default_factory=list, description="Files of channels, relative to the project.")
    venues: list[str] = Field(default_factory=list, description="Files of venues, relative to the project.")
    units: str | None = Field(default=None, description="File of units, relative to the project.")
    places: str | None = Field(
        default=None, description="Gazetteer of street corners that `geoalert places build` wrote; places.sqlite where it is there."
    )
    layers: dict[str, LayerTable] = Field(default_factory=dict, description="Layers by name.")
    accounts: dict[str, dict[str, Any]] = Field(default_factory=dict, description="Accounts by name.")
    venue_accounts: dict[str, str] = Field(
        default_factory=dict, description="Account that carries venues' own contacts, by way: email, sms."
    )
    people: dict[str, PersonTable] = Field(default_factory=dict, description="People by name.")
    on_call: list[OnCallTable] = Field(default_factory=list, description="Rota of approvers.")
    approval: ApprovalTable = Field(default_factory=ApprovalTable, description="When two approvers are needed.")
    takedown: TakedownTable = Field(default_factory=TakedownTable, description="How soon what was sent has to be gone.")
    log: LogTable = Field(default_factory=LogTable, description="Where the record is copied to.")
    media_host: MediaHostTable | None = Field(default=None, description="Where images lie for publishers that fetch them.")
    retention: RetentionTable = Field(default_factory=RetentionTable, description="How long records are kept.")
