"""From the options of `geoalert area make` to the fields of an area file."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

_WAYS = ("series", "radius", "rings", "corridor", "polygon", "named")


def written(said: dict[str, Any]) -> dict[str, Any]:
    """Returns rule, minus, withhold and the words about them, for `make_area`.

    Raises:
        click.UsageError: no way of drawing an area was given, or two.
    """
    # The circles of a series have a radius too.
    ways = [way for way in _WAYS if (said[way] is not None if way == "radius" else said[way]) and not (way == "radius" and said["series"])]
    if len(ways) != 1:
        raise click.UsageError("give one of --radius, --series with --radius, --ring, --corridor, --polygon and --named")
    makers = {"series": _series, "radius": _circle, "rings": _rings, "corridor": _corridor, "polygon": _polygon, "named": _named}
    rule = makers[ways[0]](said)
    if said["distance"] is not None and not said["withhold"]:
        raise click.UsageError("--distance goes with --withhold")
    return {
        "rule": rule,
        "minus": [_file(text) for text in said["minus"]],
        "withhold": [_file(text) | ({} if said["distance"] is None else {"distance_m": said["distance"]}) for text in said["withhold"]],
        **{name: said[name] for name in ("label", "author", "reason")},
    }


def _file(text: str) -> dict[str, Any]:
    from geoalert.app.area import split_table

    path, table = split_table(text)
    return {"file": path.as_posix()} | ({} if table is None else {"table": table})


def _place(said: dict[str, Any]) -> dict[str, Any]:
    if (said["lat"] is None) != (said["lon"] is None) or (said["lat"] is None) == (said["near"] is None):
        raise click.UsageError("give --lat and --lon, or --near")
    return {"near": said["near"]} if said["near"] is not None else {"lon": said["lon"], "lat": said["lat"]}


def _circle(said: dict[str, Any]) -> dict[str, Any]:
    return {"type": "circle", **_place(said), "radius_m": said["radius"]}


def _series(said: dict[str, Any]) -> dict[str, Any]:
    if said["radius"] is None or any(said[name] is not None for name in ("lat", "lon", "near")):
        raise click.UsageError("--series LON,LAT is given once for each point, with --radius and without --lat, --lon and --near")
    try:
        points = [[float(number) for number in text.split(",")] for text in said["series"]]
    except ValueError as err:
        raise click.UsageError("--series is LON,LAT, such as -79.39660,43.64867") from err
    if any(len(point) != 2 for point in points):
        raise click.UsageError("--series is LON,LAT, such as -79.39660,43.64867")
    return {"type": "series", "points": points, "radius_m": said["radius"]}


def _rings(said: dict[str, Any]) -> dict[str, Any]:
    if said["since"] is None:
        raise click.UsageError("--ring needs --since, the time of the last sighting")
    try:
        since = datetime.fromisoformat(said["since"])
        steps = [_step(text) for text in said["rings"]]
    except ValueError as err:
        raise click.UsageError("--since is YYYY-MM-DDTHH:MM:SS, and --ring is AFTER=METRES[,SIGNAL], such as 2h=1600") from err
    return {"type": "rings", **_place(said), "since": since, "steps": steps}


def _step(text: str) -> dict[str, Any]:
    after, _, rest = text.partition("=")
    radius_m, _, signal = rest.partition(",")
    return {"after": after, "radius_m": float(radius_m)} | ({"or_on": signal} if signal else {})


def _corridor(said: dict[str, Any]) -> dict[str, Any]:
    if said["each_side"] is None:
        raise click.UsageError("--corridor needs --each-side")
    return {"type": "corridor", **_file(said["corridor"]), "each_side_m": said["each_side"], "caps": said["caps"]}


def _polygon(said: dict[str, Any]) -> dict[str, Any]:
    return {"type": "polygon", **_file(said["polygon"])}


def _named(said: dict[str, Any]) -> dict[str, Any]:
    pairs = [text.partition(":") for text in said["named"]]
    layers = {layer for layer, _, _ in pairs}
    if len(layers) != 1 or not all(layer and key for layer, _, key in pairs):
        raise click.UsageError("--named is LAYER:ID, and all of one layer")
    return {"type": "named", "layer": layers.pop(), "ids": [key for _, _, key in pairs]}
