"""The wired object: a project opened, with its layers, directory, accounts and outbox."""

from __future__ import annotations

from geoalert.app.desk import Desk, open_project
from geoalert.app.outcome import Outcome, Row
from geoalert.app.store import Store

__all__ = ["Desk", "Outcome", "Row", "Store", "open_project"]
