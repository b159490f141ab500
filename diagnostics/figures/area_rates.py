"""The communes of an area by what is published of the line that its maps show."""

from collections.abc import Sequence
from typing import NamedTuple

import geopandas as gpd
import numpy as np

from diagnostics import catalogue
from diagnostics.figures import map_data, scale
from diagnostics.report.mapped import niveau_of_map
from diagnostics.report.model import Line, Report
from diagnostics.report.tables import Tables


class AreaRates(NamedTuple):
    """Outlines of communes and the drawing of each (`scale.drawings`)."""

    line: Line
    outlines: gpd.GeoDataFrame
    keys: np.ndarray
    breaks: tuple[float, ...]
    own: np.ndarray
    """Which communes are the area's; the others are the neighbours of one that is alone."""

    @property
    def alone(self) -> bool:
        """Say whether the area is shown among its neighbours."""
        return not self.own.all()

    def legend(self) -> list[scale.LegendEntry]:
        """Return what the drawings mean."""
        return scale.legend_entries(self.breaks, set(self.keys), map_data.STATE_LABELS)


def outlines_of(
    report: Report, tables: Tables, codes: Sequence[str] | None = None
) -> gpd.GeoDataFrame:
    """Return the outlines of an area's communes, or of those of some codes."""
    if codes is None:
        codes = [place.code for place in report.area.communes]
    frame = tables.outlines
    return frame[(frame["niveau"] == niveau_of_map(report.area)) & frame["code"].isin(codes)]


def area_rates(report: Report, tables: Tables) -> AreaRates | None:
    """Return what the map of an area shows; None where no line or no outline of it is held.

    Classes are those of the screen's map: fixed over all years, for all communes of the
    département.
    """
    line = report.mapped_line
    if line is None or outlines_of(report, tables).empty:
        return None
    codes = report.mapped.codes
    outlines = outlines_of(report, tables, codes)
    long, niveau = tables.long, niveau_of_map(report.area)
    series = long[(long["niveau"] == niveau) & (long["indicateur"] == line.id)]
    breaks = scale.fixed_classes(map_data.colouring_rate(series).dropna().to_numpy())
    rows = series[(series["annee"] == report.year) & series["code"].isin(codes)]
    drawn = scale.drawings(map_data.map_rows(rows, catalogue.indicators()[line.id]), breaks)
    keys = drawn.reindex(outlines["code"]).fillna("absent").to_numpy()
    own = outlines["code"].isin([place.code for place in report.area.communes]).to_numpy()
    return AreaRates(line, outlines, keys, breaks, own)
