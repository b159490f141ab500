"""Native charts: a double click opens their data sheet, which holds the report's own figures.

What is not published is an empty cell, so an opening in the curve, never a zero. Indicators by
residents and by dwellings never share an axis.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from typing import Any, NamedTuple

from pptx.chart.data import CategoryChartData
from pptx.chart.xlsx import CategoryWorkbookWriter
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
    XL_TICK_MARK,
)
from pptx.enum.dml import MSO_LINE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.util import Emu, Inches, Pt
from xlsxwriter import Workbook

from diagnostics.exports.pptx import text
from diagnostics.exports.pptx.template import BLUE, FONT, GREY, INK, LANGUAGE, PALE, RULE, Box, rgb
from diagnostics.figures import report_charts
from diagnostics.figures.charts import LOCKDOWN_YEARS, Panel
from diagnostics.report.model import Line, Report
from diagnostics.wording import NARROW, VERDICTS

SHEET = "Chiffres"
"""Sheet of the workbook behind each chart."""
_STAR = "*"
"""Marks the years of lockdown, on the axis and in the key."""
_FRENCH = "[$-40C]"
"""Makes LibreOffice write a decimal comma, as a French PowerPoint does."""
_AREA, _REFERENCE, _LOW, _HIGH = "zone", "référence", "borne basse", "borne haute"
_INTERVAL = "A1B0E8"
_KEY_HEIGHT, _GAP = Inches(0.3), Inches(0.2)
_BAND = Inches(0.7)
"""Of one indicator at most: a single bar does not fill a slide."""
_DWELLINGS = "logements"


class _Entry(NamedTuple):
    """One line of a key: a sign, its colour and its words."""

    sign: str
    colour: str
    words: str


def profile(shapes: Any, report: Report, lines: Sequence[Line], box: Box) -> None:
    """Draw the rate of each line beside its reference, one chart for each unit of rates."""
    reference = next((line.comparison.label for line in lines if line.comparison), "")
    entries = [_Entry("■", BLUE, report.area.label)]
    if reference:
        entries.append(_Entry("■", PALE, reference))
    tall = _key(shapes, entries, box, stacked=True)
    left = box.height - tall
    by_unit: dict[str, list[Line]] = {}
    for line in lines:
        by_unit.setdefault(_basis(line), []).append(line)
    # Each chart has a title as tall as about one indicator.
    weights = {unit: len(members) + 1 for unit, members in by_unit.items()}
    top = box.top + tall
    for unit, members in by_unit.items():
        part = min(left // sum(weights.values()), _BAND) * weights[unit]
        _bars(shapes, report, members, unit, box._replace(top=top, height=part))
        top += part


def series(shapes: Any, report: Report, lines: Sequence[Line], box: Box) -> None:
    """Draw each line over the years beside its reference, in a panel of its own."""
    panels = report_charts.small_multiples(report, "", lines, "").panels
    labels = list(dict.fromkeys(p.reference.label for p in panels if p.reference))
    entries = [_Entry("●", BLUE, report.area.label)]
    if labels:
        entries.append(_Entry("■", PALE, " ou ".join(labels)))
    entries.append(_Entry("—", "6F80D6", f"intervalle à 95{NARROW}%"))
    if locked := [str(year) for year in panels[0].years if year in LOCKDOWN_YEARS]:
        entries.append(_Entry(_STAR, INK, f"{' et '.join(locked)}{NARROW}: confinements"))
    tall = _key(shapes, entries, box, stacked=False)
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    width = (box.width - _GAP * (columns - 1)) // columns
    height = (box.height - tall - _GAP * (rows - 1)) // rows
    for at, (panel, line) in enumerate(zip(panels, lines, strict=True)):
        down, across = divmod(at, columns)
        left = box.left + across * (width + _GAP)
        top = box.top + tall + down * (height + _GAP)
        _curves(shapes, panel, line, Box(left, top, width, height))


def _bars(shapes: Any, report: Report, lines: Sequence[Line], unit: str, box: Box) -> None:
    data: Any = _ChartData()
    data.categories = [text.clean(line.title) for line in lines]
    data.add_series(text.clean(report.area.label), [line.figure.rate for line in lines])
    references = [line.comparison.rate if line.comparison else None for line in lines]
    if any(value is not None for value in references):
        label = next(line.comparison.label for line in lines if line.comparison)
        data.add_series(text.clean(label), references)
    frame = _add(shapes, XL_CHART_TYPE.BAR_CLUSTERED, data, box)
    verdicts = (
        f"{line.title} {VERDICTS[line.comparison.verdict if line.comparison else ''][1]}"
        for line in lines
    )
    text.describe(
        frame,
        f"Graphique {unit}",
        f"Barres des taux {unit}{NARROW}: {report.area.label} et sa référence. "
        f"{', '.join(verdicts)}.",
    )
    chart = frame.chart
    _titled(chart, f"Taux {unit}")
    plot = chart.plots[0]
    plot.gap_width, plot.overlap = 45, -5
    for each, colour in zip(plot.series, (BLUE, PALE), strict=False):
        each.format.fill.solid()
        each.format.fill.fore_color.rgb = rgb(colour)
        each.invert_if_negative = False
    plot.has_data_labels = True
    labels = plot.data_labels
    labels.show_value, labels.position = True, XL_LABEL_POSITION.OUTSIDE_END
    known = [v for v in (*references, *(line.figure.rate for line in lines)) if v is not None]
    labels.number_format, labels.number_format_is_linked = _format(known), False
    labels.font.size = Pt(text.SMALLEST)
    labels._element.find(".//{*}bodyPr").set("wrap", "none")
    chart.category_axis.reverse_order = True
    chart.category_axis.format.line.color.rgb = rgb(RULE)
    _no_marks(chart.category_axis)
    axis = chart.value_axis
    axis.minimum_scale, axis.has_major_gridlines = 0, False
    # Labels stand outside the bars: the axis leaves them room.
    axis.maximum_scale = max(known) * 1.6 or 1
    axis.visible = False


def _curves(shapes: Any, panel: Panel, line: Line, box: Box) -> None:
    data: Any = _ChartData()
    # On the axis, as in the key: marks of points are not drawn the same everywhere.
    data.categories = [f"{y}{_STAR}" if y in LOCKDOWN_YEARS else str(y) for y in panel.years]
    kept: list[tuple[str, str, Iterable[float]]] = [
        (_LOW, _LOW, panel.area.low),
        (_HIGH, _HIGH, panel.area.high),
        (_AREA, panel.area.label, panel.area.values),
    ]
    if panel.reference is not None:
        kept.insert(2, (_REFERENCE, panel.reference.label, panel.reference.values))
    drawn = [(role, label, list(map(_known, values))) for role, label, values in kept]
    drawn = [each for each in drawn if any(v is not None for v in each[2])]
    for _, label, values in drawn:
        data.add_series(text.clean(label), values)
    frame = _add(shapes, XL_CHART_TYPE.LINE_MARKERS, data, box)
    missing = [str(y) for y, why in zip(panel.years, panel.area.absences, strict=True) if why]
    text.describe(
        frame,
        f"Courbe, {line.title}",
        f"Courbe de {panel.years[0]} à {panel.years[-1]}{NARROW}: {line.title}, "
        f"{line.unit_of_rate}. {line.words.trend}"
        + (f" Sans taux{NARROW}: {', '.join(missing)}." if missing else ""),
    )
    chart = frame.chart
    basis = _basis(line)
    unit = f" ({basis})" if basis.endswith(_DWELLINGS) else ""
    _titled(chart, text.clipped(f"{line.title}{unit}", text.SMALLEST, box.width, bold=True))
    for (role, _, _), each in zip(drawn, chart.plots[0].series, strict=True):
        _stroke(each, role)
    chart.category_axis.format.line.color.rgb = rgb(RULE)
    _no_marks(chart.category_axis)
    axis = chart.value_axis
    axis.minimum_scale = 0
    axis.major_gridlines.format.line.color.rgb = rgb("E4E4E4")
    axis.format.line.fill.background()
    axis.tick_labels.number_format, axis.tick_labels.number_format_is_linked = (
        f"{_FRENCH}General",
        False,
    )
    _no_marks(axis)


def _stroke(each: Any, role: str) -> None:
    """Draw one curve by its role: the area in blue, its interval pale, the reference in grey."""
    colour = {_AREA: BLUE, _REFERENCE: PALE}.get(role, _INTERVAL)
    each.smooth = False
    line = each.format.line
    line.color.rgb = rgb(colour)
    line.width = Pt({_AREA: 2.75, _REFERENCE: 1.25}.get(role, 1))
    if role in (_LOW, _HIGH):
        line.dash_style = MSO_LINE.DASH
        each.marker.style = XL_MARKER_STYLE.NONE
        return
    # Told apart without colours too: discs on a thick line, squares on a thin one.
    own = role == _AREA
    each.marker.style = XL_MARKER_STYLE.CIRCLE if own else XL_MARKER_STYLE.SQUARE
    each.marker.size = 7 if own else 5
    each.marker.format.fill.solid()
    each.marker.format.fill.fore_color.rgb = rgb(colour)
    each.marker.format.line.color.rgb = rgb(colour)


def _add(shapes: Any, kind: XL_CHART_TYPE, data: CategoryChartData, box: Box) -> Any:
    """Add a chart without legend, whose texts are French and large enough."""
    frame = shapes.add_chart(kind, *map(Emu, box), data)
    chart = frame.chart
    chart.has_legend = False
    chart.font.size, chart.font.name = Pt(text.SMALLEST), FONT
    chart.font.color.rgb = rgb(GREY)
    space = chart._chartSpace
    for properties in space.iter("{*}defRPr"):
        properties.set("lang", LANGUAGE)
    language = parse_xml(f'<c:lang {nsdecls("c")} val="{LANGUAGE}"/>')
    space.find("{*}date1904").addnext(language)
    return frame


def _titled(chart: Any, title: str) -> None:
    frame = chart.chart_title.text_frame
    text.write(frame, [title], text.SMALLEST, bold=True, colour=INK)
    chart.chart_title.include_in_layout = False


def _no_marks(axis: Any) -> None:
    axis.major_tick_mark = axis.minor_tick_mark = XL_TICK_MARK.NONE
    axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW


def _key(shapes: Any, entries: Sequence[_Entry], box: Box, *, stacked: bool) -> int:
    """Write what the colours mean at the top of a box; return the height taken."""
    rows = len(entries) if stacked else 1
    width = box.width if stacked else box.width // len(entries)
    for at, entry in enumerate(entries):
        left, top = (0, at * _KEY_HEIGHT) if stacked else (at * width, 0)
        place = Box(box.left + left, box.top + top, width, _KEY_HEIGHT)
        words = text.clipped(f"{entry.sign} {entry.words}", text.SMALLEST, width)
        shape = text.textbox(shapes, place, [entry.sign], text.SMALLEST, name="Clé", bold=True)
        paragraph = shape.text_frame.paragraphs[0]
        paragraph.runs[0].font.color.rgb = rgb(entry.colour)
        text.run(paragraph, words[len(entry.sign) :], text.SMALLEST, bold=False, colour=INK)
    return rows * _KEY_HEIGHT


def _basis(line: Line) -> str:
    """Return what a rate is for: `pour 1 000 habitants`."""
    return line.unit_of_rate[line.unit_of_rate.index("pour ") :]


def _format(values: Sequence[float]) -> str:
    """Return the format that writes rates as `wording.rate` does: Excel holds two conditions."""
    rare = any(0 < value < 0.1 for value in values)
    if rare and any(value >= 10 for value in values):
        parts = ("[>=10]0.0", "[>=0.1]0.00", "0.000")
    else:
        parts = ("[=0]0", "[>=0.1]0.00", "0.000") if rare else ("[=0]0", "[>=10]0.0", "0.00")
    return ";".join(f"{_FRENCH}{part}" for part in parts)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


class _ChartData(CategoryChartData):
    """Chart data whose workbook holds texts as texts, and the date of no machine."""

    def __init__(self) -> None:
        super().__init__(number_format="0.00")  # type: ignore[no-untyped-call]

    @property
    def _workbook_writer(self) -> "_Writer":
        return _Writer(self)  # type: ignore[no-untyped-call]


class _Writer(CategoryWorkbookWriter):
    """A workbook where a name that begins with « = » is a name, on a sheet named in French."""

    @property
    def categories_ref(self) -> str:
        return _on_sheet(super().categories_ref)

    def series_name_ref(self, series: Any) -> str:
        return _on_sheet(super().series_name_ref(series))  # type: ignore[no-untyped-call]

    def values_ref(self, series: Any) -> str:
        return _on_sheet(super().values_ref(series))  # type: ignore[no-untyped-call]

    @contextmanager
    def _open_worksheet(self, xlsx_file: BytesIO) -> Iterator[tuple[Any, Any]]:
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        book = Workbook(xlsx_file, options)
        book.set_properties({"created": datetime(2000, 1, 1)})
        yield book, book.add_worksheet(SHEET)
        book.close()


def _on_sheet(reference: str) -> str:
    return reference.replace("Sheet1!", f"{SHEET}!", 1)
