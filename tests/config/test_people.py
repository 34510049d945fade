"""People, the rota, and the limits above which two approve."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from geoalert.config import ApprovalLimits, Reach, read_project
from geoalert.errors import ConfigurationError

Write = Callable[..., Path]
KEY = 'key = "keys/singh.pub"\n'
MORE = """\
notify = ["mail:t.singh@police.example", "out:singh"]

[people.okafor]
roles = ["approver"]

[people.clerk]
roles = ["submitter"]

[[on_call]]
people = ["okafor", "singh"]
from = 2027-03-12T19:00:00
until = 2027-03-13T07:00:00

[[on_call]]
people = ["singh"]
from = 2027-03-13T06:00:00
until = 2027-03-13T19:00:00

[approval]
two_above_km2 = 25
two_above_channels = 40

[takedown]
minutes = 30

[log]
file = "log/record.jsonl"
syslog = "siem.police.example:514"
"""


def test_rota_limits_and_addresses_are_read(project_file: Write) -> None:
    """Local times in the agency's zone; paths from the project's folder."""
    project = read_project(project_file((KEY, KEY + MORE)))

    assert project.people["singh"].notify == (Reach("mail", "t.singh@police.example"), Reach("out", "singh"))
    assert (project.on_call[0].begins, project.on_call[0].ends) == (
        datetime(2027, 3, 13, 0, 0, tzinfo=UTC),
        datetime(2027, 3, 13, 12, 0, tzinfo=UTC),
    )
    assert project.approval == ApprovalLimits(two_above_km2=25, two_above_channels=40)
    assert (project.takedown.minutes, project.takedown.error_minutes) == (30, None)
    assert (project.log.file, project.log.syslog) == (project.folder / "log/record.jsonl", "siem.police.example:514")


@pytest.mark.parametrize(
    ("hour", "unit", "names"),
    [
        (23, "sex-crimes", []),
        (24, "sex-crimes", ["okafor", "singh"]),
        (24, "hold-up", ["okafor"]),
        (35.5, "sex-crimes", ["okafor", "singh"]),
        (36, "sex-crimes", ["singh"]),
        (36, None, []),
        (48, "sex-crimes", []),
    ],
)
def test_who_is_on_call_at_an_hour(project_file: Write, hour: float, unit: str | None, names: list[str]) -> None:
    """From the begin, until just before the end, each once where watches overlap, and of the unit alone."""
    project = read_project(project_file((KEY, KEY + MORE)))
    at = datetime.fromtimestamp(datetime(2027, 3, 12, tzinfo=UTC).timestamp() + hour * 3600, UTC)

    assert [person.name for person in project.approvers_on_call(at, unit)] == names


@pytest.mark.parametrize(
    ("old", "new", "code", "field"),
    [
        ('"out:singh"', '"nobody"', "invalid_value", "people.singh.notify"),
        ('"out:singh"', '"post:singh"', "unknown_account", "people.singh.notify"),
        ('["singh"]', '["sing"]', "unknown_person", "on_call.2.people"),
        ('["singh"]', '["clerk"]', "no_approver", "on_call.2.people"),
        ('["singh"]', "[]", "invalid_value", "on_call.2.people"),
        ("until = 2027-03-13T19:00:00", "until = 2027-03-13T05:00:00", "invalid_value", "on_call.2.until"),
        ("from = 2027-03-13T06:00:00", "from = 2027-11-07T01:30:00", "ambiguous_time", "on_call.2.from"),
        ("from = 2027-03-13T06:00:00", "from = 2027-03-14T02:30:00", "missing_time", "on_call.2.from"),
        ("from = 2027-03-13T06:00:00", "from = 2027-03-13T06:00:00+02:00", "offset_disagrees", "on_call.2.from"),
        ("from = 2027-03-13T06:00:00\n", "", "missing_field", "on_call.2.from"),
        ("[people.clerk]", "[people.OKAFOR]", "person_twice", "people.OKAFOR"),
        ("two_above_km2 = 25", "two_above_km2 = -1", "invalid_value", "approval.two_above_km2"),
        ("minutes = 30", "minutes = 0", "invalid_value", "takedown.minutes"),
    ],
)
def test_a_mistake_about_people_is_named(project_file: Write, old: str, new: str, code: str, field: str) -> None:
    """Code, field and line; a local time that clocks show twice is refused as any other is."""
    assert old in MORE
    path = project_file((KEY, KEY + MORE.replace(old, new)))

    with pytest.raises(ConfigurationError) as refused:
        read_project(path)

    assert (refused.value.code, refused.value.field, refused.value.file) == (code, field, str(path))
    assert refused.value.row


@pytest.mark.parametrize(("area_km2", "channels", "needed"), [(25, 40, 1), (25.1, 40, 2), (25, 41, 2), (26, 41, 2), (0.1, 0, 1)])
def test_two_are_needed_above_either_limit(area_km2: float, channels: int, needed: int) -> None:
    """At a limit one is enough; without limits always."""
    limits = ApprovalLimits(two_above_km2=25, two_above_channels=40)

    assert limits.needed(area_m2=area_km2 * 1e6, channels=channels) == needed
    assert ApprovalLimits().needed(area_m2=area_km2 * 1e6, channels=channels) == 1
