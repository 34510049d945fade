"""The fields of geoalert.toml."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import Field

from geoalert.files.model import FileModel, Formatted


class LayerTable(FileModel):
    """`[layers.NAME]`."""

    file: str = Field(description="Relative to the project.")
    id: str = Field(description="Field that holds the boundary's id.")
    label: str | None = None
    table: str | None = None
    crs: str | None = Field(default=None, description="Only where the file has none.")
    version: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    source: str | None = None
    licence: str | None = None
    lead: bool = False
    dissolve: bool = False
    accept_accuracy_m: float = 5.0


class PersonTable(FileModel):
    """`[people.NAME]`."""

    roles: list[str] = Field(default_factory=list)
    units: list[str] = Field(default_factory=list)
    key: str | None = Field(default=None, description="Public key file, relative to the project.")


class MediaHostTable(FileModel):
    """`[media_host]`: only for publishers that fetch images from a public URL."""

    kind: str
    path: str
    url: str


class RetentionTable(FileModel):
    """`[retention]`: days that each class of record is kept."""

    alerts_days: int | None = Field(default=None, ge=1)
    media_days: int | None = Field(default=None, ge=1)
    restricted_days: int | None = Field(default=None, ge=1)
    evidence_days: int | None = Field(default=None, ge=1)


class ProjectFile(Formatted):
    """geoalert.toml."""

    agency: str
    time_zone: str = Field(description="IANA name; local times in every file are read in it.")
    holidays: str | None = None
    languages: list[str] = Field(default=["en"], min_length=1)
    profile: str = Field(default="plain", description="A shipped name, or a .toml file relative to the project.")
    state: str = Field(default=".geoalert", description="Folder on a local disk.")
    channels: list[str] = Field(default_factory=list)
    venues: list[str] = Field(default_factory=list)
    units: str | None = None
    layers: dict[str, LayerTable] = Field(default_factory=dict)
    accounts: dict[str, dict[str, Any]] = Field(default_factory=dict)
    venue_accounts: dict[str, str] = Field(default_factory=dict)
    people: dict[str, PersonTable] = Field(default_factory=dict)
    media_host: MediaHostTable | None = None
    retention: RetentionTable = Field(default_factory=RetentionTable)
