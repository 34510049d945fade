"""A real HTTP server on this machine that speaks as open-data portals do: ArcGIS, CKAN, Socrata, WFS, plain files, and their faults.

Written from the published behaviour of each:
- ArcGIS REST "Query (Feature Service/Layer)": errors come with status 200; maxRecordCount caps a page; exceededTransferLimit says: go on.
- CKAN action API: package_show answers {"success", "result": {"resources": [...]}}; unknown names are 404 with {"success": false}.
- Socrata "Paging through Data": $limit defaults to 1000; $select=count(*) answers [{"count": "n"}].
- OGC WFS 2.0 GetFeature with startIndex and count, as GeoServer answers it in JSON (numberMatched); errors are an XML report.
- RFC 9110: Range with If-Range, 206 and 416, ETag, Retry-After.
"""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

GEOJSON = "application/geo+json"


@dataclass
class Reply:
    """What the portal answers; after `cut_at` bytes of the body it breaks off, or waits for `stall` first."""

    body: bytes = b""
    status: int = 200
    media_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    cut_at: int | None = None
    wait: threading.Event | None = None
    stall: threading.Event | None = None


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


def too_many(retry_after: str = "7") -> Reply:
    """Returns the reply of a portal that limits its callers."""
    return Reply(b'{"code":"throttled"}', 429, headers={"Retry-After": retry_after})


def html_page(status: int = 200) -> Reply:
    """Returns a maintenance page, as portals and proxies send it in place of data."""
    return Reply(b"<!DOCTYPE html><html><head><title>Down for maintenance</title></head></html>", status, "text/html; charset=utf-8")


def squares(*ids: str, lon: float = -79.4, lat: float = 43.7, id_field: str = "ID", side: float = 0.01) -> dict[str, Any]:
    """Returns a row of touching squares as a FeatureCollection: the portal's plain layer, for tests without shared data."""
    features = []
    for place, name in enumerate(ids):
        west = round(lon + place * side, 6)
        east, north = round(west + side, 6), round(lat + side, 6)
        ring = [[west, lat], [east, lat], [east, north], [west, north], [west, lat]]
        features.append(
            {
                "type": "Feature",
                "properties": {id_field: name, "NAME": f"Square {name}"},
                "geometry": {"type": "Polygon", "coordinates": [ring]},
            }
        )
    return {"type": "FeatureCollection", "features": features}


