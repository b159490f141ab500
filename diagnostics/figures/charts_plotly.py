"""Charts on screen: plotly figures, made to be read from 300 pixels wide to a whole page.

Show them with `st.plotly_chart(figure, theme=None, config=CONFIG)`, between `head_html` and
`foot_html`, which hold the words that a file carries inside. Vertical lengths are known in pixels
here, widths are not: what could overlap is spread vertically, and texts are cut into lines for the
narrowest screen. A hostile name stays plain text: plotly would read some HTML.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go

from diagnostics.figures import charts, fonts
from diagnostics.figures.charts import (
    BLUE,
    GREY,
    GRID,
    PALE,
    Box,
    Chart,
    FunnelChart,
    IntervalChart,
    IntervalRow,
    Line,
    Panel,
    ProfileChart,
    ProfileRow,
    TimeChart,
    TotalBar,
)
from diagnostics.figures.charts_svg import SHADE, WHITE, glyph_uri, key_entries, year_ticks
from diagnostics.figures.paper import INK
from diagnostics.statistics.profile import Profile, each_peer
from diagnostics.wording import NARROW, NOT_SHOWN, VERDICTS, number, rate

# No button, hence no English word; a finger that scrolls the page does not zoom the chart.
CONFIG: dict[str, Any] = {"displayModeBar": False, "scrollZoom": False, "responsive": True}
FAMILIES = "'Source Sans','Source Sans Pro',Arial,Helvetica,sans-serif"
TEXT, SMALL, LEADING = 14, 13, 1.3
# The narrowest plot with its margins, in pixels: a phone, or a third of a page.
NARROWEST = 300
_FILL = "rgba(0,0,145,0.16)"
_SYMBOLS = {"dedans": "circle", "au_dessus": "triangle-up", "au_dessous": "triangle-down"}


def plotly_figures(chart: Chart) -> list[go.Figure]:
    """Return the figures of a chart, to lay in columns: one, a panel each, or halves of a long one.

    Panels of one chart that share their scale have the same vertical axis.
    """
    if isinstance(chart, TimeChart):
        large = len(chart.panels) == 1
        return [
            _time_figure(panel, ticks, large)
            for panel, ticks in zip(chart.panels, charts.tops(chart), strict=True)
        ]
    if isinstance(chart, ProfileChart):
        return [_profile_figure(chart)]
    if isinstance(chart, FunnelChart):
        return [_funnel_figure(chart)]
    if isinstance(chart, IntervalChart):
        return [_intervals_figure(chart, rows) for rows in _halves(chart)]
    return [_total_figure(chart)]


def head_html(chart: Chart) -> str:
    """Return the title, subtitle, unit and key of a chart as a block of the page."""
    caption = chart.caption
    items = "".join(
        '<span style="display:inline-flex;align-items:center;gap:.4rem">'
        f'<img alt="" width="28" height="14" src="{glyph_uri(glyph)}">{escape(words)}</span>'
        for glyph, words in key_entries(chart)
    )
    return (
        f'<div style="color:{INK};overflow-wrap:anywhere">'
        f'<div style="font-size:1.125rem;font-weight:600">{escape(caption.title)}</div>'
        f'<div style="font-size:.9375rem">{escape(caption.subtitle)}</div>'
        '<div style="font-size:.875rem;font-weight:600;margin-top:.25rem">'
        f"{escape(caption.unit)}</div>"
        '<div style="font-size:.8125rem;color:#3a3a3a;display:flex;flex-wrap:wrap;'
        f'gap:.2rem 1.1rem">{items}</div></div>'
    )


def foot_html(chart: Chart) -> str:
    """Return the figures of a total in words, the notes, source and edition, as a block."""
    caption = chart.caption
    # The source line of a page names the edition already.
    edition = () if caption.edition in caption.source_line else (caption.edition,)
    lines = (*charts.notes_of(chart), caption.source_line, *edition)
    words = "".join(f"<div>{escape(line)}</div>" for line in lines)
    figures = ""
    if isinstance(chart, TotalBar):
        *parts, total = map(escape, charts.total_words(chart))
        figures = (
            f'<div style="font-size:.9375rem;color:{INK};margin-bottom:.5rem">'
            f"{''.join(f'<div>{part}</div>' for part in parts)}<strong>{total}</strong></div>"
        )
    return (
        '<div style="font-size:.8125rem;color:#3a3a3a;overflow-wrap:anywhere;'
        f'display:grid;gap:.25rem">{figures}{words}</div>'
    )


def alt_text(chart: Chart, at: int = 0) -> str:
    """Return the words for who does not see the figure: the title, and its last figures."""
    caption = chart.caption
    words = [caption.title, caption.subtitle, caption.unit]
    if isinstance(chart, TimeChart):
        panel = chart.panels[at]
        words += [panel.title, *charts.year_words(panel, len(panel.years) - 1)]
    elif isinstance(chart, ProfileChart):
        words += [
            f"{row.label}\u202f: {_row_words(row)}. {' '.join(charts.peers_words(row))}"
            for row in chart.rows
        ]
    elif isinstance(chart, IntervalChart):
        words += [_interval_words(row) for row in _halves(chart)[at]]
    elif isinstance(chart, FunnelChart):
        words += [charts.dispersion_words(chart), chart.hidden]
    else:
        words += charts.total_words(chart)
    return ". ".join(words)


def _figure(height: float, margins: Mapping[str, float], **axes: Any) -> go.Figure:
    """Return an empty figure in the product's look."""
    figure = go.Figure()
    figure.update_layout(
        height=round(height),
        margin={**margins, "pad": 0, "autoexpand": False},
        font={"family": FAMILIES, "size": SMALL, "color": INK},
        separators=f",{NARROW}",
        showlegend=False,
        plot_bgcolor=WHITE,
        paper_bgcolor=WHITE,
        dragmode=False,
        hoverlabel={
            "bgcolor": WHITE,
            "bordercolor": GREY,
            "align": "left",
            "font": {"family": FAMILIES, "size": SMALL, "color": INK},
        },
        xaxis={"fixedrange": True, "showgrid": False, "zeroline": False},
        yaxis={"fixedrange": True, "showgrid": False, "zeroline": False},
    )
    figure.update_layout(**axes)
    return figure


