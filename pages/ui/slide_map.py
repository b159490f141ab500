"""The map of a presentation, live: moved and enlarged by hand, without network."""

import folium
import geopandas as gpd
import streamlit as st
from jinja2 import Template
from streamlit_folium import st_folium

from diagnostics import catalogue
from diagnostics.figures import map_data, maps, scale
from diagnostics.report.deck import Chart
from diagnostics.report.model import Area, Line, Report
from diagnostics.sources.cog import COMMUNE, MUNICIPAL_ARRONDISSEMENT
from pages.ui import cache
from pages.ui.keys import Widget
from pages.ui.sheet_map import show_inset

_LEGEND = 110
"""Height kept for the legend."""
_TOWNS = 12


def has_outlines(report: Report, departement: str) -> bool:
    """Say whether the communes of an area can be drawn."""
    held = cache.outlines(departement)
    return bool(held["code"].isin([place.code for place in report.area.communes]).any())


def show(chart: Chart | None, report: Report, departement: str, height: float) -> None:
    """Show where the area is or, for a chart, its communes by the rate of one indicator."""
    with st.container(key=f"{Widget.SLIDE}-carte", gap="small"):
        if chart is None:
            show_inset(departement, report.area)
        else:
            _show_rates(chart.lines[0], report, departement, height)


def _show_rates(line: Line, report: Report, departement: str, height: float) -> None:
    """Show the communes by what is published of one line; the area is outlined."""
    area = report.area
    niveau = area.niveau if area.niveau == MUNICIPAL_ARRONDISSEMENT else COMMUNE
    indicator = catalogue.indicators()[line.id]
    long = cache.table(departement, "long")
    series = long[(long["niveau"] == niveau) & (long["indicateur"] == line.id)]
    rows = map_data.map_rows(series[series["annee"] == line.figure.year], indicator)
    breaks = scale.fixed_classes(map_data.colouring_rate(series).dropna().to_numpy())
    codes = [place.code for place in area.communes]
    outlines = cache.outlines(departement)
    held = outlines[outlines["niveau"] == niveau]
    shapes = held[held["code"].isin(codes)]
    if len(codes) == 1:
        # A commune alone is shown among its neighbours.
        shapes = held[held.intersects(shapes.geometry.iloc[0])]
    layer = cache.contour_path(departement, niveau, sorted(rows["code"]))
    own = _outline_path(departement, area, outlines, niveau)
    communes = cache.table(departement, "communes")
    towns = communes[communes["code_insee"].isin(shapes["code"]) & communes["lon"].notna()]
    # Its own names first: one that would cover an earlier one is left out.
    towns = towns.assign(own=towns["code_insee"].isin(codes))
    towns = towns.sort_values(["own", "population_legal"], ascending=False).head(_TOWNS)
    drawn = maps.folium_map(shapes, own, towns[["name", "lon", "lat"]])
    drawn.add_child(_LargerWords())
    st_folium(
        drawn,
        key=f"{Widget.SLIDE}-folium-{area.code}-{line.id}",
        height=round(height - _LEGEND),
        use_container_width=True,
        # Nothing comes back: a click on the map is no other slide.
        returned_objects=[],
        feature_group_to_add=maps.areas_layer(layer, rows, breaks),
    )
    present = set(scale.drawings(rows, breaks))
    st.html(scale.legend_html(breaks, map_data.unit_of_rate(indicator), present))


def _outline_path(departement: str, area: Area, outlines: gpd.GeoDataFrame, niveau: str) -> str:
    """Return the file of an area's outline; of its communes' where it has none of its own."""
    whole = (outlines["niveau"] == area.niveau) & (outlines["code"] == area.code)
    if whole.any():
        return cache.contour_path(departement, area.niveau, [area.code])
    return cache.contour_path(departement, niveau, sorted(p.code for p in area.communes))


class _LargerWords(folium.MacroElement):
    """A map whose names and figures are read from afar: they follow the type of its frame."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    _template = Template(
        "{% macro header(this, kwargs) %}"
        "<style>:root { font-size: 22px !important; }</style>{% endmacro %}"
    )
