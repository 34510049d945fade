"""Everything that can be written, small and made without files."""

from __future__ import annotations

from typing import Any

import shapely
from shapely.geometry import box

from geoalert.area import Area
from geoalert.boundaries.model import Layer
from geoalert.directory.selection import Selection
from geoalert.targeting import survey
from tests.plan.drafts import LAYER, plan

AREA = Area.circle(lon=-79.3966, lat=43.64867, radius_m=600, label='Queen St W & Spadina Ave "area" <1>')
HOLED = Area.polygon(box(-79.41, 43.64, -79.39, 43.66), label="with a hole") - Area.polygon(box(-79.402, 43.648, -79.398, 43.652))
POINT = Area.point(lon=-79.3966, lat=43.64867)
SURVEY = survey(AREA, [LAYER])
SELECTIONS = (
    Selection(kind="channel", id="d14-page", name="d14 page", chosen=True, reason="speaks for 14 Division", via=("division:D14",),
              channels=("d14-page",), languages=("en", "fr")),
    Selection(kind="venue", id="club-1", name="Club & <Bar>", chosen=True, reason="in the area", lon=-79.397, lat=43.648,
              category="nightlife.bar", reached_by=(("email", "door@club.example"),)),
    Selection(kind="venue", id="club-2", name="Second", chosen=True, on_visit_list=True, reason="in the area", lon=-79.396, lat=43.649),
    Selection(kind="venue", id="club-3", name="Third", chosen=False, reason="closed", lon=-79.395, lat=43.647, distance_m=12.5),
    Selection(kind="venue", id="club-4", name="Fourth", chosen=False, reason="restricted rule", lon=-79.3951111, lat=43.6473333),
)  # fmt: skip
PLAN = plan()


def shape_of(table_geometries: Any) -> shapely.Geometry:
    """The union of a column of geometries."""
    return shapely.union_all([each for each in table_geometries if each is not None])


def other_edition() -> Layer:
    """A layer of the plan's name with other shapes."""
    return Layer(name="division", ids=["D14", "D52"], geometries=[box(-79.45, 43.62, -79.40, 43.68), box(-79.40, 43.62, -79.35, 43.68)])
