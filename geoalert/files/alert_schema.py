"""The fields of alert.toml."""

from __future__ import annotations

from types import MappingProxyType

from pydantic import Field

from geoalert.alert.kinds import KINDS
from geoalert.files.area_schema import RuleTable
from geoalert.files.model import FileModel, Formatted, LocalTime


class TextTable(FileModel):
    """`[text.LANGUAGE]`."""

    event: str = Field(description="What happened, in a few words.")
    place: str = Field(description="The public name of the place: an intersection's area, never 'in this area'.")
    when: str = Field(description="When it happened, as people say it.")
    guidance: str = Field(description="What the reader should do; never cut from any post.")
    details: str | None = Field(default=None, description="More about it; the first to go where a post is short.")
    heading: str | None = Field(default=None, description="Title, where a place has one; default: from the kind.")


class RestrictedTable(FileModel):
    """`[people.restricted]`: known and never published."""

    surname: str | None = Field(default=None, description="Family name.")
    gender: str | None = Field(default=None, description="Gender identity.")
    diagnosis: str | None = Field(default=None, description="Medical facts.")
    address: str | None = Field(default=None, description="Home address.")
    care_status: str | None = Field(default=None, description="Whether in care.")
    relationship: str | None = Field(default=None, description="Relation to others in the case.")
    handles: list[str] = Field(default_factory=list, description="Accounts on social networks.")
    notes: str | None = Field(default=None, description="Anything else.")


class PersonTable(FileModel):
    """`[[people]]`."""

    number: int = Field(description="From 1; kept through every revision.")
    label: str = Field(description="suspect | person_of_interest | wanted | missing | witness")
    first_name: str | None = Field(default=None, description="First name; of a missing person only where the gates allow it.")
    age: str | int | None = Field(default=None, description="16, 25-35, 30s or 18 months")
    sex: str | None = Field(default=None, description="As a word: man, woman, boy, girl.")
    height_cm: float | None = Field(default=None, description="Centimetres.")
    build: str | None = Field(default=None, description="Such as slim.")
    hair: str | None = Field(default=None, description="Hair.")
    facial_hair: str | None = Field(default=None, description="Facial hair.")
    eyes: str | None = Field(default=None, description="Eyes.")
    complexion: str | None = Field(default=None, description="Complexion.")
    clothing: list[str] = Field(default_factory=list, description="One phrase each.")
    accessories: list[str] = Field(default_factory=list, description="One phrase each.")
    marks: list[str] = Field(default_factory=list, description="Scars, tattoos and other marks; one phrase each.")
    weapon: str | None = Field(default=None, description="Weapon seen.")
    direction: str | None = Field(default=None, description="Where the person was last seen heading.")
    restricted: RestrictedTable | None = Field(default=None, description="Known and never published.")


class VehicleTable(FileModel):
    """`[[vehicles]]`."""

    number: int = Field(default=1, description="From 1; kept through every revision.")
    colour: str | None = Field(default=None, description="Colour.")
    make: str | None = Field(default=None, description="Make.")
    model: str | None = Field(default=None, description="Model.")
    year: str | int | None = Field(default=None, description="Year, or years.")
    body: str | None = Field(default=None, description="Such as sedan.")
    plate: str | None = Field(default=None, description="Licence plate.")
    marks: list[str] = Field(default_factory=list, description="Damage, stickers and other marks; one phrase each.")
    direction: str | None = Field(default=None, description="Where it was last seen heading.")


class MediaTable(FileModel):
    """`[[media]]`."""

    file: str = Field(description="Image beside the alert file, or in a folder below it.")
    media_class: str = Field(
        alias="class", description="composite_sketch | security_camera_still | family_photo | custody_photo | vehicle | map | other"
    )
    alt: dict[str, str] = Field(description="Alternative text by language.")
    person: int | None = Field(default=None, description="Number of the person shown.")
    basis: str | None = Field(default=None, description="Lawful basis of publishing it.")
    remove_by: LocalTime | None = Field(default=None, description="When it must be gone again.")


class AudienceTable(FileModel):
    """`audience = {...}`."""

    categories: list[str] = Field(
        default_factory=list, description="Categories of venues that are wanted, such as nightlife.*; none: no venue."
    )
    exclude: list[str] = Field(default_factory=list, description="Categories left out of these.")
    allow: list[str] = Field(default_factory=list, description="Sensitive categories that this alert may reach.")
    open: list[LocalTime] | None = Field(default=None, min_length=2, max_length=2, description="Two times: only venues open between them.")
    unknown_hours: str = Field(default="list", description="list | include | exclude: what becomes of a venue whose hours nobody knows.")
    channels: list[str] | None = Field(default=None, description="Ids of the only channels wanted; default: every fitting one.")


