"""Charts on paper: an SVG page with title, unit, source and edition inside (`paper`).

Nothing is told by colour alone: the area is dark with dots, its reference grey and bare, what is
estimated or missing is hatched.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from html import escape
from typing import NamedTuple
from urllib.parse import quote

import numpy as np

from diagnostics.figures import charts, fonts, paper, scale
from diagnostics.figures.charts import (
    BLUE,
    GREY,
    GRID,
    PALE,
    Box,
    Chart,
    FunnelChart,
    IntervalChart,
    Line,
    Panel,
    ProfileChart,
    ProfileRow,
    TimeChart,
    TotalBar,
)
from diagnostics.figures.paper import LEADING, MARGIN, PAGE, SMALL, TEXT, paragraph
from diagnostics.statistics.profile import MINIMUM_FOR_QUARTILES, Profile, each_peer
from diagnostics.wording import NARROW, NOT_SHOWN, VERDICTS, number, rate

BAND_OPACITY, HATCH_OPACITY = 0.16, 0.6
SHADE, WHITE = "#f1f1f1", "#ffffff"
ESTIMATED = (
    '<defs><pattern id="estime" width="10" height="10" patternUnits="userSpaceOnUse">'
    f'<rect width="10" height="10" fill="{WHITE}"/>'
    f'<path d="M-2,2L2,-2M0,10L10,0M8,12L12,8" stroke="{BLUE}" stroke-width="2.4"/>'
    "</pattern></defs>"
)
# Width of a label column beside a plot, and between the columns of a grid.
LABELS, GUTTER = 400, 70


class Sheet(NamedTuple):
    """What a chart is laid on: lengths and sizes of letters, in half-pixels."""

    width: float
    text_width: float
    spine: tuple[float, float]
    """Of a profile: the ends of the line of each row."""
    verdict_x: float
    figures: float
    """Size of the smallest letters."""
    lone: float
    """Height of a panel alone."""

    @property
    def right(self) -> float:
        """Return the right edge of what is drawn."""
        return self.width - MARGIN


ROWS = 3
"""Of a profile: rows that stay together in a text."""
ALONE = Sheet(PAGE, paper.TEXT_WIDTH, (640.0, 1270.0), 1340, 20, 720)
"""A file of its own, looked at on a screen."""
WITHIN = Sheet(1650, 1530, (480.0, 1000.0), 1060, SMALL, 400)
"""A figure in a text 180 mm wide: its smallest letters are 8 points there."""
GLYPH_WIDTH, GLYPH_HEIGHT = 56, 28
_DASHES = {"solid": "", "dash": ' stroke-dasharray="14 9"', "dot": ' stroke-dasharray="3 8"'}
# A place beyond the limits is drawn as the verdict of the same direction.
SIGN_OF = {"au_dessus": "plus_eleve", "au_dessous": "moins_eleve"}


class KeyEntry(NamedTuple):
    """One line of a chart's key: a drawing 56 x 28 (SVG) and its words."""

    glyph: str
    words: str


class Plot(NamedTuple):
    """A plot on the page: its box, and the values at its edges."""

    box: Box
    x_low: float
    x_high: float
    y_high: float

    def x(self, value: float) -> float:
        """Return the abscissa of a value."""
        share = (value - self.x_low) / (self.x_high - self.x_low)
        return self.box.left + share * (self.box.right - self.box.left)

    def y(self, value: float) -> float:
        """Return the ordinate of a value; 0 is the bottom."""
        return self.box.bottom - value / self.y_high * (self.box.bottom - self.box.top)


def svg_chart(chart: Chart) -> str:
    """Return a chart as an SVG page 1,000 pixels wide. Its PNG is `paper.png` of it."""
    caption = chart.caption
    head, y = paper.head(caption.title, caption.subtitle)
    unit, y = paragraph(caption.unit, MARGIN, y + 14, TEXT, paper.TEXT_WIDTH, bold=True)
    key, y = _key(key_entries(chart), y + 6, ALONE)
    drawn, y = _content(chart, y)
    notes, y = _notes(chart, y + 46, ALONE)
    return paper.sheet(
        caption.title,
        f"{caption.subtitle}. {caption.unit}",
        scale.pattern_defs(2) + ESTIMATED + head + unit + key + drawn + notes,
        y - 40,
        caption.source_line,
        caption.edition,
    )


def svg_figures(chart: TimeChart | ProfileChart) -> list[str]:
    """Return a chart for a text that has its title and source, in parts that pages may separate.

    The first part begins with the unit and the key of all, the last one ends with the notes.
    """
    parts = _parts(chart)
    found = []
    for at, part in enumerate(parts):
        drawn, y = "", 0.0
        if at == 0:
            words = chart.caption.unit
            drawn, y = paragraph(words, MARGIN, TEXT, TEXT, WITHIN.text_width, bold=True)
            key, y = _key(key_entries(chart), y + 6, WITHIN)
            drawn += key
        figure, y = part(y)
        y += 10
        if at == len(parts) - 1:
            notes, y = _notes(chart, y + SMALL, WITHIN)
            drawn += notes
        found.append(_figure(drawn + figure, y))
    return found


