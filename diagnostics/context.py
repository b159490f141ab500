"""Context of communes and territories: what is known beside recorded crime, and from where.

A territory's value is recomputed from numerators and denominators, never a mean of rates. What
only exists as a rate or a median is not aggregated: the row says why. Secret and missing are
statuses; they are never zero.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
import pandera.pandas as pa

from diagnostics import catalogue
from diagnostics.sources import census
from diagnostics.sources import context as published
from diagnostics.sources.context import ABSENT, COLUMNS, PUBLISHED, SECRET
from diagnostics.wording import NARROW, count, number, percent

if TYPE_CHECKING:
    from pandas.api.typing import DataFrameGroupBy

PARTIAL, NOT_AGGREGATED = "partiel", "non_agregeable"
# A ratio is given for a territory where members holding at least this share of its residents are
# known: it is then `partiel`, on these members only.
MINIMUM_COVERAGE = 0.95
ONLY_RATES = (
    "Seul un taux est publié pour ces communes, sans les effectifs qui permettraient de le "
    "recalculer pour le territoire."
)
SEVERAL_YEARS = "Les communes du territoire ne sont pas connues pour la même année."

Reader = Callable[[Path, Sequence[str]], pd.DataFrame]
READERS: dict[str, Reader] = {
    "cog_communes": published.read_population,
    "rp_iris": census.read_iris,
    "rp_communes_5000": census.read_communes_5000,
    "rp_logements_communes": census.read_dwellings,
    "filosofi": published.read_filosofi,
    "bpe": published.read_facilities,
    "sru": published.read_social_housing,
    "qpv": published.read_qpv_counts,
    "grille_densite": published.read_density_class,
    "competence_police_gendarmerie": published.read_forces,
    "circonscriptions_police": published.read_police_districts,
}
TERRITORY_COLUMNS = [
    "niveau",
    "code",
    *COLUMNS[1:],
    "members",
    "known_members",
    "population_coverage",
    "reason",
]
# INSEE's bases communales are read together: some variables take a term from each of two files.
CENSUS_COUNTS = ("rp_population", "rp_activite", "rp_familles", "rp_logement")
SOURCES = (*READERS, *CENSUS_COUNTS, "contours")


def _numbers_only_where_published(frame: pd.DataFrame) -> "pd.Series[bool]":
    empty = frame[["value", "numerator", "denominator"]].isna().all(axis=1) & (frame["text"] == "")
    return empty | frame["status"].isin([PUBLISHED, PARTIAL])


def _published_says_something(frame: pd.DataFrame) -> "pd.Series[bool]":
    said = frame["value"].notna() | (frame["text"] != "")
    return said | ~frame["status"].isin([PUBLISHED, PARTIAL])


_CHECKS = [
    pa.Check(_numbers_only_where_published, name="ce qui n’est pas publié n’a pas de nombre"),
    pa.Check(_published_says_something, name="ce qui est publié a une valeur ou un texte"),
]


def _figure() -> dict[str, pa.Column]:
    positive = pa.Check.ge(0)
    return {
        "variable": pa.Column(str, pa.Check.isin(list(catalogue.context_variables()))),
        "value": pa.Column(float, positive, nullable=True),
        "numerator": pa.Column(float, positive, nullable=True),
        "denominator": pa.Column(float, positive, nullable=True),
        "year": pa.Column("Int64", nullable=True),
        "source": pa.Column(str),
        "text": pa.Column(str),
        "approximate": pa.Column(bool),
    }


def commune_schema() -> pa.DataFrameSchema:
    """Return the contract of `context_table`."""
    return pa.DataFrameSchema(
        {
            "code_insee": pa.Column(str, pa.Check.str_matches(r"^[0-9A-Z]{2}\d{3}$")),
            "status": pa.Column(str, pa.Check.isin([PUBLISHED, SECRET, ABSENT])),
            **_figure(),
        },
        checks=_CHECKS,
        unique=["code_insee", "variable"],
        strict=True,
    )


def territory_schema() -> pa.DataFrameSchema:
    """Return the contract of `territory_table`."""
    statuses = [PUBLISHED, PARTIAL, SECRET, ABSENT, NOT_AGGREGATED]
    return pa.DataFrameSchema(
        {
            "niveau": pa.Column(str),
            "code": pa.Column(str),
            "status": pa.Column(str, pa.Check.isin(statuses)),
            **_figure(),
            "members": pa.Column(int, pa.Check.gt(0)),
            "known_members": pa.Column(int, pa.Check.ge(0)),
            "population_coverage": pa.Column(float, pa.Check.in_range(0, 1), nullable=True),
            "reason": pa.Column(str),
        },
        checks=_CHECKS,
        unique=["niveau", "code", "variable"],
        strict=True,
    )


def context_table(paths: Mapping[str, Path], communes: Sequence[str]) -> pd.DataFrame:
    """Return the context of communes, one row per (commune, variable), none missing.

    Args:
        paths: source id -> file, among `SOURCES`; any may be missing, others are ignored.
        communes: INSEE codes wanted.

    Returns:
        code_insee, variable (id of context.toml, in its order), value (in the variable's unit),
        numerator, denominator (NaN where unknown), status (publie | secret | absent), year (of
        the figure), source (id, "" where absent), text (label of a class, force, QPV codes),
        approximate (terms recovered from a rounded share, or a deduction).

    Raises:
        Refused: a file that is not what its source declares.
    """
    codes = list(dict.fromkeys(communes))
    variables = catalogue.context_variables()
    found = [
        reader(paths[source_id], codes)
        for source_id, reader in READERS.items()
        if source_id in paths
    ]
    counts = {source_id: paths[source_id] for source_id in CENSUS_COUNTS if source_id in paths}
    if counts:
        found.append(census.read_counts(counts, codes))
    if "contours" in paths and "cog_communes" in paths:
        population = published.read_population(paths["cog_communes"], codes)
        found.append(published.read_density(paths["contours"], codes, population))

    held = published.stack(found)
    grid = pd.MultiIndex.from_product([codes, variables], names=["code_insee", "variable"])
    preference = {
        (variable.id, source): rank
        for variable in variables.values()
        for rank, source in enumerate(variable.sources)
    }
    pairs = zip(held["variable"], held["source"], strict=True)
    held = held.assign(rank=[preference[pair] for pair in pairs], silent=held["status"] == ABSENT)
    held = held.sort_values(["silent", "rank"], kind="stable")
    best = held.drop_duplicates(["code_insee", "variable"]).set_index(["code_insee", "variable"])
    table = best.reindex(grid).reset_index()[COLUMNS]
    return _typed(table)


def territory_table(
    context: pd.DataFrame, groups: pd.DataFrame, communes: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the context of groups of communes, one row per (niveau, code, variable).

    Sums need every member. A ratio is Σ numerators / Σ denominators over the members whose terms
    are known, given when they hold at least `MINIMUM_COVERAGE` of the residents; terms of several
    years are not added. A QPV astride two members counts once. A group of one commune has its
    commune's own row, whatever the variable.

    A commune that has merged since the edition is in no newer source, which counts it in the
    commune that it has become part of: where both are members, nothing is missing.

    Args:
        context: `context_table`.
        groups: niveau, code, code_insee, many to many; where a column `inside` is present
            (`territories.groups`), the rows where it is false are left out.
        communes: code_insee and current_code, which says who has merged; nobody by default.

    Returns:
        niveau, code, variable, value, numerator, denominator, status (publie | partiel | secret |
        absent | non_agregeable), year, source, text, approximate, members, known_members,
        population_coverage (share 0-1 of residents living in known members, NaN where a
        population is unknown), reason (French sentence: why it is not aggregated, or which part
        is missing; "" where there is a value, or nothing at all to say it from).
    """
    inside = groups[groups["inside"]] if "inside" in groups.columns else groups
    members = inside[["niveau", "code", "code_insee"]].drop_duplicates()
    population = context[context["variable"] == "population"].set_index("code_insee")["value"]
    # A member that the context does not hold is one that is not known.
    grid = members.merge(context[["variable"]].drop_duplicates(), how="cross")
    rows = grid.merge(context, on=["code_insee", "variable"], how="left")
    rows["residents"] = rows["code_insee"].map(population).astype("float64")
    rows = _without_absorbed(rows, communes)
    rows["cell"] = rows.groupby(["niveau", "code", "variable"], sort=False).ngroup()
    size = rows.groupby("cell")["cell"].transform("size")
    cells = pd.concat([_of_one(rows[size == 1]), _of_several(rows[size > 1])])
    return _typed(cells.sort_index().reset_index()[TERRITORY_COLUMNS])


def _without_absorbed(rows: pd.DataFrame, communes: pd.DataFrame | None) -> pd.DataFrame:
    """Return the rows of members less those that another member's row of the same figure counts."""
    if communes is None:
        return rows
    merged = communes[communes["code_insee"] != communes["current_code"]]
    becomes = rows["code_insee"].map(merged.set_index("code_insee")["current_code"])
    if becomes.isna().all():
        return rows
    key = ["niveau", "code", "variable", "code_insee"]
    said = pd.MultiIndex.from_frame(rows.loc[rows["status"] == PUBLISHED, key])
    successor = pd.MultiIndex.from_frame(rows[key].assign(code_insee=becomes))
    absent = rows["status"].fillna(ABSENT) == ABSENT
    counted = becomes.notna() & successor.isin(said)
    # An older source may have its own row: its residents are those of the other all the same.
    alone = counted & rows["residents"].isna()
    rows = rows.assign(residents=rows["residents"].mask(alone, 0.0))
    return rows[~(counted & absent)]


def peers_matrix(context: pd.DataFrame) -> pd.DataFrame:
    """Return the variables by which areas are found similar, one row per area.

    `context` is `context_table`, or `territory_table` of one or several levels; the index is
    code_insee, or (niveau, code). Columns: log_population, log_density (natural logarithms: both
    are skewed), median_income_eur, share_15_24_pct, social_housing_pct; NaN where not published.
    A variable that no area has (the median income of groups is not aggregated) is left out, so
    that `statistics.peers.nearest` compares on the others.
    """
    index = ["niveau", "code"] if "niveau" in context.columns else ["code_insee"]
    wanted = context[
        context["variable"].isin([variable for variable, _ in PEER_VARIABLES.values()])
    ]
    values = wanted.pivot(index=index, columns="variable", values="value")
    return pd.DataFrame(
        {
            name: np.log(values[variable].where(values[variable] > 0)) if log else values[variable]
            for name, (variable, log) in PEER_VARIABLES.items()
            if variable in values and values[variable].notna().any()
        },
        index=values.index,
    )


PEER_VARIABLES = {
    "log_population": ("population", True),
    "log_density": ("densite", True),
    "median_income_eur": ("revenu_median", False),
    "share_15_24_pct": ("part_15_24_ans", False),
    "social_housing_pct": ("part_logements_hlm", False),
}


_TYPES = {
    **dict.fromkeys(["value", "numerator", "denominator", "population_coverage"], "float64"),
    **dict.fromkeys(["members", "known_members"], "int64"),
    **dict.fromkeys(["code_insee", "niveau", "code", "variable", "status"], "str"),
    **dict.fromkeys(["source", "text", "reason"], "str"),
    **{"approximate": "bool", "year": "Int64"},
}


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with its types; a row that nothing says is `absent`, without origin."""
    status = table["status"].fillna(ABSENT)
    table = table.assign(
        status=status,
        source=table["source"].where(status != ABSENT, "").fillna(""),
        text=table["text"].fillna(""),
        approximate=table["approximate"].astype("boolean").fillna(False),
        year=table["year"].astype("Int64").where(status != ABSENT),
    )
    return table.astype({column: _TYPES[column] for column in table.columns})


def _of_one(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of groups of one commune, by cell: its commune's, whatever the rule."""
    known = rows["status"] == PUBLISHED
    coverage = known.astype("float64").where(rows["residents"] > 0)
    found = rows.assign(
        members=1, known_members=known.astype(int), population_coverage=coverage, reason=""
    )
    return found.set_index("cell")


def _of_several(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row per cell, that is per (group, variable); `rows` holds one per member."""
    declared = [
        (v.id, v.aggregation, v.not_aggregated or "", v.factor)
        for v in catalogue.context_variables().values()
    ]
    names = ["variable", "rule", "why_not", "factor"]
    rows = rows.merge(pd.DataFrame(declared, columns=names), on="variable")
    said = rows["status"] == PUBLISHED
    terms = rows[["numerator", "denominator"]].notna().all(axis=1)
    known = said & (terms | (rows["rule"] != "ratio"))
    rows = rows.assign(
        said=said,
        known=known,
        secret=rows["status"] == SECRET,
        approximate=rows["approximate"].eq(True),
        living_in_known=rows["residents"].where(known, 0),
    )
    cells, of_known = rows.groupby("cell"), rows[known].groupby("cell")
    people = cells[["residents", "living_in_known"]].sum(skipna=False)
    found = cells[["niveau", "code", *names, "value", "text"]].first()
    found = found.assign(
        members=cells.size(),
        known_members=cells["known"].sum(),
        said=cells["said"].any(),
        secret=cells["secret"].any(),
        population_coverage=(people["living_in_known"] / people["residents"]).where(
            people["residents"] > 0
        ),
        years=_distinct(rows[known], "year").size(),
        answers=_distinct(rows, "value", "text").size(),
        numerator=of_known["numerator"].sum(),
        denominator=of_known["denominator"].sum(),
        year=of_known["year"].max(),
        source=_distinct(rows[known], "source")["source"].agg(" ".join),
        approximate=of_known["approximate"].any(),
    )
    found["status"], found["reason"] = _verdicts(found)
    return _figures(found, rows)


def _distinct(rows: pd.DataFrame, *columns: str) -> "DataFrameGroupBy[Any, Literal[True]]":
    """Group by cell what members have in these columns, the same thing once, in their order."""
    return rows.drop_duplicates(["cell", *columns]).groupby("cell")


def _verdicts(cells: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return status and reason of each cell: those of the first line that holds."""
    unsaid = np.where(cells["secret"], SECRET, ABSENT)
    ratio, coverage = cells["rule"] == "ratio", cells["population_coverage"]
    lacking = ~(coverage >= MINIMUM_COVERAGE) | ~(cells["denominator"] > 0)
    part = _missing_part(cells)
    lines: list[tuple[pd.Series, Any, Any]] = [
        (~cells["said"], unsaid, ""),
        (cells["rule"] == "none", NOT_AGGREGATED, cells["why_not"]),
        (cells["years"] > 1, NOT_AGGREGATED, SEVERAL_YEARS),
        (ratio & (cells["known_members"] == 0), NOT_AGGREGATED, ONLY_RATES),
        (ratio & lacking, ABSENT, part),
        (ratio & (coverage < 1), PARTIAL, ""),
        (~ratio & (cells["known_members"] < cells["members"]), unsaid, part),
        ((cells["rule"] == "unanimous") & (cells["answers"] > 1), NOT_AGGREGATED, cells["why_not"]),
    ]
    holds, statuses, reasons = zip(*lines, strict=True)
    return np.select(holds, statuses, PUBLISHED), np.select(holds, reasons, "")


def _missing_part(cells: pd.DataFrame) -> np.ndarray:
    """Return, for each cell, how many members lack the figure, and that the others do not do."""
    columns = ["members", "known_members", "secret", "rule", "population_coverage"]
    return np.array([_part(*cell) for cell in cells[columns].itertuples(index=False)], dtype=object)


def _part(members: int, known: int, secret: bool, rule: str, coverage: float) -> str:
    if known == members:
        return "Le dénominateur de ce taux est nul sur ce territoire."
    missing = members - known
    verb = "n’a pas" if missing == 1 else "n’ont pas"
    where = "dans la source, ou l’ont sous secret statistique" if secret else "dans la source"
    if rule != "ratio":
        rest = "la somme des autres ne serait pas le total"
    elif np.isnan(coverage):
        rest = "la population de l’une au moins manque aussi, et la part que tiennent les autres"
    else:
        rest = f"les autres tiennent {percent(coverage)} des habitants, il en faut "
        rest += f"{percent(MINIMUM_COVERAGE)}"
    who = f"{count(missing, 'commune')} sur {number(members)}"
    return f"{who} {verb} ce chiffre {where}{NARROW}: {rest}."


def _figures(cells: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Give cells their value, terms, text and origin; nothing where their status gives none."""
    ratio, unanimous, distinct = (cells["rule"] == r for r in ("ratio", "unanimous", "distinct"))
    names = rows[rows["rule"] == "distinct"]
    names = names.assign(text=names["text"].str.split()).explode("text").dropna(subset="text")
    named = _distinct(names.sort_values("text"), "text")["text"]
    numbers = named.size().reindex(cells.index, fill_value=0)
    numerator = cells["numerator"].mask(distinct, numbers).mask(unanimous)
    value = numerator.mask(ratio, cells["factor"] * numerator / cells["denominator"])
    found = {
        "value": value.mask(unanimous, cells["value"]),
        "numerator": numerator,
        "denominator": cells["denominator"].where(ratio),
        "text": cells["text"].where(unanimous).mask(distinct, named.agg(" ".join)),
        **{column: cells[column] for column in ("year", "source", "approximate")},
    }
    given = cells["status"].isin([PUBLISHED, PARTIAL])
    return cells.assign(**{column: figure.where(given) for column, figure in found.items()})
