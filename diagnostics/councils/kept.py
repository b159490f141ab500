"""What a build of figures takes from the lists that are kept, and what it gives back to them."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from diagnostics.councils import mergers, records
from diagnostics.councils.database import Database, open_if_any
from diagnostics.councils.history import begun
from diagnostics.councils.mergers import Movements
from diagnostics.councils.records import Council
from diagnostics.errors import Refused

WHO = "chargement des données"
"""Who carries memberships along the mergers that a new edition brings."""


@dataclass(frozen=True)
class Kept:
    """The list of a département on the communes of today; `to_follow`: it is not yet so there.

    `open`: one sentence for each commune that somebody must decide about.
    """

    councils: tuple[Council, ...]
    to_follow: bool
    open: tuple[str, ...]

    @property
    def memberships(self) -> pd.DataFrame:
        """Return the table that figures are made from."""
        return records.membership_table(self.councils)


def kept_lists(
    store_folder: Path, departements: Iterable[str], moves: Movements
) -> dict[str, Kept]:
    """Return the list of each département whose councils are kept with a store.

    Raises:
        Refused: the database cannot be read.
    """
    database = open_if_any(store_folder)
    if database is None:
        return {}
    try:
        found = ((each, _kept(database, each, moves)) for each in departements)
        return {each: kept for each, kept in found if kept is not None}
    finally:
        database.close()


def follow(store_folder: Path, departements: Iterable[str], moves: Movements) -> dict[str, str]:
    """Carry the lists of some départements along mergers; return why for those that could not."""
    failed: dict[str, str] = {}
    for each in departements:
        database: Database | None = None
        try:
            database = open_if_any(store_folder)
            if database is not None:
                mergers.carry_over(database, each, moves, who=WHO)
        except Refused as refusal:
            failed[each] = str(refusal)
        finally:
            if database is not None:
                database.close()
    return failed


def _kept(database: Database, departement: str, moves: Movements) -> Kept | None:
    since = begun(database, departement)
    if since is None:
        return None
    held = records.councils(database, departement)
    changed = {council.id: council for council in mergers.followed(held, moves)}
    on_today = tuple(changed.get(council.id, council) for council in held)
    return Kept(
        on_today,
        bool(changed),
        (
            *(each.sentence for each in mergers.disputes(on_today, moves)),
            *(each.sentence for each in mergers.questions(on_today, moves, since)),
        ),
    )
