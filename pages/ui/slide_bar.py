"""The foot of a presentation: source on the left, on the right what turns the slides."""

import html
from collections.abc import Callable, Sequence

import streamlit as st

from pages.ui import blocks
from pages.ui.keys import Widget
from pages.ui.navigation import link_to_sheet
from pages.ui.slide_fit import View

# Shown by the style sheet, where the window calls for them.
_HINTS = (
    '<span class="diapo-grand"> · Ctrl et + agrandissent la diapositive</span>'
    '<span class="diapo-bas"> · F11 met en plein écran</span>'
)


def show(footer: str, views: Sequence[View], at: int, go: Callable[[int], None]) -> None:
    """Show the foot of the view `at`, from 1; `go` shows another one."""
    with st.container(key=Widget.SLIDE_FOOT):
        st.html(f'<div class="diapo-pied">{html.escape(footer)}{_HINTS}</div>')
    with st.container(key=Widget.SLIDE_BAR, horizontal=True, width="content"):
        _turn("Précédente", Widget.SLIDE_PREVIOUS, at > 1, go, at - 1)
        # A list for each view: it closes when another one is chosen.
        with st.popover(f"{at} / {len(views)}", type="tertiary", key=f"{Widget.SLIDE_LIST}-{at}"):
            for number, view in enumerate(views, start=1):
                st.button(
                    f"{number}. {blocks.plain(view.slide.title)}",
                    key=f"{Widget.SLIDE_LIST}-{at}-{number}",
                    type="tertiary",
                    on_click=go,
                    args=(number,),
                )
        _turn("Suivante", Widget.SLIDE_NEXT, at < len(views), go, at + 1)
        with st.container(key=Widget.SLIDE_NOTES), st.popover("Notes", type="tertiary"):
            notes = views[at - 1].slide.notes or ("Pas de note pour cette diapositive.",)
            lines = "".join(f"<p>{html.escape(note)}</p>" for note in notes)
            st.html(f'<div class="diapo-notes">{lines}</div>')
        link_to_sheet("Quitter")


def _turn(label: str, key: str, possible: bool, go: Callable[[int], None], to: int) -> None:
    st.button(label, key=key, type="tertiary", disabled=not possible, on_click=go, args=(to,))
