"""The only list of pages, and the menu made from it."""

from collections.abc import Callable, Iterable

import streamlit as st

from diagnostics.errors import Refused
from pages.ui.keys import Param
from pages.ui.selection import codes_in, link, perimeter_name

_HOME = st.Page("pages/accueil.py", title="Accueil", default=True)
_MAP = st.Page("pages/carte.py", title="Carte")
_SHEET = st.Page("pages/fiche.py", title="Fiche territoire")
_PROGRAMMES = [
    st.Page("pages/programme_tranquillite.py", title="Programme 1 · Tranquillité"),
    st.Page("pages/programme_publics.py", title="Programme 2 · Publics"),
    st.Page("pages/programme_territoires.py", title="Programme 3 · Territoires"),
]
_COMMITTEE = st.Page("pages/comite.py", title="Comité de pilotage")
_SLIDES = st.Page("pages/presentation.py", title="Présentation")
_COMPARE = st.Page("pages/comparer.py", title="Comparer")
_DEPARTEMENT = st.Page("pages/departement.py", title="Département")
_COUNCILS = st.Page("pages/territoires.py", title="Territoires")
_DOWNLOADS = st.Page("pages/telechargements.py", title="Téléchargements")
_METHOD = st.Page("pages/methode.py", title="Méthode")

# Icons stand in the menu only: given to st.Page, Streamlit asks an outside server for a favicon.
_ICONS = {
    _HOME: ":material/home:",
    _MAP: ":material/map:",
    _SHEET: ":material/description:",
    _PROGRAMMES[0]: ":material/counter_1:",
    _PROGRAMMES[1]: ":material/counter_2:",
    _PROGRAMMES[2]: ":material/counter_3:",
    _COMMITTEE: ":material/co_present:",
    _SLIDES: ":material/slideshow:",
    _COMPARE: ":material/balance:",
    _DEPARTEMENT: ":material/account_balance:",
    _COUNCILS: ":material/groups:",
    _DOWNLOADS: ":material/download:",
    _METHOD: ":material/functions:",
}
PAGES = list(_ICONS)
_ENTERED = "entered-by-app"


def show_page(page: Callable[[], None]) -> None:
    """Run a page of the app; a refusal becomes one sentence instead of a traceback."""
    if _ENTERED not in st.session_state:
        # The first address that a new server is asked for runs the file of the page without
        # app.py, for the sake of a `pages/` folder of the old kind: declare ours and start again.
        st.navigation(PAGES, position="hidden")
        st.rerun()
    try:
        page()
    except Refused as refusal:
        st.error(str(refusal), icon=":material/block:")


def show_navigation() -> None:
    """Show the menu; each link carries the choices made so far."""
    st.session_state[_ENTERED] = True
    with st.sidebar:
        for page, icon in _ICONS.items():
            st.page_link(page, icon=icon, query_params=link())
        st.divider()
        if codes_in(st.query_params.get(Param.COMMUNES, "")):
            st.markdown(f"**Périmètre en cours**\n\n{perimeter_name()}")
            link_to_sheet("Fiche du périmètre")
            st.caption(
                "La page Comparer le met à côté des zones de sa liste, sa fiche à côté du reste du "
                "département."
            )


_JOURNEYS = (
    (
        "Lire un territoire",
        "La fiche d’un conseil, d’une intercommunalité, d’une commune ou d’un périmètre libre, et "
        "ce qu’en lisent les trois programmes.",
        (_SHEET, *_PROGRAMMES),
    ),
    (
        "Préparer un comité de pilotage",
        "Diaporama à retoucher, fiche de deux pages à distribuer, diagnostic complet, projection "
        "en séance.",
        (_COMMITTEE, _SLIDES),
    ),
    (
        "Voir ce qui s’écarte",
        "Les zones du département sur la carte et face au hasard, avec leur doute\u202f; les "
        "tableaux à emporter.",
        (_MAP, _COMPARE, _DOWNLOADS),
    ),
)


def show_journeys() -> None:
    """Show what the app is for, each purpose with its pages."""
    for column, (title, words, pages) in zip(st.columns(3), _JOURNEYS, strict=True):
        with column.container(border=True, height="stretch"):
            st.markdown(f"**{title}**")
            st.caption(words)
            for page in pages:
                st.page_link(page, icon=_ICONS[page], query_params=link())


def link_to_sheet(label: str) -> None:
    """Show a link to the sheet of the area in the address."""
    st.page_link(_SHEET, label=label, query_params=link())


def link_to_presentation(label: str, zone: str) -> None:
    """Show a link to the slides of an area, with the choices made so far."""
    # The address may name no area: the page has then shown the first of the list.
    chosen = link() | {Param.ZONE.value: zone}
    st.page_link(_SLIDES, label=label, icon=":material/slideshow:", query_params=chosen)


def link_to_committee(label: str) -> None:
    """Show a link to the committee page, with the choices made so far."""
    st.page_link(_COMMITTEE, label=label, query_params=link())


def link_to_perimeter(label: str, codes: Iterable[str], name: str = "") -> None:
    """Show a link to the map where a perimeter is composed, from some communes or from none."""
    perimeter = {Param.COMMUNES.value: ",".join(codes), Param.NOM.value: name}
    kept = {key: value for key, value in link().items() if key not in perimeter}
    st.page_link(_MAP, label=label, icon=":material/draw:", query_params=kept | perimeter)


def link_to_council(label: str, council_id: str | None, icon: str | None = None) -> None:
    """Show a link to a council of the list; to the whole list without one."""
    chosen = {} if council_id is None else {Param.CONSEIL.value: council_id}
    st.page_link(_COUNCILS, label=label, icon=icon, query_params=link() | chosen)
