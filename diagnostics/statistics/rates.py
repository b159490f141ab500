"""Rates per 1,000 with exact Poisson intervals, pooled rates, and the ratio of two rates."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from diagnostics.statistics.inputs import (
    FloatArray,
    count_array,
    denominator_array,
    tail_probability,
)

# A probability within this relative distance of the observed one is a tie, as in R's binom.test.
EXACT_TIES = 1e-7
# The same for the statistic of the e-test: equal ratios computed in another order must tie.
E_TEST_TIES = 1e-10


class RateInterval(NamedTuple):
    """Rates with their intervals, all per `per` units of the denominator."""

    rate: FloatArray
    low: FloatArray
    high: FloatArray
    method: str = "poisson_exact"


class RateRatio(NamedTuple):
    """Ratio of two rates, with its interval and two-sided p-value."""

    ratio: FloatArray
    low: FloatArray
    high: FloatArray
    p_value: FloatArray
    method: str = "rapport_exact_conditionnel"


class ETest(NamedTuple):
    """Two-sided p-value of the e-test."""

    p_value: float
    method: str = "e_test_poisson"


def poisson_interval(count: ArrayLike, confidence: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Return the exact interval (low, high) of a Poisson mean, in counts, any shape.

    Central interval from the quantiles of the gamma law, low = 0 for a count of 0. It holds its
    level at every count and is therefore a little wide on small ones. NaN in, NaN out.

    Source: Garwood F. (1936), Biometrika 28, 437-442.
    """
    tail = tail_probability(confidence)
    # Millions of rows hold a few thousand different counts: each quantile is computed once.
    distinct, position = np.unique(count_array(count), return_inverse=True)
    low = np.where(distinct == 0, 0.0, special.gammaincinv(np.maximum(distinct, 1), tail))
    high = special.gammainccinv(distinct + 1, tail)
    return low[position], high[position]


def rate_interval(
    count: ArrayLike, denominator: ArrayLike, confidence: float = 0.95, per: float = 1000
) -> RateInterval:
    """Return rates per `per` units with exact Poisson intervals; the inputs broadcast.

    NaN where the count is missing or the denominator is missing or 0. Facts are events, not
    persons: a count may exceed its denominator. The denominator is taken as known.

    Source: Garwood (1936), see `poisson_interval`.
    """
    scale = per / denominator_array(denominator)
    low, high = poisson_interval(count, confidence)
    return RateInterval(count_array(count) * scale, low * scale, high * scale)


def pooled_rate(
    counts: ArrayLike, denominators: ArrayLike, confidence: float = 0.95, per: float = 1000
) -> RateInterval:
    """Return the rate over the last axis (three years, say): sum of counts over sum of units.

    Over years it is a mean yearly rate per `per` units, never a mean of rates. NaN as soon as one
    count or denominator is missing: a sum over the known years alone would be of another period.
    """
    return rate_interval(
        count_array(counts).sum(axis=-1),
        denominator_array(denominators).sum(axis=-1),
        confidence,
        per,
    )


def rate_ratio(
    x1: ArrayLike, n1: ArrayLike, x2: ArrayLike, n2: ArrayLike, confidence: float = 0.95
) -> RateRatio:
    """Compare two Poisson rates x1/n1 and x2/n2, given their total; the inputs broadcast.

    Given x1 + x2, x1 is binomial: the interval is Clopper-Pearson's carried to the ratio, the
    p-value sums the probabilities not above the observed one. As the two are built differently
    they may disagree near the threshold. x2 = 0 gives an infinite ratio, x1 = 0 a ratio of 0; two
    zeros give no ratio, the interval 0 to infinity and p = 1. NaN where an input is missing or a
    denominator is 0. The two counts must be independent: compare an area with the rest of its
    département, not with the whole.

    Source: Przyborowski J., Wilenski H. (1940), Biometrika 31, 313-323; same values as R's
    poisson.test.
    """
    tail = tail_probability(confidence)
    first, units1, second, units2 = np.broadcast_arrays(
        count_array(x1), denominator_array(n1), count_array(x2), denominator_array(n2)
    )
    known = ~np.isnan(first + units1 + second + units2)
    exposure = units2 / units1
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = first / second * exposure
        share = special.betaincinv(first, second + 1, tail)
        low = np.where(first == 0, 0.0, share / (1 - share) * exposure)
        share = special.betainccinv(first + 1, second, tail)
        high = np.where(second == 0, np.inf, share / (1 - share) * exposure)
    p_value = _binomial_p_value(first[known], second[known], 1 / (1 + exposure[known]))
    every_p_value = np.full(first.shape, np.nan)
    every_p_value[known] = p_value
    return RateRatio(
        ratio, np.where(known, low, np.nan), np.where(known, high, np.nan), every_p_value
    )


