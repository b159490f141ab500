"""The panel of the area that was clicked: what it is, what the law says, its figures."""

import streamlit as st

from diagnostics.catalogue import Indicator
from diagnostics.store import Store


def show_area(
    store: Store, departement: str, niveau: str, code: str | None, indicator: Indicator, year: int
) -> None:
    """Show the panel, or how to open one."""
    if code is None:
        st.info(
            "Cliquer sur une zone de la carte, ou la chercher par son nom.",
            icon=":material/touch_app:",
        )
        return
    st.subheader(code)
