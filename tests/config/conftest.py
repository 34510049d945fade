"""A project folder as an agency would have it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

PROJECT = """\
format = 1
agency = "Hamilton Example Police"
time_zone = "America/Toronto"
holidays = "CA-ON"
languages = ["en", "fr-ca"]
profile = "canada-police"
state = ".geoalert"
channels = ["channels.csv"]
venues = ["venues.csv"]
units = "units.csv"

[layers.division]
file = "gis/HPS_Divisions.shp"
id = "DIV_NO"
label = "DIV_NAME"
crs = "EPSG:26917"
version = "2026-04"
valid_from = 2026-04-01
lead = true

[accounts.mail]
publisher = "email"
host = "smtp.police.example"
port = 587
from = "alerts@police.example"
password = "env:GEOALERT_MAIL_PASSWORD"
mode = "live"

[accounts.out]
publisher = "folder"
path = "out"

[people.singh]
roles = ["approver"]
units = ["sex-crimes"]
key = "keys/singh.pub"

[media_host]
kind = "folder"
path = "/srv/www/alerts-media"
url = "https://police.example/alerts-media"

[retention]
alerts_days = 365
"""


@pytest.fixture
def project_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes geoalert.toml, with replacements, and returns its path."""

    def write(*replacements: tuple[str, str]) -> Path:
        text = PROJECT
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new, 1)
        path = tmp_path / "geoalert.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write
