"""Does the 95 % interval of a territory's total hold the truth 95 times out of 100?

Départements whose true counts are known are drawn, the diffusion rule hides what it would hide,
and the estimate of `diagnostics.estimation` is compared with the truth. Nothing here is shared
with the estimator but its public functions: the generator knows of populations, crime clusters,
year shocks and over-dispersion of which the estimator is told nothing.
"""

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from diagnostics import estimation

RATES_PER_1000 = {
    "rare (0,15\u202f‰)": 0.15,
    "moyen (2\u202f‰)": 2.0,
    "fréquent (10\u202f‰)": 10.0,
}
YEARS = 10
# What differs between communes and between years, drawn anew for each series.
COMMUNE_CV = (0.2, 1.0)
URBAN_EXPONENT = (0.0, 0.8)
OVERDISPERSION = (0.0, 0.3)
YEAR_SHOCK = (0.0, 0.15)
TREND = (-0.05, 0.05)
COVERAGE_BANDS = [0, 0.3, 0.5, 0.7, 0.9, 1]
WHOLE = "ensemble"

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Departement(NamedTuple):
    """Communes and the groups they form; positions are only used to make both."""

    population: Floats  # (communes,)
    position: Floats  # (communes, 2), in a unit square
    groups: Bools  # (groups, communes)


class Series(NamedTuple):
    """One indicator over all communes and years, with the truth that nobody publishes."""

    mean: Floats  # (years, communes), what the counts are Poisson draws of
    facts: Counts  # (years, communes)


def published_cells(facts: Counts) -> Bools:
    """Apply the diffusion rule as observed to (years, communes) counts of facts.

    Year N is published iff years N, N-1 and N-2 are all 5 or more, or all 0; the first two years
    follow the third.
    """
    windows = np.stack([facts[2:], facts[1:-1], facts[:-2]])
    verdict = (windows >= 5).all(axis=0) | (windows == 0).all(axis=0)
    return np.concatenate([verdict[:1], verdict[:1], verdict])


