"""The one room for HTTP: sessions, timeouts, sizes, redirects, addresses, and one translation of foreign errors."""

from __future__ import annotations

from geoalert.http.answer import Answer
from geoalert.http.client import Http

__all__ = ["Answer", "Http"]
