"""Read alert.toml into an Alert."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from geoalert.alert import Alert, AudienceRule, Order, Person, Reference, Restricted, RestrictedPerson, Texts, Vehicle, Withheld
from geoalert.area import Area
from geoalert.boundaries.model import Layer
from geoalert.errors import AlertError, BoundaryError, GeoAlertError, LayerNotFound
from geoalert.files.alert_schema import AlertFile, MediaTable, PersonTable, VehicleTable
from geoalert.files.area import ReadShapes, read_area_rule, rule_from
from geoalert.files.area_schema import RuleTable
from geoalert.files.beside import path_beside, read_beside
from geoalert.files.times import read_time, zone
from geoalert.files.toml import Document, read_document, validate
from geoalert.media import Media
from geoalert.targeting.arearule import AreaRule
from geoalert.targeting.rule import Near
from geoalert.text import nearest

MEDIA_LIMIT_BYTES = 20_000_000


class Agency(Protocol):
    """What an alert takes from its project."""

    @property
    def agency(self) -> str:
        """The sender's name."""

    @property
    def time_zone(self) -> str:
        """IANA zone of local times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """How an alert's area is resolved beyond the file itself.

    Attributes:
        shapes: reads the geometry files that a rule names.
        near: finds a place by name.
        now: the present, for rings; without it the first ring.
        signals: what has been signalled by then, for rings.
    """

    shapes: ReadShapes | None = None
    near: Near | None = None
    now: datetime | None = None
    signals: Collection[str] = ()


def read_alert(
    path: Path | str,
    *,
    project: Agency,
    layers: Mapping[str, Layer],
    revision: int = 1,
    references: tuple[Reference, ...] = (),
    ways: Ways | None = None,
) -> Alert:
    """Reads an alert file of the project's agency.

    Args:
        path: TOML, or JSON with the same fields where the name ends so; images lie beside it or below.
        project: agency and time zone.
        layers: by name, for rules that name boundaries; where there are any, `lead` and `recorded` must be theirs.
        revision: only update and recall raise it.
        references: earlier versions, before those that the file itself names.
        ways: how the area's files, places by name and rings are resolved.

    Raises:
        AlertError: with file, line and field.
        LayerNotFound: `lead` or `recorded` names an unknown layer or boundary.
        AreaError: the area cannot be what was meant; `file_not_available` and `near_not_available` where no way leads there.

    Example:
        read_alert("alert.toml", project=read_project("geoalert.toml"), layers={"division": division})
    """
    document = read_document(path, refusal=AlertError, what="alert file")
    return alert_from(
        document, folder=Path(path).parent, project=project, layers=layers, revision=revision, references=references, ways=ways
    )


def alert_from(
    document: Document,
    *,
    folder: Path,
    project: Agency,
    layers: Mapping[str, Layer],
    revision: int = 1,
    references: tuple[Reference, ...] = (),
    ways: Ways | None = None,
) -> Alert:
    """Returns the alert that a document already read says; `folder` is where its images are."""
    written = validate(document, AlertFile, refusal=AlertError, hide=("people", "bans"))
    here = zone(project.time_zone)
    with document.placing():
        ways = ways or Ways()
        rule = _area_rule(written.area, here, folder, ways)
        alert = Alert(
            sender=project.agency,
            id=written.id,
            revision=revision,
            kind=written.kind,
            status=written.status,
            scope=written.scope,
            zone=here.key,
            expires=read_time(written.expires, here, field="expires"),
            onset=_time(written.onset, here, "onset"),
            area=_area(rule, layers, ways),
            area_author=rule.author,
            area_reason=rule.reason,
            accept=_accept(written),
            texts=tuple(Texts(language=tag, **table.model_dump()) for tag, table in written.text.items()),
            references=(*references, *_references(written, here)),
            case=written.case,
            unit=written.unit,
            purpose=written.purpose,
            urgency=written.urgency,
            severity=written.severity,
            certainty=written.certainty,
            at_expiry=written.at_expiry,
            event_lon=written.event.lon if written.event else None,
            event_lat=written.event.lat if written.event else None,
            recorded=written.recorded,
            lead=written.lead,
            link=written.link,
            authority_reference=written.authority_reference,
            young_person=written.young_person,
            order=_order(written, here),
            bans=tuple(written.bans),
            people=tuple(_person(table) for table in written.people),
            vehicles=tuple(_vehicle(table) for table in written.vehicles),
            media=tuple(_media(table, number, folder, here) for number, table in enumerate(written.media, 1)),
            audience=_audience(written, here),
            restricted=Restricted(people=_restricted(written), withheld=_withheld(rule, layers, ways)),
        )
        _known_boundaries(alert, layers)
        return alert


def _known_boundaries(alert: Alert, layers: Mapping[str, Layer]) -> None:
    """Refuses a lead or a recorded boundary that the layers do not have; without layers nothing is asked."""
    named = [("lead", *pair) for pair in alert.stated.items()] + [
        (f"recorded.{layer}", layer, key) for layer, key in alert.recorded.items()
    ]
    for field, name, key in named if layers else ():
        if name not in layers:
            near = nearest(name, layers)
            do = f"Did you mean {' or '.join(near)}?" if near else f"The layers are {', '.join(layers)}"
            raise LayerNotFound("no layer of that name", code="unknown_layer", field=field, value=name, do=do)
        try:
            layers[name].position(key)
        except BoundaryError as err:
            err.field = field
            raise


def _area_rule(written: RuleTable | str, here: ZoneInfo, folder: Path, ways: Ways) -> AreaRule:
    if isinstance(written, str):
        return read_area_rule(path_beside(folder, written, field="area"), zone=here, shapes=ways.shapes)
    return rule_from(written, folder=folder, zone=here, shapes=ways.shapes, field="area")


def _area(rule: AreaRule, layers: Mapping[str, Layer], ways: Ways) -> Area:
    with _in_area():
        return rule.area(layers=layers, near=ways.near, at=ways.now, signals=ways.signals)


def _withheld(rule: AreaRule, layers: Mapping[str, Layer], ways: Ways) -> tuple[Withheld, ...]:
    with _in_area():
        return rule.withheld(layers=layers, near=ways.near)


@contextmanager
def _in_area() -> Iterator[None]:
    """Puts the field of an error about the rule below `area`."""
    try:
        yield
    except GeoAlertError as err:
        if err.file is None:
            err.field = f"area.{err.field}" if err.field else "area"
        raise


def _person(table: PersonTable) -> Person:
    plain = table.model_dump(exclude={"age", "restricted", "clothing", "accessories", "marks"})
    return Person(
        **plain,
        age=_text(table.age),
        clothing=tuple(table.clothing),
        accessories=tuple(table.accessories),
        marks=tuple(table.marks),
    )


def _vehicle(table: VehicleTable) -> Vehicle:
    return Vehicle(**table.model_dump(exclude={"year", "marks"}), year=_text(table.year), marks=tuple(table.marks))


def _restricted(written: AlertFile) -> tuple[RestrictedPerson, ...]:
    return tuple(RestrictedPerson(number=table.number, **table.restricted.model_dump()) for table in written.people if table.restricted)


def _order(written: AlertFile, here: ZoneInfo) -> Order | None:
    told = written.order
    return None if told is None else Order(number=told.number, made_at=read_time(told.made_at, here, field="order.made_at"))


def _media(table: MediaTable, number: int, folder: Path, here: ZoneInfo) -> Media:
    where = f"media.{number}"
    return Media(
        content=read_beside(folder, table.file, field=f"{where}.file", limit_bytes=MEDIA_LIMIT_BYTES),
        media_class=table.media_class,
        alt=dict(table.alt),
        name=table.file,
        person=table.person,
        basis=table.basis,
        remove_by=_time(table.remove_by, here, f"{where}.remove_by"),
    )


def _accept(written: AlertFile) -> dict[str, str]:
    told = written.accept.model_dump(exclude_none=True)
    if written.accept_area is not None:
        if "size" in told:
            raise AlertError("the size is accepted twice", code="accept_twice", field="accept_area", do="Keep the one in [accept]")
        told["size"] = written.accept_area
    return told


def _audience(written: AlertFile, here: ZoneInfo) -> AudienceRule:
    table = written.audience
    window = None if table.open is None else tuple(read_time(value, here, field="audience.open") for value in table.open)
    return AudienceRule(
        categories=tuple(table.categories),
        exclude=tuple(table.exclude),
        allow=tuple(table.allow),
        open=None if window is None else (window[0], window[1]),
        unknown_hours=table.unknown_hours,
        channels=None if table.channels is None else tuple(table.channels),
    )


def _references(written: AlertFile, here: ZoneInfo) -> tuple[Reference, ...]:
    return tuple(
        Reference(sender=table.sender, id=table.id, revision=table.revision, sent=read_time(table.sent, here, field="references.sent"))
        for table in written.references
    )


def _time(value: datetime | str | None, here: ZoneInfo, field: str) -> datetime | None:
    return None if value is None else read_time(value, here, field=field)


def _text(value: str | int | None) -> str | None:
    return None if value is None else str(value)
