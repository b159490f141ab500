"""The documents of many areas at once, in a folder or a ZIP, with an index that says what failed.

One area at a time is held in memory. What could not be made is reported and the others are kept;
so they are where the making is stopped, and the index says that it was.
"""

import html
import logging
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from diagnostics.errors import Refused
from diagnostics.exports import drafts
from diagnostics.exports.documents import KINDS, Order, Subject, assemble, file_name, render
from diagnostics.exports.steps import Progress, Stop, silent
from diagnostics.report import Tables, border, load
from diagnostics.store import Store
from diagnostics.wording import NARROW, count, day, quoted

INDEX = "index.html"
INCOMPLETE = "-incomplet"
"""Ends the name of a ZIP that was stopped: it never takes the place of a whole one."""
Own = Callable[[Subject, Order], Order]
"""Adds to the order what each council puts of its own in its documents."""
Put = Callable[[str, bytes], None]
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What was made: (area, document, file); what was not: (area, document, why).

    `left` are the areas that were not reached, because the making was stopped. `path` is the
    folder or the file that holds it all, None where it was stopped before the first document.
    """

    written: tuple[tuple[str, str, str], ...]
    failed: tuple[tuple[str, str, str], ...]
    left: tuple[str, ...]
    path: Path | None = None


def write(
    out: Path,
    store: Store,
    subjects: Sequence[Subject],
    kinds: Sequence[str],
    order: Order,
    progress: Progress = silent,
    own: Own | None = None,
) -> Outcome:
    """Write the documents in a ZIP, or in a folder where `out` does not end with « .zip ».

    A ZIP is there whole or not at all, as is each file of a folder. `progress` may raise `Stop`:
    a ZIP then takes another name (`INCOMPLETE`).

    Raises:
        Refused: the folder of `out` does not exist; `out` is a file that is no ZIP.
    """
    if out.suffix.lower() == ".zip":
        return _write_zip(out, store, subjects, kinds, order, progress, own)
    if out.exists() and not out.is_dir():
        raise Refused(
            f"{out} est un fichier{NARROW}: donner un dossier, ou un nom en {quoted('.zip')}."
        )
    drafts.require_folder(out.parent)
    out.mkdir(exist_ok=True)

    def put(name: str, content: bytes) -> None:
        with drafts.draft(out / name) as file:
            file.write_bytes(content)

    return replace(_write(put, store, subjects, kinds, order, progress, own), path=out)


def _write_zip(
    out: Path,
    store: Store,
    subjects: Sequence[Subject],
    kinds: Sequence[str],
    order: Order,
    progress: Progress,
    own: Own | None,
) -> Outcome:
    with drafts.held(out) as draft:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
            outcome = _write(archive.writestr, store, subjects, kinds, order, progress, own)
        if len(outcome.left) == len(subjects):
            return outcome
        path = out.with_stem(f"{out.stem}{INCOMPLETE}") if outcome.left else out
        draft.replace(path)
    return replace(outcome, path=path)


def _write(
    put: Put,
    store: Store,
    subjects: Sequence[Subject],
    kinds: Sequence[str],
    order: Order,
    progress: Progress,
    own: Own | None,
) -> Outcome:
    written: list[tuple[str, str, str]] = []
    failed: list[tuple[str, str, str]] = []
    left: list[str] = []
    names: set[str] = {INDEX}
    tables: dict[str, Tables] = {}
    for n, subject in enumerate(subjects):
        if _stopped(progress, subject.label, n / len(subjects)):
            left = [each.label for each in subjects[n:]]
            break
        if subject.departement not in tables:
            tables = {subject.departement: load(store, subject.departement)}
        held = tables[subject.departement]
        asked = own(subject, order) if own else order
        for kind, made in _documents(store, subject, kinds, asked, held):
            title = KINDS[kind][0]
            if isinstance(made, str):
                failed.append((subject.label, title, made))
                continue
            name, content = made
            name = _free(name, subject.code, names)
            put(name, content)
            written.append((subject.label, title, name))
    outcome = Outcome(tuple(written), tuple(failed), tuple(left))
    put(INDEX, _index(outcome, order).encode())
    _stopped(progress, "Terminé", 1.0)
    return outcome


def _stopped(progress: Progress, step: str, share: float) -> bool:
    """Tell how far the work is; say whether nothing more is wanted."""
    try:
        progress(step, share)
    except Stop:
        return True
    return False


def _documents(
    store: Store, subject: Subject, kinds: Sequence[str], order: Order, tables: Tables
) -> Iterator[tuple[str, tuple[str, bytes] | str]]:
    """Yield each document's (name, content), or the sentence that says why there is none."""
    try:
        diagnostic = assemble(store, subject, order, tables)
        drawn = border.drawn(store, tables, diagnostic.area)
    except Exception as error:
        yield from ((kind, _why_not(error, subject, "report")) for kind in kinds)
        return
    for kind in kinds:
        try:
            name, content = file_name(kind, diagnostic), render(kind, diagnostic, drawn, order)
        except Exception as error:
            yield kind, _why_not(error, subject, kind)
        else:
            yield kind, (name, content)


def _why_not(error: Exception, subject: Subject, what: str) -> str:
    """Say why a document is missing: one area must not cost the others theirs."""
    if isinstance(error, Refused):
        return str(error)
    _LOG.error("%s of %s", what, subject.code, exc_info=error)
    name = type(error).__name__
    return f"Erreur inattendue ({name}){NARROW}: la signaler avec le nom de la zone."


def _free(name: str, code: str, taken: set[str]) -> str:
    """Return a file name that no other document of the batch has, and take it."""
    stem, _, extension = name.rpartition(".")
    candidates = [name, f"{stem}-{code}.{extension}"]
    found = next(c for c in candidates if c not in taken)
    taken.add(found)
    return found


def _index(outcome: Outcome, order: Order) -> str:
    rows = "".join(
        f"<tr><td>{html.escape(area)}</td><td>{html.escape(title)}</td>"
        f'<td><a href="{html.escape(name)}">{html.escape(name)}</a></td></tr>'
        for area, title, name in outcome.written
    )
    failures = "".join(
        f"<li>{html.escape(area)}, {html.escape(title.lower())}{NARROW}: {html.escape(why)}</li>"
        for area, title, why in outcome.failed
    )
    made = count(len(outcome.written), "document")
    missing = "".join(f"<li>{html.escape(area)}</li>" for area in outcome.left)
    stopped = (
        f"<h2>Incomplet{NARROW}: la préparation a été arrêtée</h2><p>"
        f"{count(len(outcome.left), 'conseil')} sans documents ici{NARROW}:</p><ul>{missing}</ul>"
        if outcome.left
        else ""
    )
    return (
        '<!doctype html><html lang="fr"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        "<title>Documents des conseils locaux</title><style>"
        "body{font-family:sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#161616}"
        "h1{color:#000091}table{border-collapse:collapse;width:100%}"
        "td,th{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ddd}</style>"
        f"<h1>Documents des conseils locaux</h1><p>{made}, le {day(order.produced)}.</p>"
        + stopped
        + (f"<h2>Non produits</h2><ul>{failures}</ul>" if failures else "")
        + "<table><thead><tr><th>Territoire</th><th>Document</th><th>Fichier</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></html>"
    )
