"""Two printed documents of one report, in PDF/UA: a fiche of two pages and a whole diagnostic."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import typst

from diagnostics.exports.pdf.content import Content, logo_of
from diagnostics.exports.pdf.diagnostic import diagnostic_content
from diagnostics.exports.pdf.sheet import sheet_content
from diagnostics.figures import fonts
from diagnostics.report.model import Report
from diagnostics.report.tables import Tables

_FOLDER = Path(__file__).parent
SHEET, DIAGNOSTIC = _FOLDER / "sheet.typ", _FOLDER / "diagnostic.typ"
"""The templates: layout only."""


def sheet_pdf(
    report: Report,
    tables: Tables,
    *,
    audience: str = "public",
    produced: date,
    logo: bytes | None = None,
) -> bytes:
    """Return the fiche of an area: two A4 pages, always.

    Args:
        report: what is printed.
        tables: of its département, for the maps.
        audience: one of `report.footer.AUDIENCES`.
        produced: date of the document; the same report and date give the same bytes.
        logo: of the council, a PNG or an SVG, checked where it came in.
    """
    said = sheet_content(report, tables, audience, produced)
    return _compiled(SHEET, said | {"logo": logo_of(report, logo)}, produced)


def diagnostic_pdf(
    report: Report,
    tables: Tables,
    *,
    audience: str = "public",
    produced: date,
    texts: Mapping[str, str] | None = None,
    logo: bytes | None = None,
) -> bytes:
    """Return the complete diagnostic of an area, with its table of contents.

    Args:
        report, tables, audience, produced, logo: as for `sheet_pdf`.
        texts: free texts of the council, by key of `report.deck.TEXTS` or by title, one paragraph
            a line; they are printed as they are.
    """
    said = diagnostic_content(report, tables, audience, produced, texts or {})
    return _compiled(DIAGNOSTIC, said | {"logo": logo_of(report, logo)}, produced)


def inputs(said: Content) -> dict[str, str]:
    """Return what a template reads: data, so that nothing in it is markup."""
    return {"data": json.dumps(said, ensure_ascii=False)}


def _compiled(template: Path, said: Content, produced: date) -> bytes:
    return bytes(
        typst.compile(
            template,
            root=_FOLDER,
            format="pdf",
            sys_inputs=inputs(said),
            font_paths=fonts.typeset_fonts(),
            pdf_standards="ua-1",
            timestamp=datetime(produced.year, produced.month, produced.day, tzinfo=UTC),
        )
    )
