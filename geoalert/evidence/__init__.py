"""What proves an alert years later: the evidence file, its verification, and the record's copy for other systems."""

from __future__ import annotations

from geoalert.evidence.build import Source, build_evidence
from geoalert.evidence.copying import LogCopies
from geoalert.evidence.public import build_public
from geoalert.evidence.standalone import Problem, Verifier

__all__ = ["LogCopies", "Problem", "Source", "Verifier", "build_evidence", "build_public"]
