"""Each slide of a deck, laid out: title, message, then table, charts, map or text."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any

from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.presentation import Presentation
from pptx.util import Emu, Inches

from diagnostics.exports.pptx import charts, maps, tables, template, text
from diagnostics.exports.pptx.template import BODY_BOX, MESSAGE, TEXT, TITLE_BOX, Box
from diagnostics.figures import paper
from diagnostics.report.deck import Deck, Slide, Table
from diagnostics.report.model import Report
from diagnostics.report.tables import Tables
from diagnostics.wording import NARROW

_TITLE_SIZES = (28, 26, 24, 22, 20, 18)
_MESSAGE_SIZES = (20, 18, 16, 14)
_TEXT_SIZES = (20, 18, 16, 14)
_MOST_MESSAGE = Inches(0.95)
_GAP = Inches(0.18)
_TABLE_SHARE, _MAP_SHARE = 0.67, 0.6
"""Of the width: the table beside a chart, the map beside its words."""
_LEAST_TEXT = Inches(0.75)
"""Left under a table for a sentence; where there is less, sentences have their own slide."""


def add(made: Presentation, deck: Deck, slide: Slide, report: Report, held: Tables | None) -> None:
    """Add a slide, and as many that carry on with it as its content takes."""
    for page in pages(slide, report, held):
        if page.id == "titre":
            _cover(made, deck, page)
        else:
            _content(made, deck, page, report, held)


def pages(slide: Slide, report: Report, held: Tables | None) -> list[Slide]:
    """Return a slide as those of the file that its content takes, one after another."""
    if slide.id == "titre":
        return [slide]
    if slide.chart and slide.chart.kind == "map" and not maps.has_outlines(held, report):
        slide = replace(slide, chart=None, has_map=False)
    if slide.table is not None:
        slide = replace(slide, table=tables.kept(slide.table))
    first, *others = _parts(slide)
    return [first, *(replace(part, title=_follows(part.title)) for part in others)]


def _cover(made: Presentation, deck: Deck, slide: Slide) -> None:
    shown = made.slides.add_slide(made.slide_layouts[template.COVER])
    _title(shown, slide.title, template.COVER_TITLE, (40, 36, 32, 28, 24, 20))
    words = [slide.message, *slide.sentences]
    size = text.fit(words, _TEXT_SIZES, template.COVER_TEXT) or text.SMALLEST
    text.write(_placeholder(shown, MESSAGE).text_frame, words, size)
    _finish(made, shown, deck, slide)


def add_logo(made: Presentation, logo: bytes, label: str) -> None:
    """Put a logo on the cover, whole inside its corner; there is none without a cover."""
    covers = [s for s in made.slides if s.slide_layout == made.slide_layouts[template.COVER]]
    for cover in covers:
        box = template.COVER_LOGO
        drawn = cover.shapes.add_picture(BytesIO(paper.pixels(logo)), box.left, box.top)
        shrink = min(box.width / drawn.width, box.height / drawn.height)
        drawn.width, drawn.height = round(drawn.width * shrink), round(drawn.height * shrink)
        drawn.left = Emu(box.right - drawn.width)
        drawn.name = "Logo"
        drawn._element.xpath(".//p:cNvPr")[0].set("descr", f"Logo{NARROW}: {label}")


def _content(
    made: Presentation, deck: Deck, slide: Slide, report: Report, held: Tables | None
) -> None:
    shown = made.slides.add_slide(made.slide_layouts[template.CONTENT])
    _title(shown, slide.title, TITLE_BOX, _TITLE_SIZES)
    below = _message(shown, slide.message)
    left = below
    shapes = shown.shapes
    if slide.table is not None:
        box = _table_box(slide, below)
        size, _ = _table_set(slide, below)
        name = slide.title
        tables.add(
            shapes, slide.table, size, box, name=f"Tableau, {name}", description=_said(slide)
        )
        if slide.chart is not None:
            side = below._replace(left=box.right + _GAP, width=below.right - box.right - _GAP)
            charts.profile(shapes, report, slide.chart.lines, side)
        used = tables.height(slide.table, size, box.width) + _GAP
        left = box._replace(top=below.top + used, height=below.height - used)
    elif slide.chart is not None and slide.chart.kind == "series":
        tall = _text_height(slide.sentences, below.width)
        charts.series(shapes, report, slide.chart.lines, below._replace(height=below.height - tall))
        left = below._replace(top=below.bottom - tall + _GAP, height=tall - _GAP)
    elif slide.chart is not None and slide.chart.kind == "profile":
        charts.profile(shapes, report, slide.chart.lines, below)
    elif slide.has_map and held is not None and maps.has_outlines(held, report):
        width = round(below.width * _MAP_SHARE)
        left = below._replace(width=below.width - width - _GAP)
        right = below._replace(left=left.right + _GAP, width=width)
        if slide.chart is None:
            maps.locate(shapes, held, report, right)
        else:
            words = _text_height(slide.sentences, left.width)
            key = left._replace(top=left.top + words, height=left.height - words)
            left = left._replace(height=max(words - _GAP, 0))
            maps.indicator(shapes, held, report, right, key)
    _sentences(shown, slide.sentences, left)
    _finish(made, shown, deck, slide)


def _parts(slide: Slide) -> Iterator[Slide]:
    """Cut a slide whose table or sentences do not hold under its message."""
    below = _under(slide.message)
    sentences = slide.sentences
    if slide.table is not None:
        size, found = _table_set(slide, below)
        for part in found[:-1]:
            yield _with_table(slide, part, ())
        left = below.height - tables.height(found[-1], size, _table_box(slide, below).width) - _GAP
        room = below._replace(height=left, width=_table_box(slide, below).width)
        if not sentences or (left >= _LEAST_TEXT and _holds(sentences, room)):
            yield _with_table(slide, found[-1], sentences)
            return
        yield _with_table(slide, found[-1], ())
        slide = replace(slide, table=None, chart=None)
    elif slide.chart is not None or slide.has_map:
        narrow = below._replace(width=round(below.width * (1 - _MAP_SHARE)) - _GAP)
        room = narrow if slide.has_map else below
        most = room.height if slide.has_map and slide.chart is None else room.height // 3
        if _holds(sentences, room._replace(height=most)):
            yield slide
            return
        first = text.pages(sentences, _TEXT_SIZES[-1], room._replace(height=most))
        yield replace(slide, sentences=tuple(first[0]))
        sentences = sentences[len(first[0]) :] if len(first) > 1 else ()
        slide = replace(slide, chart=None, has_map=False)
    if not sentences:
        yield slide
        return
    size = text.fit(sentences, _TEXT_SIZES, below) or _TEXT_SIZES[-1]
    for page in text.pages(sentences, size, below):
        yield replace(slide, sentences=tuple(page))


def _with_table(slide: Slide, table: Table, sentences: tuple[str, ...]) -> Slide:
    """Return a slide with some rows of its table, and the bars of those rows."""
    if slide.chart is None or table is slide.table:
        return replace(slide, table=table, sentences=sentences)
    # A row begins with the title of its line, which the name of its unit may follow.
    named = [row[0] for row in table.rows]
    lines = tuple(line for line in slide.chart.lines if any(line.title in name for name in named))
    chart = replace(slide.chart, lines=lines) if lines else None
    return replace(slide, table=table, sentences=sentences, chart=chart)


def _table_set(slide: Slide, below: Box) -> tuple[int, list[Table]]:
    """Return the size of a slide's table and its pages: one, above the sentences, if it can be."""
    assert slide.table is not None
    box = _table_box(slide, below)
    kept = max(_text_height(slide.sentences, box.width), _LEAST_TEXT + _GAP)
    kept = kept if slide.sentences else 0
    beside = tables.layout(slide.table, box._replace(height=box.height - kept))
    return beside if len(beside[1]) == 1 else tables.layout(slide.table, box)


