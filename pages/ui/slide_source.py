"""What the address asks to present: an area, its figures and its slides. No widget is shown."""

from dataclasses import replace
from datetime import date

import streamlit as st

from diagnostics import catalogue, long_table
from diagnostics.exports.pptx import slides as file_slides
from diagnostics.figures import map_data
from diagnostics.report.deck import Deck, deck
from diagnostics.report.model import TODAY, YEARLY, Report
from pages.ui import border_picker, cache, council_texts, perimeter
from pages.ui.keys import Param
from pages.ui.selection import chosen


def departement() -> str:
    """Return the département that the address asks for, the first choice of pages otherwise."""
    held = list(cache.store().departements())
    return chosen(Param.DEPARTEMENT, held, "77" if "77" in held else held[0])


def report(departement: str) -> Report | None:
    """Return the report that the address asks for, None where it names no area held.

    Raises:
        Refused: unknown comparator or strategy.
    """
    asked = st.query_params
    years = cache.store().about(departement)["years"]
    options = {
        "annee": chosen(Param.ANNEE, years, max(years)),
        "comparator": asked.get(Param.REFERENCE, long_table.REFERENCE),
        "strategy_id": asked.get(Param.STRATEGIE, catalogue.DEFAULT_STRATEGY),
        "with_estimates": asked.get(Param.ESTIMATIONS) != "non",
    }
    composition = chosen(Param.COMPOSITION, [TODAY, YEARLY], TODAY)
    if codes := perimeter.chosen_codes(departement):
        name = perimeter.label(departement, codes)
        return cache.perimeter_report(departement, codes, name, **options)
    long = cache.table(departement, "long")
    found = long.loc[long["code"] == asked.get(Param.ZONE), "niveau"].unique()
    if not len(found):
        return None
    niveau = map_data.niveau_of(asked.get(Param.NIVEAU, ""))
    niveau = niveau if niveau in found else str(found[0])
    return cache.report(
        departement,
        niveau,
        asked[Param.ZONE],
        composition=composition if niveau == "territoire" else TODAY,
        across=border_picker.across(),
        **options,
    )


def slides(departement: str, report: Report) -> Deck:
    """Return the slides that the address asks for, with the texts of the council.

    They are those of the PPTX, page for page, so that a number means the same slide in both.

    Raises:
        Refused: unknown slide or audience.
    """
    asked = st.query_params.get(Param.DIAPOS, "")
    made = deck(
        report,
        slides=[each.strip() for each in asked.split(",") if each.strip()] or None,
        audience=st.query_params.get(Param.PUBLIC, "public"),
        produced=date.today(),
        texts=council_texts.of_report(departement, report),
    )
    held = cache.drawn_tables(departement, report.area)
    pages = (page for slide in made.slides for page in file_slides.pages(slide, report, held))
    return replace(made, slides=tuple(pages))
