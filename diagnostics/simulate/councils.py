"""The councils of the simulated départements: a dated membership table, as territories.py reads."""

from pathlib import Path

import numpy as np
import pandas as pd

from diagnostics.simulate.land import Land
from diagnostics.territories import CLSPD_POPULATION, TO_CONFIRM
from diagnostics.wording import of_name, slug

_HEADER = "territoire_id;type;nom;code_commune;du;au;statut;source"
_ATTESTED = "attesté"
_SOURCE = "données simulées"
CROSSING, OVERLAPPING = "cispd-marches-du-val-d-orbe", "cispd-portes-de-montorbe"


def write(folder: Path, land: Land) -> None:
    """Write territoires/<département>.csv for each simulated département."""
    for code in land.departements["code"]:
        rows = [_HEADER, *_councils(land, code)]
        (folder / f"{code}.csv").write_text("\n".join(rows) + "\n", encoding="utf-8", newline="")


def _councils(land: Land, departement: str) -> list[str]:
    communes = land.communes
    here = communes[communes["departement"] == departement]
    by_size = here.sort_values("population", ascending=False)
    capital = by_size.iloc[0]
    names = land.epci.set_index("code_epci")["name"].str[3:]
    rows: list[str] = []
    covered: set[str] = set()
    for code_epci in [capital["code_epci"], _modest_epci(land, here, capital["code_epci"])]:
        members = list(communes.loc[communes["code_epci"] == code_epci, "code_insee"])
        covered.update(members)
        name = names[code_epci]
        rows += _council(f"cispd-{slug(name)}", f"CISPD {name}", members, "2018-01-01")
    if departement == "00":
        crossing = _crossing(land)
        rows += _council(CROSSING, "CISPD des Marches du Val d’Orbe", crossing, "2019-06-01")
        portes, gone = _straggling(land, capital["code_epci"])
        rows += _council(OVERLAPPING, "CISPD Portes de Montorbe", portes, "2020-03-01")
        if gone is not None:
            rows.append(
                f"{OVERLAPPING};cispd;CISPD Portes de Montorbe;{gone};2020-03-01;2022-12-31;"
                f"{_ATTESTED};{_SOURCE}"
            )
        covered.update(crossing, portes)
    rows += _council(*_own(capital), [capital["code_insee"]], "2003-01-01", kind="clspd")
    bound = by_size[(by_size["population"] > CLSPD_POPULATION) | (by_size["qpv"] > 0)]
    bound = bound[~bound["code_insee"].isin([*covered, capital["code_insee"]])]
    for rank, (_, commune) in enumerate(bound.iterrows()):
        attested = rank % 3 == 0
        rows += _council(
            *_own(commune),
            [commune["code_insee"]],
            "2010-01-01" if attested else "",
            kind="clspd",
            status=_ATTESTED if attested else TO_CONFIRM,
            source=_SOURCE if attested else f"CSI, art. L132-4 ({_SOURCE})",
        )
    return rows


def _modest_epci(land: Land, here: pd.DataFrame, capital_epci: str) -> str:
    """Return the EPCI of a département that has the fewest communes bound to have a council."""
    free = here[~here["code_epci"].isin([capital_epci, land.straddling])]
    if free.empty:
        return land.straddling
    bound = (free["population"] > CLSPD_POPULATION).groupby(free["code_epci"]).sum()
    return str(bound.idxmin())


def _own(commune: pd.Series) -> tuple[str, str]:
    """Return the id and the name of a commune's own council."""
    return (
        f"clspd-{slug(commune['name'])}-{commune['code_insee'].lower()}",
        f"CLSPD {of_name(commune['name'])}",
    )


def _council(
    territory_id: str,
    name: str,
    members: list[str],
    start: str,
    *,
    kind: str = "cispd",
    status: str = _ATTESTED,
    source: str = _SOURCE,
) -> list[str]:
    return [f"{territory_id};{kind};{name};{code};{start};;{status};{source}" for code in members]


def _crossing(land: Land) -> list[str]:
    """Return the members of the EPCI that crosses the border, on both sides."""
    inside = land.communes.loc[land.communes["code_epci"] == land.straddling, "code_insee"]
    return [*inside, *land.foreigners["code_insee"]]


def _straggling(land: Land, capital_epci: str) -> tuple[list[str], str | None]:
    """Return a few neighbours on both sides of the capital's EPCI, and one that has left since."""
    communes = land.communes
    inside = (communes["code_epci"] == capital_epci).to_numpy()
    here = (communes["departement"] == "00").to_numpy()
    both = np.vstack([land.neighbours, land.neighbours[:, ::-1]])
    edge = both[inside[both[:, 0]] & ~inside[both[:, 1]] & here[both[:, 1]]]
    population = communes["population"].to_numpy()
    edge = edge[np.argsort(-population[edge].sum(axis=1), kind="stable")]
    chosen = list(dict.fromkeys(edge.ravel()))[:5]
    codes = [str(communes["code_insee"].iloc[i]) for i in chosen]
    return (codes[:4], codes[4]) if len(codes) == 5 else (codes, None)