def _parts(chart: TimeChart | ProfileChart) -> list[Callable[[float], tuple[str, float]]]:
    """Return what draws each row of panels, or some rows of a profile, from a height on."""
    if isinstance(chart, ProfileChart):
        rows = [chart.rows[at : at + ROWS] for at in range(0, len(chart.rows), ROWS)]
        return [partial(_profile, replace(chart, rows=some), sheet=WITHIN) for some in rows]
    if len(chart.panels) == 1:
        return [partial(_one_panel, chart, sheet=WITHIN)]
    columns = _columns(chart)
    starts = range(0, len(chart.panels), columns)
    panels = [chart.panels[at : at + columns] for at in starts]
    return [
        partial(_grid, replace(chart, panels=some), sheet=WITHIN, columns=columns)
        for some in panels
    ]


def _figure(drawn: str, height: float) -> str:
    width = WITHIN.right - MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="{MARGIN} 0 {width:.0f} {height:.0f}" font-family="{fonts.CSS_FAMILIES}">'
        f"{scale.pattern_defs(2)}{ESTIMATED}{drawn}</svg>"
    )


def _notes(chart: Chart, y: float, sheet: Sheet) -> tuple[str, float]:
    """Return the notes of a chart from a baseline, and the baseline that follows."""
    drawn = ""
    for note in charts.notes_of(chart):
        words, y = paragraph(note, MARGIN, y, SMALL, sheet.text_width)
        drawn += words
    return drawn, y


def _content(chart: Chart, y: float) -> tuple[str, float]:
    """Return the drawing that starts at `y`, and its bottom."""
    if isinstance(chart, TimeChart):
        if len(chart.panels) == 1:
            return _one_panel(chart, y, ALONE)
        return _grid(chart, y, ALONE, _columns(chart))
    if isinstance(chart, ProfileChart):
        return _profile(chart, y, ALONE)
    if isinstance(chart, FunnelChart):
        return _funnel(chart, y)
    if isinstance(chart, IntervalChart):
        return _intervals(chart, y)
    return _total(chart, y)


# --- The key. ---


def key_entries(chart: Chart) -> list[KeyEntry]:
    """Return what the drawings of a chart mean, for what it really holds."""
    if isinstance(chart, TimeChart):
        return _time_key(chart)
    if isinstance(chart, ProfileChart):
        return _profile_key(chart)
    if isinstance(chart, FunnelChart):
        wide = " larges" if chart.widened else ""
        return [
            KeyEntry(
                _dot("dedans"),
                f"zone dans les limites{wide} à {charts.confidence_words(charts.OUTSIDE)}",
            ),
            KeyEntry(_dot("au_dessus"), "au-dessus"),
            KeyEntry(_dot("au_dessous"), "au-dessous"),
            KeyEntry(
                _line_glyph(GREY, 6),
                f"{chart.reference_label}\u202f: {rate(chart.reference)}{NARROW}‰",
            ),
            *(
                KeyEntry(_line_glyph(GREY, 3, _DASHES[curve.dash]), curve.words)
                for curve in chart.curves
            ),
        ]
    if isinstance(chart, IntervalChart):
        return [
            KeyEntry(_AREA_POINT, f"taux du groupe, intervalle à 95{NARROW}%"),
            KeyEntry(_REFERENCE_TICK, chart.reference_label),
        ]
    entries = [KeyEntry(_swatch(BLUE), "publié")]
    if chart.total > (0 if math.isnan(chart.published) else chart.published):
        words = "estimé" if chart.high > chart.low else "non publié commune par commune"
        entries.append(KeyEntry(_swatch("url(#estime)"), words))
    if chart.high > chart.low:
        entries.append(KeyEntry(_WHISKER, f"intervalle à 95{NARROW}% du total"))
    return entries


def _profile_key(chart: ProfileChart) -> list[KeyEntry]:
    positions = [row.position for row in chart.rows]
    entries = [
        KeyEntry(_AREA_POINT, f"{chart.area_label}, intervalle à 95{NARROW}%"),
        KeyEntry(_REFERENCE_TICK, f"référence\u202f: {chart.reference_label}"),
    ]
    if any(p.peers_known >= MINIMUM_FOR_QUARTILES for p in positions):
        cut = any(p.maximum > charts.spine_range(p)[1] for p in positions)
        words = (
            f"{chart.peers_label}\u202f: ligne, du plus bas au plus haut\u202f; boîte, la moitié "
            f"centrale\u202f; trait, la médiane{', flèche, au-delà' if cut else ''}"
        )
        entries.append(KeyEntry(_PEERS, words))
    if any(each_peer(p) for p in positions):
        entries.append(
            KeyEntry(_FEW_PEERS, f"{chart.peers_label}\u202f: un cercle pour chaque zone")
        )
    return entries


