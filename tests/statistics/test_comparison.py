"""Higher, lower, similar; then judged or not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.errors import Refused
from diagnostics.statistics.comparison import compare, judgement

numbers = st.floats(0, 1000)


def test_an_area_differs_when_its_interval_excludes_the_reference() -> None:
    verdict = compare([2, 1, 5, 1], [4, 1.9, 9, 2], [2, 2, 4.9, 2])
    assert list(verdict) == ["proche", "moins_eleve", "plus_eleve", "proche"]


@pytest.mark.parametrize(
    "triple", [(np.nan, 2, 1), (1, np.nan, 0.5), (5, 6, np.nan), (np.nan,) * 3]
)
def test_no_interval_or_no_reference_is_no_verdict(triple: tuple[float, float, float]) -> None:
    assert compare(*triple) == ""


@given(numbers, numbers, numbers, st.floats(0.01, 100))
def test_the_unit_does_not_matter(first: float, second: float, reference: float, k: float) -> None:
    low, high = sorted((first, second))
    doubled = compare(low * 2, high * 2, reference * 2)
    assert compare(low, high, reference) == doubled
    assert compare(low, low + k, low + k / 2) == "proche"


def test_judgement_needs_a_difference_and_a_polarity() -> None:
    verdicts = ["plus_eleve", "moins_eleve", "proche", ""]
    assert list(judgement(verdicts, "higher_is_worse")) == [
        "defavorable",
        "favorable",
        "sans_jugement",
        "sans_jugement",
    ]
    assert set(judgement(verdicts, "neutral")) == {"sans_jugement"}
    mixed = judgement(["plus_eleve"] * 2, ["neutral", "higher_is_worse"])
    assert list(mixed) == ["sans_jugement", "defavorable"]


def test_an_unknown_polarity_is_refused() -> None:
    with pytest.raises(Refused, match="lower_is_worse"):
        judgement(["proche"], "lower_is_worse")
