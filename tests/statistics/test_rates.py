"""Rates, exact Poisson intervals, ratios."""

from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.errors import Refused
from diagnostics.statistics.rates import (
    poisson_e_test,
    poisson_interval,
    pooled_rate,
    rate_interval,
    rate_ratio,
)
from tests.statistics import assert_same, golden

counts = st.integers(0, 200_000)
units = st.integers(1, 2_000_000)


def test_intervals_are_those_of_r() -> None:
    table = golden("rate_interval")
    assert set(table["confidence"]) == {0.95, 0.998}
    for confidence, rows in table.groupby("confidence"):
        result = rate_interval(rows["count"], rows["denominator"], confidence)
        assert_same(result.rate, rows["rate"])
        assert_same(result.low, rows["exact_lower"])
        assert_same(result.high, rows["exact_upper"])
        assert result.method == "poisson_exact"


def test_published_interval_of_ten_and_thirty_five() -> None:
    """The values printed in the documentation of R's epitools::pois.exact."""
    low, high = poisson_interval([10, 35])
    np.testing.assert_allclose(low, [4.795, 24.379], atol=1e-3)
    np.testing.assert_allclose(high, [18.390, 48.677], atol=1e-3)


def test_ratios_are_those_of_r() -> None:
    table = golden("rate_ratio")
    result = rate_ratio(table["x1"], table["n1"], table["x2"], table["n2"])
    assert_same(result.ratio, table["ratio"])
    assert_same(result.low, table["lower95"])
    assert_same(result.high, table["upper95"])
    assert_same(result.p_value, table["p_exact"], relative=1e-8)
    assert result.method == "rapport_exact_conditionnel"


def test_e_test_is_that_of_the_paper() -> None:
    table = golden("rate_ratio")
    p_values = [
        poisson_e_test(row.x1, row.n1, row.x2, row.n2).p_value for row in table.itertuples()
    ]
    assert_same(p_values, table["p_etest"], relative=1e-8)


@given(counts, units)
def test_interval_contains_the_rate_and_wider_confidence_contains_it(count: int, n: int) -> None:
    usual, wide = rate_interval(count, n), rate_interval(count, n, 0.998)
    assert wide.low <= usual.low <= usual.rate < usual.high < wide.high
    assert (usual.low > 0) == (count > 0)


@given(st.integers(1, 200_000))
def test_interval_moves_up_and_narrows_relatively_with_the_count(count: int) -> None:
    low, high = poisson_interval([count, count + 1])
    assert low[1] > low[0]
    assert high[1] > high[0]
    assert (high[1] - low[1]) / (count + 1) < (high[0] - low[0]) / count


@given(st.integers(0, 500), st.sampled_from([0.9, 0.95, 0.998]))
def test_interval_ends_are_where_the_tail_is_half_of_the_error(count: int, level: float) -> None:
    from scipy.stats import poisson

    low, high = poisson_interval(count, level)
    tail = (1 - level) / 2
    assert poisson.cdf(count, high) == pytest.approx(tail, rel=1e-9)
    if count:
        assert poisson.sf(count - 1, low) == pytest.approx(tail, rel=1e-9)


def test_missing_values_stay_missing_and_nothing_is_divided_by_zero() -> None:
    with np.errstate(all="raise"):
        result = rate_interval([np.nan, 5, 5, 0, 3], [100, 0, np.nan, 0, 1000])
    for array in (result.rate, result.low, result.high):
        assert list(np.isnan(array)) == [True, True, True, True, False]


def test_more_facts_than_inhabitants_is_a_rate() -> None:
    assert rate_interval(30, 10).rate == 3000


def test_nullable_columns_are_read() -> None:
    result = rate_interval(pd.Series([12, None], dtype="Int32"), pd.Series([1000, 1000]))
    assert_same(result.rate, [12, np.nan])


def test_shape_is_kept() -> None:
    low, high = poisson_interval(np.arange(6).reshape(2, 3))
    assert low.shape == high.shape == (2, 3)
    assert np.shape(poisson_interval(3)[0]) == ()


