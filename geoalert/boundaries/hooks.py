"""The one table through which nouns reach what is built above them."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from geoalert.errors import ConfigurationError

HOOKS: dict[str, str] = {
    "layer_from_geodataframe": "geoalert.boundaries.load.frame:layer_from_geodataframe",
    "to_geodataframe": "geoalert.frames:to_geodataframe",
}


def resolve(name: str) -> Callable[..., Any]:
    """Imports and returns the function registered under `name`.

    Raises:
        ConfigurationError: no such hook (unknown_hook), or what it names cannot be imported (hook_not_importable).
    """
    try:
        module, _, function = HOOKS[name].partition(":")
    except KeyError as err:
        raise ConfigurationError("no such hook", code="unknown_hook", value=name, do=f"Use one of {', '.join(sorted(HOOKS))}.") from err
    try:
        found: Callable[..., Any] = getattr(import_module(module), function)
    except (ImportError, AttributeError) as err:
        raise ConfigurationError(
            f"{HOOKS[name]} cannot be imported: {err}",
            code="hook_not_importable",
            field=name,
            do="Install geoalert again with all its dependencies.",
        ) from err
    return found
