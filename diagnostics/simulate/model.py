"""The true counts: what the simulated communes recorded, before anything is hidden.

The model and the choice of its parameters are told in docs/decisions/simulation.md.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from diagnostics import catalogue
from diagnostics.simulate.geography import Floats, Ints

Counts = npt.NDArray[np.int32]
REFERENCE_YEAR = 2024
AFD_RAMP = {2020: 0.11, 2021: 0.55, 2022: 0.75, 2023: 0.95}  # generalised in September 2020
HORS_AFD, AFD, USAGE = "usage_stupefiants_hors_afd", "usage_stupefiants_afd", "usage_stupefiants"


@dataclass(frozen=True)
class Series:
    """One indicator of the model.

    rate: per 1,000 inhabitants (or dwellings) of the whole département in REFERENCE_YEAR.
    urban_ratio: rate where urbanity is 1 over rate where it is 0.
    spread: standard deviation of the log commune effect. growth: mean yearly change.
    lockdowns: factors of 2020 and 2021. overdispersion: φ, variance = mean + φ mean².
    """

    rate: float
    urban_ratio: float
    spread: float
    growth: float
    lockdowns: tuple[float, float]
    overdispersion: float


SERIES = {
    "violences_intrafamiliales": Series(3.77, 1.6, 0.25, 0.065, (1.00, 1.02), 0.02),
    "violences_hors_cadre_familial": Series(2.47, 2.6, 0.35, 0.02, (0.90, 0.95), 0.015),
    "violences_sexuelles": Series(1.66, 1.3, 0.30, 0.09, (0.97, 1.03), 0.03),
    "vols_avec_armes": Series(0.119, 12.0, 0.50, -0.04, (0.85, 0.92), 0.05),
    "vols_violents_sans_arme": Series(0.558, 18.0, 0.45, -0.08, (0.88, 0.90), 0.03),
    "vols_sans_violence": Series(6.72, 5.0, 0.45, -0.005, (0.78, 0.87), 0.02),
    "cambriolages": Series(6.10, 1.4, 0.35, -0.03, (0.82, 0.80), 0.07),
    "vols_de_vehicule": Series(2.47, 2.0, 0.35, -0.02, (0.87, 0.87), 0.03),
    "vols_dans_vehicules": Series(3.32, 3.0, 0.50, -0.025, (0.83, 0.86), 0.09),
    "vols_accessoires": Series(2.39, 2.2, 0.45, 0.01, (0.78, 0.84), 0.06),
    "degradations": Series(6.94, 1.9, 0.35, -0.02, (0.87, 0.90), 0.03),
    HORS_AFD: Series(1.84, 3.5, 0.70, -0.08, (0.80, 0.85), 0.10),
    AFD: Series(4.44, 8.0, 0.70, 0.02, (1.00, 1.00), 0.12),
    "trafic_stupefiants": Series(0.594, 7.0, 0.60, 0.02, (0.92, 0.97), 0.15),
    "escroqueries": Series(6.00, 1.25, 0.20, 0.06, (1.00, 1.08), 0.015),
}
HOMICIDES = {"homicides": 0.009, "tentatives_homicide": 0.035}  # per 1,000, département only
DOUBLE_COUNTED = 0.004  # share of the "mis en cause" seen in several communes of a département


def communal() -> list[str]:
    """Return the ids of the indicators of the newest communal base, in its order."""
    return [
        key
        for key, indicator in catalogue.indicators().items()
        if indicator.level == "communes" and "2025" in indicator.labels
    ]


def departemental() -> list[str]:
    """Return the ids of the indicators of the département base, in its order."""
    found = [*HOMICIDES, *communal()]
    found.insert(found.index(AFD) + 1, HORS_AFD)
    return found


def draw(communes: pd.DataFrame, years: list[int], rng: np.random.Generator) -> dict[str, Counts]:
    """Draw the true counts of a département: {indicator: (communes, years)}.

    Rate = level × urban_ratio^urbanity × commune effect × growth × lockdowns × year shock, times
    the people (or dwellings) exposed; counts are negative binomial around it. AFD are drawn apart
    from the other uses and added to them, so that they are contained in the whole.
    """
    urbanity = communes["urbanity"].to_numpy()
    shared = rng.standard_normal(len(communes))
    departement_effect = np.exp(rng.normal(0, 0.06))
    found: dict[str, Counts] = {}
    for key, series in SERIES.items():
        exposed = _exposed(communes, key)
        own = 0.4 * shared + np.sqrt(1 - 0.4**2) * rng.standard_normal(len(communes))
        relative = series.urban_ratio**urbanity * np.exp(series.spread * own - series.spread**2 / 2)
        level = series.rate * departement_effect * exposed.sum() / (exposed * relative).sum()
        time = _time(key, series, years) * np.exp(rng.normal(0, 0.025, len(years)))
        mean = (exposed * relative * level / 1000)[:, None] * time
        shape = 1 / series.overdispersion
        found[key] = rng.poisson(mean * rng.gamma(shape, 1 / shape, mean.shape)).astype(np.int32)
    found[USAGE] = found[AFD] + found[HORS_AFD]
    return found


def _exposed(communes: pd.DataFrame, key: str) -> Floats:
    """Return who or what is exposed: dwellings, residents, or everyone who is there."""
    indicator = catalogue.indicators()[key]
    if indicator.denominator == "logements":
        return communes["dwellings"].to_numpy(dtype=float)
    residents = communes["population"].to_numpy(dtype=float)
    at_home = indicator.place == "domicile de la victime" or key == "violences_intrafamiliales"
    return residents if at_home else residents + communes["visitors"].to_numpy()


def _time(key: str, series: Series, years: list[int]) -> Floats:
    since = np.array(years) - REFERENCE_YEAR
    lockdowns = dict(zip((2020, 2021), series.lockdowns, strict=True))
    factor = (1 + series.growth) ** since * np.array([lockdowns.get(y, 1.0) for y in years])
    if key == AFD:
        first = min(AFD_RAMP)
        factor *= [0.0 if y < first else AFD_RAMP.get(y, 1.0) for y in years]
    return np.asarray(factor)


def departement_totals(
    counts: dict[str, Counts], population: Ints, rng: np.random.Generator
) -> dict[str, Ints]:
    """Return the official totals of a département: {indicator: (years,)}.

    Exact sums for what is additive; slightly less for the "mis en cause", because a person seen in
    several communes counts once; usage is AFD plus hors AFD, as published.
    """
    declared = catalogue.indicators()
    totals = {key: values.sum(axis=0, dtype=np.int64) for key, values in counts.items()}
    for key in totals:
        if not declared[key].additive:
            totals[key] = counted_once(totals[key], rng)
    totals[USAGE] = totals[AFD] + totals[HORS_AFD]
    for key, rate in HOMICIDES.items():
        totals[key] = rng.poisson(rate * population / 1000)
    return totals


def counted_once(persons: Ints, rng: np.random.Generator) -> Ints:
    """Return a total of persons over several areas, each counted once."""
    repeated = np.maximum(rng.binomial(persons, DOUBLE_COUNTED), persons > 30)
    return persons - repeated
