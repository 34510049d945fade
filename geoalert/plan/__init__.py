"""One reviewed, digested, approved plan."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from geoalert.plan.approval import Approval, approve, check_approved
from geoalert.plan.model import BECAUSE, Change, Plan, PlannedPost
from geoalert.plan.pack import pack, unpack
from geoalert.plan.signature import PrivateKey, PublicKey

if TYPE_CHECKING:
    from geoalert.plan.build import Draft, PlanAccount, build_plan

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


def __getattr__(name: str) -> Any:
    # PEP 562: a plan is read, proved and taken back without what builds one.
    if name not in ("Draft", "PlanAccount", "build_plan"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.build"), name)
    globals()[name] = found
    return found
