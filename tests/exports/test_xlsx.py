"""The workbook: numbers are numbers, nothing hidden gets one, nothing runs as a formula."""

from io import BytesIO

import openpyxl
import pandas as pd
import pytest

from diagnostics import catalogue, long_table
from diagnostics.errors import Refused
from diagnostics.exports import steps, xlsx
from diagnostics.store import Store


@pytest.fixture(scope="module")
def table(store: Store) -> pd.DataFrame:
    long = store.table("00", "long")
    return long[(long["indicateur"] == "cambriolages") & (long["annee"] == 2024)]


def _read(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(BytesIO(content))


def test_the_figures_are_those_of_the_table(store: Store, table: pd.DataFrame) -> None:
    sheet = _read(xlsx.workbook(store, table))["Données"]
    rows = list(sheet.iter_rows(values_only=True))
    assert list(rows[0]) == long_table.COLUMNS
    assert len(rows) == len(table) + 1
    expected = table.astype(object).where(table.notna(), None)
    for row, want in zip(rows[1:], expected.itertuples(index=False, name=None), strict=True):
        # The format keeps 15 digits of a number and no empty text.
        filled = [v for v in want if v not in (None, "")]
        close = [pytest.approx(v, rel=1e-14) if isinstance(v, float) else v for v in filled]
        assert [v for v in row if v is not None] == close


def test_a_hidden_commune_has_empty_cells(store: Store, table: pd.DataFrame) -> None:
    sheet = _read(xlsx.workbook(store, table))["Données"]
    titles, *rows = sheet.iter_rows(values_only=True)
    figures = [titles.index(c) for c in ("faits_publies", "taux_pour_mille", "faits_estimes")]
    hidden = [r for r in rows if r[titles.index("statut")] == "non_diffuse" and r[0] == "commune"]
    assert hidden
    assert all(row[at] is None for row in hidden for at in figures)


def test_a_name_that_looks_like_a_formula_stays_a_text(store: Store, table: pd.DataFrame) -> None:
    hostile = table.head(1).assign(libelle='=HYPERLINK("http://exemple.invalid")')
    cell = _read(xlsx.workbook(store, hostile))["Données"]["C2"]
    assert cell.data_type == "s"


def test_its_progress_counts_the_rows_of_the_sheet_and_ends_with_the_file(store: Store) -> None:
    told: list[tuple[str, float]] = []
    long = store.table("00", "long")
    content = xlsx.workbook(store, long, lambda step, share: told.append((step, share)))
    *rows, last = told
    assert len(rows) == -(-len(long) // steps.ROWS)
    assert rows[0][0] == (
        "feuille «\u202fDonnées\u202f», 2\u202f000 lignes écrites sur 20\u202f880"
    )
    assert last[0] == "fermeture du classeur"
    shares = [share for _, share in told]
    assert shares == sorted(shares) and shares[0] > 0 and shares[-1] < 1
    assert _read(content)["Données"].max_row == len(long) + 1


def test_more_rows_than_a_sheet_holds_are_refused(store: Store, table: pd.DataFrame) -> None:
    rows = table.head(1).loc[table.index[:1].repeat(xlsx.MAXIMUM_ROWS + 1)]
    with pytest.raises(Refused, match="moins d’années"):
        xlsx.workbook(store, rows)


def test_the_dictionary_describes_each_column_and_no_other() -> None:
    assert list(catalogue.column_descriptions()) == long_table.COLUMNS
    assert all(catalogue.column_descriptions().values())


def test_the_read_me_says_that_figures_are_invented(store: Store, table: pd.DataFrame) -> None:
    sheet = _read(xlsx.workbook(store, table))["Lisez-moi"]
    text = " ".join(str(row[0]) for row in sheet.iter_rows(values_only=True))
    assert "Département simulé" in text
    assert "Les données diffusées sont limitées aux communes" in text
