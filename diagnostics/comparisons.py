"""The second table, `comparaisons.csv`: each area beside each reference that it may be judged on.

One row per (niveau, code, indicateur, annee, reference), for indicators that add up and areas
whose reference is known. The verdict is that of the long table: the area's 95 % interval against
the reference's rate, empty where the area's own figure is hidden or not estimated.

A reference is taken as known, so none may be biased by what is hidden:

- `departement_hors_zone`, `region`, `france`: official totals, minus the area's own facts.
- `densite`: the other communes of the same INSEE density class in the département. The total of
  the class is estimated as a territory's is, under the same rules, and serves only where that of
  the others is known to a tenth (interval no wider than `MAXIMUM_WIDTH` of it). Failing that the
  published ones alone serve where they hold `MINIMUM_COVERAGE` of the others' denominator: then
  the rate is too high by 5.3 % at most, and the row says so. Otherwise there is no reference: the
  published communes of a class are published because their counts are large.
- `similaires`: the nearest areas by context (`similar_areas`), pooled, where all of them are known.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from diagnostics import aggregation, catalogue, context, long_table
from diagnostics.exports.csv import encoded
from diagnostics.sources.cog import COMMUNE, MUNICIPAL_ARRONDISSEMENT
from diagnostics.sources.context import PUBLISHED
from diagnostics.statistics.comparison import compare, judgement
from diagnostics.statistics.peers import nearest

DENSITY, SIMILAR, REGION, FRANCE = "densite", "similaires", "region", "france"
REFERENCES = (long_table.REFERENCE, DENSITY, SIMILAR, REGION, FRANCE)
COLUMNS = [
    "niveau",
    "code",
    "libelle",
    "indicateur",
    "libelle_indicateur",
    "annee",
    "reference",
    "libelle_reference",
    "taux_reference",
    "base_reference",
    "taux_zone",
    "taux_zone_bas",
    "taux_zone_haut",
    "comparaison",
    "jugement",
    "codes_reference",
    "edition",
    "geographie",
]
KEY = [*long_table.KEY, "reference"]
MAXIMUM_WIDTH = 0.2
MINIMUM_COVERAGE = 0.95
MINIMUM_OTHERS = 3
"""Fewer other communes of a class are no group to compare with."""
NEIGHBOURS = 5
MINIMUM_VARIABLES = 3
"""Similarity on population and density alone would only repeat the density class."""
_COMMUNAL = (COMMUNE, MUNICIPAL_ARRONDISSEMENT)
_GROUPS = ("territoire", "epci", "arrondissement")
_LIKES = {
    COMMUNE: "communes",
    MUNICIPAL_ARRONDISSEMENT: "arrondissements",
    "territoire": "conseils",
    "epci": "intercommunalités",
}
_SIREN = r"\d{9}"
_AREA = ["niveau", "code"]
_CELL = ["indicateur", "annee"]


def comparisons(
    long: pd.DataFrame, classes: pd.DataFrame, membership: pd.DataFrame, similar: pd.DataFrame
) -> pd.DataFrame:
    """Return the comparisons of every area of a département.

    Args:
        long: the long table of the département, with the region and France where they are held.
        classes: `density_classes`.
        membership: `class_of_areas`.
        similar: `similar_areas`.
    """
    judged = _judged(long)
    parts = [
        _rest_of_departement(judged),
        _rest_of_whole(judged, long, REGION, lambda label: f"le reste de la région {label}"),
        _rest_of_whole(judged, long, FRANCE, lambda label: "le reste de la France"),
        _same_density(judged, classes, membership),
        _similar(judged, similar),
    ]
    table = pd.concat([part for part in parts if len(part)] or [judged.iloc[:0]])
    table = table.reindex(columns=[*COLUMNS, "polarity"])
    table["comparaison"] = compare(
        table["taux_zone_bas"], table["taux_zone_haut"], table["taux_reference"]
    )
    table["jugement"] = judgement(table["comparaison"], table["polarity"])
    order = {reference: rank for rank, reference in enumerate(REFERENCES)}
    table = table.assign(rank=table["reference"].map(order)).sort_values(
        [*long_table.KEY, "rank"], ignore_index=True
    )
    text = dict.fromkeys(["comparaison", "jugement", "codes_reference", "base_reference"], "str")
    typed: pd.DataFrame = table[COLUMNS].astype(text)
    return typed


def tables(
    long: pd.DataFrame,
    facts: pd.DataFrame,
    communes: pd.DataFrame,
    groups: pd.DataFrame,
    around: pd.DataFrame,
    group_context: pd.DataFrame,
    official: pd.DataFrame | None = None,
) -> dict[str, pd.DataFrame]:
    """Return the tables of this module for a département, by name: what a store may keep.

    `density` (`density_classes`), `similar` (`similar_areas`), `comparisons`. The arguments are
    the département's tables of those names (`around` is its context); `official` as given to
    `aggregation.with_estimates`.
    """
    classes = class_groups(facts, around)
    density = density_classes(facts, groups, classes, long, official)
    similar = similar_areas(around, group_context, groups, communes)
    membership = class_of_areas(long, groups, classes)
    return {
        "density": density,
        "similar": similar,
        "comparisons": comparisons(long, density, membership, similar),
    }


def encoded_csv(table: pd.DataFrame) -> bytes:
    """Return `comparaisons.csv`, in the form of the long table's file (see `exports.csv`)."""
    return encoded(table)


