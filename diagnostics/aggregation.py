"""From communes to groups: what is published, how much of it, and apart from it an estimate.

A hidden commune never becomes a number here. A group carries the sum of its published members and
how many they are; the estimate of its hidden part comes from `estimation`, for additive
indicators only, and is emptied by its refusals.
"""

from collections.abc import Hashable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from diagnostics import catalogue, estimation
from diagnostics.facts import complements
from diagnostics.sources.cog import COMMUNE

GROUP = ["niveau", "code"]
KEY = ["indicator", "year"]
CELL = [*GROUP, *KEY]
# Where two totals would give away one or two communes, the council's total is kept first, and
# what is not in the long table comes last: density classes, then free perimeters.
_PRIORITY = {"territoire": 0, "epci": 1, "arrondissement": 2, "densite": 3}
_LAST = 4
_OF_CELL = [
    "published",
    "published_members",
    "hidden_members",
    "members",
    "population",
    "published_population",
]
_OF_COMMUNE = ["count", "denominator"]
# From this share of the residents on, a file holds the whole: its population and that of the base
# may be of two different years (1.1 % apart for the 77 in the editions of June 2025 and after).
_WHOLE_POPULATION = 0.98
Floats = NDArray[np.float64]


def aggregate(facts: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """Return one row per (niveau, code, indicator, year).

    `facts` is `facts.complete` of the département (municipal arrondissements are left out);
    `groups` is `territories.groups`. Columns: published (count over published members, NA where
    there is none), published_members, hidden_members, members, outside_members, population and
    denominator (NaN where that of a member is not known), published_population,
    published_denominator, status (publie | zero | partiel | non_diffuse | absent).
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
    unmeasured = rows["denominator"].isna()
    rows = rows.assign(
        published_members=counted,
        hidden_members=rows["status"] == "non_diffuse",
        positive=rows["count"] > 0,
        unpeopled=rows["population"].isna(),
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
        "unpeopled",
        "unmeasured",
        "unmeasured_published",
        "published_population",
        "published_denominator",
    ]
    cells = by_cell[numbers].sum().join(by_cell[["population", "denominator"]].sum(min_count=1))
    cells["members"] = by_cell.size()
    cells["published"] = by_cell["count"].sum(min_count=1)
    # The size of some members is not that of the group: a rate would be biased upwards, and the
    # share that is published would look larger than it is.
    for size, without in (
        ("population", "unpeopled"),
        ("denominator", "unmeasured"),
        ("published_denominator", "unmeasured_published"),
    ):
        cells[size] = cells[size].mask(cells.pop(without) > 0)
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


def with_official_sizes(cells: pd.DataFrame, niveau: str, official: pd.DataFrame) -> pd.DataFrame:
    """Return the cells, the sizes of an area that its communes do not give taken from its base.

    A communal file may hold a part of the communes only, whose residents are not those of the
    whole. `official` is `editions.official_totals` of the one area of the level.
    """
    known = cells[KEY].merge(official.drop_duplicates(KEY), on=KEY, how="left")
    # A store of an earlier version holds the counts alone.
    known = known.reindex(columns=["population", "denominator"])
    population = known["population"].to_numpy()
    # NaN, where a member's is unknown, is not as much either.
    partial = ~(cells["population"].to_numpy(dtype=float) >= _WHOLE_POPULATION * population)
    replaced = (cells["niveau"] == niveau) & partial & ~np.isnan(population)
    sizes = {s: cells[s].mask(replaced, known[s].to_numpy()) for s in ("population", "denominator")}
    return cells.assign(**sizes)


def with_estimates(
    cells: pd.DataFrame,
    facts: pd.DataFrame,
    groups: pd.DataFrame,
    official: pd.DataFrame | None = None,
    summed: str = "",
) -> pd.DataFrame:
    """Return the cells with estimate, estimate_low, estimate_high and refusal.

    The estimate is the total of the group: published + share of what is hidden in the
    département, with its 95 % interval. It is NaN where `refusal` says why, always so for
    indicators that do not add up. The département's own total is no estimate: published + hidden,
    as the communal file gives it. `official` (indicator, year, count) holds the totals of the
    very same edition, if any: nothing is estimated from a file that contradicts them. `summed`: a
    level whose totals are only shown added to others (see `estimation.refusals`).
    """
    additive = {i.id for i in catalogue.indicators().values() if i.additive}
    given = complements(facts).set_index(KEY)[["mean_count", "pooled_rate"]].to_dict("index")
    totals = {} if official is None else dict(official.set_index(KEY)["count"].dropna())
    communes = facts[facts["kind"] == COMMUNE]
    rows_of = communes.groupby(KEY).indices
    inside, of_cells, of_communes = _membership(groups, cells, communes)
    # Arrays, not frames: every group goes through here again at each free perimeter.
    group, commune = _arrays(cells, _OF_CELL), _arrays(communes, _OF_COMMUNE)
    indicators, niveaux = cells["indicator"].to_numpy(), cells["niveau"].to_numpy()
    hidden = (communes["status"] == "non_diffuse").to_numpy()
    estimates = np.full((3, len(cells)), np.nan)
    refusal = np.full(len(cells), "non_additif", dtype=object)
    for key, at in cells.groupby(KEY).indices.items():
        part = {name: values[at] for name, values in group.items()}
        if indicators[at[0]] not in additive:
            continue
        if key not in given:
            # Nothing is hidden: the total is what is published, if all of it is there.
            whole = part["published_members"] == part["members"]
            estimates[:, at] = np.where(whole, part["published"], np.nan)
            refusal[at] = np.where(np.isnan(estimates[0, at]), "donnees_absentes", "")
            continue
        rows = rows_of[key]
        members = inside[np.ix_(of_cells[at], of_communes[rows[hidden[rows]]])]
        known = {name: values[rows] for name, values in commune.items()}
        estimate, agree = _hidden_part(known, hidden[rows], members, given[key], totals.get(key))
        refusal[at] = _refusals(niveaux[at], part, members, estimate, agree, summed)
        # A group that hides nothing has its total even where the hidden part is not known.
        own = np.nan_to_num(part["published"]) + (0 if estimate is None else np.array(estimate))
        estimates[:, at] = np.where(refusal[at] == "", own, np.nan)
    mean, low, high = estimates
    found = cells.assign(estimate=mean, estimate_low=low, estimate_high=high, refusal=refusal)
    return found.astype({"refusal": "str"})


def _membership(
    groups: pd.DataFrame, cells: pd.DataFrame, communes: pd.DataFrame
) -> tuple[NDArray[np.bool_], NDArray[np.intp], NDArray[np.intp]]:
    """Return groups x communes inside the département, the row of each cell, the column of each
    commune's row; -1 for those of no group, which the last row and column, empty, stand for."""
    inside = groups[groups["inside"]]
    table = pd.crosstab([inside["niveau"], inside["code"]], inside["code_insee"]).astype(bool)
    return (
        np.pad(table.to_numpy(), (0, 1)),
        table.index.get_indexer(pd.MultiIndex.from_frame(cells[GROUP])),
        table.columns.get_indexer(pd.Index(communes["code_insee"])),
    )


def _arrays(table: pd.DataFrame, columns: list[str]) -> dict[str, Floats]:
    return {name: table[name].to_numpy(dtype=float, na_value=np.nan) for name in columns}


def _hidden_part(
    communes: dict[str, Floats],
    hidden: NDArray[np.bool_],
    members: NDArray[np.bool_],
    complement: dict[Hashable, float],
    official: float | None,
) -> tuple[estimation.HiddenEstimate | None, bool]:
    """Return the hidden part of each group, if it can be known, and whether totals agree."""
    count, denominator = communes["count"], communes["denominator"]
    sizes = denominator[hidden]
    if not np.isfinite(complement["mean_count"]) or not np.all(sizes >= 0) or not sizes.sum() > 0:
        return None, True
    total = estimation.hidden_total(complement["mean_count"], len(sizes))
    known = ~np.isnan(count) & ~np.isnan(denominator)
    positive = known & (count > 0)
    dispersion = estimation.commune_dispersion(
        count[known], denominator[known], total, float(sizes.sum())
    )
    agree = estimation.totals_agree(
        total,
        len(sizes),
        float(sizes.sum()),
        complement["pooled_rate"],
        float(count[positive].sum()),
        float(denominator[positive].sum()),
        official,
    )
    return estimation.estimate_hidden(members, sizes, total, dispersion), agree


def _refusals(
    niveau: NDArray[np.object_],
    part: dict[str, Floats],
    members: NDArray[np.bool_],
    estimate: estimation.HiddenEstimate | None,
    agree: bool,
    summed: str,
) -> NDArray[np.object_]:
    """Return why each group's total may not be shown, "" where it may."""
    whole = niveau == "departement"
    with np.errstate(divide="ignore", invalid="ignore"):
        coverage = np.nan_to_num(part["published_population"] / part["population"])
    reason = "complement_absent" if estimate is None else "" if agree else "totaux_incoherents"
    refusal = np.full(len(niveau), reason, dtype=object)
    refusal[~whole] = estimation.refusals(
        members[~whole],
        None if estimate is None else estimation.HiddenEstimate(*(a[~whole] for a in estimate)),
        np.nan_to_num(part["published"])[~whole],
        coverage[~whole],
        agree,
        np.array([_PRIORITY.get(level, _LAST) for level in niveau[~whole]], dtype=np.int64),
        (niveau == summed)[~whole],
    )
    # A member whose row is missing is neither published nor hidden: its facts are nowhere.
    incomplete = part["published_members"] + part["hidden_members"] < part["members"]
    unknown = np.isnan(part["population"])
    refusal[incomplete & ((refusal == "") | unknown)] = "donnees_absentes"
    return refusal
