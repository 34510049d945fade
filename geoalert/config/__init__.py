"""The project: geoalert.toml, its secrets and its state folder."""

from __future__ import annotations

from geoalert.config.find import find_project
from geoalert.config.people import Member, OnCall, Reach
from geoalert.config.policy import ApprovalLimits, LogCopy, Takedown
from geoalert.config.project import LayerSpec, MediaHost, Project, Retention, read_project
from geoalert.config.secrets import Secret
from geoalert.config.state import filesystem_type, state_folder
from geoalert.config.tokens import TokenStore

__all__ = [
    "ApprovalLimits",
    "LayerSpec",
    "LogCopy",
    "MediaHost",
    "Member",
    "OnCall",
    "Project",
    "Reach",
    "Retention",
    "Secret",
    "Takedown",
    "TokenStore",
    "filesystem_type",
    "find_project",
    "read_project",
    "state_folder",
]
