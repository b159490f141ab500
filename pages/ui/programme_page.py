"""The page of one programme: its words, its indicators for one area, its context, its reasons."""

import streamlit as st

from diagnostics import catalogue
from diagnostics.figures import report_charts
from diagnostics.report.cells import identity
from diagnostics.report.model import Programme, Report
from diagnostics.report.sentences import strategy_in_use
from pages.ui import blocks, chart_blocks, perimeter, report_blocks, sheet_blocks
from pages.ui.keys import Param
from pages.ui.navigation import link_to_sheet
from pages.ui.reference_picker import (
    name_reference,
    pick_reference,
    show_reference,
)
from pages.ui.selection import select

_RANKS = {"primary": "principal", "secondary": "secondaire (principal ailleurs)"}


def show_programme(number: int) -> None:
    """Show the page of a programme of the strategy in use."""
    strategy = _pick_strategy()
    declared = next((p for p in strategy.programmes if p.number == number), None)
    if declared is None:
        blocks.page_start(f"Programme {number}")
        st.info(
            f"La stratégie « {strategy.short_title} » n’a pas de programme {number} : en choisir "
            "une autre dans la barre de gauche.",
            icon=":material/info:",
        )
        return
    store = blocks.page_start(f"{number}. {declared.short_title}", f"« {declared.title} »")
    departement = blocks.pick_departement(store)
    in_use = strategy_in_use(strategy, departement)
    st.caption(f"Stratégie utilisée\u202f: {in_use}. {strategy.mapping_note}")
    area = st.container()
    with st.columns([1, 2])[0]:
        comparator = pick_reference(departement)
    with area:
        report = perimeter.pick_report(departement, strategy_id=strategy.id, comparator=comparator)
    programme = next(p for p in report.programmes if p.number == number)
    st.subheader(blocks.plain(report.area.label))
    st.caption(identity(report))
    link_to_sheet("Ouvrir la fiche complète")
    lines = [reading.line for reading in programme.readings]
    if show_reference(departement, comparator, report, lines) and lines:
        report_blocks.show_rising(lines)
    _figures(report, programme, blocks.source_line(store, departement))


def _pick_strategy() -> catalogue.Strategy:
    """Show the strategies that are declared, where there are several; return the one in use."""
    ids = catalogue.strategy_ids()
    if len(ids) == 1:
        return catalogue.strategy(ids[0])
    with st.sidebar:
        chosen = select(
            Param.STRATEGIE,
            "Stratégie",
            ids,
            catalogue.DEFAULT_STRATEGY,
            lambda i: catalogue.strategy(i).short_title,
        )
    return catalogue.strategy(chosen)


def _figures(report: Report, programme: Programme, source: str) -> None:
    lines = [reading.line for reading in programme.readings]
    if not lines:
        st.info(
            "Aucun indicateur de ce programme n’est dans l’édition chargée.",
            icon=":material/info:",
        )
        return
    st.subheader("Les indicateurs")
    secondary = [r.line.id for r in programme.readings if r.rank != "primary"]
    report_blocks.show_figures(lines, secondary=secondary)
    for line in lines:
        with st.expander(f"{line.title} : ce que l’on peut en dire"):
            report_blocks.show_focus(line)
    title = f"Programme {programme.number} : {programme.short_title}"
    st.subheader("La zone parmi les autres, et au fil des ans")
    shown = report_blocks.charted(lines)
    if shown:
        among = report_charts.profile(report, title, shown, source)
        chart_blocks.show(name_reference(among, report, shown), "profil")
        years = report_charts.small_multiples(report, title, shown, source)
        chart_blocks.show(years, "annees")
    if programme.context:
        st.subheader("Le contexte que lit ce programme")
        report_blocks.show_context(programme.context, report.context_caution)
    st.subheader("Pourquoi ces indicateurs")
    blocks.table(
        ["Indicateur", "Rattachement", "Pourquoi", "À savoir"],
        [[r.line.title, _RANKS[r.rank], r.reason, r.line.caveat] for r in programme.readings],
    )
    if report.others:
        with st.expander("Indicateurs qui ne sont dans aucun programme"):
            sheet_blocks.show_unclaimed(report.others, report.strategy)
    st.caption(source)
