"""The figures follow the list of councils: say when they do not yet, and make them."""

import hashlib

import pandas as pd
import streamlit as st

from diagnostics import territories
from diagnostics.councils import records
from diagnostics.diagnose import recompose
from diagnostics.errors import Refused
from diagnostics.store import default_folder
from diagnostics.wording import NARROW
from pages.ui import cache
from pages.ui.councils_access import editing, require_editing
from pages.ui.keys import Widget


def figures_follow(departement: str) -> bool:
    """Say whether the figures are those of the list in force today.

    Both what the figures were added over (the groups) and what is said of each council (its
    status and source) are compared.
    """
    listed = records.memberships(cache.councils(departement), departement)
    drawn = cache.table(departement, "groups")
    wanted = territories.council_groups(cache.table(departement, "communes"), listed)
    return _rows(wanted) == _rows(drawn[drawn["niveau"] == "territoire"]) and _rows(
        territories.current(listed)
    ) == _rows(territories.current(cache.table(departement, "memberships")))


def make_figures_follow(departement: str) -> None:
    """Put in force a snapshot on today's list.

    Raises:
        Refused: editing is off, or the snapshot cannot be made; the previous one stays in force.
    """
    require_editing()
    listed = records.memberships(cache.councils(departement), departement)
    file = records.export_csv(listed)
    origin = {
        "source": None,
        "publisher": "Liste tenue dans l’application",
        "licence": "",
        "file": f"conseils-{departement}.csv",
        "edition": "",
        "rows": len(listed),
        "bytes": len(file),
        "sha256": hashlib.sha256(file).hexdigest(),
        "url": None,
        "fetched_at": None,
    }
    recompose(default_folder(), departement, listed, origin)


def show_notice(departement: str) -> None:
    """Say that the figures are still those of an older list, with the button that makes them."""
    if figures_follow(departement):
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


def _rows(table: pd.DataFrame) -> set[tuple[object, ...]]:
    """Return the rows as a set, dates unknown as None, whatever the table's own order."""
    columns = sorted(table.columns)
    plain = table[columns].astype(object)
    return set(plain.where(plain.notna(), None).itertuples(index=False, name=None))
