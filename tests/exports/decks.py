"""Reports whose slides are hard to hold, and what a deck holds once it is opened again."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from io import BytesIO
from typing import Any

import openpyxl
from pptx import Presentation

from diagnostics.report.model import Place, Report
from diagnostics.wording import context_value, number, percent, rate

LONG = (
    "CISPD <script>alert(\"x\")</script> & 'Val' de l’Interminable-Communauté-de-Communes-des-"
    "Sources-et-Forêts-de-la-Haute-Vallée \x0b"
)[:120]
FORMULA = '=HYPERLINK("http://exemple.invalid";"Cliquer")'
NUMBER = re.compile(r"\d+(?:\u202f\d{3})*(?:,\d+)?")


def renamed(report: Report, label: str, communes: int | None = None) -> Report:
    """Return a report whose area bears another name, and holds so many communes."""
    old = report.area.label
    places = report.area.communes
    if communes:
        places = tuple(
            Place("commune", places[i % len(places)].code, f"{label[:40]}-{i}", 1000 - i)
            for i in range(communes)
        )
    area = replace(report.area, label=label, communes=places)
    lines = tuple(_renamed_line(line, old, label) for line in report.lines)
    by_id = {line.id: line for line in lines}
    programmes = tuple(
        replace(p, readings=tuple(replace(r, line=by_id[r.line.id]) for r in p.readings))
        for p in report.programmes
    )
    legal = replace(report.legal, sentences=tuple(s for s in report.legal.sentences))
    return replace(report, area=area, lines=lines, programmes=programmes, legal=legal)


def _renamed_line(line: Any, old: str, label: str) -> Any:
    words = replace(
        line.words,
        **{f.name: getattr(line.words, f.name).replace(old, label) for f in fields(line.words)},
    )
    return replace(line, area_label=label, words=words)


def numbers(text: str) -> set[str]:
    """Return the numbers of a text, as French writes them."""
    return set(NUMBER.findall(text.replace("\u00a0", " ")))


def numbers_of(held: Any) -> set[str]:
    """Return every way in which the numbers of a report, or of a part of it, may be written."""
    found: set[str] = set()
    for value in values_of(held):
        if isinstance(value, str):
            found |= numbers(value)
        else:
            unsigned = abs(value)
            texts = [number(unsigned, decimals) for decimals in (0, 1, 2)]
            percents = [number(100 * abs(value - 1)), percent(unsigned), number(unsigned, 1)]
            for text in (*texts, rate(unsigned), *percents, context_value(unsigned, "%")):
                found |= numbers(text)
            found.add(str(value))
    return found


def values_of(held: Any) -> Iterator[str | float]:
    """Yield every text and number of plain data, whatever its depth."""
    if isinstance(held, bool) or held is None:
        return
    if isinstance(held, str | int | float):
        yield held
    elif is_dataclass(held):
        for field in fields(held):
            yield from values_of(getattr(held, field.name))
    else:
        for each in held:
            yield from values_of(each)


def opened(content: bytes) -> Any:
    """Return a presentation read from its bytes."""
    return Presentation(BytesIO(content))


def texts(presentation: Any) -> Iterator[str]:
    """Yield all that is written on the slides, in their tables and notes, and said of shapes."""
    for slide in presentation.slides:
        for shape in slide.shapes:
            yield shape._element.xpath(".//p:cNvPr")[0].get("descr") or ""
            if shape.has_text_frame and "Numéro" not in shape.name:
                yield shape.text_frame.text
            if shape.has_table:
                for row in shape.table.rows:
                    yield from (cell.text for cell in row.cells)
        yield slide.notes_slide.notes_text_frame.text


def charts(presentation: Any) -> Iterator[Any]:
    """Yield the charts of all slides."""
    for slide in presentation.slides:
        yield from (shape.chart for shape in slide.shapes if shape.has_chart)


def workbooks(content: bytes) -> Iterator[openpyxl.Workbook]:
    """Yield the workbooks behind the charts."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.endswith(".xlsx"):
                yield openpyxl.load_workbook(BytesIO(archive.read(name)))
