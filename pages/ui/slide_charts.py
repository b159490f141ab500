"""The charts of a presentation: those of the pages, in type for a room."""

import html
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from diagnostics.figures import charts_plotly, charts_svg, report_charts
from diagnostics.figures.charts import Chart, IntervalChart, IntervalRow, notes_of
from diagnostics.report.model import Line, Report
from diagnostics.wording import NARROW
from pages.ui import slide_fit
from pages.ui.slide_fit import GAP

_LARGEST, _SMALLEST = 1.6, 1.3
"""How many times the type of a chart is enlarged."""
_TALLEST = 440
_UNIT = 30
"""Height of the unit above a chart."""
_PIXELS = {"size", "xshift", "yshift", "l", "r", "t", "b"}
"""Lengths in pixels of a plotly figure, wherever they are."""


def show_years(lines: Sequence[Line], report: Report, height: float) -> None:
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
    alone = f"{panels[0].title}{NARROW}: taux" if len(panels) == 1 else "Taux"
    height -= _show_key(charts_svg.key_entries(chart), slide_fit.INSIDE) + _UNIT
    height -= slide_fit.note_height(notes_of(chart)) + GAP
    _show_unit(f"{alone} {common}")
    figures = charts_plotly.plotly_figures(chart)
    for at, column in enumerate(st.columns(len(figures))):
        larger = enlarged(figures[at], _SMALLEST)
        larger.update_layout(height=min(height, _TALLEST))
        with column:
            _plot(larger, chart, at)
    _show_notes(notes_of(chart))


def show_rates(
    lines: Sequence[Line], report: Report, width: float, height: float, columns: int
) -> None:
    """Show each rate with its interval beside its reference; each unit has its own scale."""
    by_unit: dict[str, list[Line]] = {}
    for line in lines:
        if line.figure.rate_low is not None:
            by_unit.setdefault(_basis(line), []).append(line)
    if not by_unit:
        return
    drawn = [
        (_rates_chart(report, unit, part), column)
        for unit, part, column in _in_columns(by_unit, columns)
    ]
    key = _rates_key(drawn[0][0], report)
    height -= _show_key(key, width)
    figures = [charts_plotly.plotly_figures(chart)[0] for chart, _ in drawn]
    _share_scales(figures, [chart.caption.unit for chart, _ in drawn])
    stretch = min(
        (height - sum(_UNIT for _, at in drawn if at == column))
        / sum(f.layout.height for f, (_, at) in zip(figures, drawn, strict=True) if at == column)
        for column in {at for _, at in drawn}
    )
    stretch = min(stretch, _LARGEST)
    places = st.columns(columns)
    for figure, (chart, at) in zip(figures, drawn, strict=True):
        with places[at]:
            _show_unit(f"Taux {chart.caption.unit}")
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


def _plot(figure: go.Figure, chart: Chart, at: int) -> None:
    words = charts_plotly.alt_text(chart, at)
    st.plotly_chart(figure, theme=None, config=charts_plotly.CONFIG, alt=words)


def _rates_key(chart: IntervalChart, report: Report) -> list[charts_svg.KeyEntry]:
    area, reference = charts_svg.key_entries(chart)
    return [area._replace(words=f"{report.area.label}, intervalle à 95{NARROW}%"), reference]


def _show_unit(words: str) -> None:
    st.html(f'<div class="diapo-unite">{html.escape(words)}</div>')


def _show_notes(notes: Iterable[str]) -> None:
    for note in notes:
        st.html(f'<div class="diapo-note">{html.escape(note)}</div>')


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
