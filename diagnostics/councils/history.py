"""Who changed what and when, how a change is undone, and how a second person is told of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from diagnostics.councils import rules, schema
from diagnostics.councils.database import Database
from diagnostics.councils.records import Council, held_councils, hold, require_consistent
from diagnostics.errors import Refused
from diagnostics.wording import NARROW, quoted

STATE = TypeAdapter(Council)
"""How a council is kept in the history."""


@dataclass(frozen=True)
class Entry:
    """One change: one transaction, of councils, of the texts of one or of what it has produced.

    `at` is in UTC. `undone`: a later entry has undone it. `undoable`: what it made is still as it
    made it.
    """

    id: int
    departement: str
    at: datetime
    who: str
    action: str
    sentence: str
    council_ids: tuple[str, ...]
    undone: bool
    undoable: bool


@dataclass(frozen=True)
class Change:
    """What an edit asks for: a council as it was on screen (None: a new one), and as wanted."""

    seen: Council | None
    wanted: Council


class Conflict(Refused):
    """Somebody else changed a council after it was read. Nothing was written, nothing is lost.

    `current`: the councils as held now; `entries`: what was done in between, newest first;
    `attempt`: the states that were refused.
    """

    def __init__(
        self, current: Sequence[Council], entries: Sequence[Entry], attempt: Sequence[Council]
    ) -> None:
        self.current, self.entries, self.attempt = tuple(current), tuple(entries), tuple(attempt)
        names = ", ".join(quoted(c.name) for c in current)
        done = f"{NARROW}; ".join(map(_told, entries))
        super().__init__(
            f"{names} a changé depuis que vous l’avez ouvert ({done}){NARROW}: votre modification "
            "n’est pas enregistrée, relire le conseil puis la refaire."
        )


def _told(entry: Entry) -> str:
    when = f"le {entry.at.astimezone():%d/%m/%Y à %H:%M}"
    return f"{when}, {entry.who}{NARROW}: {entry.sentence.rstrip('.')}"


def latest(connection: sa.Connection, departement: str) -> str:
    """Return who made the last change of a list, when and which, for a refusal."""
    of = schema.entry.c
    beside = sa.union(
        sa.select(schema.note_change.c.entry_id), sa.select(schema.deck_change.c.entry_id)
    )
    query = sa.select(of.id).where(of.departement == departement, of.id.not_in(beside))
    query = query.order_by(of.id.desc()).limit(1)
    (entry,) = entries(connection, departement, connection.scalars(query))
    return _told(entry)


def lock(connection: sa.Connection, departement: str) -> int:
    """Wait for the other writers of a département, and return the revision of its list.

    Raises:
        Refused: it has no list yet.
    """
    return revision(connection, departement, alone=True)


def revision(connection: sa.Connection, departement: str, *, alone: bool = False) -> int:
    """Return how many changes the list of a département has had; `alone`: hold its lock too.

    Raises:
        Refused: it has no list yet.
    """
    of = schema.departement.c
    query = sa.select(of.revision).where(of.code == departement)
    found = connection.execute(query.with_for_update() if alone else query).scalar()
    if found is None:
        raise Refused(
            f"Le département {departement} n’a pas encore de liste de conseils{NARROW}: ouvrir "
            "d’abord sa page, qui la remplit de sa liste de départ."
        )
    return int(found)


def last_revision(database: Database, departement: str) -> int | None:
    """Return how many changes a list has had, at the price of one row; None where there is none."""
    of = schema.departement.c
    with database.reading() as connection:
        found: int | None = connection.scalar(sa.select(of.revision).where(of.code == departement))
    return found


def begun(database: Database, departement: str) -> date | None:
    """Return the day a list was first filled, None where there is none."""
    of = schema.entry.c
    query = sa.select(of.at).where(of.departement == departement).order_by(of.id).limit(1)
    with database.reading() as connection:
        first: datetime | None = connection.scalar(query)
    return None if first is None else first.date()


def save(
    connection: sa.Connection,
    departement: str,
    changes: Sequence[Change],
    *,
    who: str,
    action: str,
    sentence: str,
    names: Mapping[str, str] | None = None,
    undoes: int | None = None,
) -> tuple[list[Council], int]:
    """Write changes and their entry; return the councils as saved, and the id of the entry.

    The département is locked by the caller. `names`: {code_insee: name}, for the refusals.

    Raises:
        Conflict: a council is not any more the version that was seen.
        Refused: the list would contradict itself.
    """
    held = held_councils(connection, departement)
    stale = [
        held[c.seen.id] for c in changes if c.seen and held[c.seen.id].version != c.seen.version
    ]
    if stale:
        seen = {c.seen.id: c.seen.version for c in changes if c.seen}
        raise Conflict(
            stale,
            _entries_since(connection, departement, {c.id: seen[c.id] for c in stale}),
            [c.wanted for c in changes],
        )
    require_consistent({c.wanted.id: c.wanted for c in changes}, held, names or {})
    saved = [hold(connection, c.wanted) for c in changes]
    entry_id = record(
        connection, departement, who=who, action=action, sentence=sentence, undoes=undoes
    )
    connection.execute(
        sa.insert(schema.change),
        [
            {
                "entry_id": entry_id,
                "departement": departement,
                "council_id": after.id,
                "version": after.version,
                "before": None if c.seen is None else _dumped(c.seen),
                "after": _dumped(after),
            }
            for c, after in zip(changes, saved, strict=True)
        ],
    )
    return saved, entry_id


def record(
    connection: sa.Connection,
    departement: str,
    *,
    who: str,
    action: str,
    sentence: str,
    undoes: int | None = None,
    of_list: bool = True,
) -> int:
    """Write one entry of the history, and return its id.

    `of_list`: it changes the list, whose revision goes up; False for what is kept beside it.

    Raises:
        Refused: `who` is no service.
    """
    of_departement = schema.departement.c
    if of_list:
        connection.execute(
            sa.update(schema.departement)
            .where(of_departement.code == departement)
            .values(revision=of_departement.revision + 1)
        )
    (entry_id,) = connection.execute(
        sa.insert(schema.entry)
        .values(
            departement=departement,
            at=datetime.now(UTC),
            who=rules.service(who),
            action=action,
            sentence=sentence,
            undoes=undoes,
        )
        .returning(schema.entry.c.id)
    ).one()
    return int(entry_id)


def history(
    database: Database, departement: str, council_id: str | None = None, limit: int = 100
) -> list[Entry]:
    """Return the last changes of a département, or of one of its councils, newest first."""
    of = schema.entry.c
    query = sa.select(of.id).where(of.departement == departement)
    if council_id is not None:
        query = query.where(of.id.in_(_touching(departement, council_id)))
    with database.reading() as connection:
        ids = connection.scalars(query.order_by(of.id.desc()).limit(limit)).all()
        return entries(connection, departement, ids)


def since(database: Database, council: Council) -> list[Entry]:
    """Return what has changed a council beyond the version that was read, newest first."""
    with database.reading() as connection:
        return _entries_since(connection, council.departement, {council.id: council.version})


def _touching(departement: str, council_id: str) -> sa.CompoundSelect[Any]:
    """Select the entries that have changed a council, its texts or what it has produced."""
    of_council = {"departement": departement, "council_id": council_id}
    of_deck = schema.deck_change.join(schema.deck)
    return sa.union(
        sa.select(schema.change.c.entry_id).filter_by(**of_council),
        sa.select(schema.note_change.c.entry_id).filter_by(**of_council),
        sa.select(schema.deck_change.c.entry_id)
        .select_from(of_deck)
        .where(schema.deck.c.departement == departement, schema.deck.c.council_id == council_id),
    )


def _dumped(council: Council) -> dict[str, Any]:
    dumped: dict[str, Any] = STATE.dump_python(council, mode="json")
    return dumped


def same(council: Council, dumped: dict[str, Any]) -> bool:
    """Say whether a council is what an entry made of it, whichever its version."""
    return replace(STATE.validate_python(dumped), version=council.version) == council


def changes_of(
    connection: sa.Connection, departement: str, entry_ids: Iterable[int]
) -> Sequence[sa.Row[Any]]:
    """Return what entries have done to councils: one row for each, before and after."""
    of = schema.change.c
    return connection.execute(
        sa.select(schema.change)
        .where(of.departement == departement, of.entry_id.in_(list(entry_ids)))
        .order_by(of.entry_id, of.council_id)
    ).all()


def entries(connection: sa.Connection, departement: str, entry_ids: Iterable[int]) -> list[Entry]:
    """Return some entries of a département, newest first."""
    ids = list(entry_ids)
    of = schema.entry.c
    rows = connection.execute(
        sa.select(schema.entry)
        .where(of.departement == departement, of.id.in_(ids))
        .order_by(of.id.desc())
    ).all()
    held = held_councils(connection, departement)
    touched: dict[int, list[str]] = {}
    changed_since = set()
    for change in changes_of(connection, departement, ids):
        touched.setdefault(change.entry_id, []).append(change.council_id)
        if not same(held[change.council_id], change.after):
            changed_since.add(change.entry_id)
    for note in notes_of(connection, ids):
        touched.setdefault(note.entry_id, []).append(note.council_id)
        if note_version(connection, note) != note.version:
            changed_since.add(note.entry_id)
    for deck in decks_of(connection, ids):
        touched.setdefault(deck.entry_id, []).append(deck.council_id)
        if deck.is_removed != deck.removed:
            changed_since.add(deck.entry_id)
    return [
        Entry(
            id=row.id,
            departement=row.departement,
            at=row.at,
            who=row.who,
            action=row.action,
            sentence=row.sentence,
            council_ids=tuple(touched.get(row.id, ())),
            undone=row.undone_by is not None,
            undoable=row.id in touched and row.undone_by is None and row.id not in changed_since,
        )
        for row in rows
    ]


def notes_of(connection: sa.Connection, entry_ids: Iterable[int]) -> Sequence[sa.Row[Any]]:
    """Return the versions of notes that entries have written."""
    of = schema.note_change.c
    return connection.execute(
        sa.select(schema.note_change).where(of.entry_id.in_(list(entry_ids)))
    ).all()


def note_version(connection: sa.Connection, of: sa.Row[Any]) -> int:
    """Return the newest version of the note that an entry has written."""
    newest = sa.select(sa.func.max(schema.note.c.version)).filter_by(
        departement=of.departement, council_id=of.council_id, year=of.year
    )
    return int(connection.scalars(newest).one())


def decks_of(connection: sa.Connection, entry_ids: Iterable[int]) -> Sequence[sa.Row[Any]]:
    """Return the decks that entries have removed or brought back, and what they are now."""
    of = schema.deck_change.c
    return connection.execute(
        sa.select(
            schema.deck_change,
            schema.deck.c.council_id,
            schema.deck.c.removed.label("is_removed"),
        )
        .join(schema.deck)
        .where(of.entry_id.in_(list(entry_ids)))
    ).all()


def _entries_since(
    connection: sa.Connection, departement: str, versions: dict[str, int]
) -> list[Entry]:
    """Return the entries that took councils beyond the versions given."""
    of = schema.change.c
    beyond = sa.or_(
        *(sa.and_(of.council_id == i, of.version > version) for i, version in versions.items())
    )
    query = sa.select(of.entry_id).where(of.departement == departement, beyond)
    return entries(connection, departement, set(connection.scalars(query)))
