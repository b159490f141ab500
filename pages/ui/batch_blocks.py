"""The documents of all the councils of a département as one ZIP, with its progress and a stop."""

import tempfile
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import RerunException, StopException

from diagnostics.exports import batch, documents
from diagnostics.exports.documents import KINDS, Order
from diagnostics.exports.steps import Stop
from diagnostics.store import Store
from diagnostics.wording import NARROW, count
from pages.ui import blocks, council_texts
from pages.ui.keys import Widget


def show(store: Store, departement: str, order: Order) -> None:
    """Show the choice of documents, then the bar with its stop, then the file and what failed."""
    st.subheader("Tous les conseils du département")
    subjects = documents.subjects(store, departement)
    st.markdown(
        f"{count(len(subjects), 'conseil')}, un fichier ZIP avec un sommaire. Les documents "
        "reprennent l’année, la référence et le pied de page choisis plus haut."
    )
    kinds = [
        kind
        for kind, (title, _) in KINDS.items()
        if st.checkbox(title, value=kind != documents.DIAGNOSTIC, key=f"{Widget.BATCH}-{kind}")
    ]
    asked = st.button(
        "Préparer le fichier ZIP", key=Widget.BATCH, type="primary", disabled=not kinds
    )
    place = st.container()
    if asked:
        st.session_state.pop(Widget.BATCH_FILE, None)
        with place:
            _make(store, departement, subjects, kinds, order)
    with place:
        _show_made(departement)


def _make(
    store: Store,
    departement: str,
    subjects: list[documents.Subject],
    kinds: list[str],
    order: Order,
) -> None:
    """Make the documents and keep their ZIP, with what was made of it where it is stopped.

    Any click starts the page again, which stops this run at its next sign of progress: the button
    needs to do nothing more.
    """
    bar = st.progress(0.0, text="Préparation…")
    stop = st.empty()
    stop.button("Arrêter", key=Widget.BATCH_STOP)
    leaving: list[BaseException] = []

    def say(step: str, share: float) -> None:
        done = round(share * len(subjects))
        try:
            bar.progress(share, text=f"{step} ({done} sur {len(subjects)})")
        except (RerunException, StopException) as asked:
            leaving.append(asked)
            raise Stop from asked

    with tempfile.TemporaryDirectory(prefix="diagnostic-") as folder:
        path = Path(folder) / f"documents-{departement}.zip"
        outcome = batch.write(path, store, subjects, kinds, order, say, council_texts.of_subject)
        content = outcome.path.read_bytes() if outcome.path else b""
        st.session_state[Widget.BATCH_FILE] = (departement, content, outcome)
    if leaving:
        raise leaving[0]
    bar.empty()
    stop.empty()


def _show_made(departement: str) -> None:
    held, content, outcome = st.session_state.get(Widget.BATCH_FILE, (None, b"", None))
    if held != departement or outcome is None:
        return
    ready = f"{count(len(outcome.written), 'document prêt', 'documents prêts')}."
    if outcome.path is None:
        st.info(
            f"Préparation arrêtée avant le premier document{NARROW}: il n’y a rien à garder.",
            icon=":material/stop_circle:",
        )
        return
    if outcome.left:
        st.warning(
            f"Préparation arrêtée{NARROW}: {ready} Les documents de "
            f"{count(len(outcome.left), 'conseil')} manquent, le sommaire du fichier le dit.",
            icon=":material/stop_circle:",
        )
    else:
        st.success(ready)
    if outcome.failed:
        st.warning(
            f"{count(len(outcome.failed), 'document n’a', 'documents n’ont')} pas pu être "
            f"produits{NARROW}; les autres sont dans le fichier."
        )
        blocks.table(["Territoire", "Document", "Pourquoi"], [list(row) for row in outcome.failed])
    blocks.download(
        Widget.DOWNLOAD_BATCH,
        "Télécharger le ZIP incomplet" if outcome.left else "Télécharger le ZIP",
        lambda: content,
        outcome.path.name,
        "application/zip",
    )