def _time_key(chart: TimeChart) -> list[KeyEntry]:
    panels = chart.panels
    entries = []
    areas = {panel.area.label for panel in panels}
    name = next(iter(areas)) if len(areas) == 1 else "le territoire nommé"
    with_interval = any(any(charts.known(panel.area.low)) for panel in panels)
    words = f"{name}, et son intervalle à 95{NARROW}%" if with_interval else name
    references = dict.fromkeys(p.reference.label for p in panels if p.reference)
    if len(panels) > 1:
        entries = [KeyEntry(_AREA_LINE, words)]
        entries += [KeyEntry(_line_glyph(GREY, 4), label) for label in references]
    elif with_interval:
        entries = [KeyEntry(_BAND, f"intervalle à 95{NARROW}%")]
    if any(panel.others for panel in panels):
        entries.append(KeyEntry(_line_glyph(PALE, 3), "les autres territoires comparés"))
    if any(panel.area.indicative for panel in panels):
        entries.append(KeyEntry(_INDICATIVE, "somme indicative, sans intervalle"))
    if any(charts.hidden_runs(panel.area) for panel in panels):
        entries.append(KeyEntry(_HIDDEN, f"{NOT_SHOWN}\u202f: {_why(panels)}"))
    return entries


def _why(panels: Sequence[Panel]) -> str:
    """Return the reasons of the missing values, each once."""
    reasons = dict.fromkeys(word for panel in panels for word in panel.area.absences if word)
    return ", ou ".join(reasons)


def _line_glyph(colour: str, width: float, dashes: str = "") -> str:
    return f'<path d="M2,14H54" stroke="{colour}" stroke-width="{width}"{dashes}/>'


def _swatch(fill: str) -> str:
    return f'<rect x="2" y="3" width="52" height="22" fill="{fill}" stroke="{BLUE}"/>'


def _dot(position: str, x: float = 28, y: float = 14) -> str:
    """Return an area of the funnel: a disc, or a triangle beyond the limits."""
    if position in SIGN_OF:
        return _sign(SIGN_OF[position], x, y, 11, BLUE)
    return (
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="7" fill="#8f98c9" fill-opacity=".75" '
        f'stroke="{WHITE}" stroke-width="1.5"/>'
    )


def _sign(comparison: str, x: float, y: float, size: float, colour: str) -> str:
    """Return the sign of a verdict around a point: no font needs to have it."""
    if comparison == "plus_eleve":
        path = f"M{x - size:.1f},{y + size * 0.8:.1f}h{2 * size:.1f}l{-size:.1f},{-1.7 * size:.1f}z"
    elif comparison == "moins_eleve":
        path = f"M{x - size:.1f},{y - size * 0.8:.1f}h{2 * size:.1f}l{-size:.1f},{1.7 * size:.1f}z"
    elif comparison == "proche":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size * 0.8:.1f}" fill="{colour}"/>'
    else:
        path = f"M{x - size * 0.8:.1f},{y - 1.5:.1f}h{size * 1.6:.1f}v3h{-size * 1.6:.1f}z"
    return f'<path d="{path}" fill="{colour}" stroke="{WHITE}" stroke-width="1.5"/>'


_AREA_LINE = (
    f'<rect x="2" y="4" width="52" height="20" fill="{BLUE}" fill-opacity="{BAND_OPACITY}"/>'
    f'<path d="M2,14H54" stroke="{BLUE}" stroke-width="5"/>'
    f'<circle cx="28" cy="14" r="7" fill="{BLUE}"/>'
)
_BAND = f'<rect x="2" y="4" width="52" height="20" fill="{BLUE}" fill-opacity="{BAND_OPACITY}"/>'
_INDICATIVE = (
    f'<path d="M2,14H54" stroke="{BLUE}" stroke-width="5" stroke-dasharray="10 8"/>'
    f'<circle cx="28" cy="14" r="7" fill="{WHITE}" stroke="{BLUE}" stroke-width="3"/>'
)
_HIDDEN = (
    '<rect x="2" y="3" width="52" height="22" fill="url(#non-diffuse)" '
    f'fill-opacity="{HATCH_OPACITY}" stroke="{PALE}"/>'
)
_AREA_POINT = (
    f'<path d="M4,14H52" stroke="{BLUE}" stroke-width="5"/>'
    f'<circle cx="28" cy="14" r="9" fill="{BLUE}"/>'
)
_REFERENCE_TICK = '<path d="M28,0V28" stroke="#161616" stroke-width="5"/>'
_PEERS = (
    f'<path d="M2,14H54" stroke="{PALE}" stroke-width="4"/>'
    f'<rect x="14" y="5" width="26" height="18" fill="#d9d9d9" stroke="{GREY}" stroke-width="2"/>'
    f'<path d="M26,5V23" stroke="{GREY}" stroke-width="3"/>'
)
_FEW_PEERS = "".join(
    f'<circle cx="{x}" cy="14" r="9" fill="{WHITE}" stroke="{GREY}" stroke-width="4"/>'
    for x in (14, 42)
)
_WHISKER = '<path d="M6,14H50M6,5V23M50,5V23" stroke="#161616" stroke-width="3.5" fill="none"/>'


def glyph_uri(glyph: str) -> str:
    """Return a drawing of the key as a small image, as a data address."""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="28" height="14" '
        f'viewBox="0 0 {GLYPH_WIDTH} {GLYPH_HEIGHT}">'
        f"{scale.pattern_defs(2)}{ESTIMATED}{glyph}</svg>"
    )
    return f"data:image/svg+xml,{quote(svg)}"


