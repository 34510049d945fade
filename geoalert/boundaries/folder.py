"""Where the data folder `boundaries/` is, in a wheel and in an editable checkout."""

from __future__ import annotations

from pathlib import Path

from geoalert.errors import ConfigurationError


def boundaries_folder(*, package: Path | None = None) -> Path:
    """Returns the folder that holds catalogue.toml and one folder per place.

    A wheel carries it as `geoalert/_boundaries`; in a checkout it lies beside the package.

    Args:
        package: the folder of the `geoalert` package; the running one by default.

    Raises:
        ConfigurationError: neither place has a catalogue.toml (boundaries_folder_missing).
    """
    home = package or Path(__file__).resolve().parents[1]
    places = (home / "_boundaries", home.parent / "boundaries")
    for place in places:
        if (place / "catalogue.toml").is_file():
            return place
    raise ConfigurationError(
        f"no boundaries folder: looked for catalogue.toml in {places[0]} and {places[1]}",
        code="boundaries_folder_missing",
        do="Install geoalert from its wheel, or keep boundaries/ beside the geoalert/ folder of a checkout.",
    )