def draw_departement(rng: np.random.Generator) -> Departement:
    """Draw 50 to 800 communes, log-normal populations with towns and suburbs, and their groups.

    Groups are a partition into EPCI (15 communes on average), another into arrondissements,
    councils inside EPCI (a third to nine tenths of their communes, largest first or at random)
    and 20 rounds of 5 to 60 neighbours around a random commune.
    """
    communes = round(np.exp(rng.uniform(np.log(50), np.log(800))))
    position = rng.random((communes, 2))
    suburb = rng.normal(size=max(3, communes // 25))[_nearest(rng, position, communes // 25)]
    spread = rng.uniform(0.9, 1.4)
    population = np.exp(
        np.log(rng.uniform(350, 1500))
        + spread * (np.sqrt(0.7) * rng.normal(size=communes) + np.sqrt(0.3) * suburb)
    )
    population = np.round(np.maximum(population, 20))

    epci = _one_hot(_nearest(rng, position, communes // 15))
    arrondissements = _one_hot(_nearest(rng, position, 4))
    councils = []
    for members in epci:
        own = np.flatnonzero(members)
        kept = own[np.argsort(-population[own])] if rng.random() < 0.5 else rng.permutation(own)
        council = np.zeros(communes, dtype=np.bool_)
        council[kept[: max(3, round(len(own) * rng.uniform(0.33, 0.9)))]] = True
        councils.append(council)
    rounds = np.zeros((20, communes), dtype=np.bool_)
    for one in rounds:
        distance = ((position - position[rng.integers(communes)]) ** 2).sum(axis=1)
        one[np.argsort(distance)[: rng.integers(5, min(61, communes // 2 + 6))]] = True
    return Departement(
        population, position, np.concatenate([epci, arrondissements, np.array(councils), rounds])
    )


def draw_series(rng: np.random.Generator, departement: Departement, per_1000: float) -> Series:
    """Draw ten years of one indicator whose pooled rate is `per_1000`.

    Rates grow as a power (`URBAN_EXPONENT`) of population; communes vary by `COMMUNE_CV`, up to
    half of its log-variance by clusters that follow no group; years vary by `TREND`, by a common
    shock and by a shock of each cluster (`YEAR_SHOCK`, standard deviations of the logarithm);
    counts are negative binomial, variance mean + `OVERDISPERSION` mean^2, drawn as Poisson counts
    around `mean`.
    """
    population, position, _ = departement
    communes = len(population)
    variance = np.log1p(rng.uniform(*COMMUNE_CV) ** 2)
    clustered = rng.uniform(0, 0.5)
    cluster = _nearest(rng, position, max(3, communes // 30))
    log_rate = (
        rng.uniform(*URBAN_EXPONENT) * np.log(population)
        + np.sqrt(variance * (1 - clustered)) * rng.normal(size=communes)
        + np.sqrt(variance * clustered) * rng.normal(size=cluster.max() + 1)[cluster]
    )
    years = np.arange(YEARS)[:, None]
    log_rate = (
        log_rate
        + rng.uniform(*TREND) * years
        + rng.uniform(*YEAR_SHOCK) * rng.normal(size=(YEARS, 1))
        + rng.uniform(*YEAR_SHOCK) * rng.normal(size=(YEARS, cluster.max() + 1))[:, cluster]
    )
    mean = population * np.exp(log_rate)
    mean *= per_1000 / 1000 * YEARS * population.sum() / mean.sum()
    phi = rng.uniform(*OVERDISPERSION)
    mean = mean * rng.gamma(1 / phi, phi, size=mean.shape)
    return Series(mean, rng.poisson(mean))


def territory_years(departement: Departement, series: Series) -> Iterator[pd.DataFrame]:
    """Yield, year by year, one row per group with three hidden communes or more.

    Columns: truth, published, mean, low, high (facts), hidden_members, hidden_total, coverage (of
    population),
    true_rate, rate, rate_low, rate_high (per 1000), shown (passes every rule of display).
    """
    population, _, groups = departement
    residents = groups @ population
    for mean, count, published in zip(
        series.mean, series.facts, published_cells(series.facts), strict=True
    ):
        hidden = ~published
        if not hidden.any():
            continue
        total = estimation.hidden_total(float(count[hidden].mean()), int(hidden.sum()))
        members = groups[:, hidden]
        dispersion = estimation.commune_dispersion(
            count[published].astype(float), population[published], total, population[hidden].sum()
        )
        estimate = estimation.estimate_hidden(members, population[hidden], total, dispersion)
        known = groups[:, published] @ count[published].astype(float)
        coverage = groups[:, published] @ population[published] / residents
        rate = estimation.estimated_rate(known, *estimate, residents)
        reason = estimation.refusals(members, estimate, known, coverage)
        frame = pd.DataFrame(
            {
                "truth": groups @ count,
                "published": known,
                "mean": estimate.mean,
                "low": estimate.low,
                "high": estimate.high,
                "hidden_members": members.sum(axis=1),
                "hidden_total": total,
                "coverage": coverage,
                "true_rate": 1000 * (groups @ mean) / residents,
                "rate": rate.rate,
                "rate_low": rate.low,
                "rate_high": rate.high,
                "shown": reason == "",
            }
        )
        yield frame[members.sum(axis=1) >= estimation.MIN_HIDDEN_MEMBERS]


def draws(departements: int, seed: int) -> pd.DataFrame:
    """Return the rows of `territory_years` for many départements and the three types."""
    frames = []
    for child in np.random.SeedSequence(seed).spawn(departements):
        rng = np.random.default_rng(child)
        departement = draw_departement(rng)
        for kind, per_1000 in RATES_PER_1000.items():
            series = draw_series(rng, departement, per_1000)
            frames += [frame.assign(kind=kind) for frame in territory_years(departement, series)]
    return pd.concat(frames, ignore_index=True)


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the calibration table: one row per type and coverage band, and their totals.

    Columns are in French, for the reader of the method page; percentages unless said:
    territoires_annees (number), verite_dans_intervalle, the same where the truth is 20 facts or
    more, biais_part_masquee (of the sum of hidden parts), erreur_mediane (of the total),
    largeur_mediane (of the interval, relative to the total), largeur_mediane_bornes_naives
    (published .. published + all that is hidden in the département), taux_dans_intervalle (of the
    underlying rate), affiches (may be shown), affiches_dans_intervalle.
    """
    low, total, high = (rows["published"] + rows[name] for name in ("low", "mean", "high"))
    truth = rows["truth"].where(rows["truth"] > 0)
    inside = (low <= rows["truth"]) & (rows["truth"] <= high)
    cells = pd.DataFrame(
        {
            "kind": rows["kind"],
            "band": _band(rows["coverage"]),
            "inside": inside,
            "inside_20": inside.where(rows["truth"] >= 20),
            "hidden": rows["truth"] - rows["published"],
            "mean": rows["mean"],
            "error": (total - truth).abs() / truth,
            "width": (high - low) / total,
            "naive_width": rows["hidden_total"] / total,
            "rate_inside": rows["true_rate"].between(rows["rate_low"], rows["rate_high"]),
            "shown": rows["shown"],
            "shown_inside": inside.where(rows["shown"]),
        }
    )
    keys = ["kind", "band"]
    everywhere = [
        cells,
        cells.assign(band=WHOLE),
        cells.assign(kind=WHOLE),
        cells.assign(kind=WHOLE, band=WHOLE),
    ]
    by_cell = pd.concat(everywhere).groupby(keys, sort=False)
    mean, median, sums = (
        by_cell[["inside", "inside_20", "rate_inside", "shown", "shown_inside"]].agg(_percent),
        100 * by_cell[["error", "width", "naive_width"]].median(),
        by_cell[["hidden", "mean"]].sum(),
    )
    table = pd.DataFrame(
        {
            "territoires_annees": by_cell.size(),
            "verite_dans_intervalle": mean["inside"],
            "verite_20_et_plus_dans_intervalle": mean["inside_20"],
            "biais_part_masquee": 100 * (sums["mean"] / sums["hidden"] - 1),
            "erreur_mediane": median["error"],
            "largeur_mediane": median["width"],
            "largeur_mediane_bornes_naives": median["naive_width"],
            "taux_dans_intervalle": mean["rate_inside"],
            "affiches": mean["shown"],
            "affiches_dans_intervalle": mean["shown_inside"],
        }
    )
    order = pd.MultiIndex.from_product(
        [[*RATES_PER_1000, WHOLE], [*_band(pd.Series(COVERAGE_BANDS[:-1])), WHOLE]],
        names=["type_indicateur", "couverture_population"],
    )
    return table.reindex(order).dropna(subset="territoires_annees").round(1).reset_index()


def _percent(values: pd.Series) -> float:
    return 100 * float(values.astype(float).mean())


def _band(coverage: pd.Series) -> pd.Series:
    names = [
        f"{100 * low:.0f}–{100 * high:.0f}\u202f%"
        for low, high in itertools.pairwise(COVERAGE_BANDS)
    ]
    cut = pd.cut(coverage, [*COVERAGE_BANDS[:-1], np.inf], labels=names, right=False)
    return cut.astype("str")


def _nearest(rng: np.random.Generator, position: Floats, seeds: int) -> Counts:
    """Return, for each commune, which of some random centres is nearest (all of them used)."""
    centres = rng.random((max(3, seeds), 2))
    distance = ((position[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
    return np.unique(distance.argmin(axis=1), return_inverse=True)[1]


def _one_hot(label: Counts) -> Bools:
    one_hot: Bools = np.arange(label.max() + 1)[:, None] == label
    return one_hot