def _key(entries: Sequence[KeyEntry], y: float, sheet: Sheet) -> tuple[str, float]:
    """Return the key, entries one after another on lines, and the baseline that follows."""
    drawn, x = "", float(MARGIN)
    widest = sheet.text_width - GLYPH_WIDTH - 16
    for glyph, words in entries:
        lines = fonts.wrap(words, SMALL, widest)
        width = GLYPH_WIDTH + 16 + max(fonts.text_width(line, SMALL) for line in lines) * 1.1
        if x > MARGIN and x + width > MARGIN + sheet.text_width:
            x, y = float(MARGIN), y + SMALL * 1.6
        text, following = paragraph(words, x + GLYPH_WIDTH + 16, y, SMALL, widest)
        drawn += f'<g transform="translate({x:.0f},{y - 22:.0f})">{glyph}</g>{text}'
        x += width + 40
        if len(lines) > 1:
            x, y = float(MARGIN), following + SMALL * 0.3
    return drawn, y + (SMALL * 1.6 if x > MARGIN else 0)


# --- Years. ---


def _one_panel(chart: TimeChart, y: float, sheet: Sheet) -> tuple[str, float]:
    (panel,) = chart.panels
    (ticks,) = charts.tops(chart)
    box = Box(MARGIN + 90, y + 40, sheet.right - LABELS, y + 40 + sheet.lone)
    plot = _plot(panel, ticks, box)
    drawn = _panel(panel, plot, ticks, TEXT, sheet)
    labels = []
    lines = [(panel.area, BLUE), *([(panel.reference, GREY)] if panel.reference else [])]
    for line, colour in lines:
        at = charts.last_known(line)
        if at is None:
            continue
        words = charts.rate_words(line.values[at], line.low[at], line.high[at])
        name = fonts.wrap(line.label, TEXT, LABELS * 0.8, bold=True)
        value = fonts.wrap(f"{words} en {panel.years[at]}", SMALL, LABELS * 0.85)
        labels.append((line, at, colour, name, value))
    heights = [(len(n) * TEXT + len(v) * SMALL) * LEADING + 10 for _, _, _, n, v in labels]
    centres = [plot.y(line.values[at]) for line, at, _, _, _ in labels]
    for (line, at, colour, name, value), height, centre in zip(
        labels,
        heights,
        charts.spread(centres, heights, box.top - 40, box.bottom + 40),
        strict=True,
    ):
        x, top = box.right + 46, centre - height / 2
        if at == len(panel.years) - 1:
            wanted = plot.y(line.values[at])
            drawn += (
                f'<path d="M{box.right + 6:.0f},{wanted:.0f}L{x - 10:.0f},{centre:.0f}" '
                f'stroke="{colour}" stroke-width="2" fill="none"/>'
            )
        for wrapped, size, bold in ((name, TEXT, True), (value, SMALL, False)):
            for text in wrapped:
                top += size * LEADING
                drawn += _text(text, x, top - size * 0.3, size, colour, bold=bold)
    lowest = max((box.bottom, *(c + h / 2 for c, h in zip(centres, heights, strict=True))))
    return drawn, max(box.bottom + 44, lowest)


def _columns(chart: TimeChart) -> int:
    return 2 if len(chart.panels) in (2, 4) else 3


def _grid(chart: TimeChart, y: float, sheet: Sheet, columns: int) -> tuple[str, float]:
    """Return panels in rows of two or three, their plots aligned."""
    cell = (sheet.right - MARGIN - GUTTER * (columns - 1)) / columns
    height = 330 if columns == 3 else 440
    all_ticks, drawn = charts.tops(chart), ""
    for start in range(0, len(chart.panels), columns):
        row = list(zip(chart.panels, all_ticks, strict=True))[start : start + columns]
        titles = [fonts.wrap(panel.title, TEXT, cell * 0.9, bold=True) for panel, _ in row]
        top = y + TEXT + max(map(len, titles)) * TEXT * LEADING
        for column, ((panel, ticks), title) in enumerate(zip(row, titles, strict=True)):
            left = MARGIN + column * (cell + GUTTER)
            for i, text in enumerate(reversed(title)):
                at = top - 40 - i * TEXT * LEADING
                drawn += _text(text, left, at, TEXT, paper.INK, bold=True)
            box = Box(left + 66, top, left + cell - 70, top + height)
            plot = _plot(panel, ticks, box)
            drawn += _panel(panel, plot, ticks, SMALL, sheet) + _last_values(panel, plot)
        y = top + height + 56
    return drawn, y - 10


def _last_values(panel: Panel, plot: Plot) -> str:
    """Return the last values of the area and its reference, at the right of a small panel."""
    found = []
    for line, colour in ((panel.area, BLUE), (panel.reference, GREY)):
        at = charts.last_known(line) if line else None
        if line and at == len(panel.years) - 1:
            found.append((plot.y(line.values[at]), rate(line.values[at]), colour))
    places = charts.spread(
        [y for y, _, _ in found], [SMALL * 1.1] * len(found), plot.box.top, plot.box.bottom
    )
    return "".join(
        _text(words, plot.box.right + 10, y + SMALL * 0.35, SMALL, colour, bold=colour == BLUE)
        for (_, words, colour), y in zip(found, places, strict=True)
    )


def _plot(panel: Panel, ticks: Sequence[float], box: Box) -> Plot:
    return Plot(box, panel.years[0] - 0.5, panel.years[-1] + 0.5, ticks[-1])


