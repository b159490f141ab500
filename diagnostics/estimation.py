"""How many facts a group of communes had when some of them are not published.

For one département, one additive indicator and one year the publisher withholds the count of
each "hidden" commune but gives their mean, so their total R is known to the unit. What is not
known is how R spreads over them. This module shares R out in proportion to the denominator
(inhabitants, or dwellings for burglary) and says how far the truth may be from that share:

1. Communes. Hidden commune i, with denominator d_i, has an expected count
   mu_i = R d_i / sum(d). Its own level of crime is unknown: true means vary around mu_i with a
   coefficient of variation c = `COMMUNE_CV`, counts vary around true means as Poisson, so
   v_i = mu_i + c^2 mu_i^2 (the negative binomial variance).
2. Groups. A group A of hidden communes has mean m = sum(mu_i over A) = R q, where q is its share
   of the hidden denominator, and before the total is known variance V_A = sum(v_i over A).
3. The total is known. If A is high, the other hidden communes B are low: of two independent
   quantities whose sum is fixed, the linear (Gaussian) conditional variance is
   V_A V_B / (V_A + V_B) = V_A (1 - V_A / V_H), H being all hidden communes. With c = 0 this is
   R q (1 - q), the binomial variance; it never is less.
4. Interval. The count of A lies in 0..R: it is given the beta-binomial law on 0..R that has this
   mean and this variance, and the interval is made of its 2.5 % and 97.5 % quantiles.

Shares add up, so the means of the groups of any partition of the hidden communes add up to R.
The dispersion and the display floors were chosen from simulated départements: see
docs/decisions/estimation.md, and `python -m benchmarks calibration` to measure them again.

Limits: a commune is hidden because its counts are small, so the largest hidden communes tend to
have lower rates than the smallest ones, and the rural ones lower rates than the urban ones; this
model knows nothing of it but its dispersion. The Gaussian step ignores that counts are small.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from diagnostics.errors import Refused

COMMUNE_CV = 0.8
"""Coefficient of variation of the communes' true rates around the hidden communes' pooled rate."""

LARGEST_EXACT_TOTAL = 20_000
"""Above this hidden total, quantiles come from the beta law instead of the beta-binomial one."""

MIN_HIDDEN_MEMBERS = 3
"""An estimate over fewer hidden communes would be a figure about one commune or two."""

MIN_COVERAGE = 0.5
"""Least share of a group's residents who live in published communes."""

MAX_RELATIVE_WIDTH = 0.5
"""Largest width of the interval of the total, relative to the total."""

Z_95 = float(special.ndtri(0.975))

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class HiddenEstimate(NamedTuple):
    """Facts recorded in the hidden communes of each group: expected number and 95 % interval."""

    mean: Floats
    low: Floats
    high: Floats


class RateEstimate(NamedTuple):
    """Rate of each group with its 95 % interval."""

    rate: Floats
    low: Floats
    high: Floats


def hidden_total(complement_mean_count: float, hidden_communes: int) -> int:
    """Return R, the number of facts of all hidden communes of a département.

    `complement_mean_count` is SSMSI's `complement_info_nombre`, facts per hidden commune.

    Raises:
        Refused: the mean is missing, not finite or negative, or there is no hidden commune.
    """
    if hidden_communes < 1 or not 0 <= complement_mean_count < np.inf:
        raise Refused(
            f"Le complément publié ({complement_mean_count} faits en moyenne pour "
            f"{hidden_communes} communes non diffusées) ne donne pas de total\u202f: vérifier "
            "complement_info_nombre dans le fichier communal."
        )
    return round(complement_mean_count * hidden_communes)


