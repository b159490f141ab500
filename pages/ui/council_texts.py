"""What a council keeps for its meetings: the texts that go in its documents, those produced."""

from collections.abc import Mapping
from datetime import date

import streamlit as st

from diagnostics.councils import notes, records
from diagnostics.exports.documents import KINDS, Order, Subject
from diagnostics.report.deck import TEXTS
from diagnostics.report.model import Report
from pages.ui import cache
from pages.ui.navigation import link_to_council

_COUNCIL = "territoire"


def of_report(departement: str, report: Report) -> dict[str, str]:
    """Return the texts of a report's council for its meetings of this year; none for others."""
    return _texts(departement, report.area.niveau, report.area.code)


def of_subject(subject: Subject) -> dict[str, str]:
    """Return the texts of a council among many."""
    return _texts(subject.departement, subject.niveau, subject.code)


def show(departement: str, report: Report, texts: Mapping[str, str]) -> None:
    """Show which texts go in the documents of a council, and where they are written."""
    if report.area.niveau != _COUNCIL:
        return
    with st.expander("Les textes du conseil repris dans les documents"):
        for key, title in TEXTS.items():
            if texts.get(key):
                st.markdown(f"**{title}**")
                st.text(texts[key])
        if not texts:
            st.caption("Aucun texte n’est écrit pour cette année.")
        link_to_council("Écrire ou modifier ces textes", report.area.code)


def record(departement: str, report: Report, kind: str, order: Order) -> None:
    """Keep that a document of a council was produced, and from which edition."""
    if report.area.niveau != _COUNCIL:
        return
    database = cache.councils(departement)
    council = _council(departement, report.area.code)
    if council is None:
        return
    options = {
        "document": kind,
        "annee": order.annee,
        "reference": order.comparator,
        "estimations": order.with_estimates,
        "public": order.audience,
        "diapositives": None if order.slides is None else list(order.slides),
    }
    notes.record_deck(database, council, report.edition, KINDS[kind][1], options)


def _texts(departement: str, niveau: str, code: str) -> dict[str, str]:
    council = _council(departement, code) if niveau == _COUNCIL else None
    if council is None:
        return {}
    note = notes.note(cache.councils(departement), council, date.today().year)
    return notes.deck_texts(note)


def _council(departement: str, code: str) -> records.Council | None:
    """Return a council of the list; None where the figures still show one that is gone."""
    listed = records.councils(cache.councils(departement), departement)
    return next((council for council in listed if council.id == code), None)
