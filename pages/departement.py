"""The département: the indicators without communal figures, and the official totals."""

import streamlit as st

from diagnostics import catalogue
from pages.ui import blocks, cache
from pages.ui import departement_blocks as sections
from pages.ui.compare_blocks import View, show_calculation
from pages.ui.duty_blocks import show_missing_councils
from pages.ui.navigation import show_page
from pages.ui.selection import select_year

LEAD = (
    "Trois indicateurs ne sont publiés que pour le département entier. Pour les autres, voici le "
    "total du département et ce que les communes publiées en montrent."
)


def page() -> None:
    """Show the page."""
    store = blocks.page_start("Département", LEAD)
    departement = blocks.pick_departement(store)
    long, official = cache.table(departement, "long"), cache.table(departement, "official")
    wholes = long[long["niveau"].isin(["departement", "region", "france"])]
    held = set(wholes["indicateur"])
    indicators = [i for i in catalogue.indicators().values() if i.id in held]
    only = [i for i in indicators if i.level == "departement"]
    others = [i for i in indicators if i.level == "communes"]
    year = select_year(sorted(int(y) for y in long["annee"].unique()))
    view = View(store, departement, "departement", others[0], year)

    st.subheader("Les indicateurs sans chiffre communal")
    if only:
        sections.show_figures(wholes, only, year)
        sections.show_years(view, wholes, only)
        sections.show_counts(official, only)
        show_calculation(view, "seulement", sections.ONLY_RULE, only, official=True)
    else:
        st.info(sections.NO_OFFICIAL_BASE, icon=":material/info:")

    st.subheader(f"Les autres indicateurs en {year}")
    base = store.about(departement)["official_base"]
    st.caption(f"Base départementale\u202f: {base or sections.NO_BASE}")
    sections.show_totals(wholes, others, year)
    rule = sections.TOTALS_RULE if base else sections.REBUILT_RULE
    show_calculation(view, "totaux", rule, others, official=base is not None)
    if base:
        st.caption(sections.source_line(view))
    st.caption(blocks.source_line(store, departement))

    st.subheader("Conseils locaux\u202f: obligations à confirmer")
    show_missing_councils(departement)


show_page(page)
