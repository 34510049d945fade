"""boundaries.lock: written, read back, compared; damaged ones refused."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoalert.boundaries.catalogue import Difference, Lock, Pin
from geoalert.boundaries.catalogue.lock import write_together
from geoalert.boundaries.model import Layer
from geoalert.errors import ConfigurationError

AT = datetime(2027, 3, 12, 21, 0, tzinfo=UTC)


def pin(*ids: str, place: str = "testville", layer: str = "division", size: float = 0.01) -> Pin:
    """The pin of a row of squares."""
    shapes = [shapely.box(-79 + row * size, 43, -79 + (row + 1) * size, 43 + size) for row in range(len(ids))]
    made = Layer(name=layer, ids=list(ids), geometries=shapes)
    return Pin.of(
        made,
        place=place,
        file=f"boundaries/{place}/{layer}.geojson",
        source="Testville Police",
        address="https://x.example/",
        fetched_at=AT,
    )


def test_lock_reads_back_as_it_was_written(tmp_path: Path) -> None:
    """Ids with quotes, dots and accents survive, pins come in order of place and layer."""
    lock = Lock().with_pins([pin("D9", 'a."b"', "Île\\", layer="ward"), pin("D9")])

    (tmp_path / "boundaries.lock").write_text(lock.to_toml(), encoding="utf-8")

    assert Lock.read(tmp_path) == lock
    assert [one.layer for one in lock.pins] == ["division", "ward"]


@given(text=st.text(st.characters(codec="utf-8"), min_size=1))
def test_any_id_survives_the_lock(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever an id is made of, control characters included."""
    folder = tmp_path_factory.mktemp("lock")
    one = Pin("p", "l", "f", "d", "i", 1, {text: "0"}, text, "a", AT)

    (folder / "boundaries.lock").write_bytes(Lock((one,)).to_toml().encode())

    assert Lock.read(folder).pins == (one,)


def test_order_of_rows_is_no_difference() -> None:
    """The digest belongs to the set of boundaries, not to the file's order."""
    squares = {name: shapely.box(place, 0, place + 1, 1) for place, name in enumerate(["D10", "D9", "D1"])}
    digests = set()

    for names in (["D10", "D9", "D1"], ["D1", "D10", "D9"]):
        layer = Layer(name="division", ids=names, geometries=[squares[name] for name in names])
        digests.add(Pin.of(layer, place="p", file="f", source="s", address="a", fetched_at=AT).digest)

    assert len(digests) == 1


def test_difference_names_ids_in_natural_order() -> None:
    """Added, removed and changed are told apart; many are cut short in words only."""
    before = pin("D1", "D2", "D3")
    after = pin("D1", "D10", "D9", "D3", size=0.02)

    found = before.difference(after)

    assert found == Difference(added=("D9", "D10"), removed=("D2",), changed=("D1", "D3"))
    assert Difference(added=tuple(str(n) for n in range(30))).describe(most=2) == "30 added: 0, 1 and 28 more"
    assert not before.difference(before)


@pytest.mark.parametrize(
    "text",
    ["", "format = 2", "format = 1\n[[layers]]\nplace = 'x'", "not toml", "format = 1\nlayers = 3", "\x00"],
)
def test_damaged_lock_is_never_an_empty_one(tmp_path: Path, text: str) -> None:
    """A lock that cannot be read stops the install instead of accepting everything."""
    (tmp_path / "boundaries.lock").write_text(text)

    with pytest.raises(ConfigurationError) as caught:
        Lock.read(tmp_path)

    assert caught.value.code == "invalid_lock"


def test_edited_lock_whose_count_disagrees_is_refused(tmp_path: Path) -> None:
    """A line taken out of the list of ids is noticed."""
    lines = Lock((pin("D9", "D10"),)).to_toml().splitlines()
    (tmp_path / "boundaries.lock").write_text("\n".join(lines[:-1]))

    with pytest.raises(ConfigurationError):
        Lock.read(tmp_path)


def test_files_are_written_together_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the second does not fit, the first stays as it was and no rest is left."""
    (tmp_path / "a").write_bytes(b"old")
    calls: list[int] = []

    def second_fails(handle: int) -> None:
        calls.append(handle)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("geoalert.boundaries.catalogue.lock.os.fsync", second_fails)

    with pytest.raises(OSError, match="No space"):
        write_together({tmp_path / "a": b"new", tmp_path / "b": b"new"})

    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() == b"old"