def _panel(panel: Panel, plot: Plot, ticks: Sequence[float], size: float, sheet: Sheet) -> str:
    """Return the drawing of a panel, without its title and labels."""
    box, years = plot.box, panel.years
    strip = size * 1.25  # above the plot: the word on the lockdowns
    drawn = ""
    lockdown = charts.lockdowns_in(years)
    if lockdown:
        left, right = plot.x(lockdown[0] - 0.5), plot.x(lockdown[1] + 0.5)
        drawn += _rect(left, box.top - strip, right - left, box.bottom - box.top + strip, SHADE)
    for first, last in charts.hidden_runs(panel.area):
        left, right = plot.x(years[first] - 0.5), plot.x(years[last] + 0.5)
        hatch = f'url(#non-diffuse)" fill-opacity="{HATCH_OPACITY}'
        drawn += _rect(left, box.top, right - left, box.bottom - box.top, hatch)
    for value, words in zip(ticks, charts.tick_words(ticks), strict=True):
        colour = GREY if value == 0 else GRID
        at = plot.y(value)
        drawn += f'<path d="M{box.left:.0f},{at:.1f}H{box.right:.0f}" stroke="{colour}" '
        drawn += 'stroke-width="2"/>'
        drawn += _text(words, box.left - 12, at + size * 0.33, size, GREY, anchor="end")
    for year in year_ticks(years, box.right - box.left, size):
        at = plot.x(year)
        drawn += f'<path d="M{at:.1f},{box.bottom:.0f}v8" stroke="{GREY}" stroke-width="2"/>'
        drawn += _text(f"{year}", at, box.bottom + 8 + size, size, GREY, anchor="middle")
    for other in panel.others:
        drawn += _line(other, plot, years, PALE, 3)
    if panel.reference:
        drawn += _line(panel.reference, plot, years, GREY, 4)
    drawn += _inside(_interval(panel.area, plot, years), box)
    drawn += _area(panel.area, plot, years, size)
    if lockdown:
        middle = plot.x(sum(lockdown) / 2)
        letters = max(size * 0.8, sheet.figures)
        drawn += _text(
            charts.LOCKDOWNS, middle, box.top - strip * 0.25, letters, GREY, anchor="middle"
        )
    for first, last in charts.hidden_runs(panel.area):
        middle = plot.x((years[first] + years[last]) / 2)
        drawn += _text(
            NOT_SHOWN,
            middle,
            box.bottom - size * 0.6,
            size,
            GREY,
            anchor="middle",
            halo=True,
        )
    return drawn


def year_ticks(years: Sequence[int], width: float, size: float) -> list[int]:
    """Return the years written on an axis: the last one, and every n-th before it."""
    needed = fonts.text_width("2020", size) * 1.35
    step = max(1, math.ceil(needed * len(years) / width))
    return list(reversed(years))[::step][::-1]


def _line(line: Line, plot: Plot, years: Sequence[int], colour: str, width: float) -> str:
    """Return a bare line, open where a value is missing; a value alone is a short dash."""
    path = ""
    for first, last in charts.runs(charts.known(line.values)):
        points = [(plot.x(years[i]), plot.y(line.values[i])) for i in range(first, last + 1)]
        if first == last:
            x, y = points[0]
            half = min((plot.x(1) - plot.x(0)) * 0.3, 60)
            points = [(x - half, y), (x + half, y)]
        path += _path(points)
    style = f'fill="none" stroke="{colour}" stroke-width="{width}" stroke-linejoin="round"'
    return f'<path d="{path}" {style}/>' if path else ""


def _interval(line: Line, plot: Plot, years: Sequence[int]) -> str:
    """Return the interval: a band over neighbouring years, a whisker where a year stands alone."""
    drawn = ""
    for first, last in charts.runs(charts.known(line.low)):
        upper = [(plot.x(years[i]), plot.y(line.high[i])) for i in range(first, last + 1)]
        lower = [(plot.x(years[i]), plot.y(line.low[i])) for i in range(first, last + 1)]
        if first == last:
            (x, top), (_, bottom) = upper[0], lower[0]
            drawn += (
                f'<path d="M{x:.1f},{top:.1f}V{bottom:.1f}M{x - 12:.1f},{top:.1f}h24'
                f'M{x - 12:.1f},{bottom:.1f}h24" stroke="{BLUE}" stroke-width="4" fill="none"/>'
            )
        else:
            drawn += (
                f'<path d="{_path(upper + lower[::-1])}z" fill="{BLUE}" '
                f'fill-opacity="{BAND_OPACITY}"/>'
            )
    return drawn


def _area(line: Line, plot: Plot, years: Sequence[int], size: float) -> str:
    radius = size * 0.26
    fill = WHITE if line.indicative else BLUE
    dots = "".join(
        f'<circle cx="{plot.x(year):.1f}" cy="{plot.y(value):.1f}" r="{radius:.1f}" '
        f'fill="{fill}" stroke="{BLUE}" stroke-width="3"/>'
        for year, value in zip(years, line.values, strict=True)
        if not math.isnan(value)
    )
    path = "".join(
        _path([(plot.x(years[i]), plot.y(line.values[i])) for i in range(first, last + 1)])
        for first, last in charts.runs(charts.known(line.values))
    )
    dashes = ' stroke-dasharray="10 8"' if line.indicative else ""
    stroke = f'<path d="{path}" fill="none" stroke="{BLUE}" stroke-width="5"{dashes}/>'
    return (stroke if path else "") + dots


