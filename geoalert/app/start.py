"""A new project in a folder: geoalert.toml, empty directory files, a first alert to edit."""

from __future__ import annotations

from pathlib import Path

from geoalert.alert.checks import language_tag
from geoalert.app.disk import write_whole
from geoalert.directory.columns import CHANNEL_COLUMNS, UNIT_COLUMNS, VENUE_COLUMNS
from geoalert.errors import ConfigurationError
from geoalert.files.profile import read_profile
from geoalert.files.times import zone

_PROJECT = """\
format = 1
agency = {agency}
time_zone = {time_zone}
languages = [{language}]
profile = {profile}
channels = ["channels.csv"]
venues = ["venues.csv"]
units = "units.csv"

# `geoalert boundaries check FILE` prints the block of a layer:
# [layers.division]
# file = "gis/divisions.shp"
# id = "DIV_NO"
# label = "DIV_NAME"
# lead = true

[accounts.posts]
publisher = "folder"
path = "posts"
mode = "sandbox"
"""

_ALERT = """\
format = 1
id = "A1"
kind = "public_safety"
status = "exercise"
scope = "public"
unit = "duty-desk"
# Local time in {time_zone}; every alert ends.
expires = 2030-01-31T18:00:00
area = {{type = "circle", lon = 0.0, lat = 0.0, radius_m = 600}}   # replace lon and lat

[text.{language}]
event = "What happened"
place = "Corner of First Street and Second Street"
when = "Today, 3 pm"
guidance = "What people should do"
"""

_UNITS = "duty-desk,555-0100,duty-desk@police.example,,\n"


def start_project(folder: Path, *, agency: str | None, profile: str, language: str, time_zone: str) -> list[Path]:
    """Writes a project's files into a folder, none over an existing one, and returns them.

    Raises:
        ConfigurationError: an unknown profile, zone or language, or a file is there already (file_exists).
    """
    tag = language_tag(language, field="language")
    named = zone(time_zone).key
    read_profile(profile, folder=folder)
    words = {"agency": _quoted(agency or f"{folder.resolve().name.title()} Example Police"), "time_zone": _quoted(named)}
    texts = {
        "geoalert.toml": _PROJECT.format(**words, language=_quoted(tag), profile=_quoted(profile)),
        "alert.toml": _ALERT.format(time_zone=named, language=tag),
        "channels.csv": ",".join(CHANNEL_COLUMNS) + "\n",
        "venues.csv": ",".join(VENUE_COLUMNS) + "\n",
        "units.csv": ",".join(UNIT_COLUMNS) + "\n" + _UNITS,
    }
    taken = [name for name in texts if (folder / name).exists()]
    if taken:
        raise ConfigurationError(
            "the folder already has a project's files", code="file_exists", value=str(folder / taken[0]), do="Name another folder"
        )
    for name, text in texts.items():
        write_whole(folder / name, text.encode("utf-8"), mode=0o644)
    return [folder / name for name in texts]


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
