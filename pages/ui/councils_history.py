"""Who changed what and when, with the way back."""

import streamlit as st

from diagnostics.councils.history import history
from diagnostics.wording import NARROW, day
from pages.ui import blocks
from pages.ui.councils_desk import Desk, ask_who, undo
from pages.ui.keys import Widget

_SHOWN = 50


def show_history(desk: Desk, council_id: str | None = None) -> None:
    """Show the last changes of the list, or of one council, newest first."""
    entries = history(desk.database, desk.departement, council_id, limit=_SHOWN)
    if not entries:
        st.info("Aucun changement depuis la liste de départ.")
        return
    if desk.editable and any(entry.undoable for entry in entries):
        ask_who()
    for entry in entries:
        at = entry.at.astimezone()
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            mark = " · *annulé depuis*" if entry.undone else ""
            st.markdown(
                f"{blocks.plain(entry.sentence)}  \n:gray[{day(at.date())} à {at:%H:%M} · "
                f"{blocks.plain(entry.who)}{mark}]",
                width="stretch",
            )
            if desk.editable and entry.undoable:
                undoes = entry.action == "annulation"
                st.button(
                    "Rétablir" if undoes else "Annuler",
                    key=f"{Widget.COUNCIL_UNDO}-{entry.id}",
                    icon=":material/redo:" if undoes else ":material/undo:",
                    on_click=undo,
                    args=(desk.database, desk.departement, entry.id),
                )
    if len(entries) == _SHOWN:
        st.caption(f"Les {_SHOWN} derniers changements{NARROW}; les autres restent gardés.")
