"""From the facts of the communes and their groups to every figure of a département.

What the publishers say of the communes is `Known`; the councils may change without it. A build
reads both, `recompose` only draws the councils again and makes their figures anew.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from diagnostics import (
    __version__,
    aggregation,
    catalogue,
    comparisons,
    context,
    geometry,
    long_table,
    schemas,
    store,
    territories,
)


@dataclass(frozen=True)
class Known:
    """What is published of a département, whatever its councils.

    `facts`, `communes`, `official` and `context` are the tables of those names; `confirming` holds
    the official totals where they are of the communal file's own production date; `around` the
    long table's rows of the region and France.
    """

    facts: pd.DataFrame
    communes: pd.DataFrame
    official: pd.DataFrame
    confirming: pd.DataFrame | None
    context: pd.DataFrame
    around: pd.DataFrame
    edition: str
    geography: int | None


def figures(known: Known, groups: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the tables that depend on the groups (`territories.groups`), themselves included."""
    long = schemas.checked(_long_table(known, groups), schemas.long(), "table longue")
    group_context = schemas.checked(
        context.territory_table(known.context, groups, known.communes),
        context.territory_schema(),
        "contexte des territoires",
    )
    return {
        "groups": groups,
        "long": long,
        "group_context": group_context,
        **comparisons.tables(
            long,
            known.facts,
            known.communes,
            groups,
            known.context,
            group_context,
            known.confirming,
        ),
    }


def recompose(
    folder: Path,
    departement: str,
    memberships: pd.DataFrame,
    origin: dict[str, Any],
) -> store.Store:
    """Put in force a snapshot whose councils are those of `memberships`, the rest as it was.

    `memberships` is a table of `territories.read_memberships`, `origin` its entry in the manifest's
    inputs (see `COUNCIL_LIST`).

    Raises:
        Refused: the store does not hold the département; the previous snapshot stays in force.
    """
    held = store.open_store(folder)
    about = held.about(departement)
    with store.replacing(folder) as draft:
        unchanged = {name: held.table(departement, name) for name in _UNCHANGED}
        outlines = held.outlines(departement)
        known = known_of(held, departement)
        kept = held.table(departement, "groups").query("niveau != 'territoire'")
        councils = territories.council_groups(known.communes, memberships)
        groups = pd.concat([councils, kept], ignore_index=True)
        made = {**unchanged, "memberships": memberships, **figures(known, groups)}
        communal = outlines[outlines["niveau"].isin(known.communes["kind"].unique())]
        drawn = geometry.area_outlines(communal[["code", "geometry"]], known.communes, groups)
        store.write_departement(draft, departement, made, drawn)
        inputs = [i for i in about["inputs"] if i["title"] != COUNCIL_LIST]
        entry = about | {
            "rows": {name: len(table) for name, table in made.items()},
            "inputs": [*inputs, {"title": COUNCIL_LIST, **origin}],
        }
        manifest = {
            "version": __version__,
            "built": date.today().isoformat(),
            "simulated": held.simulated,
            "departements": {departement: entry},
        }
        store.write_manifest(manifest, draft)
    return store.open_store(folder)


COUNCIL_LIST = "Conseils locaux : composition et sources"
"""Title of the list of councils among the inputs of a département."""
_UNCHANGED = ("facts", "communes", "qpv", "official", "reconciliation", "context")


def known_of(held: store.Store, departement: str) -> Known:
    """Return what a store holds of a département, whatever its councils."""
    about = held.about(departement)
    long = held.table(departement, "long")
    official = held.table(departement, "official")
    return Known(
        facts=held.table(departement, "facts"),
        communes=held.table(departement, "communes"),
        official=official,
        confirming=official if confirms(about) else None,
        context=held.table(departement, "context"),
        around=long[long["niveau"].isin(["region", "france"])],
        edition=about["edition"],
        geography=about["geography"],
    )


def confirms(about: dict[str, Any]) -> bool:
    """Say whether a département's official totals are of its communal file's production date.

    Totals of another date contradict nothing: they only stand beside.
    """
    return f"produit-le{about['produced']}" in (about["official_base"] or "")


def _long_table(known: Known, groups: pd.DataFrame) -> pd.DataFrame:
    cells = aggregation.aggregate(known.facts, groups)
    long = long_table.assemble(
        known.facts,
        known.communes,
        aggregation.with_estimates(cells, known.facts, groups, known.confirming),
        groups[["niveau", "code", "libelle"]].drop_duplicates(["niveau", "code"]),
        known.official,
        catalogue.strategy(),
        known.edition,
        known.geography,
    )
    return long if known.around.empty else pd.concat([long, known.around], ignore_index=True)
