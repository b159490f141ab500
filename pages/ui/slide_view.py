"""One view of a presentation: its words, table, charts or map, in type for a room."""

import html
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import folium
import plotly.graph_objects as go
import streamlit as st
from jinja2 import Template
from streamlit_folium import st_folium

from diagnostics import catalogue
from diagnostics.figures import charts_plotly, charts_svg, map_data, maps, report_charts, scale
from diagnostics.figures.charts import Chart as Drawn
from diagnostics.figures.charts import IntervalChart, IntervalRow
from diagnostics.report.deck import Chart, Table
from diagnostics.report.model import Line, Report
from diagnostics.sources.cog import COMMUNE, MUNICIPAL_ARRONDISSEMENT
from diagnostics.wording import NARROW
from pages.ui import blocks, cache, slide_fit
from pages.ui.keys import Widget
from pages.ui.sheet_map import show_inset
from pages.ui.slide_fit import GAP, View

_LARGEST, _SMALLEST = 1.6, 1.3
"""How many times the type of a chart is enlarged."""
_UNIT = 30
"""Height of the unit above a chart."""
_PIXELS = {"size", "xshift", "yshift", "l", "r", "t", "b"}
"""Lengths in pixels of a plotly figure, wherever they are."""
_LEGEND = 110
"""Height kept for the legend of a map."""
_TOWNS = 12


def style() -> None:
    """Hide all that is not the slide and set the type; a phone scrolls, a projector does not."""
    cell = f"{slide_fit.CELL_ABOVE}px {slide_fit.CELL_SIDE}px"
    lengths = {
        "haut": f"{slide_fit.ABOVE}px",
        "cote": f"{slide_fit.SIDE}px",
        "pied": f"{slide_fit.FOOT}px",
        "ecart": f"{GAP}px",
        "titre": f"{slide_fit.TITLE}px",
        "titre-interligne": f"{slide_fit.TITLE_LEADING}",
        "interligne": f"{slide_fit.LEADING}",
        "cle": f"{slide_fit.KEY}px",
        "cle-ligne": f"{slide_fit.KEY_LINE}px",
        "puce": f"{slide_fit.BULLET}px",
        "cellule": cell,
    }
    st.html(f"<style>:root {{{''.join(f'--diapo-{k}: {v};' for k, v in lengths.items())}}}</style>")
    st.html(Path(__file__).with_name("slide.css"))


def show(view: View, report: Report, departement: str) -> None:
    """Show a view whole, but for its foot."""
    slide = view.slide
    cover = "couverture" if slide.id == "titre" else "courante"
    with st.container(key=f"{Widget.SLIDE}-{cover}", gap=None):
        st.title(blocks.plain(slide.title), anchor=False)
        _words(view.message_size, [slide.message], "diapo-message")
        if slide.has_map:
            words, drawn = st.columns([slide_fit.WORDS_SHARE, 1 - slide_fit.WORDS_SHARE])
            with words:
                _words(view.body_size, slide.sentences)
            with drawn:
                _show_map(slide.chart, report, departement, view.height)
            return
        if slide.table is not None and slide.chart is not None:
            left, right = st.columns([slide_fit.TABLE_SHARE, 1 - slide_fit.TABLE_SHARE])
            with left:
                _show_table(slide.table, view.body_size)
            with right:
                _show_rates(slide.chart.lines, report, view.height, columns=1)
        elif slide.table is not None:
            _show_table(slide.table, view.body_size)
        elif slide.chart is not None and slide.chart.kind == "series":
            _show_years(slide.chart.lines, report, view.height)
        elif slide.chart is not None:
            _show_rates(slide.chart.lines, report, view.height, columns=2)
        size = slide_fit.TEXT_SIZES[-1] if slide.table or slide.chart else view.body_size
        _words(size, slide.sentences)


def has_outlines(report: Report, departement: str) -> bool:
    """Say whether the communes of an area can be drawn."""
    held = cache.outlines(departement)
    return bool(held["code"].isin([place.code for place in report.area.communes]).any())


