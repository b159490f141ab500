"""Classes that stay over the years, colours that survive grey, states told apart by pattern."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.errors import Refused
from diagnostics.figures import scale

positive = st.floats(min_value=1e-4, max_value=1e5, allow_nan=False)


def lightness(colour: str) -> float:
    """CIE L* of an sRGB colour (IEC 61966-2-1)."""
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ [0.2126, 0.7152, 0.0722])
    return 116 * np.cbrt(luminance) - 16


def rows(*cells: tuple[str, str, float, bool]) -> pd.DataFrame:
    return pd.DataFrame(cells, columns=["code", "status", "value", "shown"])


@given(st.lists(positive, max_size=80))
def test_classes_are_few_rising_and_none_is_empty(values):
    breaks = scale.fixed_classes(values)
    assert len(breaks) <= 4
    assert list(breaks) == sorted(set(breaks))
    used = set(scale.class_of(values, breaks)) if values else set()
    assert used == (set(range(1, len(breaks) + 2)) if values else set())


@given(st.lists(positive, min_size=1, max_size=40), st.randoms())
def test_classes_depend_on_the_values_not_on_their_order(values, random):
    shuffled = random.sample(values, len(values))
    assert scale.fixed_classes(shuffled) == scale.fixed_classes(values)


@given(st.lists(positive, min_size=2, max_size=40))
def test_equal_values_fall_in_one_class_whatever_float_noise(values):
    breaks = scale.fixed_classes(values)
    noisy = np.array(values) * (1 - 4e-16)
    assert list(scale.class_of(noisy, breaks)) == list(scale.class_of(values, breaks))


def test_limits_are_quantiles_with_few_digits():
    values = np.random.default_rng(7).gamma(2, 3, 2000)
    breaks = scale.fixed_classes(values)
    assert len(breaks) == 4
    for share, limit in zip((0.2, 0.4, 0.6, 0.8), breaks, strict=True):
        assert (values < limit).mean() == pytest.approx(share, abs=0.05)
        assert len(f"{limit:g}".replace(".", "").strip("0")) <= 2


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        ([], 1),
        ([0, 0, np.nan, -1], 1),
        ([3.2], 1),
        ([3.2] * 50, 1),
        ([0.1 + 0.2, 0.3], 1),  # one value, two floats
        ([1, 2], 2),
        ([5] * 90 + [7] * 10, 2),
        ([1] * 90 + [2, 3, 4], 2),
        ([1] * 5 + [5] * 90 + [9] * 5, 3),
    ],
)
def test_few_values_give_few_classes(values, classes):
    assert len(scale.fixed_classes(values)) + 1 == classes


def test_a_value_on_a_limit_goes_up_and_a_missing_one_has_no_class():
    assert list(scale.class_of([1.9, 2, 2 - 1e-12, 4, 100, np.nan], (2, 4))) == [1, 2, 2, 3, 3, 0]


def test_colours_darken_evenly_so_that_grey_keeps_the_order():
    steps = -np.diff([lightness(colour) for colour in ("#ffffff", *scale.CLASS_COLOURS)])
    assert (steps > 10).all()


def test_no_colour_is_red_or_green():
    for colour in scale.CLASS_COLOURS:
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        assert blue > max(red, green)


def test_each_status_takes_its_own_drawing():
    found = scale.drawings(
        rows(
            ("a", "publie", 1.0, True),
            ("b", "publie", 9.0, True),
            ("c", "zero", 0.0, True),
            ("d", "non_diffuse", np.nan, False),
            ("e", "partiel", 3.0, True),
            ("f", "partiel", 3.0, False),
            ("g", "absent", np.nan, False),
            ("h", "publie", np.nan, True),
        ),
        breaks=(2, 4, 6, 8),
    )
    assert found.to_dict() == {
        "a": "classe-1",
        "b": "classe-5",
        "c": "zero",
        "d": "non-diffuse",
        "e": "classe-2",
        "f": "couverture-faible",
        "g": "absent",
        "h": "couverture-faible",
    }


@pytest.mark.parametrize("status", ["non_diffuse", "absent", "zero"])
def test_a_status_without_a_rate_never_takes_a_colour(status):
    """Even where a number slipped in beside it: suppression is a status."""
    found = scale.drawings(rows(("a", status, 7.0, True)), (2, 4, 6, 8))
    assert not found["a"].startswith("classe")


def test_missing_values_of_pandas_are_no_class():
    frame = rows(("a", "publie", 1.0, True), ("b", "publie", np.nan, True))
    frame["value"] = frame["value"].astype("Float64")
    assert list(scale.drawings(frame, (2,))) == ["classe-2", "couverture-faible"]


def test_an_unknown_status_is_refused_by_name():
    with pytest.raises(Refused, match="presque"):
        scale.drawings(rows(("a", "presque", 1.0, True)), ())


def test_two_classes_take_two_distant_colours():
    found = scale.drawings(rows(("a", "publie", 1, True), ("b", "publie", 3, True)), (2,))
    light, dark = (lightness(scale.fills()[key]) for key in found)
    assert light - dark > 30


def test_the_legend_names_every_class_and_only_the_states_on_the_map():
    entries = scale.legend_entries((0.5, 1500), {"classe-1", "zero", "non-diffuse"})
    assert [entry.label for entry in entries] == [
        "moins de 0,5",
        "de 0,5 à moins de 1\u202f500",
        "1\u202f500 et plus",
        "zéro publié",
        "non publié",
    ]
    assert len({entry.fill for entry in entries}) == len(entries)


def test_the_words_of_a_state_can_be_replaced():
    words = {"couverture-faible": "pas de total"}
    entries = scale.legend_entries((), {"couverture-faible"}, words)
    assert [entry.label for entry in entries] == ["pas de total"]


def test_the_legend_escapes_its_unit_and_draws_patterns_as_images():
    text = scale.legend_html((2,), "<b>faits</b>", {"non-diffuse"})
    assert "<b>" not in text
    assert text.count("<img") == 3
    assert "background" not in text  # browsers do not print backgrounds


def test_every_pattern_that_is_used_is_defined():
    defined = scale.pattern_defs()
    for fill in scale.fills().values():
        if fill.startswith("url("):
            assert f'id="{fill[5:-1]}"' in defined
