"""The map: one layer, one indicator, one year, and the sheet of the area that is clicked."""

import pandas as pd
import streamlit as st

from diagnostics import catalogue
from diagnostics.catalogue import Indicator, Strategy
from diagnostics.exports import csv
from diagnostics.figures import map_data, maps, scale
from diagnostics.store import Store
from pages.ui import blocks, cache, map_view
from pages.ui.area_panel import show_area
from pages.ui.keys import Param, Widget
from pages.ui.navigation import show_page
from pages.ui.selection import search_area, select, select_year

ALL_PROGRAMMES = "tous"


def page() -> None:
    """Show the page."""
    store = blocks.page_start("Carte")
    departement = blocks.pick_departement(store)
    long, groups = cache.table(departement, "long"), cache.table(departement, "groups")
    layer, indicator, year = _choices(long, groups)
    of_layer = map_data.rows_of_layer(long, groups, layer)
    series = of_layer[of_layer["indicateur"] == indicator.id]
    shown = series[series["annee"] == year]
    rows = map_data.map_rows(shown, indicator)
    breaks = scale.fixed_classes(map_data.colouring_rate(series).dropna().to_numpy())
    areas = dict(sorted(zip(rows["code"], rows["label"], strict=True), key=lambda pair: pair[1]))
    unit = map_data.unit_of_rate(indicator)

    st.subheader(f"{indicator.title}, {year}")
    st.caption(f"{map_data.LAYERS[layer]} · {unit} · {indicator.place}")
    left, right = st.columns([3, 2], gap="large")
    with left:
        selected = search_area(areas, "Rechercher une zone par son nom")
        map_view.show_map(departement, layer, rows, breaks, unit, selected)
        st.caption(blocks.source_line(store, departement))
        _downloads(store, departement, layer, indicator, year, shown, rows, breaks, selected)
    with right:
        show_area(departement, map_data.niveau_of(layer), selected, indicator, year)


def _choices(long: pd.DataFrame, groups: pd.DataFrame) -> tuple[str, Indicator, int]:
    """Show the choices and return layer, indicator and year."""
    strategy = catalogue.strategy()
    communal = long[long["niveau"] == "commune"]
    held = [i for i in catalogue.indicators().values() if i.id in set(communal["indicateur"])]
    columns = st.columns([2, 2, 4, 2])
    with columns[0]:
        layers = map_data.layers_held(long, groups)
        layer = select(
            Param.NIVEAU,
            "Niveau",
            layers,
            layers[0],
            map_data.LAYERS.__getitem__,
            forget=[Param.ZONE],
        )
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


def _downloads(
    store: Store,
    departement: str,
    layer: str,
    indicator: Indicator,
    year: int,
    shown: pd.DataFrame,
    rows: pd.DataFrame,
    breaks: tuple[float, ...],
    selected: str | None,
) -> None:
    stem = f"{departement}-{layer}-{indicator.id}-{year}"
    layer_title = map_data.LAYERS[layer]
    with st.container(horizontal=True):
        blocks.download(
            Widget.DOWNLOAD_VIEW,
            "Cette carte en CSV",
            lambda: csv.encoded(shown),
            f"{stem}.csv",
            "text/csv",
        )
        blocks.download(
            Widget.DOWNLOAD_ALL,
            "Toute la table en CSV",
            lambda: csv.encoded(csv.select(store)),
            "table-longue.csv",
            "text/csv",
        )
        if map_view.outline_of(departement).empty:
            return

        def svg() -> str:
            return maps.svg_map(
                map_view.outlines_of(departement, layer, list(rows["code"])),
                rows,
                breaks,
                outline=map_view.outline_of(departement),
                towns=map_view.towns_of(departement),
                title=indicator.title,
                subtitle=f"{store.departements()[departement]}, {layer_title}, {year}",
                unit=map_data.unit_of_rate(indicator),
                source_line=blocks.source_line(store, departement),
                edition=store.about(departement)["edition"],
                state_labels=map_data.STATE_LABELS,
                selected=selected,
            )

        blocks.download(
            Widget.DOWNLOAD_PNG,
            "Image PNG",
            lambda: maps.png_map(svg()),
            f"{stem}.png",
            "image/png",
        )
        blocks.download(
            Widget.DOWNLOAD_SVG, "Image SVG", lambda: svg().encode(), f"{stem}.svg", "image/svg+xml"
        )


show_page(page)
