"""Groups with their intervals on screen: the very picture that the files carry."""

import base64
from collections.abc import Sequence
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from diagnostics.figures import charts, paper
from diagnostics.figures.charts import Caption
from diagnostics.figures.intervals import Area, intervals_svg
from diagnostics.wording import count, slug
from pages.ui import blocks
from pages.ui.compare_blocks import View, show_calculation

RULE = (
    "Point\u202f: taux du total, publié en entier ou estimé pour les communes non publiées. "
    "Trait\u202f: intervalle à 95\u202f%, qui porte le hasard et le doute de l’estimation. Barre "
    "grise\u202f: taux du reste du département. Le verdict dit si l’intervalle l’exclut."
)
KEY = (
    "Point bleu et trait\u202f: taux et intervalle à 95\u202f%. Barre grise\u202f: reste du "
    "département. Le signe et le mot disent le verdict."
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
    areas = [_area(row, chosen) for row in known.to_dict("records")]
    notes = [KEY]
    if aside:
        verb = (
            "n’a pas de total et n’y est pas"
            if aside == 1
            else "n’ont pas de total et n’y sont pas"
        )
        notes.append(f"{count(aside, 'groupe')} {verb}\u202f: ni zéro, ni valeur connue.")
    caption = view.caption("les groupes et leur intervalle", str(view.year))
    svg = intervals_svg(caption, areas, notes)
    image = base64.b64encode(svg.encode()).decode()
    st.html(
        f'<div class="table-frame"><img alt="{escape(_alternative(caption, areas))}" '
        f'style="min-width:760px;max-width:1000px;width:100%" '
        f'src="data:image/svg+xml;base64,{image}"></div>'
    )
    stem = slug(f"{caption.title} {caption.subtitle}")
    with st.popover("Image", icon=":material/download:", key="intervalles-image"):
        blocks.download(
            "intervalles-png", "PNG", lambda: paper.png(svg), f"{stem}.png", "image/png"
        )
        blocks.download("intervalles-svg", "SVG", svg.encode, f"{stem}.svg", "image/svg+xml")
    show_calculation(view, "intervalles", RULE)


def _area(row: dict[Any, Any], chosen: Sequence[str]) -> Area:
    return Area(
        row["libelle"],
        row["taux_estime"],
        row["taux_estime_bas"],
        row["taux_estime_haut"],
        row["taux_reference"],
        row["comparaison"],
        row["code"] in chosen,
    )


def _alternative(caption: Caption, areas: Sequence[Area]) -> str:
    lines = [f"{a.label}\u202f: {charts.verdict_words(a.verdict)}" for a in areas]
    return ". ".join([caption.title, *lines])
