"""Geo-targeted alerts: one alert, one area, one reviewed plan, every right place, once."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geoalert.alert import Alert, AudienceRule, Person, Restricted, Texts, Vehicle
    from geoalert.app import Desk, Outcome
    from geoalert.app import open_project as open
    from geoalert.area import Area
    from geoalert.boundaries.load import inspect_file, read_layer
    from geoalert.boundaries.model import Boundary, Layer
    from geoalert.covering import Cover, cover, without_holes
    from geoalert.directory.model import Channel, Directory, Venue
    from geoalert.errors import ConfigurationError, GeoAlertError
    from geoalert.findings import Finding
    from geoalert.media import Media
    from geoalert.plan import Plan
    from geoalert.publishing import Account, Capabilities, Post, Publisher, Receipt
    from geoalert.targeting.match import Match, match
    from geoalert.targeting.survey import Survey, survey

__version__ = "0.1.0"

__all__ = [
    "Account",
    "Alert",
    "Area",
    "AudienceRule",
    "Boundary",
    "Capabilities",
    "Channel",
    "ConfigurationError",
    "Cover",
    "Desk",
    "Directory",
    "Finding",
    "GeoAlertError",
    "Layer",
    "Match",
    "Media",
    "Outcome",
    "Person",
    "Plan",
    "Post",
    "Publisher",
    "Receipt",
    "Restricted",
    "Survey",
    "Texts",
    "Vehicle",
    "Venue",
    "__version__",
    "cover",
    "inspect_file",
    "match",
    "open",
    "read_layer",
    "survey",
    "without_holes",
]

_ROOMS = {
    "alert": ("Alert", "AudienceRule", "Person", "Restricted", "Texts", "Vehicle"),
    "app": ("Desk", "Outcome"),
    "area": ("Area",),
    "boundaries.load": ("inspect_file", "read_layer"),
    "boundaries.model": ("Boundary", "Layer"),
    "covering": ("Cover", "cover", "without_holes"),
    "directory.model": ("Channel", "Directory", "Venue"),
    "errors": ("ConfigurationError", "GeoAlertError"),
    "findings": ("Finding",),
    "media": ("Media",),
    "plan": ("Plan",),
    "publishing": ("Account", "Capabilities", "Post", "Publisher", "Receipt"),
    "targeting": ("Match", "Survey", "match", "survey"),
}
_PLACES = {name: (f"geoalert.{room}", name) for room, names in _ROOMS.items() for name in names} | {
    "open": ("geoalert.app", "open_project")
}


def __getattr__(name: str) -> Any:
    # PEP 562: `import geoalert` loads none of the heavy libraries; a name loads its own room at first use.
    if name not in _PLACES:
        raise AttributeError(f"module 'geoalert' has no attribute {name!r}")
    module, attribute = _PLACES[name]
    found = getattr(import_module(module), attribute)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
