"""The map: one layer, one indicator, one year, and the sheet of the area that is clicked."""

import pandas as pd
import streamlit as st

from diagnostics import catalogue
from diagnostics.catalogue import Indicator, Strategy
from diagnostics.figures import map_data
from diagnostics.sources.cog import COMMUNE
from pages.ui import blocks, cache, map_view, perimeter
from pages.ui.area_panel import show_area, show_perimeter
from pages.ui.area_picker import pick_layer
from pages.ui.keys import Param
from pages.ui.map_colours import coloured, pick_colours
from pages.ui.map_downloads import show_downloads
from pages.ui.navigation import show_page
from pages.ui.selection import has_perimeter, search_area, select, select_year

ALL_PROGRAMMES = "tous"


def page() -> None:
    """Show the page."""
    store = blocks.page_start("Carte")
    departement = blocks.pick_departement(store)
    long, groups = cache.table(departement, "long"), cache.table(departement, "groups")
    composing = has_perimeter()
    layer, indicator, year = _choices(long, groups, composing)
    of_layer = map_data.rows_of_layer(long, groups, layer)
    series = of_layer[of_layer["indicateur"] == indicator.id]
    shown = series[series["annee"] == year]
    areas = dict(sorted(zip(shown["code"], shown["libelle"], strict=True), key=lambda p: p[1]))

    st.subheader(f"{indicator.title}, {year}")
    unit = map_data.unit_of_rate(indicator)
    st.caption(f"{map_data.LAYERS[layer]} · {unit} · {indicator.place}")
    left, right = st.columns([3, 2], gap="large")
    with left:
        perimeter.show_mode()
        # Side by side: one above the other, they would push the map out of the window.
        first, second = st.columns(2)
        with first:
            if composing:
                perimeter.say_left_out(departement)
                codes, selected = perimeter.chosen_codes(departement), None
                st.markdown(_advice(departement, codes))
            else:
                codes, selected = [], search_area(areas, "Rechercher une zone")
        with second:
            colours = pick_colours()
        drawn = coloured(departement, colours, series, indicator, year)
        chosen = codes if composing else None
        map_view.show_map(
            departement, layer, drawn.rows, drawn.breaks, drawn.unit, selected, chosen
        )
        st.caption(blocks.source_line(store, departement))
        show_downloads(store, departement, layer, indicator, year, drawn, selected, codes)
    with right:
        if composing:
            show_perimeter(departement, codes, indicator, year)
        else:
            show_area(departement, map_data.niveau_of(layer), selected, indicator, year)


def _advice(departement: str, codes: list[str]) -> str:
    if codes:
        return f"**{perimeter.summary(departement, codes).capitalize()}.**"
    return "Cliquer sur les communes du périmètre\u202f; un second clic les retire."


def _choices(
    long: pd.DataFrame, groups: pd.DataFrame, composing: bool
) -> tuple[str, Indicator, int]:
    """Show the choices and return layer, indicator and year; a perimeter is made of communes."""
    strategy = catalogue.strategy()
    communal = long[long["niveau"] == "commune"]
    ids = set(communal["indicateur"].unique())
    held = [i for i in catalogue.indicators().values() if i.id in ids]
    columns = st.columns([3, 3, 5, 3])
    with columns[0]:
        if composing:
            layer = COMMUNE
            st.selectbox("Niveau", [map_data.LAYERS[layer]], disabled=True)
        else:
            layers = map_data.layers_held(long, groups)
            layer = pick_layer(long, groups, layers, layers[0])
    with columns[1]:
        programmes = [ALL_PROGRAMMES, *(str(p.number) for p in strategy.programmes)]
        programme = select(
            Param.PROGRAMME, "Programme", programmes, ALL_PROGRAMMES, lambda p: _words(strategy, p)
        )
    with columns[2]:
        kept = [i.id for i in held if programme == ALL_PROGRAMMES or _reads(strategy, programme, i)]
        titles = {i.id: i.title for i in held}
        chosen = select(Param.INDICATEUR, "Indicateur", kept, kept[0], titles.__getitem__)
    with columns[3]:
        years = sorted(
            int(y) for y in communal.loc[communal["indicateur"] == chosen, "annee"].unique()
        )
        year = select_year(years)
    return layer, catalogue.indicators()[chosen], year


def _words(strategy: Strategy, programme: str) -> str:
    titles = {str(p.number): f"{p.number}. {p.short_title}" for p in strategy.programmes}
    return titles.get(programme, "Tous les programmes")


def _reads(strategy: Strategy, programme: str, indicator: Indicator) -> bool:
    number = int(programme)
    return strategy.primary(indicator.id) == number or number in strategy.secondary(indicator.id)


show_page(page)
