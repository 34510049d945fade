"""Which publishers are installed, found by entry point; the shipped ones come through the same door as anyone's."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points

from geoalert.errors import ConfigurationError
from geoalert.publishing import Capabilities, Publisher
from geoalert.text import nearest

GROUP = "geoalert.publishers"


def publisher_names() -> tuple[str, ...]:
    """Returns the names of all installed publishers, sorted, without importing any."""
    return tuple(sorted(_entries()))


def load_publisher(name: str) -> type[Publisher]:
    """Imports and returns the class of one publisher.

    Raises:
        ConfigurationError: no such publisher (unknown_publisher), two distributions claim the name (publisher_clash),
            a dependency is missing (missing_extra), or the class breaks the contract (invalid_publisher).
    """
    entries = _entries()
    if name not in entries:
        near = nearest(name, entries)
        hint = f"Did you mean {' or '.join(near)}" if near else f"Installed are {', '.join(sorted(entries))}"
        raise ConfigurationError("no publisher of that name is installed", code="unknown_publisher", field="publisher", value=name, do=hint)
    entry = entries[name]
    try:
        found = entry.load()
    except ImportError as err:
        raise ConfigurationError(
            f"the publisher {name} needs {err.name or err}",
            code="missing_extra",
            field="publisher",
            value=name,
            do=f"Install it: pip install 'geoalert[{name}]'",
        ) from err
    except AttributeError as err:
        raise _broken(name, f"{entry.value} does not exist", "Name module:class in its entry point") from err
    if not (isinstance(found, type) and issubclass(found, Publisher)) or getattr(found, "name", None) != name:
        raise _broken(name, f"{entry.value} is not a Publisher named {name}", "Its class attribute `name` must equal its entry point")
    if not isinstance(getattr(found, "capabilities", None), Capabilities):
        raise _broken(name, f"{entry.value} does not say what it can do", "Give it a class attribute `capabilities`")
    if not isinstance(found.options, Mapping):
        raise _broken(name, f"the options of {entry.value} are not a table", "`options` maps a name to one line about it")
    return found


def _broken(name: str, what: str, do: str) -> ConfigurationError:
    return ConfigurationError(what, code="invalid_publisher", field="publisher", value=name, do=do)


def _entries() -> dict[str, EntryPoint]:
    found: dict[str, EntryPoint] = {}
    for entry in entry_points(group=GROUP):
        other = found.setdefault(entry.name, entry)
        if other.value != entry.value:
            raise ConfigurationError(
                f"the publisher {entry.name} is claimed by {_owner(other)} and by {_owner(entry)}",
                code="publisher_clash",
                field="publisher",
                value=entry.name,
                do="Uninstall one of the two",
            )
    return found


def _owner(entry: EntryPoint) -> str:
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else entry.value
