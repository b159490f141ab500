"""What a council puts of its own in its documents: the texts of its meeting, its logo."""

from dataclasses import replace

from diagnostics.councils import logos, notes, records
from diagnostics.councils.database import Database
from diagnostics.exports.documents import Order, Subject


def with_own(database: Database, subject: Subject, order: Order) -> Order:
    """Return the order with the texts of the year of the document, and the logo.

    Nothing is added for an area that is no council of the list.
    """
    council = held(database, subject)
    if council is None:
        return order
    found = logos.logo(database, council)
    return replace(
        order,
        texts=notes.deck_texts(notes.note(database, council, order.produced.year)),
        logo=None if found is None else found.content,
    )


def held(database: Database, subject: Subject) -> records.Council | None:
    """Return the council of the list that an area is; None where the figures show one gone."""
    if subject.niveau != "territoire":
        return None
    listed = records.councils(database, subject.departement)
    return next((council for council in listed if council.id == subject.code), None)
