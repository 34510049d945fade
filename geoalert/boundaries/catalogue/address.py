"""How each kind of portal is asked for a layer, page by page, and how its answers are read; no I/O here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit

from geoalert.boundaries.catalogue.entry import Entry, without_query
from geoalert.errors import BoundaryError

PAGE_ROWS = 500


@dataclass(frozen=True, slots=True)
class Page:
    """One page of features: the rows, and where the next page starts, None at the end.

    Attributes:
        known: how many rows the server says there are in all, where the page says so.
    """

    rows: tuple[dict[str, Any], ...]
    following: int | None
    known: int | None = None


class Paged(ABC):
    """A portal that hands a layer out in pages."""

    feature_collection: ClassVar[bool] = True

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.page_rows = PAGE_ROWS

    def describe_url(self) -> str | None:
        """Returns the address that tells how the layer may be asked, if there is one."""
        return None

    def described(self, document: Any) -> Paged:
        """Returns how to ask, after the portal's description of the layer."""
        return self

    def count_url(self) -> str | None:
        """Returns the address that counts the rows, if there is one."""
        return None

    def counted(self, document: Any) -> int | None:
        """Returns the count in that answer."""
        return None

    @abstractmethod
    def page_url(self, start: int) -> str:
        """Returns the address of the page that begins at row `start`."""

    @abstractmethod
    def page(self, document: Any, start: int) -> Page:
        """Returns the page in that answer."""

    def whole(self, rows: list[dict[str, Any]], first: Any) -> dict[str, Any]:
        """Returns all rows as one document of a format that can be read."""
        crs = first.get("crs") if isinstance(first, dict) else None
        return {"type": "FeatureCollection", **({"crs": crs} if crs else {}), "features": rows}


class ArcGis(Paged):
    """A layer of an ArcGIS FeatureServer or MapServer.

    Source: ArcGIS REST API, "Query (Feature Service/Layer)": pages end where exceededTransferLimit is no longer true, whatever their size.
    """

    def describe_url(self) -> str:
        """Returns the layer's own address."""
        return _asking(self.entry, "", {"f": "json"})

    def described(self, document: Any) -> Paged:
        """Takes page size and format from the layer's description; servers without GeoJSON are asked for Esri JSON."""
        _refuse_error(document, self.entry)
        said = document.get("maxRecordCount") if isinstance(document, dict) else None
        if not isinstance(said, int) or said < 1:
            raise _unexpected(self.entry, "no maxRecordCount", do="The address of an ArcGIS layer ends in FeatureServer/0 or the like")
        formats = str(document.get("supportedQueryFormats", "")).lower()
        made = self if "geojson" in formats else EsriJson(self.entry)
        made.page_rows = min(said, PAGE_ROWS)
        return made

    def count_url(self) -> str:
        """Returns the query that only counts."""
        return _asking(self.entry, "/query", {"where": "1=1", "returnCountOnly": "true", "f": "json"})

    def counted(self, document: Any) -> int | None:
        """Returns `count`."""
        _refuse_error(document, self.entry)
        return _whole_number(document.get("count"))

    def page_url(self, start: int) -> str:
        """Returns the query for one page, in lon/lat."""
        asked = {"where": "1=1", "outFields": "*", "returnGeometry": "true", "outSR": "4326", "f": self._format()}
        return _asking(self.entry, "/query", asked | {"resultOffset": str(start), "resultRecordCount": str(self.page_rows)})

    def page(self, document: Any, start: int) -> Page:
        """Returns the rows; hosted services put exceededTransferLimit into `properties`, others beside the features."""
        _refuse_error(document, self.entry)
        rows = _features(document, self.entry)
        beside = document.get("properties")
        more = document.get("exceededTransferLimit") or (isinstance(beside, dict) and beside.get("exceededTransferLimit"))
        return Page(rows, start + (len(rows) or self.page_rows) if more else None)

    def _format(self) -> str:
        return "geojson"


class EsriJson(ArcGis):
    """An ArcGIS layer of a server that writes no GeoJSON."""

    feature_collection = False

    def _format(self) -> str:
        return "json"

    def whole(self, rows: list[dict[str, Any]], first: Any) -> dict[str, Any]:
        """Returns one feature set with the first page's fields and spatial reference."""
        return {**first, "features": rows, "exceededTransferLimit": False}


