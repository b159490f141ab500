"""The long table as a workbook: read-me, figures, dictionary."""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from diagnostics import catalogue
from diagnostics.store import Store
from diagnostics.wording import DIFFUSION_RULE

MAXIMUM_ROWS = 1_048_575
"""Rows that a sheet can hold under its title line."""


def workbook(store: Store, table: pd.DataFrame) -> bytes:
    """Return a workbook with the sheets « Lisez-moi », « Données » and « Dictionnaire ».

    `table` holds rows of the long table. Numbers are numbers, what is not published is an empty
    cell, and no text can be taken for a formula.
    """
    book = Workbook(write_only=True)
    _fill(book.create_sheet("Lisez-moi"), ["À lire avant les chiffres"], _read_me(store))
    _fill(book.create_sheet("Données"), list(table.columns), _rows(table))
    dictionary = catalogue.column_descriptions()
    _fill(
        book.create_sheet("Dictionnaire"),
        ["Colonne", "Description"],
        ((name, dictionary[name]) for name in table.columns),
    )
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _read_me(store: Store) -> Iterable[Sequence[str]]:
    if store.simulated:
        yield ["Département simulé : communes, chiffres et territoires inventés."]
    yield [f"Règle de diffusion du SSMSI : {DIFFUSION_RULE}."]
    yield ["Une cellule vide n’est ni un zéro ni un petit nombre : le statut dit pourquoi."]
    yield ["Les totaux de territoires qui se recouvrent ne s’additionnent pas."]
    yield ["Les indicateurs n’ont pas la même unité de compte : ils ne s’additionnent pas."]
    for code, name in store.departements().items():
        about = store.about(code)
        yield [f"{name} ({code}), édition {about['edition']}, géographie {about['geography']}"]
        for each in about["inputs"]:
            yield [f"Source : {each['title']}, {each['publisher']}, {each['licence']}"]


def _rows(table: pd.DataFrame) -> Iterable[Sequence[Any]]:
    plain = table.astype(object).where(table.notna(), None)
    return plain.itertuples(index=False, name=None)


def _fill(sheet: WriteOnlyWorksheet, titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, title, bold=True) for title in titles])
    for row in rows:
        sheet.append([_cell(sheet, v) if isinstance(v, str) else v for v in row])


def _cell(sheet: WriteOnlyWorksheet, text: str, bold: bool = False) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"  # a text that begins with « = » stays a text
    if bold:
        cell.font = Font(bold=True)
    return cell
