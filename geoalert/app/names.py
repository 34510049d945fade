"""The names of people as they are recorded."""

from __future__ import annotations

import getpass
import os
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


def who(by: str | None) -> str:
    """Returns who acts: the name given, else GEOALERT_AS, else the login.

    Raises:
        PlanError: invalid_name.
    """
    name = by if by is not None else os.environ.get("GEOALERT_AS") or _login()
    check_name(name)
    return name


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