def plain(words: str) -> str:
    """Return words that plotly shows as they are, whatever tags they hold."""
    return escape(words, quote=False)


def wrapped(words: str, size: float, width: float, bold: bool = False) -> tuple[str, float]:
    """Return words cut into lines no wider than `width` pixels, and their height in pixels."""
    # A little narrower: the screen may fall back on a wider face.
    lines = fonts.wrap(words, size, width * 0.94, bold)
    text = "<br>".join(map(plain, lines))
    return f"<b>{text}</b>" if bold else text, len(lines) * size * LEADING


def _note(x: float, y: float, text: str, **how: Any) -> dict[str, Any]:
    """Return an annotation without arrow."""
    return {"x": x, "y": y, "text": text, "showarrow": False} | how


# --- Years. ---


def _time_figure(panel: Panel, ticks: Sequence[float], large: bool) -> go.Figure:
    years = list(panel.years)
    title, title_height = ("", 0.0) if large else wrapped(panel.title, TEXT, NARROWEST, True)
    plot_height = 290 if large else 170
    strip = 20  # above the last tick: the word on the lockdowns
    top, bottom = title_height + (0 if large else 12), 26
    edge = ticks[-1] * (1 + strip / plot_height)
    figure = _figure(
        top + plot_height + strip + bottom,
        {"l": 46, "r": 122 if large else 46, "t": top, "b": bottom},
        # Anywhere in the plot, the nearest year answers.
        hovermode="closest",
        hoverdistance=300,
    )
    figure.update_xaxes(
        range=[years[0] - 0.5, years[-1] + 0.5],
        tickformat="d",
        tickangle=0,
        ticks="outside",
        tickcolor=GREY,
        color=GREY,
        tickvals=year_ticks(years, NARROWEST - 110, SMALL),
    )
    figure.update_yaxes(
        range=[0, edge],
        tickvals=list(ticks),
        ticktext=charts.tick_words(ticks),
        showgrid=True,
        gridcolor=GRID,
        zeroline=True,
        zerolinecolor=GREY,
        color=GREY,
    )
    lockdown = charts.lockdowns_in(years)
    if lockdown:
        figure.add_shape(
            type="rect",
            x0=lockdown[0] - 0.5,
            x1=lockdown[1] + 0.5,
            y0=0,
            y1=1,
            yref="paper",
            fillcolor=SHADE,
            line_width=0,
            layer="below",
        )
        figure.add_annotation(
            _note(
                sum(lockdown) / 2,
                1,
                charts.LOCKDOWNS,
                yref="paper",
                yanchor="top",
                font={"size": 11, "color": GREY},
            )
        )
    _add_hidden(figure, panel, ticks[-1])
    for other in panel.others:
        _add_line(figure, other, years, PALE, 1.5)
    if panel.reference:
        _add_line(figure, panel.reference, years, GREY, 2)
    _add_area(figure, panel.area, years, edge)
    _add_hover(figure, panel, ticks[-1])
    if large:
        _add_end_labels(figure, panel, edge, plot_height + strip)
    else:
        _add_end_values(figure, panel, edge, plot_height + strip)
        figure.add_annotation(
            _note(
                0,
                1,
                title,
                xref="paper",
                yref="paper",
                xanchor="left",
                yanchor="bottom",
                xshift=-46,
                yshift=4,
                align="left",
                font={"size": TEXT, "color": INK},
            )
        )
    return figure


