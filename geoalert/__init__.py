"""Geo-targeted alerts: one alert, one area, one reviewed plan, every right place, once."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geoalert.alert import Alert, AudienceRule, Person, Restricted, Texts, Vehicle
    from geoalert.alert.restricted import Withheld
    from geoalert.app import Desk, Outcome
    from geoalert.app import open_project as open
    from geoalert.app.area import read_area
    from geoalert.area import Area
    from geoalert.boundaries.crosswalk import Crosswalk, crosswalk
    from geoalert.boundaries.load import inspect_file, read_layer
    from geoalert.boundaries.model import Boundary, Layer
    from geoalert.boundaries.versions import Editions
    from geoalert.covering import Cover, cover, without_holes
    from geoalert.directory.model import Channel, Directory, Venue
    from geoalert.errors import ConfigurationError, GeoAlertError
    from geoalert.findings import Finding
    from geoalert.frames.write import write
    from geoalert.media import Media
    from geoalert.places.load import build_places
    from geoalert.places.store import Places, open_places
    from geoalert.plan import Plan
    from geoalert.publishing import Account, Capabilities, Post, Publisher, Receipt
    from geoalert.targeting.arearule import AreaRule
    from geoalert.targeting.match import Match, match
    from geoalert.targeting.rings import Ring, Rings
    from geoalert.targeting.survey import Survey, survey

__version__ = "0.1.0"

__all__ = [
    "Account",
    "Alert",
    "Area",
    "AreaRule",
    "AudienceRule",
    "Boundary",
    "Capabilities",
    "Channel",
    "ConfigurationError",
    "Cover",
    "Crosswalk",
    "Desk",
    "Directory",
    "Editions",
    "Finding",
    "GeoAlertError",
    "Layer",
    "Match",
    "Media",
    "Outcome",
    "Person",
    "Places",
    "Plan",
    "Post",
    "Publisher",
    "Receipt",
    "Restricted",
    "Ring",
    "Rings",
    "Survey",
    "Texts",
    "Vehicle",
    "Venue",
    "Withheld",
    "__version__",
    "build_places",
    "cover",
    "crosswalk",
    "inspect_file",
    "match",
    "open",
    "open_places",
    "read_area",
    "read_layer",
    "survey",
    "without_holes",
    "write",
]

_ROOMS = {
    "alert": ("Alert", "AudienceRule", "Person", "Restricted", "Texts", "Vehicle"),
    "alert.restricted": ("Withheld",),
    "app": ("Desk", "Outcome"),
    "app.area": ("read_area",),
    "area": ("Area",),
    "boundaries.crosswalk": ("Crosswalk", "crosswalk"),
    "boundaries.load": ("inspect_file", "read_layer"),
    "boundaries.model": ("Boundary", "Layer"),
    "boundaries.versions": ("Editions",),
    "covering": ("Cover", "cover", "without_holes"),
    "directory.model": ("Channel", "Directory", "Venue"),
    "errors": ("ConfigurationError", "GeoAlertError"),
    "findings": ("Finding",),
    "frames": ("write",),
    "media": ("Media",),
    "places.load": ("build_places",),
    "places.store": ("Places", "open_places"),
    "plan": ("Plan",),
    "publishing": ("Account", "Capabilities", "Post", "Publisher", "Receipt"),
    "targeting": ("AreaRule", "Match", "Ring", "Rings", "Survey", "match", "survey"),
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
