"""Trend over five years by the Fingertips rule, and mean yearly change over a whole series.

Series have time on the last axis, oldest first; every other axis is free, so one series or all
those of a département go in one call.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from diagnostics.statistics.inputs import (
    FloatArray,
    TextArray,
    count_array,
    denominator_array,
    same_series,
    tail_probability,
)
from diagnostics.statistics.rates import rate_interval

POINTS = 5
# The 0.998 quantile of the chi-square law with one degree of freedom, as Fingertips writes it.
CHI2_THRESHOLD = 9.54953570608324
# Width of a 95 % interval in standard errors, as Fingertips writes it (2 x 1.96).
WIDTH_IN_STANDARD_ERRORS = 3.92
# A slope this small beside its standard error is 0: rounding must not give it a sign.
FLAT = 1e-9
# A regression's yearly change is given from this number of known years.
MINIMUM_YEARS = 5


class WeightedLine(NamedTuple):
    """Straight lines fitted with known weights, one per series."""

    slope: FloatArray
    se: FloatArray
    chi2: FloatArray
    leave_one_out_low: FloatArray
    leave_one_out_high: FloatArray


class Trend(NamedTuple):
    """Verdict on the last five years, with the slope (value per year) and its chi-square."""

    verdict: TextArray
    chi2: FloatArray
    slope: FloatArray
    method: str = "tendance_khi2_5_points"


class YearlyChange(NamedTuple):
    """Mean yearly change in per cent with its interval, and the fit behind it."""

    change_percent: FloatArray
    low: FloatArray
    high: FloatArray
    p_value: FloatArray
    slope: FloatArray
    se: FloatArray
    dispersion: FloatArray
    years: FloatArray
    method: str = "quasi_poisson"


def weighted_line(x: ArrayLike, values: ArrayLike, se: ArrayLike) -> WeightedLine:
    """Fit values = intercept + slope * x with weights 1 / se², and again without each point.

    `x` has one value per point, the last axis of `values` and `se`. The variance of the slope
    takes the standard errors as known (no residual scale); chi2 = slope² / variance, 1 degree of
    freedom. The extreme slopes of the fits that leave one point out are returned. All NaN where a
    point is missing or has no positive standard error.
    """
    x = np.asarray(x, dtype=np.float64)
    values = np.asarray(values, dtype=np.float64)
    se = np.asarray(se, dtype=np.float64)
    usable = np.isfinite(values) & np.isfinite(se) & (se > 0)
    weights = np.where(usable, 1 / np.where(usable, se, 1) ** 2, np.nan)
    slope, curvature = _slope(x, values, weights)
    without_each = [
        _slope(np.delete(x, i), np.delete(values, i, axis=-1), np.delete(weights, i, axis=-1))[0]
        for i in range(len(x))
    ]
    return WeightedLine(
        slope,
        1 / np.sqrt(curvature),
        slope**2 * curvature,
        np.min(without_each, axis=0),
        np.max(without_each, axis=0),
    )


def _slope(x: FloatArray, values: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the weighted slope and the inverse of its variance."""
    total = weights.sum(axis=-1, keepdims=True)
    x_centred = x - (weights * x).sum(axis=-1, keepdims=True) / total
    values_centred = values - (weights * values).sum(axis=-1, keepdims=True) / total
    curvature = (weights * x_centred**2).sum(axis=-1)
    slope = (weights * x_centred * values_centred).sum(axis=-1) / curvature
    return np.where(np.abs(slope) * np.sqrt(curvature) < FLAT, 0, slope), curvature


def trend_markers(values: ArrayLike, lows: ArrayLike, highs: ArrayLike) -> Trend:
    """Return 'hausse', 'baisse', 'pas_de_tendance' or 'non_calculable' for yearly values.

    The last five values are taken as they are (no logarithm) with their 95 % intervals, against
    their rank 1 to 5. There is a trend when the chi-square of the slope is strictly above 9.5495
    (p < 0.002) and the slope keeps its sign whichever point is left out (a slope of 0 counts as
    positive). Fewer than five values, one missing or without interval among the last five: not
    computable. Not computable is not "no trend".

    Limits: a straight line on five points; a jump of two years may pass for a trend or hide one;
    2020 and 2021 weigh like the others.

    Source: Fingertips (Office for Health Improvement and Disparities), TrendMarkerCalculator.cs
    of FingertipsNext. Differs in one point: a zero-width interval is not computable here.
    """
    last = [np.asarray(array, dtype=np.float64)[..., -POINTS:] for array in (values, lows, highs)]
    recent, low, high = np.broadcast_arrays(*last)
    if recent.shape[-1] < POINTS:
        nothing = np.full(recent.shape[:-1], np.nan)
        return Trend(np.full(nothing.shape, "non_calculable"), nothing, nothing)
    ranks = np.arange(1, POINTS + 1)
    line = weighted_line(ranks, recent, (high - low) / WIDTH_IN_STANDARD_ERRORS)
    significant = line.chi2 > CHI2_THRESHOLD
    always_up = (line.slope >= 0) & (line.leave_one_out_low >= 0)
    always_down = (line.slope < 0) & (line.leave_one_out_high < 0)
    verdict = np.select(
        [np.isnan(line.chi2), significant & always_up, significant & always_down],
        ["non_calculable", "hausse", "baisse"],
        default="pas_de_tendance",
    )
    return Trend(verdict, line.chi2, line.slope)


