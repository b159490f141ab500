"""One line per indicator: the figure, its reference, its doubt, its series, and how it is made."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from diagnostics import catalogue, wording
from diagnostics.report import changes
from diagnostics.report.model import (
    PERIMETER,
    Area,
    Calculation,
    Comparison,
    Figure,
    Line,
    PeriodChange,
    Point,
    Spread,
    Trend,
    Words,
)
from diagnostics.report.tables import Tables
from diagnostics.statistics.inputs import FloatArray
from diagnostics.statistics.periods import LOCKDOWN_YEARS
from diagnostics.statistics.profile import profile
from diagnostics.wording import COMMUNAL

FIGURE_COLUMNS = {
    "year": "annee",
    "status": "statut",
    "published": "faits_publies",
    "published_communes": "communes_publiees",
    "communes": "communes",
    "population_coverage": "couverture_population",
    "published_denominator": "effectif_denominateur",
    "denominator": "effectif_denominateur_total",
    "estimated": "faits_estimes",
    "estimated_low": "faits_estimes_bas",
    "estimated_high": "faits_estimes_haut",
    "method": "methode",
    "reason": "motif_sans_estimation",
}
"""Columns of the long table that a `Figure` holds, whatever the level."""
PUBLISHED_RATE = {"rate": "taux_pour_mille", "rate_low": "taux_bas", "rate_high": "taux_haut"}
ESTIMATED_RATE = {
    "rate": "taux_estime",
    "rate_low": "taux_estime_bas",
    "rate_high": "taux_estime_haut",
}
"""Columns of the rate that is judged: published for a commune, estimated for a group."""
_WHOLE = ("year", "published", "published_communes", "communes")
_TEXT = ("status", "method", "reason")
_SHARED = "partage_du_total_masque"
WITHOUT_ESTIMATES = "estimations_non_demandees"


@dataclass(frozen=True)
class Options:
    """What the reader chose."""

    year: int
    comparator: str
    before: tuple[int, ...]
    after: tuple[int, ...]


def figure_columns(niveau: str) -> dict[str, str]:
    """Return the column of the long table that each field of a `Figure` comes from."""
    return FIGURE_COLUMNS | (PUBLISHED_RATE if niveau in COMMUNAL else ESTIMATED_RATE)


def without_estimates(
    long: pd.DataFrame, compared: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return rows and their comparisons emptied of all that is estimated."""
    estimated = (long["methode"] == _SHARED).to_numpy()
    figures = [c for c in long.columns if c.startswith(("faits_estimes", "taux_estime"))]
    empty = long.copy()
    empty.loc[estimated, [*figures, "taux_reference"]] = np.nan
    empty.loc[estimated, ["reference", "comparaison"]] = ""
    empty.loc[estimated, "tendance"] = "non_calculable"
    empty.loc[estimated, "methode"] = "poisson_exact"
    empty.loc[estimated, "motif_sans_estimation"] = WITHOUT_ESTIMATES
    keys = ["indicateur", "annee"]
    without = pd.MultiIndex.from_frame(long.loc[estimated, keys])
    kept = ~pd.MultiIndex.from_frame(compared[keys]).isin(without)
    return empty, compared[kept]


def lines(
    tables: Tables, area: Area, rows: pd.DataFrame, compared: pd.DataFrame, options: Options
) -> tuple[Line, ...]:
    """Return the lines of one area, in the catalogue's order.

    `rows` are its rows of the long table, `compared` its rows of `comparaisons.csv`, all years.
    Indicators without a row for the year are left out.
    """
    columns = figure_columns(area.niveau)
    own = _by_indicator(rows)
    beside = {
        "whole": _by_indicator(tables.long[tables.long["niveau"] == "departement"]),
        "compared": _by_indicator(compared),
    }
    peers = _peers(tables, area, columns["rate"], options.year)
    return tuple(
        _line(
            area,
            catalogue.indicators()[id_],
            own[id_],
            beside["whole"].get(id_, rows.iloc[:0]),
            beside["compared"].get(id_, compared.iloc[:0]),
            peers.get(id_, np.empty(0)),
            options,
            tables.about["official_base"],
        )
        for id_ in catalogue.indicators()
        if id_ in own and (own[id_]["annee"] == options.year).any()
    )


def _line(
    area: Area,
    indicator: catalogue.Indicator,
    rows: pd.DataFrame,
    whole: pd.DataFrame,
    compared: pd.DataFrame,
    peers: FloatArray,
    options: Options,
    official_base: str | None,
) -> Line:
    columns = figure_columns(area.niveau)
    rows = rows.set_index("annee", drop=False).sort_index()
    series = _series(rows, columns)
    whole = _series(whole.set_index("annee", drop=False), figure_columns("departement"))
    row = rows[rows["annee"] == options.year].iloc[0]
    figure = _figure(dict(row), columns)
    this_year = compared[compared["annee"] == options.year]
    comparisons = tuple(_comparison(dict(each)) for _, each in this_year.iterrows())
    chosen = next((c for c in comparisons if c.reference == options.comparator), None)
    references = compared[compared["reference"] == options.comparator]
    line = Line(
        id=indicator.id,
        label=str(row["libelle_indicateur"]),
        unit=indicator.unit,
        unit_of_rate=wording.unit_of_rate(indicator.unit, indicator.denominator),
        place=indicator.place,
        additive=indicator.additive,
        contained_in=indicator.contained_in,
        polarity=indicator.polarity,
        niveau=area.niveau,
        area_label=area.label,
        figure=figure,
        comparison=chosen,
        comparisons=comparisons,
        trend=Trend(str(row["tendance"]), changes.yearly_change(series)),
        period=_period(area, indicator, series, whole, options),
        series=_points(rows, series, whole, references.set_index("annee")["taux_reference"]),
        spread=_spread(figure, chosen, peers),
        caveat=indicator.caveat,
        calculation=_calculation(area, indicator, figure, row, official_base),
    )
    return replace(line, words=_words(line))