def _add_hidden(figure: go.Figure, panel: Panel, top: float) -> None:
    """Hatch the years without a value and write so."""
    runs = charts.hidden_runs(panel.area)
    at = [year for first, last in runs for year in panel.years[first : last + 1]]
    figure.add_bar(
        x=at,
        y=[top] * len(at),
        width=1,
        hoverinfo="skip",
        marker={
            "color": "#f7f7f7",
            "line_width": 0,
            "pattern": {"shape": "/", "fgcolor": "#c4c4c4", "size": 7, "solidity": 0.18},
        },
    )
    for first, last in runs:
        middle = (panel.years[first] + panel.years[last]) / 2
        figure.add_annotation(
            _note(
                middle,
                0,
                NOT_SHOWN,
                yanchor="bottom",
                yshift=4,
                bgcolor=WHITE,
                borderpad=1,
                font={"size": SMALL, "color": GREY},
            )
        )


def _gaps(values: Sequence[float]) -> list[float | None]:
    """Return values with None where missing: plotly opens the line there."""
    return [None if math.isnan(value) else value for value in values]


def _add_line(
    figure: go.Figure, line: Line, years: Sequence[int], colour: str, width: float
) -> None:
    """Draw a bare line; a value alone is a short dash."""
    single = [first for first, last in charts.runs(charts.known(line.values)) if first == last]
    figure.add_scatter(
        x=list(years),
        y=_gaps(line.values),
        mode="lines",
        line={"color": colour, "width": width},
        connectgaps=False,
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=[years[i] for i in single],
        y=[line.values[i] for i in single],
        mode="markers",
        marker={
            "symbol": "line-ew",
            "size": 12,
            "line": {"color": colour, "width": width + 0.5},
        },
        hoverinfo="skip",
    )


def _add_area(figure: go.Figure, line: Line, years: Sequence[int], edge: float) -> None:
    """Draw the area's interval, then its line and dots."""
    for first, last in charts.runs(charts.known(line.low)):
        span = range(first, last + 1)
        high = [min(line.high[i], edge) for i in span]
        if first == last:
            figure.add_scatter(
                x=[years[first]],
                y=[line.values[first]],
                mode="markers",
                marker={"size": 1, "color": BLUE},
                error_y={
                    "array": [high[0] - line.values[first]],
                    "arrayminus": [line.values[first] - line.low[first]],
                    "color": BLUE,
                    "thickness": 2,
                    "width": 5,
                },
                hoverinfo="skip",
            )
            continue
        figure.add_scatter(
            x=[years[i] for i in (*span, *reversed(span))],
            y=[*high, *(line.low[i] for i in reversed(span))],
            mode="lines",
            line_width=0,
            fill="toself",
            fillcolor=_FILL,
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=list(years),
        y=_gaps(line.values),
        mode="lines+markers",
        connectgaps=False,
        cliponaxis=False,
        line={"color": BLUE, "width": 2.5, "dash": "dot" if line.indicative else "solid"},
        marker={
            "size": 7,
            "color": WHITE if line.indicative else BLUE,
            "line": {"color": BLUE, "width": 1.5},
        },
        hoverinfo="skip",
    )


