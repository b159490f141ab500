"""The rows of a free perimeter: made as those of a council, after all the others."""

import pandas as pd

from diagnostics import catalogue, comparisons, long_table
from diagnostics.report.model import PERIMETER, Area
from diagnostics.report.tables import Tables

# The level under which its rows are made: a territory is what a perimeter is most like.
_AS = "territoire"


def rows_of_perimeter(tables: Tables, area: Area) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return its rows in the long table's form and in that of `comparaisons.csv`."""
    codes = [place.code for place in area.communes]
    group = pd.DataFrame(
        {
            "niveau": PERIMETER,
            "code": area.code,
            "libelle": area.label,
            "type": PERIMETER,
            "code_insee": codes,
            "inside": True,
        }
    )
    classes = comparisons.class_groups(tables.facts, tables.context)
    shown = pd.concat([tables.long, tables.density])
    cells = comparisons.extra_cells(
        tables.facts,
        pd.concat([tables.groups, comparisons.as_last(classes)]),
        group,
        comparisons.as_last(shown),
        tables.confirming_totals,
    )
    made_as = group.assign(niveau=_AS)
    labels = made_as[["niveau", "code", "libelle"]].drop_duplicates()
    rows = long_table.group_rows(cells.assign(niveau=_AS), labels)
    whole = tables.long[tables.long["niveau"] == "departement"]
    about = tables.about
    made = long_table.finish(
        pd.concat([rows, whole]), catalogue.strategy(), about["edition"], about["geography"]
    )
    mine = made[made["niveau"] == _AS]
    wholes = tables.long[tables.long["niveau"].isin(["departement", "region", "france"])]
    membership = comparisons.class_of_areas(mine, made_as, classes)
    none = tables.similar.iloc[:0]
    compared = comparisons.comparisons(pd.concat([mine, wholes]), tables.density, membership, none)
    compared = compared[compared["niveau"] == _AS]
    return mine.assign(niveau=PERIMETER), compared.assign(niveau=PERIMETER)
