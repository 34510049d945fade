"""The durable ledger of what is to be sent and what became of it."""

from geoalert.outbox.model import ACTS, STATES, Attempt, Delivery, NewDelivery, Outbox, delivery_key
from geoalert.outbox.sqlite import SqliteOutbox

__all__ = ["ACTS", "STATES", "Attempt", "Delivery", "NewDelivery", "Outbox", "SqliteOutbox", "delivery_key"]
