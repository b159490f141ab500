"""The documents of many areas at once, in a folder or a ZIP, with an index that says what failed.

One area at a time is held in memory. What could not be made is reported and the others are kept.
"""

import html
import logging
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from diagnostics.errors import Refused
from diagnostics.exports.documents import (
    KINDS,
    Order,
    Subject,
    assemble,
    draft,
    file_name,
    render,
    require_folder,
)
from diagnostics.report import Tables, border, load
from diagnostics.store import Store
from diagnostics.wording import NARROW, count, day

INDEX = "index.html"
Progress = Callable[[str, float], None]
Own = Callable[[Subject, Order], Order]
"""Adds to the order what each council puts of its own in its documents."""
Put = Callable[[str, bytes], None]
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What was made: (area, document, file); what was not: (area, document, why)."""

    written: tuple[tuple[str, str, str], ...]
    failed: tuple[tuple[str, str, str], ...]


def write_zip(
    path: Path,
    store: Store,
    subjects: Sequence[Subject],
    kinds: Sequence[str],
    order: Order,
    progress: Progress = lambda step, share: None,
    own: Own | None = None,
) -> Outcome:
    """Write the documents in a ZIP, whole or not at all: an interruption leaves no file.

    Raises:
        Refused: the folder of `path` does not exist.
    """
    require_folder(path.parent)
    with draft(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        return _write(archive.writestr, store, subjects, kinds, order, progress, own)


def write_folder(
    folder: Path,
    store: Store,
    subjects: Sequence[Subject],
    kinds: Sequence[str],
    order: Order,
    progress: Progress = lambda step, share: None,
    own: Own | None = None,
) -> Outcome:
    """Write the documents in a folder, made if need be; each file is whole or not there.

    Raises:
        Refused: `folder` is a file, or its parent does not exist.
    """
    if folder.exists() and not folder.is_dir():
        raise Refused(f"{folder} est un fichier : donner un dossier, ou un nom en « .zip ».")
    require_folder(folder.parent)
    folder.mkdir(exist_ok=True)

    def put(name: str, content: bytes) -> None:
        with draft(folder / name) as file:
            file.write_bytes(content)

    return _write(put, store, subjects, kinds, order, progress, own)


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
    names: set[str] = {INDEX}
    tables: dict[str, Tables] = {}
    for n, subject in enumerate(subjects):
        progress(subject.label, n / len(subjects))
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
    outcome = Outcome(tuple(written), tuple(failed))
    put(INDEX, _index(outcome, order).encode())
    progress("Terminé", 1.0)
    return outcome


def _documents(
    store: Store, subject: Subject, kinds: Sequence[str], order: Order, tables: Tables
) -> Iterator[tuple[str, tuple[str, bytes] | str]]:
    """Yield each document's (name, content), or the sentence that says why there is none."""
    for kind in kinds:
        try:
            diagnostic = assemble(store, subject, order, tables)
            made: tuple[str, bytes] | str = (
                file_name(kind, diagnostic),
                render(kind, diagnostic, border.drawn(store, tables, diagnostic.area), order),
            )
        except Refused as refusal:
            made = str(refusal)
        except Exception as error:  # one area must not cost the others theirs; the log has it whole
            _LOG.exception("%s of %s", kind, subject.code)
            made = (
                f"Erreur inattendue ({type(error).__name__}) : la signaler avec le nom de la zone."
            )
        yield kind, made


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
    return (
        '<!doctype html><html lang="fr"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        "<title>Documents des conseils locaux</title><style>"
        "body{font-family:sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#161616}"
        "h1{color:#000091}table{border-collapse:collapse;width:100%}"
        "td,th{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ddd}</style>"
        f"<h1>Documents des conseils locaux</h1><p>{made}, le {day(order.produced)}.</p>"
        + (f"<h2>Non produits</h2><ul>{failures}</ul>" if failures else "")
        + "<table><thead><tr><th>Territoire</th><th>Document</th><th>Fichier</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></html>"
    )
