"""Groups with their intervals on paper: one line each, in the order of the names, on one scale.

A funnel needs counts; a total that is partly estimated has an interval instead, wider for the
doubt of the estimate.
"""

import math
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from diagnostics.figures import charts, fonts, paper
from diagnostics.figures.charts import BLUE, GREY, GRID, Caption
from diagnostics.figures.paper import MARGIN, SMALL, TEXT, paragraph
from diagnostics.wording import VERDICTS

LEFT, RIGHT = 780, 1440
ROW, LINE, LEAST = 30, 34, 92


class Area(NamedTuple):
    """One line of the picture: name, rate in ‰, its interval, its reference, its verdict."""

    label: str
    rate: float
    low: float
    high: float
    reference: float
    verdict: str
    named: bool


def intervals_svg(caption: Caption, areas: Sequence[Area], notes: Sequence[str]) -> str:
    """Return the picture as an SVG page (see `figures.paper`)."""
    head, y = paper.head(caption.title, caption.subtitle)
    unit, y = paragraph(caption.unit, MARGIN, y + 14, TEXT, paper.TEXT_WIDTH, bold=True)
    top = y + 30
    highest = max(v for a in areas for v in (a.high, a.reference) if not math.isnan(v))
    ticks = charts.axis_ticks(highest)
    wrapped = [fonts.wrap(a.label, TEXT, LEFT - MARGIN - 40, bold=a.named) for a in areas]
    heights = [max(len(lines) * LINE + ROW, LEAST) for lines in wrapped]
    bottom = top + sum(heights)

    def x(value: float) -> float:
        return LEFT + value / ticks[-1] * (RIGHT - LEFT)

    drawn = ""
    for tick, words in zip(ticks, charts.tick_words(ticks), strict=True):
        colour = GREY if tick == 0 else GRID
        drawn += (
            f'<path d="M{x(tick):.1f},{top:.0f}V{bottom:.0f}" stroke="{colour}"'
            f' stroke-width="2"/>{_words(words, x(tick), bottom + 34, GREY, anchor="middle")}'
        )
    y = top
    for area, lines, height in zip(areas, wrapped, heights, strict=True):
        middle = y + height / 2
        first = middle - (len(lines) - 1) * LINE / 2 + TEXT * 0.35
        for i, line in enumerate(lines):
            drawn += _words(line, MARGIN, first + i * LINE, paper.INK, bold=area.named)
        if not math.isnan(area.reference):
            drawn += (
                f'<path d="M{x(area.reference):.1f},{middle - 18:.1f}v36" stroke="{GREY}" '
                'stroke-width="7"/>'
            )
        drawn += (
            f'<path d="M{x(area.low):.1f},{middle:.1f}H{x(area.high):.1f}" stroke="{BLUE}" '
            f'stroke-width="5"/><circle cx="{x(area.rate):.1f}" cy="{middle:.1f}" r="10" '
            f'fill="{BLUE}" stroke="#ffffff" stroke-width="2"/>'
        )
        rate = charts.rate_words(area.rate, area.low, area.high)
        drawn += _words(rate, RIGHT + 60, middle - 6, BLUE, size=SMALL, bold=True)
        drawn += _sign(area.verdict, RIGHT + 70, middle + 22)
        drawn += _words(
            VERDICTS[area.verdict][1],
            RIGHT + 92,
            middle + 30,
            paper.INK,
            size=SMALL,
        )
        y += height
    y = bottom + 90
    for note in (*notes, *caption.notes):
        words, y = paragraph(note, MARGIN, y, SMALL, paper.TEXT_WIDTH)
        drawn += words
    return paper.sheet(
        caption.title,
        f"{caption.subtitle}. {caption.unit}",
        head + unit + drawn,
        y - SMALL,
        caption.source_line,
        caption.edition,
    )


def _sign(verdict: str, x: float, y: float) -> str:
    """Return the sign of a verdict, drawn: no font needs to have it."""
    if verdict == "proche":
        return f'<circle cx="{x:.0f}" cy="{y:.0f}" r="8" fill="{paper.INK}"/>'
    shapes = {"plus_eleve": "l10,-18l10,18z", "moins_eleve": "l10,18l10,-18z", "": "h20v3h-20z"}
    start = y + {"plus_eleve": 9, "moins_eleve": -9, "": 0}[verdict]
    return f'<path d="M{x - 10:.0f},{start:.0f}{shapes[verdict]}" fill="{paper.INK}"/>'


def _words(
    words: str,
    x: float,
    y: float,
    colour: str,
    *,
    size: float = TEXT,
    bold: bool = False,
    anchor: str = "start",
) -> str:
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}"{weight} '
        f'text-anchor="{anchor}">{escape(words)}</text>'
    )
