"""Undo what an entry of the history has done, and say beforehand what that would bring back."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from diagnostics.councils import notes, schema
from diagnostics.councils.database import Database
from diagnostics.councils.differences import differences
from diagnostics.councils.history import (
    STATE,
    Change,
    Entry,
    changes_of,
    decks_of,
    entries,
    lock,
    note_version,
    notes_of,
    record,
    same,
    save,
)
from diagnostics.councils.notes import Note
from diagnostics.councils.records import Council, held_councils
from diagnostics.errors import Refused
from diagnostics.wording import NARROW, quoted


def undo(database: Database, departement: str, entry_id: int, who: str) -> list[Council]:
    """Bring back what an entry has changed; return the councils, where it is of the list.

    The undo is an entry itself, that can be undone. A council that the entry has created is
    removed, and its id stays taken.

    Raises:
        Refused: no such entry, already undone, or something has changed since.
    """
    with database.writing() as connection:
        lock(connection, departement)
        entry = _entry(connection, departement, entry_id)
        saved: list[Council] = []
        if changes := _backwards(connection, departement, entry):
            saved, undoing = save(
                connection,
                departement,
                changes,
                who=who,
                action="annulation",
                sentence=_sentence(entry),
                undoes=entry_id,
            )
        else:
            undoing = _undo_beside(connection, departement, entry, who)
        _mark(connection, entry_id, undoing)
        return saved


def coming_back(
    database: Database, departement: str, found: Iterable[Entry], names: Mapping[str, str]
) -> dict[int, list[str]]:
    """Return what undoing each entry would change, one sentence for each thing.

    `names`: {code_insee: name}. Entries that cannot be undone any more are left out.
    """
    said: dict[int, list[str]] = {entry.id: [] for entry in found if entry.undoable}
    with database.reading() as connection:
        held = held_councils(connection, departement)
        for row in changes_of(connection, departement, said):
            now = held[row.council_id]
            told = differences(now, _as_before(now, row), names)
            said[row.entry_id] += [each.sentence for each in told]
        for row in notes_of(connection, said):
            said[row.entry_id].append(_said_of_note(connection, row))
        for row in decks_of(connection, said):
            verb = "revient dans" if row.removed else "quitte"
            said[row.entry_id].append(f"Le support {verb} la liste.")
    return said


def _entry(connection: sa.Connection, departement: str, entry_id: int) -> Entry:
    found = entries(connection, departement, [entry_id])
    if not found:
        raise Refused(
            f"Le changement n° {entry_id} n’est pas dans l’historique{NARROW}: relire la liste."
        )
    (entry,) = found
    told = entry.sentence.rstrip(".")
    if entry.undone:
        raise Refused(f"Ce changement ({told}) est déjà annulé{NARROW}: relire l’historique.")
    if not entry.council_ids:
        raise Refused(
            f"La liste de départ ne s’annule pas{NARROW}: modifier les conseils un par un, ou "
            "importer une autre liste."
        )
    return entry


def _backwards(connection: sa.Connection, departement: str, entry: Entry) -> list[Change]:
    """Return the changes that bring back the councils of an entry.

    Raises:
        Refused: one of them has changed since.
    """
    held = held_councils(connection, departement)
    found = []
    for row in changes_of(connection, departement, [entry.id]):
        now = held[row.council_id]
        if not same(now, row.after):
            raise _changed_since(now.name, entry)
        found.append(Change(now, _as_before(now, row)))
    return found


def _as_before(now: Council, row: sa.Row[Any]) -> Council:
    """Return a council as it was before an entry; removed where the entry has created it."""
    if row.before is None:
        return replace(now, removed=True, members=())
    return replace(STATE.validate_python(row.before), version=now.version)


def _undo_beside(connection: sa.Connection, departement: str, entry: Entry, who: str) -> int:
    """Bring back what an entry has written beside the list; return the entry of the undo."""
    if not entry.undoable:
        names = held_councils(connection, departement)
        raise _changed_since(names[entry.council_ids[0]].name, entry)
    undoing = record(
        connection,
        departement,
        who=who,
        action="annulation",
        sentence=_sentence(entry),
        undoes=entry.id,
        of_list=False,
    )
    for row in notes_of(connection, [entry.id]):
        back = _before(connection, row)
        written = replace(back, version=row.version + 1, who=who, at=datetime.now(UTC))
        notes.insert(connection, written, undoing)
    for row in decks_of(connection, [entry.id]):
        notes.mark_deck(connection, row.deck_id, not row.removed, undoing)
    return undoing


def _before(connection: sa.Connection, of: sa.Row[Any]) -> Note:
    """Return the note as it was before a version, empty before the first."""
    earlier = sa.select(schema.note).filter_by(
        departement=of.departement,
        council_id=of.council_id,
        year=of.year,
        version=note_version(connection, of) - 1,
    )
    found = connection.execute(earlier).mappings().one_or_none()
    return Note(of.departement, of.council_id, of.year) if found is None else Note(**found)


def _said_of_note(connection: sa.Connection, row: sa.Row[Any]) -> str:
    back = _before(connection, row)
    now = notes.of_version(connection, row)
    old = {
        label: notes.shortened(getattr(back, name))
        for name, label in notes.FIELDS.items()
        if getattr(back, name) != getattr(now, name)
    }
    pieces = [f"{label}{NARROW}: {quoted(text) if text else 'vide'}" for label, text in old.items()]
    return f"Textes {row.year}, tels qu’avant. {f'{NARROW}; '.join(pieces)}."


def _sentence(entry: Entry) -> str:
    return f"Annule{NARROW}: {entry.sentence}"


def _changed_since(name: str, entry: Entry) -> Refused:
    return Refused(
        f"{quoted(name)} a changé depuis ({entry.sentence.rstrip('.')}){NARROW}: annuler d’abord "
        "les changements plus récents."
    )


def _mark(connection: sa.Connection, entry_id: int, undoing: int) -> None:
    of = schema.entry.c
    connection.execute(sa.update(schema.entry).where(of.id == entry_id).values(undone_by=undoing))
    # To undo an undo puts the first change in force again.
    connection.execute(
        sa.update(schema.entry).where(of.undone_by == entry_id).values(undone_by=None)
    )
