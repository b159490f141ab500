"""What is kept with a council and a year: the texts of its slides, and the decks produced.

Texts are plain: they are escaped where they are shown. `rules.NO_PERSONAL_DATA` is to be said
beside each field.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from diagnostics.councils import rules, schema
from diagnostics.councils.database import Database
from diagnostics.councils.history import lock, record
from diagnostics.councils.records import Council, held_councils
from diagnostics.errors import Refused
from diagnostics.wording import NARROW, day, quoted

FIELDS = {
    "context": "Contexte",
    "retained": "Priorités retenues",
    "set_aside": "Priorités écartées, avec la raison",
    "decisions": "Décisions de la séance plénière",
}
"""The texts of a note, and their labels."""
TEXT_LENGTH = 4000
KINDS = ("pptx", "pdf")
_YEARS = range(2000, 2101)
_SHORT = 80


@dataclass(frozen=True)
class Note:
    """The texts of a council for a year, in their last version; version 0: none written yet.

    `at` is in UTC. Every version is kept.
    """

    departement: str
    council_id: str
    year: int
    context: str = ""
    retained: str = ""
    set_aside: str = ""
    decisions: str = ""
    version: int = 0
    who: str = ""
    at: datetime | None = None


class NoteConflict(Refused):
    """Somebody else wrote a note after it was read. `current` is held, `attempt` was refused."""

    def __init__(self, current: Note, attempt: Note) -> None:
        self.current, self.attempt = current, attempt
        assert current.at is not None
        super().__init__(
            f"{current.who} a modifié ces notes entre-temps (le "
            f"{current.at.astimezone():%d/%m/%Y à %H:%M}){NARROW}: votre texte n’est pas "
            "enregistré, le comparer à celui qui l’est puis l’enregistrer de nouveau."
        )


@dataclass(frozen=True)
class Deck:
    """A deck that was produced for a council: when (UTC), from which edition, with what options."""

    id: int
    at: datetime
    edition: str
    kind: str
    options: Mapping[str, Any]


def note(database: Database, council: Council, year: int) -> Note:
    """Return the note of a council for a year, empty where none is written."""
    versions = note_versions(database, council, year)
    return versions[0] if versions else Note(council.departement, council.id, year)


def note_versions(database: Database, council: Council, year: int) -> list[Note]:
    """Return every version of a note, newest first."""
    with database.reading() as connection:
        return _versions(connection, council.departement, council.id, year)


def write_note(database: Database, note: Note, who: str) -> Note:
    """Write a note over the version that it was made from, and return it as saved.

    It is an entry of the history, that can be undone.

    Raises:
        NoteConflict: somebody else has written it since.
        Refused: nothing has changed, a text too long or with control characters, a year out of
            reach.
    """
    if note.year not in _YEARS:
        raise Refused(
            f"L’année {note.year} n’est pas celle d’un diagnostic{NARROW}: donner une année entre "
            f"{_YEARS[0]} et {_YEARS[-1]}."
        )
    texts: dict[str, Any] = {
        name: rules.paragraphs(getattr(note, name), f"Le champ {quoted(label)}", TEXT_LENGTH)
        for name, label in FIELDS.items()
    }
    written = replace(note, **texts, version=note.version + 1, who=rules.service(who))
    written = replace(written, at=datetime.now(UTC))
    with database.writing() as connection:
        lock(connection, note.departement)
        held = _versions(connection, note.departement, note.council_id, note.year)
        if held and held[0].version != note.version:
            raise NoteConflict(held[0], note)
        before = held[0] if held else Note(note.departement, note.council_id, note.year)
        changed = [label for name, label in FIELDS.items() if texts[name] != getattr(before, name)]
        if not changed:
            raise Refused(
                f"Rien n’a changé dans les textes de {note.year}{NARROW}: modifier un champ."
            )
        council = held_councils(connection, note.departement)[note.council_id]
        entry_id = record(
            connection,
            note.departement,
            who=who,
            action="textes",
            sentence=f"Textes {note.year} de {quoted(council.name)}{NARROW}: {', '.join(changed)}.",
            of_list=False,
        )
        insert(connection, written, entry_id)
    return written


def insert(connection: sa.Connection, note: Note, entry_id: int) -> None:
    """Write a version of a note, by an entry of the history."""
    connection.execute(sa.insert(schema.note).values(asdict(note)))
    key = {name: getattr(note, name) for name in ("departement", "council_id", "year", "version")}
    connection.execute(sa.insert(schema.note_change).values(entry_id=entry_id, **key))


def of_version(connection: sa.Connection, of: sa.Row[Any]) -> Note:
    """Return the version of a note that an entry has written (see `history.notes_of`)."""
    query = sa.select(schema.note).filter_by(
        departement=of.departement, council_id=of.council_id, year=of.year, version=of.version
    )
    return Note(**connection.execute(query).mappings().one())


def shortened(text: str) -> str:
    """Return the beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= _SHORT else f"{line[:_SHORT].rstrip()}…"


