"""Groups with their intervals, one line each in the order of the names, on one scale.

A funnel needs counts; a total that is partly estimated has an interval instead, wider for the
doubt of the estimate. The picture is the same on screen and in the files.
"""

import base64
import math
from collections.abc import Sequence
from html import escape
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st

from diagnostics.figures import charts, fonts, paper
from diagnostics.figures.charts import BLUE, GREY, GRID, Caption
from diagnostics.figures.paper import MARGIN, SMALL, TEXT, paragraph
from diagnostics.wording import VERDICTS, count, slug
from pages.ui import blocks
from pages.ui.compare_blocks import View, show_calculation

LEFT, RIGHT = 780, 1440
ROW, LINE, LEAST = 30, 34, 92
RULE = (
    "Point\u202f: taux du total, publié en entier ou estimé pour les communes non publiées. "
    "Trait\u202f: intervalle à 95\u202f%, qui porte le hasard et le doute de l’estimation. Barre "
    "grise\u202f: taux du reste du département. Le verdict dit si l’intervalle l’exclut."
)
KEY = (
    "Point bleu et trait\u202f: taux et intervalle à 95\u202f%. Barre grise\u202f: reste du "
    "département. Le signe et le mot disent le verdict."
)


class Area(NamedTuple):
    """One line of the picture: name, rate in ‰, its interval, its reference, its verdict."""

    label: str
    rate: float
    low: float
    high: float
    reference: float
    verdict: str
    named: bool


def show_intervals(view: View, rows: pd.DataFrame, chosen: Sequence[str]) -> None:
    """Show the groups of a level whose total is known; the others are counted in words.

    `rows` are long-table rows of one level, one indicator and one year, in the order of the names.
    """
    known = rows[rows["taux_estime"].notna()]
    aside = len(rows) - len(known)
    if known.empty:
        st.info(
            "Aucun groupe n’a de total publié ou estimé\u202f: trop peu de communes y sont "
            "publiées. Choisir un autre indicateur ou un autre niveau.",
            icon=":material/info:",
        )
        return
    areas = [_area(row, chosen) for row in known.to_dict("records")]
    notes = [KEY]
    if aside:
        verb = (
            "n’a pas de total et n’y est pas"
            if aside == 1
            else "n’ont pas de total et n’y sont pas"
        )
        notes.append(f"{count(aside, 'groupe')} {verb}\u202f: ni zéro, ni valeur connue.")
    caption = view.caption("les groupes et leur intervalle", str(view.year))
    svg = intervals_svg(caption, areas, notes)
    image = base64.b64encode(svg.encode()).decode()
    st.html(
        f'<div class="table-frame"><img alt="{escape(_alternative(caption, areas))}" '
        f'style="min-width:760px;max-width:1000px;width:100%" '
        f'src="data:image/svg+xml;base64,{image}"></div>'
    )
    stem = slug(f"{caption.title} {caption.subtitle}")
    with st.popover("Image", icon=":material/download:", key="intervalles-image"):
        blocks.download(
            "intervalles-png", "PNG", lambda: paper.png(svg), f"{stem}.png", "image/png"
        )
        blocks.download("intervalles-svg", "SVG", svg.encode, f"{stem}.svg", "image/svg+xml")
    show_calculation(view, "intervalles", RULE)


def _area(row: dict[Any, Any], chosen: Sequence[str]) -> Area:
    return Area(
        row["libelle"],
        row["taux_estime"],
        row["taux_estime_bas"],
        row["taux_estime_haut"],
        row["taux_reference"],
        row["comparaison"],
        row["code"] in chosen,
    )


def _alternative(caption: Caption, areas: Sequence[Area]) -> str:
    lines = [f"{a.label}\u202f: {charts.verdict_words(a.verdict)}" for a in areas]
    return ". ".join([caption.title, *lines])


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
