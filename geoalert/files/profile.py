"""Read an agency's profile: a shipped one by name, or a file of its own.

format = 1
name = "ours"
extends = "canada-police"
reviewed_by = "A. Roy"
reviewed_on = 2027-01-04
[contact.en]
tip_line = "Tips: 416-555-0199"
[guard.person_of_interest]
overshoot = {warn = 10, refuse = 50}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from geoalert.alert import KINDS
from geoalert.alert.checks import one_of
from geoalert.alert.limits import NEVER, Limit, Limits
from geoalert.errors import ConfigurationError, ExplainedError
from geoalert.files.model import FileModel, Formatted
from geoalert.files.toml import Document, read_document, validate
from geoalert.gates.profile import Profile
from geoalert.text import nearest

_SHIPPED = Path(__file__).resolve().parents[1] / "profiles"
_DEEPEST = 4
_ANY = "any"


class ContactTable(FileModel):
    """`[contact.LANGUAGE]`: lines as they are printed."""

    emergency: str = Field(default="", description="How to reach help at once.")
    tip_line: str = Field(default="", description="How to tell the agency something.")


class ClocksTable(FileModel):
    """`[clocks]`."""

    takedown_minutes: int | None = Field(default=None, ge=1, description="Within so many minutes a recalled post is gone; 60.")
    error_minutes: int | None = Field(default=None, ge=1, description="The same after an error; 15.")


class LimitTable(FileModel):
    """`{warn = ..., refuse = ...}`: numbers, or "never"."""

    warn: Annotated[float, Field(ge=0)] | Literal["never"] | None = Field(default=None, description="From here on the plan warns.")
    refuse: Annotated[float, Field(ge=0)] | Literal["never"] | None = Field(
        default=None, description="Above it the plan needs a reason in the alert's [accept]."
    )


class LimitsTable(FileModel):
    """`[guard.KIND]`, or `[guard.any]` for every kind."""

    size_km2: LimitTable | None = Field(default=None, description="Size of the area, km2.")
    outside_city: LimitTable | None = Field(default=None, description="Share of the area outside every layer of the city, 0 to 1.")
    no_boundary: LimitTable | None = Field(default=None, description="Share in the city and in no boundary of the lead layer, 0 to 1.")
    unreached: LimitTable | None = Field(default=None, description="Share in the city that no chosen channel speaks for, 0 to 1.")
    overshoot: LimitTable | None = Field(default=None, description="How many times the area a public channel's boundaries measure.")


class ProfileFile(Formatted):
    """A profile."""

    name: str = Field(description="Name of the profile.")
    extends: str | None = Field(default=None, description="A shipped name, or a file beside this one; what is said here wins.")
    case_pattern: str | None = Field(default=None, description="Regular expression of the agency's case numbers.")
    kinds: list[str] | None = Field(default=None, description="Kinds of alert that the agency sends; default: every kind.")
    contact: dict[str, ContactTable] = Field(default_factory=dict, description="Contact lines by language.")
    clocks: ClocksTable = Field(default_factory=ClocksTable, description="How fast posts come down.")
    guard: dict[str, LimitsTable] = Field(
        default_factory=dict, description="Limits on areas and channels by kind of alert; `any` stands for every kind."
    )
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
        "limits": _limits(written.guard, base.limits, document),
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


def _limits(written: Mapping[str, LimitsTable], base: Mapping[str, Limits], document: Document) -> dict[str, Limits]:
    """Returns the limits of every kind: those of the profile that is extended, then `any`, then the kind's own."""
    for name in written:
        field = f"guard.{name}"
        try:
            one_of(name, (_ANY, *KINDS), field=field, code="unknown_kind")
        except ExplainedError as err:
            row = document.line_named(field)
            raise ConfigurationError(err.what, code=err.code, file=document.file, row=row, field=field, value=name, do=err.do) from err
    found = {}
    for kind in KINDS:
        limits = base.get(kind, Limits())
        for table in (written.get(_ANY), written.get(kind)):
            for measure, told in () if table is None else table:
                if told is not None:
                    old: Limit = getattr(limits, measure)
                    new = Limit(_number(told.warn, old.warn), _number(told.refuse, old.refuse))
                    limits = replace(limits, **{measure: new})
        found[kind] = limits
    return found


def _number(told: float | str | None, otherwise: float) -> float:
    return otherwise if told is None else NEVER if isinstance(told, str) else told