def count_trends(counts: ArrayLike, denominators: ArrayLike, per: float = 1000) -> Trend:
    """Return `trend_markers` of the rates of counts, with their exact Poisson intervals.

    As Fingertips does, a series where a count equals its denominator is not computable.
    """
    counts, denominators = count_array(counts), denominator_array(denominators)
    rates = rate_interval(counts, denominators, per=per)
    refused = (counts == denominators).any(axis=-1, keepdims=True)
    return trend_markers(np.where(refused, np.nan, rates.rate), rates.low, rates.high)


def yearly_change(
    counts: ArrayLike,
    denominators: ArrayLike,
    years: ArrayLike,
    confidence: float = 0.95,
    minimum_dispersion: float = 0.0,
) -> YearlyChange:
    """Return the mean yearly change of the rate by quasi-Poisson regression on all known years.

    log E(count) = intercept + slope * year + log(denominator), variance = dispersion * mean. The
    dispersion is Pearson's (divisor years - 2), the interval Student's with years - 2 degrees of
    freedom, the change 100 (exp(slope) - 1). `minimum_dispersion` = 1 keeps the interval from
    being narrower than a Poisson count allows when a short series happens to be very smooth.

    A missing year is left out. NaN with fewer than five known years, without any fact, or when all
    facts are in the first or the last known year. Refused where the shapes differ or the years are
    not increasing.

    Limits: one constant rate of change, years independent; the low years 2020 and 2021 count.

    Source: McCullagh P., Nelder J. (1989), Generalized Linear Models, ch. 6 and 9.
    """
    tail = tail_probability(confidence)
    counts, denominators = count_array(counts), denominator_array(denominators)
    calendar = same_series(counts, denominators, years)
    known = ~np.isnan(counts + denominators)
    counts, units = np.where(known, counts, 0), np.where(known, denominators, 0)
    number = known.sum(axis=-1)
    total = counts.sum(axis=-1)
    first = np.where(known, calendar, np.inf).min(axis=-1)
    last = np.where(known, calendar, -np.inf).max(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        mean_year = (counts * calendar).sum(axis=-1) / total
        estimable = (number >= MINIMUM_YEARS) & (mean_year > first) & (mean_year < last)
        slope, expected, information = _poisson_slope(
            np.where(estimable[..., None], counts, np.nan), units, calendar - calendar.mean()
        )
        residuals = np.where(expected > 0, (counts - expected) ** 2 / expected, 0).sum(axis=-1)
        dispersion = np.where(estimable, residuals / (number - 2), np.nan)
        se = np.sqrt(np.maximum(dispersion, minimum_dispersion) / information)
        margin = stats.t.isf(tail, number - 2) * se
        p_value = 2 * stats.t.sf(np.abs(slope) / se, number - 2)
        change, low, high = 100 * np.expm1([slope, slope - margin, slope + margin])
    return YearlyChange(
        change,
        low,
        high,
        p_value,
        slope,
        se,
        dispersion,
        number.astype(np.float64),
    )


def _poisson_slope(
    counts: FloatArray, units: FloatArray, x: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return slope, expected counts and information of the slope, by Newton's method.

    Given the slope, the intercept only makes expected and observed totals equal. What is left is
    one equation: the mean of x over expected facts, which grows with the slope, equals its mean
    over observed facts.
    """
    total = counts.sum(axis=-1)
    target = (counts * x).sum(axis=-1) / total
    # A step longer than this could overshoot: it multiplies the ends of the series by e².
    longest_step = 2 / max(np.ptp(x), 1)
    slope = np.zeros_like(total)
    for _ in range(200):
        mean, variance, _share = _tilted(units, x, slope)
        step = np.clip((target - mean) / variance, -longest_step, longest_step)
        slope = slope + step
        if not (np.abs(step) > 1e-13).any():
            break
    mean, variance, share = _tilted(units, x, slope)
    return slope, total[..., None] * share, total * variance


def _tilted(
    units: FloatArray, x: FloatArray, slope: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return mean and variance of x, and the shares of years, under units * exp(slope * x)."""
    expected = units * np.exp(slope[..., None] * x)
    share = expected / expected.sum(axis=-1, keepdims=True)
    mean = (share * x).sum(axis=-1)
    return mean, (share * (x - mean[..., None]) ** 2).sum(axis=-1), share
