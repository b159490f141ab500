"""The panel of the area that was clicked: what it is, what the law says, its figures."""

from collections.abc import Sequence

import streamlit as st

from diagnostics.catalogue import Indicator
from diagnostics.figures import report_charts
from diagnostics.report.cells import identity
from diagnostics.report.model import Report
from pages.ui import blocks, border_picker, cache, chart_blocks, perimeter, report_blocks
from pages.ui.navigation import link_to_perimeter, link_to_sheet


def show_area(
    departement: str, niveau: str, code: str | None, indicator: Indicator, year: int
) -> None:
    """Show the panel, or how to open one."""
    if code is None:
        st.info(
            "Cliquer sur une zone de la carte, ou la chercher par son nom.",
            icon=":material/touch_app:",
        )
        return
    report = cache.report(departement, niveau, code, annee=year, across=False)
    link_to_sheet("Ouvrir la fiche complète")
    border_picker.show_part(report.area)
    _show(departement, report, indicator)
    if len(report.area.communes) > 1:
        communes = [place.code for place in report.area.communes]
        link_to_perimeter("Composer un périmètre à partir de cette zone", communes)


def show_perimeter(departement: str, codes: Sequence[str], indicator: Indicator, year: int) -> None:
    """Show the panel of the perimeter that is being composed: its communes, then its figures."""
    if codes:
        link_to_sheet("Ouvrir la fiche du périmètre")
    perimeter.show_composer(departement, codes)
    if not codes:
        return
    name = perimeter.label(departement, codes)
    _show(departement, cache.perimeter_report(departement, codes, name, annee=year), indicator)


def _show(departement: str, report: Report, indicator: Indicator) -> None:
    st.subheader(blocks.plain(report.area.label))
    st.caption(identity(report))
    source = blocks.source_line(cache.store(), departement)
    focus = next((line for line in report.lines if line.id == indicator.id), None)
    if focus is not None:
        report_blocks.show_focus(focus)
        bar = report_charts.total(report, focus, source)
        if bar is not None:
            chart_blocks.show(bar, "panneau-total")
        chart_blocks.show(report_charts.series(report, focus, source), "panneau-annees")
    with st.expander("Situation légale du conseil local"):
        report_blocks.show_legal(report.legal)
    report_blocks.show_composition(report)
    for programme, lines in report_blocks.by_programme(report):
        st.markdown(f"**Programme {programme.number} · {programme.short_title}**")
        report_blocks.show_figures(lines, short=True)
        report_blocks.show_caveats(lines)
