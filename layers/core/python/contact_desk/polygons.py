"""Polygons on a map: what one may not be. Flat geometry, which areas of a force's size allow."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise

from contact_desk.broadcasts import Point

FEWEST_CORNERS = 4  # of a closed ring: three, and the first again
MOST_CORNERS = 250


def fault_of(ring: Sequence[Point]) -> str | None:
    """What is wrong with a polygon; None where nothing is."""
    if not FEWEST_CORNERS <= len(ring) <= MOST_CORNERS:
        return f"{FEWEST_CORNERS} to {MOST_CORNERS} corners, the last of them the first again"
    if ring[0] != ring[-1]:
        return "closed: the last corner is the first"
    if not all(-90 <= corner.latitude <= 90 and -180 <= corner.longitude <= 180 for corner in ring):  # noqa: PLR2004 - degrees
        return "longitude and latitude in degrees, in this order"
    if len(set(ring)) < len(ring) - 1:
        return "no corner twice"
    if _crosses_itself(ring):
        return "no side may cross or touch another"
    return None


def _crosses_itself(ring: Sequence[Point]) -> bool:
    sides = list(pairwise(ring))
    last = len(sides) - 1
    for (i, one), (j, other) in combinations(enumerate(sides), 2):
        if j == i + 1 or (i == 0 and j == last):
            shared, near, far = (one[1], one[0], other[1]) if j == i + 1 else (one[0], one[1], other[0])
            # Neighbours share a corner: they are wrong only where one runs back along the other.
            if _turn(near, shared, far) == 0 and _between(near, shared, far):
                return True
        elif _meet(one, other):
            return True
    return False


def _between(near: Point, shared: Point, far: Point) -> bool:
    along = (near.latitude - shared.latitude) * (far.latitude - shared.latitude)
    return along + (near.longitude - shared.longitude) * (far.longitude - shared.longitude) > 0


def _meet(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    (a, b), (c, d) = one, other
    turns = _turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b)
    if turns[0] * turns[1] < 0 and turns[2] * turns[3] < 0:
        return True
    corners = ((a, b, c), (a, b, d), (c, d, a), (c, d, b))
    return any(turn == 0 and _on(*three) for turn, three in zip(turns, corners, strict=True))


def _on(start: Point, end: Point, corner: Point) -> bool:
    """Whether a corner in line with a side lies on it."""
    return min(start.latitude, end.latitude) <= corner.latitude <= max(start.latitude, end.latitude) and min(
        start.longitude, end.longitude
    ) <= corner.longitude <= max(start.longitude, end.longitude)


def _turn(a: Point, b: Point, c: Point) -> int:
    cross = (b.longitude - a.longitude) * (c.latitude - a.latitude) - (b.latitude - a.latitude) * (
        c.longitude - a.longitude
    )
    return (cross > 0) - (cross < 0)
