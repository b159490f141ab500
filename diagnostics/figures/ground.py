"""How outlines are laid on a flat page, whatever draws them: SVG, PDF, PowerPoint shapes.

Areas are projected in metres (`geometry.local_crs`), north up, as large as their box allows.
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from diagnostics.figures import fonts, scale
from diagnostics.geometry import WGS84, local_crs


class Ground(NamedTuple):
    """A projection, and how its metres become lengths of a page, downwards from its north-west."""

    crs: CRS
    west: float
    north: float
    per_m: float
    width: float
    height: float
    left: float = 0
    top: float = 0

    def at(self, left: float, top: float) -> "Ground":
        """Return the same ground with its north-west corner at a point of the page."""
        return self._replace(left=left, top=top)

    def place(self, points: np.ndarray) -> np.ndarray:
        """Return where points in metres stand on the page."""
        steps = (points - [self.west, self.north]) * [self.per_m, -self.per_m]
        placed: np.ndarray = steps + np.array([self.left, self.top])
        return placed

    def metres(self, frame: gpd.GeoDataFrame) -> np.ndarray:
        """Return the outlines of a frame in metres."""
        outlines: np.ndarray = frame.geometry.to_crs(self.crs).to_numpy()
        return outlines

    def paths(self, frame: gpd.GeoDataFrame) -> list[str]:
        """Return each outline of a frame as an SVG path."""
        return [self.path(outline) for outline in self.metres(frame)]

    def path(self, outline: shapely.Geometry) -> str:
        """Return a surface in metres as one SVG path of whole numbers, in relative steps."""
        commands = []
        for part in shapely.get_parts(outline):
            for ring in (part.exterior, *part.interiors):
                points = np.rint(self.place(shapely.get_coordinates(ring))).astype(int)
                steps = np.diff(points, axis=0)[:-1]  # `z` draws the last one
                steps = steps[(steps != 0).any(axis=1)]
                x, y = points[0]
                line = " ".join(f"{dx},{dy}" for dx, dy in steps)
                # An outline smaller than a unit stays visible as one.
                commands.append(f"M{x},{y}l{line}z" if len(steps) > 1 else f"M{x},{y}h2v2h-2z")
        return f'<path d="{"".join(commands)}"/>'

    def filled(self, outlines: gpd.GeoDataFrame, keys: np.ndarray) -> str:
        """Return outlines as SVG, in one group for each drawing (`scale.fills`)."""
        shapes = np.array(self.paths(outlines), dtype=object)
        return "".join(
            f'<g id="{key}-zones" fill="{fill}">{"".join(shapes[keys == key])}</g>'
            for key, fill in scale.fills().items()
            if (keys == key).any()
        )

    def spots(self, places: pd.DataFrame) -> np.ndarray:
        """Return where places stand on the page, by their `lon` and `lat`."""
        points = gpd.GeoSeries(gpd.points_from_xy(places["lon"], places["lat"]), crs=WGS84)
        metres = points.to_crs(self.crs)
        return self.place(np.column_stack([metres.x, metres.y]))


def ground(frame: gpd.GeoDataFrame, width: float, height: float) -> Ground:
    """Return the ground on which a frame is as large as a box allows, its corner at (0, 0)."""
    crs = _crs(*frame.total_bounds)
    return ground_of(crs, frame.to_crs(crs).total_bounds, width, height)


def ground_of(crs: CRS, bounds: Sequence[float], width: float, height: float) -> Ground:
    """Return the ground of some bounds in metres: west, south, east, north."""
    west, south, east, north = bounds
    per_m = min(width / (east - west), height / (north - south))
    return Ground(crs, west, north, per_m, (east - west) * per_m, (north - south) * per_m)


@cache
def _crs(*bounds: float) -> CRS:
    """Return the projection of a place: finding it may take longer than drawing it."""
    return local_crs(gpd.GeoDataFrame(geometry=[shapely.box(*bounds)], crs=WGS84))


# --- Names. ---

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


class Name(NamedTuple):
    """A name beside its dot: the start of its text and its baseline."""

    words: str
    x: float
    y: float
    start: float
    base: float


def names_beside(
    names: Sequence[str], spots: np.ndarray, size: float, dot: float, inside: Box
) -> list[Name]:
    """Return the names that hold around their dots, at the right, left, above or below.

    The first ones win: a name that would cover an earlier one, or leave `inside`, is left out.
    `dot` is the radius of a dot, its halo included.
    """
    taken: list[Box] = []
    found = []
    for words, (x, y) in zip(names, spots, strict=True):
        length = fonts.text_width(words, size, bold=True)
        aside, above, below = 1.5 * dot, 1.75 * dot, size + 0.75 * dot
        for start, base in (
            (x + aside, y + size / 3),
            (x - aside - length, y + size / 3),
            (x - length / 2, y - above),
            (x - length / 2, y + below),
        ):
            box = (min(start, x - dot), base - size, max(start + length, x + dot), base + size / 4)
            if _within(box, inside) and not any(overlap(box, other) for other in taken):
                taken.append(box)
                found.append(Name(words, x, y, start, base))
                break
    return found


def overlap(a: Box, b: Box) -> bool:
    """Say whether two boxes share a surface."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _within(box: Box, outer: Box) -> bool:
    return outer[0] <= box[0] and outer[1] <= box[1] and box[2] <= outer[2] and box[3] <= outer[3]
