"""The three sections of the comparison: against chance, verdicts, year by year."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from diagnostics import comparisons, long_table
from diagnostics.comparisons import DENSITY, SIMILAR
from diagnostics.figures import charts, map_data
from diagnostics.report import references
from diagnostics.wording import COMMUNAL, NOT_SHOWN, count, covered, number, status_label
from pages.ui import blocks, cache, chart_blocks
from pages.ui.compare_blocks import View, by_name, names, show_calculation
from pages.ui.interval_chart import show_intervals
from pages.ui.reference_picker import REFERENCES

FUNNEL_RULE = (
    "Chaque zone est placée selon sa taille et son taux, autour du taux du département, quelle que "
    "soit la référence choisie pour les verdicts. Les limites du hasard, ou étroites, sont celles, "
    "exactes, de la loi de Poisson\u202f: au-delà, le hasard seul n’explique plus l’écart. "
    "Les limites larges ajoutent ce que les zones varient d’ordinaire entre elles (Spiegelhalter, "
    "2005)\u202f: φ est la moyenne des carrés des écarts réduits, sur la racine du rapport des "
    "faits observés aux faits attendus, ramenés à leurs quantiles à 10\u202f% et 90\u202f%. "
    "Au-dessus du seuil 1 + 2√(2/(k − 1)) pour k zones, la variance entre zones τ² s’ajoute à "
    "celle du hasard, et ces limites servent par défaut\u202f; elles ne sont jamais plus étroites "
    "que les autres. φ se mesure sur toutes les zones du niveau entièrement publiées, avec ou sans "
    "filtre\u202f: il porte donc aussi l’effet de la règle de diffusion. Une zone est dehors à "
    "99,8\u202f%. Seuls les chiffres entièrement publiés y sont\u202f: une commune publiée, un "
    "groupe dont toutes les communes le sont."
)
NO_WHOLE_GROUP = (
    "Les limites du hasard valent pour des faits comptés, et aucun groupe de cette vue n’a toutes "
    "ses communes publiées\u202f: pas d’entonnoir. Les totaux connus ou estimés sont ci-dessous, "
    "avec leur intervalle."
)
NOTHING_WHOLE = (
    "Aucune zone de cette vue n’a de chiffre publié\u202f: choisir un autre indicateur, une autre "
    "année ou d’autres filtres."
)
PERSONS = (
    "Les mis en cause sont comptés une fois par zone\u202f: le taux du département n’est pas celui "
    "de ses communes en moyenne, et aucune zone ne lui est comparée. Choisir un autre indicateur "
    "pour voir l’entonnoir."
)
NO_AREA_KEPT = "Aucune zone ne répond aux deux filtres\u202f: en retirer un."
NO_REFERENCE = (
    "Le taux du département n’est pas connu pour cet indicateur et cette année\u202f: sans lui, "
    "pas de limites à tracer. Choisir une autre année, un autre indicateur, ou charger la base "
    "départementale de la même édition."
)
VERDICT_RULE = (
    "L’intervalle à 95\u202f% du taux est comparé au taux de la référence, la zone elle-même ôtée"
    "\u202f: plus élevé ou moins élevé s’il l’exclut, proche sinon, non comparé sans intervalle ou "
    "sans référence. Une commune est jugée sur son chiffre publié, un groupe sur son total estimé."
)
TWO_RULES = (
    "L’entonnoir et les verdicts qui suivent n’ont pas la même règle\u202f: une zone sort de "
    "l’entonnoir au-delà de limites à 99,8\u202f% autour du département entier\u202f; un verdict "
    "compare l’intervalle à 95\u202f% de la zone à sa référence, la zone ôtée. Une zone peut donc "
    "être plus élevée ou moins élevée sans sortir de l’entonnoir."
)
SERIES_RULE = (
    "Taux de chaque année avec son intervalle à 95\u202f%\u202f: publié pour une commune, du total "
    "estimé pour un groupe. Une année sans chiffre est laissée ouverte. Trait gris\u202f: le "
    "département entier, ou la référence choisie quand c’en est une autre."
)
ONE_YEAR = (
    "Une seule année est chargée\u202f: il n’y a pas de série à tracer. Elle apparaît dès que le "
    "fichier communal porte plusieurs années."
)
NO_AREA = (
    "Aucune zone n’est choisie\u202f: en nommer une à cinq plus haut pour voir leurs années côte "
    "à côte."
)


_BASES = {"total_estime": " (en partie estimé)", "communes_publiees": " (communes publiées)"}


def show_funnel(
    view: View,
    series: pd.DataFrame,
    kept: pd.DataFrame,
    whole: pd.DataFrame,
    beside: pd.DataFrame,
    chosen: Sequence[str],
) -> None:
    """Show the areas of a level against the limits of chance, and groups with their intervals.

    `series`, `kept`, `whole` and `beside` are long-table rows of one indicator: those of the
    level, those that the filters keep, those of the département and of the free perimeter.
    """
    st.markdown("#### Toutes les zones face au hasard")
    rows, among = (part[part["annee"] == view.year] for part in (kept, series))
    reference = whole[whole["annee"] == view.year].iloc[0]
    reason = _why_no_funnel(view, rows, reference)
    if reason:
        st.info(reason, icon=":material/info:")
    else:
        official = reference["methode"] == "total_officiel"
        name = f"{reference['libelle']}, taux {'officiel' if official else 'reconstitué'}"
        named = [code for code in chosen if code in set(rows["code"])]
        caption = view.caption("les zones face au hasard", str(view.year))
        rate = float(reference["taux_estime"])
        chart = charts.funnel_chart(caption, rows, rate, name, named, among)
        chart_blocks.show(chart, "entonnoir")
        show_calculation(view, "entonnoir", FUNNEL_RULE)
        st.caption(TWO_RULES)
    if view.indicator.additive and not rows["niveau"].isin(COMMUNAL).all():
        own = beside[beside["code"].isin(chosen) & (beside["annee"] == view.year)]
        show_intervals(view, pd.concat([own, by_name(rows)]), chosen)


def _why_no_funnel(view: View, rows: pd.DataFrame, reference: "pd.Series[Any]") -> str:
    if rows.empty:
        return NO_AREA_KEPT
    if not view.indicator.additive:
        return PERSONS
    if not reference["taux_estime"] > 0:
        return NO_REFERENCE
    if not rows["statut"].isin(["publie", "zero"]).any():
        return NOTHING_WHOLE if rows["niveau"].isin(COMMUNAL).all() else NO_WHOLE_GROUP
    return ""


def show_verdicts(
    view: View,
    series: pd.DataFrame,
    kept: pd.DataFrame,
    beside: pd.DataFrame,
    chosen: Sequence[str],
) -> None:
    """Show the verdicts of the chosen areas, then of all those that the filters keep."""
    st.markdown("#### Verdicts")
    of_year = by_name(series[series["annee"] == view.year])
    of_year = of_year.assign(sans_reference=_reasons(view, of_year))
    if chosen:
        own = beside[beside["annee"] == view.year]
        named = pd.concat([own, of_year])
        _table(view, named[named["code"].isin(chosen)])
    every = of_year[of_year["code"].isin(kept["code"])]
    title = f"{count(len(every), 'zone')} de la vue, dans l’ordre des noms"
    with st.expander(title, expanded=not chosen and len(every) <= 60):
        _table(view, every)
    if view.indicator.additive:
        _say_missing(every)
    show_calculation(view, "verdicts", VERDICT_RULE)
    st.caption(blocks.source_line(view.store, view.departement))


def _reasons(view: View, rows: pd.DataFrame) -> "pd.Series[str]":
    """Return why rows whose own figure is known have no reference, "" for the others."""
    rate = rows["taux_pour_mille"].where(rows["niveau"].isin(COMMUNAL), rows["taux_estime"])
    without = rate.notna() & rows["taux_reference"].isna()
    empty = pd.Series("", index=rows.index, dtype="str")
    if not view.indicator.additive or not without.any():
        return empty
    tables = cache.report_tables(view.departement)
    classes = comparisons.class_groups(tables.facts, tables.context)
    membership = comparisons.class_of_areas(tables.long, tables.groups, classes)
    found = references.missing(tables, rows[without], view.reference, membership)
    return found.reindex(rows.index, fill_value="")


def _say_missing(rows: pd.DataFrame) -> None:
    """Say how many areas have a figure and nothing to be compared with, by reason."""
    for reason, part in rows[rows["sans_reference"] != ""].groupby("sans_reference", sort=False):
        verb = "a un chiffre mais pas" if len(part) == 1 else "ont un chiffre mais pas"
        st.caption(f"{count(len(part), 'zone')} {verb} de référence\u202f: {reason}.")


def _table(view: View, rows: pd.DataFrame) -> None:
    """Show one line per area; `rows` are of one level, one indicator, one year."""
    # One position per area instead of a year: which rate is judged has one home, `charts.line_of`.
    positions = range(len(rows))
    line = charts.line_of(rows.assign(annee=positions), positions, "")
    who = _members(view) if view.reference in (DENSITY, SIMILAR) else None
    blocks.table(
        [
            "Zone",
            "Faits",
            "Taux, intervalle à 95\u202f%",
            REFERENCES[view.reference],
            "Verdict",
            "Publication",
            *(["Référence"] if who else []),
        ],
        [
            [
                row["libelle"],
                _facts(row),
                f"{NOT_SHOWN} ({line.absences[at]})"
                if line.absences[at]
                else charts.rate_words(line.values[at], line.low[at], line.high[at]),
                _reference(row),
                charts.verdict_words(row["comparaison"]),
                _publication(row),
                *([who(row)] if who else []),
            ]
            for at, row in enumerate(rows.to_dict("records"))
        ],
        numbers={1, 2, 3},
        whole={4},
    )


def _reference(row: dict[Any, Any]) -> str:
    value = row["taux_reference"]
    if pd.isna(value):
        return "non calculé"
    words = charts.rate_words(value, float("nan"), float("nan"))
    # Areas named one by one are whole: only a class may be known by its published communes alone.
    named = bool(row["codes_reference"]) and row["base_reference"] == "communes_publiees"
    return words if named else f"{words}{_BASES.get(row['base_reference'], '')}"


def _members(view: View) -> Callable[[dict[Any, Any]], str]:
    """Return what says who the reference of an area is: a class, or areas by name."""
    long = cache.table(view.departement, "long")
    # Those of a council may be EPCI.
    level = long[long["niveau"].isin([map_data.niveau_of(view.layer), "epci"])]
    known = dict(zip(level["code"], level["libelle"], strict=True))

    def words(row: dict[Any, Any]) -> str:
        codes = row["codes_reference"].split()
        named = ", ".join(known[code] for code in codes) or row["libelle_reference"]
        return named or row["sans_reference"] or "–"

    return words


def _facts(row: dict[Any, Any]) -> str:
    """Return the count of a commune, the total of a group and what is published of it."""
    if row["niveau"] in COMMUNAL or pd.isna(row["faits_estimes"]):
        if pd.isna(row["faits_publies"]):
            return NOT_SHOWN
        words = number(row["faits_publies"])
        if row["niveau"] in COMMUNAL:
            return words
        if row["methode"] == "somme_indicative":
            return f"{words} (somme indicative)"
        return f"{words} publiés, total {NOT_SHOWN}"
    low, high = row["faits_estimes_bas"], row["faits_estimes_haut"]
    words = number(row["faits_estimes"])
    if low == high:
        return words
    published = row["faits_publies"]
    known = number(0 if pd.isna(published) else published)
    return f"{words} ({number(low)} à {number(high)}), estimés\ndont {known} publiés"


def _publication(row: dict[Any, Any]) -> str:
    """Return how much of a long-table row is published: a status, or communes and residents."""
    if row["niveau"] in COMMUNAL:
        return status_label(row["statut"])
    members = count(row["communes"], "commune")
    outside = int(row["communes_hors_departement"])
    away = f"\u202f; {count(outside, 'autre')} hors du département" if outside else ""
    return (
        f"{number(row['communes_publiees'])} sur {members}, "
        f"{covered(row['couverture_population'])}{away}"
    )


def show_years(
    view: View, series: pd.DataFrame, whole: pd.DataFrame, chosen: Sequence[str]
) -> None:
    """Show up to five areas over the years held, one panel each on one scale."""
    st.markdown("#### Année par année")
    years = sorted(int(year) for year in series["annee"].unique())
    if len(years) == 1 or not chosen:
        st.info(ONE_YEAR if len(years) == 1 else NO_AREA, icon=":material/info:")
        return
    labels = names(series)
    lines = [charts.line_of(series[series["code"] == code], years, labels[code]) for code in chosen]
    references = [
        _reference_line(view, series[series["code"] == code], whole, years) for code in chosen
    ]
    caption = view.caption("année par année", f"{years[0]}–{years[-1]}")
    if len(lines) == 1:
        panel = charts.Panel(lines[0].label, tuple(years), lines[0], references[0])
        chart = charts.time_chart(caption, [panel])
    else:
        chart = charts.comparison(caption, years, lines)
        panels = zip(chart.panels, references, strict=True)
        chart = replace(chart, panels=tuple(replace(p, reference=line) for p, line in panels))
    chart_blocks.show(chart, "annees")
    show_calculation(view, "annees", SERIES_RULE)


def _reference_line(
    view: View, rows: pd.DataFrame, whole: pd.DataFrame, years: Sequence[int]
) -> charts.Line | None:
    """Return what is drawn beside an area: the whole département, or the reference if another.

    The rest of the département is not known where the area is hidden, the département always is.
    """
    if not view.indicator.additive:
        return None
    if view.reference == long_table.REFERENCE:
        line = charts.line_of(whole, years, str(whole["libelle"].iloc[0]))
    else:
        line = charts.reference_line(rows, years, view.reference_words)
    return line if any(charts.known(line.values)) else None
