"""Estimates of hidden parts: their law, their sums, their rates and above all their refusals."""

import itertools
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from diagnostics import estimation
from diagnostics.errors import Refused

GOLDEN = Path(__file__).parent / "golden"


def rows(sets: list[list[int]], communes: int) -> NDArray[np.bool_]:
    members = np.zeros((len(sets), communes), dtype=np.bool_)
    for row, chosen in zip(members, sets, strict=True):
        row[chosen] = True
    return members


def reasons(
    sets: list[list[int]], communes: int, priority: list[int] | None = None, total: int = 60
) -> list[str]:
    """Refusals of groups that nothing but their hidden sets could stop."""
    members = rows(sets, communes)
    estimate = estimation.estimate_hidden(members, np.full(communes, 500.0), total)
    plenty = np.full(len(sets), 10_000.0)
    return estimation.refusals(
        members,
        estimate,
        plenty,
        np.ones(len(sets)),
        priority=None if priority is None else np.array(priority),
    ).tolist()


# --- the hidden total -------------------------------------------------------------------------


def test_hidden_total_is_mean_times_number() -> None:
    # Violences intrafamiliales, Seine-et-Marne, 2024: 352 hidden communes (SSMSI, COM base).
    assert estimation.hidden_total(2.772713, 352) == 976


@pytest.mark.parametrize(
    ("mean", "communes"), [(math.nan, 10), (-1.0, 10), (math.inf, 3), (2.0, 0), (2.0, -1)]
)
def test_hidden_total_refuses_nonsense(mean: float, communes: int) -> None:
    with pytest.raises(Refused, match="complement_info_nombre"):
        estimation.hidden_total(mean, communes)


SOUND = {
    "hidden_total": 100,
    "hidden_communes": 50,
    "hidden_denominator": 50_000.0,
    "complement_rate_per_1000": 2.0,
    "published": 400.0,
    "published_denominator": 100_000.0,
    "official_total": 500.0,
}


@pytest.mark.parametrize(
    ("change", "agree"),
    [
        ({}, True),
        ({"official_total": None}, True),
        ({"official_total": 501.0}, True),
        ({"official_total": 540.0}, False),
        ({"complement_rate_per_1000": 2.1}, False),
        ({"hidden_communes": 4}, False),  # 25 facts each and hidden
        ({"hidden_communes": 1100}, False),  # eleven communes in twelve with nothing
        ({"published": 30.0, "official_total": None}, False),  # hidden rate 6.7 times higher
        ({"published": 0.0, "published_denominator": 0.0, "official_total": 100.0}, True),
    ],
)
def test_totals_that_contradict_one_another(change: dict[str, float], agree: bool) -> None:
    assert estimation.totals_agree(**{**SOUND, **change}) is agree


# --- the estimate -----------------------------------------------------------------------------


def test_bounds_are_beta_binomial_quantiles() -> None:
    denominators = np.array([100.0, 200, 300, 400, 1500, 2500])
    members = rows([[0], [1, 2], [3, 4], [0, 1, 2, 3, 4]], 6)
    for total, dispersion in itertools.product((2, 7, 60, 900), (0.05, 0.64, 1.5)):
        found = estimation.estimate_hidden(members, denominators, total, dispersion)
        mu = total * denominators / 5000
        variance = mu + dispersion * mu**2
        for group, inside in enumerate(members):
            q = mu[inside].sum() / total
            target = variance[inside].sum() * variance[~inside].sum() / variance.sum()
            # n q (1 - q) (a + b + n) / (a + b + 1) = target
            ratio = target / (total * q * (1 - q))
            size = (total - ratio) / (ratio - 1)
            law = stats.betabinom(total, q * size, (1 - q) * size)
            assert law.var() == pytest.approx(target)
            assert found.mean[group] == pytest.approx(law.mean())
            assert found.low[group] == min(law.ppf(0.025), math.floor(law.mean()))
            assert found.high[group] == max(law.ppf(0.975), math.ceil(law.mean()))


