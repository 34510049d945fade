"""The durable ledger of what is to be sent and what became of it, and the record that proves it."""

from geoalert.outbox.chain import ZEROS, Entry, check_chain
from geoalert.outbox.events import KINDS, Event
from geoalert.outbox.model import ACTS, BECAUSE, HOW, STATES, Attempt, Delivery, NewDelivery, Settlement, delivery_key, ends_at_expiry
from geoalert.outbox.protocol import Outbox
from geoalert.outbox.seen import STEPS_TAKEN, Seen
from geoalert.outbox.settling import not_begun
from geoalert.outbox.sqlite import SqliteOutbox

__all__ = [
    "ACTS",
    "BECAUSE",
    "HOW",
    "KINDS",
    "STATES",
    "STEPS_TAKEN",
    "ZEROS",
    "Attempt",
    "Delivery",
    "Entry",
    "Event",
    "NewDelivery",
    "Outbox",
    "Seen",
    "Settlement",
    "SqliteOutbox",
    "check_chain",
    "delivery_key",
    "ends_at_expiry",
    "not_begun",
]
