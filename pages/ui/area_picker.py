"""Choice of one area and one year, the same on every page that reads an area."""

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
import streamlit as st

from diagnostics.figures import map_data
from diagnostics.wording import sort_key
from pages.ui import cache
from pages.ui.keys import Param
from pages.ui.selection import asked_areas, select, select_year


class Choice(NamedTuple):
    """An area, as the long table names it, and a year."""

    niveau: str
    code: str
    year: int


def pick_layer(
    long: pd.DataFrame, groups: pd.DataFrame, layers: Sequence[str], default: str
) -> str:
    """Show the layers and return the choice; an address that names areas alone says theirs."""
    holding = []
    if Param.NIVEAU not in st.query_params and (asked := set(asked_areas())):
        holding = [layer for layer in layers if asked <= _codes(long, groups, layer)]
    return select(
        Param.NIVEAU,
        "Niveau",
        layers,
        holding[0] if len(holding) == 1 else default,
        map_data.LAYERS.__getitem__,
        forget=[Param.ZONE, Param.ZONES],
    )


def _codes(long: pd.DataFrame, groups: pd.DataFrame, layer: str) -> set[str]:
    return set(map_data.rows_of_layer(long, groups, layer)["code"])


def pick_area(departement: str) -> Choice:
    """Show layer, area and year; councils of several communes come first."""
    long, groups = cache.table(departement, "long"), cache.table(departement, "groups")
    layers = map_data.layers_held(long, groups)
    default = next((x for x in ("cispd", "epci", "clspd") if x in layers), layers[0])
    columns = st.columns([2, 5, 2])
    with columns[0]:
        layer = pick_layer(long, groups, layers, default)
    rows = map_data.rows_of_layer(long, groups, layer)
    areas = rows.drop_duplicates("code").sort_values("libelle", key=lambda n: n.map(sort_key))
    names = dict(zip(areas["code"], areas["libelle"], strict=True))
    with columns[1]:
        code = select(Param.ZONE, "Zone", list(names), next(iter(names)), names.__getitem__)
    with columns[2]:
        year = select_year(sorted(int(y) for y in rows["annee"].unique()))
    return Choice(map_data.niveau_of(layer), code, year)
