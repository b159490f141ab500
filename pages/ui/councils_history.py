"""Who changed what and when, with the way back."""

from collections.abc import Sequence

import streamlit as st

from diagnostics.councils.history import Entry, history
from diagnostics.councils.undoing import coming_back
from diagnostics.wording import NARROW, count, day
from pages.ui import blocks
from pages.ui.councils_desk import Desk, ask_who, undo
from pages.ui.keys import Widget

_SHOWN, _FEW = 50, 12


def show_history(desk: Desk, council_id: str | None = None) -> None:
    """Show the last changes of the list, or of one council, newest first."""
    entries = history(desk.database, desk.departement, council_id, limit=_SHOWN)
    if not entries:
        st.info("Aucun changement depuis la liste de départ.")
        return
    back: dict[int, list[str]] = {}
    if desk.editable and any(entry.undoable for entry in entries):
        ask_who()
        names = desk.places.former_names
        back = coming_back(desk.database, desk.departement, entries, names)
    for entry in entries:
        at = entry.at.astimezone()
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            mark = " · *annulé depuis*" if entry.undone else ""
            st.markdown(
                f"{blocks.plain(entry.sentence)}  \n:gray[{day(at.date())} à {at:%H:%M} · "
                f"{blocks.plain(entry.who)}{mark}]",
                width="stretch",
            )
            if entry.id in back:
                _show_way_back(desk, entry, back[entry.id])
    if len(entries) == _SHOWN:
        st.caption(f"Les {_SHOWN} derniers changements{NARROW}; les autres restent gardés.")


def _show_way_back(desk: Desk, entry: Entry, back: Sequence[str]) -> None:
    """Show what undoing would change, then the button that does."""
    undoes = entry.action == "annulation"
    icon = ":material/redo:" if undoes else ":material/undo:"
    words = "Rétablir" if undoes else "Annuler"
    # A key of its own: once undone, it closes, and does not open on the entry above.
    with st.popover(f"{words}…", icon=icon, key=f"{Widget.COUNCIL_UNDO}-{entry.id}-menu"):
        st.markdown(f"**{words} ce changement, c’est{NARROW}:**")
        for sentence in back[:_FEW]:
            st.markdown(f"- {blocks.plain(sentence)}")
        if len(back) > _FEW:
            st.caption(f"Et {count(len(back) - _FEW, 'autre')} du même changement.")
        st.button(
            f"{words} ce changement",
            key=f"{Widget.COUNCIL_UNDO}-{entry.id}",
            type="primary",
            icon=icon,
            on_click=undo,
            args=(desk.database, desk.departement, entry.id),
        )
