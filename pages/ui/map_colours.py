"""What colours the map: the rate of each area, or its verdict against a reference."""

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd
import streamlit as st

from diagnostics import comparisons
from diagnostics.catalogue import Indicator
from diagnostics.exports import csv
from diagnostics.figures import map_data, scale
from pages.ui import cache
from pages.ui.keys import Param
from pages.ui.reference_picker import MISSING, in_sentence, show_absent
from pages.ui.selection import select

RATE = "taux"
_READING = (
    "Plus élevé ou moins élevé\u202f: le taux de référence est hors de l’intervalle à 95\u202f% de "
    "la zone. Sur autant de zones, quelques écarts viennent du hasard\u202f: la page Comparer les "
    "en distingue."
)

_PERSONS = (
    "Les mis en cause ne se comparent pas\u202f: une personne est comptée une fois par commune, le "
    "reste du département n’est donc pas connu. Colorier par le taux, ou changer d’indicateur."
)


class Coloured(NamedTuple):
    """A layer as it is drawn: `map_data.map_rows`, class limits, head of the legend.

    `name` goes into the names of files; `csv` makes the file of the figures that are shown.
    """

    rows: pd.DataFrame
    breaks: tuple[float, ...]
    unit: str
    name: str
    csv: Callable[[], bytes]


def pick_colours() -> str:
    """Show what the map can be coloured by and return the choice: `RATE` or a reference."""
    return select(Param.COULEUR, "Colorier par", [RATE, *comparisons.REFERENCES], RATE, _words)


def coloured(
    departement: str, chosen: str, series: pd.DataFrame, indicator: Indicator, year: int
) -> Coloured:
    """Return a layer coloured by the choice; say why where the reference is held by no area.

    `series` are the long-table rows of the layer and the indicator, all years.
    """
    shown = series[series["annee"] == year]
    if chosen == RATE or show_absent(departement, chosen):
        return Coloured(
            map_data.map_rows(shown, indicator),
            scale.fixed_classes(map_data.colouring_rate(series).dropna().to_numpy()),
            map_data.unit_of_rate(indicator),
            RATE,
            lambda: csv.encoded(shown),
        )
    table = cache.table(departement, "comparisons")
    compared = table[
        (table["reference"] == chosen)
        & (table["indicateur"] == indicator.id)
        & (table["annee"] == year)
        & table["niveau"].isin(shown["niveau"])
        & table["code"].isin(shown["code"])
    ]
    if not indicator.additive:
        st.info(_PERSONS, icon=":material/info:")
    elif compared.empty:
        st.info(
            f"Aucune zone de ce niveau n’a cette référence\u202f: {MISSING[chosen]}. En choisir "
            "une autre, ou un autre niveau.",
            icon=":material/info:",
        )
    else:
        st.caption(_READING)
    return Coloured(
        map_data.verdict_rows(shown, indicator, compared),
        (),
        _words(chosen),
        chosen,
        lambda: comparisons.encoded_csv(compared),
    )


def _words(choice: str) -> str:
    return "Taux" if choice == RATE else f"Verdict\u202f: {in_sentence(choice)}"
