"""Taking back what is out: what stands, how each place takes it down, and what is still open."""

from geoalert.recall.ledger import Takedown, open_of, open_takedowns
from geoalert.recall.standing import OUT, Standing, Trail, receipt_of, standing, standing_of, trails, trails_of
from geoalert.recall.takedown import BY_PERSON, CLOSING, Means, corrections, takedown, takedowns
from geoalert.recall.verbs import ACTS, VERBS, how_updated, verb_for, verbs_for

__all__ = [
    "ACTS",
    "BY_PERSON",
    "CLOSING",
    "OUT",
    "VERBS",
    "Means",
    "Standing",
    "Takedown",
    "Trail",
    "corrections",
    "how_updated",
    "open_of",
    "open_takedowns",
    "receipt_of",
    "standing",
    "standing_of",
    "takedown",
    "takedowns",
    "trails",
    "trails_of",
    "verb_for",
    "verbs_for",
]