def _add_hover(figure: go.Figure, panel: Panel, top: float) -> None:
    """Let each year say its figures, published or not: one box, in French, whatever is under it."""
    texts = [
        "<br>".join(
            wrapped(words, SMALL, 230, bold=i == 0)[0]
            for i, words in enumerate(charts.year_words(panel, at))
        )
        for at in range(len(panel.years))
    ]
    figure.add_scatter(
        x=list(panel.years),
        y=[top / 2 if math.isnan(value) else value for value in panel.area.values],
        mode="markers",
        marker={"size": 18, "opacity": 0},
        text=texts,
        hovertemplate="%{text}<extra></extra>",
    )


def _add_end_labels(figure: go.Figure, panel: Panel, edge: float, height: float) -> None:
    """Write the names beside the ends of the lines, with the last values."""
    found = []
    for line, colour in ((panel.area, BLUE), (panel.reference, GREY)):
        at = charts.last_known(line) if line else None
        if line is None or at is None:
            continue
        name, name_height = wrapped(line.label, SMALL, 114, bold=True)
        value, value_height = wrapped(
            f"{rate(line.values[at])}{NARROW}‰ en {panel.years[at]}", SMALL, 114
        )
        centre = height * (1 - line.values[at] / edge)
        found.append((f"{name}<br>{value}", name_height + value_height + 6, centre, colour))
    centres = charts.spread([c for _, _, c, _ in found], [h for _, h, _, _ in found], 0, height)
    for (text, _, _, colour), centre in zip(found, centres, strict=True):
        figure.add_annotation(
            _note(
                1,
                1 - centre / height,
                text,
                xref="paper",
                yref="paper",
                xanchor="left",
                yanchor="middle",
                xshift=8,
                align="left",
                font={"size": SMALL, "color": colour},
            )
        )


def _add_end_values(figure: go.Figure, panel: Panel, edge: float, height: float) -> None:
    """Write the last values beside the ends of the lines of a small panel."""
    found = []
    for line, colour in ((panel.area, BLUE), (panel.reference, GREY)):
        at = charts.last_known(line) if line else None
        if line is None or at != len(panel.years) - 1:
            continue
        words = rate(line.values[at])
        text = f"<b>{words}</b>" if colour == BLUE else words
        found.append((text, height * (1 - line.values[at] / edge), colour))
    centres = charts.spread([c for _, c, _ in found], [SMALL * 1.45] * len(found), 0, height)
    for (text, _, colour), centre in zip(found, centres, strict=True):
        figure.add_annotation(
            _note(
                1,
                1 - centre / height,
                text,
                xref="paper",
                yref="paper",
                xanchor="left",
                yanchor="middle",
                xshift=4,
                font={"size": SMALL, "color": colour},
            )
        )


# --- One area among its peers: a unit of the vertical axis is a pixel. ---