def class_groups(facts: pd.DataFrame, around: pd.DataFrame) -> pd.DataFrame:
    """Return the density classes of a département as groups (see `territories.groups`).

    `around` is `context.context_table`. Communes whose class is not known are in none.
    """
    codes = facts.loc[facts["kind"] == COMMUNE, "code_insee"].unique()
    known = around[
        (around["variable"] == "classe_densite")
        & (around["status"] == PUBLISHED)
        & around["code_insee"].isin(codes)
    ]
    return pd.DataFrame(
        {
            "niveau": DENSITY,
            "code": known["value"].astype("int64").astype("str"),
            "libelle": known["text"],
            "type": DENSITY,
            "code_insee": known["code_insee"],
            "inside": True,
        }
    ).reset_index(drop=True)


def class_of_areas(long: pd.DataFrame, groups: pd.DataFrame, classes: pd.DataFrame) -> pd.DataFrame:
    """Return niveau, code, class and others (communes of the class outside the area).

    A group has a class where all its communes share it. `classes` is `class_groups`.
    """
    by_commune = classes.set_index("code_insee")["code"]
    communes = long.loc[long["niveau"] == COMMUNE, _AREA].drop_duplicates()
    members = pd.concat(
        [
            communes.assign(code_insee=communes["code"]),
            groups.loc[groups["inside"] & groups["niveau"].isin(_GROUPS), [*_AREA, "code_insee"]],
        ]
    )
    members["class"] = members["code_insee"].map(by_commune)
    by_area = members.groupby(_AREA)["class"]
    same = by_area.agg(first="first", different="nunique", known="count", members="size")
    same = same[(same["different"] == 1) & (same["known"] == same["members"])]
    sizes = classes.groupby("code").size()
    others = sizes.reindex(same["first"]).to_numpy() - same["members"]
    return pd.DataFrame({"class": same["first"], "others": others}).reset_index()


def density_classes(
    facts: pd.DataFrame,
    groups: pd.DataFrame,
    classes: pd.DataFrame,
    long: pd.DataFrame,
    official: pd.DataFrame | None,
) -> pd.DataFrame:
    """Return rows in the long table's form for the density classes (`class_groups`)."""
    if classes.empty:
        return long.iloc[:0]
    every = pd.concat([groups, classes], ignore_index=True)
    # Classes come after the groups of the long table: none takes the place of a total shown there.
    cells = aggregation.with_estimates(aggregation.aggregate(facts, every), facts, every, official)
    own = cells[cells["niveau"] == DENSITY].reset_index(drop=True)
    return rows_of_cells(own, classes, long)


