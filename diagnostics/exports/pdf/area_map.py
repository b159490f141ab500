"""The map of a fiche: the communes of one area, coloured by the indicator that most of them count.

Drawn for its place on the page, so that names are as large as the text around: one unit of the
SVG is a tenth of a point.
"""

from collections.abc import Callable, Sequence
from html import escape
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from diagnostics import catalogue
from diagnostics.figures import fonts, map_data, scale
from diagnostics.figures.paper import INK
from diagnostics.geometry import WGS84, department_outline, local_crs
from diagnostics.report.model import Report
from diagnostics.report.tables import Tables
from diagnostics.sources.cog import COMMUNE
from diagnostics.wording import COMMUNAL

WIDTH, HEIGHT = 2750, 2100
"""Largest drawing, in tenths of a point."""
_NAME_SIZE, _EDGE = 80, 12
_NAMES = 9
_MANY = 150
"""Beyond so many communes their borders are drawn thin, lest they hide the colours."""
_PATTERN_SCALE = 7.5


class AreaMap(NamedTuple):
    """A map and the words that go with it; `legend` pairs a swatch (SVG) and its words."""

    svg: str
    width_pt: float
    height_pt: float
    title: str
    unit: str
    legend: tuple[tuple[str, str], ...]


def area_map(report: Report, tables: Tables) -> AreaMap | None:
    """Return the map of an area's communes, with its neighbours around a commune.

    The indicator is the one of which the most communes shown have a published count above zero;
    of equals, the one of which the most are known, then the first that a programme reads.
    Classes are those of the screen's map: fixed over all years, for all communes of the
    département. None where no outline is held.
    """
    area = report.area
    codes = [place.code for place in (*area.communes, *area.neighbours)]
    niveau = area.niveau if area.niveau in COMMUNAL else COMMUNE
    outlines = tables.outlines
    outlines = outlines[(outlines["niveau"] == niveau) & outlines["code"].isin(codes)]
    if outlines.empty:
        return None
    long = tables.long[tables.long["niveau"] == niveau]
    indicator = catalogue.indicators()[_most_told(report, long, codes)]
    series = long[long["indicateur"] == indicator.id]
    breaks = scale.fixed_classes(map_data.colouring_rate(series).dropna().to_numpy())
    rows = series[(series["annee"] == report.year) & series["code"].isin(codes)]
    value = map_data.colouring_rate(rows)
    drawn = scale.drawings(
        pd.DataFrame(
            {
                "code": rows["code"],
                "status": rows["statut"],
                "value": value,
                "shown": value.notna(),
            }
        ),
        breaks,
    )
    keys = drawn.reindex(outlines["code"]).fillna("absent").to_numpy()
    entries = scale.legend_entries(breaks, set(keys), map_data.STATE_LABELS)
    own = outlines[outlines["code"].isin([place.code for place in area.communes])]
    svg, width, height = _drawing(outlines, keys, own, _named(report, tables))
    return AreaMap(
        svg,
        width / 10,
        height / 10,
        indicator.title,
        map_data.unit_of_rate(indicator),
        tuple((_swatch(entry.fill), entry.label) for entry in entries),
    )


def _most_told(report: Report, long: pd.DataFrame, codes: Sequence[str]) -> str:
    of_year = long[(long["annee"] == report.year) & long["code"].isin(codes)]
    positive = of_year[of_year["statut"] == "publie"]["indicateur"].value_counts()
    zero = of_year[of_year["statut"] == "zero"]["indicateur"].value_counts()
    ids = [reading.line.id for programme in report.programmes for reading in programme.readings]
    ids += [line.id for line in report.lines]

    def told(id_: str) -> tuple[int, int]:
        return int(positive.get(id_, 0)), int(zero.get(id_, 0))

    return max(ids, key=told)  # the first of equals


def _named(report: Report, tables: Tables) -> pd.DataFrame:
    """Return the communes to name, the area's own first, then the largest: name, lon, lat."""
    area = report.area
    places = sorted(area.communes, key=lambda place: -(place.population or 0))
    places += sorted(area.neighbours, key=lambda place: -(place.population or 0))
    where = tables.communes.set_index("code_insee")[["lon", "lat"]]
    chosen = where.reindex([place.code for place in places[:_NAMES]])
    chosen.insert(0, "name", [place.label for place in places[:_NAMES]])
    return chosen.dropna()


