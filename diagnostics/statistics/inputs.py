"""What the statistics accept: counts, denominators and confidence levels, checked once."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diagnostics.errors import Refused

FloatArray = NDArray[np.float64]
TextArray = NDArray[np.str_]


def count_array(values: ArrayLike) -> FloatArray:
    """Return counts of recorded facts as floats, NaN where missing.

    Refused for a negative, fractional or infinite count: the exact methods hold for whole numbers
    only, and an estimated total must not borrow a count's interval.
    """
    counts = np.asarray(values, dtype=np.float64)
    wrong = (counts < 0) | (np.isfinite(counts) & (counts != np.floor(counts))) | np.isinf(counts)
    if wrong.any():
        raise Refused(
            f"Le nombre de faits {counts[wrong][0]:g} n’est pas un entier positif ou nul : "
            "donner un nombre de faits enregistrés, ou laisser la case vide."
        )
    return counts


def denominator_array(values: ArrayLike) -> FloatArray:
    """Return denominators (inhabitants or dwellings) as floats, NaN where missing or 0.

    Zero becomes NaN, so that nothing is ever divided by zero. Refused when negative or infinite.
    """
    denominators = np.asarray(values, dtype=np.float64)
    wrong = (denominators < 0) | np.isinf(denominators)
    if wrong.any():
        raise Refused(
            f"Le dénominateur {denominators[wrong][0]:g} n’est pas une population possible : "
            "donner un nombre d’habitants ou de logements, ou laisser la case vide."
        )
    return np.where(denominators == 0, np.nan, denominators)


def tail_probability(confidence: float) -> float:
    """Return the probability left in each tail, 0.025 for a confidence of 0.95.

    Refused outside ]0, 1[ (95 given for 0.95).
    """
    if not 0 < confidence < 1:
        raise Refused(
            f"Le niveau de confiance {confidence:g} n’est pas compris entre 0 et 1 : "
            "écrire 0,95 pour 95 %."
        )
    return (1 - confidence) / 2


def same_series(counts: FloatArray, denominators: FloatArray, years: ArrayLike) -> FloatArray:
    """Return the years of series laid with time on the last axis, as floats.

    Refused unless both arrays have the same shape, with one column per year in increasing order.
    """
    calendar = np.asarray(years, dtype=np.float64)
    fits = counts.shape == denominators.shape and counts.shape[-1:] == calendar.shape
    if not (fits and calendar.size):
        raise Refused(
            "Les faits, les dénominateurs et les années n’ont pas la même longueur : "
            "donner une valeur par année, vide si elle manque."
        )
    if (np.diff(calendar) <= 0).any():
        raise Refused(
            "Les années ne sont pas en ordre croissant : trier les séries et retirer les doublons."
        )
    return calendar
