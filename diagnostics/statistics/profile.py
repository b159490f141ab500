"""Position of one area among its peers for one indicator. No rank: this is not a league table."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

# With fewer known peers, quartiles would only repeat their values.
MINIMUM_FOR_QUARTILES = 4


class Profile(NamedTuple):
    """Spread of the peers, reference and area, all in the same unit; NaN where unknown."""

    minimum: float
    first_quartile: float
    median: float
    third_quartile: float
    maximum: float
    reference: float
    value: float
    low: float
    high: float
    peers_known: int
    peers_unknown: int
    method: str = "position_parmi_les_pairs"


def profile(
    value: float, low: float, high: float, reference: float, peer_values: ArrayLike
) -> Profile:
    """Return the area's value and interval beside the spread of its peers' values.

    `peer_values` holds one value per peer, the area itself left out; peers without a value (not
    published, no denominator) are counted apart and in no quantile. Quartiles are linearly
    interpolated, NaN under four known peers. The verdict is not here: it is `comparison.compare` of
    the interval and the reference.

    Limits: extremes of small areas are mostly chance; where many peers are unknown the spread
    describes the published ones only.

    Source: Hyndman R., Fan Y. (1996), The American Statistician 50, 361-365, definition 7.
    """
    peers = np.asarray(peer_values, dtype=np.float64).ravel()
    known = peers[~np.isnan(peers)]
    minimum, maximum = (known.min(), known.max()) if known.size else (np.nan, np.nan)
    if known.size >= MINIMUM_FOR_QUARTILES:
        first, median, third = np.quantile(known, (0.25, 0.5, 0.75))
    else:
        first = median = third = np.nan
    return Profile(
        float(minimum),
        float(first),
        float(median),
        float(third),
        float(maximum),
        float(reference),
        float(value),
        float(low),
        float(high),
        known.size,
        peers.size - known.size,
    )
