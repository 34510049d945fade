"""Takes what is due from the ledger to the publishers and writes down what happened."""

from geoalert.worker.lock import sole_sender
from geoalert.worker.run import Ready, Worker

__all__ = ["Ready", "Worker", "sole_sender"]