def rows_of_cells(cells: pd.DataFrame, groups: pd.DataFrame, long: pd.DataFrame) -> pd.DataFrame:
    """Return cells of extra groups as rows in the long table's form, not compared."""
    labels = groups[["niveau", "code", "libelle"]].drop_duplicates(_AREA)
    edition, geography = long["edition"].iloc[0], long["geographie"].iloc[0]
    year = None if pd.isna(geography) else int(geography)
    rows = long_table.group_rows(cells, labels)
    return long_table.finish(rows, catalogue.strategy(), str(edition), year)


def similar_areas(
    around: pd.DataFrame, group_context: pd.DataFrame, groups: pd.DataFrame, communes: pd.DataFrame
) -> pd.DataFrame:
    """Return the most similar areas in the département, nearest first.

    A commune is beside communes, an EPCI beside EPCI, a council of one commune beside such
    councils. A council of several communes is beside EPCI, which are of its size and cover the
    département: the other CISPD are too few to be a group (see docs/decisions/comparaisons.md).

    Nearest neighbours on standardised context (`context.peers_matrix`, `statistics.peers`), on the
    variables that the area has, three at least. An area that shares a commune with this one, or
    with a nearer neighbour, is none: its facts would be compared with themselves or counted twice.

    Columns: niveau, code, rank, neighbour, distance (standard deviations), variables.
    """
    columns = ["niveau", "code", "rank", "neighbour", "distance", "variables"]
    if around.empty:
        return pd.DataFrame({column: [] for column in columns})
    parts = []
    matrix = context.peers_matrix(around)
    for niveau in _COMMUNAL:
        codes = communes.loc[communes["kind"] == niveau, "code_insee"]
        found = _nearest_by_pattern(matrix[matrix.index.isin(codes)], NEIGHBOURS)
        parts.append(found.assign(niveau=niveau))
    inside = groups[groups["inside"]]
    held = {
        niveau: inside[inside["niveau"] == niveau].groupby("code")["code_insee"].agg(set).to_dict()
        for niveau in ("territoire", "epci")
    }
    several = [code for code, communes_of in held["territoire"].items() if len(communes_of) > 1]
    councils = group_context[group_context["niveau"] == "territoire"]
    parts.append(_likes(councils[~councils["code"].isin(several)], held["territoire"]))
    epci = group_context[group_context["niveau"] == "epci"]
    parts.append(_likes(epci, held["epci"]))
    for code in several:
        beside = pd.concat([epci, councils[councils["code"] == code].assign(niveau="epci")])
        found = _likes(beside, held["epci"] | {code: held["territoire"][code]})
        parts.append(found[found["code"] == code].assign(niveau="territoire"))
    return pd.concat(parts)[columns].reset_index(drop=True)


def _likes(around: pd.DataFrame, members: dict[Any, set[str]]) -> pd.DataFrame:
    """Return the nearest of each group among those of one level; `members` are their communes."""
    matrix = context.peers_matrix(around)
    ranked = _nearest_by_pattern(matrix.droplevel("niveau"), max(len(matrix), 1))
    return _apart(ranked, members).assign(niveau=around["niveau"].iloc[0] if len(around) else "")


def level_of_likes(similar: pd.DataFrame) -> pd.Series:
    """Return the level of the neighbours of `similar_areas`: the area's own, or `epci`."""
    epci = similar["neighbour"].astype("str").str.fullmatch(_SIREN)
    return similar["niveau"].mask(epci, "epci")


