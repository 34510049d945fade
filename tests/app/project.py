"""A whole project in a folder: two drawn districts, a small directory, one exercise."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from shapely.geometry import box, mapping

from geoalert.rendering.sketch import demo_sketch

START = datetime.fromisoformat("2027-03-12T21:00:00-05:00")

PROJECT = """\
format = 1
agency = "Hamilton Example Police"
time_zone = "America/Toronto"
profile = "plain"
channels = ["channels.csv"]
venues = ["venues.csv"]
units = "units.csv"

[layers.division]
file = "divisions.geojson"
id = "id"
label = "name"
lead = true

[accounts.posts]
publisher = "folder"
path = "posts"

[people."t.singh"]
roles = ["approver"]

[people."w.clerk"]
roles = ["submitter"]
"""

ALERT = """\
format = 1
id = "S1"
kind = "suspect_appeal"
status = "exercise"
scope = "public"
unit = "hold-up"
expires = 2027-03-14T06:00:00
area = {type = "circle", lon = -79.39660, lat = 43.64867, radius_m = 600}
audience = {categories = ["nightlife.*"]}

[text.en]
event = "Robbery"
place = "Queen St W and Spadina Ave area"
when = "Friday, 11 pm"
guidance = "Do not approach. Call 9-1-1 if seen."

[[people]]
number = 1
label = "suspect"
age = "25-35"
clothing = ["grey hooded jacket"]

[[media]]
file = "sketch.png"
class = "composite_sketch"
person = 1
alt.en = "Pencil sketch of a man with a short dark beard"
"""

CHANNELS = """\
id,name,account,address,scope,speaks_for,kinds,languages,steward,consent,consented,valid_from,valid_to
d14-page,14 Division page,posts,d14,public,division:D14,,en,,own,,,
d52-page,52 Division page,posts,d52,public,division:D52,,en,,own,,,
"""

VENUES = """\
id,name,category,lat,lon,opening_hours,email,sms,languages,scope,member_of,consent,consented,closed_on
club-1,The Invented Club,nightlife.nightclub,43.648,-79.397,Th-Sa 22:00-02:30,,,en,public,,,,
"""

UNITS = "unit,phone,email,valid_from,valid_to\nhold-up,416-555-0174,,,\n"


def features(*rows: tuple[str, str, Any]) -> str:
    """GeoJSON of (id, name, geometry) rows."""
    made = [{"type": "Feature", "properties": {"id": id, "name": name}, "geometry": mapping(shape)} for id, name, shape in rows]  # noqa: A001
    return json.dumps({"type": "FeatureCollection", "features": made})


def write_project(folder: Path, **texts: str) -> Path:
    """Writes the project and returns its geoalert.toml; a text replaces the file named by its keyword (`alert`, `channels` ...)."""
    folder.mkdir(parents=True, exist_ok=True)
    divisions = features(
        ("D14", "14 Division", box(-79.45, 43.62, -79.3966, 43.68)), ("D52", "52 Division", box(-79.3966, 43.62, -79.35, 43.68))
    )
    files = {
        "geoalert.toml": texts.get("project", PROJECT),
        "alert.toml": texts.get("alert", ALERT),
        "channels.csv": texts.get("channels", CHANNELS),
        "venues.csv": texts.get("venues", VENUES),
        "units.csv": texts.get("units", UNITS),
        "divisions.geojson": texts.get("divisions", divisions),
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "sketch.png").write_bytes(demo_sketch())
    return folder / "geoalert.toml"
