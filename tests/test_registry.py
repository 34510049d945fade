"""Publishers by entry point: names without imports, and every way of being wrong has its error."""

from __future__ import annotations

from importlib.metadata import EntryPoint, EntryPoints

import pytest

from geoalert import registry
from geoalert.errors import ConfigurationError
from geoalert.publishing import Capabilities, Publisher


class Mute(Publisher):
    """Says nothing of what it can do."""

    name = "mute"


class Wild(Publisher):
    """Names its options wrongly."""

    name = "wild"
    capabilities = Capabilities()
    options = ["path"]  # type: ignore[assignment]


def install(monkeypatch: pytest.MonkeyPatch, *entries: tuple[str, str]) -> None:
    """Pretends that distributions declared these entry points."""
    found = EntryPoints(EntryPoint(name, value, registry.GROUP) for name, value in entries)
    monkeypatch.setattr(registry, "entry_points", lambda *, group: found)


def test_shipped_publishers_are_listed() -> None:
    """The names come from the entry points of this distribution."""
    assert {"console", "folder"} <= set(registry.publisher_names())


@pytest.mark.parametrize(
    ("entries", "name", "code", "told"),
    [
        ([("folder", "a:b")], "foldr", "unknown_publisher", "Did you mean folder"),
        ([("folder", "a:b"), ("folder", "c:d")], "folder", "publisher_clash", "a:b"),
        ([("far", "geoalert_nowhere:Far")], "far", "missing_extra", "pip install 'geoalert[far]'"),
        ([("other", "geoalert.publishers.folder:FolderPublisher")], "other", "invalid_publisher", "entry point"),
        ([("odd", "geoalert.clock:system_clock")], "odd", "invalid_publisher", "not a Publisher"),
        ([("odd", "geoalert.clock:nothing")], "odd", "invalid_publisher", "does not exist"),
        ([("odd", "geoalert.publishing:Publisher")], "odd", "invalid_publisher", "not a Publisher"),
        ([("mute", f"{__name__}:Mute")], "mute", "invalid_publisher", "does not say what it can do"),
        ([("wild", f"{__name__}:Wild")], "wild", "invalid_publisher", "options"),
    ],
)
def test_each_defect_has_its_code(monkeypatch: pytest.MonkeyPatch, entries: list[tuple[str, str]], name: str, code: str, told: str) -> None:
    """Unknown, claimed twice, missing extra, wrong name and no publisher at all are told apart."""
    install(monkeypatch, *entries)

    with pytest.raises(ConfigurationError) as caught:
        registry.load_publisher(name)

    assert caught.value.code == code
    assert told in str(caught.value)