# --- One area among its peers. ---


def _profile(chart: ProfileChart, y: float, sheet: Sheet) -> tuple[str, float]:
    drawn, figures = "", sheet.figures
    left, right = sheet.spine
    for row in chart.rows:
        name = _name_of(row, sheet)
        words = [
            line
            for each in charts.peers_words(row)
            for line in fonts.wrap(each, figures, (right - left) * 0.95)
        ]
        # Above the middle the reference is named, below come the ends and the peers' figures.
        spine = figures + 30 if charts.spine_known(row) else 0
        under = spine + (len(words) + 0.5) * figures * LEADING
        middle = y + max(spine + 14, 34)
        drawn += f'<path d="M{MARGIN},{y:.0f}H{sheet.right}" stroke="{GRID}" stroke-width="2"/>'
        at = y + 6
        for text, size, colour, bold in name:
            at += size * LEADING
            drawn += _text(text, MARGIN, at, size, colour, bold=bold)
        drawn += _spine(row, middle, sheet) if spine else ""
        for i, text in enumerate(words):
            below = middle + spine + (i + 0.8) * figures * LEADING
            drawn += _text(text, left, below, figures, GREY)
        drawn += _reading(row, middle, sheet)
        y = max(at, middle + under) + 14
    return drawn, y


def _name_of(row: ProfileRow, sheet: Sheet) -> list[tuple[str, float, str, bool]]:
    """Return the lines that name a row and its unit: text, size, colour, bold."""
    width, small = sheet.spine[0] - MARGIN - 70, sheet.figures
    name = fonts.wrap(row.label, TEXT, width, bold=True)
    return [
        *((text, TEXT, paper.INK, True) for text in name),
        *((text, small, GREY, False) for text in fonts.wrap(row.unit, small, width) if text),
    ]


def _spine(row: ProfileRow, y: float, sheet: Sheet) -> str:
    """Return the line of a row: peers in grey, reference named, area with its interval."""
    position, figures = row.position, sheet.figures
    left, right = sheet.spine

    def x(value: float) -> float:
        return left + charts.spine_share(position, value) * (right - left)

    drawn = f'<path d="M{left},{y:.0f}H{right}" stroke="{GRID}" stroke-width="2"/>'
    for words, share, side in charts.end_words(row):
        anchor = {"left": "start", "center": "middle", "right": "end"}[side]
        at = left + share * (right - left)
        drawn += _text(words, at, y + 26 + figures, figures, GREY, anchor=anchor)
    each = each_peer(position)
    for value in each:
        drawn += (
            f'<circle cx="{x(value):.1f}" cy="{y:.0f}" r="12" fill="{WHITE}" stroke="{GREY}" '
            'stroke-width="4"/>'
        )
    if position.peers_known and not each:
        drawn += _box_of_peers(position, x, y)
    if not math.isnan(position.low):
        low, high = x(position.low), x(position.high)
        drawn += (
            f'<path d="M{low:.1f},{y:.0f}H{high:.1f}M{low:.1f},{y - 11:.0f}v22'
            f'M{high:.1f},{y - 11:.0f}v22" stroke="{BLUE}" stroke-width="6"/>'
        )
    if not math.isnan(position.value):
        drawn += (
            f'<circle cx="{x(position.value):.1f}" cy="{y:.0f}" r="13" fill="{BLUE}" '
            f'stroke="{WHITE}" stroke-width="2"/>'
        )
    if not math.isnan(position.reference):
        share = charts.spine_share(position, position.reference)
        at = x(position.reference)
        anchor = "start" if share < 0.15 else "end" if share > 0.85 else "middle"
        words = charts.reference_words(row)
        drawn += (
            f'<path d="M{at:.1f},{y - 28:.0f}v52" stroke="{paper.INK}" stroke-width="5"/>'
            + _text(words, at, y - 36, figures, paper.INK, anchor=anchor)
        )
    return drawn


def _box_of_peers(position: Profile, x: Callable[[float], float], y: float) -> str:
    """Return the spread of many peers: from end to end, their central half, their median."""
    low, high = x(position.minimum), x(position.maximum)
    start, end = x(position.first_quartile), x(position.third_quartile)
    cut = position.maximum > charts.spine_range(position)[1]
    tip = f"M{high - 14:.1f},{y - 10:.0f}l14,10l-14,10" if cut else f"M{high:.1f},{y - 9:.0f}v18"
    return (
        f'<path d="M{low:.1f},{y:.0f}H{high:.1f}M{low:.1f},{y - 9:.0f}v18{tip}" '
        f'stroke="{GREY}" stroke-width="3" fill="none"/>'
        f'<rect x="{start:.1f}" y="{y - 19:.0f}" width="{max(end - start, 3):.1f}" height="38" '
        f'fill="#d9d9d9" stroke="{GREY}" stroke-width="2"/>'
        f'<path d="M{x(position.median):.1f},{y - 19:.0f}v38" stroke="{GREY}" stroke-width="4"/>'
    )