def _profile_figure(chart: ProfileChart) -> go.Figure:
    figure, y = _figure(100, {"l": 10, "r": 10, "t": 4, "b": 4}), 0.0
    hover: list[tuple[float, float, str]] = []
    for row in chart.rows:
        label, label_height = wrapped(row.label, TEXT, NARROWEST + 20, bold=True)
        unit, unit_height = wrapped(row.unit, SMALL, NARROWEST + 20)
        figure.add_shape(_stroke(0, y, 1, y, GRID, 1))
        figure.add_annotation(_left(label, y + 8, INK, TEXT))
        figure.add_annotation(_left(unit, y + 8 + label_height, GREY, SMALL))
        reading = y + 10 + label_height + (unit_height if row.unit else 0)
        if row.absence:
            figure.add_annotation(_left(plain(_row_words(row)), reading, GREY, SMALL))
        else:
            figure.add_annotation(_left(_verdict(row.comparison), reading, INK, SMALL))
            value = f"<b>{plain(_value_words(row))}</b>"
            figure.add_annotation(
                _left(value, reading + 2, BLUE, SMALL)
                | {"x": 1, "xanchor": "right", "align": "right"}
            )
        y = reading + SMALL * LEADING + 8
        if charts.spine_known(row):
            hover += _add_spine(figure, chart, row, y + 32)
            y += 70
        for words in charts.peers_words(row):
            line, height = wrapped(words, SMALL, NARROWEST + 20)
            figure.add_annotation(_left(line, y, GREY, SMALL))
            y += height
        y += 10
    figure.add_scatter(
        x=[x for x, _, _ in hover],
        y=[at for _, at, _ in hover],
        mode="markers",
        marker={"size": 14, "opacity": 0},
        text=[wrapped(words, SMALL, 230)[0] for _, _, words in hover],
        hovertemplate="%{text}<extra></extra>",
    )
    figure.update_layout(height=round(y + 8), hovermode="closest")
    figure.update_xaxes(range=[0, 1], visible=False)
    figure.update_yaxes(range=[y, 0], visible=False)
    return figure


def _verdict(comparison: str) -> str:
    """Return the verdict with a sign as large as the word: some screens draw it small."""
    sign, words = VERDICTS[comparison]
    return f'<span style="font-size:{SMALL + 3}px">{sign}</span> {words}'


def _value_words(row: ProfileRow) -> str:
    position = row.position
    return charts.rate_words(position.value, position.low, position.high)


def _row_words(row: ProfileRow) -> str:
    if row.absence:
        return f"{NOT_SHOWN} ({row.absence})"
    return f"{_value_words(row)}, {charts.verdict_words(row.comparison)}"


def _left(text: str, y: float, colour: str, size: float) -> dict[str, Any]:
    """Return an annotation that starts at the left edge and hangs from `y`."""
    return _note(
        0,
        y,
        text,
        xanchor="left",
        yanchor="top",
        align="left",
        borderpad=0,
        font={"size": size, "color": colour},
    )


def _stroke(
    x0: float, y0: float, x1: float, y1: float, colour: str, width: float, layer: str = "below"
) -> dict[str, Any]:
    return {
        "type": "line",
        "x0": x0,
        "y0": y0,
        "x1": x1,
        "y1": y1,
        "layer": layer,
        "line": {"color": colour, "width": width},
    }


def _add_spine(
    figure: go.Figure, chart: ProfileChart, row: ProfileRow, y: float
) -> list[tuple[float, float, str]]:
    """Draw the line of a row; return what to say on hover, as (x, y, words)."""
    position, hover = row.position, []

    def x(value: float) -> float:
        # Dots and ticks at the ends stay whole.
        return 0.02 + 0.96 * charts.spine_share(position, value)

    figure.add_shape(_stroke(0.02, y, 0.98, y, GRID, 1))
    for words, at, anchor in charts.end_words(row):
        figure.add_annotation(_left(words, y + 14, GREY, 12) | {"x": at, "xanchor": anchor})
    if each := each_peer(position):
        figure.add_scatter(
            x=[x(value) for value in each],
            y=[y] * len(each),
            mode="markers",
            marker={"size": 13, "color": WHITE, "line": {"color": GREY, "width": 2}},
            hoverinfo="skip",
        )
        hover += [(x(v), y, f"{chart.peers_label}\u202f: {rate(v)}{NARROW}‰") for v in each]
    elif position.peers_known:
        hover += _add_box(figure, chart, position, x, y)
    if position.maximum > charts.spine_range(position)[1]:
        figure.add_annotation(
            _note(1, y, "›", xanchor="right", font={"size": 22, "color": GREY}, borderpad=0)
        )
    if not math.isnan(position.low):
        figure.add_shape(_stroke(x(position.low), y, x(position.high), y, BLUE, 4))
        for end in (position.low, position.high):
            figure.add_shape(_stroke(x(end), y - 6, x(end), y + 6, BLUE, 2.5))
    if not math.isnan(position.value):
        figure.add_scatter(
            x=[x(position.value)],
            y=[y],
            mode="markers",
            marker={"size": 13, "color": BLUE, "line": {"color": WHITE, "width": 1}},
            hoverinfo="skip",
        )
        hover.append((x(position.value), y, f"{chart.area_label}\u202f: {_row_words(row)}"))
    if not math.isnan(position.reference):
        at = x(position.reference)
        figure.add_shape(_stroke(at, y - 15, at, y + 12, INK, 2.5, "above"))
        anchor = "left" if at < 0.16 else "right" if at > 0.84 else "center"
        figure.add_annotation(
            _left(charts.reference_words(row), y - 32, INK, 12) | {"x": at, "xanchor": anchor}
        )
        words = f"{chart.reference_label}\u202f: {rate(position.reference)}{NARROW}‰"
        hover.append((at, y - 13, words))
    return hover


