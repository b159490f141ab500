"""The deck of a plenary as a PowerPoint file that can be retouched: native charts and tables."""

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO

from diagnostics.exports.pptx import slides, template
from diagnostics.report.deck import deck
from diagnostics.report.model import Report
from diagnostics.report.tables import Tables

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


@dataclass(frozen=True)
class Options:
    """What the deck shows; see `report.deck.deck`.

    `tables` are those that the report was made from: without them there is no map. `logo` is a PNG
    or an SVG, checked where it came in; it stands on the cover.
    """

    produced: date
    slides: Sequence[str] | None = None
    audience: str = "public"
    texts: Mapping[str, str] | None = None
    tables: Tables | None = None
    logo: bytes | None = None


def pptx_bytes(report: Report, options: Options) -> bytes:
    """Return the slides of a report as a file, the same bytes for the same report and date.

    Raises:
        Refused: unknown slide, text or audience.
    """
    asked = deck(
        report,
        slides=options.slides,
        audience=options.audience,
        produced=options.produced,
        texts=options.texts,
    )
    made = template.presentation(asked.title, options.produced)
    for slide in asked.slides:
        slides.add(made, asked, slide, report, options.tables)
    if options.logo is not None:
        slides.add_logo(made, options.logo, report.area.label)
    buffer = BytesIO()
    made.save(buffer)
    return _undated(buffer.getvalue())


def _undated(content: bytes) -> bytes:
    """Return an archive whose members bear no hour of the machine."""
    buffer = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(content)) as source,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for member in source.infolist():
            dated = zipfile.ZipInfo(member.filename, (1980, 1, 1, 0, 0, 0))
            dated.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(dated, source.read(member))
    return buffer.getvalue()
