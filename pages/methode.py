"""Method: what the figures are, what is hidden and why, how totals and verdicts are made."""

import streamlit as st

from pages.ui import blocks, method_sections
from pages.ui.navigation import show_page

SECTIONS = {
    "Ce qui est publié": method_sections.show_published,
    "Estimation": method_sections.show_estimate,
    "Comparaisons": method_sections.show_verdicts,
    "Indicateurs": method_sections.show_indicators,
    "Sources": method_sections.show_sources,
}


def page() -> None:
    """Show the page."""
    blocks.page_start("Méthode", "Ce que disent les chiffres, et ce qu’ils ne peuvent pas dire.")
    for tab, show in zip(st.tabs(list(SECTIONS)), SECTIONS.values(), strict=True):
        with tab:
            show()


show_page(page)
