"""The figures follow the list of councils: say when they do not yet, and make them."""

import streamlit as st

from diagnostics.councils import figures, records
from diagnostics.diagnose import recompose
from diagnostics.errors import Refused
from diagnostics.store import default_folder
from diagnostics.wording import NARROW
from pages.ui import cache
from pages.ui.councils_access import editing, require_editing
from pages.ui.keys import Widget


def make_figures_follow(departement: str) -> None:
    """Put in force a snapshot on today's list.

    Raises:
        Refused: editing is off, or the snapshot cannot be made; the previous one stays in force.
    """
    require_editing()
    listed = records.memberships(cache.councils(departement), departement)
    recompose(default_folder(), departement, listed, figures.origin(departement, listed))


def show_notice(departement: str) -> None:
    """Say that the figures are still those of an older list, with the button that makes them.

    A list that cannot be read is told, and stops no page: the figures do not need it.
    """
    try:
        if cache.figures_follow(departement):
            return
    except Refused as refusal:
        st.warning(str(refusal), icon=":material/warning:")
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/update: **Les chiffres suivent encore l’ancienne liste.** Cartes, fiches "
            f"et exports ne montrent pas encore les derniers changements de conseils{NARROW}; "
            "quelques secondes suffisent."
        )
        pressed = editing() and st.button(
            "Mettre les chiffres à jour", key=Widget.COUNCIL_FIGURES, type="primary"
        )
    if pressed:
        try:
            with st.spinner("Calcul des chiffres des conseils…"):
                make_figures_follow(departement)
        except Refused as refusal:
            st.error(str(refusal), icon=":material/block:")
            return
        st.rerun()
