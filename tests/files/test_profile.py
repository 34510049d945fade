"""Profiles: shipped ones, an agency's own, and their mistakes; JSON Schemas of every kind of file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from geoalert.alert.limits import LIMITS, NEVER, Limit
from geoalert.errors import ConfigurationError
from geoalert.files.profile import read_profile, shipped_profiles
from geoalert.files.schema import SCHEMAS, json_schema


@pytest.mark.parametrize("name", shipped_profiles())
def test_a_shipped_profile_is_read_and_unreviewed(tmp_path: Path, name: str) -> None:
    """Nobody reviewed what was never near the agency's law."""
    assert not read_profile(name, folder=tmp_path).reviewed


def test_an_own_profile_extends_a_shipped_one(tmp_path: Path) -> None:
    """What it says wins, the rest is kept, and a review covers only the file that was reviewed."""
    (tmp_path / "ours.toml").write_text(
        'format = 1\nname = "ours"\nextends = "canada-police"\nreviewed_by = "A. Roy"\nreviewed_on = 2027-01-04\n'
        '[contact.en]\ntip_line = "Tips: 416-555-0199"\n[clocks]\nerror_minutes = 10\n'
    )
    (tmp_path / "theirs.toml").write_text('format = 1\nname = "theirs"\nextends = "ours.toml"\n')

    ours, theirs = read_profile("ours.toml", folder=tmp_path), read_profile("theirs.toml", folder=tmp_path)

    assert (ours.emergency["en"], ours.tip_line["en"]) == ("Emergency: 9-1-1", "Tips: 416-555-0199")
    assert (ours.takedown_minutes, ours.error_minutes, ours.reviewed) == (60, 10, True)
    assert (theirs.tip_line, theirs.reviewed) == (ours.tip_line, False)


@pytest.mark.parametrize(
    ("text", "code", "row"),
    [
        ('name = "x"\nextends = "canada-polise"', "unknown_profile", None),
        ('name = "x"\nextends = "ours.toml"', "profile_loop", None),
        ('name = "x"\nextends = "absent.toml"', "file_not_found", None),
        ('name = "x"\nkinds = ["wnated"]', "unknown_kind", 3),
        ('name = "x"\ncase_pattern = "("', "invalid_pattern", 3),
        ('name = "x"\n[clocks]\nerror_minute = 1', "unknown_field", 4),
        ('name = "x"\n[contact.klingon]\nemergency = "x"', "unknown_language", 3),
    ],
)
def test_a_mistake_in_a_profile_is_named(tmp_path: Path, text: str, code: str, row: int | None) -> None:
    """A profile is part of how the project is set up, so its errors stand outside the alert's tree."""
    (tmp_path / "ours.toml").write_text(f"format = 1\n{text}\n")

    with pytest.raises(ConfigurationError) as refused:
        read_profile("ours.toml", folder=tmp_path)

    assert (refused.value.code, refused.value.row) == (code, row)


def closed(schema: Any) -> bool:
    """Tells whether every table of a schema with named fields refuses others."""
    if isinstance(schema, dict):
        shut = "properties" not in schema or not isinstance(schema["properties"], dict) or schema.get("additionalProperties") is False
        return shut and all(closed(value) for value in schema.values())
    return all(closed(value) for value in schema) if isinstance(schema, list) else True


@pytest.mark.parametrize("kind", SCHEMAS)
def test_a_json_schema_is_as_strict_as_the_reader(kind: str) -> None:
    """No table takes unknown fields, and the format is asked for."""
    schema = json_schema(kind)

    assert closed(schema)
    assert "format" in schema["required"]
    assert schema["properties"]["format"]["const"] == 1


def test_the_alerts_schema_uses_the_files_words() -> None:
    """`class`, not the Python name of the attribute, and times as text."""
    schema = json_schema("alert")

    assert {"file", "class", "alt"} <= set(schema["$defs"]["MediaTable"]["required"])
    assert schema["properties"]["expires"]["format"] == "date-time"


def test_an_unknown_schema_is_an_error() -> None:
    """With the nearest kind."""
    with pytest.raises(ConfigurationError, match="alert") as refused:
        json_schema("alerts")

    assert refused.value.code == "unknown_schema"


def test_an_unknown_profile_is_answered_with_every_shipped_one(tmp_path: Path) -> None:
    """The nearest first, then all of them."""
    with pytest.raises(ConfigurationError) as refused:
        read_profile("canada-polise", folder=tmp_path)

    assert "Did you mean canada-police? Shipped are canada-police, demo, plain;" in (refused.value.do or "")


@pytest.mark.parametrize("name", ["canada-police", "demo", "plain"])
def test_the_shipped_limits_are_those_of_the_code(name: str, tmp_path: Path) -> None:
    """canada-police writes out what holds where no profile says anything, for its reviewer to read."""
    assert dict(read_profile(name, folder=tmp_path).limits) == dict(LIMITS)


def test_limits_are_extended_measure_by_measure(tmp_path: Path) -> None:
    """What a profile does not say stays as in the one below; the kind's own word wins over `any`."""
    (tmp_path / "ours.toml").write_text(
        'format = 1\nname = "ours"\nextends = "canada-police"\n'
        '[guard.any]\noutside_city = {warn = 0.2}\n[guard.person_of_interest]\noutside_city = {refuse = "never"}\n',
        encoding="utf-8",
    )

    limits = read_profile("ours.toml", folder=tmp_path).limits

    assert limits["wanted"].outside_city == Limit(0.2, 0.25)
    assert limits["person_of_interest"].outside_city == Limit(0.2, NEVER)
    assert limits["person_of_interest"].overshoot == LIMITS["person_of_interest"].overshoot


@pytest.mark.parametrize(
    ("text", "code", "field"),
    [
        ("[guard.wonted]\noverreach = {refuse = 1}\n", "unknown_field", "guard.wonted.overreach"),
        ("[guard.wonted]\novershoot = {refuse = 1}\n", "unknown_kind", "guard.wonted"),
        ("[guard.wanted]\novershoot = {refuse = -1}\n", "invalid_value", "guard.wanted.overshoot.refuse"),
    ],
)
def test_a_limit_that_cannot_be_is_refused(tmp_path: Path, text: str, code: str, field: str) -> None:
    """With file, line and field."""
    (tmp_path / "ours.toml").write_text(f'format = 1\nname = "ours"\n{text}', encoding="utf-8")

    with pytest.raises(ConfigurationError) as refused:
        read_profile("ours.toml", folder=tmp_path)

    assert (refused.value.code, refused.value.field) == (code, field)
    assert refused.value.row in (3, 4)
