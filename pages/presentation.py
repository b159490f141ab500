"""The slides of a plenary on screen: one idea per view, turned by the keyboard."""

from datetime import date

import streamlit as st

from diagnostics.figures import map_data
from diagnostics.report.deck import Deck, deck
from diagnostics.report.model import Report
from diagnostics.wording import NARROW
from pages.ui import blocks, cache, keyboard, perimeter, slide_bar, slide_fit, slide_map, slide_view
from pages.ui.area_picker import pick_area
from pages.ui.keys import Param
from pages.ui.navigation import show_page
from pages.ui.selection import chosen

LEAD = (
    "Les diapositives d’une séance plénière, en plein écran. Les flèches du clavier ou une "
    "télécommande les font défiler\u202f; la touche N montre les notes de l’orateur et F11 "
    "agrandit la fenêtre."
)


def page() -> None:
    """Show the slides of the area in the address; without one, the choice of an area."""
    departement = _departement()
    report = _report(departement)
    if report is None:
        _choose()
        return
    made = _deck(report)
    shown = slide_fit.views(made.slides, outlines=slide_map.has_outlines(report, departement))
    at = _position(len(shown))
    slide_view.style()
    slide_view.show(shown[at - 1], report, departement)
    slide_bar.show(made.footer, shown, at, _go)
    keyboard.listen(at, len(shown), _go)


def _departement() -> str:
    held = list(cache.store().departements())
    return chosen(Param.DEPARTEMENT, held, "77" if "77" in held else held[0])


def _report(departement: str) -> Report | None:
    """Return the report that the address asks for, None where it names no area held."""
    asked = st.query_params
    years = cache.store().about(departement)["years"]
    options = {"annee": chosen(Param.ANNEE, years, max(years))}
    if reference := asked.get(Param.COMPARATEUR, asked.get(Param.REFERENCE)):
        options["comparator"] = reference
    if strategy := asked.get(Param.STRATEGIE):
        options["strategy_id"] = strategy
    if codes := perimeter.chosen_codes(departement):
        name = perimeter.label(departement, codes)
        return cache.perimeter_report(departement, codes, name, **options)
    long = cache.table(departement, "long")
    found = long.loc[long["code"] == asked.get(Param.ZONE), "niveau"].unique()
    if not len(found):
        return None
    niveau = map_data.niveau_of(asked.get(Param.NIVEAU, ""))
    niveau = niveau if niveau in found else str(found[0])
    return cache.report(departement, niveau, asked[Param.ZONE], **options)


def _deck(report: Report) -> Deck:
    asked = st.query_params.get(Param.DIAPOS, "")
    return deck(
        report,
        slides=[each.strip() for each in asked.split(",") if each.strip()] or None,
        audience=st.query_params.get(Param.PUBLIC, "public"),
        produced=date.today(),
    )


def _position(last: int) -> int:
    """Return the number of the slide that the address asks for, the nearest where it has none."""
    asked = st.query_params.get(Param.DIAPO, "1")
    at = min(max(int(asked), 1), last) if asked.isdecimal() else 1
    if str(at) != asked:
        st.toast(f"La diapositive {asked} n’existe pas{NARROW}: voici la {at} sur {last}.")
    return at


def _go(to: int) -> None:
    st.query_params[Param.DIAPO] = str(to)


def _choose() -> None:
    """Show the choice of an area: the address names none, or one that is not held."""
    store = blocks.page_start("Présentation", LEAD)
    departement = blocks.pick_departement(store)
    choice = pick_area(departement)
    here = {Param.DEPARTEMENT: departement, Param.ZONE: choice.code, Param.DIAPO: "1"}
    st.button(
        "Commencer",
        type="primary",
        icon=":material/slideshow:",
        on_click=st.query_params.update,
        args=({key.value: value for key, value in here.items()},),
    )


show_page(page)
