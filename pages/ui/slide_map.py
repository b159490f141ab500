"""The maps of a presentation: where the area lies, and a live one of an indicator, both offline."""

import html
from collections.abc import Sequence
from typing import NamedTuple

import folium
import geopandas as gpd
from jinja2 import Template

from diagnostics import catalogue
from diagnostics.figures import map_data, maps, scale
from diagnostics.report.deck import Chart
from diagnostics.report.model import COUNTED, Area, Line, Report
from diagnostics.sources.cog import COMMUNE, MUNICIPAL_ARRONDISSEMENT
from pages.ui import cache
from pages.ui.sheet_map import inset_html

_TOWNS = 12


class Drawn(NamedTuple):
    """A map: what is written in its place, and the document of the frame above, "" without."""

    html: str
    document: str = ""


def has_outlines(report: Report, departement: str) -> bool:
    """Say whether the communes of an area can be drawn."""
    held = cache.outlines(departement)
    return bool(held["code"].isin([place.code for place in report.area.communes]).any())


def drawn(chart: Chart | None, report: Report, departement: str) -> Drawn:
    """Return where the area is or, for a chart, its communes by the rate of one indicator."""
    if chart is None:
        return Drawn(inset_html(departement, report.area))
    return _rates(chart.lines[0], report, departement)


def _rates(line: Line, report: Report, departement: str) -> Drawn:
    """Return the communes by what is published of one line; the area is outlined."""
    area = report.area
    niveau = area.niveau if area.niveau == MUNICIPAL_ARRONDISSEMENT else COMMUNE
    indicator = catalogue.indicators()[line.id]
    tables = cache.drawn_tables(departement, area)
    long, outlines, communes = tables.long, tables.outlines, tables.communes
    beside = [each.departement for each in area.beyond if each.status == COUNTED]
    series = long[(long["niveau"] == niveau) & (long["indicateur"] == line.id)]
    rows = map_data.map_rows(series[series["annee"] == line.figure.year], indicator)
    breaks = scale.fixed_classes(map_data.colouring_rate(series).dropna().to_numpy())
    codes = [place.code for place in area.communes]
    held = outlines[outlines["niveau"] == niveau]
    shapes = held[held["code"].isin(codes)]
    if len(codes) == 1:
        # A commune alone is shown among its neighbours.
        shapes = held[held.intersects(shapes.geometry.iloc[0])]
    layer = cache.contour_path(departement, niveau, sorted(rows["code"]), beside)
    own = _outline_path(departement, area, outlines, niveau, beside)
    towns = communes[communes["code_insee"].isin(shapes["code"]) & communes["lon"].notna()]
    # Its own names first: one that would cover an earlier one is left out.
    towns = towns.assign(own=towns["code_insee"].isin(codes))
    towns = towns.sort_values(["own", "population_legal"], ascending=False).head(_TOWNS)
    shown = maps.folium_map(shapes, own, towns[["name", "lon", "lat"]])
    shown.add_child(maps.areas_layer(layer, rows, breaks))
    shown.add_child(_ForARoom())
    legend = scale.legend_html(
        breaks, map_data.unit_of_rate(indicator), set(scale.drawings(rows, breaks))
    )
    title = html.escape(f"{line.title}, {line.figure.year}")
    frame = f'<div class="frame"><iframe title="{title}"></iframe></div>'
    return Drawn(f'{frame}<div class="legend">{legend}</div>', shown.get_root().render())


def _outline_path(
    departement: str, area: Area, outlines: gpd.GeoDataFrame, niveau: str, beside: Sequence[str]
) -> str:
    """Return the file of an area's outline; of its communes' where it has none of its own."""
    whole = (outlines["niveau"] == area.niveau) & (outlines["code"] == area.code)
    if whole.any() and not beside:
        return cache.contour_path(departement, area.niveau, [area.code])
    return cache.contour_path(departement, niveau, sorted(p.code for p in area.communes), beside)


class _ForARoom(folium.MacroElement):
    """Words and buttons in type for a room; a wheel enlarges, as nothing scrolls."""

    _template = Template("""
        {% macro header(this, kwargs) %}
        <style>
            .map-town, .map-tooltip, .map-message { font-size: 20px !important; }
            .map-tooltip { max-width: 440px !important; }
            .leaflet-bar a { width: 40px !important; height: 40px !important;
                font: 24px/38px sans-serif !important; }
        </style>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        {{ this._parent.get_name() }}.scrollWheelZoom.enable();
        {% endmacro %}
    """)

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
