"""JSON Schemas of the files people write, for their editors.

An editor with a TOML language server completes and checks the fields when the file's first line is `#:schema PATH`.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from geoalert.errors import ConfigurationError
from geoalert.files.alert_schema import AlertFile
from geoalert.files.area_schema import AreaFile
from geoalert.files.catalogue_schema import CatalogueFile
from geoalert.files.model import Formatted
from geoalert.files.profile import ProfileFile
from geoalert.files.project_schema import ProjectFile
from geoalert.text import nearest

SCHEMAS: MappingProxyType[str, type[Formatted]] = MappingProxyType(
    {"alert": AlertFile, "area": AreaFile, "catalogue": CatalogueFile, "profile": ProfileFile, "project": ProjectFile}
)
"""The model that reads each kind of file; what it refuses, its JSON Schema refuses."""


def json_schema(kind: str) -> dict[str, Any]:
    """Returns the JSON Schema (2020-12) of one kind of file.

    Raises:
        ConfigurationError: `unknown_schema`.

    Example:
        json_schema("alert")["properties"]["expires"]
    """
    if kind not in SCHEMAS:
        near = nearest(kind, SCHEMAS) or tuple(SCHEMAS)
        raise ConfigurationError("no such kind of file", code="unknown_schema", value=kind, do=f"Known: {', '.join(near)}")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **SCHEMAS[kind].model_json_schema(by_alias=True)}
