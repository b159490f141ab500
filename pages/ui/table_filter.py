"""Filters of the long table: level, area, programme, year."""

import pandas as pd
import streamlit as st

from diagnostics import catalogue
from diagnostics.figures.map_data import LAYERS
from pages.ui.keys import Widget


def filtered(long: pd.DataFrame) -> pd.DataFrame:
    """Show the filters and return the rows that they keep; an empty filter keeps all."""
    strategy = catalogue.strategy()
    first, second, third, fourth = st.columns(4)
    levels = list(long["niveau"].unique())
    niveaux = first.multiselect(
        "Niveaux",
        levels,
        format_func=_level,
        key=Widget.FILTER_NIVEAU,
        placeholder="Tous",
        select_all=False,
    )
    kept = long[long["niveau"].isin(niveaux)] if niveaux else long
    names = dict(zip(kept["code"], kept["libelle"], strict=True))
    codes = second.multiselect(
        "Zones",
        list(names),
        format_func=names.__getitem__,
        key=Widget.FILTER_ZONES,
        placeholder="Toutes",
        select_all=False,
    )
    titles = {str(p.number): f"{p.number}. {p.short_title}" for p in strategy.programmes}
    programmes = third.multiselect(
        "Programmes",
        list(titles),
        format_func=titles.__getitem__,
        key=Widget.FILTER_PROGRAMME,
        placeholder="Tous",
        select_all=False,
    )
    years = fourth.multiselect(
        "Années",
        sorted(long["annee"].unique(), reverse=True),
        key=Widget.FILTER_YEARS,
        placeholder="Toutes",
        select_all=False,
    )
    if codes:
        kept = kept[kept["code"].isin(codes)]
    if programmes:
        read = kept["programme"].isin(programmes)
        for programme in programmes:
            read |= kept["programmes_secondaires"].str.split(",").map(lambda p, n=programme: n in p)
        kept = kept[read]
    return kept[kept["annee"].isin(years)] if years else kept


def _level(niveau: str) -> str:
    names = {"territoire": "CLSPD et CISPD", "region": "Région", "france": "France"}
    return names.get(niveau) or LAYERS[niveau]