def _reading(row: ProfileRow, y: float, sheet: Sheet) -> str:
    """Return the verdict and the value of a row, or why there is none."""
    if row.absence:
        return _text(f"{NOT_SHOWN} ({row.absence})", sheet.right, y + 10, TEXT, GREY, anchor="end")
    position = row.position
    words = charts.rate_words(position.value, position.low, position.high)
    _, verdict = VERDICTS[row.comparison]
    return (
        _sign(row.comparison, sheet.verdict_x, y, 12, paper.INK)
        + _text(verdict, sheet.verdict_x + 24, y + 9, SMALL, paper.INK)
        + _text(words, sheet.right, y + 10, TEXT, BLUE, bold=True, anchor="end")
    )


# --- Funnel. ---


def _funnel(chart: FunnelChart, y: float) -> tuple[str, float]:
    ticks = charts.axis_ticks(charts.funnel_top(chart))
    box = Box(MARGIN + 90, y + 20, PAGE - MARGIN - 20, y + 940)
    plot = Plot(box, math.log10(chart.grid[0]), math.log10(chart.grid[-1]), ticks[-1])
    drawn = ""
    for value, words in zip(ticks, charts.tick_words(ticks), strict=True):
        at, colour = plot.y(value), GREY if value == 0 else GRID
        drawn += f'<path d="M{box.left:.0f},{at:.1f}H{box.right:.0f}" stroke="{colour}" '
        drawn += 'stroke-width="2"/>'
        drawn += _text(words, box.left - 12, at + 9, TEXT, GREY, anchor="end")
    for value in charts.log_ticks(chart.grid[0], chart.grid[-1]):
        at = plot.x(math.log10(value))
        drawn += f'<path d="M{at:.1f},{box.bottom:.0f}v8" stroke="{GREY}" stroke-width="2"/>'
        drawn += _text(number(value), at, box.bottom + 38, TEXT, GREY, anchor="middle")
    middle = (box.left + box.right) / 2
    drawn += _text(chart.denominator_label, middle, box.bottom + 80, SMALL, GREY, anchor="middle")
    lines = ""
    for curve in chart.curves:
        dashes = _DASHES[curve.dash]
        for limits in (curve.low, curve.high):
            path = "".join(
                _path(
                    [
                        (plot.x(math.log10(chart.grid[i])), plot.y(limits[i]))
                        for i in range(first, last + 1)
                    ]
                )
                for first, last in charts.runs(charts.known(limits))
            )
            lines += f'<path d="{path}" fill="none" stroke="{GREY}" stroke-width="3"{dashes}/>'
    at = plot.y(chart.reference)
    lines += f'<path d="M{box.left:.0f},{at:.1f}H{box.right:.0f}" stroke="{GREY}" '
    lines += 'stroke-width="4"/>'
    drawn += _inside(lines, box)
    spots = np.array(
        [(plot.x(math.log10(p.denominator)), plot.y(min(p.rate, ticks[-1]))) for p in chart.points]
    )
    for point, (x, y_dot) in zip(chart.points, spots, strict=True):
        if not point.named:
            drawn += _dot(point.position, x, y_dot)
    return drawn + _named(chart, spots, box), box.bottom + 90


def _named(chart: FunnelChart, spots: np.ndarray, box: Box) -> str:
    """Return the named areas, over all others, and their names."""
    chosen = [i for i, point in enumerate(chart.points) if point.named]
    wrapped = [fonts.wrap(chart.points[i].label, TEXT, 380, bold=True) for i in chosen]
    sizes = [
        (
            max(fonts.text_width(line, TEXT, bold=True) for line in lines) * 1.08,
            len(lines) * TEXT * LEADING,
        )
        for lines in wrapped
    ]
    places = charts.place_labels(
        [(float(x), float(y)) for x, y in spots[chosen]], sizes, spots, box, 22
    )
    drawn = ""
    for i, lines, place in zip(chosen, wrapped, places, strict=True):
        x, y = spots[i]
        near = (min(max(x, place.left), place.right), min(max(y, place.top), place.bottom))
        drawn += (
            f'<path d="M{x:.1f},{y:.1f}L{near[0]:.1f},{near[1]:.1f}" stroke="{BLUE}" '
            'stroke-width="2"/>'
        )
        if chart.points[i].position == "dedans":
            drawn += f'<circle cx="{x:.1f}" cy="{y:.1f}" r="12" fill="{BLUE}"/>'
        else:
            drawn += _sign(SIGN_OF[chart.points[i].position], x, y, 16, BLUE)
        for row, text in enumerate(lines):
            at = place.top + (row + 0.78) * TEXT * LEADING
            drawn += _text(text, place.left, at, TEXT, BLUE, bold=True, halo=True)
    return drawn


# --- Groups and their intervals. ---


