"""Funnel: which areas stand out from a reference rate, given their size.

Two readings, kept apart. The exact one (`funnel`) asks whether chance alone explains a count. The
normal one (`overdispersion`, `normal_funnel`) first measures how much more than chance all the
areas vary, and widens the limits by it: with many areas nearly all of them "stand out" from
chance, and what matters is which ones stand out from the others.
"""

from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from diagnostics.errors import Refused
from diagnostics.statistics.inputs import (
    FloatArray,
    TextArray,
    count_array,
    denominator_array,
    tail_probability,
)

# raw: the rate itself. sqrt: the square root of observed / expected, steadier on small counts.
Scale = Literal["raw", "sqrt"]
# z-scores are clipped to these quantiles, so that a few extremes do not set the dispersion.
WINSORISED = (0.1, 0.9)
# Under ten areas the clipped tenth is less than one area.
MINIMUM_AREAS = 10


class Funnel(NamedTuple):
    """Areas against exact limits; rates per `per` units, in the order of the input."""

    reference_rate: float
    rate: FloatArray
    expected: FloatArray
    low: FloatArray
    high: FloatArray
    p_low: FloatArray
    p_high: FloatArray
    position: TextArray
    method: str = "entonnoir_exact"


class Overdispersion(NamedTuple):
    """How much more than chance the areas vary; `tau2` in squared units of the scale."""

    areas: int
    phi: float
    threshold: float
    phi_used: float
    tau2: float
    method: str = "phi_winsorise"


class NormalFunnel(NamedTuple):
    """z-scores and limits of the areas; limits per `per` units."""

    z: FloatArray
    se: FloatArray
    low: FloatArray
    high: FloatArray
    method: str = "entonnoir_normal"


