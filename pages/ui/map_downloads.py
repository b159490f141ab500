"""What the map page gives to take away: the figures shown, the whole table, the picture."""

from collections.abc import Sequence

import streamlit as st

from diagnostics.catalogue import Indicator
from diagnostics.exports import csv
from diagnostics.figures import map_data, maps, paper
from diagnostics.store import Store
from pages.ui import blocks, map_view
from pages.ui.keys import Widget
from pages.ui.map_colours import Coloured


def show_downloads(
    store: Store,
    departement: str,
    layer: str,
    indicator: Indicator,
    year: int,
    drawn: Coloured,
    selected: str | None,
    perimeter: Sequence[str] = (),
) -> None:
    """Show the buttons; each file is made when it is asked for."""
    stem = f"{departement}-{layer}-{indicator.id}-{year}-{drawn.name}"
    layer_title = map_data.LAYERS[layer]
    with st.container(horizontal=True):
        blocks.download(
            Widget.DOWNLOAD_VIEW,
            "Cette carte en CSV",
            drawn.csv,
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
                map_view.outlines_of(departement, layer, list(drawn.rows["code"])),
                drawn.rows,
                drawn.breaks,
                outline=map_view.outline_of(departement),
                towns=map_view.towns_of(departement),
                title=indicator.title,
                subtitle=f"{store.departements()[departement]}, {layer_title}, {year}",
                unit=drawn.unit,
                source_line=blocks.source_line(store, departement),
                edition=store.about(departement)["edition"],
                state_labels=map_data.STATE_LABELS,
                selected=selected,
                perimeter=perimeter,
            )

        blocks.download(
            Widget.DOWNLOAD_PNG,
            "Image PNG",
            lambda: paper.png(svg()),
            f"{stem}.png",
            "image/png",
        )
        blocks.download(
            Widget.DOWNLOAD_SVG, "Image SVG", lambda: svg().encode(), f"{stem}.svg", "image/svg+xml"
        )
