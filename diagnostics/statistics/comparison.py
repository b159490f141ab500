"""Is an area higher or lower than a reference? Then, apart, is that good or bad?"""

import numpy as np
from numpy.typing import ArrayLike

from diagnostics.errors import Refused
from diagnostics.statistics.inputs import TextArray

POLARITIES = ("higher_is_worse", "neutral")


def compare(low: ArrayLike, high: ArrayLike, reference: ArrayLike) -> TextArray:
    """Return 'plus_eleve', 'moins_eleve', 'proche', or '' where a value is missing.

    An area differs from the reference when its interval excludes it, strictly. The inputs
    broadcast and share one unit. The reference is taken as known and must not contain the area:
    the rest of the département, not the whole. Of a hundred areas at the reference's level, five
    intervals at 95 % exclude it by chance.

    Source: Public Health England (2018), Technical Guide: Confidence intervals; rule of the
    Fingertips profiles.
    """
    low, high, reference = np.broadcast_arrays(
        *(np.asarray(value, dtype=np.float64) for value in (low, high, reference))
    )
    missing = np.isnan(low) | np.isnan(high) | np.isnan(reference)
    return np.select(
        [missing, low > reference, high < reference],
        ["", "plus_eleve", "moins_eleve"],
        default="proche",
    )


def judgement(comparison: ArrayLike, polarity: ArrayLike) -> TextArray:
    """Return 'favorable', 'defavorable' or 'sans_jugement' for verdicts of `compare`.

    `polarity` is 'higher_is_worse' or 'neutral', one or one per verdict. Neutral indicators,
    similar areas and areas not compared are never judged. Refused for another polarity.
    """
    comparison, polarity = np.broadcast_arrays(np.asarray(comparison), np.asarray(polarity))
    unknown = ~np.isin(polarity, POLARITIES)
    if unknown.any():
        raise Refused(
            f"La polarité « {polarity[unknown][0]} » est inconnue : "
            "écrire higher_is_worse ou neutral dans le catalogue des indicateurs."
        )
    judged = polarity == "higher_is_worse"
    return np.select(
        [judged & (comparison == "plus_eleve"), judged & (comparison == "moins_eleve")],
        ["defavorable", "favorable"],
        default="sans_jugement",
    )