def _binomial_p_value(successes: FloatArray, failures: FloatArray, share: FloatArray) -> FloatArray:
    """Return the sum of the binomial probabilities not above the observed one (1-D, no NaN)."""
    total = successes + failures
    mean = total * share
    limit = stats.binom.pmf(successes, total, share) * (1 + EXACT_TIES)
    # The probabilities fall on both sides of the mean, so each far tail starts at one integer.
    far_high = _first_integer(
        lambda k: stats.binom.pmf(k, total, share) <= limit, np.ceil(mean), total + 1
    )
    far_low = _first_integer(
        lambda k: stats.binom.pmf(k, total, share) > limit, np.zeros_like(total), np.floor(mean) + 1
    )
    below, above = successes < mean, successes > mean
    upper_start = np.where(below, far_high, successes)
    lower_end = np.where(above, far_low - 1, successes)
    p_value = stats.binom.cdf(lower_end, total, share) + stats.binom.sf(
        upper_start - 1, total, share
    )
    return np.where(below | above, np.minimum(p_value, 1.0), 1.0)


def _first_integer(
    holds: Callable[[FloatArray], np.ndarray], low: FloatArray, high: FloatArray
) -> FloatArray:
    """Return, by bisection, the first integer of [low, high[ where `holds`, else high.

    `holds` must be false, then true, along each range.
    """
    low, high = low.copy(), high.copy()
    while (low < high).any():
        middle = np.floor((low + high) / 2)
        found = holds(middle)
        searching = low < high
        high = np.where(searching & found, middle, high)
        low = np.where(searching & ~found, middle + 1, low)
    return low


def poisson_e_test(x1: int, n1: float, x2: int, n2: float) -> ETest:
    """Test the equality of two Poisson rates x1/n1 and x2/n2, unconditionally.

    The p-value is the probability, under the pooled rate, of all pairs of counts whose
    standardised difference is at least the observed one (ties included). More powerful than
    `rate_ratio` where exposures are close; between a commune and a département it has almost no
    power and `rate_ratio` must be used. NaN where an input is missing or a denominator is 0.

    Source: Krishnamoorthy K., Thomson J. (2004), J. Stat. Plan. Inference 119, 23-35.
    """
    first, second = float(count_array(x1)), float(count_array(x2))
    units1, units2 = float(denominator_array(n1)), float(denominator_array(n2))
    if np.isnan(first + units1 + second + units2):
        return ETest(np.nan)

    def statistic(i: ArrayLike, j: ArrayLike) -> FloatArray:
        i, j = np.asarray(i, dtype=np.float64), np.asarray(j, dtype=np.float64)
        spread = np.sqrt(i / units1**2 + j / units2**2)
        difference = i / units1 - j / units2
        return np.divide(difference, spread, out=np.zeros_like(spread), where=spread > 0)

    observed = abs(float(statistic(first, second))) * (1 - E_TEST_TIES)
    if observed == 0:
        return ETest(1.0)
    pooled = (first + second) / (units1 + units2)
    law1, law2 = stats.poisson(units1 * pooled), stats.poisson(units2 * pooled)
    # Beyond this many facts a Poisson probability is under 1e-300.
    last1, last2 = (np.ceil(m + 40 * np.sqrt(m) + 200) for m in (law1.mean(), law2.mean()))
    i = np.arange(last1 + 1)
    none, most = np.zeros_like(i), np.full_like(i, last2 + 1)
    # For a given i the statistic falls as j grows: j is extreme up to one integer, from another.
    extreme_below = _first_integer(lambda j: statistic(i, j) < observed, none, most)
    extreme_above = _first_integer(lambda j: statistic(i, j) <= -observed, none, most)
    tails = law2.cdf(extreme_below - 1) + law2.sf(extreme_above - 1)
    return ETest(float(np.sum(law1.pmf(i) * tails)))
