"""One figure everywhere: screen, slides, print and CSV say what the report says, to the digit."""

import csv
import re
from datetime import date
from html import unescape
from io import BytesIO, StringIO

import pytest
from pptx import Presentation
from pypdf import PdfReader

from diagnostics.exports import csv as exported
from diagnostics.exports import documents
from diagnostics.exports.documents import DIAGNOSTIC, PPTX, SHEET, Order
from diagnostics.report import Report, Tables
from diagnostics.report.cells import facts_text, rate_text
from diagnostics.report.model import Line
from diagnostics.store import Store
from diagnostics.wording import NOT_SHOWN, interval, number, rate
from tests.exports.decks import numbers, texts
from tests.pages.conftest import Opener

ORDER = Order(produced=date(2026, 3, 1))


@pytest.fixture(scope="module", params=["cispd", "epci", "commune"])
def diagnostic(request: pytest.FixtureRequest, store: Store, tables: Tables) -> Report:
    groups = tables.groups
    codes = {
        "cispd": groups.loc[groups["type"] == "cispd", "code"].iloc[0],
        "epci": groups.loc[groups["niveau"] == "epci", "code"].iloc[-1],
        "commune": tables.communes["code_insee"].iloc[7],
    }
    return documents.assemble(store, documents.subject(store, codes[request.param]), ORDER, tables)


def cells(line: Line) -> set[str]:
    """The numbers of a line's facts and rate, as they are written."""
    shown = {text for text in (facts_text(line), rate_text(line)) if text != NOT_SHOWN}
    return {n for text in shown for n in numbers(text)}


def test_the_sheet_on_screen(open_page: Opener, diagnostic: Report) -> None:
    area = diagnostic.area
    level = "cispd" if area.type == "cispd" else area.niveau
    page = open_page("fiche", niveau=level, zone=area.code)
    assert not page.exception
    words = unescape(
        " ".join(
            re.sub(
                r"<[^>]+>", " ", str(block.value if hasattr(block, "value") else block.proto.body)
            )
            for kind in ("markdown", "caption", "html", "subheader")
            for block in page.get(kind)
        )
    )
    for line in diagnostic.lines:
        assert cells(line) <= numbers(words), line.id


@pytest.mark.parametrize("kind", [PPTX, SHEET, DIAGNOSTIC])
def test_what_is_taken_away(diagnostic: Report, tables: Tables, kind: str) -> None:
    content = documents.render(kind, diagnostic, tables, ORDER)
    if kind == PPTX:
        words = " ".join(texts(Presentation(BytesIO(content))))
    else:
        words = " ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    found = numbers(words)
    for line in diagnostic.lines:
        if kind == PPTX and line in diagnostic.others:
            continue  # the slides are those of the programmes
        assert cells(line) <= found, line.id


def test_the_csv(diagnostic: Report, store: Store) -> None:
    area = diagnostic.area
    table = exported.select(store, area.niveau, area.code)
    rows = {
        (row["indicateur"], row["annee"]): row
        for row in csv.DictReader(StringIO(exported.long_csv(table)), delimiter=";")
    }
    group = area.niveau != "commune"
    for line in diagnostic.lines:
        row = {k: v.replace(",", ".") for k, v in rows[line.id, str(diagnostic.year)].items()}
        prefix = "taux_estime" if group else "taux"
        middle = "taux_estime" if group else "taux_pour_mille"
        if row[middle]:
            low, high = float(row[f"{prefix}_bas"]), float(row[f"{prefix}_haut"])
            written = f"{rate(float(row[middle]))} {interval(low, high)}"
            assert rate_text(line) == written, line.id
        else:
            assert line.figure.rate is None
        if group and row["faits_estimes"] and row["faits_estimes_bas"] != row["faits_estimes_haut"]:
            total = float(row["faits_estimes"])
            bounds = float(row["faits_estimes_bas"]), float(row["faits_estimes_haut"])
            assert facts_text(line) == f"{number(total)} {interval(*bounds, number)}"
        elif row["faits_publies"] == "0" and row["statut"] == "partiel":
            # Zero where something is hidden is no total of the group, nor said as one.
            assert facts_text(line) == f"total {NOT_SHOWN}"
        elif row["faits_publies"]:
            assert number(float(row["faits_publies"])) in facts_text(line)
