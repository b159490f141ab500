"""The sections of the département page: what is published for it alone, and its totals."""

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from diagnostics import catalogue
from diagnostics.catalogue import Indicator
from diagnostics.figures import charts, map_data
from diagnostics.figures.charts import Caption
from diagnostics.report.sentences import refusal_sentence
from diagnostics.statistics.rates import poisson_interval
from diagnostics.wording import NARROW, NOT_SHOWN, number, percent
from pages.ui import blocks, chart_blocks
from pages.ui.compare_blocks import View

NO_BASE = "aucune de la même édition, les totaux sont reconstitués"
NO_OFFICIAL_BASE = (
    "Aucune base départementale de la même édition n’est chargée. Les homicides, les tentatives "
    "d’homicide et l’usage de stupéfiants hors AFD ne sont publiés que là\u202f: ils n’ont pas de "
    "chiffre ici. Pour les voir, charger les données officielles depuis la page Accueil, ou "
    "placer la base départementale de la même édition à côté du fichier communal et relancer la "
    "construction."
)
ONLY_RULE = (
    "Nombre publié pour le département, rapporté à ses habitants\u202f; intervalle exact de "
    "Poisson à 95\u202f%. Les nombres sont petits\u202f: deux années dont les intervalles se "
    "recouvrent largement ne se distinguent pas."
)
TOTALS_RULE = (
    "Le total est celui de la base départementale. Ce que les communes en publient est leur "
    "somme\u202f; pour les mis en cause, comptés une fois par zone, elle n’est qu’indicative et "
    "ne se compare pas au total."
)
REBUILT_RULE = (
    "Sans base départementale de la même édition, le total est la somme des communes publiées et "
    "de ce que le fichier communal dit des autres, prises ensemble. Les mis en cause, comptés une "
    "fois par zone, n’ont alors pas de total."
)


def show_figures(wholes: pd.DataFrame, held: Sequence[Indicator], year: int) -> None:
    """Show the figures of a year, with the region and France where they are held.

    `wholes` are long-table rows of the département, the region and France.
    """
    of_year = wholes[wholes["annee"] == year]
    rows = [
        [
            indicator.title,
            row["libelle"],
            _count(row["faits_estimes"]),
            map_data.unit_of_rate(indicator),
            _rate(row),
            indicator.caveat,
        ]
        for indicator in held
        for row in of_year[of_year["indicateur"] == indicator.id].to_dict("records")
    ]
    if not rows:
        st.info(
            f"La base départementale n’a pas de ligne pour {year}\u202f: choisir une autre année.",
            icon=":material/info:",
        )
        return
    rate = f"Taux, intervalle à 95{NARROW}%"
    titles = ["Indicateur", "Zone", f"Nombre en {year}", "Unité du taux", rate, "À savoir"]
    blocks.table(titles, rows, numbers={2, 4})


def show_years(view: View, wholes: pd.DataFrame, held: Sequence[Indicator]) -> None:
    """Show the years of indicators that the département base alone holds, each on its scale."""
    years = sorted(int(y) for y in wholes["annee"].unique())
    if len(years) == 1:
        st.caption(
            f"Les taux ne se calculent que pour {years[0]}, seule année du fichier communal d’où "
            "viennent les habitants\u202f: pas de courbe à tracer. Les nombres des autres années "
            "sont dans le tableau."
        )
        return
    about = view.store.about(view.departement)
    caption = Caption(
        "Indicateurs publiés pour le département seulement",
        f"{about['name']}, {years[0]}–{years[-1]}",
        f"pour 1{NARROW}000 habitants, chacun sur son échelle",
        source_line(view),
        str(about["official_base"]),
    )
    panels = [_panel(wholes, indicator, years) for indicator in held]
    chart_blocks.show(charts.time_chart(caption, panels), "seulement")


def source_line(view: View) -> str:
    """Return the source of figures of the département base."""
    about = view.store.about(view.departement)
    if view.store.simulated:
        return f"Source\u202f: département simulé, édition fictive {about['official_base']}."
    source = catalogue.sources()["ssmsi_departements"]
    return (
        f"Source\u202f: {source.publisher}, {source.title.lower()}, édition "
        f"{about['official_base']}, {source.licence}. Habitants\u202f: fichier communal."
    )


