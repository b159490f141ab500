"""Most similar areas: nearest neighbours on standardised context variables."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from diagnostics.errors import Refused
from diagnostics.statistics.inputs import FloatArray

METHOD = "distance_euclidienne_standardisee"
# Distances are computed for this many areas at a time: 35,000 communes do not fit at once.
ROWS_AT_A_TIME = 256


def standardise(matrix: ArrayLike) -> FloatArray:
    """Return each column minus its mean, over its standard deviation (divisor n - 1).

    `matrix` has one row per area and one column per variable. Mean and deviation are those of the
    rows without a missing value; a constant column becomes 0, as it tells no area from another.
    NaN stays NaN.
    """
    values = np.asarray(matrix, dtype=np.float64)
    complete = values[~np.isnan(values).any(axis=1)]
    if len(complete) < 2:
        return np.full_like(values, np.nan)
    centred = values - complete.mean(axis=0)
    deviation = complete.std(axis=0, ddof=1)
    varies = np.ptp(complete, axis=0) > 0
    scores: FloatArray = np.where(varies, centred / np.where(varies, deviation, 1), 0 * centred)
    return scores


def nearest(matrix: ArrayLike, codes: Sequence[str], k: int = 5) -> pd.DataFrame:
    """Return the k areas nearest to each, nearest first, one row per pair.

    Columns `code`, `rank` (from 1), `neighbour`, `distance` (standard deviations), `method`.
    Euclidean distance between rows of `standardise(matrix)`, so every variable weighs the same; a
    skewed variable (population, density) is better given as its logarithm. Ties are broken by code
    and the order of the rows does not matter. An area with a missing variable has no neighbours, is
    nobody's neighbour and changes nothing for the others. Fewer than k other complete areas: all of
    them. Refused when codes and rows do not match, a code comes twice, or k is not positive.

    Limits: similar on the variables chosen, not alike in everything; the nearest may still be far,
    so the distance is shown.

    Source: Chartered Institute of Public Finance and Accountancy, Nearest Neighbours model.
    """
    values = np.asarray(matrix, dtype=np.float64)
    if values.ndim != 2 or len(values) != len(codes) or len(set(codes)) != len(codes):
        raise Refused(
            "Les territoires et leurs variables ne correspondent pas un à un : "
            "donner une ligne par territoire et chaque code une seule fois."
        )
    if k < 1:
        raise Refused(f"Le nombre de voisins {k} n’est pas positif : en demander au moins un.")
    order = np.argsort(np.asarray(codes, dtype=str), kind="stable")
    complete = order[~np.isnan(values[order]).any(axis=1)]
    names = np.asarray(codes, dtype=str)[complete]
    scores = standardise(values[complete])
    found = max(min(k, len(complete) - 1), 0)
    neighbours = np.empty((len(complete), found), dtype=np.intp)
    distances = np.empty((len(complete), found))
    for start in range(0, len(complete) if found else 0, ROWS_AT_A_TIME):
        block = slice(start, start + ROWS_AT_A_TIME)
        neighbours[block], distances[block] = _nearest_rows(scores, start, found)
    return pd.DataFrame(
        {
            "code": np.repeat(names, found),
            "rank": np.tile(np.arange(1, found + 1), len(complete)),
            "neighbour": names[neighbours.ravel()],
            "distance": distances.ravel(),
            "method": METHOD,
        }
    ).astype({"code": "str", "neighbour": "str", "method": "str"})


def _nearest_rows(scores: FloatArray, start: int, k: int) -> tuple[np.ndarray, FloatArray]:
    """Return the k nearest rows, and their distances, of each row of one block."""
    block = scores[start : start + ROWS_AT_A_TIME]
    squared = np.zeros((len(block), len(scores)))
    # Plain differences: the form a² + b² - 2ab would break the ties between identical areas.
    for variable in range(scores.shape[1]):
        squared += (block[:, variable, None] - scores[None, :, variable]) ** 2
    squared[np.arange(len(block)), start + np.arange(len(block))] = np.inf
    farthest = np.partition(squared, k - 1, axis=1)[:, k - 1, None]
    row, column = np.nonzero(squared <= farthest)
    distance = np.sqrt(squared[row, column])
    # By row, then distance; the sort is stable, so ties stay in the order of codes.
    ranked = np.lexsort((distance, row))
    place = np.arange(len(ranked)) - np.searchsorted(row[ranked], row[ranked])
    kept = ranked[place < k]
    return column[kept].reshape(len(block), k), distance[kept].reshape(len(block), k)
