"""Groups with their intervals, on screen and in the files."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from diagnostics.figures.charts import IntervalChart, IntervalRow
from diagnostics.wording import count
from pages.ui import chart_blocks
from pages.ui.compare_blocks import View, show_calculation

RULE = (
    "Point\u202f: taux du total, publié en entier ou estimé pour les communes non publiées. "
    "Trait bleu\u202f: intervalle à 95\u202f%, qui porte le hasard et le doute de l’estimation. "
    "Barre noire\u202f: taux de la référence. Le verdict dit si l’intervalle l’exclut."
)


def show_intervals(view: View, rows: pd.DataFrame, chosen: Sequence[str]) -> None:
    """Show the groups of a level whose total is known; the others are counted in words.

    `rows` are long-table rows of one level, one indicator and one year, in the order of the names.
    """
    known = rows[rows["taux_estime"].notna()]
    aside = len(rows) - len(known)
    if known.empty:
        st.info(
            "Aucun groupe n’a de total publié ou estimé\u202f: trop peu de communes y sont "
            "publiées. Choisir un autre indicateur ou un autre niveau.",
            icon=":material/info:",
        )
        return
    caption = view.caption("les groupes et leur intervalle", str(view.year))
    if aside:
        verb = (
            "n’a pas de total et n’y est pas"
            if aside == 1
            else "n’ont pas de total et n’y sont pas"
        )
        note = f"{count(aside, 'groupe')} {verb}\u202f: ni zéro, ni valeur connue."
        caption = replace(caption, notes=(note, *caption.notes))
    drawn = tuple(_row(row, chosen) for row in known.to_dict("records"))
    chart_blocks.show(IntervalChart(caption, view.reference_words, drawn), "intervalles")
    show_calculation(view, "intervalles", RULE)


def _row(row: dict[Any, Any], chosen: Sequence[str]) -> IntervalRow:
    return IntervalRow(
        row["libelle"],
        row["taux_estime"],
        row["taux_estime_bas"],
        row["taux_estime_haut"],
        row["taux_reference"],
        row["comparaison"],
        row["code"] in chosen,
    )
