"""The long table as a workbook: read-me, figures, dictionary."""

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from typing import Any

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from diagnostics import catalogue
from diagnostics.errors import Refused
from diagnostics.exports.steps import Progress, by_steps, silent, within
from diagnostics.store import Store
from diagnostics.wording import DIFFUSION_RULE, number, quoted

MAXIMUM_ROWS = 1_048_575
"""Rows that a sheet can hold under its title line."""
FIGURES = "Données"
# The rest of the time goes to closing the file, that has no steps to tell.
_WRITTEN = 0.85
Row = Sequence[Any]


def workbook(store: Store, table: pd.DataFrame, progress: Progress = silent) -> bytes:
    """Return a workbook with the sheets « Lisez-moi », « Données » and « Dictionnaire ».

    `table` holds rows of the long table. Numbers are numbers, what is not published is an empty
    cell, and no text can be taken for a formula.

    Raises:
        Refused: more rows than a sheet holds.
    """
    if len(table) > MAXIMUM_ROWS:
        raise Refused(
            f"Une feuille de classeur tient {number(MAXIMUM_ROWS)} lignes au plus, et "
            f"{number(len(table))} sont demandées\u202f: choisir le CSV, un niveau ou moins "
            "d’années."
        )
    buffer = BytesIO()
    # Row by row to a temporary file: a large table is never held twice.
    book = Workbook(buffer, {"constant_memory": True})
    bold = book.add_format({"bold": True})
    _fill(book, "Lisez-moi", ["À lire avant les chiffres"], _read_me(store), bold)
    told = within(progress, 0.0, _WRITTEN)
    figures = _rows(table, lambda step, share: told(f"feuille {quoted(FIGURES)}, {step}", share))
    _fill(book, FIGURES, list(table.columns), figures, bold)
    dictionary = catalogue.column_descriptions()
    described = ((name, dictionary[name]) for name in table.columns)
    _fill(book, "Dictionnaire", ["Colonne", "Description"], described, bold)
    progress("fermeture du classeur", _WRITTEN)
    book.close()
    return buffer.getvalue()


def _read_me(store: Store) -> Iterable[Row]:
    if store.simulated:
        yield ["Département simulé : communes, chiffres et territoires inventés."]
    yield [f"Règle de diffusion du SSMSI : {DIFFUSION_RULE}."]
    yield ["Une cellule vide n’est ni un zéro ni un petit nombre : le statut dit pourquoi."]
    yield ["Les totaux de territoires qui se recouvrent ne s’additionnent pas."]
    yield ["Les indicateurs n’ont pas la même unité de compte : ils ne s’additionnent pas."]
    for code, name in store.departements().items():
        about = store.about(code)
        yield [f"{name} ({code}), édition {about['edition']}, géographie {about['geography']}"]
        for each in about["inputs"]:
            yield [f"Source : {each['title']}, {each['publisher']}, {each['licence']}"]


def _rows(table: pd.DataFrame, progress: Progress) -> Iterator[Row]:
    for part in by_steps(table, progress):
        plain = part.astype(object).where(part.notna(), None)
        yield from plain.itertuples(index=False, name=None)


def _fill(
    book: Workbook, name: str, titles: Sequence[str], rows: Iterable[Row], bold: Format
) -> None:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    for at, title in enumerate(titles):
        sheet.write_string(0, at, title, bold)
    for line, row in enumerate(rows, start=1):
        for at, value in enumerate(row):
            _write(sheet, line, at, value)


def _write(sheet: Worksheet, line: int, at: int, value: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, str):
        sheet.write_string(line, at, value)  # a text that begins with « = » stays a text
    else:
        sheet.write_number(line, at, value)
