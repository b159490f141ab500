"""The fictional land: its communes, who lives there, how it is administered."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.cluster.vq import kmeans2
from scipy.special import expit, ndtri

from diagnostics.simulate import geography, names
from diagnostics.simulate.geography import Floats, Ints
from diagnostics.wording import of_name

REGION_CODE = "00"
_COMMUNES_PER_EPCI = 20
_COMMUNES_PER_ARRONDISSEMENT = 40
# Density grid of INSEE: code -> label, verbatim.
DENSITY = {
    1: "Grands centres urbains",
    2: "Centres urbains intermédiaires",
    3: "Petites villes",
    4: "Ceintures urbaines",
    5: "Bourgs ruraux",
    6: "Rural à habitat dispersé",
    7: "Rural à habitat très dispersé",
}


@dataclass(frozen=True)
class Land:
    """What is simulated.

    communes: one row per commune, sorted by code_insee: code_insee, name, departement,
        arrondissement, code_epci, population (of the newest census), dwellings, growth (yearly),
        urbanity (0–1), visitors (people there who do not live there), density (1–7), qpv (count)
        and the context (shares 0–1, income in euros).
    foreigners: communes of a neighbouring département that is not simulated, in an EPCI that is.
    epci: code_epci, name, type. arrondissements: code, name, departement, seat.
    departements: code, name, seat.
    rings: outline of each commune (longitude, latitude), in the order of `communes`.
    neighbours: pairs of positions in `communes`.
    straddling: code_epci of the EPCI that crosses the border of the first département.
    """

    communes: pd.DataFrame
    foreigners: pd.DataFrame
    epci: pd.DataFrame
    arrondissements: pd.DataFrame
    departements: pd.DataFrame
    rings: list[Floats]
    neighbours: Ints
    main_town: str
    merged: str
    absorbed: str
    airport: str
    deserted: str
    straddling: str


def rows(frame: pd.DataFrame) -> Iterator[Any]:
    """Yield the rows of a frame as named tuples."""
    return frame.itertuples(index=False)


def departement_codes(count: int) -> list[str]:
    """Return 00, then letter + digit: no real département has such a code."""
    letters = [f"{letter}{digit}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" for digit in range(10)]
    return ["00", *letters][:count]


def populate(count: int, rng: np.random.Generator) -> Land:
    """Invent a land of `count` communes."""
    tiling = geography.tile(count, rng)
    codes = departement_codes(int(tiling.departement.max()) + 1)
    taken = {names.MAIN_TOWN, names.LONG_NAME, names.MERGED, names.ABSORBED}
    taken |= {names.AIRPORT, names.DESERTED}
    parts = []
    for number, code in enumerate(codes):
        members = np.flatnonzero(tiling.departement == number)
        river = names.RIVER if number == 0 else names.stem(rng)
        part = _peopled(tiling.sites[members], tiling.area_km2[members], rng)
        part = part.sort_values("population", ascending=False)
        part["name"] = names.commune_names(len(members), river, taken, rng)
        part["departement"], part["site"] = code, members[part.index]
        if number == 0:
            _place_special_communes(part)
        parts.append(_coded(part, code))
    communes = pd.concat(parts, ignore_index=True).sort_values("code_insee", ignore_index=True)
    position = np.empty(count, dtype=np.int64)
    position[communes["site"]] = np.arange(count)
    neighbours = position[tiling.neighbours]
    _gather(communes, tiling.sites[communes["site"]], rng)
    straddling, foreigners = _straddle(communes, neighbours, taken, rng)
    arrondissements = _arrondissements(communes, tiling.sites[communes["site"]], rng)
    _context(communes, rng)
    special = communes.set_index("name")["code_insee"]
    seats = communes.sort_values("population").groupby("departement", observed=True).tail(1)
    departement_names = [names.LAND] + [
        f"Val {of_name(names.stem(rng))} (simulé)".replace("’", "'") for _ in codes[1:]
    ]
    seat_of = seats.set_index("departement")["code_insee"]
    return Land(
        communes=communes.drop(columns="site"),
        foreigners=foreigners,
        epci=_intercommunalities(communes),
        arrondissements=arrondissements,
        departements=pd.DataFrame(
            {"code": codes, "name": departement_names, "seat": [seat_of[c] for c in codes]}
        ),
        rings=[tiling.rings[site] for site in communes["site"]],
        neighbours=neighbours,
        main_town=special[names.MAIN_TOWN],
        merged=special[names.MERGED],
        absorbed=_absorbed_code(communes),
        airport=special[names.AIRPORT],
        deserted=special[names.DESERTED],
        straddling=straddling,
    )


def _peopled(sites: Floats, area_km2: Floats, rng: np.random.Generator) -> pd.DataFrame:
    """Give each site a population: lognormal in two pieces, one or two main towns, the larger
    communes nearer to them (quartiles and deciles of Seine-et-Marne, see the decision page)."""
    count = len(sites)
    radius = np.sqrt(area_km2.sum() / np.pi)
    centre = sites.mean(axis=0)
    from_centre = np.hypot(*(sites - centre).T)
    main = int(np.argmin(from_centre))
    second = int(np.argmin(np.abs(from_centre - 0.62 * radius) + rng.uniform(0, 0.2, count)))
    to_second = np.hypot(*(sites - sites[second]).T)
    closeness = np.maximum(
        np.exp(-((from_centre / (0.42 * radius)) ** 2) / 2),
        0.7 * np.exp(-((to_second / (0.22 * radius)) ** 2) / 2),
    )
    # One normal score per slice of equal probability: the shape hardly depends on the seed.
    score = ndtri((np.arange(count) + rng.uniform(0.05, 0.95, count)) / count)
    sizes = 848 * np.exp(np.where(score < 0, 1.05, 1.5) * score)
    place = np.argsort(2.2 * closeness + rng.standard_normal(count))
    population = np.empty(count)
    population[place] = sizes
    population[main] = max(46_000, 1.3 * sizes[-1])
    population[second] = max(14_000, 0.45 * population[main])
    size = np.clip(np.log(np.maximum(population, 1) / 250) / np.log(40_000 / 250), 0, 1)
    secondary = np.where(rng.random(count) < 0.06, rng.uniform(0.2, 0.5, count), 0.0)
    secondary = np.where(size < 0.45, secondary, 0) + rng.beta(1.3, 24, count)
    return pd.DataFrame(
        {
            "population": population.round().astype(np.int64),
            "urbanity": np.clip(0.75 * size + 0.3 * closeness, 0, 1),
            "closeness": closeness,
            "visitors": 0,
            "secondary_homes": secondary,
            "dwellings": (population * np.clip(rng.normal(0.43, 0.03, count), 0.3, 0.6))
            / (1 - secondary),
            "growth": rng.normal(0.004, 0.007, count),
            "area_km2": area_km2,
        }
    ).assign(dwellings=lambda f: f["dwellings"].round().astype(np.int64))


def _place_special_communes(part: pd.DataFrame) -> None:
    """Give the first département its main town, airport, deserted, merged and long-named ones."""
    by_size = part.sort_values("population", ascending=False).index
    part.loc[by_size[0], "name"] = names.MAIN_TOWN
    rest = by_size[1:]
    deserted = rest[-1]
    part.loc[deserted, ["population", "dwellings", "visitors"]] = [0, 0, 25]
    part.loc[deserted, "name"] = names.DESERTED
    candidates = part.loc[rest[:-1]]
    airport = candidates.index[int((candidates["closeness"] - 0.5).abs().argmin())]
    part.loc[airport, ["population", "dwellings", "visitors"]] = [1_030, 450, 14_000]
    part.loc[airport, ["urbanity", "secondary_homes"]] = [0.8, 0.01]
    part.loc[airport, "name"] = names.AIRPORT
    left = candidates.index[candidates.index != airport]
    merged = left[len(left) // 4]
    part.loc[merged, "name"] = names.MERGED
    part.loc[left[left != merged][-1], "name"] = names.LONG_NAME


def _coded(part: pd.DataFrame, departement: str) -> pd.DataFrame:
    """Number the communes by name, as the COG does; the absorbed commune leaves its number."""
    listed = list(part["name"])
    if departement == "00":
        listed.append(names.ABSORBED)
    order = sorted(listed, key=names.sort_key)
    codes = {name: f"{departement}{number:03d}" for number, name in enumerate(order, start=1)}
    return part.assign(code_insee=part["name"].map(codes))


def _absorbed_code(communes: pd.DataFrame) -> str:
    used = set(communes.loc[communes["departement"] == "00", "code_insee"])
    return next(c for c in (f"00{n:03d}" for n in range(1, 1000)) if c not in used)


def _gather(communes: pd.DataFrame, sites: Floats, rng: np.random.Generator) -> None:
    """Gather neighbouring communes of each département in EPCI."""
    communes["code_epci"] = ""
    number = 0
    for _, members in communes.groupby("departement", observed=True).indices.items():
        groups = _clusters(sites[members], max(2, round(len(members) / _COMMUNES_PER_EPCI)), rng)
        for group in range(int(groups.max()) + 1):
            number += 1
            # The SIREN of an EPCI starts with 20 or 24: these are nobody's.
            communes.loc[members[groups == group], "code_epci"] = f"99{number:07d}"


def _clusters(sites: Floats, count: int, rng: np.random.Generator) -> Ints:
    """Return the group of each site, numbered without gap (k-means on the plane)."""
    if count == 1:
        return np.zeros(len(sites), dtype=np.int64)
    start = sites[np.linspace(0, len(sites) - 1, count).astype(int)]
    start = start + rng.normal(0, 0.01, start.shape)
    _, labels = kmeans2(sites, start, iter=25, minit="matrix", missing="warn")
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def _straddle(
    communes: pd.DataFrame, neighbours: Ints, taken: set[str], rng: np.random.Generator
) -> tuple[str, pd.DataFrame]:
    """Let one EPCI of the first département take three communes beyond the border."""
    departement = communes["departement"].to_numpy()
    epci = communes["code_epci"].to_numpy()
    capital = epci[int(communes.loc[departement == "00", "population"].idxmax())]
    both = np.vstack([neighbours, neighbours[:, ::-1]])
    crossing = both[(departement[both[:, 0]] == "00") & (departement[both[:, 1]] != "00")]
    crossing = crossing[epci[crossing[:, 0]] != capital]
    columns = ["code_insee", "name", "departement", "arrondissement", "code_epci", "population"]
    if len(crossing):
        chosen = epci[crossing[0, 0]]
        beyond = crossing[epci[crossing[:, 0]] == chosen, 1]
        beyond = beyond[departement[beyond] == departement[beyond[0]]]
        communes.loc[np.unique(beyond)[:3], "code_epci"] = chosen
        return chosen, pd.DataFrame(columns=columns)
    farthest = communes.loc[epci != capital].groupby("code_epci")["closeness"].mean()
    chosen = str(farthest.idxmin())
    neighbour = departement_codes(2)[1]
    foreigners = pd.DataFrame(
        {
            "code_insee": [f"{neighbour}{number}" for number in ("014", "087", "203")],
            "name": names.commune_names(3, names.stem(rng), taken, rng),
            "departement": neighbour,
            "arrondissement": f"{neighbour}1",
            "code_epci": chosen,
            "population": rng.integers(400, 6_000, 3),
        }
    )
    return chosen, foreigners[columns]


def _intercommunalities(communes: pd.DataFrame) -> pd.DataFrame:
    """Name each EPCI after its largest commune; the main towns head agglomerations."""
    members = communes.sort_values("population").groupby("code_epci", observed=True)
    largest = members.tail(1).set_index("code_epci")["name"]
    total = members["population"].sum()
    codes = sorted(largest.index)
    kinds = ["CA" if total[code] >= 50_000 else "CC" for code in codes]
    return pd.DataFrame(
        {
            "code_epci": codes,
            "type": kinds,
            "name": [
                f"CA {largest[code]} Agglomération"
                if kind == "CA"
                else f"CC Pays {of_name(largest[code])}".replace("’", "'")
                for code, kind in zip(codes, kinds, strict=True)
            ],
        }
    )


def _arrondissements(
    communes: pd.DataFrame, sites: Floats, rng: np.random.Generator
) -> pd.DataFrame:
    communes["arrondissement"] = ""
    rows = []
    for departement, members in communes.groupby("departement", observed=True).indices.items():
        count = int(np.clip(len(members) // _COMMUNES_PER_ARRONDISSEMENT, 1, 5))
        groups = _clusters(sites[members], count, rng)
        for group in range(int(groups.max()) + 1):
            inside = members[groups == group]
            code = f"{departement}{group + 1}"
            communes.loc[inside, "arrondissement"] = code
            seat = communes.loc[inside].sort_values("population").iloc[-1]
            rows.append((code, seat["name"], departement, seat["code_insee"]))
    return pd.DataFrame(rows, columns=["code", "name", "departement", "seat"])


def _context(communes: pd.DataFrame, rng: np.random.Generator) -> None:
    """Add what the context files say, coherent with urbanity: shares are 0–1, income in euros."""
    count = len(communes)
    urbanity = communes["urbanity"].to_numpy()
    population = communes["population"].to_numpy()
    # Hardship: part of it urban, part of it the commune's own.
    hardship = np.clip(0.45 * urbanity + rng.normal(0.25, 0.15, count), 0, 1)
    noise = 1 + rng.standard_normal((6, count)) * np.clip(8 / np.sqrt(population + 20), 0.02, 0.35)
    communes["social_housing"] = np.where(
        population > 400, np.clip(0.45 * expit(9 * (urbanity * hardship - 0.3)) * noise[0], 0, 1), 0
    )
    communes["poverty"] = np.clip((0.04 + 0.26 * hardship**1.5) * noise[1], 0.01, 0.6)
    communes["income"] = (31_500 - 13_000 * hardship) * (1 + 0.05 * rng.standard_normal(count))
    communes["unemployment"] = np.clip((0.05 + 0.13 * hardship) * noise[2], 0.01, 0.4)
    communes["young"] = np.clip((0.095 + 0.04 * urbanity) * noise[3], 0.02, 0.3)
    communes["single_parents"] = np.clip((0.06 + 0.13 * hardship) * noise[4], 0, 0.4)
    communes["vacant"] = np.clip((0.075 - 0.01 * urbanity) * noise[5], 0, 0.3)
    communes["density"] = _density(communes)
    communes["qpv"] = np.where(
        (population > 8_000) & (communes["social_housing"] > 0.4),
        np.clip(population // 18_000, 1, 4),
        0,
    )
    if not communes["qpv"].any():
        communes.loc[population.argmax(), "qpv"] = 1


def _density(communes: pd.DataFrame) -> Ints:
    """Return a level of INSEE's grid, by rules of the same spirit (not its 200 m squares)."""
    population, closeness = communes["population"], communes["closeness"]
    per_km2 = population / communes["area_km2"]
    return np.select(
        [
            (closeness > 0.55) & (population > 7_000),
            population > 9_000,
            population > 4_500,
            (closeness > 0.55) & (population > 700),
            population > 1_100,
            per_km2 > 16,
        ],
        [1, 2, 3, 4, 5, 6],
        default=7,
    ).astype(np.int64)
