"""How many facts a group of communes had when some of them are not published.

For one département, one additive indicator and one year the publisher withholds the count of
each "hidden" commune but gives their mean, so their total R is known to the unit. What is not
known is how R spreads over them. This module shares R out in proportion to the denominator
(inhabitants, or dwellings for burglary) and says how far the truth may be from that share:

1. Communes. Hidden commune i, with denominator d_i, has an expected count
   mu_i = R d_i / sum(d). Its own level of crime is unknown: true means vary around mu_i with a
   squared coefficient of variation k, the dispersion, and counts vary around true means as
   Poisson, so v_i = mu_i + k mu_i^2 (the negative binomial variance).
2. Groups. A group A of hidden communes has mean m = sum(mu_i over A) = R q, where q is its share
   of the hidden denominator, and before the total is known variance V_A = sum(v_i over A).
3. The total is known. If A is high, the other hidden communes B are low: of two independent
   quantities whose sum is fixed, the linear (Gaussian) conditional variance is
   V_A V_B / (V_A + V_B) = V_A (1 - V_A / V_H), H being all hidden communes. With k = 0 this is
   R q (1 - q), the binomial variance; it never is less.
4. Interval. The count of A lies in 0..R: it is given the beta-binomial law on 0..R that has this
   mean and this variance, and the interval is made of its 2.5 % and 97.5 % quantiles.

Shares add up, so the means of the groups of any partition of the hidden communes add up to R.
The dispersion is read on the large published communes and drawn towards a default. Its constants
and the display floors were chosen from simulated départements: see docs/decisions/estimation.md,
and `python -m benchmarks calibration` to measure them again.

Limits: a commune is hidden because its counts are small, so the largest hidden communes tend to
have lower rates than the smallest ones, and rural ones lower rates than urban ones; the model
knows nothing of it but its dispersion. The Gaussian step ignores that counts are small.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from diagnostics.errors import Refused

DEFAULT_DISPERSION = 0.64
"""Squared coefficient of variation between communes where too few are published to measure it."""

DEFAULT_WEIGHT = 5
"""Number of large published communes that the default weighs as much as."""

LARGE_COUNT = 8
"""Expected facts from which a commune is large: published nearly whatever its own rate."""

HIDDEN_TO_PUBLISHED_DISPERSION = 1.8
"""Ratio of the dispersion that groups of hidden communes show to that of large published ones:
small communes vary more, neighbours resemble each other, and low large communes are hidden."""

MIN_HIDDEN_MEMBERS = 3
"""An estimate over fewer hidden communes would be a figure about one commune or two."""

MIN_COVERAGE = 0.3
"""Least share of a group's residents who live in published communes."""

MAX_RELATIVE_WIDTH = 0.5
"""Largest width of the interval of the total, relative to the total."""

LARGEST_EXACT_TOTAL = 20_000
"""Above this hidden total, quantiles come from the beta law instead of the beta-binomial one."""

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


def totals_agree(
    hidden_total: int,
    hidden_communes: int,
    hidden_denominator: float,
    complement_rate_per_1000: float,
    published: float,
    published_denominator: float,
    official_total: float | None = None,
) -> bool:
    """Say whether what is known of one (indicator, year) of a département holds together.

    `published` and `published_denominator` are sums over the communes published with one fact or
    more. `official_total` is the département's figure in the same edition, None where there is
    none. False where one of these is broken (the limits lie beyond anything seen in the 1,352
    complements of France in 2024 or in simulation, so they only catch wrong data):

    - complement rate x hidden denominator is R, and published + R the official total, each within
      1 fact and 1 %;
    - a hidden commune failed the three-year test: no more than 20 facts on average (seen: 15.8),
      and, over 30 communes or more, no less than one in ten (seen: 0.41);
    - the pooled rate of the hidden communes is no more than 5 times that of the published ones
      (seen: 3.8), although only the highest counts are published.
    """
    by_rate = complement_rate_per_1000 * hidden_denominator / 1000
    total = hidden_total + published
    return bool(
        abs(by_rate - hidden_total) <= 1 + 0.01 * hidden_total
        and (official_total is None or abs(official_total - total) <= 1 + 0.01 * total)
        and hidden_total <= 20 * hidden_communes
        and (hidden_communes < 30 or hidden_total >= 0.1 * hidden_communes)
        and (
            published == 0
            or hidden_total * published_denominator <= 5 * published * hidden_denominator
        )
    )