def _judged(long: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that may be compared, with own facts, denominator, rate and interval."""
    indicators = catalogue.indicators()
    additive = long["indicateur"].map(lambda i: indicators[i].additive)
    rows = long[additive & ~long["niveau"].isin([REGION, FRANCE])]
    communal = rows["niveau"].isin(_COMMUNAL)
    columns = {
        "own": ("faits_publies", "faits_estimes"),
        "own_low": ("faits_publies", "faits_estimes_bas"),
        "own_high": ("faits_publies", "faits_estimes_haut"),
        "taux_zone": ("taux_pour_mille", "taux_estime"),
        "taux_zone_bas": ("taux_bas", "taux_estime_bas"),
        "taux_zone_haut": ("taux_haut", "taux_estime_haut"),
    }
    return rows.assign(
        polarity=rows["indicateur"].map(lambda i: indicators[i].polarity),
        own_size=rows["effectif_denominateur_total"],
        codes_reference="",
        **{
            name: rows[published].astype("float64").where(communal, rows[estimated])
            for name, (published, estimated) in columns.items()
        },
    )


def _rest_of_departement(judged: pd.DataFrame) -> pd.DataFrame:
    whole = judged[judged["niveau"] == "departement"].set_index(_CELL)["methode"]
    rows = judged[judged["reference"] == long_table.REFERENCE]
    base = whole.reindex(pd.MultiIndex.from_frame(rows[_CELL])).to_numpy()
    return rows.assign(libelle_reference="le reste du département", base_reference=base)


def _rest_of_whole(
    judged: pd.DataFrame, long: pd.DataFrame, niveau: str, label: Callable[[str], str]
) -> pd.DataFrame:
    """Compare with a whole that holds the area, its own facts and residents taken out."""
    whole = long[(long["niveau"] == niveau) & (long["methode"] == "total_officiel")]
    whole = whole[[*_CELL, "libelle", "faits_estimes", "effectif_denominateur_total"]]
    whole = whole.set_axis([*_CELL, "whole", "total", "size"], axis=1)
    rows = judged.merge(whole, on=_CELL)
    rate = _rest_rate(rows["total"], rows["size"], rows["own"], rows["own_size"])
    rows = rows.assign(
        reference=niveau,
        libelle_reference=rows["whole"].map(label),
        taux_reference=rate,
        base_reference="total_officiel",
    )
    return rows[rate.notna()]


def _same_density(
    judged: pd.DataFrame, classes: pd.DataFrame, membership: pd.DataFrame
) -> pd.DataFrame:
    """Compare with the other communes of the class (see the module's rules)."""
    if classes.empty:
        return judged.iloc[:0]
    of_class = pd.DataFrame(
        {
            "class": classes["code"],
            "class_label": classes["libelle"],
            **{key: classes[key] for key in _CELL},
            "estimated": classes["faits_estimes"],
            "width": classes["faits_estimes_haut"] - classes["faits_estimes_bas"],
            "size": classes["effectif_denominateur_total"],
            "published": classes["faits_publies"].astype("float64"),
            "published_size": classes["effectif_denominateur"],
        }
    )
    others = membership[membership["others"] >= MINIMUM_OTHERS]
    rows = judged.merge(others, on=_AREA).merge(of_class, on=["class", *_CELL])
    known = rows["width"] <= MAXIMUM_WIDTH * (rows["estimated"] - rows["own"])
    estimated = rows["estimated"].where(known)
    by_estimate = _rest_rate(estimated, rows["size"], rows["own"], rows["own_size"])
    # Only an area published in full can be taken out of published sums.
    own = rows["own"].where(rows["communes_publiees"] == rows["communes"])
    by_published = _rest_rate(rows["published"], rows["published_size"], own, rows["own_size"])
    others_size = rows["size"] - rows["own_size"]
    covered = (rows["published_size"] - rows["own_size"]) >= MINIMUM_COVERAGE * others_size
    by_published = by_published.where(covered)
    rate = by_estimate.fillna(by_published)
    whole = rows["estimated"] == rows["published"]
    rows = rows.assign(
        reference=DENSITY,
        libelle_reference="les autres communes de même densité ("
        + rows["class_label"].str.lower()
        + ") du département",
        taux_reference=rate,
        base_reference=np.select(
            [by_estimate.notna() & ~whole], ["total_estime"], default="communes_publiees"
        ),
    )
    return rows[rate.notna()]


def _similar(judged: pd.DataFrame, similar: pd.DataFrame) -> pd.DataFrame:
    """Compare with the pooled rate of the similar areas, where all of them are known."""
    if similar.empty:
        return judged.iloc[:0]
    figures = judged[[*_AREA, *_CELL, "own", "own_low", "own_high", "own_size"]]
    figures = figures.rename(columns={"code": "neighbour", "niveau": "level"})
    pairs = similar.assign(level=level_of_likes(similar)).merge(figures, on=["level", "neighbour"])
    pairs["doubt"] = (pairs["own_high"] - pairs["own_low"]) ** 2
    pooled = pairs.groupby([*_AREA, *_CELL], as_index=False).agg(
        total=("own", "sum"),
        size=("own_size", "sum"),
        known=("own", "count"),
        doubt=("doubt", "sum"),
        peers=("neighbour", "size"),
        codes_reference=("neighbour", " ".join),
        level=("level", "first"),
    )
    wide = np.sqrt(pooled["doubt"]) > MAXIMUM_WIDTH * pooled["total"]
    sound = (pooled["known"] == pooled["peers"]) & (pooled["size"] > 0) & ~wide
    pooled = pooled[sound]
    rows = judged.drop(columns="codes_reference").merge(pooled, on=[*_AREA, *_CELL])
    return rows.assign(
        reference=SIMILAR,
        libelle_reference=[
            f"les {n} {_LIKES[level]} les plus semblables"
            for n, level in zip(rows["peers"], rows["level"], strict=True)
        ],
        taux_reference=1000 * rows["total"] / rows["size"],
        base_reference=np.where(rows["doubt"] > 0, "total_estime", "communes_publiees"),
    )


def _rest_rate(total: pd.Series, size: pd.Series, own: pd.Series, own_size: pd.Series) -> pd.Series:
    """Return the rate per 1,000 of a whole without the area, NaN where it makes no sense."""
    rest, rest_size = total - own, size - own_size
    return (1000 * rest / rest_size).where((rest >= 0) & (rest_size > 0))


def _nearest_by_pattern(matrix: pd.DataFrame, k: int) -> pd.DataFrame:
    """Return the k nearest of each area on the variables that this area has."""
    known = matrix.notna()
    parts = []
    # Without context there is no variable at all, hence no pattern.
    patterns = known.groupby(list(known.columns)) if len(known.columns) else ()
    for pattern, part in patterns:
        rows = part.index
        columns = [c for c, has in zip(known.columns, pattern, strict=True) if has]
        if len(columns) < MINIMUM_VARIABLES:
            continue
        complete = matrix[columns].dropna()
        found = nearest(complete.to_numpy(), list(complete.index), k)
        parts.append(found[found["code"].isin(rows)].assign(variables=" ".join(columns)))
    empty = nearest(np.empty((0, 1)), [], 1).assign(variables="")
    return pd.concat(parts) if parts else empty


def _apart(ranked: pd.DataFrame, members: dict[Any, set[str]]) -> pd.DataFrame:
    """Keep, for each area, its nearest neighbours that share no commune with it or each other."""
    kept = []
    for code, rows in ranked.groupby("code", sort=False):
        taken = set(members[str(code)])
        rank = 0
        for row in rows.itertuples():
            if rank < NEIGHBOURS and taken.isdisjoint(members[str(row.neighbour)]):
                taken |= members[str(row.neighbour)]
                rank += 1
                kept.append((row.code, rank, row.neighbour, row.distance, row.variables))
    columns = ["code", "rank", "neighbour", "distance", "variables"]
    return pd.DataFrame(kept, columns=columns)
