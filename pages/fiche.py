"""The sheet of one area: everything that its diagnostic says, on one page."""

import streamlit as st

from diagnostics.report.cells import identity
from diagnostics.report.model import PERIMETER, Report
from diagnostics.wording import COMMUNAL, quoted
from pages.ui import blocks, report_blocks, sheet_blocks
from pages.ui.border_picker import show_download_across, show_names
from pages.ui.navigation import show_page
from pages.ui.perimeter import NO_LIKES, pick_report, show_download, show_entrance
from pages.ui.sheet_map import show_inset


def page() -> None:
    """Show the page."""
    store = blocks.page_start("Fiche territoire")
    departement = blocks.pick_departement(store)
    report = pick_report(departement)
    show_names(report.area)
    show_entrance(departement, report)
    source = blocks.source_line(store, departement)
    if report.area.niveau in COMMUNAL:
        _commune(departement, report)
    else:
        _group(departement, report)
    _programmes(report, source)
    _around(report)
    _context(report)
    st.subheader("Ce qui ne peut pas être dit")
    sheet_blocks.show_limits(report)
    st.subheader("Sources")
    report_blocks.show_sources(report.sources, report.edition)
    if report.area.niveau == PERIMETER:
        show_download(departement)
    elif report.area.across:
        show_download_across(departement, report.area)
    else:
        sheet_blocks.show_download_of_area(departement, report.area)


def _commune(departement: str, report: Report) -> None:
    # Most of its figures are hidden: what that means comes first, then those around it.
    _name(report)
    st.subheader("Ce qui est publié, ce qui ne l’est pas")
    sheet_blocks.show_summary(report)
    report_blocks.show_rising(report.lines)
    st.subheader("La commune à côté de ses groupes")
    sheet_blocks.show_beside(report)
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader("Situation légale")
        report_blocks.show_legal(report.legal)
        show_inset(departement, report.area)
    with right:
        sheet_blocks.show_neighbours(departement, report.area)


def _group(departement: str, report: Report) -> None:
    left, right = st.columns([3, 2], gap="large")
    with left:
        _name(report)
        report_blocks.show_composition(report)
        st.subheader("Situation légale")
        report_blocks.show_legal(report.legal)
    with right:
        show_inset(departement, report.area)
    report_blocks.show_rising(report.lines)


def _name(report: Report) -> None:
    st.subheader(blocks.plain(report.area.label))
    st.caption(identity(report))


def _programmes(report: Report, source: str) -> None:
    for programme in report.programmes:
        st.subheader(f"{programme.number}. {programme.short_title}")
        st.caption(quoted(programme.title))
        if programme.readings:
            sheet_blocks.show_readings(programme.readings)
        else:
            st.info("Aucun indicateur de ce programme dans l’édition chargée.")
        sheet_blocks.show_details(
            report, [r.line for r in programme.readings if r.rank == "primary"], source
        )
    if report.others:
        st.subheader("Dans aucun programme")
        sheet_blocks.show_unclaimed(report.others, report.strategy)
        sheet_blocks.show_details(report, report.others, source)


def _around(report: Report) -> None:
    if report.around:
        st.subheader("Autour de la commune")
    for around in report.around:
        with st.expander(around.place.label):
            report_blocks.show_figures(around.lines)


def _context(report: Report) -> None:
    st.subheader("Contexte")
    report_blocks.show_context(report.context, report.context_caution)
    if report.similar:
        st.markdown("**Territoires les plus semblables** (distance en écarts-types)")
        report_blocks.show_similar(report)
    elif report.area.niveau == PERIMETER:
        st.caption(NO_LIKES)


show_page(page)
