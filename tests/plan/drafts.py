"""A small exercise over two drawn districts, made without any file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from shapely.geometry import box

from geoalert.alert import Alert, AudienceRule, Person, Restricted, RestrictedPerson, Texts
from geoalert.area import Area
from geoalert.boundaries.model import Layer
from geoalert.directory.model import Channel, Directory, Venue
from geoalert.directory.select import select
from geoalert.gates.contact import Contact
from geoalert.gates.open import open_gates
from geoalert.gates.profile import Profile
from geoalert.media import Media
from geoalert.plan import Draft, Plan, PlanAccount, build_plan
from geoalert.plan.digest import manifest_digest
from geoalert.plan.model import manifest
from geoalert.plan.page import page_html
from geoalert.publishers.folder import FolderPublisher
from geoalert.publishing import Account
from geoalert.rendering.map import area_map
from geoalert.rendering.sketch import demo_sketch
from geoalert.targeting import survey

WHEN = datetime(2027, 3, 13, 2, 0, tzinfo=UTC)
LAYER = Layer(
    name="division", ids=["D14", "D52"], labels=["14 Division", "52 Division"],
    geometries=[box(-79.45, 43.62, -79.3966, 43.68), box(-79.3966, 43.62, -79.35, 43.68)],
)  # fmt: skip
DIRECTORY = Directory(
    channels=tuple(
        Channel(id=f"{name}-page", name=f"{name} page", account="posts", address=f"{name}-page", scope="public",
                speaks_for=(("division", name.upper()),), consent="own")
        for name in ("d14", "d52")
    ),
    venues=(Venue(id="club-1", name="The Invented Club", category="nightlife.nightclub", lon=-79.397, lat=43.648),),
)  # fmt: skip


def alert(guidance: str = "Do not approach. Call 9-1-1 if seen.") -> Alert:
    """An exercise with a person, a sketch and a restricted field."""
    return Alert(
        sender="Example Police", id="S1", kind="suspect_appeal", status="exercise", scope="public", zone="America/Toronto",
        area=Area.circle(lon=-79.3966, lat=43.64867, radius_m=600), expires=datetime(2027, 3, 14, 10, tzinfo=UTC),
        texts=(Texts(language="en", event="Robbery", place="Queen St W and Spadina Ave area", when="Friday, 11 pm", guidance=guidance),),
        people=(Person(number=1, label="suspect", age="25-35", clothing=("grey hooded jacket",)),),
        media=(Media(content=demo_sketch(), media_class="composite_sketch", alt={"en": "Sketch of a man"}, person=1),),
        audience=AudienceRule(categories=("nightlife.*",)),
        restricted=Restricted(people=(RestrictedPerson(number=1, surname="Quillfeather"),)),
    )  # fmt: skip


@cache
def draft(guidance: str = "Do not approach. Call 9-1-1 if seen.") -> Draft:
    """Everything decided about the exercise, by the real rooms."""
    said = alert(guidance)
    found = survey(said.area, [LAYER])
    chosen = select(
        DIRECTORY, said.area, found, alert_kind=said.kind, scope=said.scope, audience=said.audience, layers={"division": LAYER},
        on=WHEN.date(), languages=said.languages,
    )  # fmt: skip
    account = PlanAccount(Account("posts", "folder"), FolderPublisher.capabilities)
    return Draft(
        alert=said,
        gated=open_gates(said, contact=Contact(unit="hold-up", phone="416-555-0174"), profile=Profile(name="plain"), now=WHEN),
        survey=found,
        selected=chosen,
        layers=(LAYER,),
        accounts={"posts": account},
        picture=area_map(said.area, [LAYER], matches=found.matches),
    )


def plan(of: Draft | None = None) -> Plan:
    """The exercise's plan; its salt is fixed so that digests can be compared."""
    return build_plan(of or draft(), by="m.roy", salt=lambda: bytes(16))


def resealed(made: Plan, edit: Callable[[dict[str, Any]], None]) -> Plan:
    """A plan put together by hand: its document edited, its page and every digest made anew."""
    document = json.loads(json.dumps(dict(made.document)))
    edit(document)
    page = page_html(document, media=made.media, picture=made.picture)
    parts = manifest(document, media=made.media, page=page, restricted=made.restricted)
    return replace(made, page=page, document=document | {"manifest": parts, "digest": manifest_digest(parts)})


def as_actual(document: dict[str, Any]) -> None:
    """Says that the alert is no exercise, and that its accounts are live."""
    document["alert"]["status"] = "actual"
    for account in document["accounts"].values():
        account["mode"] = "live"
