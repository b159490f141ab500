"""Territories astride: whose communes are counted, and the choice of the other reading."""

from dataclasses import replace

import streamlit as st

from diagnostics.exports import csv
from diagnostics.report import area as areas
from diagnostics.report import border
from diagnostics.report.model import COUNTABLE, COUNTED, TODAY, Area, Report
from diagnostics.report.surroundings import outside_sentences
from diagnostics.wording import NARROW, count
from pages.ui import blocks, cache
from pages.ui.keys import Param, Widget
from pages.ui.selection import switch


def across() -> bool:
    """Say whether the address reads territories astride whole, as it does unless it says not."""
    return st.query_params.get(Param.FRONTIERE) != "non"


def show_choice(report: Report) -> None:
    """Show whose communes the figures of a territory astride count, and the way to the other
    reading where its members next door are held.

    Nothing is shown for an area that lies in one département.
    """
    area = report.area
    held = [each for each in area.beyond if each.status in (COUNTABLE, COUNTED)]
    if held and report.composition == TODAY:
        communes = count(sum(len(each.communes) for each in held), "commune")
        where = ", ".join(each.label for each in held)
        switch(
            Param.FRONTIERE,
            f"Territoire entier{NARROW}: compter aussi {communes} hors du département ({where})",
            help_text="La table des téléchargements, la carte et la page Comparer gardent les "
            "communes du département.",
        )
    for sentence in outside_sentences(area):
        st.caption(blocks.plain(sentence))


def show_part(area: Area) -> None:
    """Say that a figure counts one département's members only, where other pages count them all."""
    there = [each for each in area.beyond if each.status == COUNTABLE]
    if there:
        communes = count(sum(len(each.communes) for each in there), "commune")
        where = ", ".join(each.label for each in there)
        st.caption(
            blocks.plain(
                f"Ici, ses seules communes du département, comme sur la carte{NARROW}; sa fiche et "
                f"ses documents comptent aussi {communes} hors du département ({where})."
            )
        )


def show_names(area: Area) -> None:
    """Show the members outside that the store can name, folded, by département."""
    named = [each for each in area.beyond if each.communes]
    if named:
        communes = count(sum(len(each.communes) for each in named), "commune")
        with st.expander(f"{communes} hors du département"):
            for each in named:
                names = ", ".join(place.label for place in each.communes)
                st.markdown(blocks.plain(f"{each.label}{NARROW}: {names}."))


def show_download_across(departement: str, area: Area) -> None:
    """Show the button that gives the rows of a territory read across the border."""
    blocks.download(
        Widget.DOWNLOAD_CSV,
        "Les chiffres du territoire entier en CSV",
        lambda: _csv(departement, area),
        f"{departement}-{area.code}-{border.WHOLE}.csv",
        "text/csv",
    )


def _csv(departement: str, area: Area) -> bytes:
    store, tables = cache.store(), cache.report_tables(departement)
    own = areas.area(tables, area.niveau, area.code)
    found = border.read_across(
        store, tables, replace(own, beyond=border.beyond(store, tables, own))
    )
    assert found is not None  # the button is that of a report read across
    return csv.encoded(found.rows)
