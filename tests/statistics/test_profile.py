"""One area among its peers."""

from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.statistics.profile import MINIMUM_FOR_QUARTILES, each_peer, profile


def test_the_area_stands_beside_the_spread_of_its_peers() -> None:
    result = profile(6, 5, 8, 4.5, [1, 2, np.nan, 3, 4, 5, np.nan])
    assert result[:5] == (1, 2, 3, 4, 5)
    assert (result.reference, result.value, result.low, result.high) == (4.5, 6, 5, 8)
    assert (result.peers_known, result.peers_unknown) == (5, 2)
    assert result.method == "position_parmi_les_pairs"


def test_few_peers_are_given_each_and_many_are_not() -> None:
    result = profile(6, 5, 8, 4.5, [1, np.nan, 9, 3])
    assert (result.minimum, result.median, result.maximum, result.peers_known) == (1, 3, 9, 3)
    assert each_peer(result) == (1, 3, 9)
    assert each_peer(profile(6, 5, 8, 4.5, range(MINIMUM_FOR_QUARTILES))) == ()
    assert each_peer(profile(6, 5, 8, 4.5, [np.nan])) == ()


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=MINIMUM_FOR_QUARTILES - 1))
def test_the_values_of_few_peers_are_found_again(values: list[float]) -> None:
    found = each_peer(profile(1, 0, 2, 1, values))
    np.testing.assert_allclose(found, sorted(values), rtol=1e-9, atol=1e-9)


def test_no_known_peer_and_a_hidden_area() -> None:
    result = profile(np.nan, np.nan, np.nan, 4.5, [np.nan, np.nan])
    assert np.isnan([*result[:5], result.value, result.low, result.high]).all()
    assert (result.peers_known, result.peers_unknown) == (0, 2)


@given(st.lists(st.floats(0, 1e6) | st.just(np.nan), max_size=30), st.randoms())
def test_order_does_not_matter_and_the_spread_is_ordered(
    values: list[float], random: Random
) -> None:
    result = profile(1, 0, 2, 1, values)
    np.testing.assert_equal(result, profile(1, 0, 2, 1, random.sample(values, len(values))))
    spread = [number for number in result[:5] if not np.isnan(number)]
    assert spread == sorted(spread)
    assert result.peers_known + result.peers_unknown == len(values)
