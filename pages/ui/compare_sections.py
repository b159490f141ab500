"""The three sections of the comparison: against chance, verdicts, year by year."""

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from diagnostics.figures import charts
from diagnostics.figures.charts import Chart
from diagnostics.wording import COMMUNAL, count, number, percent, status_label
from pages.ui import blocks
from pages.ui import compare_blocks as compare
from pages.ui.keys import Widget

VERDICT_RULE = (
    "L’intervalle à 95\u202f% du taux est comparé au taux du reste du département\u202f: plus "
    "élevé ou moins élevé s’il l’exclut, proche sinon, non comparé sans intervalle ou sans "
    "référence. Une commune est jugée sur son chiffre publié, un groupe sur son total estimé."
)
FUNNEL_RULE = (
    "Chaque zone est placée selon sa taille et son taux. Les courbes sont les limites exactes de "
    "Poisson à 95\u202f% et 99,8\u202f% autour du taux du département\u202f: au-delà, le hasard "
    "n’explique plus l’écart. Seuls les chiffres entièrement publiés y sont."
)
GROUPS_IN_FUNNEL = (
    "Ces limites valent pour des faits comptés\u202f: un groupe n’est un point que si toutes ses "
    "communes sont publiées. Les autres, dont une partie est estimée, sont jugés avec leur "
    "intervalle dans le tableau plus bas."
)
PERSONS = (
    "Les mis en cause sont comptés une fois par zone\u202f: le taux du département n’est pas celui "
    "qu’auraient en moyenne ses communes, et aucune zone ne lui est comparée. Choisir un autre "
    "indicateur pour voir l’entonnoir."
)
SERIES_RULE = (
    "Taux de chaque année avec son intervalle à 95\u202f%\u202f: publié pour une commune, du total "
    "estimé pour un groupe. Une année sans chiffre publié est laissée ouverte."
)

ONE_YEAR = (
    "Une seule année est chargée, {year}\u202f: il n’y a pas encore de série à tracer. Elle "
    "apparaît dès que le fichier communal porte plusieurs années."
)
NO_AREA = (
    "Aucune zone n’est choisie\u202f: en nommer une à cinq plus haut pour voir leurs années côte "
    "à côte."
)


def _funnel(
    view: compare.View, rows: pd.DataFrame, whole: pd.DataFrame, chosen: Sequence[str]
) -> None:
    """Show all areas against the limits of chance, and those of groups with their intervals."""
    st.markdown("#### Toutes les zones face au hasard")
    if not view.indicator.additive:
        st.info(PERSONS, icon=":material/info:")
        return
    communal = map_data.niveau_of(view.layer) in compare.COMMUNAL
    if not communal:
        st.markdown(GROUPS_IN_FUNNEL)
    reference = whole.iloc[0]

    def funnel() -> Chart:
        named = [code for code in chosen if code in set(rows["code"])]
        caption = view.caption("les zones face au hasard", f"{view.year}")
        name = compare.reference_words(reference)
        return charts.funnel_chart(caption, rows, float(reference["taux_estime"]), name, named)

    compare.show_chart(
        funnel, view.stem(f"{view.year}-entonnoir"), Widget.FUNNEL_PNG, Widget.FUNNEL_SVG
    )
    compare.show_calculation(view, FUNNEL_RULE)


def _verdicts(
    view: compare.View, series: pd.DataFrame, kept: pd.DataFrame, chosen: Sequence[str]
) -> None:
    """Show the table of verdicts: the chosen areas, and all those that the filters keep."""
    st.markdown("#### Verdicts")
    of_year = compare.by_name(series[series["annee"] == view.year])
    if chosen:
        compare.show_verdicts(of_year[of_year["code"].isin(chosen)])
    else:
        st.caption("Choisir des zones plus haut pour les lire côte à côte.")
    every = of_year[of_year["code"].isin(kept["code"])]
    with st.expander(f"Les {count(len(every), 'zone')} de la vue, par ordre alphabétique"):
        compare.show_verdicts(every)
    compare.show_calculation(view, VERDICT_RULE)
    st.caption(blocks.source_line(view.store, view.departement))


