"""What a portal may answer: whatever it is, a page, a count or one BoundaryError."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from geoalert.boundaries.catalogue import Entry
from geoalert.boundaries.catalogue.address import PAGED, Page, resource_url
from geoalert.errors import BoundaryError

WORDS = [
    "features",
    "error",
    "count",
    "maxRecordCount",
    "numberMatched",
    "properties",
    "result",
    "success",
    "resources",
    "url",
    "name",
    "message",
]
LEAVES = st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=3) | st.sampled_from(["2", "geojson", "GeoJSON", "x"])
ANY_JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*WORDS, "format"]), inner, max_size=5),
    max_leaves=12,
)


def entry(api: str) -> Entry:
    """An entry whose every request would be well formed."""
    return Entry(place="p", layer="l", title="t", publisher="p", api=api, id="ID", address="https://gis.example/x?key=s3cret", dataset="d")


@example(document={"features": [], "properties": [1]})
@given(document=ANY_JSON)
@pytest.mark.parametrize("api", sorted(PAGED))
def test_any_answer_is_a_page_or_one_error(api: str, document: Any) -> None:
    """No answer, however odd, ends in another kind of error, and the next page never starts before this one."""
    asking = PAGED[api](entry(api))
    errors: list[BoundaryError] = []

    for read in (asking.described, asking.counted, lambda said: asking.page(said, 10)):
        try:
            made = read(document)
        except BoundaryError as err:
            errors.append(err)
        else:
            assert not isinstance(made, Page) or made.following is None or made.following > 10

    assert {err.code for err in errors} <= {"unexpected_answer"}
    assert "s3cret" not in "".join(map(str, errors))


@example(document={"success": True, "result": {"resources": [{"format": "GeoJSON", "url": "http://[x"}]}})
@given(document=ANY_JSON)
def test_any_package_gives_an_address_or_one_error(document: Any) -> None:
    """A package without exactly one fitting file is refused."""
    code = None

    try:
        resource_url(document, entry("ckan"))
    except BoundaryError as err:
        code = err.code

    assert code in (None, "unexpected_answer", "resource_not_found")


@pytest.mark.parametrize("api", sorted(PAGED))
def test_query_of_the_address_stays(api: str) -> None:
    """A key in the address goes with every request, after the path."""
    url = urlsplit(PAGED[api](entry(api)).page_url(20))

    assert url.path.startswith("/x")
    assert parse_qs(url.query)["key"] == ["s3cret"]
    assert "20" in {values[0] for values in parse_qs(url.query).values()}


def test_several_files_of_one_format_need_a_name() -> None:
    """The error lists the names, and the exact one is taken."""
    files = [{"name": f"Areas - {crs}.geojson", "format": "GeoJSON", "url": f"https://gis.example/{crs}"} for crs in (2952, 4326)]
    package = {"success": True, "result": {"resources": files}}

    with pytest.raises(BoundaryError) as caught:
        resource_url(package, entry("ckan"))

    assert caught.value.code == "resource_not_found"
    assert "Areas - 2952.geojson (GeoJSON), Areas - 4326.geojson (GeoJSON)" in str(caught.value)
    named = Entry(
        place="p",
        layer="l",
        title="t",
        publisher="p",
        api="ckan",
        id="I",
        address="https://x.example",
        dataset="d",
        resource="Areas - 4326.geojson",
    )
    assert resource_url(package, named) == "https://gis.example/4326"
