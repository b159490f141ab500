"""The charts of a presentation, as HTML that fills its place: their type is that of the view.

Positions are shares of the plot, so that one drawing serves a projector, a wall of 4K and a phone.
"""

import html
import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from diagnostics.figures import charts, charts_plotly, charts_svg, report_charts
from diagnostics.figures.charts import Chart, IntervalChart, IntervalRow, Panel, TimeChart
from diagnostics.figures.charts import Line as Series
from diagnostics.report.model import Line, Report
from diagnostics.wording import NARROW, NOT_SHOWN, VERDICTS, rate
from pages.ui import slide_fit

_TICK = 18
"""Type of the years under a panel, in a page of 1280 × 720."""
_ASIDE = 120
"""Width that the values on both sides of a panel take."""
_PHONE, _PHONE_TICK = 250, 15
"""Width of a panel on a phone, and type of its years."""
_LABEL = 17
"""Height of a value at the end of a curve, in percent of its panel."""


def years_html(lines: Sequence[Line], report: Report) -> str:
    """Return each line over the years, in a panel of its own and on its own scale."""
    chart = report_charts.small_multiples(report, "", lines, "")
    bases = list(map(slide_fit.basis, lines))
    common = max(bases, key=bases.count)
    panels = tuple(
        panel if basis == common else replace(panel, title=f"{panel.title} ({basis})")
        for panel, basis in zip(chart.panels, bases, strict=True)
    )
    chart = replace(chart, panels=panels)
    alone = f"{panels[0].title}{NARROW}: taux" if len(panels) == 1 else "Taux"
    drawn = "".join(
        _panel(chart, at, ticks, named=len(panels) > 1)
        for at, ticks in enumerate(charts.tops(chart))
    )
    notes = "".join(f'<p class="note">{html.escape(n)}</p>' for n in charts.notes_of(chart))
    # A panel alone has no room for names at the end of its curves: its key says them.
    key = charts_svg.key_entries(replace(chart, panels=panels * 2) if len(panels) == 1 else chart)
    return (
        f'<div class="chart">{_key(key)}<p class="unit">{html.escape(f"{alone} {common}")}'
        f'</p><div class="years">{drawn}</div>{notes}</div>'
    )


def rates_html(lines: Sequence[Line], report: Report) -> str:
    """Return each rate with its interval beside its reference; each unit has its own scale."""
    by_unit: dict[str, list[Line]] = {}
    for line in lines:
        if line.figure.rate_low is not None:
            by_unit.setdefault(slide_fit.basis(line), []).append(line)
    drawn = [_rates_chart(report, unit, part) for unit, part in by_unit.items()]
    if not drawn:
        return ""
    rows = sum(len(chart.rows) for chart in drawn)
    return (
        f'<div class="chart" style="--rows:{rows};--units:{len(drawn)}">'
        f"{_rates_key(drawn[0], report)}{''.join(map(_rates, drawn))}</div>"
    )


# --- Rates. ---


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


def _rates(chart: IntervalChart) -> str:
    ticks = charts.interval_ticks(chart)
    words = "".join(
        f'<i style="left:{_share(tick, ticks)}">{text}</i>'
        for tick, text in zip(ticks, charts.tick_words(ticks), strict=True)
    )
    return (
        f'<p class="unit">Taux {html.escape(chart.caption.unit)}</p>'
        f'<div class="rates" role="img" aria-label="{_alternative(chart)}">'
        f"{''.join(_rate(row, ticks) for row in chart.rows)}"
        f'<div class="axis"><span class="track">{words}</span></div></div>'
    )


def _rate(row: IntervalRow, ticks: Sequence[float]) -> str:
    sign, verdict = VERDICTS[row.verdict]
    marks = "".join(f'<i class="grid" style="left:{_share(tick, ticks)}"></i>' for tick in ticks)
    beside = ""
    if not math.isnan(row.reference):
        marks += f'<i class="reference" style="left:{_share(row.reference, ticks)}"></i>'
        beside = f". Référence{NARROW}: {rate(row.reference)}{NARROW}‰"
    width = f"{(row.high - row.low) / ticks[-1]:.2%}"
    marks += f'<i class="interval" style="left:{_share(row.low, ticks)};width:{width}"></i>'
    marks += f'<i class="point" style="left:{_share(row.rate, ticks)}"></i>'
    value = charts.rate_words(row.rate, row.low, row.high)
    told = html.escape(f"{row.label}{NARROW}: {value}{beside}")
    return (
        f'<div class="rate" title="{told}"><b class="name">{html.escape(row.label)}</b>'
        f'<span class="track">{marks}</span><span class="value">{html.escape(value)}</span>'
        f'<span class="verdict">{sign} {verdict}</span></div>'
    )


def _rates_key(chart: IntervalChart, report: Report) -> str:
    area, reference = charts_svg.key_entries(chart)
    named = area._replace(words=f"{report.area.label}, intervalle à 95{NARROW}%")
    return _key([named, reference])


# --- Years. ---


def _panel(chart: TimeChart, at: int, ticks: Sequence[float], *, named: bool) -> str:
    panel = chart.panels[at]
    title = f"<figcaption>{html.escape(panel.title)}</figcaption>" if named else ""
    return (
        f'<figure role="img" aria-label="{_alternative(chart, at)}">{title}<div class="plot">'
        f"{_grid(ticks)}{_spans(panel)}{_curves(panel, ticks[-1])}{_dots(panel, ticks[-1])}"
        f"{_last_values(panel, ticks[-1])}{_axis(panel, len(chart.panels))}</div></figure>"
    )


