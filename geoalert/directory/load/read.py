"""Channels, venues and units from files, checked row by row."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from geoalert.alert.kinds import KINDS
from geoalert.boundaries.model import Layer
from geoalert.directory.checks import bounds_of
from geoalert.directory.columns import CHANNEL_COLUMNS, UNIT_COLUMNS, VENUE_COLUMNS
from geoalert.directory.load.features import feature_rows, is_features
from geoalert.directory.load.row import Row, each, with_others
from geoalert.directory.load.table import read_bytes, table_rows
from geoalert.directory.model import Channel, Directory, Unit, Venue
from geoalert.errors import BoundaryError, DirectoryError, GeometryError
from geoalert.geo import check_lonlat
from geoalert.text import nearest

Layers = Mapping[str, Layer] | Iterable[Layer]
One = TypeVar("One", Channel, Venue)


def read_channels(
    path: str | Path,
    *,
    layers: Layers | None = None,
    accounts: Collection[str] | None = None,
    kinds: Collection[str] = tuple(KINDS),
    table: str | None = None,
) -> tuple[Channel, ...]:
    """Returns the channels of a CSV, GeoJSON or GeoPackage file, in its order.

        read_channels("channels.csv", layers=[divisions, neighbourhoods], accounts=("mail", "posts"))

    Args:
        table: of a GeoPackage with several.
        layers: where given, every layer and id of `speaks_for` must be theirs, and is kept as they write it.
        accounts: where given, every account must be one of them.
        kinds: the alert kinds of the agency's profile.

    Raises:
        DirectoryError: of the first row that fails, with file, row, field, value and what to do.
    """
    named = None if layers is None else _by_name(layers)
    rows = _rows(Path(path), CHANNEL_COLUMNS, table=table, placed=False)
    return _unique(each(rows, partial(_channel, layers=named, accounts=accounts, kinds=kinds)))


def read_venues(path: str | Path, *, layers: Layers | None = None, table: str | None = None, crs: str | None = None) -> tuple[Venue, ...]:
    """Returns the venues of a CSV, GeoJSON or GeoPackage file, in its order.

    Of features the point is the position; where lat and lon columns stand beside it, they must agree with it.

    Args:
        table: of a GeoPackage with several.
        layers: where given, a row whose lat and lon lie near them only when swapped, or with the other sign, is refused.
        crs: of a GeoPackage that names none.

    Raises:
        DirectoryError: of the first row that fails, with file, row, field, value and what to do; same_point for a whole file.
    """
    rows = _rows(Path(path), VENUE_COLUMNS, table=table, crs=crs)
    venues = each(rows, partial(_venue, within=None if layers is None else bounds_of(_by_name(layers).values())))
    _refuse_one_point([venue for _, venue in venues], str(path))
    return _unique(venues)


def read_units(path: str | Path) -> tuple[Unit, ...]:
    """Returns the units of a CSV file; one unit may have several rows whose validity does not overlap.

    Raises:
        DirectoryError: of the first row that fails; overlapping_validity for two contacts of one unit on one day.
    """
    units = each(_rows(Path(path), UNIT_COLUMNS, placed=False), _unit)
    for place, (row, unit) in enumerate(units):
        for earlier, other in units[:place]:
            days = (unit.valid_from, other.valid_from), (unit.valid_to, other.valid_to)
            begins, ends = [day for day in days[0] if day], [day for day in days[1] if day]
            if unit.unit == other.unit and not (begins and ends and max(begins) > min(ends)):
                raise row.error(
                    f"the unit is in row {earlier.number} too, valid on the same days",
                    code="overlapping_validity",
                    field="unit",
                    do="End one with valid_to before the other begins",
                )
    return tuple(unit for _, unit in units)


def read_directory(
    *,
    channels: Sequence[str | Path] = (),
    venues: Sequence[str | Path] = (),
    units: str | Path | None = None,
    layers: Layers | None = None,
    accounts: Collection[str] | None = None,
    kinds: Collection[str] = tuple(KINDS),
    venue_accounts: Mapping[str, str] | None = None,
) -> Directory:
    """Returns the directory of several files; an id is used once among all channels, and once among all venues.

        read_directory(channels=["channels.csv"], venues=["venues.csv"], units="units.csv", layers=layers, accounts=("mail",),
                       venue_accounts={"email": "mail"})

    Args:
        venue_accounts: which account carries a venue's own e-mail and sms; see `Directory`.

    Raises:
        DirectoryError: as `read_channels`, `read_venues` and `read_units`.
    """
    return Directory(
        channels=_together({path: read_channels(path, layers=layers, accounts=accounts, kinds=kinds) for path in channels}),
        venues=_together({path: read_venues(path, layers=layers) for path in venues}),
        units=read_units(units) if units is not None else (),
        venue_accounts=venue_accounts or {},
    )


def _together(files: Mapping[str | Path, tuple[One, ...]]) -> tuple[One, ...]:
    first: dict[str, str | Path] = {}
    for path, ones in files.items():
        for one in ones:
            if first.setdefault(one.id, path) != path:
                raise DirectoryError(
                    f"the id is in {first[one.id]} too", code="duplicate_id", file=path, field="id", value=one.id, do="Give each its own id"
                )
    return tuple(one for ones in files.values() for one in ones)


def _rows(path: Path, columns: tuple[str, ...], *, table: str | None = None, crs: str | None = None, placed: bool = True) -> list[Row]:
    content = read_bytes(path)
    if is_features(content):
        return feature_rows(path, content, columns, table=table, crs=crs, placed=placed)
    return table_rows(content, str(path), columns)


def _by_name(layers: Layers) -> Mapping[str, Layer]:
    return layers if isinstance(layers, Mapping) else {layer.name: layer for layer in layers}


def _channel(row: Row, *, layers: Mapping[str, Layer] | None, accounts: Collection[str] | None, kinds: Collection[str]) -> Channel:
    channel = Channel(
        id=row.code("id"),
        name=row.text("name"),
        account=row.text("account"),
        address=row.code("address"),
        scope=row.text("scope"),
        speaks_for=tuple(_boundary(row, part, layers) for part in row.many("speaks_for")),
        kinds=row.many("kinds"),
        languages=row.many("languages"),
        steward=row.text("steward"),
        consent=row.text("consent"),
        consented=row.day("consented"),
        valid_from=row.day("valid_from"),
        valid_to=row.day("valid_to"),
    )
    if accounts is not None and channel.account not in accounts:
        raise row.error("unknown account", code="unknown_account", field="account", do=_meant(channel.account, accounts, "[accounts] has"))
    for kind in channel.kinds:
        if kind not in kinds:
            raise row.error(
                "unknown kind of alert", code="unknown_kind", field="kinds", value=kind, do=_meant(kind, kinds, "Known kinds are")
            )
    return channel


def _boundary(row: Row, part: str, layers: Mapping[str, Layer] | None) -> tuple[str, str]:
    if part == "*":
        return "*", "*"
    name, colon, key = (text.strip() for text in part.partition(":"))
    if not colon or not name or not key or name == "*":
        raise row.error(
            "not a layer and an id",
            code="invalid_speaks_for",
            field="speaks_for",
            value=part,
            do="Write LAYER:ID;LAYER:ID, or * for the whole project",
        )
    if layers is None:
        return name, key
    if name not in layers:
        do = _meant(name, layers, "[layers] has")
        raise row.error("unknown layer", code="unknown_layer", field="speaks_for", value=part, do=do)
    if key == "*":
        return name, key
    layer = layers[name]
    try:
        return name, str(layer.ids[layer.position(key)])
    except BoundaryError as err:
        raise row.error(err.what, code=err.code, field="speaks_for", value=part, do=err.do or "Correct the id") from err


def _meant(word: str, known: Iterable[str], otherwise: str) -> str:
    names = list(known)
    near = nearest(word, names)
    return f"Did you mean {' or '.join(near)}?" if near else f"{otherwise} {', '.join(names) or 'none'}"


def _venue(row: Row, *, within: tuple[float, float, float, float] | None) -> Venue:
    lon, lat = row.degrees("lon"), row.degrees("lat")
    try:
        check_lonlat(lon, lat, within=within)
    except GeometryError as err:
        raise row.error(err.what, code=err.code, field=err.field or "lat", value=err.value, do=err.do or "Correct lat and lon") from err
    return Venue(
        id=row.code("id"),
        name=row.text("name"),
        category=row.text("category"),
        lon=lon,
        lat=lat,
        opening_hours=row.text("opening_hours"),
        email=row.text("email"),
        sms=row.code("sms"),
        languages=row.many("languages"),
        scope=row.text("scope"),
        member_of=row.many("member_of"),
        consent=row.text("consent"),
        consented=row.day("consented"),
        closed_on=row.day("closed_on"),
    )


def _unit(row: Row) -> Unit:
    return Unit(
        unit=row.code("unit"),
        phone=row.code("phone"),
        email=row.text("email"),
        valid_from=row.day("valid_from"),
        valid_to=row.day("valid_to"),
    )


def _unique(made: list[tuple[Row, One]]) -> tuple[One, ...]:
    first: dict[str, Row] = {}
    failed: list[DirectoryError] = []
    for row, one in made:
        earlier = first.setdefault(one.id, row)
        if earlier is not row:
            what = f"the id of row {earlier.number} again"
            failed.append(row.error(what, code="duplicate_id", field="id", do="Give each row its own id, or remove one"))
    if failed:
        raise with_others(failed)
    return tuple(one for _, one in made)


def _refuse_one_point(venues: list[Venue], file: str) -> None:
    if len(venues) >= 3 and len({(venue.lon, venue.lat) for venue in venues}) == 1:
        raise DirectoryError(
            f"all {len(venues)} rows lie on one point",
            code="same_point",
            file=file,
            field="lat",
            value=f"lon {venues[0].lon}, lat {venues[0].lat}",
            do="Look for the columns that hold each place's own position",
        )