def step_limits(expected: ArrayLike, confidence: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Return the exact limits in whole counts: a count outside them has a tail below the level."""
    tail = tail_probability(confidence)
    expected = np.asarray(expected, dtype=np.float64)
    return stats.poisson.ppf(tail, expected), stats.poisson.ppf(1 - tail, expected)


def interpolated_limits(
    expected: ArrayLike, confidence: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Return the exact limits in counts, smoothed between integers to be drawn as a curve.

    Floored at 0. A count equal to its whole-number limit may fall just outside the curve: the
    verdict is `funnel`'s, the curve is a drawing.

    Source: Spiegelhalter D. (2005), Statistics in Medicine 24, 1185-1202, appendix A.1.
    """
    tail = tail_probability(confidence)
    expected = np.asarray(expected, dtype=np.float64)
    law = stats.poisson(expected)
    low, high = (
        whole - (law.cdf(whole) - probability) / law.pmf(whole)
        for whole, probability in zip(
            step_limits(expected, confidence), (tail, 1 - tail), strict=True
        )
    )
    return np.maximum(low, 0), np.maximum(high, 0)


def funnel(
    counts: ArrayLike,
    denominators: ArrayLike,
    confidence: float = 0.95,
    per: float = 1000,
    reference_rate: float | None = None,
) -> Funnel:
    """Place areas against the exact Poisson limits around a reference rate.

    `reference_rate`, per `per` units, is by default the pooled rate of the areas given: where
    small areas are hidden it is above the official one, which should then be passed. `position` is
    'au_dessus' or 'au_dessous' when the probability of a count as extreme (p_high, p_low) is below
    (1 - confidence) / 2, else 'dedans'; '' and NaN where the count or denominator is missing.
    `low` and `high` are `interpolated_limits` as rates.

    Source: Spiegelhalter (2005), Statistics in Medicine 24, 1185-1202.
    """
    tail = tail_probability(confidence)
    counts, denominators, reference = _areas(counts, denominators, reference_rate, per)
    expected = reference * denominators
    low, high = interpolated_limits(expected, confidence)
    p_low = stats.poisson.cdf(counts, expected)
    p_high = stats.poisson.sf(counts - 1, expected)
    position = np.select(
        [np.isnan(counts + expected), p_high < tail, p_low < tail],
        ["", "au_dessus", "au_dessous"],
        default="dedans",
    )
    return Funnel(
        reference * per,
        per * counts / denominators,
        expected,
        per * low / denominators,
        per * high / denominators,
        p_low,
        p_high,
        position,
    )


def overdispersion(
    counts: ArrayLike,
    denominators: ArrayLike,
    scale: Scale = "sqrt",
    per: float = 1000,
    reference_rate: float | None = None,
) -> Overdispersion:
    """Measure how much more than chance the areas vary around the reference rate.

    phi is the mean of the squared z-scores, clipped to their 10 % and 90 % quantiles. It widens
    the limits (`phi_used`) when above `threshold` = 1 + 2 sqrt(2 / (k - 1)), k areas. tau2 is the
    variance between areas (DerSimonian-Laird's moments), 0 unless k phi > k - 1. Pure chance gives
    a phi of about 0.7, because of the clipping: both rules are cautious. Areas with a missing value
    are left out; refused with fewer than ten others.

    Source: Spiegelhalter (2005); Spiegelhalter et al. (2012), J. R. Stat. Soc. A 175, 1-47.
    """
    known_counts, known_units, reference = _areas(counts, denominators, reference_rate, per)
    known = ~np.isnan(known_counts + known_units)
    k = int(known.sum())
    if k < MINIMUM_AREAS:
        raise Refused(
            f"La dispersion entre {k} territoires connus ne se mesure pas : "
            f"en choisir au moins {MINIMUM_AREAS}, ou s’en tenir aux limites exactes."
        )
    value, target, se = _scaled(known_counts[known], known_units[known], reference, scale)
    z = (value - target) / se
    phi = float(np.mean(np.clip(z, *np.quantile(z, WINSORISED)) ** 2))
    threshold = 1 + 2 * np.sqrt(2 / (k - 1))
    weights = 1 / se**2
    excess = k * phi - (k - 1)
    between = excess / (weights.sum() - (weights**2).sum() / weights.sum())
    return Overdispersion(
        k, phi, threshold, phi if phi > threshold else 1.0, float(between) if excess > 0 else 0.0
    )


def normal_funnel(
    counts: ArrayLike,
    denominators: ArrayLike,
    confidence: float = 0.95,
    scale: Scale = "sqrt",
    per: float = 1000,
    reference_rate: float | None = None,
    phi: float = 1.0,
    tau2: float = 0.0,
) -> NormalFunnel:
    """Return z-scores and normal limits, widened by a measured over-dispersion.

    With `phi` = `phi_used` of `overdispersion` the limits are multiplied by sqrt(phi); with `tau2`
    the variance between areas is added (same scale for both functions); with neither they are
    plain. Lower limits are floored at 0. Normal limits are poor where fewer than about 5 facts are
    expected: read those areas on the exact funnel. NaN where a value is missing.

    Source: as `overdispersion`.
    """
    tail = tail_probability(confidence)
    counts, denominators, reference = _areas(counts, denominators, reference_rate, per)
    value, target, plain_se = _scaled(counts, denominators, reference, scale)
    se = np.sqrt(phi * plain_se**2 + tau2)
    margin = stats.norm.isf(tail) * se
    low, high = np.maximum(target - margin, 0), target + margin
    if scale == "sqrt":
        low, high = reference * low**2, reference * high**2
    return NormalFunnel((value - target) / se, se, per * low, per * high)


def _areas(
    counts: ArrayLike, denominators: ArrayLike, reference_rate: float | None, per: float
) -> tuple[FloatArray, FloatArray, float]:
    """Return counts, denominators and the reference rate per unit, pooled unless given."""
    counts, denominators = count_array(counts), denominator_array(denominators)
    if counts.shape != denominators.shape:
        raise Refused(
            "Les faits et les dénominateurs n’ont pas la même longueur : "
            "donner une valeur par territoire, vide si elle manque."
        )
    known = ~np.isnan(counts + denominators)
    if reference_rate is not None:
        reference = reference_rate / per
    else:
        reference = counts[known].sum() / denominators[known].sum() if known.any() else np.nan
    if not reference > 0:
        raise Refused(
            "Aucun fait n’est connu dans les territoires comparés : "
            "choisir un autre indicateur ou une autre année."
        )
    return counts, denominators, float(reference)


def _scaled(
    counts: FloatArray, denominators: FloatArray, reference: float, scale: Scale
) -> tuple[FloatArray, float, FloatArray]:
    """Return values, their target and their standard errors by chance alone, on the scale."""
    if scale == "raw":
        return counts / denominators, reference, np.sqrt(reference / denominators)
    if scale == "sqrt":
        expected = reference * denominators
        return np.sqrt(counts / expected), 1.0, 1 / (2 * np.sqrt(expected))
    raise Refused(
        f"L’échelle « {scale} » de l’entonnoir est inconnue : "
        f"écrire {' ou '.join(get_args(Scale))}."
    )
