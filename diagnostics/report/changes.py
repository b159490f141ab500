"""Changes over time of figures that may be estimated: between two periods, and per year.

Published counts and official totals keep the exact methods of `statistics`. A total that holds an
estimated part is no count: its changes combine the intervals of the yearly estimates.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from diagnostics.estimation import Z_95, estimated_rate
from diagnostics.report.model import PeriodChange, Ratio, YearlyChange
from diagnostics.statistics import periods, trends
from diagnostics.statistics.inputs import FloatArray

MOVER, WEIGHTED_LINE = "mover_logarithmique", "droite_ponderee_logarithmique"


def period_change(
    own: pd.DataFrame, whole: pd.DataFrame, before: Sequence[int], after: Sequence[int]
) -> PeriodChange:
    """Return the change of an area between two periods, and that of the rest of its département.

    `own` and `whole` hold one row per year (the index): total, low, high (95 % interval of the
    total, equal to it where it is known), size (denominator). The rest is `whole` minus `own`.

    Raises:
        Refused: 2020 or 2021 in the base, or periods that overlap or are not in order.
    """
    years = sorted({*before, *after})
    nothing = np.full(len(years), np.nan)
    periods.period_change(nothing, nothing, years, before, after)  # refuses unsound periods
    span = tuple(before), tuple(after)
    held = set(whole.index) | set(own.index)
    if not set(years) <= held:
        return PeriodChange(*span, None, None, "periode_incomplete")
    rows = own.reindex(years)
    if rows.isna().any(axis=None):
        return PeriodChange(*span, None, None, "annee_sans_total")
    mine = _ratio(rows, before, after)
    if mine is None:
        return PeriodChange(*span, None, None, "aucun_fait")
    total = whole.reindex(years)
    rest = pd.DataFrame(
        {
            "total": total["total"] - rows["total"],
            "low": total["low"] - rows["high"],
            "high": total["high"] - rows["low"],
            "size": total["size"] - rows["size"],
        }
    )
    sound = rest.notna().all(axis=None) and (rest["low"] >= 0).all() and (rest["size"] > 0).all()
    return PeriodChange(*span, mine, _ratio(rest, before, after) if sound else None, "")


def yearly_change(series: pd.DataFrame) -> YearlyChange | None:
    """Return the mean yearly change of the rate, None under five known years or without facts.

    `series` holds one row per year (the index): total, low, high, size, as above, and rate,
    rate_low, rate_high. Where every known total is a count, it is the quasi-Poisson regression of
    `statistics.trends.yearly_change`, never narrower than a Poisson count allows. Otherwise it is
    the weighted straight line of the logarithm of the rates, weights from their intervals; its
    variance is multiplied by the residual dispersion where that exceeds 1, and the interval is
    Student's with years - 2 degrees of freedom.

    Limits of the second: the yearly estimates are taken as independent although the same hidden
    communes are estimated each year, which makes the interval of their change too wide rather
    than too narrow.
    """
    known = series.dropna(subset=["total", "size", "rate_low", "rate_high"])
    if len(known) < trends.MINIMUM_YEARS:
        return None
    years = known.index.to_numpy(dtype=np.float64)
    if _counted(known):
        found = trends.yearly_change(
            np.rint(known["total"]), known["size"], years, minimum_dispersion=1
        )
        percent, low, high = (float(v) for v in (found.change_percent, found.low, found.high))
        method = found.method
    else:
        percent, low, high = _line_of_logarithms(known, years)
        method = WEIGHTED_LINE
    if not np.isfinite([percent, low, high]).all():
        return None
    return YearlyChange(percent, low, high, int(years[0]), int(years[-1]), len(years), method)


def _ratio(rows: pd.DataFrame, before: Sequence[int], after: Sequence[int]) -> Ratio | None:
    """Return the ratio of two pooled rates, None where both periods are without facts.

    Exact where all is counted. Otherwise the interval of a period's total adds up the distances
    of its years to their limits in squares, and that of the ratio those of its two periods on the
    logarithmic scale (MOVER: Zou G. Y., Donner A. (2008), Statistics in Medicine 27, 1693-1702).
    """
    first, later = (rows.loc[list(p)] for p in (before, after))
    totals = float(first["total"].sum()), float(later["total"].sum())
    if _counted(rows):
        change = periods.period_change(
            np.rint(rows["total"]), rows["size"], list(rows.index), before, after
        )
        if totals == (0, 0):
            return None
        return Ratio(
            float(change.ratio), float(change.low), float(change.high), *totals, change.method
        )
    (p1, l1, u1), (p2, l2, u2) = _pooled(first), _pooled(later)
    if p1 == 0 or p2 == 0:
        return None
    with np.errstate(divide="ignore"):
        below = np.hypot(np.log(p2 / l2), np.log(u1 / p1))
        above = np.hypot(np.log(u2 / p2), np.log(p1 / l1))
    ratio = p2 / p1
    return Ratio(ratio, float(ratio * np.exp(-below)), float(ratio * np.exp(above)), *totals, MOVER)


def _pooled(rows: pd.DataFrame) -> tuple[float, float, float]:
    """Return the rate of a period with its interval, per unit of the denominator."""
    total, size = rows["total"].to_numpy(dtype=float), rows["size"].to_numpy(dtype=float)
    each = estimated_rate(0, total, rows["low"], rows["high"], size, per=1)
    low, high = each.low * size, each.high * size
    pooled = total.sum()
    below, above = np.sqrt(((total - low) ** 2).sum()), np.sqrt(((high - total) ** 2).sum())
    units = size.sum()
    return pooled / units, max(pooled - below, 0.0) / units, (pooled + above) / units


def _line_of_logarithms(known: pd.DataFrame, years: FloatArray) -> tuple[float, float, float]:
    with np.errstate(divide="ignore"):
        rate, low, high = (np.log(known[c].to_numpy()) for c in ("rate", "rate_low", "rate_high"))
    se = (high - low) / (2 * Z_95)
    line = trends.weighted_line(years, rate, se)
    if not np.isfinite(line.slope):
        return np.nan, np.nan, np.nan
    weights = 1 / se**2
    centre = np.average(rate, weights=weights) - line.slope * np.average(years, weights=weights)
    freedom = len(years) - 2
    dispersion = float((weights * (rate - centre - line.slope * years) ** 2).sum() / freedom)
    margin = stats.t.isf(0.025, freedom) * line.se * np.sqrt(max(dispersion, 1.0))
    slope = float(line.slope)
    percent, bottom, top = 100 * np.expm1([slope, slope - margin, slope + margin])
    return float(percent), float(bottom), float(top)


def _counted(rows: pd.DataFrame) -> bool:
    """Say whether every total is a whole number known exactly."""
    known = (rows["low"] == rows["total"]) & (rows["high"] == rows["total"])
    return bool(known.all() and np.allclose(rows["total"], np.rint(rows["total"]), atol=1e-6))
