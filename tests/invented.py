"""Small invented départements, written cell by cell, for the tests of the figures."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from diagnostics import aggregation, catalogue, long_table
from diagnostics.facts import with_denominator
from diagnostics.sources.editions import NO_TOTALS

HIDDEN, ABSENT = "non_diffuse", "absent"
"""What stands in a cell instead of a count."""
DEPARTEMENT = "00"
EDITION = "donnee-data.gouv-2024-geographie2025-produit-le2026-02-03"
Cell = tuple[int | float | str, float]


def facts(
    cells: Mapping[str, Cell],
    indicator: str = "degradations",
    year: int = 2024,
    *,
    hidden_total: float | None = None,
) -> pd.DataFrame:
    """Return `facts.complete` from {commune: (count, HIDDEN or ABSENT, residents)}.

    There are half as many dwellings as residents. `hidden_total` is what the publisher says of
    all hidden communes together; None where it says nothing.
    """
    rows = pd.DataFrame(
        [
            {
                "code_insee": code,
                "kind": "commune",
                "indicator": indicator,
                "year": year,
                "status": said if isinstance(said, str) else "publie" if said else "zero",
                "count": float("nan") if isinstance(said, str) else float(said),
                "population": float(residents),
                "dwellings": residents / 2,
            }
            for code, (said, residents) in cells.items()
        ]
    )
    rows = with_denominator(rows)
    rows["rate"] = 1000 * rows["count"] / rows["denominator"].where(rows["denominator"] > 0)
    hidden = rows["status"] == HIDDEN
    told = float("nan") if hidden_total is None else hidden_total
    size = rows.loc[hidden, "denominator"].sum()
    rows["complement_count"] = (told / max(hidden.sum(), 1) + 0 * hidden).where(hidden)
    rows["complement_rate"] = (1000 * told / (size or 1) + 0 * hidden).where(hidden)
    return rows


def groups(
    members: Mapping[tuple[str, str], Iterable[str]], communes: Iterable[str]
) -> pd.DataFrame:
    """Return `territories.groups` from {(niveau, code): communes}, and the département of all."""
    every = list(communes)
    wanted = {**members, ("departement", DEPARTEMENT): every}
    return pd.DataFrame(
        [
            {
                "niveau": niveau,
                "code": code,
                "libelle": f"Zone {code}",
                "type": niveau,
                "code_insee": commune,
                "inside": commune in every,
            }
            for (niveau, code), listed in wanted.items()
            for commune in listed
        ]
    )


def official(*totals: tuple[str, int, float], residents: float = np.nan) -> pd.DataFrame:
    """Return official totals of the département from (indicator, year, count)."""
    table = pd.DataFrame(totals, columns=["indicator", "year", "count"])
    table = table.assign(code=DEPARTEMENT, population=residents, denominator=residents)
    return table.astype(NO_TOTALS.dtypes.to_dict())


def estimated(
    table: pd.DataFrame, areas: pd.DataFrame, totals: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the cells of the groups with their estimates, by (niveau, code, indicator, year)."""
    cells = aggregation.with_estimates(aggregation.aggregate(table, areas), table, areas, totals)
    return cells.set_index(["niveau", "code", "indicator", "year"]).sort_index()


def long(
    table: pd.DataFrame, areas: pd.DataFrame, totals: pd.DataFrame = NO_TOTALS
) -> pd.DataFrame:
    """Return the long table of the département."""
    cells = aggregation.with_estimates(aggregation.aggregate(table, areas), table, areas, totals)
    codes = sorted(table["code_insee"].unique())
    return long_table.assemble(
        table,
        pd.DataFrame({"code_insee": codes, "name": [f"Commune {code}" for code in codes]}),
        cells,
        areas[["niveau", "code", "libelle"]].drop_duplicates(["niveau", "code"]),
        totals,
        catalogue.strategy(),
        EDITION,
        2025,
    )


def row(table: pd.DataFrame, niveau: str, code: str, **other: Any) -> pd.Series:
    """Return the only row of the long table of an area."""
    wanted = (table["niveau"] == niveau) & (table["code"] == code)
    for column, value in other.items():
        wanted &= table[column] == value
    (found,) = (found for _, found in table[wanted].iterrows())
    return found
