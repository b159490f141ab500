"""The living list of councils: who sits where, since when, and by what source."""

import streamlit as st

from pages.ui import blocks
from pages.ui.councils_access import READ_ONLY
from pages.ui.councils_desk import NEW, Desk, open_desk, show_last_change
from pages.ui.councils_duty import show_duty
from pages.ui.councils_editor import show_council
from pages.ui.councils_exchange import show_import
from pages.ui.councils_history import show_history
from pages.ui.councils_list import show_list
from pages.ui.councils_mergers import show_mergers
from pages.ui.councils_new import show_new
from pages.ui.keys import Param
from pages.ui.navigation import show_page
from pages.ui.selection import chosen

VIEWS = {
    "liste": ("Liste", show_list),
    "obligations": ("Obligations légales", show_duty),
    "importer": ("Importer", show_import),
    "historique": ("Historique", show_history),
}
# A link to this very page is drawn as the menu's current item: give it back the look of a link.
# Streamlit says in English how to choose a file, and a limit that is not that of these files.
_STYLE = """<style>
[data-testid="stMain"] [data-testid="stPageLink"] a { background: none; padding-left: 0; }
[data-testid="stMain"] [data-testid="stPageLink"] a p { color: #000091; white-space: normal; }
[data-testid="stFileUploaderDropzoneInstructions"] { display: none; }
[data-testid="stFileUploaderDropzone"] button p { font-size: 0; }
[data-testid="stFileUploaderDropzone"] button p::after { content: "Choisir un fichier";
  font-size: .875rem; }
</style>"""


def page() -> None:
    """Show the page."""
    store = blocks.page_start(
        "Territoires",
        "Les conseils locaux de prévention de la délinquance\u202f: qui y siège, depuis quand, "
        "d’après quelle source.",
    )
    st.html(_STYLE)
    departement = blocks.pick_departement(store)
    desk = open_desk(departement)
    if not desk.editable:
        st.info(READ_ONLY, icon=":material/lock:")
    asked = st.query_params.get(Param.CONSEIL)
    found = next((c for c in desk.councils if c.id == asked), None)
    if asked == NEW and desk.editable:
        show_new(desk)
    elif found is not None:
        show_council(desk, found)
    else:
        if asked not in (None, NEW):
            st.warning(f"Le conseil « {blocks.plain(asked)} » n’est pas dans cette liste.")
        _views(desk)


def _views(desk: Desk) -> None:
    views = {key: view for key, view in VIEWS.items() if desk.editable or key != "importer"}
    view = chosen(Param.VUE, list(views), "liste")
    st.session_state[Param.VUE] = view
    st.segmented_control(
        "Que montrer",
        list(views),
        format_func=lambda key: views[key][0],
        key=Param.VUE,
        required=True,
        label_visibility="collapsed",
        on_change=_remember_view,
    )
    show_last_change()
    if view == "liste":
        show_mergers(desk)
    views[view][1](desk)


def _remember_view() -> None:
    st.query_params[Param.VUE] = st.session_state[Param.VUE]


show_page(page)
