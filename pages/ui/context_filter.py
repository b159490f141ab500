"""Filters on what is known of areas beside their figures: police or gendarmerie, density."""

import pandas as pd
import streamlit as st

from diagnostics.sources.context import PUBLISHED
from diagnostics.wording import COMMUNAL, count, number
from pages.ui import cache
from pages.ui.keys import Param
from pages.ui.selection import select

EVERY = "toutes"
_FORCES = {EVERY: "Police et gendarmerie", "police": "Police", "gendarmerie": "Gendarmerie"}
NO_CONTEXT = (
    "La zone de compétence et la classe de densité ne sont pas chargées pour ce département\u202f: "
    "pas de filtre. Elles viennent avec les données de contexte, depuis la page Accueil."
)


def filter_by_context(departement: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Show the two filters; return the rows of the areas that they keep.

    `rows` are long-table rows of one level. A group has a zone or a class where all its communes
    share it.
    """
    forces = _context(departement, rows, "zone_competence")
    classes = _context(departement, rows, "classe_densite").sort_values("value")
    if forces.empty and classes.empty:
        st.caption(NO_CONTEXT)
        return rows
    left, right = st.columns(2)
    with left:
        held = [force for force in _FORCES if force in {EVERY, *forces["text"]}]
        force = select(Param.FORCE, "Zone de compétence", held, EVERY, _FORCES.__getitem__)
    with right:
        words = {EVERY: "Toutes les classes"} | {
            f"{value:.0f}": f"{value:.0f}. {text}"
            for value, text in zip(classes["value"], classes["text"], strict=True)
        }
        density = select(
            Param.DENSITE, "Densité (grille de l’INSEE)", list(words), EVERY, words.__getitem__
        )
    kept = set(rows["code"])
    if force != EVERY:
        kept &= set(forces.loc[forces["text"] == force, "code"])
    if density != EVERY:
        kept &= set(classes.loc[classes["value"] == int(density), "code"])
    if force != EVERY or density != EVERY:
        words_kept = f"{count(len(kept), 'zone')} sur {number(rows['code'].nunique())}."
        if not rows["niveau"].isin(COMMUNAL).all():
            words_kept += " Un groupe n’y est que si toutes ses communes répondent aux filtres."
        st.caption(words_kept)
    return rows[rows["code"].isin(kept)]


def _context(departement: str, rows: pd.DataFrame, variable: str) -> pd.DataFrame:
    """Return code, text, value of one variable, for the areas of `rows` where it is known."""
    communal = rows["niveau"].isin(COMMUNAL).all()
    table = cache.table(departement, "context" if communal else "group_context")
    if table.empty:
        return pd.DataFrame({"code": [], "text": [], "value": []})
    table = table.rename(columns={"code_insee": "code"})
    known = (table["variable"] == variable) & (table["status"] == PUBLISHED)
    if not communal:
        known &= table["niveau"] == rows["niveau"].iloc[0]
    return table.loc[known & table["code"].isin(rows["code"]), ["code", "text", "value"]]