def _add_box(
    figure: go.Figure,
    chart: ProfileChart,
    position: Profile,
    x: Callable[[float], float],
    y: float,
) -> list[tuple[float, float, str]]:
    """Draw the spread of many peers; return what to say on hover."""
    low, high = position.minimum, position.maximum
    first, third = position.first_quartile, position.third_quartile
    figure.add_shape(_stroke(x(low), y, x(high), y, GREY, 1.5))
    for end in (low, high):
        figure.add_shape(_stroke(x(end), y - 5, x(end), y + 5, GREY, 1.5))
    figure.add_shape(
        type="rect",
        x0=x(first),
        x1=x(third),
        y0=y - 9,
        y1=y + 9,
        fillcolor="#d9d9d9",
        layer="below",
        line={"color": GREY, "width": 1},
    )
    figure.add_shape(_stroke(x(position.median), y - 9, x(position.median), y + 9, GREY, 2))
    peers = chart.peers_label
    middle = (
        f"{peers}\u202f: la moitié de {rate(first)} à {rate(third)}{NARROW}‰, "
        f"médiane {rate(position.median)}{NARROW}‰"
    )
    return [
        (x(low), y, f"{peers}\u202f: le plus bas, {rate(low)}{NARROW}‰"),
        (x(high), y, f"{peers}\u202f: le plus haut, {rate(high)}{NARROW}‰"),
        *((x(value), y, middle) for value in (first, third, position.median)),
    ]


# --- Funnel. ---


def _funnel_figure(chart: FunnelChart) -> go.Figure:
    ticks = charts.axis_ticks(charts.funnel_top(chart))
    plot_height, margins = 380.0, {"l": 46, "r": 14, "t": 14, "b": 46}
    figure = _figure(plot_height + margins["t"] + margins["b"], margins, hovermode="closest")
    ends = [math.log10(chart.grid[0]), math.log10(chart.grid[-1])]
    marks = charts.log_ticks(chart.grid[0], chart.grid[-1])
    figure.update_xaxes(
        type="log",
        range=ends,
        tickvals=list(marks),
        ticktext=[number(value) for value in marks],
        tickangle=0,
        ticks="outside",
        tickcolor=GREY,
        color=GREY,
        title={"text": plain(chart.denominator_label), "font": {"size": SMALL}, "standoff": 6},
    )
    figure.update_yaxes(
        range=[0, ticks[-1]],
        tickvals=list(ticks),
        ticktext=charts.tick_words(ticks),
        showgrid=True,
        gridcolor=GRID,
        zeroline=True,
        zerolinecolor=GREY,
        color=GREY,
    )
    for curve in chart.curves:
        for limits in (curve.low, curve.high):
            figure.add_scatter(
                x=list(chart.grid),
                y=list(limits),
                mode="lines",
                line={"color": GREY, "width": 1.5, "dash": curve.dash},
                hoverinfo="skip",
            )
    figure.add_shape(_stroke(0, chart.reference, 1, chart.reference, GREY, 2) | {"xref": "paper"})
    for named in (False, True):
        _add_points(figure, chart, ticks[-1], named)
    _add_names(figure, chart, ends, ticks[-1], plot_height)
    return figure