def _drawing(
    outlines: gpd.GeoDataFrame, keys: np.ndarray, own: gpd.GeoDataFrame, named: pd.DataFrame
) -> tuple[str, int, int]:
    """Return the SVG, its width and its height."""
    crs = local_crs(outlines)
    west, south, east, north = outlines.to_crs(crs).total_bounds
    inside = (WIDTH - 2 * _EDGE, HEIGHT - 2 * _EDGE)
    per_m = min(inside[0] / (east - west), inside[1] / (north - south))

    def on_page(points: np.ndarray) -> np.ndarray:
        page: np.ndarray = (points - [west, north]) * [per_m, -per_m] + _EDGE
        return page

    def paths(frame: gpd.GeoDataFrame) -> list[str]:
        return [_path(shape, on_page) for shape in frame.geometry.to_crs(crs)]

    width = round((east - west) * per_m) + 2 * _EDGE
    height = round((north - south) * per_m) + 2 * _EDGE
    shapes = np.array(paths(outlines), dtype=object)
    areas = "".join(
        f'<g fill="{fill}">{"".join(shapes[keys == key])}</g>'
        for key, fill in scale.fills().items()
        if (keys == key).any()
    )
    border = "".join(paths(department_outline(own, "zone")))
    places = gpd.GeoSeries(gpd.points_from_xy(named["lon"], named["lat"]), crs=WGS84).to_crs(crs)
    spots = on_page(np.column_stack([places.x, places.y]))
    names = _names(list(named["name"]), spots, width, height)
    thin = 4 if len(outlines) <= _MANY else 1.5
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width / 10:g}" height="{height / 10:g}" font-family="{fonts.CSS_FAMILIES}">'
        f"{scale.pattern_defs(_PATTERN_SCALE)}"
        f'<g stroke="{scale.BORDER}" stroke-width="{thin}" stroke-linejoin="round" '
        f'fill-rule="evenodd">{areas}</g>'
        f'<g fill="none" stroke="{INK}" stroke-width="14" stroke-linejoin="round">{border}</g>'
        f"{names}</svg>"
    )
    return svg, width, height


def _path(shape: shapely.Geometry, on_page: Callable[[np.ndarray], np.ndarray]) -> str:
    """Return a surface as one SVG path of whole units, in relative steps."""
    drawn = []
    for part in shapely.get_parts(shape):
        for ring in (part.exterior, *part.interiors):
            points = np.rint(on_page(shapely.get_coordinates(ring))).astype(int)
            steps = np.diff(points, axis=0)
            steps = steps[(steps != 0).any(axis=1)]
            line = " ".join(f"{dx},{dy}" for dx, dy in steps.tolist())
            drawn.append(f"M{points[0][0]},{points[0][1]}l{line}z" if line else "")
    return f'<path d="{"".join(drawn)}"/>'


def _names(names: Sequence[str], spots: np.ndarray, width: int, height: int) -> str:
    """Return the names around their dots; one that would cover an earlier one is left out."""
    taken: list[tuple[float, float, float, float]] = []
    drawn = ""
    for name, (x, y) in zip(names, spots, strict=True):
        length = fonts.text_width(name, _NAME_SIZE, bold=True)
        # Right, left, above, below: start of the text, then its baseline.
        for start, base in (
            (x + 32, y + 26),
            (x - 32 - length, y + 26),
            (x - length / 2, y - 38),
            (x - length / 2, y + 96),
        ):
            box = (min(start, x - 22), base - _NAME_SIZE, max(start + length, x + 22), base + 20)
            fits = box[0] >= 0 and box[2] <= width and box[1] >= 0 and box[3] <= height
            if fits and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                words = f'x="{start:.0f}" y="{base:.0f}"'
                drawn += (
                    f'<circle cx="{x:.0f}" cy="{y:.0f}" r="17" stroke="#ffffff" stroke-width="8"/>'
                    f'<text {words} stroke="#ffffff" stroke-width="22" '
                    f'stroke-linejoin="round" fill="#ffffff">{escape(name)}</text>'
                    f"<text {words}>{escape(name)}</text>"
                )
                break
    return f'<g fill="{INK}" font-size="{_NAME_SIZE}" font-weight="700">{drawn}</g>'


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _swatch(fill: str) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="11" viewBox="0 0 200 110">'
        f'{scale.pattern_defs(_PATTERN_SCALE)}<rect x="4" y="4" width="192" height="102" '
        f'fill="{fill}" stroke="{scale.BORDER}" stroke-width="6"/></svg>'
    )
