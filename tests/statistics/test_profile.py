"""One area among its peers."""

from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.statistics.profile import profile


def test_the_area_stands_beside_the_spread_of_its_peers() -> None:
    result = profile(6, 5, 8, 4.5, [1, 2, np.nan, 3, 4, 5, np.nan])
    assert result[:5] == (1, 2, 3, 4, 5)
    assert (result.reference, result.value, result.low, result.high) == (4.5, 6, 5, 8)
    assert (result.peers_known, result.peers_unknown) == (5, 2)
    assert result.method == "position_parmi_les_pairs"


def test_few_peers_have_no_quartiles() -> None:
    result = profile(6, 5, 8, 4.5, [1, np.nan, 9, 3])
    assert np.isnan([result.first_quartile, result.median, result.third_quartile]).all()
    assert (result.minimum, result.maximum, result.peers_known) == (1, 9, 3)
    assert profile(6, 5, 8, 4.5, [1, 9, 3, 3]).median == 3


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
