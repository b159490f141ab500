"""Nearest areas on standardised context."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.errors import Refused
from diagnostics.statistics import peers
from diagnostics.statistics.peers import nearest, standardise
from tests.statistics import assert_same, golden

VARIABLES = ["population", "median_income", "share_under25", "density", "unemployment"]


def test_neighbours_are_those_of_r() -> None:
    table = golden("peers")
    assert_same(standardise(table[VARIABLES]), table[[f"z_{name}" for name in VARIABLES]])
    result = nearest(table[VARIABLES], table["area"])
    assert list(result["code"].unique()) == list(table["area"])
    for rank in range(1, 6):
        rows = result[result["rank"] == rank]
        assert list(rows["neighbour"]) == list(table[f"nn{rank}"])
        assert_same(rows["distance"], table[f"d{rank}"])
    assert set(result["method"]) == {peers.METHOD}


def test_large_tables_are_cut_in_blocks_without_a_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    table = golden("peers")
    whole = nearest(table[VARIABLES], table["area"])
    monkeypatch.setattr(peers, "ROWS_AT_A_TIME", 7)
    assert nearest(table[VARIABLES], table["area"]).equals(whole)


@given(st.permutations(range(12)))
def test_the_order_of_the_areas_does_not_matter(order: list[int]) -> None:
    matrix = np.random.default_rng(3).integers(0, 3, (12, 2)).astype(float)
    codes = [f"{number:05}" for number in range(12)]
    turned = nearest(matrix[order], [codes[i] for i in order], k=4)
    assert turned.equals(nearest(matrix, codes, k=4))


def test_an_area_with_a_missing_variable_is_aside_and_changes_nothing() -> None:
    matrix = np.array([[1.0, 5], [2, 9], [4, 1], [8, 3]])
    whole = nearest(matrix, ["a", "b", "c", "d"], k=2)
    more = nearest(np.vstack([matrix, [1, np.nan]]), ["a", "b", "c", "d", "ab"], k=2)
    assert more.equals(whole)


def test_fewer_areas_than_wanted_neighbours() -> None:
    assert len(nearest([[1.0], [2], [5]], ["a", "b", "c"], k=5)) == 6
    for alone in (nearest([[1.0]], ["a"]), nearest(np.empty((0, 2)), [])):
        assert alone.empty
        assert list(alone) == ["code", "rank", "neighbour", "distance", "method"]


def test_a_constant_variable_tells_no_area_from_another() -> None:
    scores = standardise([[1.0, 7], [3, 7], [5, 7]])
    assert_same(scores, [[-1, 0], [0, 0], [1, 0]])


def test_units_do_not_matter() -> None:
    table = golden("peers")
    scaled = table[VARIABLES] * [1e-3, 1, 100, 1, 0.01]
    left, right = nearest(scaled, table["area"]), nearest(table[VARIABLES], table["area"])
    assert_same(left["distance"], right["distance"])


def test_codes_that_do_not_match_the_rows_are_refused() -> None:
    for codes in (["a"], ["a", "a"]):
        with pytest.raises(Refused, match="ne correspondent pas"):
            nearest([[1.0], [2]], codes)


def test_no_neighbour_asked_is_refused() -> None:
    with pytest.raises(Refused, match="en demander au moins un"):
        nearest([[1.0], [2]], ["a", "b"], k=0)
