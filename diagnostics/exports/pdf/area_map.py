"""The map of a printed document: the communes of one area, coloured by what is published.

Drawn for its place on the page, so that names are as large as the text around: one unit of the
SVG is a tenth of a point.
"""

from html import escape
from typing import NamedTuple

import numpy as np
import pandas as pd

from diagnostics.figures import fonts, scale
from diagnostics.figures.area_rates import AreaRates, area_rates
from diagnostics.figures.ground import ground, names_beside
from diagnostics.figures.paper import INK
from diagnostics.geometry import department_outline
from diagnostics.report.model import Line, Report
from diagnostics.report.tables import Tables

FICHE, COVER = (2750, 2100), (3300, 3000)
"""Largest drawing, in tenths of a point: beside text, and on a cover."""
_NAME_SIZE, _EDGE, _DOT = 80, 12, 22
_NAMES = 9
_MANY = 150
"""Beyond so many communes their borders are drawn thin, lest they hide the colours."""
_PATTERN_SCALE = 7.5


class AreaMap(NamedTuple):
    """A map and the words that go with it; `legend` pairs a swatch (SVG) and its words."""

    svg: str
    width_pt: float
    height_pt: float
    line: Line
    legend: tuple[tuple[str, str], ...]


def area_map(report: Report, tables: Tables, largest: tuple[int, int]) -> AreaMap | None:
    """Return the map of an area's communes, with its neighbours around a commune alone.

    None where no outline is held.
    """
    rates = area_rates(report, tables)
    if rates is None:
        return None
    svg, width, height = _drawing(rates, _named(report, tables, rates), largest)
    legend = tuple((_swatch(entry.fill), entry.label) for entry in rates.legend())
    return AreaMap(svg, width / 10, height / 10, rates.line, legend)


def _named(report: Report, tables: Tables, rates: AreaRates) -> pd.DataFrame:
    """Return the communes to name, the area's own first, then the largest: name, lon, lat."""
    own = [place.code for place in report.area.communes]
    drawn = tables.communes[tables.communes["code_insee"].isin(rates.outlines["code"])]
    drawn = drawn.dropna(subset=["lon", "lat"]).drop_duplicates("code_insee")
    drawn = drawn.assign(own=drawn["code_insee"].isin(own))
    drawn = drawn.sort_values(["own", "population_legal"], ascending=False)
    return drawn.head(_NAMES)[["name", "lon", "lat"]]


def _drawing(
    rates: AreaRates, named: pd.DataFrame, largest: tuple[int, int]
) -> tuple[str, int, int]:
    """Return the SVG, its width and its height."""
    outlines = rates.outlines
    laid = ground(outlines, *(side - 2 * _EDGE for side in largest)).at(_EDGE, _EDGE)
    width, height = round(laid.width) + 2 * _EDGE, round(laid.height) + 2 * _EDGE
    border = "".join(laid.paths(department_outline(outlines[rates.own], "zone")))
    names = _names(named, laid.spots(named), width, height)
    thin = 4 if len(outlines) <= _MANY else 1.5
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width / 10:g}" height="{height / 10:g}" font-family="{fonts.CSS_FAMILIES}">'
        f"{scale.pattern_defs(_PATTERN_SCALE)}"
        f'<g stroke="{scale.BORDER}" stroke-width="{thin}" stroke-linejoin="round" '
        f'fill-rule="evenodd">{laid.filled(outlines, rates.keys)}</g>'
        f'<g fill="none" stroke="{INK}" stroke-width="14" stroke-linejoin="round">{border}</g>'
        f"{names}</svg>"
    )
    return svg, width, height


def _names(named: pd.DataFrame, spots: np.ndarray, width: int, height: int) -> str:
    """Return the names beside their dots, readable over any colour."""
    drawn = ""
    inside = (0, 0, width, height)
    for at in names_beside(list(named["name"]), spots, _NAME_SIZE, _DOT, inside):
        words = f'x="{at.start:.0f}" y="{at.base:.0f}"'
        drawn += (
            f'<circle cx="{at.x:.0f}" cy="{at.y:.0f}" r="17" stroke="#ffffff" stroke-width="8"/>'
            f'<text {words} stroke="#ffffff" stroke-width="22" '
            f'stroke-linejoin="round" fill="#ffffff">{escape(at.words)}</text>'
            f"<text {words}>{escape(at.words)}</text>"
        )
    return f'<g fill="{INK}" font-size="{_NAME_SIZE}" font-weight="700">{drawn}</g>'


def _swatch(fill: str) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="11" viewBox="0 0 200 110">'
        f'{scale.pattern_defs(_PATTERN_SCALE)}<rect x="4" y="4" width="192" height="102" '
        f'fill="{fill}" stroke="{scale.BORDER}" stroke-width="6"/></svg>'
    )
