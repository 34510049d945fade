"""The names of people as they are recorded."""

from __future__ import annotations

import re

from geoalert.errors import PlanError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def check_name(name: str) -> None:
    """Refuses a name that could be taken for another.

    Raises:
        PlanError: invalid_name.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise PlanError(
            "not a name of a person", code="invalid_name", field="as", value=name, do="Use letters, digits, dots, hyphens and underscores"
        )
