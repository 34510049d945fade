"""The fields of alert.toml."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from pydantic import Field

from geoalert.files.model import FileModel, Formatted, LocalTime


class TextTable(FileModel):
    """`[text.LANGUAGE]`."""

    event: str = Field(description="What happened, in a few words.")
    place: str = Field(description="The public name of the place: an intersection's area, never 'in this area'.")
    when: str = Field(description="When it happened, as people say it.")
    guidance: str = Field(description="What the reader should do; never cut from any post.")
    details: str | None = None
    heading: str | None = None


class RestrictedTable(FileModel):
    """`[people.restricted]`: known and never published."""

    surname: str | None = None
    gender: str | None = None
    diagnosis: str | None = None
    address: str | None = None
    care_status: str | None = None
    relationship: str | None = None
    handles: list[str] = Field(default_factory=list)
    notes: str | None = None


class PersonTable(FileModel):
    """`[[people]]`."""

    number: int
    label: str = Field(description="suspect | person_of_interest | wanted | missing | witness")
    first_name: str | None = None
    age: str | int | None = Field(default=None, description="16, 25-35, 30s or 18 months")
    sex: str | None = None
    height_cm: float | None = None
    build: str | None = None
    hair: str | None = None
    facial_hair: str | None = None
    eyes: str | None = None
    complexion: str | None = None
    clothing: list[str] = Field(default_factory=list)
    accessories: list[str] = Field(default_factory=list)
    marks: list[str] = Field(default_factory=list)
    weapon: str | None = None
    direction: str | None = None
    restricted: RestrictedTable | None = None


class VehicleTable(FileModel):
    """`[[vehicles]]`."""

    number: int = 1
    colour: str | None = None
    make: str | None = None
    model: str | None = None
    year: str | int | None = None
    body: str | None = None
    plate: str | None = None
    marks: list[str] = Field(default_factory=list)
    direction: str | None = None


class MediaTable(FileModel):
    """`[[media]]`."""

    file: str = Field(description="Image beside the alert file, or in a folder below it.")
    media_class: str = Field(
        alias="class", description="composite_sketch | security_camera_still | family_photo | custody_photo | vehicle | map | other"
    )
    alt: dict[str, str] = Field(description="Alternative text by language.")
    person: int | None = None
    basis: str | None = None
    remove_by: LocalTime | None = None


class AudienceTable(FileModel):
    """`audience = {...}`."""

    categories: list[str] = Field(default_factory=list)
    exclude: list[str] = Field(default_factory=list)
    allow: list[str] = Field(default_factory=list)
    open: list[LocalTime] | None = Field(default=None, min_length=2, max_length=2)
    unknown_hours: str = "list"
    channels: list[str] | None = None


class PointTable(FileModel):
    """`event = {lon = ..., lat = ...}`."""

    lon: float
    lat: float


class OrderTable(FileModel):
    """`[order]`: the court's order about a young person."""

    number: str
    made_at: LocalTime


class ReferenceTable(FileModel):
    """`[[references]]`: an earlier version that the alert follows."""

    sender: str
    id: str
    revision: int
    sent: LocalTime


class AreaTable(FileModel):
    """`area = {...}`: the fields of every rule; which of them a rule takes is the rule's own to say."""

    type: str = Field(description="circle | series | corridor | polygon | named | union | intersection | minus | point")
    label: str | None = Field(default=None, description="The only words for the place that the public gets.")
    lon: float | None = Field(default=None, description="Degrees, EPSG:4326.")
    lat: float | None = Field(default=None, description="Degrees, EPSG:4326.")
    near: str | None = Field(default=None, description="A corner of two streets; comes with a later release.")
    radius_m: float | None = None
    points: list[list[float]] | None = Field(default=None, description="[[lon, lat], ...]")
    each_side_m: float | None = None
    caps: str | None = Field(default=None, description="round | flat")
    geometry: dict[str, Any] | None = Field(default=None, description="GeoJSON geometry.")
    coordinates: list[Any] | None = Field(default=None, description="Of a GeoJSON Polygon.")
    crs: str | None = None
    native_crs: str | None = None
    accuracy_m: float | None = None
    file: str | None = None
    table: str | None = None
    layer: str | None = None
    layer_digest: str | None = None
    version: str | None = None
    ids: list[str | int] | str | int | None = None
    of: list[AreaTable] | None = None


class AlertFile(Formatted):
    """alert.toml, or the same fields as JSON."""

    missing_codes = MappingProxyType({"expires": "no_expiry", "area": "no_area"})

    id: str = Field(description="The agency's own, kept through every revision.")
    kind: str
    status: str = Field(description="actual | exercise | test")
    scope: str = Field(description="public | restricted (staff only)")
    expires: LocalTime
    area: AreaTable | str = Field(description="A rule such as {type = 'circle', lon = ..., lat = ..., radius_m = ...}.")
    text: dict[str, TextTable] = Field(min_length=1, description="Texts by language.")
    case: str | None = None
    unit: str | None = None
    purpose: str | None = None
    lead: str | None = Field(default=None, description="LAYER:ID of the boundary that leads.")
    recorded: dict[str, str] = Field(default_factory=dict, description="Boundary id by layer, as the police recorded it.")
    event: PointTable | None = None
    onset: LocalTime | None = None
    at_expiry: str = Field(default="leave", description="leave | remove_images | remove")
    urgency: str = "Unknown"
    severity: str = "Unknown"
    certainty: str = "Unknown"
    link: str | None = None
    authority_reference: str | None = None
    young_person: bool = False
    order: OrderTable | None = None
    bans: list[str] = Field(default_factory=list)
    references: list[ReferenceTable] = Field(default_factory=list)
    audience: AudienceTable = Field(default_factory=AudienceTable)
    people: list[PersonTable] = Field(default_factory=list)
    vehicles: list[VehicleTable] = Field(default_factory=list)
    media: list[MediaTable] = Field(default_factory=list)
