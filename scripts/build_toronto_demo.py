"""Build the demonstration layers of central Toronto from the corners in digitised.csv.

    python scripts/build_toronto_demo.py            writes divisions.geojson, neighbourhoods.geojson and metadata.toml
    python scripts/build_toronto_demo.py --check    exits 1 when a file on disk differs from what the corners give

An `order` of 1 begins a new ring, so a boundary of two parts (Division 52 and its islands) has two rings.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
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
  "Each outline was written down as the streets that bound it, then as at most {max_corners} corners of those streets.",
  "Street corners: the transit stops named for the corner, or a place along a street between or beyond two such corners.",
  "Shore, river, rail and parkway corners: a distance judged by hand from such a corner, a park or a landmark, good to about 100 m.",
  "The official outlines were looked at to choose streets and to judge those distances, and to measure the overlap; no vertex was copied.",
]
source_of_truth = "digitised.csv"
built_with = "scripts/build_toronto_demo.py"
licence = "Apache-2.0"
attribution = "Stop and park positions: contains information licensed under the Open Government Licence - Toronto."
crs = "CRS84"
decimals = {decimals}
id = "id"
label = "name"
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


def build(path: Path) -> dict[str, str]:
    """Return the text of every built file by its name."""
    rings = read_corners(path)
    files: dict[str, str] = {}
    for layer, names in LAYERS.items():
        features = ",\n".join(build_feature(boundary, names[boundary], rings) for boundary in sorted(names))
        files[f"{layer}.geojson"] = f'{{"type":"FeatureCollection","features":[\n{features}\n]}}\n'
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
