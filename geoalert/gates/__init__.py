"""The rules of law and privacy between an alert and the public."""

from __future__ import annotations

from geoalert.gates.contact import Contact, contact_of
from geoalert.gates.open import Gated, check_scope, open_gates
from geoalert.gates.profile import Profile
from geoalert.gates.public import PublicAlert, PublicPerson

__all__ = ["Contact", "Gated", "Profile", "PublicAlert", "PublicPerson", "check_scope", "contact_of", "open_gates"]
