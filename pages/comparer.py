"""Compare: all areas of a level against chance, and up to five of them side by side."""

import pandas as pd
import streamlit as st

from diagnostics import catalogue
from diagnostics.catalogue import Indicator
from diagnostics.figures import map_data
from diagnostics.figures.charts import MAXIMUM_COMPARED
from diagnostics.sources.cog import COMMUNE
from pages.ui import blocks, cache
from pages.ui import compare_sections as sections
from pages.ui.area_picker import pick_layer
from pages.ui.compare_blocks import View, against, names
from pages.ui.compare_perimeter import perimeter_beside
from pages.ui.context_filter import filter_by_context
from pages.ui.keys import Param
from pages.ui.navigation import show_page
from pages.ui.reference_picker import pick_reference, show_absent
from pages.ui.selection import search_areas, select, select_year

LEAD = (
    "Qui s’écarte vraiment de la référence, et qui seulement par hasard\u202f? Les zones sont dans "
    "l’ordre des noms\u202f: rien ici n’est un classement."
)


def page() -> None:
    """Show the page."""
    store = blocks.page_start("Comparer", LEAD)
    departement = blocks.pick_departement(store)
    long, groups = cache.table(departement, "long"), cache.table(departement, "groups")
    layer, indicator, year = _choices(long, groups)
    left, right = st.columns([1, 2])
    with left:
        reference = pick_reference(departement)
    show_absent(departement, reference)
    view = View(store, departement, layer, indicator, year, reference)
    every = map_data.rows_of_layer(long, groups, layer)
    compared = cache.table(departement, "comparisons")
    series = against(every[every["indicateur"] == indicator.id], compared, reference)
    whole = long[(long["niveau"] == "departement") & (long["indicateur"] == indicator.id)]
    kept = filter_by_context(departement, series)
    beside = perimeter_beside(view)
    areas = names(beside) | names(series)
    label = f"Zones à mettre côte à côte ({MAXIMUM_COMPARED} au plus)"
    with right:
        found = search_areas(areas, label, MAXIMUM_COMPARED, list(names(beside)))
    chosen = [code for code in areas if code in found]

    st.subheader(f"{indicator.title}, {year}")
    st.caption(f"{map_data.LAYERS[layer]} · {map_data.unit_of_rate(indicator)} · {indicator.place}")
    sections.show_funnel(view, series, kept, whole, beside, chosen)
    sections.show_verdicts(view, series, kept, beside, chosen)
    sections.show_years(view, pd.concat([series, beside]), whole, chosen)


def _choices(long: pd.DataFrame, groups: pd.DataFrame) -> tuple[str, Indicator, int]:
    """Show the choices and return layer, indicator and year."""
    communal = long[long["niveau"] == COMMUNE]
    left, middle, right = st.columns([2, 4, 2])
    with left:
        # A département alone has nothing to be compared with here.
        layers = [layer for layer in map_data.layers_held(long, groups) if layer != "departement"]
        layer = pick_layer(long, groups, layers, layers[0])
    with middle:
        held = set(communal["indicateur"])
        titles = {i.id: i.title for i in catalogue.indicators().values() if i.id in held}
        first = next(iter(titles))
        chosen = select(Param.INDICATEUR, "Indicateur", list(titles), first, titles.__getitem__)
    with right:
        rows = communal[communal["indicateur"] == chosen]
        year = select_year(sorted(int(y) for y in rows["annee"].unique()))
    return layer, catalogue.indicators()[chosen], year


show_page(page)
