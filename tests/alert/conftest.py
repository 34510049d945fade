"""An alert that is complete, to be changed in one place by each test."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from geoalert.alert import Alert, Person, Texts
from geoalert.area import Area

Make = Callable[..., Alert]


@pytest.fixture
def make_alert() -> Make:
    """Returns a maker of scenario S1's alert with some fields changed."""
    whole: dict[str, Any] = {
        "sender": "Hamilton Example Police",
        "id": "S1",
        "kind": "suspect_appeal",
        "status": "exercise",
        "scope": "restricted",
        "area": Area.circle(lon=-79.39660, lat=43.64867, radius_m=600),
        "expires": datetime(2027, 3, 14, 10, tzinfo=UTC),
        "zone": "America/Toronto",
        "texts": (
            Texts(
                language="en",
                event="Sexual-assault series",
                place="Queen St W and Spadina Ave area",
                when="three Fridays, 11 pm to 2:30 am",
                guidance="Do not approach. Call 9-1-1 if seen.",
            ),
        ),
        "people": (Person(number=1, label="suspect", age="25-35", height_cm=175, clothing=("grey hooded jacket", "red-soled shoes")),),
    }
    return lambda **changes: Alert(**whole | changes)
