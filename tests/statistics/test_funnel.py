"""Exact and over-dispersed funnel limits."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.errors import Refused
from diagnostics.statistics.comparison import compare
from diagnostics.statistics.funnel import (
    Scale,
    funnel,
    interpolated_limits,
    normal_funnel,
    overdispersion,
    step_limits,
)
from tests.statistics import assert_same, golden

SETS = ["A", "B", "C"]
LEVELS = {"95": 0.95, "998": 0.998}
SIDE = {"high": "au_dessus", "low": "au_dessous", "in": "dedans"}


def areas(name: str) -> pd.DataFrame:
    table = golden("funnel")
    return table[table["set"] == name]


def summary(name: str) -> pd.Series:
    return golden("funnel_summary").set_index("set").loc[name]


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("level", LEVELS)
def test_exact_funnel_is_that_of_r(name: str, level: str) -> None:
    rows = areas(name)
    result = funnel(rows["x"], rows["n"], LEVELS[level])
    assert_same(result.reference_rate, summary(name)["reference_rate"])
    assert_same(result.rate, rows["rate"])
    assert_same(result.expected, rows["expected"])
    assert_same(result.low, rows[f"exact_lower{level}"])
    assert_same(result.high, rows[f"exact_upper{level}"])
    assert_same(result.p_low, rows["p_low"], relative=1e-8)
    assert_same(result.p_high, rows["p_high"], relative=1e-8)
    assert list(result.position) == list(rows[f"flag_tail{level}"].map(SIDE))
    step = step_limits(rows["expected"], LEVELS[level])
    assert_same(step, [rows[f"step_lower{level}"], rows[f"step_upper{level}"]])
    sides = {"high": "moins_eleve", "low": "plus_eleve", "in": "proche"}
    outside = compare(result.low, result.high, result.rate)
    assert list(outside) == list(rows[f"flag{level}"].map(sides))


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("scale", ["raw", "sqrt"])
def test_overdispersion_is_that_of_r(name: str, scale: Scale) -> None:
    rows, expected = areas(name), summary(name)
    result = overdispersion(rows["x"], rows["n"], scale)
    assert result.areas == expected["k"]
    for field in ("phi", "threshold", "phi_used"):
        assert_same(getattr(result, field), expected[f"{scale}_{field}"])
    assert result.tau2 == pytest.approx(expected[f"{scale}_tau2"], rel=1e-9, abs=0)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("scale", ["raw", "sqrt"])
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("form", ["norm", "mult", "add"])
def test_normal_limits_are_those_of_r(name: str, scale: Scale, level: str, form: str) -> None:
    rows = areas(name)
    spread = overdispersion(rows["x"], rows["n"], scale)
    widened = {"norm": {}, "mult": {"phi": spread.phi_used}, "add": {"tau2": spread.tau2}}[form]
    result = normal_funnel(rows["x"], rows["n"], LEVELS[level], scale, **widened)
    z = {"norm": "z", "mult": "z_mult", "add": "z_add"}[form]
    assert_same(result.z, rows[f"{scale}_{z}"])
    assert_same(result.low, rows[f"{scale}_{form}_lower{level}"])
    assert_same(result.high, rows[f"{scale}_{form}_upper{level}"])
    if form == "norm":
        assert_same(result.se, rows[f"{scale}_s"])


@given(st.floats(0.001, 5000))
def test_limits_widen_with_the_level_and_hold_the_expected_count(expected: float) -> None:
    low, high = interpolated_limits(expected)
    wide_low, wide_high = interpolated_limits(expected, 0.998)
    assert 0 <= wide_low <= low <= high <= wide_high
    # Under about half a fact expected, the interpolated limit itself tends to 0.
    assert low <= expected <= high or expected < 0.5


@given(st.integers(0, 300), st.floats(0.5, 200))
def test_the_verdict_is_the_exact_test(count: int, expected: float) -> None:
    low, high = step_limits(expected)
    position = funnel([count], [expected * 1000], reference_rate=1).position[0]
    side = "au_dessus" if count > high else "au_dessous" if count < low else "dedans"
    assert position == side


def test_hidden_areas_are_aside_and_change_nothing() -> None:
    rows = areas("A")
    counts = np.append(rows["x"].to_numpy(dtype=float), [np.nan, 3])
    units = np.append(rows["n"].to_numpy(dtype=float), [5000, 0])
    result, known = funnel(counts, units), funnel(rows["x"], rows["n"])
    assert result.reference_rate == known.reference_rate
    assert list(result.position) == [*known.position, "", ""]
    assert np.isnan(result.low[-2:]).sum() == 1  # a known population still has its limits
    assert np.isnan(result.rate[-2:]).all()
    assert overdispersion(counts, units) == overdispersion(rows["x"], rows["n"])


def test_the_order_of_the_areas_does_not_matter() -> None:
    rows = areas("B")
    turned = rows.iloc[::-1]
    assert_same(funnel(turned["x"], turned["n"]).low[::-1], funnel(rows["x"], rows["n"]).low)
    assert_same(
        overdispersion(turned["x"], turned["n"])[:5], overdispersion(rows["x"], rows["n"])[:5]
    )


def test_a_given_reference_is_used() -> None:
    result = funnel([5, 9], [1000, 1000], reference_rate=2)
    assert_same(result.expected, [2, 2])
    assert list(result.position) == ["dedans", "au_dessus"]


def test_under_ten_areas_dispersion_is_refused() -> None:
    with pytest.raises(Refused, match="au moins 10"):
        overdispersion(np.append(np.arange(1.0, 10), np.nan), np.full(10, 100))


def test_no_fact_at_all_is_refused() -> None:
    for counts in ([0, 0], [np.nan, np.nan]):
        with pytest.raises(Refused, match="Aucun fait"):
            funnel(counts, [100, 100])


def test_lengths_that_differ_are_refused() -> None:
    with pytest.raises(Refused, match="même longueur"):
        funnel([1, 2], [100])


def test_an_unknown_scale_is_refused() -> None:
    with pytest.raises(Refused, match="« log »"):
        normal_funnel([1, 2], [100, 100], scale="log")
