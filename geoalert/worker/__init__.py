"""Takes what is due from the ledger to the publishers and writes down what happened."""

from geoalert.worker.lock import sole_sender, stand_by, worker_running
from geoalert.worker.pace import Pacing
from geoalert.worker.ready import Content, Ready
from geoalert.worker.run import Worker

__all__ = ["Content", "Pacing", "Ready", "Worker", "sole_sender", "stand_by", "worker_running"]