class Socrata(Paged):
    """A dataset of a Socrata portal.

    Source: "Paging through Data": $limit is 1000 unless said, and pages need $order=:id to be stable.
    """

    def count_url(self) -> str:
        """Returns the query that counts."""
        return _asking(self.entry, f"/resource/{self.entry.dataset}.json", {"$select": "count(*)"})

    def counted(self, document: Any) -> int | None:
        """Returns the only value of the only row; its name differs between portals."""
        if isinstance(document, list) and len(document) == 1 and isinstance(document[0], dict) and len(document[0]) == 1:
            return _whole_number(next(iter(document[0].values())))
        return None

    def page_url(self, start: int) -> str:
        """Returns one page as GeoJSON."""
        asked = {"$limit": str(self.page_rows), "$offset": str(start), "$order": ":id"}
        return _asking(self.entry, f"/resource/{self.entry.dataset}.geojson", asked)

    def page(self, document: Any, start: int) -> Page:
        """Returns the rows; an empty page is the end, since a portal may cap $limit without a word."""
        rows = _features(document, self.entry)
        return Page(rows, start + len(rows) if rows else None)


class Wfs(Paged):
    """A feature type of a Web Feature Service.

    Source: OGC 09-025r2 (WFS 2.0), GetFeature with startIndex and count; numberMatched may be "unknown".
    """

    def page_url(self, start: int) -> str:
        """Returns GetFeature for one page, as GeoJSON in lon/lat."""
        asked = {"service": "WFS", "version": "2.0.0", "request": "GetFeature", "typeNames": self.entry.dataset or ""}
        asked |= {"outputFormat": "application/json", "srsName": "EPSG:4326", "startIndex": str(start), "count": str(self.page_rows)}
        return _asking(self.entry, "", asked)

    def page(self, document: Any, start: int) -> Page:
        """Returns the rows; the end is where numberMatched says, else an empty page."""
        rows = _features(document, self.entry)
        known = _whole_number(document.get("numberMatched"))
        after = start + len(rows)
        return Page(rows, after if rows and (known is None or after < known) else None, known)


PAGED: dict[str, type[Paged]] = {"arcgis": ArcGis, "socrata": Socrata, "wfs": Wfs}
"""The kinds of address that hand a layer out in pages; `ckan` and `file` lead to one file."""


def package_url(entry: Entry) -> str:
    """Returns the address of a CKAN package's description."""
    return _asking(entry, "/api/3/action/package_show", {"id": entry.dataset or ""})


def resource_url(document: Any, entry: Entry) -> str:
    """Returns the address of the file in a CKAN package: the resource of the entry's name, else the only one of its format.

    Raises:
        BoundaryError: none or several fit (`resource_not_found`), with the names there are.
    """
    result = document.get("result") if isinstance(document, dict) and document.get("success") else None
    resources = result.get("resources") if isinstance(result, dict) else None
    if not isinstance(resources, list):
        raise _unexpected(entry, "no list of resources")
    named = [one for one in resources if isinstance(one, dict) and isinstance(one.get("url"), str)]
    if entry.resource is not None:
        fitting = [one for one in named if one.get("name") == entry.resource]
    else:
        fitting = [one for one in named if str(one.get("format", "")).casefold() == entry.format.casefold()]
    if len(fitting) != 1:
        names = ", ".join(f"{one.get('name')} ({one.get('format')})" for one in named) or "no file"
        raise BoundaryError(
            f"{len(fitting)} files of {entry.dataset} fit",
            code="resource_not_found",
            field="resource",
            value=entry.resource or entry.format,
            do=f"Write resource = the exact name into the catalogue; the package has {names}",
        )
    try:
        return urlsplit(fitting[0]["url"]).geturl()
    except ValueError as err:
        raise _unexpected(entry, "the file's address is unreadable") from err


def _asking(entry: Entry, path: str, asked: dict[str, str]) -> str:
    """Returns the entry's address with more path and query; what the address itself asks, a key for one, stays."""
    parts = urlsplit(entry.address or "")
    query = "&".join(part for part in (parts.query, urlencode(asked)) if part)
    return parts._replace(path=parts.path.rstrip("/") + path, query=query, fragment="").geturl()


def _features(document: Any, entry: Entry) -> tuple[dict[str, Any], ...]:
    rows = document.get("features") if isinstance(document, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _unexpected(entry, "no list of features")
    return tuple(rows)


def _refuse_error(document: Any, entry: Entry) -> None:
    error = document.get("error") if isinstance(document, dict) else None
    if error is None and isinstance(document, dict):
        return
    said = error.get("message") if isinstance(error, dict) else "not an object"
    raise _unexpected(entry, f"{said}", do="Open the address in a browser and check that it is a layer")


def _unexpected(entry: Entry, said: str, *, do: str | None = None) -> BoundaryError:
    where = f"{entry.place}/{entry.layer}"
    return BoundaryError(
        f"{where}: the portal's answer cannot be used: {said[:200]}",
        code="unexpected_answer",
        value=without_query(entry.address or ""),
        do=do,
    )


def _whole_number(value: object) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() else None
