"""The documents of all the councils of a département as one ZIP, with its progress and a stop."""

import tempfile
from pathlib import Path

import streamlit as st

from diagnostics.exports import batch, documents
from diagnostics.exports.documents import KINDS, Order
from diagnostics.store import Store
from diagnostics.wording import count
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
    if st.session_state.pop(Widget.BATCH_STOPPED, False):
        place.info("Préparation arrêtée\u202f: rien n’est gardé.", icon=":material/stop_circle:")
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
    bar = st.progress(0.0, text="Préparation…")
    # Any click starts the page again, which stops this run at its next sign of progress: the
    # button needs to do nothing more than say so.
    stop = st.empty()
    stop.button("Arrêter", key=Widget.BATCH_STOP, on_click=_say_stopped)

    def say(step: str, share: float) -> None:
        done = round(share * len(subjects))
        bar.progress(share, text=f"{step} ({done} sur {len(subjects)})")

    with tempfile.TemporaryDirectory(prefix="diagnostic-") as folder:
        path = Path(folder) / "documents.zip"
        outcome = batch.write_zip(
            path,
            store,
            subjects,
            kinds,
            order,
            say,
            own=council_texts.of_subject,
        )
        st.session_state[Widget.BATCH_FILE] = (departement, path.read_bytes(), outcome)
    bar.empty()
    stop.empty()


def _say_stopped() -> None:
    st.session_state[Widget.BATCH_STOPPED] = True


def _show_made(departement: str) -> None:
    held, content, outcome = st.session_state.get(Widget.BATCH_FILE, (None, b"", None))
    if held != departement or outcome is None:
        return
    st.success(f"{count(len(outcome.written), 'document prêt', 'documents prêts')}.")
    if outcome.failed:
        st.warning(
            f"{count(len(outcome.failed), 'document n’a', 'documents n’ont')} pas pu être "
            "produits\u202f; les autres sont dans le fichier."
        )
        blocks.table(["Territoire", "Document", "Pourquoi"], [list(row) for row in outcome.failed])
    blocks.download(
        Widget.DOWNLOAD_BATCH,
        "Télécharger le ZIP",
        lambda: content,
        f"documents-{departement}.zip",
        "application/zip",
    )