def test_without_dispersion_the_law_is_binomial() -> None:
    members = rows([[0, 1], [2]], 4)
    found = estimation.estimate_hidden(members, np.array([1.0, 2, 3, 4]), 80, dispersion=0.0)
    law = stats.binom(80, [0.3, 0.3])
    np.testing.assert_array_equal(found.low, law.ppf(0.025))
    np.testing.assert_array_equal(found.high, law.ppf(0.975))


def test_huge_totals_agree_with_exact_quantiles(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    denominators = rng.lognormal(6, 1, 200)
    members = rng.random((40, 200)) < rng.uniform(0.02, 0.9, (40, 1))
    exact = estimation.estimate_hidden(members, denominators, 15_000)
    monkeypatch.setattr(estimation, "LARGEST_EXACT_TOTAL", 10_000)
    approximate = estimation.estimate_hidden(members, denominators, 15_000)
    np.testing.assert_allclose(approximate.low, exact.low, rtol=2e-3, atol=1)
    np.testing.assert_allclose(approximate.high, exact.high, rtol=2e-3, atol=1)


@given(
    st.lists(st.integers(1, 30_000), min_size=4, max_size=60),
    st.integers(0, 3000),
    st.integers(0, 2**31),
)
@settings(max_examples=60, deadline=None)
def test_parts_of_any_partition_add_up(sizes: list[int], total: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 5, len(sizes))
    members = np.arange(5)[:, None] == label
    found = estimation.estimate_hidden(members, np.array(sizes, dtype=float), total)
    assert found.mean.sum() == pytest.approx(total)
    assert (found.low <= found.mean + 1e-9).all()
    assert (found.mean <= found.high + 1e-9).all()
    assert (found.low >= 0).all()
    assert (found.high <= total).all()
    np.testing.assert_array_equal(found.high % 1, 0)


def test_nothing_hidden_is_zero_and_everything_hidden_is_the_total() -> None:
    members = rows([[], [0, 1, 2], [0, 1]], 3)
    for total in (0, 17, 50_000):
        found = estimation.estimate_hidden(members, np.array([0.1, 0.7, 0.2]), total)
        assert [a[0] for a in found] == [0, 0, 0]
        assert [a[1] for a in found] == [total] * 3
    assert [a[2] for a in estimation.estimate_hidden(members, np.ones(3), 0)] == [0, 0, 0]


def test_a_commune_without_inhabitant_takes_nothing() -> None:
    found = estimation.estimate_hidden(rows([[0], [1, 2]], 3), np.array([0.0, 1, 1]), 10)
    assert found.mean.tolist() == [0, 10]
    assert found.low.tolist() == found.high.tolist() == [0, 10]


@pytest.mark.parametrize(
    ("denominators", "total"),
    [([1.0, np.nan], 3), ([1.0, -1.0], 3), ([0.0, 0.0], 3), ([1.0, 2.0], -1), ([1, np.inf], 3)],
)
def test_estimate_refuses_what_cannot_be_shared(denominators: list[float], total: int) -> None:
    with pytest.raises(Refused, match="dénominateurs"):
        estimation.estimate_hidden(rows([[0]], 2), np.array(denominators), total)


# --- the dispersion ---------------------------------------------------------------------------


@pytest.mark.parametrize("true", [0.05, 0.3, 0.6])
def test_dispersion_follows_what_is_published(true: float) -> None:
    rng = np.random.default_rng(3)
    sizes = rng.uniform(5_000, 40_000, 4000)
    counts = rng.poisson(0.003 * sizes * rng.gamma(1 / true, true, 4000)).astype(float)
    found = estimation.commune_dispersion(counts, sizes, 2000, 600_000.0)
    assert found == pytest.approx(estimation.HIDDEN_TO_PUBLISHED_DISPERSION * true, rel=0.12)


def test_dispersion_is_the_default_where_few_large_communes_are_published() -> None:
    sizes, counts = np.array([400.0, 9_000, 20_000]), np.array([0.0, 12, 90])
    assert estimation.commune_dispersion(counts, sizes, 30, 40_000.0) == 0.64
    assert estimation.commune_dispersion(counts[:0], sizes[:0], 30, 40_000.0) == 0.64


def test_more_dispersion_gives_wider_intervals() -> None:
    members = rows([[0, 1, 2], [3, 4, 5, 6]], 20)
    widths = [
        found.high - found.low
        for k in (0.0, 0.2, 0.64, 1.2)
        for found in [estimation.estimate_hidden(members, np.linspace(1, 3, 20), 200, k)]
    ]
    assert (np.diff(widths, axis=0) > 0).all()


# --- the rate ---------------------------------------------------------------------------------


def test_rate_is_exactly_poisson_where_nothing_is_hidden() -> None:
    golden = pd.read_csv(GOLDEN / "rate_interval.csv").query("confidence == 0.95")
    found = estimation.estimated_rate(golden["count"], 0, 0, 0, golden["denominator"])
    np.testing.assert_allclose(found.rate, golden["rate"], rtol=1e-9)
    np.testing.assert_allclose(found.low, golden["exact_lower"], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.high, golden["exact_upper"], rtol=1e-9)


def test_rate_interval_widens_on_the_side_of_the_doubt() -> None:
    sure = estimation.estimated_rate(40, 10, 10, 10, 5000)
    low_doubt = estimation.estimated_rate(40, 10, 4, 10, 5000)
    high_doubt = estimation.estimated_rate(40, 10, 10, 22, 5000)
    assert low_doubt.rate == sure.rate == high_doubt.rate == 10
    assert low_doubt.low < sure.low
    assert low_doubt.high == sure.high
    assert high_doubt.high > sure.high
    assert high_doubt.low == sure.low


def test_rate_without_denominator_or_number_is_missing() -> None:
    found = estimation.estimated_rate([5, np.nan, 0], 0, 0, 0, [0, 10, 1000])
    assert np.isnan(found.rate[:2]).all()
    assert np.isnan(found.high[:2]).all()
    assert found.rate[2] == found.low[2] == 0
    assert found.high[2] == pytest.approx(3.688879)


# --- the refusals -----------------------------------------------------------------------------


def test_each_refusal_and_their_order() -> None:
    members = rows([[], [0, 1], [2, 3, 4], [5, 6, 7, 8], [2, 3, 4, 5, 6]], 40)
    estimate = estimation.estimate_hidden(members, np.full(40, 100.0), 80)
    published = np.array([0.0, 900, 900, 2, 900])
    coverage = np.array([1.0, 0.9, 0.29, 0.9, 0.3])

    def found(**change: object) -> list[str]:
        return estimation.refusals(members, estimate, published, coverage, **change).tolist()

    assert found() == ["", "moins_de_3_masquees", "couverture", "imprecision", ""]
    assert found(totals_agree=False) == ["", *["totaux_incoherents"] * 4]
    absent = estimation.refusals(members, None, published, coverage)
    assert absent.tolist() == ["", *["complement_absent"] * 4]


def test_nested_groups_that_differ_by_one_or_two() -> None:
    epci = list(range(10))
    assert reasons([epci, epci[:9]], 30) == ["", "difference"]
    assert reasons([epci, epci[:8]], 30) == ["", "difference"]
    assert reasons([epci, epci[:7]], 30) == ["", ""]
    assert reasons([epci, epci], 30) == ["", ""]
    assert reasons([epci, epci[:9]], 30, priority=[1, 0]) == ["difference", ""]


def test_the_official_total_counts_as_a_group() -> None:
    assert reasons([list(range(28))], 30) == ["difference"]
    assert reasons([list(range(27))], 30) == [""]
    assert reasons([list(range(30))], 30) == [""]


def test_the_rest_of_a_partition_is_protected_by_its_smallest_group() -> None:
    parts = [list(range(12)), list(range(12, 22)), list(range(22, 28)), [28, 29]]
    assert reasons(parts, 30) == ["", "", "difference", "moins_de_3_masquees"]
    parts[3:] = [[28], [29]]
    assert reasons(parts, 30) == ["", "", "difference", *["moins_de_3_masquees"] * 2]
    parts = [list(range(12)), list(range(12, 22)), list(range(22, 27)), [27, 28, 29]]
    assert reasons(parts, 30) == [""] * 4


def test_groups_inside_a_group_are_subtracted_together() -> None:
    whole, first, second = list(range(11)), list(range(5)), list(range(5, 10))
    assert reasons([whole, first, second], 30).count("difference") == 1
    assert reasons([whole, first, second[:-2]], 30) == ["", "", ""]


def given_away(shown: NDArray[np.bool_]) -> bool:
    """Search all communes and pairs for a combination of shown totals that isolates them."""
    known = np.vstack([np.ones(shown.shape[1]), shown])
    rank = np.linalg.matrix_rank(known)
    units = np.eye(shown.shape[1])
    if any(np.linalg.matrix_rank(np.vstack([known, unit])) == rank for unit in units):
        return True
    # Two communes are isolated together iff, without both columns, the rank falls.
    return any(
        np.linalg.matrix_rank(np.delete(known, [i, j], axis=1)) < rank
        for i, j in itertools.combinations(range(shown.shape[1]), 2)
    )


@given(st.integers(0, 2**31))
@settings(max_examples=120, deadline=None)
def test_no_combination_of_shown_totals_isolates_one_or_two_communes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    communes = int(rng.integers(5, 14))
    members = rng.random((int(rng.integers(2, 8)), communes)) < rng.uniform(0.2, 0.9)
    estimate = estimation.estimate_hidden(members, np.ones(communes), 50)
    count = len(members)
    priority = rng.integers(0, 3, count)

    def refused(order: NDArray[np.int64]) -> NDArray[np.str_]:
        return estimation.refusals(
            members[order],
            estimation.HiddenEstimate(*(a[order] for a in estimate)),
            np.full(count, 1e6),
            np.ones(count),
            priority=priority[order],
        )

    found = refused(np.arange(count))
    shown = members[found == ""]
    assert not given_away(shown)
    for group in np.flatnonzero(found == "difference"):
        first = priority[:, None] <= priority[group]
        assert given_away(members[(found == "") & first[:, 0] | (np.arange(count) == group)])
    shuffled = rng.permutation(count)
    assert refused(shuffled).tolist() == found[shuffled].tolist()


# --- on real figures --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def seine_et_marne(mirror: Path) -> pd.DataFrame:
    name = "donnee-data.gouv-2024-geographie2025-produit-le2026-02-03.dep77.csv.gz"
    return pd.read_csv(mirror / "ssmsi" / name, sep=";", decimal=",", encoding="utf-8-sig")


def test_hidden_parts_add_up_to_the_official_total(seine_et_marne: pd.DataFrame) -> None:
    # Département totals of 2024 (SSMSI, DEP base, same edition).
    official = {
        "Violences physiques intrafamiliales": 5505,
        "Violences sexuelles": 2426,
        "Vols avec armes": 174,
        "Vols violents sans arme": 815,
        "Destructions et dégradations volontaires": 10129,
        "Escroqueries et fraudes aux moyens de paiement": 8772,
    }
    rng = np.random.default_rng(77)
    for label, facts in official.items():
        rows_of_one = seine_et_marne[seine_et_marne["indicateur"] == label]
        hidden = rows_of_one[rows_of_one["est_diffuse"] == "ndiff"]
        published = rows_of_one["nombre"].sum()
        total = estimation.hidden_total(hidden["complement_info_nombre"].iloc[0], len(hidden))
        assert total == facts - published
        positive = rows_of_one[rows_of_one["nombre"] > 0]
        assert estimation.totals_agree(
            total,
            len(hidden),
            hidden["insee_pop"].sum(),
            hidden["complement_info_taux"].iloc[0],
            published,
            positive["insee_pop"].sum(),
            facts,
        )
        denominators = hidden["insee_pop"].to_numpy(dtype=float)
        for groups in (1, 4, 23, 80):
            members = np.arange(groups)[:, None] == rng.integers(0, groups, len(hidden))
            found = estimation.estimate_hidden(members, denominators, total)
            assert found.mean.sum() == pytest.approx(facts - published)
            assert found.low.sum() <= total <= found.high.sum()