def test_unit_and_pooling() -> None:
    pooled = pooled_rate([[1, 2, 3], [4, np.nan, 1]], [[100, 200, 300], [100, 100, 100]])
    assert_same(pooled.rate, [10, np.nan])
    assert rate_interval(1, 100, per=100_000).rate == 1000


@given(st.lists(st.tuples(st.integers(0, 900), units), min_size=1, max_size=6), st.randoms())
def test_pooling_does_not_depend_on_the_order(rows: list[tuple[int, int]], random: Random) -> None:
    shuffled = random.sample(rows, len(rows))
    one, other = (pooled_rate(*np.transpose(order)) for order in (rows, shuffled))
    assert (one.rate, one.low, one.high) == (other.rate, other.low, other.high)


@given(st.integers(0, 3000), units, st.integers(0, 3000), units)
def test_ratio_is_inverted_when_the_areas_are_exchanged(x1: int, n1: int, x2: int, n2: int) -> None:
    one, other = rate_ratio(x1, n1, x2, n2), rate_ratio(x2, n2, x1, n1)
    with np.errstate(divide="ignore"):
        assert_same(np.divide(1.0, [other.ratio, other.high, other.low]), [*one[:3]])
    assert_same(one.p_value, other.p_value, relative=1e-7)
    if x1 + x2:
        assert one.low <= one.ratio <= one.high
    assert 0 <= one.p_value <= 1


@given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 50), st.integers(1, 50))
def test_p_value_is_the_plain_sum_of_the_probabilities(x1: int, x2: int, n1: int, n2: int) -> None:
    from scipy.stats import binom

    probabilities = binom.pmf(np.arange(x1 + x2 + 1), x1 + x2, n1 / (n1 + n2))
    unlikely = probabilities <= probabilities[x1] * (1 + 1e-7)
    assert_same(rate_ratio(x1, n1, x2, n2).p_value, probabilities[unlikely].sum())


@given(st.integers(0, 12), st.integers(0, 12), st.integers(1, 20), st.integers(1, 20))
def test_e_test_is_the_plain_double_sum(x1: int, x2: int, n1: int, n2: int) -> None:
    from scipy.stats import poisson

    i, j = np.meshgrid(np.arange(200.0), np.arange(200.0), indexing="ij")
    spread = np.sqrt(i / n1**2 + j / n2**2)
    spread[0, 0] = 1
    statistic = np.abs(i / n1 - j / n2) / spread
    pooled = (x1 + x2) / (n1 + n2)
    probability = poisson.pmf(i, n1 * pooled) * poisson.pmf(j, n2 * pooled)
    expected = probability[statistic >= statistic[x1, x2] * (1 - 1e-10)].sum()
    assert_same(poisson_e_test(x1, n1, x2, n2).p_value, expected)


def test_ratio_of_missing_or_empty_areas_is_missing() -> None:
    result = rate_ratio([1, np.nan, 1, 0], [0, 10, np.nan, 10], [2, 2, 2, 2], [10, 10, 10, 0])
    for array in result[:4]:
        assert np.isnan(array).all()
    assert np.isnan(poisson_e_test(1, 0, 2, 10).p_value)


@pytest.mark.parametrize("count", [-1, 2.5, np.inf])
def test_a_count_that_is_not_one_is_refused(count: float) -> None:
    with pytest.raises(Refused, match="n’est pas un entier positif ou nul"):
        rate_interval([3, count], 100)


@pytest.mark.parametrize("denominator", [-5, np.inf])
def test_an_impossible_denominator_is_refused(denominator: float) -> None:
    with pytest.raises(Refused, match="n’est pas une population possible"):
        rate_interval(3, [100, denominator])


@pytest.mark.parametrize("confidence", [0, 1, 95, -0.5])
def test_an_impossible_confidence_is_refused(confidence: float) -> None:
    with pytest.raises(Refused, match="n’est pas compris entre 0 et 1"):
        poisson_interval(3, confidence)
