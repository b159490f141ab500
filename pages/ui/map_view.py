"""The map on screen: outlines and towns of a département, one layer coloured, clicks returned."""

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd
import streamlit as st
from streamlit_folium import st_folium

from diagnostics.figures import map_data, maps, scale
from pages.ui import cache
from pages.ui.keys import Widget
from pages.ui.selection import choose_area, choose_communes, has_perimeter

HEIGHT = 620
TOWNS = 9


def outline_of(departement: str) -> gpd.GeoDataFrame:
    """Return the outline of the département."""
    frame = cache.outlines(departement)
    return frame[frame["niveau"] == "departement"]


def towns_of(departement: str) -> pd.DataFrame:
    """Return the largest communes: name, lon, lat."""
    communes = cache.table(departement, "communes")
    located = communes[communes["lon"].notna() & (communes["kind"] == "commune")]
    return located.sort_values("population_legal", ascending=False).head(TOWNS)[
        ["name", "lon", "lat"]
    ]


def outlines_of(departement: str, layer: str, codes: Sequence[str]) -> gpd.GeoDataFrame:
    """Return the outlines of some areas of a layer."""
    frame = cache.outlines(departement)
    niveau = map_data.niveau_of(layer)
    return frame[(frame["niveau"] == niveau) & frame["code"].isin(codes)]


def show_map(
    departement: str,
    layer: str,
    rows: pd.DataFrame,
    breaks: Sequence[float],
    unit: str,
    selected: str | None,
    chosen: Sequence[str] | None = None,
) -> None:
    """Show the map and its legend; a click puts the area in the URL.

    With `chosen`, the communes of a perimeter, it puts the area among them or takes it away.
    """
    outline = outline_of(departement)
    if outline.empty:
        st.warning(
            "Aucun contour de commune n’a été chargé pour ce département : la carte ne peut pas "
            "être dessinée. Les chiffres restent dans le tableau et les téléchargements."
        )
        return
    click = maps.last_click(st.session_state.get(Widget.MAP))
    codes = sorted(rows["code"])
    outline_path = cache.contour_path(departement, "departement", [departement])
    layer_path = cache.contour_path(departement, map_data.niveau_of(layer), codes)
    st_folium(
        maps.folium_map(outline, outline_path, towns_of(departement)),
        key=Widget.MAP,
        height=HEIGHT,
        use_container_width=True,
        returned_objects=maps.RETURNED_OBJECTS,
        on_change=_clicked,
        feature_group_to_add=maps.areas_layer(
            layer_path, rows, breaks, selected, chosen, 0 if click is None else click.number
        ),
    )
    drawn = set(scale.drawings(rows, breaks))
    st.html(scale.legend_html(breaks, unit, drawn, map_data.STATE_LABELS))
    if layer in map_data.TERRITORIES:
        title = map_data.LAYERS[layer]
        st.caption(f"Le reste du département n’est dans aucun {title} connu ou obligatoire.")


def _clicked() -> None:
    returned = st.session_state.get(Widget.MAP)
    if not has_perimeter():
        choose_area(maps.clicked_code(returned))
    elif (click := maps.last_click(returned)) and click.chosen is not None:
        choose_communes(click.chosen)
