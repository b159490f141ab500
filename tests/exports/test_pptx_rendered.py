"""The deck opened by LibreOffice: every text stands inside its own box, on its own slide."""

import subprocess
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from diagnostics.exports.pptx import Options, pptx_bytes
from diagnostics.report import Report, load, report
from diagnostics.report.deck import TEXTS
from diagnostics.store import open_store
from tests.exports import decks
from tests.exports.conftest import Convert

PRODUCED = date(2026, 3, 1)
EMU_PER_POINT = 12_700
TOLERANCE = 2.0
"""Points."""
AROUND = 0.2
"""Of a word's box, above and below, is the room that a font keeps for accents, not letters."""
PARAGRAPH = "Une priorité retenue, et la raison pour laquelle elle l’a été par le conseil. "


class Word(NamedTuple):
    """A word of a page and its box, in points."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


def _single_year(held: Report) -> Report:
    return replace(held, years=(held.year,))


def _cases(folder: Path) -> dict[str, tuple[Report, Options]]:
    store = open_store(folder)
    tables = load(store, "00")
    code = "cispd-montorbe-agglomeration"
    council = report(store, "00", "territoire", code, tables=tables)
    epci = tables.groups.query("niveau == 'epci'")["code"].iloc[0]
    long = tables.long
    rows = long[(long["niveau"] == "commune") & (long["annee"] == long["annee"].max())]
    known = rows["statut"].isin(["publie", "zero"]).groupby(rows["code"]).sum()
    first, *others = council.programmes
    empty = replace(council, programmes=(replace(first, readings=()), *others))
    with_tables = Options(PRODUCED, tables=tables)
    texts = dict.fromkeys(TEXTS, "\n".join([PARAGRAPH * 3] * 9))
    return {
        "council": (council, with_tables),
        "epci": (report(store, "00", "epci", epci, tables=tables), with_tables),
        "hidden": (
            report(store, "00", "commune", str(known.idxmin()), tables=tables),
            with_tables,
        ),
        "year": (_single_year(empty), replace(with_tables, audience="interne", texts=texts)),
        "hostile": (decks.renamed(council, decks.LONG, communes=60), with_tables),
    }


@pytest.fixture(scope="module")
def rendered(
    simulated_store: Path, office: Convert, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[Any, list[list[Word]]]]:
    """Each case as python-pptx reads it, and the words of its pages."""
    folder = tmp_path_factory.mktemp("pptx")
    made = {}
    for name, (held, options) in _cases(simulated_store).items():
        path = folder / f"{name}.pptx"
        path.write_bytes(pptx_bytes(held, options))
        made[name] = path
    pages = dict(zip(made, office(list(made.values())), strict=True))
    return {name: (decks.opened(made[name].read_bytes()), _words(pages[name])) for name in made}


def _words(pdf: Path) -> list[list[Word]]:
    """Return the words of each page of a PDF."""
    asked = ["pdftotext", "-bbox", str(pdf), "-"]
    xml = subprocess.run(asked, check=True, capture_output=True).stdout.decode()
    # The title of the document is written there as it is.
    pages = ET.fromstring(xml[xml.index("<doc>") : xml.index("</doc>") + len("</doc>")])
    return [
        [
            Word(
                word.text or "", *(float(word.attrib[k]) for k in ("xMin", "yMin", "xMax", "yMax"))
            )
            for word in page
        ]
        for page in pages
    ]


def _places(text: str, words: list[Word]) -> list[list[Word]]:
    """Return the words of each place of a page where a text stands, spaces apart."""
    wanted = "".join(text.split())
    page = "".join("".join(word.text.split()) for word in words)
    ends = list(accumulate(len("".join(word.text.split())) for word in words))
    found, at = [], page.find(wanted)
    while wanted and at >= 0:
        over = at + len(wanted)
        inside = [
            word
            for word, end, start in zip(words, ends, [0, *ends], strict=False)
            if end > at and start < over
        ]
        found.append(inside)
        at = page.find(wanted, at + 1)
    return found


def _held(words: list[Word], box: tuple[float, float, float, float]) -> str:
    """Return the letters of the words that stand inside a box, line after line."""
    inside = [word for word in words if _inside([word], box)]
    return "".join(
        "".join(w.text.split()) for w in sorted(inside, key=lambda w: (w.bottom, w.left))
    )


def _inside(words: list[Word], box: tuple[float, float, float, float]) -> bool:
    left, top, right, bottom = box
    return all(
        w.left >= left - TOLERANCE
        and w.right <= right + TOLERANCE
        and w.top + AROUND * (w.bottom - w.top) >= top - TOLERANCE
        and w.bottom - AROUND * (w.bottom - w.top) <= bottom + TOLERANCE
        for w in words
    )


def _boxes(slide: Any) -> list[tuple[str, tuple[float, float, float, float]]]:
    """Return each paragraph of a slide, cells of tables included, with its box in points."""
    found = []
    for shape in slide.shapes:
        left, top = shape.left, shape.top
        if shape.has_text_frame and shape.name not in ("Numéro", "Clé", "Nom"):
            box = (left, top, left + shape.width, top + shape.height)
            found += [(p.text, box) for p in shape.text_frame.paragraphs]
        if shape.has_table:
            columns = [0, *accumulate(c.width for c in shape.table.columns)]
            rows = [0, *accumulate(r.height for r in shape.table.rows)]
            for down, row in enumerate(shape.table.rows):
                for across, cell in enumerate(row.cells):
                    box = (
                        left + columns[across],
                        top + rows[down],
                        left + columns[across + 1],
                        top + rows[down + 1],
                    )
                    found.append((cell.text, box))
    return [(text, tuple(v / EMU_PER_POINT for v in box)) for text, box in found]


def test_one_page_a_slide(rendered: dict[str, tuple[Any, list[list[Word]]]]) -> None:
    for presentation, pages in rendered.values():
        assert len(pages) == len(presentation.slides) > 5


def test_every_text_stands_in_its_box(rendered: dict[str, tuple[Any, list[list[Word]]]]) -> None:
    measured, outside = 0, []
    for name, (presentation, pages) in rendered.items():
        for number, (slide, words) in enumerate(zip(presentation.slides, pages, strict=True), 1):
            for text, box in _boxes(slide):
                if not text.strip():
                    continue
                # Words side by side in two cells are not read in the order of the cells.
                whole = _held(words, box) == "".join(text.split())
                if not whole and not any(_inside(place, box) for place in _places(text, words)):
                    outside.append((name, number, text, box))
                measured += 1
    assert not outside
    assert measured > 1000


def test_nothing_is_drawn_under_the_foot_but_the_foot(
    rendered: dict[str, tuple[Any, list[list[Word]]]],
) -> None:
    for name, (presentation, pages) in rendered.items():
        foot = next(s for s in presentation.slides[0].shapes if s.name == "Pied de page")
        top, height = foot.top / EMU_PER_POINT, presentation.slide_height / EMU_PER_POINT
        said = set(foot.text_frame.text.split())
        for number, (slide, words) in enumerate(zip(presentation.slides, pages, strict=True), 1):
            own = said | {str(number)}
            below = {w.text for w in words if w.bottom > top + TOLERANCE}
            glued = {"".join(word.split()) for word in own}
            assert all(any(b in o or o in b for o in glued) for b in below), (name, slide, below)
            assert all(word.bottom <= height for word in words)
