"""From communes to groups: what is published, how much of it, and apart from it an estimate.

A hidden commune never becomes a number here. A group carries the sum of its published members and
how many they are; the estimate of its hidden part comes from `estimation`, for additive
indicators only, and is emptied by its refusals.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from diagnostics import catalogue, estimation
from diagnostics.facts import complements
from diagnostics.sources.cog import COMMUNE

GROUP = ["niveau", "code"]
KEY = ["indicator", "year"]
CELL = [*GROUP, *KEY]
# Where two totals would give away one or two communes, the council's total is kept first.
_PRIORITY = {"territoire": 0, "epci": 1, "arrondissement": 2}


def aggregate(facts: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """Return one row per (niveau, code, indicator, year).

    `facts` is `facts.complete` of the département (municipal arrondissements are left out);
    `groups` is `territories.groups`. Columns: published (count over published members, NA where
    there is none), published_members, hidden_members, members, outside_members, population,
    published_population, denominator, published_denominator, status
    (publie | zero | partiel | non_diffuse | absent).
    """
    inside = groups.loc[groups["inside"], [*GROUP, "code_insee"]]
    cells = _cells(inside.merge(facts[facts["kind"] == COMMUNE], on="code_insee"))
    outside = groups[~groups["inside"]].groupby(GROUP).size()
    index = pd.MultiIndex.from_frame(cells[GROUP])
    return cells.assign(outside_members=outside.reindex(index).fillna(0).astype(int).to_numpy())


def aggregate_wholes(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the same cells for regions and France, from the rows of a national file.

    `rows` has one row per (commune, indicator, year) of the file, communes only, and the columns
    niveau and code of the whole it counts in. Members are the communes that the file holds.
    """
    return _cells(rows).assign(outside_members=0)


def _cells(rows: pd.DataFrame) -> pd.DataFrame:
    counted = rows["count"].notna()
    unmeasured = rows["denominator"].isna() & (rows["status"] != "absent")
    rows = rows.assign(
        published_members=counted,
        hidden_members=rows["status"] == "non_diffuse",
        positive=rows["count"] > 0,
        unmeasured=unmeasured,
        unmeasured_published=unmeasured & counted,
        published_population=rows["population"].where(counted),
        published_denominator=rows["denominator"].where(counted),
    )
    by_cell = rows.groupby(CELL, sort=True, observed=True)
    numbers = [
        "published_members",
        "hidden_members",
        "positive",
        "unmeasured",
        "unmeasured_published",
        "published_population",
        "published_denominator",
    ]
    cells = by_cell[numbers].sum().join(by_cell[["population", "denominator"]].sum(min_count=1))
    cells["members"] = by_cell.size()
    cells["published"] = by_cell["count"].sum(min_count=1)
    # A count whose denominator is missing would bias the rate of the whole group upwards.
    for denominator, without in (
        ("denominator", "unmeasured"),
        ("published_denominator", "unmeasured_published"),
    ):
        cells[denominator] = cells[denominator].mask(cells.pop(without) > 0)
    cells = cells.reset_index()
    whole = cells["published_members"] == cells["members"]
    none = cells["published_members"] == 0
    cells["status"] = np.select(
        [
            whole & (cells.pop("positive") > 0),
            whole,
            none & (cells["hidden_members"] > 0),
            none,
        ],
        ["publie", "zero", "non_diffuse", "absent"],
        default="partiel",
    )
    return cells


