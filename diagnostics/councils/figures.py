"""The figures and the list of councils: whether they agree, and how a list is told as an input."""

import hashlib
from typing import Any

import pandas as pd

from diagnostics import territories
from diagnostics.councils import records


def agree(
    listed: pd.DataFrame, communes: pd.DataFrame, groups: pd.DataFrame, drawn: pd.DataFrame
) -> bool:
    """Say whether the figures are those of a list in force today.

    `listed`: memberships of the list; `communes`, `groups` and `drawn` (memberships): tables of
    the store. Both what the figures were added over (the groups) and what is said of each council
    (its status and source) are compared.
    """
    wanted = territories.council_groups(communes, listed)
    return _rows(wanted) == _rows(groups[groups["niveau"] == "territoire"]) and _rows(
        territories.current(listed)
    ) == _rows(territories.current(drawn))


def origin(departement: str, listed: pd.DataFrame) -> dict[str, Any]:
    """Return what the manifest of a store says of a list among its inputs, title apart."""
    file = records.export_csv(listed)
    return {
        "source": None,
        "publisher": "Liste tenue dans l’application",
        "licence": "",
        "file": f"conseils-{departement}.csv",
        "edition": "",
        "rows": len(listed),
        "bytes": len(file),
        "sha256": hashlib.sha256(file).hexdigest(),
        "url": None,
        "fetched_at": None,
    }


def _rows(table: pd.DataFrame) -> set[tuple[object, ...]]:
    """Return the rows as a set, dates unknown as None, whatever the table's own order."""
    columns = sorted(table.columns)
    plain = table[columns].astype(object)
    return set(plain.where(plain.notna(), None).itertuples(index=False, name=None))