def _words(size: int, sentences: Sequence[str], name: str = "diapo-texte") -> None:
    if sentences:
        lines = "".join(f"<p>{html.escape(sentence)}</p>" for sentence in sentences)
        st.html(f'<div class="{name}" style="--taille:{size}px">{lines}</div>')


def _show_table(table: Table, size: int) -> None:
    with st.container(key=f"{Widget.SLIDE}-tableau-{size}"):
        blocks.table(table.titles, table.rows, table.numbers)


# --- Charts: those of the pages, enlarged. ---


def _show_years(lines: Sequence[Line], report: Report, height: float) -> None:
    """Show each line over the years, in a panel of its own."""
    chart = report_charts.small_multiples(report, "", lines, "")
    bases = list(map(_basis, lines))
    common = max(bases, key=bases.count)
    # Each on its own scale, so in its own unit.
    panels = tuple(
        panel if basis == common else replace(panel, title=f"{panel.title} ({basis})")
        for panel, basis in zip(chart.panels, bases, strict=True)
    )
    chart = replace(chart, panels=panels)
    height -= _show_key(charts_svg.key_entries(chart), slide_fit.INSIDE) + _UNIT
    _show_unit(common)
    figures = charts_plotly.plotly_figures(chart)
    columns = len(figures) if len(figures) < 4 else 2
    rows = -(-len(figures) // columns)
    each = height / rows - GAP
    for first in range(0, len(figures), columns):
        for at, column in enumerate(st.columns(columns), start=first):
            if at < len(figures):
                larger = enlarged(figures[at], 1.4 if columns < 3 else _SMALLEST)
                larger.update_layout(height=min(each, 420))
                with column:
                    _plot(larger, chart, at)


def _show_rates(lines: Sequence[Line], report: Report, height: float, columns: int) -> None:
    """Show each rate with its interval beside its reference; each unit has its own scale."""
    by_unit: dict[str, list[Line]] = {}
    for line in lines:
        if line.figure.rate_low is not None:
            by_unit.setdefault(_basis(line), []).append(line)
    if not by_unit:
        return
    charts = [
        (_rates_chart(report, unit, part), column)
        for unit, part, column in _in_columns(by_unit, columns)
    ]
    key = _rates_key(charts[0][0], report)
    width = slide_fit.INSIDE if columns > 1 else slide_fit.INSIDE * (1 - slide_fit.TABLE_SHARE)
    height -= _show_key(key, width)
    figures = [charts_plotly.plotly_figures(chart)[0] for chart, _ in charts]
    _share_scales(figures, [chart.caption.unit for chart, _ in charts])
    stretch = min(
        (height - sum(_UNIT for _, at in charts if at == column))
        / sum(f.layout.height for f, (_, at) in zip(figures, charts, strict=True) if at == column)
        for column in {at for _, at in charts}
    )
    stretch = min(stretch, _LARGEST)
    places = st.columns(columns)
    for figure, (chart, at) in zip(figures, charts, strict=True):
        with places[at]:
            _show_unit(chart.caption.unit)
            larger = enlarged(figure, max(stretch, _SMALLEST))
            larger.update_layout(height=math.floor(figure.layout.height * stretch))
            _plot(larger, chart, 0)


def _in_columns(
    by_unit: Mapping[str, Sequence[Line]], columns: int
) -> list[tuple[str, Sequence[Line], int]]:
    """Return the units with the lines that each column shows: half of all the lines in each."""
    most = math.ceil(sum(map(len, by_unit.values())) / columns)
    found: list[tuple[str, Sequence[Line], int]] = []
    used = 0
    for unit, lines in by_unit.items():
        left = list(lines)
        while left:
            column = min(used // most, columns - 1)
            room = most * (column + 1) - used if column < columns - 1 else len(left)
            found.append((unit, left[:room], column))
            used += len(left[:room])
            left = left[room:]
    return found


def _rates_chart(report: Report, unit: str, lines: Sequence[Line]) -> IntervalChart:
    rows = tuple(
        IntervalRow(
            line.title,
            line.figure.rate or 0,
            line.figure.rate_low or 0,
            line.figure.rate_high or 0,
            line.comparison.rate if line.comparison else math.nan,
            line.comparison.verdict if line.comparison else "",
            named=True,
        )
        for line in lines
    )
    label = next((line.comparison.label for line in lines if line.comparison), "référence")
    return IntervalChart(report_charts.caption(report, "", unit, ""), label, rows)


def _plot(figure: go.Figure, chart: Drawn, at: int) -> None:
    words = charts_plotly.alt_text(chart, at)
    st.plotly_chart(figure, theme=None, config=charts_plotly.CONFIG, alt=words)


def _rates_key(chart: IntervalChart, report: Report) -> list[charts_svg.KeyEntry]:
    area, reference = charts_svg.key_entries(chart)
    return [area._replace(words=f"{report.area.label}, intervalle à 95{NARROW}%"), reference]


def _show_unit(basis: str) -> None:
    st.html(f'<div class="diapo-unite">Taux {html.escape(basis)}</div>')


def _basis(line: Line) -> str:
    """Return what a rate is for: `pour 1 000 habitants`."""
    return line.unit_of_rate[line.unit_of_rate.index("pour ") :]


def _share_scales(figures: Sequence[go.Figure], units: Sequence[str]) -> None:
    """Give the figures of one unit the widest of their scales: rates compare by eye."""
    for figure, unit in zip(figures, units, strict=True):
        same = (f.layout.xaxis for f, u in zip(figures, units, strict=True) if u == unit)
        widest = max(same, key=lambda axis: axis.range[1])
        figure.update_xaxes(range=widest.range, tickvals=widest.tickvals, ticktext=widest.ticktext)


def _show_key(entries: Sequence[charts_svg.KeyEntry], width: float) -> float:
    """Show what the colours mean; return the height that it takes in a width."""
    items = "".join(
        f'<span><img alt="" width="36" height="18" src="{charts_svg.glyph_uri(glyph)}">'
        f"{html.escape(words)}</span>"
        for glyph, words in entries
    )
    st.html(f'<div class="diapo-cle">{items}</div>')
    return slide_fit.key_height([words for _, words in entries], width)


def enlarged(figure: go.Figure, factor: float) -> go.Figure:
    """Return a figure whose texts, dots and margins are so many times larger, in its height."""
    return go.Figure(_scaled(figure.to_plotly_json(), factor))


def _scaled(node: Any, factor: float) -> Any:
    if isinstance(node, dict):
        return {
            key: value * factor
            if key in _PIXELS and isinstance(value, int | float)
            else _scaled(value, factor)
            for key, value in node.items()
        }
    if isinstance(node, list | tuple):
        return [_scaled(each, factor) for each in node]
    if isinstance(node, str):
        return re.sub(
            r"font-size:(\d+)px", lambda found: f"font-size:{int(found[1]) * factor:.0f}px", node
        )
    return node


# --- Maps. ---


def _show_map(chart: Chart | None, report: Report, departement: str, height: float) -> None:
    with st.container(key=f"{Widget.SLIDE}-carte", gap="small"):
        if chart is None:
            show_inset(departement, report.area)
        else:
            _show_rates_map(chart.lines[0], report, departement, height)


def _show_rates_map(line: Line, report: Report, departement: str, height: float) -> None:
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
    own = cache.contour_path(departement, niveau, sorted(codes))
    communes = cache.table(departement, "communes")
    towns = communes[communes["code_insee"].isin(shapes["code"]) & communes["lon"].notna()]
    towns = towns.sort_values("population_legal", ascending=False).head(_TOWNS)
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


class _LargerWords(folium.MacroElement):
    """A map whose names and figures are read from afar: they follow the type of its frame."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    _template = Template(
        "{% macro header(this, kwargs) %}"
        "<style>:root { font-size: 22px !important; }</style>{% endmacro %}"
    )