def _words(line: Line) -> Words:
    return Words(
        headline=wording.headline(line),
        coverage=wording.coverage_sentence(line),
        refusal=wording.refusal_sentence(wording.reason_of(line)),
        verdict=wording.verdict_sentence(line),
        trend=wording.trend_sentence(line),
        period=wording.period_sentence(line),
    )


def _by_indicator(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {str(id_): part for id_, part in rows.groupby("indicateur", sort=False)}


def _series(rows: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    """Return one row per year: total with its interval, denominator, judged rate."""
    communal = columns["rate"] == PUBLISHED_RATE["rate"]
    names = {
        "total": "faits_publies" if communal else "faits_estimes",
        "low": "faits_publies" if communal else "faits_estimes_bas",
        "high": "faits_publies" if communal else "faits_estimes_haut",
        "size": "effectif_denominateur_total",
        **{field: columns[field] for field in ESTIMATED_RATE},
    }
    return pd.DataFrame(
        {name: rows[column].astype("float64") for name, column in names.items()}
    ).sort_index()


def _figure(row: dict[str, Any], columns: dict[str, str]) -> Figure:
    values: dict[str, Any] = {f: _number(row[c]) for f, c in columns.items() if f not in _TEXT}
    whole = {f: None if values[f] is None else int(values[f]) for f in _WHOLE}
    return Figure(**values | whole | {f: str(row[columns[f]]) for f in _TEXT})


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _comparison(row: dict[str, Any]) -> Comparison:
    return Comparison(
        reference=row["reference"],
        label=row["libelle_reference"],
        rate=float(row["taux_reference"]),
        basis=row["base_reference"],
        verdict=row["comparaison"],
        judgement=row["jugement"],
        members=tuple(row["codes_reference"].split()),
    )


def _points(
    rows: pd.DataFrame, series: pd.DataFrame, whole: pd.DataFrame, references: "pd.Series[float]"
) -> tuple[Point, ...]:
    table = series.assign(
        status=rows["statut"],
        reference=references.reindex(series.index),
        departement=whole["rate"].reindex(series.index),
    )
    return tuple(
        Point(
            year=int(year),
            status=str(row["status"]),
            facts=_number(row["total"]),
            rate=_number(row["rate"]),
            low=_number(row["rate_low"]),
            high=_number(row["rate_high"]),
            reference=_number(row["reference"]),
            departement=_number(row["departement"]),
            lockdown=year in LOCKDOWN_YEARS,
        )
        for year, row in zip(table.index, table.to_dict("records"), strict=True)
    )


def _period(
    area: Area,
    indicator: catalogue.Indicator,
    series: pd.DataFrame,
    whole: pd.DataFrame,
    options: Options,
) -> PeriodChange:
    if area.niveau == "departement" or not indicator.additive:
        # Nothing is left of the whole, or persons who may have been counted in both.
        whole = whole.assign(total=np.nan)
    found = changes.period_change(series, whole, options.before, options.after)
    if (
        found.reason == "annee_sans_total"
        and not indicator.additive
        and area.niveau not in COMMUNAL
    ):
        return replace(found, reason="non_additif")
    return found


def _peers(tables: Tables, area: Area, rate: str, year: int) -> dict[str, FloatArray]:
    """Return, by indicator, the judged rates of the other areas of the same level and type."""
    niveau = "epci" if area.niveau == PERIMETER else area.niveau
    rows = tables.long[(tables.long["niveau"] == niveau) & (tables.long["annee"] == year)]
    rows = rows[rows["code"] != area.code]
    if niveau == "territoire":
        groups = tables.groups[tables.groups["type"] == area.type]
        rows = rows[rows["code"].isin(groups["code"])]
    return {
        str(id_): part.to_numpy(dtype=np.float64) for id_, part in rows.groupby("indicateur")[rate]
    }


def _spread(figure: Figure, comparison: Comparison | None, peers: FloatArray) -> Spread:
    value, low, high = (
        np.nan if v is None else v for v in (figure.rate, figure.rate_low, figure.rate_high)
    )
    reference = np.nan if comparison is None else comparison.rate
    found = profile(value, low, high, reference, peers)
    return Spread(
        minimum=_number(found.minimum),
        first_quartile=_number(found.first_quartile),
        median=_number(found.median),
        third_quartile=_number(found.third_quartile),
        maximum=_number(found.maximum),
        peers_known=found.peers_known,
        peers_unknown=found.peers_unknown,
    )


def _calculation(
    area: Area,
    indicator: catalogue.Indicator,
    figure: Figure,
    row: "pd.Series[Any]",
    official_base: str | None,
) -> Calculation:
    official = figure.method == "total_officiel"
    source = catalogue.sources()["ssmsi_departements" if official else "ssmsi_communes"]
    return Calculation(
        rule=wording.rule_sentence(figure),
        numerator=wording.numerator_phrase(figure, indicator.unit),
        denominator=wording.denominator_phrase(figure, indicator.denominator),
        rows=wording.rows_phrase(area, indicator.label, figure.year, official=official),
        source=source.title,
        publisher=source.publisher,
        edition=str(official_base if official else row["edition"]),
        geography=None if pd.isna(row["geographie"]) else int(row["geographie"]),
        licence=source.licence,
        page=source.page,
    )
