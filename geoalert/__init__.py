"""Geo-targeted alerts: one alert, one area, one reviewed plan, every right place, once."""

from __future__ import annotations

__version__ = "0.1.0"
