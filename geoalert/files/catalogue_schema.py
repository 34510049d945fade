"""The schema of catalogue.toml."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from geoalert.files.model import FileModel, Formatted

Api = Literal["arcgis", "ckan", "socrata", "wfs", "file"]


class EntryTable(FileModel):
    """`[[layers]]`: one official layer and where it lives."""

    place: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="The place, such as new-york.")
    layer: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", description="Name of the layer, such as division.")
    title: str = Field(description="Name of the layer, for people.")
    publisher: str = Field(description="Who publishes it.")
    api: Api = Field(description="How the address is asked.")
    address: str | None = Field(
        default=None, description="ArcGIS layer (.../FeatureServer/0), CKAN or Socrata portal, WFS service, or a file."
    )
    dataset: str | None = Field(default=None, description="CKAN package, Socrata id (abcd-1234) or WFS type name.")
    resource: str | None = Field(default=None, description="Exact name of the CKAN resource, where the package has several of one format.")
    format: str = Field(default="GeoJSON", description="Format of the file or CKAN resource.")
    id: str = Field(description="Field that holds the boundary's id.")
    label: str | None = Field(default=None, description="Field that holds its name.")
    table: str | None = Field(default=None, description="Table, where the file has several.")
    crs: str | None = Field(default=None, description="Only where the file names none, such as EPSG:26917.")
    licence: str | None = Field(default=None, description="Under which licence.")
    licence_url: str | None = Field(default=None, description="Where the licence is.")
    version: str | None = Field(default=None, description="Version of the map, as its publisher names it.")
    valid_from: date | None = Field(default=None, description="First day on which the layer holds.")
    valid_to: date | None = Field(default=None, description="Last day on which the layer holds.")
    count: int | None = Field(default=None, ge=1, description="How many boundaries to expect.")
    lead: bool = Field(default=False, description="Whether this layer gives an alert's lead boundary.")
    internal: bool = Field(default=False, description="The address is inside the agency's own network.")
    checked: Literal["never"] | date = Field(description="The day somebody fetched it through this address; else never.")
    source: str | None = Field(default=None, description="Where the address and the fields were read.")
    note: str | None = Field(default=None, description="What a person should know; required without an address.")


class CatalogueFile(Formatted):
    """catalogue.toml: layers that can be installed by name."""

    layers: list[EntryTable] = Field(default_factory=list, description="The layers.")
