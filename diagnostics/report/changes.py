"""Changes over time of figures that may be estimated: between two periods, and per year.

Published counts and official totals keep the exact methods of `statistics`. A total that holds an
estimated part is no count: its changes combine the intervals of the yearly estimates.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats

from diagnostics.estimation import Z_95, estimated_rate
from diagnostics.report.model import PeriodChange, Ratio, YearlyChange
from diagnostics.statistics import periods, trends
from diagnostics.statistics.inputs import FloatArray

MOVER, WEIGHTED_LINE = "mover_logarithmique", "droite_ponderee_logarithmique"


class Series(NamedTuple):
    """Yearly totals with their 95 % interval, denominators, and judged rates with theirs.

    Arrays of one length, oldest year first, NaN where unknown; low = total = high where the total
    is known exactly.
    """

    year: FloatArray
    total: FloatArray
    low: FloatArray
    high: FloatArray
    size: FloatArray
    rate: FloatArray
    rate_low: FloatArray
    rate_high: FloatArray

    def of(self, years: Sequence[int]) -> "Series":
        """Return the years asked for, NaN where one is not held."""
        at = np.searchsorted(self.year, years)
        inside = np.minimum(at, max(len(self.year) - 1, 0))
        held = np.isin(years, self.year)
        columns = [np.where(held, c[inside] if len(c) else np.nan, np.nan) for c in self[1:]]
        return Series(np.asarray(years, dtype=np.float64), *columns)

    def where(self, kept: "np.ndarray") -> "Series":
        """Return the years where a condition holds."""
        return Series(*(column[kept] for column in self))


def period_change(
    own: Series, whole: Series, before: Sequence[int], after: Sequence[int]
) -> PeriodChange:
    """Return the change of an area between two periods, and that of the rest of its département.

    The rest is `whole` minus `own`; it is left out where the whole is not known.

    Raises:
        Refused: 2020 or 2021 in the base, or periods that overlap or are not in order.
    """
    years = sorted({*before, *after})
    nothing = np.full(len(years), np.nan)
    periods.period_change(nothing, nothing, years, before, after)  # refuses unsound periods
    span = tuple(before), tuple(after)
    if not np.isin(years, own.year).all():
        return PeriodChange(*span, None, None, "periode_incomplete")
    mine = own.of(years)
    if np.isnan(mine.total + mine.low + mine.high + mine.size).any():
        return PeriodChange(*span, None, None, "annee_sans_total")
    ratio = _ratio(mine, before, after)
    if ratio is None:
        return PeriodChange(*span, None, None, "aucun_fait")
    total = whole.of(years)
    rest = total._replace(
        total=total.total - mine.total,
        low=total.low - mine.high,
        high=total.high - mine.low,
        size=total.size - mine.size,
    )
    sound = bool((rest.low >= 0).all() and (rest.size > 0).all() and np.isfinite(rest.high).all())
    return PeriodChange(*span, ratio, _ratio(rest, before, after) if sound else None, "")


def yearly_change(series: Series) -> YearlyChange | None:
    """Return the mean yearly change of the rate, None under five known years or without facts.

    Where every known total is a count, it is the quasi-Poisson regression of
    `statistics.trends.yearly_change`, never narrower than a Poisson count allows. Otherwise it is
    the weighted straight line of the logarithm of the rates, weights from their intervals; its
    variance is multiplied by the residual dispersion where that exceeds 1, and the interval is
    Student's with years - 2 degrees of freedom.

    Limits of the second: the yearly estimates are taken as independent although the same hidden
    communes are estimated each year, which makes the interval of their change too wide rather
    than too narrow.
    """
    known = series.where(np.isfinite(series.total + series.rate_low + series.rate_high))
    count = len(known.year)
    if count < trends.MINIMUM_YEARS:
        return None
    if _counted(known):
        found = trends.yearly_change(
            np.rint(known.total), known.size, known.year, minimum_dispersion=1
        )
        percent, low, high = (float(v) for v in (found.change_percent, found.low, found.high))
        method = found.method
    else:
        percent, low, high = _line_of_logarithms(known)
        method = WEIGHTED_LINE
    if not np.isfinite([percent, low, high]).all():
        return None
    return YearlyChange(percent, low, high, int(known.year[0]), int(known.year[-1]), count, method)


def _ratio(series: Series, before: Sequence[int], after: Sequence[int]) -> Ratio | None:
    """Return the ratio of two pooled rates, None where both periods are without facts.

    Exact where all is counted. Otherwise the interval of a period's total adds up the distances
    of its years to their limits in squares, and that of the ratio those of its two periods on the
    logarithmic scale (MOVER: Zou G. Y., Donner A. (2008), Statistics in Medicine 27, 1693-1702).
    Years are taken as independent: what the same hidden communes have in common in both periods
    would make the ratio's interval narrower, not wider.
    """
    first, later = series.of(before), series.of(after)
    totals = float(first.total.sum()), float(later.total.sum())
    if totals == (0, 0):
        return None
    if _counted(series):
        change = periods.period_change(
            np.rint(series.total), series.size, series.year.astype(int).tolist(), before, after
        )
        bounds = float(change.ratio), float(change.low), float(change.high)
        return Ratio(*bounds, *totals, change.method)
    if 0 in totals:
        return None
    (p1, l1, u1), (p2, l2, u2) = _pooled(first), _pooled(later)
    with np.errstate(divide="ignore"):
        below = np.hypot(np.log(p2 / np.float64(l2)), np.log(u1 / p1))
        above = np.hypot(np.log(u2 / p2), np.log(p1 / np.float64(l1)))
    ratio = p2 / p1
    return Ratio(ratio, float(ratio * np.exp(-below)), float(ratio * np.exp(above)), *totals, MOVER)


def _pooled(rows: Series) -> tuple[float, float, float]:
    """Return the rate of a period with its interval, per unit of the denominator."""
    each = estimated_rate(0, rows.total, rows.low, rows.high, rows.size, per=1)
    below = np.sqrt(((rows.total - each.low * rows.size) ** 2).sum())
    above = np.sqrt(((each.high * rows.size - rows.total) ** 2).sum())
    total, units = rows.total.sum(), rows.size.sum()
    return (
        float(total / units),
        float(max(total - below, 0) / units),
        float((total + above) / units),
    )


def _line_of_logarithms(known: Series) -> tuple[float, float, float]:
    """Return the yearly change in per cent and its interval, NaN where a limit is 0."""
    if (known.rate_low <= 0).any():
        return np.nan, np.nan, np.nan
    rate = np.log(known.rate)
    se = (np.log(known.rate_high) - np.log(known.rate_low)) / (2 * Z_95)
    line = trends.weighted_line(known.year, rate, se)
    slope, weights = float(line.slope), 1 / se**2
    residuals = rate - slope * known.year
    residuals -= np.average(residuals, weights=weights)
    freedom = len(known.year) - 2
    dispersion = float((weights * residuals**2).sum() / freedom)
    margin = float(stats.t.isf(0.025, freedom) * line.se * np.sqrt(max(dispersion, 1.0)))
    percent, low, high = 100 * np.expm1([slope, slope - margin, slope + margin])
    return float(percent), float(low), float(high)


def _counted(series: Series) -> bool:
    """Say whether every total is a whole number known exactly."""
    exact = (series.low == series.total) & (series.high == series.total)
    return bool(exact.all() and np.allclose(series.total, np.rint(series.total), atol=1e-6))
