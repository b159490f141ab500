"""One line per indicator: the figure, its reference, its doubt, its series, and how it is made."""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from diagnostics import catalogue, wording
from diagnostics.report import changes, references, sentences
from diagnostics.report.calculation import calculation
from diagnostics.report.model import (
    Area,
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
    apart: str = ""
    """What keeps a class or likes from being a reference (see `references.missing`)."""


class StatedSeries(NamedTuple):
    """The yearly series of one area and indicator, with the status of each year."""

    series: changes.Series
    statuses: tuple[str, ...]

    def since(self, year: int) -> "StatedSeries":
        """Return the years from one on: before an indicator exists its zeros say nothing."""
        kept = self.series.year >= year
        statuses = (s for s, keep in zip(self.statuses, kept, strict=True) if keep)
        return StatedSeries(self.series.where(kept), tuple(statuses))


_NOTHING = StatedSeries(changes.Series(*[np.empty(0)] * 8), ())


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
    touched = long["indicateur"].isin(long.loc[estimated, "indicateur"]) & (long["tendance"] != "")
    empty.loc[touched, "tendance"] = "non_calculable"
    empty.loc[estimated, "methode"] = "poisson_exact"
    empty.loc[estimated, "motif_sans_estimation"] = WITHOUT_ESTIMATES
    keys = ["indicateur", "annee"]
    without = pd.MultiIndex.from_frame(long.loc[estimated, keys])
    judged = ~pd.MultiIndex.from_frame(compared[keys]).isin(without)
    return empty, compared[judged & (compared["base_reference"] != "total_estime")]


def lines(
    tables: Tables, area: Area, rows: pd.DataFrame, compared: pd.DataFrame, options: Options
) -> tuple[Line, ...]:
    """Return the lines of one area, in the catalogue's order.

    `rows` are its rows of the long table, `compared` its rows of `comparaisons.csv`, all years.
    Indicators without a row for the year are left out.
    """
    series = series_by_indicator(rows, area.niveau)
    whole = tables.long[tables.long["niveau"] == "departement"]
    whole_series = series_by_indicator(whole, "departement")
    of_year = compared[compared["annee"] == options.year].to_dict("records")
    chosen = compared[compared["reference"] == options.comparator]
    rates = {
        (str(id_), int(year)): float(rate)
        for id_, year, rate in zip(
            chosen["indicateur"], chosen["annee"], chosen["taux_reference"], strict=True
        )
    }
    peers = _peers(tables, area, options.year)
    this_year = rows[rows["annee"] == options.year]
    without = references.of_area(tables, area, this_year, options.comparator, options.apart)
    records = {r["indicateur"]: r for r in this_year.to_dict("records")}
    return tuple(
        _line(
            area,
            indicator,
            {str(column): value for column, value in records[indicator.id].items()},
            series[indicator.id],
            whole_series.get(indicator.id, _NOTHING),
            tuple(_comparison(row) for row in of_year if row["indicateur"] == indicator.id),
            {year: rate for (id_, year), rate in rates.items() if id_ == indicator.id},
            without.get(indicator.id, ""),
            peers.get(indicator.id, np.empty(0)),
            options,
            tables.about,
        )
        for indicator in catalogue.indicators().values()
        if indicator.id in records
    )


def _line(
    area: Area,
    indicator: catalogue.Indicator,
    row: dict[str, Any],
    own: StatedSeries,
    whole: StatedSeries,
    comparisons: tuple[Comparison, ...],
    rates: dict[int, float],
    without: str,
    peers: FloatArray,
    options: Options,
    about: dict[str, Any],
) -> Line:
    figure = _figure(row, figure_columns(area.niveau))
    own = own.since(indicator.first_year)
    chosen = next((c for c in comparisons if c.reference == options.comparator), None)
    line = Line(
        id=indicator.id,
        label=row["libelle_indicateur"],
        title=indicator.title,
        unit=indicator.unit,
        unit_of_rate=wording.unit_of_rate(indicator.unit, indicator.denominator),
        place=indicator.place,
        additive=indicator.additive,
        contained_in=indicator.contained_in,
        polarity=indicator.polarity,
        niveau=area.niveau,
        area_label=area.label,
        outside=len(area.outside),
        figure=figure,
        comparison=chosen,
        comparisons=comparisons,
        trend=Trend(row["tendance"], changes.yearly_change(own.series)),
        period=_period(area, indicator, own.series, whole.series, options),
        series=_points(own, whole.series, rates),
        spread=_spread(figure, chosen, peers),
        caveat=indicator.caveat,
        calculation=calculation(area, indicator, figure, row, about),
        no_reference="" if chosen else without,
    )
    return replace(line, words=_words(line))


def _words(line: Line) -> Words:
    return Words(
        headline=sentences.headline(line),
        coverage=sentences.coverage_sentence(line),
        refusal=sentences.refusal_sentence(sentences.reason_of(line)),
        verdict=sentences.verdict_sentence(line),
        trend=sentences.trend_sentence(line),
        period=sentences.period_sentence(line),
    )


def series_by_indicator(rows: pd.DataFrame, niveau: str) -> dict[str, StatedSeries]:
    """Return the yearly series of one area's rows of the long table, by indicator."""
    rate = figure_columns(niveau)
    published = niveau in COMMUNAL
    columns = (
        "annee",
        "faits_publies" if published else "faits_estimes",
        "faits_publies" if published else "faits_estimes_bas",
        "faits_publies" if published else "faits_estimes_haut",
        "effectif_denominateur_total",
        rate["rate"],
        rate["rate_low"],
        rate["rate_high"],
    )
    ordered = rows.sort_values("annee")
    figures = np.column_stack(
        [ordered[c].to_numpy(dtype=np.float64, na_value=np.nan) for c in columns]
    )
    statuses, ids = ordered["statut"].to_numpy(), ordered["indicateur"].to_numpy()
    return {
        str(id_): StatedSeries(changes.Series(*figures[ids == id_].T), tuple(statuses[ids == id_]))
        for id_ in ordered["indicateur"].unique()
    }


def _figure(row: dict[str, Any], columns: dict[str, str]) -> Figure:
    values: dict[str, Any] = {f: _number(row[c]) for f, c in columns.items() if f not in _TEXT}
    whole = {f: None if values[f] is None else int(values[f]) for f in _WHOLE}
    return Figure(**values | whole | {f: str(row[columns[f]]) for f in _TEXT})


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _comparison(row: dict[Any, Any]) -> Comparison:
    return Comparison(
        reference=row["reference"],
        label=row["libelle_reference"],
        rate=float(row["taux_reference"]),
        basis=row["base_reference"],
        verdict=row["comparaison"],
        judgement=row["jugement"],
        members=tuple(row["codes_reference"].split()),
    )


def _points(own: StatedSeries, whole: changes.Series, rates: dict[int, float]) -> tuple[Point, ...]:
    departement = whole.of(own.series.year.astype(int).tolist()).rate
    return tuple(
        Point(
            year=int(year),
            status=status,
            facts=_number(total),
            rate=_number(rate),
            low=_number(low),
            high=_number(high),
            reference=rates.get(int(year)),
            departement=_number(around),
            lockdown=year in LOCKDOWN_YEARS,
        )
        for year, total, _, _, _, rate, low, high, status, around in zip(
            *own.series, own.statuses, departement, strict=True
        )
    )


def _period(
    area: Area,
    indicator: catalogue.Indicator,
    series: changes.Series,
    whole: changes.Series,
    options: Options,
) -> PeriodChange:
    if area.niveau == "departement" or not indicator.additive:
        # Nothing is left of the whole, or persons who may have been counted in both.
        whole = _NOTHING.series
    found = changes.period_change(series, whole, options.before, options.after)
    if found.reason and min(options.before) < indicator.first_year:
        return replace(found, reason="serie_plus_recente")
    if found.reason and not indicator.additive and area.niveau not in (*COMMUNAL, "departement"):
        return replace(found, reason="non_additif")
    return found


def _peers(tables: Tables, area: Area, year: int) -> dict[str, FloatArray]:
    """Return, by indicator, the judged rates of the other areas of the same level and type.

    Those of several communes in a perimeter or a council are the EPCI that share none with it.
    """
    niveau = "epci" if area.among_epci else area.niveau
    rows = tables.long[(tables.long["niveau"] == niveau) & (tables.long["annee"] == year)]
    rows = rows[rows["code"] != area.code]
    if area.among_epci:
        codes = [place.code for place in area.communes]
        shares = (tables.groups["niveau"] == niveau) & tables.groups["code_insee"].isin(codes)
        rows = rows[~rows["code"].isin(tables.groups.loc[shares, "code"])]
    elif niveau == "territoire":
        groups = tables.groups[tables.groups["type"] == area.type]
        rows = rows[rows["code"].isin(groups["code"])]
    rates = rows.groupby("indicateur")[figure_columns(niveau)["rate"]]
    return {str(id_): part.to_numpy(dtype=np.float64) for id_, part in rates}


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
