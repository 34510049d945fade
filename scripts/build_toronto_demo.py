"""Build the demonstration layers of central Toronto from the corners in digitised.csv.

    python scripts/build_toronto_demo.py            writes divisions.geojson, neighbourhoods.geojson, places.csv and metadata.toml
    python scripts/build_toronto_demo.py --check    exits 1 when a file on disk differs from what the corners give

An `order` of 1 begins a new ring, so a boundary of two parts (Division 52 and its islands) has two rings.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shapely import Polygon, is_valid_reason
from shapely.geometry.polygon import orient

PLACE = Path(__file__).resolve().parents[1] / "boundaries" / "toronto-demo"
COLUMNS = ["boundary", "order", "street", "cross_street", "lon", "lat"]
MAX_CORNERS = 25
DECIMALS = 5
STREET = re.compile(r".+ (?:St|Ave|Rd|Cres|Quay|Circle)(?: [EW])?|Queen's Park|The Queensway")

DIVISIONS = {
    "D11": "11 Division",
    "D13": "13 Division",
    "D14": "14 Division",
    "D51": "51 Division",
    "D52": "52 Division",
    "D53": "53 Division",
}
NEIGHBOURHOODS = {
    "071": "Cabbagetown-South St.James Town",
    "072": "Regent Park",
    "073": "Moss Park",
    "074": "North St.James Town",
    "078": "Kensington-Chinatown",
    "079": "University",
    "080": "Palmerston-Little Italy",
    "081": "Trinity-Bellwoods",
    "083": "Dufferin Grove",
    "084": "Little Portugal",
    "095": "Annex",
    "162": "West Queen West",
    "163": "Fort York-Liberty Village",
    "164": "Wellington Place",
    "165": "Harbourfront-CityPlace",
    "167": "Church-Wellesley",
    "168": "Downtown Yonge East",
    "169": "Bay-Cloverhill",
    "170": "Yonge-Bay Corridor",
    "172": "Dovercourt Village",
}
LAYERS = {"divisions": DIVISIONS, "neighbourhoods": NEIGHBOURHOODS}

METADATA = """\
format = 1
title = "Central Toronto: {divisions} police divisions and {neighbourhoods} neighbourhoods, for demonstration only"
use = "for demonstration only"
warning = "Approximate outlines. Never decide from them which division or neighbourhood a real place is in; install the official layers."
vintage = "2026-11"
made_by = "The geoalert authors"
how = [
  "The streets bounding each outline follow how the official limits are described.",
  "Their list comes from an earlier set, whose author had looked at the official outlines to choose them.",
  "The coordinates of that set were discarded: some had been judged with those outlines in view.",
  "Every corner was then placed, by the rules under [placing], by an author who had not seen the official outlines.",
  "That author knew the earlier set's list of corners and its table of overlaps and areas.",
  "The overlap with the official outlines was measured after placing; no corner was moved for it and no vertex copied.",
]
source_of_truth = "digitised.csv"
built_with = "scripts/build_toronto_demo.py"
licence = "Apache-2.0"
attribution = "Stop and park positions: contains information licensed under the Open Government Licence - Toronto."
crs = "CRS84"
decimals = {decimals}
id = "id"
label = "name"