class PointTable(FileModel):
    """`event = {lon = ..., lat = ...}`."""

    lon: float = Field(description="Degrees, EPSG:4326.")
    lat: float = Field(description="Degrees, EPSG:4326.")


class OrderTable(FileModel):
    """`[order]`: the court's order about a young person."""

    number: str = Field(description="Number of the order.")
    made_at: LocalTime = Field(description="When it was made.")


class AcceptTable(FileModel):
    """`[accept]`: why a limit on the area or its channels is exceeded, in words; a plan that exceeds one without them is refused."""

    size: str | None = Field(default=None, description="Why the area is larger than a plan takes by itself.")
    outside_city: str | None = Field(default=None, description="Why so much of it lies outside every layer of the city.")
    no_boundary: str | None = Field(default=None, description="Why so much of it lies in no boundary of the lead layer.")
    unreached: str | None = Field(default=None, description="Why so much of it lies where no chosen channel speaks for.")
    overshoot: str | None = Field(default=None, description="Why a channel reaches so far beyond it.")


class ReferenceTable(FileModel):
    """`[[references]]`: an earlier version that the alert follows."""

    sender: str = Field(description="Agency of the earlier alert.")
    id: str = Field(description="Its id.")
    revision: int = Field(description="Its revision.")
    sent: LocalTime = Field(description="When it was sent.")


class AlertFile(Formatted):
    """alert.toml, or the same fields as JSON."""

    missing_codes = MappingProxyType({"expires": "no_expiry", "area": "no_area"})

    id: str = Field(description="The agency's own, kept through every revision.")
    kind: str = Field(description=" | ".join(KINDS))
    status: str = Field(description="actual | exercise | test")
    scope: str = Field(description="public | restricted (staff only)")
    expires: LocalTime = Field(description="When the alert ends.")
    area: RuleTable | str = Field(
        description="A rule such as {type = 'circle', lon = ..., lat = ..., radius_m = ...}, or the name of an area file."
    )
    accept: AcceptTable = Field(default_factory=AcceptTable, description="Why limits are exceeded, in words.")
    accept_area: str | None = Field(default=None, description="The same as accept.size.")
    text: dict[str, TextTable] = Field(min_length=1, description="Texts by language.")
    case: str | None = Field(default=None, description="The agency's case number.")
    unit: str | None = Field(default=None, description="Unit of units.csv whose phone posts print.")
    purpose: str | None = Field(default=None, description="Lawful purpose of disclosing; recorded, never printed.")
    lead: str | None = Field(default=None, description="LAYER:ID of the boundary that leads.")
    recorded: dict[str, str] = Field(default_factory=dict, description="Boundary id by layer, as the police recorded it.")
    event: PointTable | None = Field(default=None, description="Where it happened, apart from the area that is told about it.")
    onset: LocalTime | None = Field(default=None, description="When it begins or began.")
    at_expiry: str = Field(default="leave", description="leave | remove_images | remove")
    urgency: str = Field(default="Unknown", description="Immediate | Expected | Future | Past | Unknown")
    severity: str = Field(default="Unknown", description="Extreme | Severe | Moderate | Minor | Unknown")
    certainty: str = Field(default="Unknown", description="Observed | Likely | Possible | Unlikely | Unknown")
    link: str | None = Field(default=None, description="The agency's own page about the case.")
    authority_reference: str | None = Field(default=None, description="The issuer's reference; relayed kinds need it.")
    young_person: bool = Field(default=False, description="A person whom the alert identifies is, or may be, under 18.")
    order: OrderTable | None = Field(default=None, description="The court's order about a young person.")
    bans: list[str] = Field(default_factory=list, description="Fields or words that a publication ban covers.")
    references: list[ReferenceTable] = Field(default_factory=list, description="Earlier versions that the alert follows.")
    audience: AudienceTable = Field(default_factory=AudienceTable, description="Which channels and venues are wanted.")
    people: list[PersonTable] = Field(default_factory=list, description="People described.")
    vehicles: list[VehicleTable] = Field(default_factory=list, description="Vehicles described.")
    media: list[MediaTable] = Field(default_factory=list, description="Images.")