def commune_dispersion(
    published: Floats, denominators: Floats, hidden_total: int, hidden_denominator: float
) -> float:
    """Return k, how much communes' rates vary, from the large published communes.

    A commune is large where `LARGE_COUNT` facts or more are expected at the département's own
    rate. Over these n communes, k is the mean of (y_i / mu_i - 1)^2 - 1 / mu_i, the moment
    estimate of the negative binomial dispersion, where mu_i shares their facts out by denominator
    and a single commune may not weigh more than 6. It is scaled to hidden communes and averaged
    with the default as if the latter were `DEFAULT_WEIGHT` communes.

    Args:
        published: (published communes,), counts, zeros included.
        denominators: (published communes,), inhabitants or dwellings.
        hidden_total: facts of all hidden communes together.
        hidden_denominator: their inhabitants or dwellings together.
    """
    rate = (published.sum() + hidden_total) / (denominators.sum() + hidden_denominator)
    large = denominators * rate >= LARGE_COUNT
    count = int(large.sum())
    if count < 3 or not published[large].any():
        return DEFAULT_DISPERSION
    expected = denominators[large] * published[large].sum() / denominators[large].sum()
    excess = np.minimum((published[large] / expected - 1) ** 2, 6) - 1 / expected
    measured = HIDDEN_TO_PUBLISHED_DISPERSION * max(excess.sum(), 0)
    return float((measured + DEFAULT_WEIGHT * DEFAULT_DISPERSION) / (count + DEFAULT_WEIGHT))


