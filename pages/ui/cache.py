"""The only caches of the app, keyed by the snapshot's digest: a new build is seen at once."""

import geopandas as gpd
import pandas as pd
import streamlit as st

from diagnostics.store import Store, open_store
from pages.ui.static_files import write_contours


def store() -> Store:
    """Return the snapshot in force."""
    return open_store()


@st.cache_data(max_entries=40, show_spinner=False)
def _table(digest: str, departement: str, name: str) -> pd.DataFrame:
    return open_store().table(departement, name)


def table(departement: str, name: str) -> pd.DataFrame:
    """Return a table of a département (see `diagnostics.store`)."""
    return _table(store().digest, departement, name)


@st.cache_resource(max_entries=8, show_spinner=False)
def _outlines(digest: str, departement: str) -> gpd.GeoDataFrame:
    return open_store().outlines(departement).rename(columns={"libelle": "label"})


def outlines(departement: str) -> gpd.GeoDataFrame:
    """Return outlines at every level: niveau, code, label, geometry. Not to be changed."""
    return _outlines(store().digest, departement)


@st.cache_resource(max_entries=80, show_spinner=False)
def _contour_path(digest: str, departement: str, layer: str, codes: tuple[str, ...]) -> str:
    frame = outlines(departement)
    kept = frame[(frame["niveau"] == layer) & frame["code"].isin(codes)]
    return write_contours(kept, f"{departement}-{layer}")


def contour_path(departement: str, niveau: str, codes: list[str]) -> str:
    """Return the path, inside the static folder, of the outlines of some areas of a level."""
    return _contour_path(store().digest, departement, niveau, tuple(codes))
