"""Fetching one layer: pages or a file, patiently, checked against the portal's own count."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from geoalert.boundaries.catalogue.address import PAGED, Paged, package_url, resource_url
from geoalert.boundaries.catalogue.entry import Entry, without_query
from geoalert.errors import BoundaryError, NotSent, OutcomeUnknown, PublishError
from geoalert.http import Answer, Http

Progress = Callable[[str, int, int | None], None]
"""Called with "place/layer", how much so far, and how much in all where that is known: boundaries of a paged portal, bytes of a file."""

ATTEMPTS = 5
LONGEST_WAIT_S = 120.0
PAGE_TIMEOUT_S = 120.0
PAGE_LIMIT_BYTES = 256 * 1024 * 1024
MOST_PAGES = 1000
_LASTING = frozenset({"answer_too_large", "address_refused", "redirect_refused", "tls_failed"})
Got = TypeVar("Got")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A layer's raw file on disk.

    Attributes:
        address: where it came from, without query and user name.
        is_geojson: it is a feature collection to keep as it is.
    """

    path: Path
    address: str
    is_geojson: bool


class Fetcher:
    """Asks portals, waits as long as they say, repeats what broke off, and gives up with one clear error."""

    def __init__(self, http: Http, *, sleep: Callable[[float], None], progress: Progress | None, internal: bool) -> None:
        self._http = http
        self._sleep = sleep
        self._progress = progress
        self._internal = internal

    def fetch(self, entry: Entry, folder: Path) -> Fetched:
        """Writes the layer's raw file into `folder` and says what arrived.

        Raises:
            BoundaryError: `download_failed`, `rate_limited`, `html_page`, `unexpected_answer`, `incomplete_download`, `resource_not_found`.
        """
        if entry.address is None:
            raise BoundaryError(
                f"nobody has found the address of {entry.place}/{entry.layer} in a source",
                code="address_unknown",
                do=f"{entry.note}. Write an entry with its address into boundaries/catalogue.toml of the project",
            )
        if entry.api in PAGED:
            return self._pages(PAGED[entry.api](entry), folder)
        url = entry.address if entry.api == "file" else resource_url(self._document(package_url(entry), entry), entry)
        return self._file(url, entry, folder)

    def _pages(self, asking: Paged, folder: Path) -> Fetched:
        entry = asking.entry
        described = asking.describe_url()
        if described is not None:
            asking = asking.described(self._document(described, entry))
        counting = asking.count_url()
        count = None if counting is None else asking.counted(self._document(counting, entry))
        rows: list[dict[str, Any]] = []
        first: Any = None
        before: tuple[dict[str, Any], ...] = ()
        start = 0
        for _ in range(MOST_PAGES):
            document = self._document(asking.page_url(start), entry)
            first = document if first is None else first
            page = asking.page(document, start)
            count = page.known if count is None else count
            if page.rows and page.rows == before:
                raise _refused(entry, "the portal sends the same page again and again", code="unexpected_answer")
            rows += page.rows
            before = page.rows
            self._tell(entry, len(rows), count)
            if page.following is None or len(rows) == count:
                break
            start = page.following
        else:
            raise _refused(entry, f"no end after {MOST_PAGES:,} pages", code="unexpected_answer")
        if count is not None and len(rows) != count:
            raise _refused(entry, f"{len(rows)} boundaries arrived, the portal counts {count}", code="incomplete_download")
        path = folder / f".{entry.layer}.fetched.{'geojson' if asking.feature_collection else 'json'}"
        path.write_text(json.dumps(asking.whole(rows, first), ensure_ascii=False), encoding="utf-8")
        return Fetched(path, without_query(entry.address or ""), asking.feature_collection)

    def _file(self, url: str, entry: Entry, folder: Path) -> Fetched:
        path = folder / f".{entry.layer}.fetched{_ending(url, entry)}"

        def get() -> Answer:
            return self._http.download(
                url, path, internal=self._internal or entry.internal, progress=lambda done, total: self._tell(entry, done, total)
            )

        answer = self._patiently(get, entry)
        with path.open("rb") as file:
            head = file.read(512)
        if _is_page(answer.media_type, head):
            path.unlink()
            raise _page_of_html(entry)
        return Fetched(path, without_query(url), head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and _is_collection(path))

    def _document(self, url: str, entry: Entry) -> Any:
        def get() -> Any:
            answer = self._http.request(
                "GET",
                url,
                headers={"Accept": "application/json"},
                timeout_s=PAGE_TIMEOUT_S,
                internal=self._internal or entry.internal,
                limit_bytes=PAGE_LIMIT_BYTES,
            )
            if answer.status < 400 and _is_page(answer.media_type, answer.body[:512]):
                raise _page_of_html(entry)
            if answer.status < 400 and answer.body.lstrip().startswith(b"<"):
                raise _refused(entry, "the portal answered XML in place of JSON", code="unexpected_answer", do="Check dataset and address")
            return answer.require().json()

        return self._patiently(get, entry)

    def _patiently(self, get: Callable[[], Got], entry: Entry) -> Got:
        wait_s = 1.0
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return get()
            except PublishError as err:
                asked_s = err.retry_after_s if isinstance(err, NotSent) else None
                lasting = not isinstance(err, NotSent | OutcomeUnknown) or err.code in _LASTING
                if lasting or attempt == ATTEMPTS or (asked_s or 0) > LONGEST_WAIT_S:
                    raise _failed(entry, err, asked_s) from err
                self._sleep(wait_s if asked_s is None else asked_s)
                wait_s *= 2
        raise AssertionError("unreachable")

    def _tell(self, entry: Entry, done: int, total: int | None) -> None:
        if self._progress is not None:
            self._progress(f"{entry.place}/{entry.layer}", done, total)


def _failed(entry: Entry, err: PublishError, wait_s: float | None) -> BoundaryError:
    if err.code == "rate_limited":
        when = f"in {wait_s:.0f} s" if wait_s else "later"
        return _refused(entry, f"the portal limits how often it may be asked ({err.what})", code="rate_limited", do=f"Try again {when}")
    passing = isinstance(err, NotSent | OutcomeUnknown)
    do = err.do or ("Try again; what arrived of a file is kept" if passing else "Open the address in a browser and check it")
    return _refused(entry, f"the download failed: {err.what}", code="download_failed", do=do)


def _page_of_html(entry: Entry) -> BoundaryError:
    return _refused(
        entry,
        "the portal sent a web page in place of data",
        code="html_page",
        do="Open the address in a browser: it may be down for maintenance, or ask for a login",
    )


def _refused(entry: Entry, what: str, *, code: str, do: str | None = None) -> BoundaryError:
    return BoundaryError(f"{entry.place}/{entry.layer}: {what}", code=code, value=without_query(entry.address or ""), do=do)


def _is_page(media_type: str, head: bytes) -> bool:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html")) or (media_type == "text/html" and not start.startswith((b"{", b"[")))


def _is_collection(path: Path) -> bool:
    try:
        document = json.loads(path.read_bytes())
    except ValueError:
        return False
    return isinstance(document, dict) and document.get("type") == "FeatureCollection" and isinstance(document.get("features"), list)


def _ending(url: str, entry: Entry) -> str:
    name = urlsplit(url).path.rsplit("/", 1)[-1].lower()
    endings = [part for part in name.split(".")[1:] if part.isalnum() and len(part) <= 10][-2:]
    return "".join(f".{part}" for part in endings) or f".{entry.format.lower()}"
