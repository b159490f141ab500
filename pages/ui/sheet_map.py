"""The inset that shows where an area lies in its département."""

import html
from urllib.parse import quote

import streamlit as st

from diagnostics.figures import maps
from diagnostics.report.model import Area
from pages.ui import cache
from pages.ui.map_view import outline_of


def show_inset(departement: str, area: Area) -> None:
    """Show the area in its département; nothing where no outline is held."""
    outline = outline_of(departement)
    frame = cache.outlines(departement)
    codes = [place.code for place in area.communes]
    held = frame[frame["niveau"].str.startswith(("commune", "arrondissement_m"))]
    shapes = held[held["code"].isin(codes)]
    if outline.empty or shapes.empty:
        return
    label = f"{area.label} dans le département"
    # As an image: st.html leaves a bare SVG out.
    address = f"data:image/svg+xml,{quote(maps.locator(shapes, outline, label))}"
    st.html(f'<img alt="{html.escape(label)}" style="max-width:100%" src="{address}">')
