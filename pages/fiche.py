"""The sheet of one area: everything that its diagnostic says, on one page."""

import streamlit as st

from diagnostics.exports import csv
from diagnostics.figures import report_charts
from diagnostics.report.model import Report
from diagnostics.wording import quoted
from pages.ui import blocks, cache, chart_blocks, report_blocks
from pages.ui.area_picker import pick_area
from pages.ui.keys import Widget
from pages.ui.navigation import show_page
from pages.ui.perimeter import chosen_codes, edit_perimeter
from pages.ui.sheet_map import show_inset


def page() -> None:
    """Show the page."""
    store = blocks.page_start("Fiche territoire")
    departement = blocks.pick_departement(store)
    codes = chosen_codes(departement)
    if codes:
        report = cache.perimeter_report(departement, codes)
    else:
        choice = pick_area(departement)
        report = cache.report(departement, choice.niveau, choice.code, annee=choice.year)
    edit_perimeter(departement, codes)
    source = blocks.source_line(store, departement)
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader(blocks.plain(report.area.label))
        st.caption(report_blocks.identity(report))
        report_blocks.show_composition(report)
        st.subheader("Situation légale")
        report_blocks.show_legal(report.legal)
    with right:
        show_inset(departement, report.area)
    report_blocks.show_summary(report)
    report_blocks.show_rising(report.lines)
    _programmes(report, source)
    _around(report)
    _context(report)
    st.subheader("Ce qui ne peut pas être dit")
    report_blocks.show_unsaid(report.unsaid)
    for caveat in report.caveats:
        st.markdown(f"- {caveat}")
    st.subheader("Sources")
    report_blocks.show_sources(report.sources, report.edition)
    if not codes:
        _downloads(departement, report)


def _programmes(report: Report, source: str) -> None:
    for programme, lines in report_blocks.by_programme(report):
        st.subheader(f"{programme.number}. {programme.short_title}")
        st.caption(quoted(programme.title))
        if not lines:
            st.info("Aucun indicateur de ce programme dans l’édition chargée.")
            continue
        report_blocks.show_figures(lines)
        for line in lines:
            with st.expander(f"{line.label} : ce que l’on peut en dire"):
                report_blocks.show_focus(line)
                bar = report_charts.total(report, line, source)
                if bar is not None:
                    chart_blocks.show(bar, f"total-{programme.number}-{line.id}")
                chart_blocks.show(
                    report_charts.series(report, line, source), f"ans-{programme.number}-{line.id}"
                )


def _around(report: Report) -> None:
    if report.around:
        st.subheader("Autour de la commune")
    for around in report.around:
        with st.expander(around.place.label):
            report_blocks.show_figures(around.lines)
    if report.area.neighbours:
        names = ", ".join(place.label for place in report.area.neighbours)
        st.markdown(f"**Communes voisines** : {names}.")


def _context(report: Report) -> None:
    st.subheader("Contexte")
    report_blocks.show_context(report.context, report.context_caution)
    if report.similar:
        st.markdown("**Territoires les plus semblables** (distance en écarts-types)")
        report_blocks.show_similar(report)


def _downloads(departement: str, report: Report) -> None:
    long = cache.table(departement, "long")
    rows = long[(long["niveau"] == report.area.niveau) & (long["code"] == report.area.code)]
    blocks.download(
        Widget.DOWNLOAD_CSV,
        "Les chiffres de cette zone en CSV",
        lambda: csv.encoded(rows),
        f"{departement}-{report.area.code}.csv",
        "text/csv",
    )


show_page(page)