def _versions(
    connection: sa.Connection, departement: str, council_id: str, year: int
) -> list[Note]:
    query = (
        sa.select(schema.note)
        .filter_by(departement=departement, council_id=council_id, year=year)
        .order_by(schema.note.c.version.desc())
    )
    return [Note(**row) for row in connection.execute(query).mappings()]


def deck_texts(note: Note) -> dict[str, str]:
    """Return what a note says in the slides, by key of `report.deck.TEXTS`; no empty text."""
    priorities = [
        f"{FIELDS[name]}{NARROW}: {text}"
        for name in ("retained", "set_aside")
        if (text := getattr(note, name))
    ]
    said = {
        "contexte": note.context,
        "priorites": "\n".join(priorities),
        "decisions": note.decisions,
    }
    return {key: text for key, text in said.items() if text}


def record_deck(
    database: Database, council: Council, edition: str, kind: str, options: Mapping[str, Any]
) -> Deck:
    """Keep that a deck was produced now. `kind`: pptx | pdf; `options`: what JSON can hold.

    Raises:
        Refused: another kind.
    """
    if kind not in KINDS:
        raise Refused(f"Le format {quoted(kind)} n’est pas connu{NARROW}: choisir pptx ou pdf.")
    at, kept = datetime.now(UTC), dict(options)
    written = sa.insert(schema.deck).values(
        departement=council.departement,
        council_id=council.id,
        at=at,
        edition=edition,
        kind=kind,
        options=kept,
    )
    with database.writing() as connection:
        deck_id = int(connection.scalars(written.returning(schema.deck.c.id)).one())
    return Deck(deck_id, at, edition, kind, kept)


def remove_deck(database: Database, council: Council, deck: Deck, who: str) -> None:
    """Take a deck off the list of those that were produced; an entry of the history, undone there.

    Raises:
        Refused: somebody has taken it off meanwhile.
    """
    with database.writing() as connection:
        lock(connection, council.departement)
        gone = sa.select(schema.deck.c.removed).where(schema.deck.c.id == deck.id)
        if connection.scalars(gone).one():
            raise Refused(f"Ce support a déjà quitté la liste{NARROW}: recharger la page.")
        entry_id = record(
            connection,
            council.departement,
            who=who,
            action="support",
            sentence=f"Retire un support de {quoted(council.name)}{NARROW}: "
            f"{deck.kind.upper()} du {day(deck.at.astimezone().date())}.",
            of_list=False,
        )
        mark_deck(connection, deck.id, True, entry_id)


def mark_deck(connection: sa.Connection, deck_id: int, removed: bool, entry_id: int) -> None:
    """Take a deck off the list, or bring it back, by an entry of the history."""
    of = schema.deck.c
    connection.execute(sa.update(schema.deck).where(of.id == deck_id).values(removed=removed))
    connection.execute(
        sa.insert(schema.deck_change).values(entry_id=entry_id, deck_id=deck_id, removed=removed)
    )


def decks(database: Database, council: Council) -> list[Deck]:
    """Return the decks that were produced for a council, newest first, but those taken off."""
    of = schema.deck.c
    query = (
        sa.select(of.id, of.at, of.edition, of.kind, of.options)
        .where(of.departement == council.departement, of.council_id == council.id, ~of.removed)
        .order_by(of.id.desc())
    )
    with database.reading() as connection:
        return [Deck(**row) for row in connection.execute(query).mappings()]
