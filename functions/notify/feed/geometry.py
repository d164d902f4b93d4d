"""Polygons in the two orders of the two formats: CAP writes latitude first, GeoJSON longitude."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from contact_desk.broadcasts import Point

Position = tuple[float, float]


def cap_polygon(corners: Sequence[Point]) -> str:
    """The ring as CAP writes it: `latitude,longitude` pairs in degrees of WGS 84, with spaces between them."""
    return " ".join(f"{_degrees(corner.latitude)},{_degrees(corner.longitude)}" for corner in corners)


def geojson_ring(corners: Sequence[Point]) -> list[Position]:
    """The ring as GeoJSON wants an outer one: longitude first, and round its inside to the left (RFC 7946, 3.1.6)."""
    ring = [(corner.longitude, corner.latitude) for corner in corners]
    return ring if twice_area(ring) >= 0 else ring[::-1]


def twice_area(ring: Sequence[Position]) -> float:
    """Twice the area that a closed ring goes round, in square degrees: negative where it goes clockwise."""
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise(ring))


def _degrees(value: float) -> str:
    """Degrees to seven places (a centimetre), without a trailing zero or an exponent."""
    text = f"{value:.7f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text
