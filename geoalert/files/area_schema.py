"""The fields of area.toml, and of every area rule inside another file."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from geoalert.files.model import FileModel, Formatted, LocalTime


class StepTable(FileModel):
    """`steps = [{...}]` of rings."""

    after: str = Field(description="Time after `since`: 0h, 90m, 1h30m, 2d.")
    radius_m: float = Field(description="Radius, metres; larger than that of the step before.")
    or_on: str | None = Field(default=None, description="Signal that begins this ring early.")


class RuleTable(FileModel):
    """`[rule]`, or `area = {...}`: the fields of every rule; which of them a rule takes is the rule's own to say."""

    type: str = Field(description="circle | corridor | polygon | named | series | rings | union | intersection | minus | point")
    label: str | None = Field(default=None, description="The only words for the place that the public gets.")
    lon: float | None = Field(default=None, description="Degrees, EPSG:4326.")
    lat: float | None = Field(default=None, description="Degrees, EPSG:4326.")
    near: str | None = Field(default=None, description="A corner of two streets, in the place of lon and lat.")
    radius_m: float | None = Field(default=None, description="Radius of a circle or series, metres.")
    points: list[list[float]] | None = Field(default=None, description="[[lon, lat], ...]")
    each_side_m: float | None = Field(default=None, description="Metres on each side of a corridor.")
    caps: str | None = Field(default=None, description="round | flat")
    file: str | None = Field(default=None, description="File of a polygon, or of a corridor's line, beside this file or below.")
    table: str | None = Field(default=None, description="Which table, where the file has several.")
    crs: str | None = Field(default=None, description="CRS of the geometry, or of a file that names none; default EPSG:4326.")
    geometry: dict[str, Any] | None = Field(default=None, description="GeoJSON geometry.")
    coordinates: list[Any] | None = Field(default=None, description="Of a GeoJSON Polygon.")
    layer: str | None = Field(default=None, description="Layer of the boundaries that are named.")
    ids: list[str | int] | str | int | None = Field(default=None, description="Ids of the boundaries that are named.")
    since: LocalTime | None = Field(default=None, description="When the person was last seen, from which rings count.")
    steps: list[StepTable] | None = Field(default=None, description="Rings, each later and wider than the one before.")
    of: list[RuleTable] | None = Field(default=None, description="The rules that are combined.")
    native_crs: str | None = Field(default=None, description="Kept by plans: the CRS it was converted from.")
    accuracy_m: float | None = Field(default=None, description="Kept by plans: the stated accuracy of that conversion, metres.")
    layer_digest: str | None = Field(default=None, description="Kept by plans: the digest of that layer.")
    version: str | None = Field(default=None, description="Kept by plans: the version of that layer.")
    ring: int | None = Field(default=None, description="Kept by plans: which ring was reached.")
    delta: bool | None = Field(default=None, description="Kept by plans: only what that ring adds.")


class CutTable(RuleTable):
    """`[[minus]]` or `[[withhold]]`: a file, or a rule."""

    type: str | None = Field(  # type: ignore[assignment]
        default=None, description="As of a rule; default: what the other fields make it."
    )
    distance_m: float | None = Field(default=None, description="Metres round it.")


class AreaFile(Formatted):
    """area.toml, or the same fields as JSON."""

    author: str | None = Field(default=None, description="Who drew the area.")
    reason: str | None = Field(default=None, description="Why it is this area; for the plan, never printed in posts.")
    label: str | None = Field(default=None, description="The only words for the place that the public gets.")
    rule: RuleTable = Field(description="How the area is defined.")
    minus: list[CutTable] = Field(default_factory=list, description="Taken off in public; may be drawn.")
    withhold: list[CutTable] = Field(
        default_factory=list, description="Secret places: venues there are not chosen, and nothing public says why or where."
    )
