"""From the rows of a published file to the complete, checked facts of one département."""

import numpy as np
import pandas as pd

from diagnostics import catalogue
from diagnostics.errors import Refused
from diagnostics.sources.cog import COMMUNE

KEYS = ["code_insee", "indicator", "year"]
_FIGURES = ["count", "rate", "complement_count", "complement_rate"]


def complete(published: pd.DataFrame, communes: pd.DataFrame) -> pd.DataFrame:
    """Return one row per (commune, indicator, year) that the file could hold.

    `published` is `ssmsi.read` restricted to a département; `communes` is `cog.communes_of`.
    A missing row becomes `absent`. Population and dwellings are those of the commune and year,
    whatever the indicator row that carries them. Columns: code_insee, kind, indicator, year,
    status, count, rate, population, dwellings, denominator, complement_count, complement_rate.
    """
    rows = published.rename(columns={"code": "code_insee"})
    rows = rows.astype({"code_insee": "str", "indicator": "str", "status": "str", "year": "int64"})
    pairs = rows[["indicator", "year"]].drop_duplicates()
    grid = communes[["code_insee", "kind"]].merge(pairs, how="cross")
    sizes = rows.groupby(["code_insee", "year"], as_index=False)[["population", "dwellings"]].max()
    table = grid.merge(rows[[*KEYS, "status", *_FIGURES]], on=KEYS, how="left")
    table = table.merge(sizes, on=["code_insee", "year"], how="left")
    table["status"] = table["status"].fillna("absent")
    return with_denominator(table).sort_values(KEYS, ignore_index=True)


def with_denominator(rows: pd.DataFrame) -> pd.DataFrame:
    """Add `denominator`: dwellings for burglary, residents for the others."""
    by_dwellings = {i.id for i in catalogue.indicators().values() if i.denominator == "logements"}
    return rows.assign(
        denominator=rows["dwellings"].where(
            rows["indicator"].isin(by_dwellings), rows["population"]
        )
    )


def refuse_disagreeing_arrondissements(
    facts: pd.DataFrame, communes: pd.DataFrame, file_name: str
) -> None:
    """Check that Paris, Lyon and Marseille agree with their municipal arrondissements.

    Additive indicators only: the whole is the sum of its parts, and no less than the sum of those
    that are published. One fact of difference is let through: counts rebuilt from rounded rates
    may be off by one.

    Raises:
        Refused: a whole commune and its arrondissements disagree.
    """
    wholes = communes.dropna(subset="whole").set_index("code_insee")["whole"]
    if wholes.empty:
        return
    additive = {i.id for i in catalogue.indicators().values() if i.additive}
    parts = facts[facts["code_insee"].isin(wholes.index) & facts["indicator"].isin(additive)]
    sums = (
        parts.assign(code_insee=parts["code_insee"].map(wholes))
        .groupby(KEYS)["count"]
        .agg(total="sum", published="count", parts="size")
        .reset_index()
        .merge(facts[[*KEYS, "count"]], on=KEYS)
    )
    excess = sums["total"] - sums["count"]
    complete_parts = sums["published"] == sums["parts"]
    differ = sums[(excess > 1) | (complete_parts & (excess < -1))]
    if not differ.empty:
        row = differ.iloc[0]
        label = catalogue.indicators()[row["indicator"]].label
        raise Refused(
            f"Le fichier {file_name} donne {row['count']:.0f} « {label} » à la commune "
            f"{row['code_insee']} en {row['year']}, mais {row['total']:.0f} à ses "
            "arrondissements : prendre le fichier publié."
        )


def complements(facts: pd.DataFrame) -> pd.DataFrame:
    """Return what the publisher gives of the hidden communes, per (indicator, year).

    Columns: indicator, year, hidden (communes), mean_count (NaN where not given), pooled_rate
    (per 1,000), mean_values (number of different values found; 1 is sound).
    """
    hidden = facts[(facts["status"] == "non_diffuse") & (facts["kind"] == COMMUNE)]
    return (
        hidden.groupby(["indicator", "year"], as_index=False)
        .agg(
            hidden=("code_insee", "size"),
            given=("complement_count", "count"),
            mean_count=("complement_count", "median"),
            lowest=("complement_count", "min"),
            highest=("complement_count", "max"),
            pooled_rate=("complement_rate", "median"),
        )
        .assign(
            # One value per (département, year, indicator) is what the publisher says; a mean that
            # some rows lack or contradict is no total.
            mean_count=lambda t: t["mean_count"].where(
                (t["given"] == t["hidden"]) & np.isclose(t["lowest"], t["highest"], rtol=1e-6)
            )
        )
        .drop(columns=["lowest", "highest"])
    )


def rates_unlike_their_counts(facts: pd.DataFrame) -> int:
    """Count the published rates that differ by more than 1 % from count over denominator."""
    own = 1000 * facts["count"] / facts["denominator"].where(facts["denominator"] > 0)
    gap = (facts["rate"] - own).abs()
    # Half a unit of the fourth decimal: editions round their rates.
    return int((gap > 0.01 * own + 5e-5).sum())