class Portal:
    """The running server: what it holds, what went wrong on purpose, what was asked."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.layers: dict[str, dict[str, Any]] = {}
        self.files: dict[str, bytes] = {}
        self.packages: dict[str, list[dict[str, Any]]] = {}
        self.routes: dict[str, Callable[[Asked], Reply]] = {}
        self.asked: list[Asked] = []
        self.page_limit = 1000
        self.geojson_supported = True
        self.etags = True
        self.counts: dict[str, int] = {}
        self._faults: list[tuple[str, Reply | Callable[[Reply], Reply]]] = []

    def fault(self, where: str, reply: Reply | Callable[[Reply], Reply], *, times: int = 1) -> None:
        """Puts `reply` (or what it makes of the right one) in place of the next answers to addresses that contain `where`."""
        self._faults += [(where, reply)] * times

    def answer(self, asked: Asked, whole: str) -> Reply:
        """Returns the reply to one request."""
        self.asked.append(asked)
        for number, (where, planned) in enumerate(self._faults):
            if where in unquote(whole):
                del self._faults[number]
                return planned if isinstance(planned, Reply) else planned(self._right(asked))
        return self._right(asked)

    def _right(self, asked: Asked) -> Reply:
        if asked.path in self.routes:
            return self.routes[asked.path](asked)
        if found := re.fullmatch(r"/arcgis/rest/services/([^/]+)/FeatureServer/0(/query)?", asked.path):
            return self._arcgis(found.group(1), asked, query=bool(found.group(2)))
        if asked.path == "/api/3/action/package_show":
            return self._ckan(asked.query.get("id", ""))
        if found := re.fullmatch(r"/resource/([^/]+)\.(geojson|json)", asked.path):
            return self._socrata(found.group(1), found.group(2), asked.query)
        if asked.path == "/geoserver/ows":
            return self._wfs({name.lower(): value for name, value in asked.query.items()})
        if asked.path.startswith("/files/") and asked.path[7:] in self.files:
            return self._file(self.files[asked.path[7:]], asked)
        return html_page(404)

    def _count(self, name: str) -> int:
        return self.counts.get(name, len(self.layers[name]["features"]))

    def _arcgis(self, name: str, asked: Asked, *, query: bool) -> Reply:
        q = asked.query
        if name not in self.layers or q.get("f") not in ("json", "geojson"):
            return _json({"error": {"code": 400, "message": "Invalid URL", "details": []}})
        if not query:
            formats = "JSON, geoJSON, PBF" if self.geojson_supported else "JSON"
            advanced = {"supportsPagination": True}
            document = {"maxRecordCount": self.page_limit, "supportedQueryFormats": formats, "advancedQueryCapabilities": advanced}
            return _json(document | {"objectIdField": "OBJECTID", "geometryType": "esriGeometryPolygon", "name": name})
        if "where" not in q:
            return _json({"error": {"code": 400, "message": "'where' clause is required", "details": []}})
        if q.get("returnCountOnly") == "true":
            return _json({"count": self._count(name)})
        features = self.layers[name]["features"]
        start = int(q.get("resultOffset", 0))
        page = features[start : start + min(int(q.get("resultRecordCount", self.page_limit)), self.page_limit)]
        more = start + len(page) < len(features)
        if q["f"] == "geojson" and self.geojson_supported:
            body: dict[str, Any] = {"type": "FeatureCollection", "features": page}
            return _json(body | ({"properties": {"exceededTransferLimit": True}} if more else {}), GEOJSON)
        if q["f"] == "geojson":
            return _json({"error": {"code": 400, "message": "Output format not supported", "details": []}})
        rows = [{"attributes": item["properties"], "geometry": {"rings": _esri_rings(item["geometry"])}} for item in page]
        body = {"geometryType": "esriGeometryPolygon", "spatialReference": {"wkid": 4326}, "features": rows}
        fields = [{"name": key, "type": "esriFieldTypeString"} for key in (page[0]["properties"] if page else {})]
        return _json(body | {"fields": fields} | ({"exceededTransferLimit": True} if more else {}))

    def _ckan(self, package: str) -> Reply:
        if package not in self.packages:
            return Reply(json.dumps({"success": False, "error": {"message": "Not found"}}).encode(), 404)
        return _json({"success": True, "result": {"name": package, "resources": self.packages[package]}})

    def _socrata(self, name: str, ending: str, q: dict[str, str]) -> Reply:
        if name not in self.layers:
            return Reply(b'{"error":true,"message":"Not found"}', 404)
        if ending == "json" and q.get("$select") == "count(*)":
            return _json([{"count": str(self._count(name))}])
        start = int(q.get("$offset", 0))
        limit = min(int(q.get("$limit", 1000)), self.page_limit)
        page = self.layers[name]["features"][start : start + limit]
        crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
        return _json({"type": "FeatureCollection", "features": page, "crs": crs}, GEOJSON)

    def _wfs(self, q: dict[str, str]) -> Reply:
        right = q.get("service") == "WFS" and q.get("request") == "GetFeature" and q.get("version") == "2.0.0"
        if not right or q.get("typenames") not in self.layers or q.get("outputformat") != "application/json":
            report = b'<?xml version="1.0"?><ows:ExceptionReport><ows:Exception/></ows:ExceptionReport>'
            return Reply(report, media_type="application/xml")
        name = q["typenames"]
        start = int(q.get("startindex", 0))
        page = self.layers[name]["features"][start : start + min(int(q.get("count", self.page_limit)), self.page_limit)]
        counted: int | str = "unknown" if self.counts.get(name) == -1 else self._count(name)
        return _json({"type": "FeatureCollection", "features": page, "numberMatched": counted, "numberReturned": len(page)})

    def _file(self, content: bytes, asked: Asked) -> Reply:
        etag = f'"{sha256(content).hexdigest()[:16]}"'
        headers = {"ETag": etag, "Accept-Ranges": "bytes"} if self.etags else {}
        span = re.fullmatch(r"bytes=(\d+)-", asked.headers.get("range", ""))
        if span is None or asked.headers.get("if-range", etag) != etag:
            return Reply(content, media_type="application/octet-stream", headers=headers)
        start = int(span.group(1))
        if start >= len(content):
            return Reply(b"", 416, headers={"Content-Range": f"bytes */{len(content)}"})
        headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        return Reply(content[start:], 206, "application/octet-stream", headers)


def _json(document: Any, media_type: str = "application/json;charset=utf-8") -> Reply:
    return Reply(json.dumps(document).encode(), media_type=media_type)


def _esri_rings(geometry: dict[str, Any]) -> list[Any]:
    """Returns GeoJSON rings as Esri's: outer ones clockwise, holes the other way, all parts in one list."""
    parts = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return [ring if _clockwise(ring) == (place == 0) else ring[::-1] for part in parts for place, ring in enumerate(part)]


def _clockwise(ring: list[list[float]]) -> bool:
    return sum((b[0] - a[0]) * (b[1] + a[1]) for a, b in pairwise(ring)) > 0


def _handler(portal_of: Callable[[], Portal]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            self._send(portal_of().answer(Asked(self.command, unquote(parts.path), query, headers, body), self.path))

        def _send(self, reply: Reply) -> None:
            if reply.wait is not None:
                reply.wait.wait(10)
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.media_type)
            self.send_header("Content-Length", str(len(reply.body)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body if reply.cut_at is None else reply.body[: reply.cut_at])
            if reply.stall is not None:
                self.wfile.flush()
                reply.stall.wait(10)
            self.close_connection = self.close_connection or reply.cut_at is not None

        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def running_portal() -> Iterator[Portal]:
    """Starts a portal on a free port of this machine and stops it afterwards."""
    portals: list[Portal] = []
    server = _Server(("127.0.0.1", 0), _handler(lambda: portals[0]))
    portals.append(Portal(f"http://127.0.0.1:{server.server_address[1]}"))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield portals[0]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
