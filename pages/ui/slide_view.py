"""One view of a presentation: its words, table, charts or map, in type for a room."""

import html
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from diagnostics.report.deck import Table
from diagnostics.report.model import Report
from pages.ui import blocks, slide_charts, slide_fit, slide_map
from pages.ui.keys import Widget
from pages.ui.slide_fit import View


def style() -> None:
    """Hide all that is not the slide and set the type; a phone scrolls, a projector does not."""
    cell = f"{slide_fit.CELL_ABOVE}px {slide_fit.CELL_SIDE}px"
    lengths = {
        "haut": f"{slide_fit.ABOVE}px",
        "cote": f"{slide_fit.SIDE}px",
        "pied": f"{slide_fit.FOOT}px",
        "ecart": f"{slide_fit.GAP}px",
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
                slide_map.show(slide.chart, report, departement, view.height)
            return
        if slide.table is not None and slide.chart is not None:
            left, right = st.columns([slide_fit.TABLE_SHARE, 1 - slide_fit.TABLE_SHARE])
            inside = slide_fit.INSIDE - slide_fit.COLUMNS_GAP
            width = inside * (1 - slide_fit.TABLE_SHARE)
            with left:
                _show_table(slide.table, view.body_size)
            with right:
                slide_charts.show_rates(slide.chart.lines, report, width, view.height, columns=1)
        elif slide.table is not None:
            _show_table(slide.table, view.body_size)
        elif slide.chart is not None and slide.chart.kind == "series":
            slide_charts.show_years(slide.chart.lines, report, view.height)
        elif slide.chart is not None:
            lines, width = slide.chart.lines, slide_fit.INSIDE
            columns = 1 if len(lines) <= slide_fit.BESIDE else 2
            slide_charts.show_rates(lines, report, width, view.height, columns)
        size = slide_fit.TEXT_SIZES[-1] if slide.table or slide.chart else view.body_size
        _words(size, slide.sentences)


def _words(size: int, sentences: Sequence[str], name: str = "diapo-texte") -> None:
    if sentences:
        lines = "".join(f"<p>{html.escape(sentence)}</p>" for sentence in sentences)
        st.html(f'<div class="{name}" style="--taille:{size}px">{lines}</div>')


def _show_table(table: Table, size: int) -> None:
    with st.container(key=f"{Widget.SLIDE}-tableau-{size}"):
        blocks.table(table.titles, table.rows, table.numbers)