def _add_points(figure: go.Figure, chart: FunnelChart, top: float, named: bool) -> None:
    """Draw areas as discs, or triangles beyond the limits; each one says its name on hover."""
    points = [point for point in chart.points if point.named is named]
    figure.add_scatter(
        x=[point.denominator for point in points],
        y=[min(point.rate, top) for point in points],
        mode="markers",
        cliponaxis=False,
        marker={
            "symbol": [_SYMBOLS[point.position] for point in points],
            "size": [(13 if named else 7) + 2 * (p.position != "dedans") for p in points],
            "color": [BLUE if named or p.position != "dedans" else "#8f98c9" for p in points],
            "opacity": 1 if named else 0.85,
            "line": {"color": WHITE, "width": 1},
        },
        text=[
            "<br>".join(
                (
                    wrapped(f"{point.label} ({point.code})", SMALL, 230, bold=True)[0],
                    wrapped(
                        f"{rate(point.rate)}{NARROW}‰, {charts.place_words(chart, point)}",
                        SMALL,
                        230,
                    )[0],
                )
            )
            for point in points
        ],
        hovertemplate="%{text}<extra></extra>",
    )


def _add_names(
    figure: go.Figure, chart: FunnelChart, ends: Sequence[float], top: float, height: float
) -> None:
    """Name the chosen areas, placed for the narrowest screen: a wider one only parts them more."""
    width = NARROWEST - 60
    spots = np.array(
        [
            (
                (math.log10(p.denominator) - ends[0]) / (ends[1] - ends[0]) * width,
                height * (1 - min(p.rate, top) / top),
            )
            for p in chart.points
        ]
    )
    chosen = [i for i, point in enumerate(chart.points) if point.named]
    texts = [wrapped(chart.points[i].label, SMALL, 150, bold=True) for i in chosen]
    sizes = [
        (min(150.0, fonts.text_width(chart.points[i].label, SMALL, bold=True) * 1.1), tall)
        for i, (_, tall) in zip(chosen, texts, strict=True)
    ]
    boxes = charts.place_labels(
        [(float(x), float(y)) for x, y in spots[chosen]],
        sizes,
        spots,
        Box(0, 0, width, height),
        12,
    )
    for i, (text, _), box in zip(chosen, texts, boxes, strict=True):
        x, y = spots[i]
        figure.add_annotation(
            x=math.log10(chart.points[i].denominator),
            y=min(chart.points[i].rate, top),
            text=text,
            showarrow=True,
            arrowhead=0,
            arrowwidth=1,
            arrowcolor=BLUE,
            ax=(box.left + box.right) / 2 - x,
            ay=(box.top + box.bottom) / 2 - y,
            align="left",
            bgcolor="rgba(255,255,255,0.75)",
            borderpad=0,
            font={"size": SMALL, "color": BLUE},
        )


# --- Groups and their intervals: a unit of the vertical axis is a pixel. ---

LONG = 10
"""More rows than this make two figures, side by side on a wide screen."""


def _halves(chart: IntervalChart) -> list[tuple[IntervalRow, ...]]:
    rows = chart.rows
    if len(rows) <= LONG:
        return [rows]
    half = math.ceil(len(rows) / 2)
    return [rows[:half], rows[half:]]