def _grid(ticks: Sequence[float]) -> str:
    return "".join(
        f'<i class="grid" style="bottom:{_share(tick, ticks)}"><b>{words}</b></i>'
        for tick, words in zip(ticks, charts.tick_words(ticks), strict=True)
    )


def _spans(panel: Panel) -> str:
    """Return the years of lockdown, shaded, and those without a value, hatched."""
    found = charts.lockdowns_in(panel.years)
    spans = [("lockdown", *found, charts.LOCKDOWNS)] if found else []
    spans += [
        ("hidden", panel.years[first], panel.years[last], NOT_SHOWN)
        for first, last in charts.hidden_runs(panel.area)
    ]
    step = 100 / len(panel.years)
    return "".join(
        f'<i class="{name}" style="left:{(first - panel.years[0]) * step:.2f}%;'
        f'width:{(last - first + 1) * step:.2f}%"><b>{words}</b></i>'
        for name, first, last, words in spans
    )


def _curves(panel: Panel, top: float) -> str:
    drawn = _band(panel.area, top)
    if panel.reference:
        drawn += _curve(panel.reference, top, "reference")
    drawn += _curve(panel.area, top, "area indicative" if panel.area.indicative else "area")
    return f'<svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">{drawn}</svg>'


def _curve(line: Series, top: float, name: str) -> str:
    """Return a line, open where a value is missing; a reference alone is a short dash."""
    path = ""
    for first, last in charts.runs(charts.known(line.values)):
        points = [_point(line.values, at, top) for at in range(first, last + 1)]
        if first == last:
            (x, y), half = points[0], 30 / len(line.values)
            points = [(x - half, y), (x + half, y)] if name == "reference" else []
        path += _path(points)
    return f'<path class="{name}" d="{path}"/>' if path else ""


def _band(line: Series, top: float) -> str:
    """Return the interval: a band over neighbouring years, a whisker where one stands alone."""
    drawn = ""
    for first, last in charts.runs(charts.known(line.low)):
        run = range(first, last + 1)
        upper = [_point(line.high, at, top) for at in run]
        lower = [_point(line.low, at, top) for at in reversed(run)]
        name = "whisker" if first == last else "band"
        drawn += f'<path class="{name}" d="{_path(upper + lower)}{"z" * (name == "band")}"/>'
    return drawn


def _dots(panel: Panel, top: float) -> str:
    name = "dot open" if panel.area.indicative else "dot"
    dots = ""
    for at, year in enumerate(panel.years):
        value, low, high = panel.area.values[at], panel.area.low[at], panel.area.high[at]
        if math.isnan(value):
            continue
        x, y = _point(panel.area.values, at, top)
        told = html.escape(f"{year}{NARROW}: {charts.rate_words(value, low, high)}")
        dots += f'<i class="{name}" style="left:{x:.2f}%;top:{y:.2f}%" title="{told}"></i>'
    return dots


def _last_values(panel: Panel, top: float) -> str:
    """Return the last values of the area and its reference, at the right of a panel."""
    found = []
    for line, name in ((panel.area, "area"), (panel.reference, "reference")):
        at = charts.last_known(line) if line else None
        if line and at == len(panel.years) - 1:
            found.append((_point(line.values, at, top)[1], rate(line.values[at]), name))
    places = charts.spread([y for y, _, _ in found], [_LABEL] * len(found), 0, 100)
    return "".join(
        f'<b class="last {name}" style="top:{y:.1f}%">{words}</b>'
        for (_, words, name), y in zip(found, places, strict=True)
    )


def _axis(panel: Panel, panels: int) -> str:
    width = (slide_fit.INSIDE - (panels - 1) * slide_fit.COLUMNS_GAP) / panels - _ASIDE
    wide = charts_svg.year_ticks(panel.years, width, _TICK)
    narrow = charts_svg.year_ticks(panel.years, _PHONE, _PHONE_TICK)
    step = 100 / len(panel.years)
    words = ""
    for at, year in enumerate(panel.years):
        name = " ".join(["wide"] * (year in wide) + ["narrow"] * (year in narrow))
        if name:
            words += f'<i class="{name}" style="left:{(at + 0.5) * step:.2f}%">{year}</i>'
    return f'<div class="axis">{words}</div>'


# --- What both share. ---


def _point(values: Sequence[float], at: int, top: float) -> tuple[float, float]:
    """Return where a value lies in its panel, in percent from the left and from the top."""
    return (at + 0.5) / len(values) * 100, (1 - values[at] / top) * 100


def _path(points: Iterable[tuple[float, float]]) -> str:
    drawn = "L".join(f"{x:.2f},{y:.2f}" for x, y in points)
    return f"M{drawn}" if drawn else ""


def _share(value: float, ticks: Sequence[float]) -> str:
    return f"{value / ticks[-1]:.2%}"


def _key(entries: Iterable[charts_svg.KeyEntry]) -> str:
    """Return what the drawings of a chart mean."""
    items = "".join(
        f'<span><img alt="" src="{charts_svg.glyph_uri(glyph)}">{html.escape(words)}</span>'
        for glyph, words in entries
    )
    return f'<div class="key">{items}</div>'


def _alternative(chart: Chart, at: int = 0) -> str:
    return html.escape(charts_plotly.alt_text(chart, at))
