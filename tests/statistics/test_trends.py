"""The five-point rule and the mean yearly change."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from diagnostics.errors import Refused
from diagnostics.statistics.rates import rate_interval
from diagnostics.statistics.trends import (
    count_trends,
    trend_markers,
    weighted_line,
    yearly_change,
)
from tests.statistics import assert_same, golden

VERDICTS = {
    "increasing": "hausse",
    "decreasing": "baisse",
    "no_change": "pas_de_tendance",
    "cannot_be_calculated": "non_calculable",
}
VARIANTS = ["rate_exact", "rate_phe", "log_exact", "log_delta"]
YEARS = list(range(2016, 2026))


def fits(**wanted: str) -> pd.DataFrame:
    table = golden("trend_fit")
    for column, value in wanted.items():
        table = table[table[column] == value]
    return table


def points(series: str, window: str, variant: str) -> pd.DataFrame:
    table = golden("trend_points")
    chosen = (table["series"] == series) & (table["window"] == window)
    return table[chosen & (table["variant"] == variant)]


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("window", ["last5", "all"])
@pytest.mark.parametrize("x", ["rank", "year"])
def test_fits_are_those_of_r(variant: str, window: str, x: str) -> None:
    rows = fits(variant=variant, window=window, x_definition=x).dropna(subset="slope")
    assert len(rows) > 10
    for row in rows.itertuples():
        series = points(row.series, window, variant)
        line = weighted_line(series[f"x_{x}"], series["value"], series["se"])
        assert_same(line.slope, row.slope)
        assert_same(line.se, row.se_slope)
        assert_same(line.chi2, row.chi2)
        assert_same(line.leave_one_out_low, row.loo_min)
        assert_same(line.leave_one_out_high, row.loo_max)


@pytest.mark.parametrize("variant", ["rate_exact", "rate_phe", "log_exact"])
def test_verdicts_are_those_of_r(variant: str) -> None:
    rows = fits(variant=variant, window="last5", x_definition="rank")
    # The population rule (S22) is on counts: see the test below.
    rows = rows[rows["series"] != "S22"]
    assert len(rows) == 21
    for row in rows.itertuples():
        series = points(row.series, "last5", variant)
        trend = trend_markers(series["value"], series["lower"], series["upper"])
        assert trend.verdict == VERDICTS[row.verdict], row.series
        assert_same(trend.chi2, row.chi2)
        assert_same(trend.slope, row.slope)


def test_verdicts_from_counts_are_those_of_r() -> None:
    series = golden("trend").groupby("series")
    expected = fits(variant="rate_exact", window="last5", x_definition="rank")
    assert set(expected["verdict"]) == set(VERDICTS)
    for row in expected.itertuples():
        rows = series.get_group(row.series)
        trend = count_trends(rows["count"], rows["population"])
        assert trend.verdict == VERDICTS[row.verdict], row.series
        assert_same(trend.chi2, row.chi2)


def test_many_series_at_once_are_the_same_as_one_by_one() -> None:
    counts = np.random.default_rng(5).poisson(40, (30, 7)).astype(float)
    counts[3, 6] = counts[4, 0] = np.nan
    units = np.full_like(counts, 5000)
    together = count_trends(counts, units)
    alone = [count_trends(*pair) for pair in zip(counts, units, strict=True)]
    assert list(together.verdict) == [str(one.verdict) for one in alone]
    assert_same(together.chi2, [one.chi2 for one in alone])
    assert together.verdict[3] == "non_calculable"
    assert together.verdict[4] != "non_calculable"


@pytest.mark.parametrize("missing", range(5))
def test_a_hidden_year_among_the_last_five_is_not_computable(missing: int) -> None:
    counts = np.array([10.0, 20, 30, 40, 50, 60])
    assert count_trends(counts, np.full(6, 1000)).verdict == "hausse"
    counts[1 + missing] = np.nan
    assert count_trends(counts, np.full(6, 1000)).verdict == "non_calculable"


def test_without_an_interval_there_is_no_verdict() -> None:
    values = np.arange(5.0)
    assert trend_markers(values, values, values).verdict == "non_calculable"
    assert trend_markers(values, values - 1, np.full(5, np.nan)).verdict == "non_calculable"
    assert trend_markers(values[1:], values[1:] - 1, values[1:] + 1).verdict == "non_calculable"


def test_five_published_zeros_are_no_trend() -> None:
    trend = count_trends(np.zeros(5), np.full(5, 800))
    assert trend.verdict == "pas_de_tendance"
    assert trend.slope == 0


@given(st.lists(st.integers(0, 400), min_size=5, max_size=5), st.integers(500, 50_000))
def test_a_series_turned_around_turns_its_verdict(counts: list[int], population: int) -> None:
    turned = {"hausse": "baisse", "baisse": "hausse"}
    rate, low, high, _ = rate_interval(counts, population)
    line = weighted_line(range(1, 6), rate, high - low)
    assume(line.leave_one_out_low != 0 and line.leave_one_out_high != 0)
    forward = trend_markers(rate, low, high)
    backward = trend_markers(rate[::-1], low[::-1], high[::-1])
    assert_same(forward.chi2, backward.chi2)
    assert_same(forward.slope, -backward.slope)
    assert str(forward.verdict) == turned.get(str(backward.verdict), str(backward.verdict))


def test_a_flat_line_without_one_point_counts_as_positive() -> None:
    """Without its first year the series is flat: Fingertips keeps a rise and drops a fall."""
    counts, units = np.array([0, 15, 3, 3, 15]), np.full(5, 517)
    assert count_trends(counts, units).verdict == "hausse"
    assert count_trends(counts[::-1], units).verdict == "pas_de_tendance"


def test_yearly_changes_are_those_of_r() -> None:
    series = golden("trend").groupby("series")
    table = golden("trend_glm")
    assert len(table) > 30
    for row in table.itertuples():
        rows = series.get_group(row.series)
        rows = rows.tail(5) if row.window == "last5" else rows
        change = yearly_change(rows["count"], rows["population"], rows["year"])
        assert change.years == row.points
        assert_same(change.slope, row.slope)
        assert_same(change.dispersion, row.dispersion_pearson)
        assert_same(change.se, row.se_quasi)
        assert_same(change.p_value, row.p_t, relative=1e-8)
        assert_same(change.change_percent, row.annual_pct)
        assert_same(change.low, row.annual_pct_lower95_t)
        assert_same(change.high, row.annual_pct_upper95_t)
        floored = yearly_change(
            rows["count"], rows["population"], rows["year"], minimum_dispersion=1
        )
        assert_same(floored.se, row.se_floored)
        assert_same(np.log1p(floored.low / 100), row.lower95_floored_t)
        assert_same(np.log1p(floored.high / 100), row.upper95_floored_t)
        assert change.method == "quasi_poisson"


def test_an_exact_growth_is_found_even_with_a_year_missing() -> None:
    counts = 100 * 2.0 ** np.arange(10)
    counts[4] = np.nan
    change = yearly_change(counts, np.full(10, 10_000), YEARS)
    assert change.change_percent == pytest.approx(100, rel=1e-9)
    assert change.years == 9


@pytest.mark.parametrize(
    "counts",
    [
        [0] * 10,
        [7] + [0] * 9,
        [0] * 9 + [7],
        [np.nan] * 6 + [5, 6, 7, 8],
        [np.nan] * 10,
    ],
)
def test_a_change_that_no_line_can_tell_is_missing(counts: list[float]) -> None:
    change = yearly_change(counts, np.full(10, 900), YEARS)
    for value in (change.change_percent, change.low, change.high, change.p_value, change.se):
        assert np.isnan(value)


@given(
    st.lists(
        st.tuples(st.integers(0, 10**6), st.sampled_from([1, 30, 1000, 10**7])),
        min_size=6,
        max_size=10,
    )
)
@example([(0, 10), (0, 10), (50, 10**7), (0, 10), (0, 10), (60, 10)])
def test_the_fit_keeps_the_total_and_the_mean_year(rows: list[tuple[int, int]]) -> None:
    """These are the two equations that define the estimate, however uneven the denominators."""
    counts, units = np.transpose(rows)
    years = YEARS[: len(rows)]
    slope = yearly_change(counts, units, years).slope
    if np.isnan(slope):
        assert np.count_nonzero(counts) <= 1
        return
    x = np.array(years) - np.mean(years)
    expected = units * np.exp(slope * x)
    expected *= np.sum(counts) / expected.sum()
    assert (expected @ x) / expected.sum() == pytest.approx(
        (counts @ x) / np.sum(counts), abs=1e-10
    )


def test_series_that_do_not_fit_together_are_refused() -> None:
    with pytest.raises(Refused, match="n’ont pas la même longueur"):
        yearly_change([1, 2, 3], [10, 10, 10], [2020, 2021])
    with pytest.raises(Refused, match="n’ont pas la même longueur"):
        yearly_change([1, 2, 3], [10, 10], [2020, 2021, 2022])
    with pytest.raises(Refused, match="ordre croissant"):
        yearly_change([1, 2, 3], [10, 10, 10], [2022, 2021, 2023])