def _intervals_figure(chart: IntervalChart, rows: Sequence[IntervalRow]) -> go.Figure:
    ticks, y = charts.interval_ticks(chart), 0.0
    figure = _figure(100, {"l": 10, "r": 10, "t": 4, "b": 26}, hovermode="closest")
    spots = []
    for row in rows:
        label, height = wrapped(row.label, TEXT, NARROWEST + 20, row.named)
        figure.add_shape(_stroke(0, y, 1, y, GRID, 1) | {"xref": "paper"})
        place = {"xref": "paper"}
        figure.add_annotation(_left(label, y + 6, INK, TEXT) | place)
        reading = y + 6 + height
        figure.add_annotation(_left(_verdict(row.verdict), reading, INK, SMALL) | place)
        value = f"<b>{plain(charts.rate_words(row.rate, row.low, row.high))}</b>"
        end = {"x": 1, "xanchor": "right", "align": "right"}
        figure.add_annotation(_left(value, reading + 2, BLUE, SMALL) | place | end)
        at = reading + SMALL * LEADING + 16
        figure.add_shape(_stroke(row.low, at, row.high, at, BLUE, 3, "between"))
        if not math.isnan(row.reference):
            figure.add_shape(
                _stroke(row.reference, at - 10, row.reference, at + 10, INK, 2.5, "above")
            )
        spots.append((row, at))
        y = at + 18
    figure.add_scatter(
        x=[row.rate for row, _ in spots],
        y=[at for _, at in spots],
        mode="markers",
        marker={"size": 11, "color": BLUE, "line": {"color": WHITE, "width": 1}},
        text=[wrapped(_interval_words(row), SMALL, 230)[0] for row, _ in spots],
        hovertemplate="%{text}<extra></extra>",
    )
    figure.update_layout(height=round(y + 30))
    figure.update_xaxes(
        range=[0, ticks[-1]],
        tickvals=list(ticks),
        ticktext=charts.tick_words(ticks),
        tickangle=0,
        showgrid=True,
        gridcolor=GRID,
        color=GREY,
    )
    figure.update_yaxes(range=[y, 0], visible=False)
    return figure


def _interval_words(row: IntervalRow) -> str:
    """Return what a group says: its rate, its reference, its verdict."""
    beside = "" if math.isnan(row.reference) else f", référence {rate(row.reference)}{NARROW}‰"
    return (
        f"{row.label}\u202f: {charts.rate_words(row.rate, row.low, row.high)}{beside}, "
        f"{charts.verdict_words(row.verdict)}"
    )


# --- Total. ---


def _total_figure(chart: TotalBar) -> go.Figure:
    ticks = charts.axis_ticks(charts.total_top(chart))
    figure = _figure(98, {"l": 6, "r": 24, "t": 4, "b": 30}, barmode="stack")
    published = 0.0 if math.isnan(chart.published) else chart.published
    figure.update_xaxes(
        range=[0, ticks[-1]],
        tickvals=list(ticks),
        ticktext=charts.tick_words(ticks),
        tickangle=0,
        showgrid=True,
        gridcolor=GRID,
        color=GREY,
    )
    figure.update_yaxes(range=[-0.5, 0.5], visible=False)
    figure.add_bar(
        x=[published],
        y=[0],
        orientation="h",
        width=0.6,
        marker={"color": BLUE, "line_width": 0},
        text=[plain(f"Publié\u202f: {number(published)}")],
        textposition="none",
        hovertemplate="%{text}<extra></extra>",
    )
    if chart.total > published:
        figure.add_bar(
            x=[chart.total - published],
            y=[0],
            orientation="h",
            width=0.6,
            marker={
                "color": WHITE,
                "line": {"color": BLUE, "width": 1.5},
                "pattern": {"shape": "/", "fgcolor": BLUE, "size": 7, "solidity": 0.3},
            },
            text=[wrapped(charts.total_words(chart)[1], SMALL, 230)[0]],
            textposition="none",
            hovertemplate="%{text}<extra></extra>",
        )
    if chart.high > chart.low:
        # A white edge: the whisker stays visible over the solid bar.
        for colour, width in ((WHITE, 6), (INK, 2.5)):
            for x0, y0, x1, y1 in (
                (chart.low, 0, chart.high, 0),
                (chart.low, -0.17, chart.low, 0.17),
                (chart.high, -0.17, chart.high, 0.17),
            ):
                figure.add_shape(_stroke(x0, y0, x1, y1, colour, width, "above"))
    return figure
