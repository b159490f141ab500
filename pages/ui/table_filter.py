"""Filters of the long table: level, area, programme, year, all in the URL."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from diagnostics import catalogue
from diagnostics.figures.map_data import LAYERS
from diagnostics.wording import count
from pages.ui.keys import Param
from pages.ui.selection import select_several

ALL = "toute la table"
_NAMED = 3


@dataclass(frozen=True)
class Kept:
    """The rows that the filters keep, and the choices made, in words."""

    rows: pd.DataFrame
    choices: str


def filtered(long: pd.DataFrame) -> Kept:
    """Show the filters and return what they keep; an empty filter keeps all."""
    columns = st.columns(4)
    levels = {str(niveau): _level(str(niveau)) for niveau in long["niveau"].unique()}
    with columns[0]:
        niveaux = select_several(Param.NIVEAUX, "Niveaux", levels, "Tous")
    kept = long[long["niveau"].isin(niveaux)] if niveaux else long
    names = dict(zip(kept["code"], kept["libelle"], strict=True))
    with columns[1]:
        codes = select_several(Param.CODES, "Zones", names, "Toutes")
    titles = {
        str(p.number): f"{p.number}. {p.short_title}" for p in catalogue.strategy().programmes
    }
    with columns[2]:
        programmes = select_several(Param.PROGRAMMES, "Programmes", titles, "Tous")
    newest_first = map(str, sorted(long["annee"].unique(), reverse=True))
    held = {year: year for year in newest_first}
    with columns[3]:
        years = select_several(Param.ANNEES, "Années", held, "Toutes")
    if codes:
        kept = kept[kept["code"].isin(codes)]
    if programmes:
        kept = kept[_read_by(kept, programmes)]
    if years:
        kept = kept[kept["annee"].astype(str).isin(years)]
    chosen = [
        _words(niveaux, levels, "niveaux"),
        _words(codes, names, "zones"),
        _words(programmes, {number: f"programme {number}" for number in titles}, "programmes"),
        _words(years, held, "années"),
    ]
    return Kept(kept, ", ".join(filter(None, chosen)) or ALL)


def _read_by(rows: pd.DataFrame, programmes: list[str]) -> "pd.Series[bool]":
    """Say which rows a programme claims, first or after another."""
    read = rows["programme"].isin(programmes)
    others = rows["programmes_secondaires"].str.split(",")
    for programme in programmes:
        read |= others.map(lambda numbers, wanted=programme: wanted in numbers)
    return read


def _words(chosen: list[str], words: dict[str, str], plural: str) -> str:
    if len(chosen) > _NAMED:
        return count(len(chosen), plural, plural)
    return ", ".join(words[code] for code in chosen)


def _level(niveau: str) -> str:
    names = {"territoire": "CLSPD et CISPD", "region": "Région", "france": "France"}
    return names.get(niveau) or LAYERS[niveau]
