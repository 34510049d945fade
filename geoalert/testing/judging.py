"""What the contract judges by: keys, posts at the limits, failures on purpose, and where a secret could show."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import FunctionType, MethodType, ModuleType
from typing import Any
from urllib.parse import quote, urlsplit

from geoalert.errors import ConfigurationError, PublishError
from geoalert.publishing import Account, Capabilities, Publisher
from geoalert.testing.place import Expected, Place, Watched, image
from geoalert.text import count

_OPAQUE = (type, ModuleType, FunctionType, MethodType, Account, Watched)


def key_of(number: int) -> str:
    """Returns 26 base32 characters, as every key is."""
    return base64.b32encode(number.to_bytes(16, "big")).decode("ascii")[:26]


def at_limits(can: Capabilities) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Returns changes to a post that just fit, and those that are one over."""
    fits: list[dict[str, Any]] = []
    over: list[dict[str, Any]] = []
    if can.text_limit is None:
        fits.append({"text": "long " * 4000 + "end"})
    else:
        letters = 1
        while count("a" * (letters + 1), can.text_unit) <= can.text_limit:
            letters += 1
        fits.append({"text": "a" * letters})
        over.append({"text": "a" * (letters + 1)})
    over += [] if can.title else [{"title": "A title"}]
    over += [] if can.links else [{"link": "https://police.example/1"}]
    kind = can.media_types[0] if can.media_count else "image/png"
    media = tuple(image(number, media_type=kind) for number in range(1, can.media_count + 2))
    fits += [{"media": media[:-1]}] if can.media_count else []
    over.append({"media": media})
    if can.media_count and can.alt_limit is not None:
        fits.append({"media": (image(media_type=kind, alt="a" * can.alt_limit),)})
        over.append({"media": (image(media_type=kind, alt="a" * (can.alt_limit + 1)),)})
    if can.media_count and can.media_bytes is not None:
        over.append({"media": (image(media_type=kind, size_bytes=can.media_bytes + 1),)})
    return fits, over


def fails(verb: Callable[[], object], place: Place, http: Watched, name: str) -> Exception | None:
    """Returns what a verb raises while the place has a fault."""
    http.tls = name == "tls"
    try:
        with place.fault(name):
            verb()
    except (PublishError, ConfigurationError) as err:
        return err
    finally:
        http.tls = False
    return None


def chain(err: BaseException | None) -> Iterator[BaseException]:
    while err is not None:
        yield err
        err = err.__cause__ or err.__context__


def forms(secret: str) -> tuple[str, ...]:
    return secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode().rstrip("="), secret.encode().hex()


def misses(name: str, verb: str, found: Exception | None, expected: Expected) -> Iterator[str]:
    """Yields what is wrong with an error that a verb raised for a fault."""
    wait_s = getattr(found, "retry_after_s", None)
    if not isinstance(found, expected.kinds) or (expected.retry_after_s is not None and wait_s != expected.retry_after_s):
        yield f"{verb}, {name}: {found!r}, wait {wait_s}; expected {' or '.join(kind.__name__ for kind in expected.kinds)}"


def kept_by(publisher: Publisher) -> Iterator[str]:
    """Yields every text that a publisher holds, however deep; its account, its Http and what is code are not looked into."""
    waiting: list[object] = [vars(publisher)]
    seen: dict[int, object] = {}
    while waiting:
        held = waiting.pop()
        if id(held) in seen or isinstance(held, _OPAQUE):
            continue
        seen[id(held)] = held
        if isinstance(held, str):
            yield held
        elif isinstance(held, bytes | bytearray):
            yield bytes(held).decode("utf-8", "replace")
        elif isinstance(held, Mapping):
            waiting += [*held.keys(), *held.values()]
        elif isinstance(held, list | tuple | set | frozenset):
            waiting += held
        else:
            slots = [slot for kind in type(held).__mro__ for slot in getattr(kind, "__slots__", ())]
            waiting += [*getattr(held, "__dict__", {}).values(), *(getattr(held, slot, None) for slot in slots if isinstance(slot, str))]


def queries(urls: Iterable[str], secret: str) -> Iterator[str]:
    """Yields the query of each address asked, unless the secret is the beginning of the address itself."""
    yield from (urlsplit(url).query for url in urls if not url.startswith(secret))


def counting(account: Account, used: set[str]) -> Account:
    """Returns the account with secrets that say when they are revealed."""

    def telling(name: str, reveal: Callable[[], str]) -> Callable[[], str]:
        def told() -> str:
            used.add(name)
            return reveal()

        return told

    secrets = {name: telling(name, reveal) for name, reveal in account.secrets.items()}
    return Account(account.name, account.publisher, account.mode, account.options, secrets, account.tokens)
