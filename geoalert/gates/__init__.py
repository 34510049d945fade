"""The rules of law and privacy between an alert and the public."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from geoalert.gates.profile import Profile

if TYPE_CHECKING:
    from geoalert.gates.contact import Contact, contact_of
    from geoalert.gates.open import Gated, check_scope, open_gates
    from geoalert.gates.public import PublicAlert, PublicPerson

__all__ = ["Contact", "Gated", "Profile", "PublicAlert", "PublicPerson", "check_scope", "contact_of", "open_gates"]

_ROOMS = {"contact": ("Contact", "contact_of"), "open": ("Gated", "check_scope", "open_gates"), "public": ("PublicAlert", "PublicPerson")}
_PLACES = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> Any:
    # PEP 562: who takes a post back reads the profile, and opens no gate.
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    globals()[name] = found
    return found
