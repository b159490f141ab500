"""What a council puts of its own in its documents, on screen and from the command line."""

from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from pptx import Presentation
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from diagnostics import store as stores
from diagnostics.__main__ import main
from diagnostics.councils import logos, notes, records
from diagnostics.councils.database import open_database, open_if_any
from diagnostics.councils.documents import with_own
from diagnostics.councils.seeding import seed
from diagnostics.exports import documents
from diagnostics.exports.documents import DIAGNOSTIC, PPTX, SHEET, Order
from diagnostics.report import load
from tests.exports.decks import texts

WORDS = "Trois réunions avec les bailleurs ont eu lieu."
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">'
    '<rect width="40" height="20" fill="#008000"/></svg>'
)


@pytest.fixture
def folder(simulated_store: Path, tmp_path: Path) -> Path:
    """A store of its own, so that its list is too."""
    place = tmp_path / "store"
    place.symlink_to(simulated_store, target_is_directory=True)
    return place


@pytest.fixture
def council(folder: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> documents.Subject:
    """A council with a text for this year, in a database of each kind."""
    monkeypatch.setenv("DIAGNOSTIC_DATABASE_URL", address)
    held = stores.open_store(folder)
    subject = documents.subjects(held, "00")[0]
    database = open_database()
    seed(database, "00", held.table("00", "memberships"))
    kept = records.council(database, "00", subject.code)
    written = replace(notes.note(database, kept, date.today().year), decisions=WORDS)
    notes.write_note(database, written, "préfecture")
    logos.set_logo(database, kept, SVG.encode(), "préfecture")
    database.close()
    return subject


def test_texts_and_logo_are_those_of_the_council_and_year(folder, council) -> None:
    database = open_if_any(folder)
    assert database is not None
    order = with_own(database, council, Order())
    assert dict(order.texts) == {"decisions": WORDS}
    assert order.logo is not None
    before = Order(produced=date(date.today().year - 1, 5, 1))
    assert dict(with_own(database, council, before).texts) == {}
    elsewhere = replace(council, niveau="epci")
    assert with_own(database, elsewhere, Order()) == Order()
    database.close()


def test_the_logo_stands_on_the_cover_whole(folder, council) -> None:
    database = open_if_any(folder)
    assert database is not None
    order = with_own(database, council, Order())
    held = stores.open_store(folder)
    tables = load(held, "00")
    diagnostic = documents.assemble(held, council, order, tables)
    deck = Presentation(BytesIO(documents.render(PPTX, diagnostic, tables, order)))
    pictures = [s for slide in deck.slides for s in slide.shapes if s.name == "Logo"]
    assert len(pictures) == 1
    assert pictures[0].width / pictures[0].height == pytest.approx(2, rel=0.02)
    pixel = Image.open(BytesIO(pictures[0].image.blob)).convert("RGB").getpixel((10, 10))
    assert pixel == (0, 128, 0)
    database.close()


@pytest.mark.parametrize("picture", ["svg", "png"])
@pytest.mark.parametrize("kind", [SHEET, DIAGNOSTIC])
def test_the_logo_stands_in_print_with_its_words(folder, simulated_store, kind, picture) -> None:
    written = BytesIO()
    Image.new("RGB", (40, 20), "#008000").save(written, "PNG")
    logo = SVG.encode() if picture == "svg" else written.getvalue()
    held = stores.open_store(simulated_store)
    tables = load(held, "00")
    subject = documents.subjects(held, "00")[0]
    order = Order(produced=date(2026, 3, 1))
    diagnostic = documents.assemble(held, subject, order, tables)
    for asked, expected in ((order, 0), (replace(order, logo=logo), 1)):
        pdf = PdfReader(BytesIO(documents.render(kind, diagnostic, tables, asked)))
        said = [
            found.get_object().get("/Alt", "")
            for number in range(1, pdf.trailer["/Size"])
            if isinstance((found := pdf.get_object(number)), DictionaryObject)
        ]
        assert sum(str(words).startswith("Logo") for words in said) == expected
        assert kind == DIAGNOSTIC or len(pdf.pages) == 2


def test_the_command_line_says_what_the_council_has_written(folder, council, tmp_path) -> None:
    out = tmp_path / "x.pptx"
    command = ["export", "pptx", "--territoire", council.code, "--out", str(out)]
    assert main([*command, "--store", str(folder)]) == 0
    assert WORDS in "\n".join(texts(Presentation(str(out))))


def test_nobody_s_list_is_made_by_a_mere_export(folder) -> None:
    assert open_if_any(folder) is None
    assert [p.name for p in folder.parent.iterdir()] == ["store"]