[placing]
order = "Metres and fractions are judgements. North is along the streets, 343.5 degrees, or true. (map): from knowledge of the city alone."
streets = [
  "Two streets with stops: the mean of the transit stops named A at B or B at A.",
  "A street without a stop there: two lines between stops crossed (as at Front and York).",
  "Bathurst at Front: 70 m south of Niagara. Bathurst at Queens Quay: 40 m south of its stop. Cherry at Eastern: 100 m north of Front.",
  "St Lawrence at Eastern: Underpass Park.",
]
rail = [
  "CP line north of Dupont: Dufferin, Dovercourt 100 m; Christie 110; Bathurst 130; Spadina, Bedford 140; Avenue 150.",
  "CP line at Yonge: 70 m south of Shaftesbury. At Scarlett: midway Dundas - Bernice.",
  "CP line at the Barrie line: 200 m north of Dupont, midway Lansdowne - Symington.",
  "Barrie line: 30 m west of Caledonia Park at Davenport; midway Caledonia - Laughton at St Clair; 80 m west of Gilbert at Rogers.",
  "Barrie line at Eglinton: Caledonia Station; at Lawrence: the straight line from there to Downsview Park Station.",
  "Kitchener line: midway Dundas - Sterling on Bloor, Sterling - Sorauren on Dundas; 70 m east of Dufferin on Queen.",
  "Kitchener line at Lansdowne: straight from Dundas to Queen.",
  "Kitchener line further east: straight from Queen to 0.7 of the way Atlantic - Sudbury on King, crossed with Dovercourt.",
  "Kitchener line at Strachan: 0.4 of East Liberty - Wellington; at Bathurst: 180 m south of Niagara; at Spadina: midway Bremner - Front.",
  "Gardiner: 60 m south of Dufferin Gate Loop; 540 m along Atlantic from King; 640 m south of King at Spencer.",
]
shore = [
  "South of Queen: Roncesvalles 390 m. South of The Queensway: Parkside 330, Windermere 380. South of Lake Shore: Colborne Lodge 90.",
  "South of King: Dowling 540 m, Jameson 680. South of Princes': Strachan 270. British Columbia Rd: 270 m east of Marilyn Bell Park.",
  "South of the park's point: Stadium Road 60 m, Coronation 120. Ontario Place, Trillium Park, Humber mouth: (map).",
  "Harbour wall south of the park's point: Music Garden, HTO, Sugar Beach 60 m; Harbour Square, Pier 27 50; Waterfront 70.",
  "Harbour wall: 20 m south of Water's Edge Promenade; 60 m south-east and, at Eireann Quay, 130 m south of Ireland Park.",
  "Harbour wall south of Queens Quay: Spadina 150 m, York and Yonge 230. Parliament: 230 m south of Lake Shore.",
  "Port Lands: 70 m west of the park at 2 Polson; 90 m south of Cherry Beach Loop; Don Roadway 1150 m south of Commissioners.",
  "Ship channel and Eastern Gap: (map).",
  "Islands: 160 to 380 m from the point of the park named, towards the side named.",
  "Airport, Western Gap, Hanlan's dock and beach, Mugg's Island, Gibraltar Point: (map).",
]
rivers = [
  "Humber: midway Humber Loop - South Kingsway on The Queensway; 0.4 of Old Mill Trail - Brule on Bloor; 50 m from Old Dundas on Dundas.",
  "Humber between: the point of Humber Marshes; 200 m east of King's Mill; 120 m west of Old Mill Parkette.",
  "Humber at Home Smith: midway between that park and the lower Etienne Brule point.",
  "Humber above: 80 m south-west of the upper Etienne Brule point; 140 m west of Lambton Park's at the CP line.",
  "Don: 0.6 of River - Carroll on Queen; 0.4 of River - Broadview on Dundas; midway River - Blackburn on Gerrard; Eastern (map).",
  "Don above: midway between the two Riverdale parks; midway Castle Frank - Broadview on Bloor.",
  "West Don: 250 m north of Lawrence on Bayview; 420 m west of Glenorchy at Royal Oak; 220 m west of Leslie on Eglinton; Glendon (map).",
  "West Don at parks: 270 m west of Sunnybrook's point, 180 m north-east of Serena Gundy's, the point of E.T. Seton.",
  "Don Valley Pkwy: midway Overlea - O'Connor on Don Mills, Donlands - Overlea on Millwood.",
  "Don Valley Pkwy at Donlands: 470 m north of O'Connor.",
  "Don Valley Pkwy: 260 m west of Don Valley Dr on Broadview; 170 m north-west of Todmorden Mills.",
  "Bayview: 450 m west of Broadview at Chester Hill.",
]
"""


class CornerError(ValueError):
    """A row, ring or boundary of digitised.csv that cannot be built, named by its place."""


@dataclass(frozen=True, slots=True)
class Corner:
    """One corner of one ring, x = lon, y = lat."""

    street: str
    cross_street: str
    lon: float
    lat: float


Rings = dict[str, list[list[Corner]]]


def read_corners(path: Path) -> Rings:
    """Return the rings of every boundary, in file order.

    Raises:
        CornerError: wrong columns, an unknown boundary, a blank street, a bad number or a gap in the order.
    """
    rings: Rings = {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if rows.fieldnames != COLUMNS:
            raise CornerError(f"{path.name}: columns are {rows.fieldnames}, wanted {COLUMNS}")
        for number, row in enumerate(rows, start=2):
            where = f"{path.name} row {number}"
            boundary = row["boundary"]
            if boundary not in DIVISIONS and boundary not in NEIGHBOURHOODS:
                raise CornerError(f"{where}: unknown boundary {boundary!r}")
            if None in row or not all(row.values()):
                raise CornerError(f"{where}: a blank or surplus field in {row}")
            parts = rings.setdefault(boundary, [])
            if row["order"] == "1":
                parts.append([])
            if not parts or row["order"] != str(len(parts[-1]) + 1):
                raise CornerError(f"{where}: order {row['order']!r} of {boundary} does not follow the row before")
            try:
                parts[-1].append(Corner(row["street"], row["cross_street"], float(row["lon"]), float(row["lat"])))
            except ValueError as err:
                raise CornerError(f"{where}: lon {row['lon']!r}, lat {row['lat']!r} are not numbers") from err
    return rings


def build_ring(boundary: str, corners: Sequence[Corner]) -> list[list[float]]:
    """Return one closed counter-clockwise ring of [lon, lat].

    Raises:
        CornerError: more than 25 corners (the closing one not counted) or an invalid ring.
    """
    if not 3 <= len(corners) <= MAX_CORNERS:
        raise CornerError(f"{boundary}: a ring of {len(corners)} corners, wanted 3 to {MAX_CORNERS}")
    polygon = Polygon([(round(corner.lon, DECIMALS), round(corner.lat, DECIMALS)) for corner in corners])
    if not polygon.is_valid:
        raise CornerError(f"{boundary}: {is_valid_reason(polygon)}")
    return [[lon, lat] for lon, lat in orient(polygon).exterior.coords]


def build_feature(boundary: str, name: str, rings: Rings) -> str:
    """Return one GeoJSON feature on one line."""
    if boundary not in rings:
        raise CornerError(f"{boundary} ({name}) has no corners")
    parts = [[build_ring(boundary, corners)] for corners in rings[boundary]]
    geometry = {"type": "Polygon", "coordinates": parts[0]} if len(parts) == 1 else {"type": "MultiPolygon", "coordinates": parts}
    feature = {"type": "Feature", "properties": {"id": boundary, "name": name}, "geometry": geometry}
    return json.dumps(feature, ensure_ascii=False, separators=(",", ":"))


def build_places(rings: Rings) -> str:
    """Return the corners of two streets as CSV, each once; rivers, rails, shores, ramps and streets drawn on are none."""
    corners = {corner for parts in rings.values() for ring in parts for corner in ring}
    rows = sorted(
        (corner.street, corner.cross_street, f"{corner.lon:.{DECIMALS}f}", f"{corner.lat:.{DECIMALS}f}")
        for corner in corners
        if STREET.fullmatch(corner.street) and STREET.fullmatch(corner.cross_street)
    )
    once = {(row[2], row[3]): row for row in reversed(rows)}
    return "".join(f"{','.join(row)}\n" for row in [("street", "cross_street", "lon", "lat"), *sorted(once.values())])


def build(path: Path) -> dict[str, str]:
    """Return the text of every built file by its name."""
    rings = read_corners(path)
    files: dict[str, str] = {}
    for layer, names in LAYERS.items():
        features = ",\n".join(build_feature(boundary, names[boundary], rings) for boundary in sorted(names))
        files[f"{layer}.geojson"] = f'{{"type":"FeatureCollection","features":[\n{features}\n]}}\n'
    files["places.csv"] = build_places(rings)
    counts = {layer: len(names) for layer, names in LAYERS.items()}
    metadata = [METADATA.format(**counts, max_corners=MAX_CORNERS, decimals=DECIMALS)]
    for layer, count in counts.items():
        digest = hashlib.sha256(files[f"{layer}.geojson"].encode()).hexdigest()
        metadata.append(f'\n[files."{layer}.geojson"]\ncount = {count}\nsha256 = "{digest}"\n')
    return files | {"metadata.toml": "".join(metadata)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files, or with --check compare them; return the exit code."""
    parser = argparse.ArgumentParser(description="Build the demonstration layers of central Toronto.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a file differs")
    parser.add_argument("--folder", type=Path, default=PLACE, help="folder of digitised.csv and of the built files")
    options = parser.parse_args(arguments)
    try:
        files = build(options.folder / "digitised.csv")
    except (CornerError, OSError) as err:
        print(f"build_toronto_demo: {err}", file=sys.stderr)
        return 1
    if not options.check:
        for name, text in files.items():
            (options.folder / name).write_bytes(text.encode())
        return 0
    differing = [name for name, text in files.items() if _read(options.folder / name) != text.encode()]
    for name in differing:
        print(f"build_toronto_demo: {name} differs; run this script without --check", file=sys.stderr)
    return 1 if differing else 0


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main())
