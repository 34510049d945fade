"""Read an agency's profile: a shipped one by name, or a file of its own.

format = 1
name = "ours"
extends = "canada-police"
reviewed_by = "A. Roy"
reviewed_on = 2027-01-04
[contact.en]
tip_line = "Tips: 416-555-0199"
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from pydantic import Field

from geoalert.errors import ConfigurationError, ExplainedError
from geoalert.files.model import FileModel, Formatted
from geoalert.files.toml import read_document, validate
from geoalert.gates.profile import Profile
from geoalert.text import nearest

_SHIPPED = Path(__file__).resolve().parents[1] / "profiles"
_DEEPEST = 4


class ContactTable(FileModel):
    """`[contact.LANGUAGE]`: lines as they are printed."""

    emergency: str = Field(default="", description="How to reach help at once.")
    tip_line: str = Field(default="", description="How to tell the agency something.")


class ClocksTable(FileModel):
    """`[clocks]`."""

    takedown_minutes: int | None = Field(default=None, ge=1, description="Within so many minutes a recalled post is gone; 60.")
    error_minutes: int | None = Field(default=None, ge=1, description="The same after an error; 15.")


class ProfileFile(Formatted):
    """A profile."""

    name: str = Field(description="Name of the profile.")
    extends: str | None = Field(default=None, description="A shipped name, or a file beside this one; what is said here wins.")
    case_pattern: str | None = Field(default=None, description="Regular expression of the agency's case numbers.")
    kinds: list[str] | None = Field(default=None, description="Kinds of alert that the agency sends; default: every kind.")
    contact: dict[str, ContactTable] = Field(default_factory=dict, description="Contact lines by language.")
    clocks: ClocksTable = Field(default_factory=ClocksTable, description="How fast posts come down.")
    reviewed_by: str = Field(default="", description="Who checked the profile against the law.")
    reviewed_on: date | None = Field(default=None, description="The day of the review.")


def shipped_profiles() -> tuple[str, ...]:
    """Returns the names of the profiles that come with geoalert."""
    return tuple(sorted(path.stem for path in _SHIPPED.glob("*.toml")))


def read_profile(name: str, *, folder: Path) -> Profile:
    """Reads a profile.

    Args:
        name: a shipped one, `canada-police`, or a file relative to `folder`, `profiles/ours.toml`.
        folder: the project's.

    Raises:
        ConfigurationError: with file, line and field; `unknown_profile`, `profile_loop`, or what is wrong within.
    """
    return _read(name, folder, depth=0)


def _read(name: str, folder: Path, depth: int) -> Profile:
    if depth >= _DEEPEST:
        raise ConfigurationError("profiles extend each other without end", code="profile_loop", field="extends", value=name)
    path = folder / name if name.endswith(".toml") else _SHIPPED / f"{name}.toml"
    if not name.endswith(".toml") and name not in shipped_profiles():
        near = nearest(name, shipped_profiles(), most=1)
        meant = f"Did you mean {near[0]}? " if near else ""
        raise ConfigurationError(
            "unknown profile",
            code="unknown_profile",
            field="profile",
            value=name,
            do=f"{meant}Shipped are {', '.join(shipped_profiles())}; a profile of your own is a file name ending in .toml",
        )
    document = read_document(path, refusal=ConfigurationError, what="profile")
    written = validate(document, ProfileFile, refusal=ConfigurationError)
    base = _read(written.extends, path.parent, depth + 1) if written.extends else Profile(name=written.name)
    known: dict[str, Any] = {
        "case_pattern": written.case_pattern or base.case_pattern,
        "kinds": base.kinds if written.kinds is None else tuple(written.kinds),
        "takedown_minutes": written.clocks.takedown_minutes or base.takedown_minutes,
        "error_minutes": written.clocks.error_minutes or base.error_minutes,
        "emergency": {**base.emergency, **{tag: table.emergency for tag, table in written.contact.items() if table.emergency}},
        "tip_line": {**base.tip_line, **{tag: table.tip_line for tag, table in written.contact.items() if table.tip_line}},
    }
    try:
        # A review covers the file that was read, never the one it extends.
        return Profile(name=written.name, reviewed_by=written.reviewed_by or None, reviewed_on=written.reviewed_on, **known)
    except ExplainedError as err:
        row = document.line_named(err.field)
        raise ConfigurationError(err.what, code=err.code, file=path, row=row, field=err.field, value=err.value, do=err.do) from err
