"""Fill the list of a département for the first time."""

from collections import Counter
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from diagnostics import territories
from diagnostics.councils import rules, schema
from diagnostics.councils.database import Database
from diagnostics.councils.history import record
from diagnostics.councils.records import Council, Member, hold
from diagnostics.errors import Refused
from diagnostics.wording import NARROW, count, quoted


def seed(database: Database, departement: str, memberships: pd.DataFrame) -> bool:
    """Fill the list of a département that has none yet; say whether this call has done it.

    `memberships`: as `territories.read_memberships` gives it; it may be empty. Called again, or by
    several replicas at once, it fills the list once. It is no entry that can be undone.

    Raises:
        Refused: a council with two names, types or statuses; a text that no field accepts.
    """
    wanted = _from_table(departement, memberships)
    with database.writing() as connection:
        if not _opened(connection, departement):
            return False
        for each in wanted:
            hold(connection, each)
        rows = count(len(memberships), "ligne")
        record(
            connection,
            departement,
            who="liste de départ",
            action="départ",
            sentence=f"Liste de départ{NARROW}: {count(len(wanted), 'conseil')}, {rows}.",
        )
    return True


def _opened(connection: sa.Connection, departement: str) -> bool:
    """Write down that a département has a list; False where it had one."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = dialect.insert(schema.departement).values(code=departement, revision=0)
    written = row.on_conflict_do_nothing().returning(schema.departement.c.code)
    return connection.execute(written).first() is not None


def _from_table(departement: str, memberships: pd.DataFrame) -> list[Council]:
    columns = memberships[territories.COLUMNS].itertuples(index=False, name=None)
    by_council: dict[str, list[tuple[Any, ...]]] = {}
    for council_id, *row in columns:
        by_council.setdefault(council_id, []).append(tuple(row))
    return [_council(departement, council_id, rows) for council_id, rows in by_council.items()]


def _council(departement: str, council_id: str, rows: list[tuple[Any, ...]]) -> Council:
    types, names, codes, starts, ends, statuses, sources = zip(*rows, strict=True)
    for label, values in (("types", types), ("noms", names), ("statuts", statuses)):
        if len(set(values)) > 1:
            raise Refused(
                f"Le conseil {quoted(council_id)} a plusieurs {label} dans la liste de départ "
                f"({', '.join(sorted(set(values)))}){NARROW}: n’en garder qu’un."
            )
    source, _ = Counter(sources).most_common(1)[0]
    return Council(
        departement,
        council_id,
        types[0],
        rules.plain(names[0], "Le nom d’un conseil", rules.NAME_LENGTH),
        rules.plain(statuses[0], "Le statut d’un conseil", rules.STATUS_LENGTH),
        rules.plain(source, "La source d’un conseil", rules.SOURCE_LENGTH, required=False),
        members=tuple(
            Member(code, start, end, "" if other == source else other)
            for code, start, end, other in zip(codes, starts, ends, sources, strict=True)
        ),
    )
