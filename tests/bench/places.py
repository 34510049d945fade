"""Corners looked up in the gazetteer of a city's transit stops, and what a plain search of the same names takes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from itertools import cycle
from pathlib import Path
from tempfile import mkdtemp

from geoalert.places.load import build_places
from geoalert.places.store import open_places
from tests.bench.runner import Bench, Side

TYPED = (
    "Queen Street West and Spadina Avenue area",
    "Spadina/Queen W",
    "Annette & Runnymede",
    "Sheppard Ave E at Don Mills Rd",
    "Kennedy Rd & Lawrence Ave E",
    "Danforth & Coxwell",
    "Bathurst St & Steeles Ave W",
    "Dundas & Bloor",
    "Ossington Ave & College St",
    "O'Connor Dr and Coxwell Ave",
)
MISSPELT = ("Qeen St W & Spadna Ave", "Annete & Runymede", "Dovercort & Colege", "Shepard & Kenedy")


def in_turn(look: Callable[[str], object], texts: tuple[str, ...]) -> Callable[[], object]:
    """Returns the look-up of one text after the other."""
    turns: Iterator[str] = cycle(texts)
    return lambda: look(next(turns))


def bench(shared: Path) -> Bench:
    """Returns the bench; the peers search the 4,547 corners' names as they stand, and find only what is spelt like them."""
    folder = Path(mkdtemp(prefix="geoalert-bench-"))
    stops, path = shared / "data" / "toronto_venues" / "ttc_stops.txt.gz", folder / "places.sqlite"
    build_places(stops, path)
    places = open_places(path)
    plain = sqlite3.connect(path)
    query = "SELECT a.shown || ' & ' || b.shown, lon, lat FROM corner JOIN street a ON a.id = a JOIN street b ON b.id = b"
    names = [row[0] for row in plain.execute(query)]

    def check() -> None:
        statuses = [places.find(text).status for text in TYPED]
        assert statuses == ["several" if text == "Dundas & Bloor" else "one" for text in TYPED]
        assert all(places.find(text).status == "none" and places.find(text).nearest for text in MISSPELT)

    return Bench(
        name="places",
        promise=f"one typed corner among {places.corners:,}, about a millisecond; the whole gazetteer from 9,378 stops in about a second",
        sides=(
            Side("geoalert", in_turn(places.find, TYPED), calls=200),
            Side(
                "SQL LIKE over the joined names", lambda: plain.execute(f"{query} WHERE a.shown LIKE ?", ("%Queen%",)).fetchall(), limit=2
            ),
            Side("difflib over the joined names", lambda: get_close_matches("Queen St W & Spadina Ave", names), limit=20, calls=1),
            Side("our own refusal of a misspelt corner, with the nearest", in_turn(places.find, MISSPELT), calls=8),
            Side("our own build of the gazetteer", lambda: build_places(stops, path.with_name("again.sqlite")), calls=1),
        ),
        check=check,
    )