def _intervals(chart: IntervalChart, y: float) -> tuple[str, float]:
    left, right = 780, 1440
    ticks = charts.interval_ticks(chart)
    wrapped = [fonts.wrap(r.label, TEXT, left - MARGIN - 40, bold=r.named) for r in chart.rows]
    heights = [max(len(lines) * TEXT * LEADING + 30, 92) for lines in wrapped]
    top, bottom = y + 10, y + 10 + sum(heights)

    def x(value: float) -> float:
        return left + value / ticks[-1] * (right - left)

    drawn = ""
    for tick, words in zip(ticks, charts.tick_words(ticks), strict=True):
        colour = GREY if tick == 0 else GRID
        drawn += f'<path d="M{x(tick):.1f},{top:.0f}V{bottom:.0f}" stroke="{colour}" '
        drawn += 'stroke-width="2"/>'
        drawn += _text(words, x(tick), bottom + 34, TEXT, GREY, anchor="middle")
    y = top
    for row, lines, height in zip(chart.rows, wrapped, heights, strict=True):
        middle = y + height / 2
        first = middle - (len(lines) - 1) * TEXT * LEADING / 2 + TEXT * 0.35
        for i, line in enumerate(lines):
            at = first + i * TEXT * LEADING
            drawn += _text(line, MARGIN, at, TEXT, paper.INK, bold=row.named)
        drawn += (
            f'<path d="M{x(row.low):.1f},{middle:.1f}H{x(row.high):.1f}" stroke="{BLUE}" '
            f'stroke-width="5"/><circle cx="{x(row.rate):.1f}" cy="{middle:.1f}" r="10" '
            f'fill="{BLUE}" stroke="{WHITE}" stroke-width="2"/>'
        )
        if not math.isnan(row.reference):
            drawn += f'<path d="M{x(row.reference):.1f},{middle - 22:.1f}v44" '
            drawn += f'stroke="{paper.INK}" stroke-width="5"/>'
        rate = charts.rate_words(row.rate, row.low, row.high)
        drawn += _text(rate, right + 60, middle - 6, SMALL, BLUE, bold=True)
        drawn += _sign(row.verdict, right + 70, middle + 22, 9, paper.INK)
        verdict = VERDICTS[row.verdict][1]
        drawn += _text(verdict, right + 92, middle + 30, SMALL, paper.INK)
        y += height
    return drawn, bottom + 44


# --- Total. ---


def _total(chart: TotalBar, y: float) -> tuple[str, float]:
    ticks = charts.axis_ticks(charts.total_top(chart))
    box = Box(MARGIN, y + 20, PAGE - MARGIN - 120, y + 160)

    def x(value: float) -> float:
        return box.left + value / ticks[-1] * (box.right - box.left)

    drawn, published = "", 0.0 if math.isnan(chart.published) else chart.published
    for value, words in zip(ticks, charts.tick_words(ticks), strict=True):
        anchor = "start" if value == 0 else "middle"
        drawn += f'<path d="M{x(value):.1f},{box.top:.0f}V{box.bottom:.0f}" stroke="{GRID}" '
        drawn += 'stroke-width="2"/>'
        drawn += _text(words, x(value), box.bottom + 34, SMALL, GREY, anchor=anchor)
    top, height = box.top + 24, box.bottom - box.top - 48
    drawn += _rect(box.left, top, x(published) - box.left, height, BLUE)
    if chart.total > published:
        drawn += _rect(x(published), top, x(chart.total) - x(published), height, "url(#estime)")
        drawn += (
            f'<rect x="{x(published):.1f}" y="{top:.1f}" '
            f'width="{x(chart.total) - x(published):.1f}" height="{height:.1f}" fill="none" '
            f'stroke="{BLUE}" stroke-width="3"/>'
        )
    if chart.high > chart.low:
        middle = top + height / 2
        whisker = (
            f"M{x(chart.low):.1f},{middle:.1f}H{x(chart.high):.1f}M{x(chart.low):.1f},"
            f"{middle - 22:.1f}v44M{x(chart.high):.1f},{middle - 22:.1f}v44"
        )
        # A white edge: the whisker stays visible over the solid bar.
        for colour, width in ((WHITE, 12), (paper.INK, 5)):
            drawn += f'<path d="{whisker}" stroke="{colour}" stroke-width="{width}" fill="none"/>'
    drawn += f'<path d="M{box.left},{box.top:.0f}V{box.bottom:.0f}" stroke="{GREY}" '
    drawn += 'stroke-width="3"/>'
    y = box.bottom + 90
    lines = charts.total_words(chart)
    for i, line in enumerate(lines):
        words, y = paragraph(line, MARGIN, y, TEXT, paper.TEXT_WIDTH, bold=i == len(lines) - 1)
        drawn += words
    return drawn, y - TEXT


# --- Strokes and words. ---


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _inside(drawn: str, box: Box) -> str:
    """Return a drawing cut at the edges of a box, without an id that another chart could take."""
    x, y, width, height = box.left, box.top, box.right - box.left, box.bottom - box.top
    place = f"{x:.1f} {y:.1f} {width:.1f} {height:.1f}"
    return (
        f'<svg x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
        f'viewBox="{place}" overflow="hidden">{drawn}</svg>'
    )


def _rect(x: float, y: float, width: float, height: float, fill: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"/>'
    )


def _text(
    words: str,
    x: float,
    y: float,
    size: float,
    colour: str,
    *,
    bold: bool = False,
    anchor: str = "start",
    halo: bool = False,
) -> str:
    """Return one line of text; with a halo it is readable over lines and hatching."""
    style = ' font-weight="700"' if bold else ""
    if anchor != "start":
        style += f' text-anchor="{anchor}"'
    line = f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{{}}"{style}{{}}>{{}}</text>'
    words = escape(words)
    around = f' stroke="{WHITE}" stroke-width="9" stroke-linejoin="round"'
    under = line.format(WHITE, around, words) if halo else ""
    return under + line.format(colour, "", words)
