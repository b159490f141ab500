"""Before and after: one area over two periods, and against a control."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from diagnostics.errors import Refused
from diagnostics.statistics.inputs import (
    FloatArray,
    count_array,
    denominator_array,
    same_series,
    tail_probability,
)
from diagnostics.statistics.rates import rate_ratio

# The lockdowns make these years unfit to be the start of a comparison.
LOCKDOWN_YEARS = (2020, 2021)
# The strategy 2020-2024 is read on its last three years against the three before it.
STRATEGY_BEFORE = (2017, 2018, 2019)
STRATEGY_AFTER = (2022, 2023, 2024)


class PeriodChange(NamedTuple):
    """Rate of the later period over that of the earlier one, with both counts."""

    ratio: FloatArray
    low: FloatArray
    high: FloatArray
    p_value: FloatArray
    count_before: FloatArray
    count_after: FloatArray
    method: str = "rapport_exact_conditionnel"


class RatioOfRatios(NamedTuple):
    """Change of the treated areas over change of the control; 0.5 added where `corrected`."""

    ratio: FloatArray
    low: FloatArray
    high: FloatArray
    z: FloatArray
    p_value: FloatArray
    corrected: np.ndarray
    method: str = "rapport_de_rapports"


class DisplacementDifference(NamedTuple):
    """Facts more (positive) or fewer than if the treated areas had moved as the control."""

    difference: FloatArray
    low: FloatArray
    high: FloatArray
    z: FloatArray
    p_value: FloatArray
    method: str = "difference_ponderee"


def period_change(
    counts: ArrayLike,
    denominators: ArrayLike,
    years: Sequence[int],
    before: Sequence[int] = STRATEGY_BEFORE,
    after: Sequence[int] = STRATEGY_AFTER,
    confidence: float = 0.95,
) -> PeriodChange:
    """Compare the pooled rates of two periods, by default the strategy's; time on the last axis.

    A period's rate is its counts over its sum of yearly denominators; a period may be one year.
    NaN where a year of either period is missing: a hidden year is in no verdict. Refused when 2020
    or 2021 is in the base, when a year is not in the series, or when the periods are not in order.

    Limits: facts are taken as independent; repeated facts by one author make the interval too
    narrow. See `rate_ratio` for the method.
    """
    counts, denominators = count_array(counts), denominator_array(denominators)
    same_series(counts, denominators, years)
    lockdown = sorted(set(before) & set(LOCKDOWN_YEARS))
    if lockdown:
        raise Refused(
            f"L’année {lockdown[0]} porte les confinements et ne peut pas servir de base : "
            "choisir une base avant 2020 ou après 2021."
        )
    absent = sorted({*before, *after} - set(years))
    if absent:
        raise Refused(
            f"L’année {absent[0]} n’est pas dans la série : "
            "choisir deux périodes parmi les années de l’édition."
        )
    if not before or not after or max(before) >= min(after):
        raise Refused(
            "La période de base ne précède pas la période comparée : "
            "choisir deux périodes qui se suivent sans se recouvrir."
        )
    base = np.isin(years, before)
    later = np.isin(years, after)
    count_before, count_after = counts[..., base].sum(-1), counts[..., later].sum(-1)
    change = rate_ratio(
        count_after,
        denominators[..., later].sum(-1),
        count_before,
        denominators[..., base].sum(-1),
        confidence,
    )
    return PeriodChange(*change[:4], count_before, count_after)


def ratio_of_ratios(
    t0: ArrayLike,
    t1: ArrayLike,
    c0: ArrayLike,
    c1: ArrayLike,
    units: tuple[ArrayLike, ArrayLike, ArrayLike, ArrayLike] = (1, 1, 1, 1),
    confidence: float = 0.95,
) -> RatioOfRatios:
    """Return (t1 / t0) / (c1 / c0), treated and control counts before (0) and after (1).

    `units` are the denominators of the four counts in the same order; left out, the counts
    themselves are compared. Normal interval on the log, variance the sum of the inverse counts.
    Where a count is 0, 0.5 is added to the four and the row is `corrected`. NaN where a value is
    missing.

    Limits: approximate under about 5 facts; says what changed more than elsewhere, not why.

    Source: Wheeler A., Ratcliffe J. (2018), Crime Science 7:11, which discusses both forms.
    """
    tail = tail_probability(confidence)
    cells = np.stack(np.broadcast_arrays(*(count_array(count) for count in (t0, t1, c0, c1))))
    cells = np.where(np.isnan(cells).any(axis=0), np.nan, cells)
    corrected = (cells == 0).any(axis=0)
    cells = cells + np.where(corrected, 0.5, 0)
    t0_log, t1_log, c0_log, c1_log = (
        np.log(cell / denominator_array(unit)) for cell, unit in zip(cells, units, strict=True)
    )
    log_ratio = (t1_log - t0_log) - (c1_log - c0_log)
    se = np.sqrt((1 / cells).sum(axis=0))
    margin = stats.norm.isf(tail) * se
    z = log_ratio / se
    return RatioOfRatios(
        np.exp(log_ratio),
        np.exp(log_ratio - margin),
        np.exp(log_ratio + margin),
        z,
        2 * stats.norm.sf(np.abs(z)),
        corrected,
    )


def weighted_displacement_difference(
    t0: ArrayLike, t1: ArrayLike, c0: ArrayLike, c1: ArrayLike, confidence: float = 0.95
) -> DisplacementDifference:
    """Return (t1 - t0) - (c1 - c0) in facts, with its normal interval.

    The variance is the sum of the four counts. z and p are NaN where all are 0. Only for a control
    of about the same size: against a whole département use `ratio_of_ratios`.

    Source: Wheeler A., Ratcliffe J. (2018), Crime Science 7:11.
    """
    tail = tail_probability(confidence)
    before, after, control_before, control_after = map(count_array, (t0, t1, c0, c1))
    difference = (after - before) - (control_after - control_before)
    se = np.sqrt(before + after + control_before + control_after)
    margin = stats.norm.isf(tail) * se
    z = np.divide(difference, se, out=np.full_like(difference, np.nan), where=se > 0)
    return DisplacementDifference(
        difference, difference - margin, difference + margin, z, 2 * stats.norm.sf(np.abs(z))
    )
