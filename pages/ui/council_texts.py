"""What a council keeps for its meetings: the texts that go in its documents, those produced."""

from collections.abc import Mapping

import streamlit as st

from diagnostics.councils import documents, notes
from diagnostics.exports.documents import KINDS, Order, Subject
from diagnostics.report.deck import TEXTS
from diagnostics.report.model import Report
from pages.ui import cache
from pages.ui.navigation import link_to_council

_COUNCIL = "territoire"


def of_subject(subject: Subject, order: Order) -> Order:
    """Return the order with the texts of this year's meetings and the logo of a council."""
    return documents.with_own(cache.councils(subject.departement), subject, order)


def with_own(departement: str, report: Report, order: Order) -> Order:
    """Return the order of a report's documents with what its council puts in them."""
    return of_subject(_subject(departement, report), order)


def of_report(departement: str, report: Report) -> Mapping[str, str]:
    """Return the texts of a report's council for its meetings of this year; none for others."""
    return of_subject(_subject(departement, report), Order()).texts


def show(departement: str, report: Report) -> None:
    """Show which texts go in the documents of a council, and where they are written."""
    if report.area.niveau != _COUNCIL:
        return
    texts = of_report(departement, report)
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
    database = cache.councils(departement)
    council = documents.held(database, _subject(departement, report))
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


def _subject(departement: str, report: Report) -> Subject:
    area = report.area
    return Subject(departement, area.niveau, area.code, area.label)
