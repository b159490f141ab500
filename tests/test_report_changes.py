"""Changes of totals that may be estimated: exact where they are counts, wide enough elsewhere."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.errors import Refused
from diagnostics.report import changes
from diagnostics.report.changes import MOVER, WEIGHTED_LINE, Series
from diagnostics.statistics import periods, trends
from diagnostics.statistics.rates import rate_interval, rate_ratio

YEARS = np.arange(2016, 2026)
BEFORE, AFTER = (2017, 2018, 2019), (2022, 2023, 2024)


def counted(counts: list[float], size: float = 50_000, years: np.ndarray = YEARS) -> Series:
    """Return a series of counts, known exactly."""
    total = np.array(counts, dtype=float)
    sizes = np.full(len(total), size)
    rates = rate_interval(total, sizes)
    return Series(
        years.astype(float), total, total, total, sizes, rates.rate, rates.low, rates.high
    )


def estimated(counts: list[float], doubt: float) -> Series:
    """Return a series whose totals are known to `doubt` facts on each side."""
    made = counted([round(n) for n in counts])
    return made._replace(
        total=made.total + 0.25, low=made.low - doubt, high=made.high + doubt + 0.25
    )


def test_counts_keep_the_exact_ratio() -> None:
    own = counted([50, 60, 70, 80, 40, 40, 90, 95, 100, 105])
    found = changes.period_change(own, counted([900.0] * 10, 1e6), BEFORE, AFTER)
    exact = periods.period_change(own.total, own.size, YEARS.tolist(), BEFORE, AFTER)
    assert found.own is not None and found.rest is not None
    assert (found.own.ratio, found.own.low, found.own.high) == (
        exact.ratio,
        exact.low,
        exact.high,
    )
    assert (found.own.before, found.own.after, found.own.method) == (210, 285, exact.method)
    rest = rate_ratio(2_700 - 285, 3 * 950_000, 2_700 - 210, 3 * 950_000)
    assert found.rest.ratio == pytest.approx(float(rest.ratio), rel=1e-12)
    assert (found.rest.low, found.rest.high) == pytest.approx((float(rest.low), float(rest.high)))


def test_an_estimated_total_has_a_wider_interval_than_a_count() -> None:
    counts = [200.0, 210, 190, 205, 150, 150, 260, 255, 270, 280]
    exact = changes.period_change(counted(counts), counted([9e3] * 10, 1e6), BEFORE, AFTER).own
    near = changes.period_change(estimated(counts, 0.0), counted([9e3] * 10, 1e6), BEFORE, AFTER)
    far = changes.period_change(estimated(counts, 40.0), counted([9e3] * 10, 1e6), BEFORE, AFTER)
    assert exact and near.own and far.own and near.rest and far.rest
    assert near.own.method == far.own.method == MOVER
    # Without doubt, MOVER is close to the exact interval.
    assert near.own.ratio == pytest.approx(exact.ratio, rel=0.01)
    assert near.own.low == pytest.approx(exact.low, rel=0.02)
    assert near.own.high == pytest.approx(exact.high, rel=0.02)
    assert far.own.low < near.own.low < near.own.ratio < near.own.high < far.own.high
    # What is not known of the area is not known of the rest either.
    assert far.rest.low < near.rest.low and near.rest.high < far.rest.high


@settings(max_examples=60, deadline=None)
@given(
    counts=st.lists(st.integers(5, 500), min_size=10, max_size=10),
    doubt=st.floats(0, 5),
)
def test_a_change_turned_round_is_its_inverse(counts: list[int], doubt: float) -> None:
    forth = estimated([float(n) for n in counts], doubt)
    back = Series(forth.year, *(column[::-1] for column in forth[1:]))
    whole = counted([1e5] * 10, 1e7)
    one = changes.period_change(forth, whole, (2016,), (2025,)).own
    other = changes.period_change(back, whole, (2016,), (2025,)).own
    assert one and other
    assert one.low <= one.ratio <= one.high
    assert one.ratio == pytest.approx(1 / other.ratio, rel=1e-9)
    assert one.low == pytest.approx(1 / other.high, rel=1e-9)


def test_mover_holds_the_true_ratio() -> None:
    """Two periods of three years with the same rate, each total known with an error: about 95 %."""
    rng = np.random.default_rng(7)
    held = 0
    for _ in range(300):
        truth = rng.poisson(120.0, 10)
        error = rng.normal(0, 8, 10)
        series = counted(list(truth.astype(float)))
        total = truth + error
        low, high = total - 1.96 * 8, total + 1.96 * 8
        found = changes.period_change(
            series._replace(total=total, low=low, high=high),
            counted([1e5] * 10, 1e7),
            BEFORE,
            AFTER,
        ).own
        assert found
        held += found.low <= 1 <= found.high
    assert 0.93 <= held / 300 <= 0.995


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ([50, 60, np.nan, 80, 40, 40, 90, 95, 100, 105], "annee_sans_total"),
        ([0.0] * 10, "aucun_fait"),
    ],
)
def test_what_cannot_be_compared_says_why(counts: list[float], reason: str) -> None:
    blank = [0.0 if np.isnan(n) else n for n in counts]
    made = counted(blank)
    hole = np.isnan(np.array(counts))
    own = made._replace(total=np.where(hole, np.nan, made.total))
    found = changes.period_change(own, counted([900.0] * 10, 1e6), BEFORE, AFTER)
    assert (found.own, found.rest, found.reason) == (None, None, reason)


def test_years_that_are_not_held_are_said() -> None:
    short = counted([10.0], years=np.array([2024]))
    assert changes.period_change(short, short, BEFORE, AFTER).reason == "periode_incomplete"


def test_a_whole_that_is_not_known_leaves_no_rest() -> None:
    own = counted([50.0] * 10)
    nothing = Series(*[np.empty(0)] * 8)
    found = changes.period_change(own, nothing, BEFORE, AFTER)
    assert found.own is not None and found.rest is None and found.reason == ""
    smaller = counted([40.0] * 10)
    assert changes.period_change(own, smaller, BEFORE, AFTER).rest is None


@pytest.mark.parametrize(
    ("before", "after"), [((2020,), (2024,)), ((2022,), (2019,)), ((2018, 2019), (2019,)), ((), ())]
)
def test_unsound_periods_are_refused(before: tuple[int, ...], after: tuple[int, ...]) -> None:
    own = counted([50.0] * 10)
    with pytest.raises(Refused):
        changes.period_change(own, own, before, after)


def test_counts_keep_the_quasi_poisson_change() -> None:
    own = counted([50, 60, 55, 80, 40, 45, 90, 95, 100, 105])
    found = changes.yearly_change(own)
    exact = trends.yearly_change(own.total, own.size, YEARS, minimum_dispersion=1)
    assert found is not None
    assert (found.percent, found.low, found.high, found.method) == (
        exact.change_percent,
        exact.low,
        exact.high,
        "quasi_poisson",
    )
    assert (found.first_year, found.last_year, found.years) == (2016, 2025, 10)


def test_an_estimated_series_finds_its_constant_growth() -> None:
    counts = [300 * 1.05**i for i in range(10)]
    made = estimated(counts, 5.0)
    found = changes.yearly_change(made)
    assert found is not None and found.method == WEIGHTED_LINE
    assert found.percent == pytest.approx(5, abs=0.15)
    assert 0 < found.low < found.percent < found.high


def test_a_hidden_year_is_left_out_and_four_are_too_few() -> None:
    made = counted([50, 60, 55, 80, 40, 45, 90, 95, 100, 105])
    hole = made._replace(total=np.where(YEARS == 2019, np.nan, made.total))
    found = changes.yearly_change(hole)
    assert found is not None and found.years == 9
    kept = made.where(YEARS < 2020)
    assert changes.yearly_change(kept) is None


def test_nothing_recorded_has_no_yearly_change() -> None:
    """Unknown, and not 0 %."""
    assert changes.yearly_change(counted([0.0] * 10)) is None


def test_years_are_found_whatever_is_held() -> None:
    made = counted([10.0, 20.0, 30.0], years=np.array([2016, 2018, 2020]))
    found = made.of([2015, 2016, 2017, 2020, 2021])
    np.testing.assert_array_equal(found.total, [np.nan, 10, np.nan, 30, np.nan])
    assert np.isnan(Series(*[np.empty(0)] * 8).of([2020]).total).all()
