"""One reviewed, digested, approved plan."""

from __future__ import annotations

from geoalert.plan.approval import Approval, approve, check_approved
from geoalert.plan.build import Draft, PlanAccount, build_plan
from geoalert.plan.model import BECAUSE, Change, Plan, PlannedPost
from geoalert.plan.pack import pack, unpack
from geoalert.plan.signature import PrivateKey, PublicKey

__all__ = [
    "BECAUSE",
    "Approval",
    "Change",
    "Draft",
    "Plan",
    "PlanAccount",
    "PlannedPost",
    "PrivateKey",
    "PublicKey",
    "approve",
    "build_plan",
    "check_approved",
    "pack",
    "unpack",
]
