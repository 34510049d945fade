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

from geoalert.alert.audience import AudienceRule
from geoalert.alert.kinds import KINDS, Kind
from geoalert.alert.model import Alert, Order, Reference
from geoalert.alert.person import Person
from geoalert.alert.restricted import Restricted, RestrictedPerson, Withheld
from geoalert.alert.texts import Texts
from geoalert.alert.vehicle import Vehicle

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
