"""The keyboard of a presentation: its keys change the slide, as a remote control does."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from pages.ui.keys import Param, Widget

_KEYS = st.components.v2.component(
    "presentation_keys", js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
)


def listen(at: int, last: int, show: Callable[[int], None]) -> None:
    """Call `show` with the number of the slide that a key asks for, from 1 to `last`."""

    def asked() -> None:
        wanted = st.session_state[Widget.SLIDE_KEYS].slide
        if wanted is not None:
            show(int(wanted))

    notes = f".st-key-{Widget.SLIDE_NOTES} button"
    data = {"at": at, "last": last, "param": Param.DIAPO.value, "notes": notes}
    _KEYS(key=Widget.SLIDE_KEYS, data=data, on_slide_change=asked)
