"""The documents of all the councils of a département as one ZIP, with its progress and a stop."""

import tempfile
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import streamlit as st

from diagnostics.councils.documents import with_own
from diagnostics.exports import batch, documents
from diagnostics.exports.batch import Outcome
from diagnostics.exports.documents import KINDS, Order
from diagnostics.exports.steps import Progress
from diagnostics.store import Store
from diagnostics.wording import NARROW, count
from pages.ui import blocks, cache
from pages.ui.keys import Widget
from pages.ui.markdown import plain
from pages.ui.preparation import EVERY, File, Preparation

_MIME = "application/zip"


@dataclass
class Batch:
    """A ZIP that is being made, or was; `outcomes` holds what came of it, once it has ended."""

    departement: str
    councils: int
    preparation: Preparation
    outcomes: list[Outcome] = field(default_factory=list)


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
    held = _held(departement)
    st.button(
        "Préparer le fichier ZIP",
        key=Widget.BATCH,
        type="primary",
        disabled=not kinds or (held is not None and held.preparation.alive),
        on_click=_start,
        args=(store, departement, subjects, kinds, order),
    )
    if held is not None:
        running = held.preparation.alive
        st.fragment(_show, run_every=EVERY if running else None)(held, running)


def _start(
    store: Store,
    departement: str,
    subjects: list[documents.Subject],
    kinds: list[str],
    order: Order,
) -> None:
    """Begin to make the documents, aside: the page stays usable meanwhile."""
    own = partial(with_own, cache.councils(departement))
    outcomes: list[Outcome] = []

    def make(progress: Progress) -> bytes:
        with tempfile.TemporaryDirectory(prefix="diagnostic-") as folder:
            path = Path(folder) / f"documents-{departement}.zip"
            outcome = batch.write(path, store, subjects, kinds, order, progress, own)
            content = outcome.path.read_bytes() if outcome.path else b""
        outcomes.append(outcome)
        return content

    name = f"documents-{departement}.zip"
    file = File("ZIP", "tous les conseils", None, name, _MIME, make)
    preparation = Preparation(file)
    st.session_state[Widget.BATCH_FILE] = Batch(departement, len(subjects), preparation, outcomes)
    preparation.start()


def _held(departement: str) -> Batch | None:
    held: Batch | None = st.session_state.get(Widget.BATCH_FILE)
    return held if held is not None and held.departement == departement else None


def _show(held: Batch, watched: bool) -> None:
    made = held.preparation
    if made.alive:
        ending = "Arrêt après ce conseil" if made.stopped else "Préparation"
        at = f"{round(made.share * held.councils)} sur {held.councils}"
        st.progress(made.share, text=f"{ending}{NARROW}: {plain(made.step)} ({at})")
        if not made.stopped:
            st.button("Arrêter", key=Widget.BATCH_STOP, on_click=made.stop)
        return
    if watched:
        st.rerun()  # nothing is left to watch
    if made.failure:
        st.error(f"Le fichier n’est pas prêt{NARROW}: {made.failure}", icon=":material/block:")
        return
    for outcome in held.outcomes:
        _show_outcome(outcome, made.content or b"")


def _show_outcome(outcome: Outcome, content: bytes) -> None:
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
    label = "Télécharger le ZIP incomplet" if outcome.left else "Télécharger le ZIP"
    name = outcome.path.name
    blocks.download(Widget.DOWNLOAD_BATCH, label, lambda: content, name, _MIME)