def _table_box(slide: Slide, below: Box) -> Box:
    share = _TABLE_SHARE if slide.chart is not None else 1
    return below._replace(width=round(below.width * share))


def _holds(sentences: Sequence[str], box: Box) -> bool:
    return text.fit(sentences, _TEXT_SIZES, _inside(box)) is not None


def _inside(box: Box) -> Box:
    """Return what is left of a box to texts that bear a bullet."""
    return box._replace(width=box.width - 200_000)


def _title(shown: Any, title: str, box: Box, sizes: Sequence[int]) -> None:
    size = text.fit([title], sizes, box, bold=True) or sizes[-1]
    words = text.shortened(title, size, box, bold=True)
    text.write(shown.shapes.title.text_frame, [words], size)
    shown.shapes.title.name = "Titre"


def _message(shown: Any, message: str) -> Box:
    """Write the message of a slide and return what is left under it."""
    size, words, tall = _message_set(message)
    place = _placeholder(shown, MESSAGE)
    _move(place, BODY_BOX._replace(height=tall))
    text.write(place.text_frame, [words], size)
    place.name = "Message"
    return _under(message)


def _message_set(message: str) -> tuple[int, str, int]:
    """Return the size, words and height of a message."""
    box = BODY_BOX._replace(height=_MOST_MESSAGE)
    size = text.fit([message], _MESSAGE_SIZES, box, bold=True) or text.SMALLEST
    words = text.shortened(message, size, box, bold=True)
    return size, words, text.height([words], size, BODY_BOX.width, bold=True)