def estimate_hidden(members: Bools, denominators: Floats, hidden_total: int) -> HiddenEstimate:
    """Share the hidden total of a département out over groups of its hidden communes.

    Args:
        members: (groups, hidden communes), which hidden communes each group holds.
        denominators: (hidden communes,), inhabitants or dwellings.
        hidden_total: facts of all hidden communes together, see `hidden_total`.

    Returns:
        Three (groups,) arrays. A group without hidden commune gets 0 [0, 0], one that holds them
        all gets R [R, R]; bounds are whole numbers.

    Raises:
        Refused: a denominator is missing or negative, all are 0, or the total is negative.
    """
    total_denominator = denominators.sum()
    if hidden_total < 0 or not (np.all(denominators >= 0) and 0 < total_denominator < np.inf):
        raise Refused(
            "Le total des communes non diffusées ne peut pas être réparti\u202f: il faut un total "
            "positif et, pour chacune, un nombre d’habitants ou de logements\u202f; compléter les "
            "dénominateurs du fichier communal."
        )
    expected = hidden_total * denominators / total_denominator
    own_variance = expected + (COMMUNE_CV * expected) ** 2
    share = members @ (denominators / total_denominator)
    group_variance = members @ own_variance
    rest_variance = ~members @ own_variance
    with np.errstate(invalid="ignore"):  # 0 / 0 where the hidden total is 0
        variance = group_variance * rest_variance / own_variance.sum()
    low, high = _beta_binomial_interval(hidden_total, share, variance)
    return HiddenEstimate(hidden_total * share, low, high)


