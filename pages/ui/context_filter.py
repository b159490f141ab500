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
NO_FORCE = (
    "La zone de compétence, police ou gendarmerie, n’est pas chargée pour ce département\u202f: "
    "pas de filtre. Elle vient avec les données de contexte, depuis la page Accueil."
)
NO_DENSITY = (
    "La classe de densité n’est pas chargée pour ce département\u202f: pas de filtre. Elle vient "
    "avec les données de contexte, depuis la page Accueil."
)


def filter_by_context(departement: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Show the two filters; return the rows of the areas that they keep.

    `rows` are long-table rows of one level. A group has a zone or a class where all its communes
    share it. The choices are those of the département's communes, whatever the level: a change of
    level keeps them, and may leave no area.
    """
    left, right = st.columns(2)
    with left:
        force = _pick_force(departement)
    with right:
        density = _pick_density(departement)
    kept = set(rows["code"])
    if force != EVERY:
        zones = _known(departement, rows, "zone_competence")
        kept &= set(zones.loc[zones["text"] == force, "code"])
    if density != EVERY:
        classes = _known(departement, rows, "classe_densite")
        kept &= set(classes.loc[classes["value"] == int(density), "code"])
    if force != EVERY or density != EVERY:
        left_over = count(len(kept), "zone") if kept else "Aucune zone"
        words = f"{left_over} sur {number(rows['code'].nunique())}."
        if not rows["niveau"].isin(COMMUNAL).all():
            words += " Un groupe n’y est que si toutes ses communes répondent aux filtres."
        st.caption(words)
    return rows[rows["code"].isin(kept)]


def _pick_force(departement: str) -> str:
    held = _of_communes(departement, "zone_competence")
    if held.empty:
        st.caption(NO_FORCE)
        return EVERY
    options = [force for force in _FORCES if force in {EVERY, *held["text"]}]
    return select(Param.FORCE, "Zone de compétence", options, EVERY, _FORCES.__getitem__)


def _pick_density(departement: str) -> str:
    held = _of_communes(departement, "classe_densite").sort_values("value")
    if held.empty:
        st.caption(NO_DENSITY)
        return EVERY
    words = {EVERY: "Toutes les classes"} | {
        f"{value:.0f}": f"{value:.0f}. {text}"
        for value, text in zip(held["value"], held["text"], strict=True)
    }
    title = "Densité (grille de l’INSEE)"
    return select(Param.DENSITE, title, list(words), EVERY, words.__getitem__)


def _of_communes(departement: str, variable: str) -> pd.DataFrame:
    """Return code, text, value of one variable for the communes where it is known."""
    return _published(cache.table(departement, "context"), variable)


def _known(departement: str, rows: pd.DataFrame, variable: str) -> pd.DataFrame:
    """Return code, text, value of one variable for the level of `rows`, where it is known."""
    if rows["niveau"].isin(COMMUNAL).all():
        return _of_communes(departement, variable)
    table = cache.table(departement, "group_context")
    return _published(table[table["niveau"] == rows["niveau"].iloc[0]], variable)


def _published(table: pd.DataFrame, variable: str) -> pd.DataFrame:
    if table.empty:
        return pd.DataFrame({"code": [], "text": [], "value": []})
    table = table.rename(columns={"code_insee": "code"})
    known = (table["variable"] == variable) & (table["status"] == PUBLISHED)
    return table.loc[known, ["code", "text", "value"]]
