"""The regions and France, where the communal file holds every département of theirs."""

import numpy as np
import pandas as pd

from diagnostics import aggregation, catalogue, facts, long_table
from diagnostics.sources.cog import COMMUNE, Cog, departement_of
from diagnostics.sources.ssmsi import Edition

FRANCE = "FR"
_COLLECTIVITIES = ("975", "977", "978", "98")


def wholes(
    rows: pd.DataFrame,
    edition: Edition,
    code: Cog,
    departement_totals: pd.DataFrame,
    region_totals: pd.DataFrame,
) -> pd.DataFrame:
    """Return long-table rows of the regions and of France that the communal file holds whole.

    `rows` is the whole communal file (`ssmsi.read`); the totals are the official bases of the
    same edition (`editions.official_totals`), empty where none was held. A region's
    total comes from its own base, else it is the sum of its départements; persons ("mis en
    cause"), who are counted once per spatial unit, are never summed.
    """
    table = _rows_of_communes(rows, code)
    parts = []
    for niveau, whole_code, label, members in _held_wholes(table, code):
        part = table[table["departement"].isin(members)].assign(niveau=niveau, code=whole_code)
        cells = aggregation.aggregate_wholes(part).assign(
            estimate=np.nan,
            estimate_low=np.nan,
            estimate_high=np.nan,
            refusal="sans_total_officiel",
        )
        labels = pd.DataFrame({"niveau": [niveau], "code": [whole_code], "libelle": [label]})
        own = region_totals[(region_totals["code"] == whole_code) & (niveau == "region")]
        official = own if len(own) else _summed(departement_totals, members)
        cells = aggregation.with_official_sizes(cells, niveau, official)
        parts.append(
            long_table.with_official_totals(long_table.group_rows(cells, labels), niveau, official)
        )
    if not parts:
        return pd.DataFrame()
    return long_table.finish(
        pd.concat(parts, ignore_index=True),
        catalogue.strategy(),
        edition.stem,
        edition.geography_year,
    )


def _rows_of_communes(rows: pd.DataFrame, code: Cog) -> pd.DataFrame:
    """Return the file's rows of whole communes, with their département and denominator."""
    apart = set(code.communes.loc[code.communes["kind"] != COMMUNE, "code_insee"])
    categories = rows["code"].cat.categories
    departements = rows["code"].map({c: departement_of(c) for c in categories})
    table = rows.assign(departement=departements.astype("category"))
    return facts.with_denominator(table[~rows["code"].isin(apart)].drop(columns="code"))


def _held_wholes(table: pd.DataFrame, code: Cog) -> list[tuple[str, str, str, set[str]]]:
    """Return (niveau, code, label, départements) of the wholes whose départements are all held."""
    held = set(table["departement"].unique())
    communes = code.communes[code.communes["kind"] == COMMUNE]
    # The base covers the départements; the collectivities overseas are none.
    communes = communes[~communes["departement"].str.startswith(_COLLECTIVITIES)]
    found = [
        ("region", str(region), code.names["region"].get(str(region), str(region)), set(members))
        for region, members in communes.groupby("region")["departement"]
    ]
    if found:
        found.append(("france", FRANCE, "France", set(communes["departement"])))
    return [whole for whole in found if whole[3] <= held]


def _summed(departement_totals: pd.DataFrame, members: set[str]) -> pd.DataFrame:
    additive = {i.id for i in catalogue.indicators().values() if i.additive}
    rows = departement_totals[
        departement_totals["code"].isin(members) & departement_totals["indicator"].isin(additive)
    ]
    keys = ["indicator", "year"]
    figures = ["count", "population", "denominator"]
    return rows.groupby(keys)[figures].sum(min_count=len(members)).reset_index()