def _under(message: str) -> Box:
    _, _, tall = _message_set(message)
    used = tall + _GAP
    return BODY_BOX._replace(top=BODY_BOX.top + used, height=BODY_BOX.height - used)


def _sentences(shown: Any, sentences: Sequence[str], box: Box) -> None:
    place = _placeholder(shown, TEXT)
    if not sentences:
        place._element.getparent().remove(place._element)
        return
    _move(place, box)
    place.name = "Texte"
    size = text.fit(sentences, _TEXT_SIZES, _inside(box)) or text.SMALLEST
    text.write(place.text_frame, sentences, size)


def _text_height(sentences: Sequence[str], width: int) -> int:
    """Return the height kept for sentences beside a figure, the gap included."""
    if not sentences:
        return 0
    box = _inside(Box(0, 0, width, BODY_BOX.height))
    return text.height(sentences, _TEXT_SIZES[-1], box.width) + 2 * _GAP


def _placeholder(shown: Any, index: int) -> Any:
    return next(p for p in shown.placeholders if p.placeholder_format.idx == index)


def _move(shape: Any, box: Box) -> None:
    shape.left, shape.top, shape.width, shape.height = map(Emu, box)


def _follows(title: str) -> str:
    return title if title.endswith("(suite)") else f"{title} (suite)"


def _said(slide: Slide) -> str:
    """Return what a screen reader says of a table."""
    assert slide.table is not None
    return f"{slide.title}. Colonnes{NARROW}: {', '.join(slide.table.titles)}."


def _finish(made: Presentation, shown: Any, deck: Deck, slide: Slide) -> None:
    """Add the foot, the number and the notes."""
    for kind in (PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER):
        model = next(
            p for p in shown.slide_layout.placeholders if p.placeholder_format.type == kind
        )
        shown.shapes.clone_placeholder(model)
        added = shown.shapes[-1]
        added.name = model.name
        if kind == PP_PLACEHOLDER.FOOTER:
            text.write(added.text_frame, [deck.footer], template.FOOTER_SIZE)
        else:
            # A field: it stays right when slides are moved.
            paragraph = added.text_frame.paragraphs[0]._p
            paragraph.append(_number_field(len(made.slides)))
    text.write(shown.notes_slide.notes_text_frame, slide.notes or (slide.title,), text.SMALLEST)


def _number_field(number: int) -> Any:
    return parse_xml(
        f'<a:fld {nsdecls("a")} id="{template.NUMBER_ID}" type="slidenum">'
        f'<a:rPr lang="{template.LANGUAGE}"/><a:t>{number}</a:t></a:fld>'
    )
