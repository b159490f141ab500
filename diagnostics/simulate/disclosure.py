"""The diffusion rule of the SSMSI, as observed on its files, and the complements."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from diagnostics.simulate.geography import Floats

THRESHOLD, YEARS = 5, 3


@dataclass(frozen=True)
class Disclosure:
    """hidden: (communes, years). complement_count, complement_rate: (years,), of the hidden
    communes of the département; NaN where none is hidden or where they have no denominator."""

    hidden: npt.NDArray[np.bool_]
    complement_count: Floats
    complement_rate: Floats


def disclose(counts: npt.NDArray[np.int32], denominator: npt.NDArray[np.int64]) -> Disclosure:
    """Apply the rule to the counts (communes, years) of one département and one indicator.

    Year N is published if and only if N, N-1 and N-2 all reach 5, or are all 0; the first two
    years follow the third's verdict.
    """
    published = _all_three(counts >= THRESHOLD) | _all_three(counts == 0)
    hidden = ~np.hstack([published[:, :1]] * (YEARS - 1) + [published])
    facts = (counts * hidden).sum(axis=0)
    exposed = (denominator * hidden).sum(axis=0)
    number = hidden.sum(axis=0)
    return Disclosure(
        hidden=hidden,
        complement_count=_ratio(facts, number),
        complement_rate=_ratio(1000 * facts, exposed),
    )


def _all_three(test: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    return test[:, 2:] & test[:, 1:-1] & test[:, :-2]


def _ratio(numerator: npt.NDArray[np.int64], denominator: npt.NDArray[np.int64]) -> Floats:
    """Return a ratio with the seven decimals that are published."""
    known = denominator > 0
    return np.where(known, numerator / np.where(known, denominator, 1), np.nan).round(7)