def estimated_rate(
    published: ArrayLike,
    mean: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    denominator: ArrayLike,
    per: float = 1000,
) -> RateEstimate:
    """Return the rate of the estimated total and a 95 % interval of the underlying rate.

    The interval holds two doubts at once: the total would have been another by chance (Poisson),
    and it is not known exactly (the hidden part). It is the gamma interval of a quantity with
    mean y = published + mean and variance v = y + s^2 (Fay & Feuer 1997, Statistics in Medicine
    16:791-801, there for weighted sums of Poisson counts), where s is the standard error of the
    hidden part, read on each side from its own interval: (mean - low) / 1.96 for the lower limit,
    (high - mean) / 1.96 for the upper one. Where nothing is hidden, s = 0 and it is the exact
    (Garwood 1936) Poisson interval.

    All arguments broadcast: counts in facts, `denominator` in inhabitants or dwellings. NaN where
    an argument is NaN or the denominator is 0.
    """
    estimate = np.asarray(mean, dtype=float)
    total = np.asarray(published, dtype=float) + estimate
    below = (estimate - np.asarray(low, dtype=float)) / Z_95
    above = (np.asarray(high, dtype=float) - estimate) / Z_95
    size = np.asarray(denominator, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        unit = np.where(size > 0, per / size, np.nan)
        inflation = 1 + below**2 / total
        lower = np.where(
            total > 0, inflation * special.gammaincinv(total / inflation, 0.025), total
        )
        inflation = 1 + above**2 / (total + 1)
        upper = inflation * special.gammaincinv((total + 1) / inflation, 0.975)
    return RateEstimate(total * unit, lower * unit, upper * unit)


def refusals(
    members: Bools,
    estimate: HiddenEstimate | None,
    published: Floats,
    coverage: Floats,
    totals_agree: bool = True,
    priority: NDArray[np.int64] | None = None,
) -> NDArray[np.str_]:
    """Say why each group's estimate may not be shown.

    Args:
        members: (groups, hidden communes) as given to `estimate_hidden`: all groups of all levels
            that are shown together, all hidden communes of the département.
        estimate: what `estimate_hidden` returned, None where the publisher gives no complement.
        published: (groups,), published facts.
        coverage: (groups,), share 0-1 of residents who live in published communes.
        totals_agree: False where the département's totals contradict one another.
        priority: (groups,), where two groups may not be shown together the one with the lower
            number stays; between equals, the one with more hidden communes.

    Returns:
        (groups,) of '' (may be shown; always so for a group without hidden commune) or the first
        reason that holds: 'complement_absent', 'totaux_incoherents', 'moins_de_3_masquees',
        'couverture', 'imprecision', 'difference'. It does not depend on the order of the groups.
    """
    hidden = members.sum(axis=1)
    if estimate is None:
        return np.where(hidden > 0, "complement_absent", "")
    with np.errstate(invalid="ignore"):  # 0 / 0: no fact at all, nothing imprecise
        width = (estimate.high - estimate.low) / (published + estimate.mean)
    reasons = np.select(
        [
            hidden == 0,
            np.full(len(hidden), not totals_agree),
            hidden < MIN_HIDDEN_MEMBERS,
            coverage < MIN_COVERAGE,
            width > MAX_RELATIVE_WIDTH,
        ],
        ["", "totaux_incoherents", "moins_de_3_masquees", "couverture", "imprecision"],
        "",
    )
    candidates = (reasons == "") & (hidden > 0)
    reasons[candidates] = np.where(
        _reveals_few_communes(
            members[candidates],
            np.zeros(candidates.sum(), dtype=np.int64)
            if priority is None
            else priority[candidates],
        ),
        "difference",
        "",
    )
    return reasons


def _reveals_few_communes(members: Bools, priority: NDArray[np.int64]) -> Bools:
    """Flag the groups whose total would give away a total of one or two hidden communes.

    The département's hidden total is public, so totals can be subtracted: an EPCI minus the
    council inside it, the département minus its other EPCIs... All of these are linear
    combinations of rows of `members` and of the row of ones. Groups are admitted one by one, and
    one is flagged when with it some combination would involve one or two communes only.

    Communes that the same groups hold cannot be told apart, so the work is done on these "atoms".
    With P the projection on what the admitted rows leave undetermined, an atom a is given away
    iff P[a, a] = 0 and a combination of a and b iff P's rows a and b are parallel. Both matter
    for atoms of one commune, only the first for atoms of two.
    """
    flagged = np.zeros(len(members), dtype=np.bool_)
    atoms, sizes = np.unique(members, axis=1, return_counts=True)
    if not flagged.size or sizes.sum() < MIN_HIDDEN_MEMBERS:
        flagged[:] = True
        return flagged
    few = sizes < MIN_HIDDEN_MEMBERS
    single = sizes == 1

    def without(undetermined: Floats, row: Floats) -> Floats:
        rest = undetermined @ row
        norm = rest @ row
        return undetermined - np.outer(rest, rest) / norm if norm > 1e-9 else undetermined

    undetermined = without(np.eye(len(sizes)), np.ones(len(sizes)))
    order = np.lexsort([*members.T[::-1], -members.sum(axis=1), priority])
    for group in order:
        then = without(undetermined, atoms[group].astype(float))
        own = np.diag(then)
        pairs = np.outer(own, own)[np.ix_(single, single)] - then[np.ix_(single, single)] ** 2
        np.fill_diagonal(pairs, 1)
        if (own[few] < 1e-9).any() or (pairs < 1e-9).any():
            flagged[group] = True
        else:
            undetermined = then
    return flagged


def _beta_binomial_interval(total: int, share: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Return the 2.5 % and 97.5 % quantiles on 0..total of laws with mean total x share.

    A beta-binomial has variance n q (1 - q) (1 + (n - 1) rho), rho = 1 / (a + b + 1): a and b
    follow. Quantiles are exact, from cumulated probabilities, up to `LARGEST_EXACT_TOTAL`; beyond,
    total x the beta quantile, rounded outwards (the binomial part of the variance, of relative
    size 1 / (total x rho), is kept by matching the variance).
    """
    low = np.where(share > 0.5, np.round(total * share), 0.0)
    high = low.copy()
    open_ = (share > 0) & (share < 1) & (variance > 0)
    if not open_.any():
        return low, high
    q = share[open_]
    binomial = total * q * (1 - q)
    if total > LARGEST_EXACT_TOTAL:
        precision = total * binomial / variance[open_] - 1
        low[open_] = np.floor(total * special.betaincinv(q * precision, (1 - q) * precision, 0.025))
        high[open_] = np.ceil(total * special.betaincinv(q * precision, (1 - q) * precision, 0.975))
        return low, high
    rho = (variance[open_] / binomial - 1) / max(total - 1, 1)
    precision = 1 / np.clip(rho, 1e-9, 1 - 1e-9) - 1
    a, b = (q * precision)[:, None], ((1 - q) * precision)[:, None]
    k = np.arange(total)
    steps = np.log((total - k) / (k + 1.0)) + np.log((a + k) / (b + (total - 1 - k)))
    log_pmf = np.concatenate([np.zeros((len(q), 1)), np.cumsum(steps, axis=1)], axis=1)
    pmf = np.exp(log_pmf - log_pmf.max(axis=1, keepdims=True))
    cdf = np.cumsum(pmf, axis=1)
    cdf /= cdf[:, -1:]
    low[open_] = (cdf < 0.025).sum(axis=1)
    high[open_] = (cdf < 0.975).sum(axis=1)
    return low, high
