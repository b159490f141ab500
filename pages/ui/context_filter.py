"""Filters on what is known of areas beside their figures: police or gendarmerie, density."""

import pandas as pd
import streamlit as st

from diagnostics.context import PUBLISHED
from diagnostics.wording import COMMUNAL, count, number
from pages.ui import cache
from pages.ui.keys import Param
from pages.ui.selection import select

EVERY = "toutes"
_FORCES = {EVERY: "Police et gendarmerie", "police": "Police", "gendarmerie": "Gendarmerie"}


def filter_by_context(departement: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Show the two filters on context; return the rows of the areas that they keep.

    `rows` are long-table rows of one level. A group has a zone or a class where all its communes
    share it.
    """
    forces = _context(departement, rows, "zone_competence")
    classes = _context(departement, rows, "classe_densite").sort_values("value")
    if forces.empty and classes.empty:
        st.caption(
            "Ni la zone police ou gendarmerie ni la classe de densité ne sont chargées pour ce "
            "département\u202f: toutes les zones sont montrées. Les charger depuis la page "
            "Accueil."
        )
        return rows
    left, right = st.columns(2)
    with left:
        held = [EVERY, *(force for force in _FORCES if force in set(forces["text"]))]
        force = select(Param.FORCE, "Zone de compétence", held, EVERY, _FORCES.__getitem__)
    with right:
        titles = {str(int(v)): t for v, t in zip(classes["value"], classes["text"], strict=True)}
        words = {EVERY: "Toutes"} | {v: f"{v}. {t}" for v, t in titles.items()}
        density = select(
            Param.DENSITE, "Classe de densité (INSEE)", list(words), EVERY, words.__getitem__
        )
    kept = set(rows["code"])
    if force != EVERY:
        kept &= set(forces.loc[forces["text"] == force, "code"])
    if density != EVERY:
        kept &= set(classes.loc[classes["value"] == int(density), "code"])
    areas = rows["code"].nunique()
    if len(kept) < areas:
        words = f"{count(len(kept), 'zone')} sur {number(areas)}."
        if rows["niveau"].iloc[0] not in COMMUNAL:
            words += " Un groupe y est si toutes ses communes ont la même zone et la même classe."
        st.caption(words)
    return rows[rows["code"].isin(kept)]


def _context(departement: str, rows: pd.DataFrame, variable: str) -> pd.DataFrame:
    """Return code, text, value of one context variable, for the areas where it is known."""
    niveau = rows["niveau"].iloc[0]
    communal = niveau in COMMUNAL
    table = cache.table(departement, "context" if communal else "group_context")
    if table.empty:
        return pd.DataFrame({"code": [], "text": [], "value": []})
    table = table.rename(columns={"code_insee": "code"})
    known = (table["variable"] == variable) & (table["status"] == PUBLISHED)
    known &= table["code"].isin(rows["code"])
    if not communal:
        known &= table["niveau"] == niveau
    return table.loc[known, ["code", "text", "value"]]


