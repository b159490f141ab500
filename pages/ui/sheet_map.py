"""The inset that shows where an area lies in its département."""

import html
from urllib.parse import quote

import streamlit as st

from diagnostics.figures import maps
from diagnostics.report.cells import located
from diagnostics.report.model import Area
from pages.ui import cache


def show_inset(departement: str, area: Area) -> None:
    """Show the area in its département; nothing where no outline is held."""
    if inset := inset_html(departement, area):
        st.html(inset)


def inset_html(departement: str, area: Area) -> str:
    """Return a picture of the area in its département, "" where no outline is held."""
    frame = cache.drawn_tables(departement, area).outlines
    outline = frame[frame["niveau"] == "departement"]
    codes = [place.code for place in area.communes]
    held = frame[frame["niveau"].str.startswith(("commune", "arrondissement_m"))]
    shapes = held[held["code"].isin(codes)]
    if outline.empty or shapes.empty:
        return ""
    label = located(area)
    # As an image: st.html leaves a bare SVG out.
    address = f"data:image/svg+xml,{quote(maps.locator(shapes, outline, label))}"
    return f'<img alt="{html.escape(label)}" style="max-width:100%" src="{address}">'
