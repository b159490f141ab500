"""Rows made on demand after all the others: a free perimeter, a council as it was each year."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from diagnostics import aggregation, catalogue, comparisons, context, long_table
from diagnostics.report import area as areas
from diagnostics.report.area import code_of
from diagnostics.report.model import PERIMETER, Area, Similar
from diagnostics.report.surroundings import similar_areas
from diagnostics.report.tables import Tables

# The level under which its rows are compared: a territory is what a perimeter is most like.
_AS = "territoire"
# The level of its likes, as of its profile: groups of communes that cover the département.
_LIKES = "epci"


def rows_of_perimeter(tables: Tables, area: Area) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return its rows in the long table's form and in that of `comparaisons.csv`.

    Their level is `perimetre`, their code `code_of` its communes. They are beside similar areas
    where the tables are `with_likes`.
    """
    group = _group(area)
    classes = comparisons.class_groups(tables.facts, tables.context)
    mine = _rows(tables, _cells(tables, classes, group), group)
    likes = tables.similar[tables.similar["niveau"] == PERIMETER]
    known = tables.long["niveau"].eq(_LIKES) & tables.long["code"].isin(likes["neighbour"])
    compared = comparisons.comparisons(
        pd.concat([mine, _wholes(tables), tables.long[known]]),
        tables.density,
        comparisons.class_of_areas(mine, group.assign(niveau=_AS), classes),
        likes.assign(niveau=_AS),
    )
    compared = compared[compared["code"].isin(group["code"])]
    return mine.assign(niveau=PERIMETER), compared.assign(niveau=PERIMETER)


def rows_by_year(
    tables: Tables, area: Area, members: Mapping[int, tuple[str, ...]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of a council whose communes are each year those of that year.

    `members` is `territories.members_by_year`. Each composition is made as a free perimeter, after
    all the others: its total may be subtracted from that of today's. It is compared with the rest
    of the département, the region and France, not with a class or likes, which are today's.
    """
    classes = comparisons.class_groups(tables.facts, tables.context)
    own = _group(area).assign(code=area.code)
    parts = []
    for codes in dict.fromkeys(members.values()):
        group = _group(replace(area, communes=areas.places(tables, list(codes))))
        years = [year for year, held in members.items() if held == codes]
        of_years = replace(tables, facts=tables.facts[tables.facts["year"].isin(years)])
        parts.append(_cells(of_years, classes, group).assign(code=area.code))
    mine = _rows(tables, pd.concat(parts, ignore_index=True), own)
    none = tables.similar.iloc[:0]
    compared = comparisons.comparisons(
        pd.concat([mine, _wholes(tables)]),
        tables.density.iloc[:0],
        comparisons.class_of_areas(mine, own.assign(niveau=_AS).iloc[:0], classes),
        none,
    )
    return mine, compared[compared["code"] == area.code]


def cells_to_add(tables: Tables, area: Area) -> pd.DataFrame:
    """Return the cells of the communes of an area, whose totals are only shown added to others.

    They give no commune away beside what the département shows. Whether they are covered and
    precise enough is for the sum to say (see `aggregation.with_estimates`).
    """
    classes = comparisons.class_groups(tables.facts, tables.context)
    return _cells(tables, classes, _group(area), summed=PERIMETER)


def _cells(
    tables: Tables, classes: pd.DataFrame, group: pd.DataFrame, summed: str = ""
) -> pd.DataFrame:
    """Return the cells of a group, estimated after all that is already shown."""
    every = pd.concat([tables.groups, classes, group], ignore_index=True)
    cells = aggregation.with_estimates(
        aggregation.aggregate(tables.facts, every),
        tables.facts,
        every,
        tables.confirming_totals,
        summed,
    )
    return cells[cells["niveau"] == PERIMETER].reset_index(drop=True)


def _rows(tables: Tables, cells: pd.DataFrame, group: pd.DataFrame) -> pd.DataFrame:
    """Return cells in the long table's form, under the level of the councils."""
    labels = group.assign(niveau=_AS)[["niveau", "code", "libelle"]].drop_duplicates()
    wholes = _wholes(tables)
    made = long_table.finish(
        pd.concat(
            [
                long_table.group_rows(cells.assign(niveau=_AS), labels),
                wholes[wholes["niveau"] == "departement"],
            ]
        ),
        catalogue.strategy(),
        tables.about["edition"],
        tables.about["geography"],
    )
    return made[made["niveau"] == _AS]


def _wholes(tables: Tables) -> pd.DataFrame:
    return tables.long[tables.long["niveau"].isin(["departement", "region", "france"])]


def with_likes(tables: Tables, area: Area) -> Tables:
    """Return the tables, `similar` holding the EPCI most like the perimeter by context.

    They are found as those of an EPCI (`comparisons.similar_areas`): none shares a commune with
    it. There is none where the context is not known, or known of too few.
    """
    group = _group(area).assign(niveau=_LIKES)
    around = tables.group_context[tables.group_context["niveau"] == _LIKES]
    own = context.territory_table(tables.context, group, tables.communes)
    found = comparisons.similar_areas(
        tables.context,
        pd.concat([around, own], ignore_index=True),
        pd.concat([tables.groups, group], ignore_index=True),
        tables.communes.iloc[:0],
    )
    found = found[found["code"].isin(group["code"])]
    return replace(tables, similar=found.assign(niveau=PERIMETER))


def similar_to_perimeter(tables: Tables, area: Area) -> tuple[tuple[Similar, ...], tuple[str, ...]]:
    """Return the areas of `with_likes`, nearest first, and the variables that were compared."""
    as_like = replace(area, niveau=_LIKES)
    return similar_areas(replace(tables, similar=tables.similar.assign(niveau=_LIKES)), as_like)


def _group(area: Area) -> pd.DataFrame:
    """Return the communes of the perimeter as a group (see `territories.groups`)."""
    codes = [place.code for place in area.communes]
    return pd.DataFrame(
        {
            "niveau": PERIMETER,
            "code": code_of(codes),
            "libelle": area.label,
            "type": PERIMETER,
            "code_insee": codes,
            "inside": True,
        }
    )
