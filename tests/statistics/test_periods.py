"""Before and after, alone and against a control."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.errors import Refused
from diagnostics.statistics.periods import (
    period_change,
    ratio_of_ratios,
    weighted_displacement_difference,
)
from diagnostics.statistics.rates import rate_ratio
from tests.statistics import assert_same, golden

YEARS = list(range(2016, 2026))
COUNTS = np.array([90, 10, 20, 30, 5, 7, 40, 50, 60, 90])
UNITS = np.arange(1000, 1010)


def test_the_strategy_is_read_on_its_two_pooled_periods() -> None:
    change = period_change(COUNTS, UNITS, YEARS)
    expected = rate_ratio(150, 1006 + 1007 + 1008, 60, 1001 + 1002 + 1003)
    assert_same(change[:4], expected[:4])
    assert (change.count_before, change.count_after) == (60, 150)
    assert change.method == expected.method


def test_two_years_and_many_areas() -> None:
    counts = np.array([COUNTS, COUNTS[::-1]])
    change = period_change(counts, np.array([UNITS, UNITS]), YEARS, before=[2019], after=[2024])
    assert_same(change.ratio, rate_ratio([60, 10], 1008, [30, 40], 1003).ratio)


@pytest.mark.parametrize("year", [2017, 2018, 2019, 2022, 2023, 2024])
def test_a_hidden_year_of_either_period_gives_no_change(year: int) -> None:
    counts = COUNTS.astype(float)
    counts[YEARS.index(year)] = np.nan
    change = period_change(counts, UNITS, YEARS)
    for value in change[:4]:
        assert np.isnan(value)


def test_a_hidden_year_outside_the_periods_does_not_matter() -> None:
    counts = COUNTS.astype(float)
    counts[[0, 4, 5, 9]] = np.nan
    assert_same(period_change(counts, UNITS, YEARS)[:4], period_change(COUNTS, UNITS, YEARS)[:4])


@pytest.mark.parametrize("base", [[2020], [2021], [2019, 2020], [2021, 2022]])
def test_the_lockdown_years_are_never_a_base(base: list[int]) -> None:
    with pytest.raises(Refused, match="confinements"):
        period_change(COUNTS, UNITS, YEARS, before=base, after=[2024])


def test_they_may_be_what_is_compared() -> None:
    assert period_change(COUNTS, UNITS, YEARS, before=[2019], after=[2020]).count_after == 5


def test_a_year_that_is_not_there_is_refused() -> None:
    with pytest.raises(Refused, match="2015"):
        period_change(COUNTS, UNITS, YEARS, before=[2015, 2016], after=[2024])


@pytest.mark.parametrize(
    ("before", "after"), [([2024], [2019]), ([2018, 2019], [2019, 2022]), ([], [2019])]
)
def test_periods_that_are_not_in_order_are_refused(before: list[int], after: list[int]) -> None:
    with pytest.raises(Refused, match="ne précède pas"):
        period_change(COUNTS, UNITS, YEARS, before=before, after=after)


def test_ratios_of_ratios_are_those_of_r() -> None:
    table = golden("did")
    result = ratio_of_ratios(table["t0"], table["t1"], table["c0"], table["c1"])
    assert_same(result.ratio, table["rrr_c"])
    assert_same(result.low, table["rrr_c_lower95"])
    assert_same(result.high, table["rrr_c_upper95"])
    assert_same(result.corrected, table["correction"] == 0.5)
    plain = ~result.corrected
    assert_same(result.z[plain], table["z_log"][plain])
    assert_same(result.p_value[plain], table["p_log"][plain], relative=1e-8)


def test_displacement_differences_are_those_of_r() -> None:
    table = golden("did")
    result = weighted_displacement_difference(table["t0"], table["t1"], table["c0"], table["c1"])
    assert_same(result.difference, table["wdd"])
    assert_same(result.low, table["lower95"])
    assert_same(result.high, table["upper95"])
    assert_same(result.z, table["z"])
    assert_same(result.p_value, table["p_value"], relative=1e-8)


@given(*[st.integers(0, 10_000)] * 4)
def test_exchanging_treated_and_control_inverts(t0: int, t1: int, c0: int, c1: int) -> None:
    one, other = ratio_of_ratios(t0, t1, c0, c1), ratio_of_ratios(c0, c1, t0, t1)
    assert_same([one.ratio, one.low, one.high], 1 / np.array([other.ratio, other.high, other.low]))
    assert_same(one.p_value, other.p_value)


def test_denominators_turn_counts_into_rates() -> None:
    """Facts that only follow the population are no change."""
    result = ratio_of_ratios(50, 100, 70, 70, units=(1000, 2000, 500, 500))
    assert result.ratio == pytest.approx(1)
    assert ratio_of_ratios(50, 100, 70, 70).ratio == pytest.approx(2)


def test_a_hidden_count_gives_nothing() -> None:
    assert np.isnan(ratio_of_ratios([np.nan], [0], [5], [6]).ratio).all()
    assert not ratio_of_ratios([np.nan], [0], [5], [6]).corrected.any()
    assert np.isnan(weighted_displacement_difference(5, np.nan, 3, 2).low)