def _over_time(
    view: compare.View, series: pd.DataFrame, whole: pd.DataFrame, chosen: Sequence[str]
) -> None:
    """Show up to five areas over the years held, one panel each on one scale."""
    st.markdown("#### Année par année")
    years = sorted(int(year) for year in series["annee"].unique())
    if len(years) == 1:
        st.info(ONE_YEAR.format(year=years[0]), icon=":material/info:")
        return
    if not chosen:
        st.info(NO_AREA, icon=":material/touch_app:")
        return
    areas = compare.names(series)
    lines = [charts.line_of(series[series["code"] == c], years, areas[c]) for c in chosen]
    known = view.indicator.additive and bool(whole["taux_estime"].notna().any())
    reference = charts.line_of(whole, years, whole["libelle"].iloc[0]) if known else None

    def chart() -> Chart:
        caption = view.caption("année par année", f"{years[0]}–{years[-1]}")
        if len(lines) == 1:
            panel = charts.Panel(lines[0].label, tuple(years), lines[0], reference)
            return charts.time_chart(caption, [panel])
        return charts.comparison(caption, years, lines, reference)

    compare.show_chart(chart, view.stem("annees"), Widget.SERIES_PNG, Widget.SERIES_SVG)
    compare.show_calculation(view, SERIES_RULE)


def show_verdicts(rows: pd.DataFrame) -> None:
    """Show areas by name: facts, rate with its interval, reference, verdict, what is published.

    `rows` are long-table rows of one level, one indicator and one year.
    """
    # One position per area: the rate that is judged has one home, the line of a chart.
    positions = range(len(rows))
    numbered = rows.assign(annee=positions)
    line = charts.line_of(numbered, positions, "")
    blocks.table(
        ["Zone", "Faits", "Taux (‰), intervalle à 95\u202f%", "Reste du département (‰)", "Verdict"]
        + ["Publication"],
        [
            [
                row["libelle"],
                facts_words(row),
                f"{charts.NOT_SHOWN} ({line.absences[at]})"
                if math.isnan(line.values[at])
                else charts.rate_words(line.values[at], line.low[at], line.high[at]),
                charts.NOT_SHOWN
                if pd.isna(row["taux_reference"])
                else charts.rate(row["taux_reference"]),
                charts.verdict_words(row["comparaison"]),
                publication_words(row),
            ]
            for at, row in enumerate(rows.to_dict("records"))
        ],
        numbers={1, 2, 3},
    )


def facts_words(row: dict[str, object]) -> str:
    """Return the count of a long-table row, its estimated total with the interval, or `n. d.`."""
    published, total = row["faits_publies"], row["faits_estimes"]
    low, high = row["faits_estimes_bas"], row["faits_estimes_haut"]
    if row["niveau"] in COMMUNAL or pd.isna(total):
        if pd.isna(published):
            return charts.NOT_SHOWN
        words = number(float(str(published)))
        if row["methode"] == "somme_indicative":
            return f"{words} (somme indicative)"
        return words if row["niveau"] in COMMUNAL else f"{words} publiés, total non estimé"
    words = number(float(str(total)))
    if low == high:
        return words
    return f"{words} estimés ({number(float(str(low)))} à {number(float(str(high)))})"


def publication_words(row: dict[str, object]) -> str:
    """Return how much of an area is published: a status, or communes and residents."""
    if row["niveau"] in COMMUNAL:
        return _STATUSES[str(row["statut"])]
    if pd.isna(row["communes"]):
        return "publié pour le département entier"
    members = count(int(str(row["communes"])), "commune")
    share = row["couverture_population"]
    people = "" if pd.isna(share) else f", {percent(float(str(share)))} de la population"
    return f"{number(int(str(row['communes_publiees'])))} sur {members}{people}"


def reference_words(row: pd.Series) -> str:
    """Return the name of the département's rate: official, or put together from the communes."""
    origin = "taux officiel" if row["methode"] == OFFICIAL else "taux reconstitué"
    return f"{row['libelle']}, {origin}"