def _panel(wholes: pd.DataFrame, indicator: Indicator, years: Sequence[int]) -> charts.Panel:
    rows = wholes[wholes["indicateur"] == indicator.id]
    lines = {
        niveau: charts.line_of(part, years, str(part["libelle"].iloc[0]))
        for niveau, part in rows.groupby("niveau")
    }
    reference = lines.get("region") or lines.get("france")
    title = f"{indicator.title} ({indicator.unit})"
    return charts.Panel(title, tuple(years), lines["departement"], reference)


def show_counts(official: pd.DataFrame, held: Sequence[Indicator]) -> None:
    """Show the counts of every year of the official base, with their exact intervals.

    `official` is the store's table: indicator, year, count.
    """
    ids = [indicator.id for indicator in held]
    counts = official[official["indicator"].isin(ids)].pivot(
        index="year", columns="indicator", values="count"
    )
    with st.expander("Les nombres, année par année", expanded=True):
        blocks.table(
            ["Année", *(f"{i.title} ({i.unit})" for i in held)],
            [
                [str(year), *(_with_interval(value) for value in counts.loc[year, ids])]
                for year in sorted(counts.index, reverse=True)
            ],
            numbers=range(1, len(ids) + 1),
        )
        st.caption(
            f"Entre parenthèses, l’intervalle exact à 95{NARROW}%. 2020 et 2021 portent les "
            "confinements\u202f: jamais des années de référence."
        )


def show_totals(wholes: pd.DataFrame, others: Sequence[Indicator], year: int) -> None:
    """Show the total of each indicator, and how much of it the communes publish."""
    rows = wholes[(wholes["niveau"] == "departement") & (wholes["annee"] == year)]
    by_indicator = {row["indicateur"]: row for row in rows.to_dict("records")}
    blocks.table(
        [
            "Indicateur",
            "Total",
            "Publié dans les communes",
            "Part du total",
            "Communes publiées",
            f"Taux du total, intervalle à 95{NARROW}%",
            f"Pour 1{NARROW}000",
        ],
        [
            [
                indicator.title,
                _count(row["faits_estimes"]),
                _count(row["faits_publies"]) + ("" if indicator.additive else " (indicatif)"),
                _share(row) if indicator.additive else "ne se compare pas",
                f"{number(row['communes_publiees'])} sur {number(row['communes'])}\n"
                f"{percent(row['couverture_population'])} des habitants",
                _rate(row),
                indicator.denominator,
            ]
            for indicator in others
            if (row := by_indicator.get(indicator.id))
        ],
        numbers={1, 2, 3, 5},
        whole={4},
    )
    unknown: dict[str, list[str]] = {}
    for indicator in others:
        row = by_indicator.get(indicator.id)
        if row and pd.isna(row["faits_estimes"]):
            reason = refusal_sentence(row["motif_sans_estimation"])
            unknown.setdefault(reason, []).append(indicator.title)
    for reason, titles in unknown.items():
        st.caption(f"Total {NOT_SHOWN}, {', '.join(titles)}{NARROW}: {reason}")


def _count(value: float) -> str:
    return NOT_SHOWN if pd.isna(value) else number(value)


def _with_interval(value: float) -> str:
    if pd.isna(value):
        return NOT_SHOWN
    low, high = poisson_interval(value)
    # Whole persons, rounded outwards: the interval still holds what it must.
    return f"{number(value)} ({number(math.floor(low))} à {number(math.ceil(high))})"


def _share(row: dict[Any, Any]) -> str:
    """Return the part of a total that communes publish."""
    if pd.isna(row["faits_estimes"]) or pd.isna(row["faits_publies"]):
        return NOT_SHOWN
    return percent(row["faits_publies"] / row["faits_estimes"])


def _rate(row: dict[Any, Any]) -> str:
    """Return a rate with its interval; three decimals for the rarest facts."""
    value, low, high = row["taux_estime"], row["taux_estime_bas"], row["taux_estime_haut"]
    if pd.isna(value):
        return NOT_SHOWN
    if value >= 0.1:
        return charts.rate_words(value, low, high)
    return f"{number(value, 3)}{NARROW}‰ ({number(low, 3)} à {number(high, 3)})"
