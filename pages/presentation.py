"""The slides of a plenary on screen: one idea per view, turned by the keyboard."""

from collections.abc import Sequence

import streamlit as st

from diagnostics.errors import Refused
from diagnostics.wording import NARROW
from pages.ui import blocks, slide_fit, slide_map, slide_source, slideshow
from pages.ui.area_picker import pick_area
from pages.ui.keys import Param
from pages.ui.navigation import link_to_sheet, show_page
from pages.ui.slide_fit import View

TITLE = "Présentation"
LEAD = (
    "Les diapositives d’une séance plénière, une idée à la fois. Les flèches du clavier ou une "
    "télécommande les font défiler\u202f; la touche N montre les notes de l’orateur, F met en "
    "plein écran, Échap quitte et «\u202f?\u202f» dit toutes les touches."
)


def page() -> None:
    """Show the slides of the area in the address; without one, the choice of an area."""
    departement = slide_source.departement()
    try:
        report = slide_source.report(departement)
        made = slide_source.slides(departement, report) if report else None
    except Refused:
        blocks.page_start(TITLE)
        link_to_sheet("Revenir à la fiche")
        raise
    if report is None or made is None:
        _choose()
        return
    if not made.slides:
        _nothing()
        return
    shown = slide_fit.views(made.slides, outlines=slide_map.has_outlines(report, departement))
    start, said = _start(shown)
    slideshow.show(shown, start, said, made.footer, report, departement)


def _start(shown: Sequence[View]) -> tuple[int, str]:
    """Return the position of the view that the address asks for; where it has none, say so."""
    asked = st.query_params.get(Param.DIAPO, "1")
    addresses = [view.address for view in shown]
    if asked in addresses:
        return addresses.index(asked), ""
    last = shown[-1].number
    return 0, f"La diapositive {asked[:10]} n’existe pas{NARROW}: voici la première sur {last}."


def _choose() -> None:
    """Show the choice of an area: the address names none, or one that is not held."""
    store = blocks.page_start(TITLE, LEAD)
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


def _nothing() -> None:
    """Say that the slides asked for are all empty, and what to do."""
    blocks.page_start(TITLE)
    st.info(
        "Les diapositives demandées n’ont rien à montrer\u202f: aucun texte n’est écrit pour cette "
        "zone et cette année. Choisir d’autres diapositives sur la page Comité de pilotage, ou "
        "écrire ces textes sur la page Territoires."
    )
    st.button("Montrer toutes les diapositives", on_click=_all)


def _all() -> None:
    st.query_params.pop(Param.DIAPOS, None)


show_page(page)