def with_estimates(
    cells: pd.DataFrame,
    facts: pd.DataFrame,
    groups: pd.DataFrame,
    official: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the cells with estimate, estimate_low, estimate_high and refusal.

    The estimate is the total of the group: published + share of what is hidden in the
    département, with its 95 % interval. It is NaN where `refusal` says why, always so for
    indicators that do not add up. The département's own total is no estimate: published + hidden,
    as the communal file gives it. `official` (indicator, year, count) holds the totals of the
    very same edition, if any: nothing is estimated from a file that contradicts them.
    """
    additive = {i.id for i in catalogue.indicators().values() if i.additive}
    given = complements(facts).set_index(KEY)
    totals = {} if official is None else dict(official.set_index(KEY)["count"].dropna())
    rows_by_cell = dict(list(facts[facts["kind"] == COMMUNE].groupby(KEY)))
    membership = _membership(groups)
    parts = []
    for key, part in cells.groupby(KEY):
        if key[0] not in additive:
            parts.append(part.assign(refusal="non_additif"))
        elif key not in given.index:
            parts.append(_unhidden(part))
        else:
            complement = given.loc[[key]].iloc[0]
            parts.append(_shared(part, rows_by_cell[key], complement, membership, totals.get(key)))
    estimates = pd.concat(parts) if parts else cells.iloc[:0]
    columns = ["estimate", "estimate_low", "estimate_high", "refusal"]
    joined = cells.join(estimates.reindex(columns=columns))
    return joined.astype({"refusal": "str"}).fillna({"refusal": ""})


def _membership(groups: pd.DataFrame) -> pd.DataFrame:
    """Return a boolean table: groups (niveau, code) x communes inside the département."""
    inside = groups[groups["inside"]]
    return pd.crosstab([inside["niveau"], inside["code"]], inside["code_insee"]).astype(bool)


def _unhidden(part: pd.DataFrame) -> pd.DataFrame:
    """Return cells where nothing is hidden: the total is what is published, if all is there."""
    total = part["published"].where(part["published_members"] == part["members"])
    return part.assign(
        estimate=total,
        estimate_low=total,
        estimate_high=total,
        refusal=np.where(total.isna(), "donnees_absentes", ""),
    )


def _shared(
    part: pd.DataFrame,
    communes: pd.DataFrame,
    complement: pd.Series,
    membership: pd.DataFrame,
    official: float | None,
) -> pd.DataFrame:
    """Return cells of one (indicator, year) where some communes are hidden."""
    hidden = communes[communes["status"] == "non_diffuse"]
    index = pd.MultiIndex.from_frame(part[GROUP])
    members = membership.reindex(
        index=index, columns=hidden["code_insee"], fill_value=False
    ).to_numpy()
    published = part["published"].fillna(0).to_numpy(dtype=float)
    estimate, agree = _hidden_part(communes, hidden, members, complement, official)
    refusal = _refusals(part, members, published, estimate, agree)
    shown = refusal == ""
    low, mean, high = (
        (published, published, published)
        if estimate is None
        else (published + estimate.low, published + estimate.mean, published + estimate.high)
    )
    return part.assign(
        estimate=np.where(shown, mean, np.nan),
        estimate_low=np.where(shown, low, np.nan),
        estimate_high=np.where(shown, high, np.nan),
        refusal=refusal,
    )


def _hidden_part(
    communes: pd.DataFrame,
    hidden: pd.DataFrame,
    members: NDArray[np.bool_],
    complement: pd.Series,
    official: float | None,
) -> tuple[estimation.HiddenEstimate | None, bool]:
    """Return the hidden part of each group, if it can be known, and whether totals agree."""
    sizes = hidden["denominator"].to_numpy(dtype=float)
    if not np.isfinite(complement["mean_count"]) or not np.all(sizes >= 0) or not sizes.sum() > 0:
        return None, True
    total = estimation.hidden_total(complement["mean_count"], len(hidden))
    known = communes.dropna(subset=["count", "denominator"])
    positive = known[known["count"] > 0]
    dispersion = estimation.commune_dispersion(
        known["count"].to_numpy(dtype=float),
        known["denominator"].to_numpy(dtype=float),
        total,
        float(sizes.sum()),
    )
    agree = estimation.totals_agree(
        total,
        len(hidden),
        float(sizes.sum()),
        float(complement["pooled_rate"]),
        float(positive["count"].sum()),
        float(positive["denominator"].sum()),
        official,
    )
    return estimation.estimate_hidden(members, sizes, total, dispersion), agree


def _refusals(
    part: pd.DataFrame,
    members: NDArray[np.bool_],
    published: NDArray[np.float64],
    estimate: estimation.HiddenEstimate | None,
    agree: bool,
) -> NDArray[np.object_]:
    """Return why each group's total may not be shown, "" where it may."""
    whole = (part["niveau"] == "departement").to_numpy()
    coverage = (part["published_population"] / part["population"]).fillna(0).to_numpy(dtype=float)
    reason = "complement_absent" if estimate is None else "" if agree else "totaux_incoherents"
    refusal = np.full(len(part), reason, dtype=object)
    refusal[~whole] = estimation.refusals(
        members[~whole],
        None if estimate is None else estimation.HiddenEstimate(*(a[~whole] for a in estimate)),
        published[~whole],
        coverage[~whole],
        agree,
        np.array([_PRIORITY[niveau] for niveau in part["niveau"][~whole]], dtype=np.int64),
    )
    # A member whose row is missing is neither published nor hidden: its facts are nowhere.
    incomplete = part["published_members"] + part["hidden_members"] < part["members"]
    refusal[incomplete.to_numpy() & (refusal == "")] = "donnees_absentes"
    return refusal
