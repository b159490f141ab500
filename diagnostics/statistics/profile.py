"""Position of one area among its peers for one indicator. No rank: this is not a league table."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

MINIMUM_FOR_QUARTILES = 5
"""With fewer known peers, quartiles only repeat their values: see `each_peer`."""


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
    interpolated; under `MINIMUM_FOR_QUARTILES` known peers they are not to be shown, but they still
    give the peers back. The verdict is not here: it is `comparison.compare` of the interval and the
    reference.

    Limits: extremes of small areas are mostly chance; where many peers are unknown the spread
    describes the published ones only.

    Source: Hyndman R., Fan Y. (1996), The American Statistician 50, 361-365, definition 7.
    """
    peers = np.asarray(peer_values, dtype=np.float64).ravel()
    known = peers[~np.isnan(peers)]
    spread = np.quantile(known, (0, 0.25, 0.5, 0.75, 1)) if known.size else np.full(5, np.nan)
    minimum, first, median, third, maximum = map(float, spread)
    return Profile(
        minimum,
        first,
        median,
        third,
        maximum,
        float(reference),
        float(value),
        float(low),
        float(high),
        known.size,
        peers.size - known.size,
    )


def each_peer(position: Profile) -> tuple[float, ...]:
    """Return the known peers' values in order where they are too few for quartiles, else nothing.

    Linear interpolation is undone: of four values, the first quartile lies at three quarters of the
    way from the lowest to the second one.
    """
    low, first, median, third, high = position[:5]
    found: dict[int, tuple[float, ...]] = {
        1: (low,),
        2: (low, high),
        3: (low, median, high),
        4: (low, (4 * first - low) / 3, (4 * third - high) / 3, high),
    }
    return found.get(position.peers_known, ())