def estimate_hidden(
    members: Bools,
    denominators: Floats,
    hidden_total: int,
    dispersion: float = DEFAULT_DISPERSION,
) -> HiddenEstimate:
    """Share the hidden total of a département out over groups of its hidden communes.

    Args:
        members: (groups, hidden communes), which hidden communes each group holds.
        denominators: (hidden communes,), inhabitants or dwellings.
        hidden_total: facts of all hidden communes together, see `hidden_total`.
        dispersion: squared coefficient of variation of communes, see `commune_dispersion`.

    Returns:
        Three (groups,) arrays. A group without hidden commune gets 0 [0, 0], one that holds them
        all gets R [R, R]; bounds are whole numbers, and the mean always lies between them (it
        would not where the group most probably has no fact at all).

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
    own_variance = expected + dispersion * expected**2
    share = members @ (denominators / total_denominator)
    group_variance = members @ own_variance
    rest_variance = ~members @ own_variance
    with np.errstate(invalid="ignore"):  # 0 / 0 where the hidden total is 0
        variance = group_variance * rest_variance / own_variance.sum()
    low, high = _beta_binomial_interval(hidden_total, share, variance)
    mean = np.where(rest_variance > 0, hidden_total * share, low)
    return HiddenEstimate(mean, np.minimum(low, np.floor(mean)), np.maximum(high, np.ceil(mean)))


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
    summed: Bools | None = None,
) -> NDArray[np.str_]:
    """Say why each group's estimate may not be shown.

    Args:
        members: (groups, hidden communes) as given to `estimate_hidden`: all groups of all levels
            that are shown together, all hidden communes of the département.
        estimate: what `estimate_hidden` returned, None where the publisher gives no complement.
        published: (groups,), published facts.
        coverage: (groups,), share 0-1 of residents who live in published communes.
        totals_agree: see the function of that name.
        priority: (groups,), where two groups may not be shown together the one with the lower
            number stays; between equals, the one with more hidden communes.
        summed: (groups,), totals that are only shown added to others: the sum is what must be
            covered and precise (`below_floors`), all that gives communes away is looked at here.

    Returns:
        (groups,) of '' (may be shown; always so for a group without hidden commune) or the first
        reason that holds: 'complement_absent', 'totaux_incoherents', 'moins_de_3_masquees',
        'couverture', 'imprecision', 'difference'. It does not depend on the order of the groups.
    """
    hidden = members.sum(axis=1)
    if estimate is None:
        return np.where(hidden > 0, "complement_absent", "")
    total, low, high = (published + each for each in estimate)
    floors = below_floors(total, low, high, coverage)
    reasons = np.select(
        [
            hidden == 0,
            np.full(len(hidden), not totals_agree),
            hidden < MIN_HIDDEN_MEMBERS,
        ],
        ["", "totaux_incoherents", "moins_de_3_masquees"],
        floors if summed is None else np.where(summed, "", floors),
    )
    candidates = np.flatnonzero((reasons == "") & (hidden > 0))
    ranks = np.zeros(len(hidden), dtype=np.int64) if priority is None else priority
    revealing = _reveals_few_communes(members[candidates], ranks[candidates])
    reasons[candidates[revealing]] = "difference"
    return reasons


def below_floors(total: Floats, low: Floats, high: Floats, coverage: Floats) -> NDArray[np.str_]:
    """Say which estimated totals are too uncertain to be shown: '', 'couverture', 'imprecision'.

    `coverage`: share 0-1 of residents who live in published communes.
    """
    with np.errstate(invalid="ignore"):  # 0 / 0: no fact at all, nothing imprecise
        width = (high - low) / total
    return np.select(
        [coverage < MIN_COVERAGE, width > MAX_RELATIVE_WIDTH], ["couverture", "imprecision"], ""
    )


def _reveals_few_communes(members: Bools, priority: NDArray[np.int64]) -> Bools:
    """Flag the groups whose total would give away a total of one or two hidden communes.

    The département's hidden total is public, so totals can be subtracted: an EPCI minus the
    council inside it, the département minus its other EPCI... All of these are linear
    combinations of rows of `members` and of a row of ones. Groups are admitted one by one, and
    one is flagged when with it some combination would involve one or two communes only.

    Communes that the same groups hold cannot be told apart, so the work is done on these "atoms".
    With P the projection on what the admitted rows leave undetermined, an atom a is given away
    iff P[a, a] = 0, and a combination of a and b iff the rows a and b of P are parallel. Both
    matter for atoms of one commune, the first only for atoms of two.

    Limits: what can be had from other years, from the intervals or from the diffusion rule itself
    is not looked at, nor two free perimeters asked one after the other.
    """
    flagged = np.zeros(len(members), dtype=np.bool_)
    atoms, sizes = np.unique(members, axis=1, return_counts=True)
    few = np.flatnonzero(sizes < MIN_HIDDEN_MEMBERS)
    single = np.ix_(*2 * [np.flatnonzero(sizes == 1)])

    def given_the_total_of(row: Floats, undetermined: Floats) -> Floats:
        rest = undetermined @ row
        norm = rest @ row
        return undetermined - np.outer(rest, rest) / norm if norm > 1e-9 else undetermined

    undetermined = given_the_total_of(np.ones(len(sizes)), np.eye(len(sizes)))
    for group in np.lexsort([*members.T, -members.sum(axis=1), priority]):
        left = given_the_total_of(atoms[group].astype(float), undetermined)
        own = left.diagonal()
        parallel = own * own[:, None] - left**2 < 1e-9
        if (own[few] < 1e-9).any() or np.triu(parallel[single], 1).any():
            flagged[group] = True
        else:
            undetermined = left
    return flagged


def _beta_binomial_interval(total: int, share: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Return the 2.5 % and 97.5 % quantiles on 0..total of laws with mean total x share.

    A beta-binomial has variance n q (1 - q) (1 + (n - 1) rho), rho = 1 / (a + b + 1): a and b
    follow. Quantiles are exact, from cumulated probabilities, up to `LARGEST_EXACT_TOTAL`. Beyond,
    they are total x the quantiles of the beta law with the same mean and variance, rounded
    outwards.
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
    log_ratios = np.log((total - k) / (k + 1.0)) + np.log((a + k) / (b + (total - 1 - k)))
    log_pmf = np.cumsum(np.insert(log_ratios, 0, 0.0, axis=1), axis=1)
    cdf = np.cumsum(np.exp(log_pmf - log_pmf.max(axis=1, keepdims=True)), axis=1)
    cdf /= cdf[:, -1:]
    low[open_] = (cdf < 0.025).sum(axis=1)
    high[open_] = (cdf < 0.975).sum(axis=1)
    return low, high
