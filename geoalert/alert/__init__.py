"""What has to be said."""

from __future__ import annotations

from geoalert.alert.audience import AudienceRule
from geoalert.alert.kinds import KINDS, Kind
from geoalert.alert.model import Alert, Order, Reference
from geoalert.alert.person import Person
from geoalert.alert.restricted import Restricted, RestrictedPerson
from geoalert.alert.texts import Texts
from geoalert.alert.vehicle import Vehicle

__all__ = ["KINDS", "Alert", "AudienceRule", "Kind", "Order", "Person", "Reference", "Restricted", "RestrictedPerson", "Texts", "Vehicle"]
