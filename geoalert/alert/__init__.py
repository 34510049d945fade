"""What has to be said.

    alert = Alert(
        sender="Hamilton Example Police", id="S1", kind="suspect_appeal", status="exercise", scope="restricted",
        area=Area.circle(lon=-79.39660, lat=43.64867, radius_m=600), expires=datetime(2027, 3, 14, 10, tzinfo=UTC),
        texts=(Texts(language="en", event="Robbery", place="Queen St W and Spadina Ave area", when="Friday, 11 pm",
                     guidance="Call 9-1-1 if seen."),),
        people=(Person(number=1, label="suspect", age="25-35", clothing=("grey hooded jacket",)),),
    )

Every noun here is checked when it is made, so that an alert in hand is one that somebody could act on.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from geoalert.alert.audience import AudienceRule
from geoalert.alert.kinds import KINDS, Kind
from geoalert.alert.person import Person
from geoalert.alert.texts import Texts
from geoalert.alert.vehicle import Vehicle

if TYPE_CHECKING:
    from geoalert.alert.model import Alert, Order, Reference
    from geoalert.alert.restricted import Restricted, RestrictedPerson, Withheld

__all__ = [
    "KINDS",
    "Alert",
    "AudienceRule",
    "Kind",
    "Order",
    "Person",
    "Reference",
    "Restricted",
    "RestrictedPerson",
    "Texts",
    "Vehicle",
    "Withheld",
]

_ROOMS = {"model": ("Alert", "Order", "Reference"), "restricted": ("Restricted", "RestrictedPerson", "Withheld")}
_PLACES = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> Any:
    # PEP 562: who takes a post back knows the kinds of alert and needs no geometry.
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    globals()[name] = found
    return found
