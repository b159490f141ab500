"""Text on slides: cleaned, measured before it is set, and marked as French.

Widths are measured in Source Sans, which comes with the product, and widened: whatever font a
machine puts in place of Arial, a text that fits here fits there.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from pptx.enum.text import MSO_ANCHOR
from pptx.util import Emu, Pt

from diagnostics.exports.pptx.template import INK, LANGUAGE, Box, rgb
from diagnostics.figures import fonts

SMALLEST = 12
"""Points: what a room can read. The foot alone is smaller."""
WIDER = 1.18
"""Arial is 1.07 to 1.2 times as wide as Source Sans, capitals most."""
LEADING = 1.18
SPACE_AFTER = 0.35
"""Between paragraphs, as a share of the size."""
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_POINT = 12_700
_KEPT = 20_000
"""Measures kept: those of some decks, so that a batch does not grow."""


def clean(text: str) -> str:
    """Return a text without the characters that XML forbids, on one line."""
    return re.sub(r"\s*[\t\n\r]+\s*", " ", _FORBIDDEN.sub("", text))


@lru_cache(_KEPT)
def line_count(text: str, size: float, width: int, bold: bool = False) -> int:
    """Return the number of lines that a text takes, `width` in EMU."""
    return max(1, len(fonts.wrap(clean(text), size, width / _POINT / WIDER, bold)))


@lru_cache(_KEPT)
def text_width(text: str, size: float, bold: bool = False) -> int:
    """Return the width of a text on one line, in EMU."""
    return round(fonts.text_width(clean(text), size, bold) * WIDER * _POINT)


def height(paragraphs: Iterable[str], size: float, width: int, bold: bool = False) -> int:
    """Return the height of some paragraphs, in EMU."""
    texts = list(paragraphs)
    lines = sum(line_count(text, size, width, bold) for text in texts)
    return round((lines * LEADING + (len(texts) - 1) * SPACE_AFTER) * size * _POINT)


def fit(
    paragraphs: Sequence[str], sizes: Iterable[int], box: Box, bold: bool = False
) -> int | None:
    """Return the first of the sizes, rising down, at which paragraphs hold in a box, or None."""
    fitting = (s for s in sizes if height(paragraphs, s, box.width, bold) <= box.height)
    return next(fitting, None)


def shortened(text: str, size: int, box: Box, bold: bool = False) -> str:
    """Return a text cut at a word, with an ellipsis, so that it holds in a box."""
    words = clean(text).split(" ")
    if height([text], size, box.width, bold) <= box.height:
        return text
    while len(words) > 1 and height([f"{' '.join(words)} …"], size, box.width, bold) > box.height:
        words.pop()
    return f"{' '.join(words)} …"


def clipped(text: str, size: float, width: int, bold: bool = False) -> str:
    """Return a text cut inside a word, with an ellipsis, so that it holds on one line."""
    text = clean(text)
    if text_width(text, size, bold) <= width:
        return text
    while text and text_width(f"{text}…", size, bold) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def pages(paragraphs: Sequence[str], size: int, box: Box) -> list[list[str]]:
    """Cut paragraphs into pages that hold in a box; one too long for a page is cut inside."""
    found: list[list[str]] = [[]]
    for paragraph in paragraphs:
        for piece in _pieces(clean(paragraph), size, box):
            if found[-1] and height([*found[-1], piece], size, box.width) > box.height:
                found.append([])
            found[-1].append(piece)
    return found


def _pieces(text: str, size: int, box: Box) -> list[str]:
    """Cut a paragraph that is taller than a box."""
    most = int(box.height / (LEADING * size * _POINT))
    if line_count(text, size, box.width) <= most:
        return [text]
    return fonts.cut(text, size, box.width / _POINT / WIDER, most)


def write(
    frame: Any,
    paragraphs: Sequence[str],
    size: float,
    *,
    bold: bool | None = None,
    colour: str | None = None,
) -> None:
    """Fill a text frame, one paragraph per text, each run marked as French."""
    for at, text in enumerate(paragraphs):
        paragraph = frame.paragraphs[0] if at == 0 else frame.add_paragraph()
        run(paragraph, text, size, bold=bold, colour=colour)
        if at < len(paragraphs) - 1:
            paragraph.space_after = Pt(round(SPACE_AFTER * size, 1))


def run(
    paragraph: Any,
    text: str,
    size: float,
    *,
    bold: bool | None = None,
    colour: str | None = None,
) -> None:
    """Add a run to a paragraph; `None` keeps what the placeholder says."""
    added = paragraph.add_run()
    added.text = clean(text)
    added._r.get_or_add_rPr().set("lang", LANGUAGE)
    added.font.size = Pt(size)
    if bold is not None:
        added.font.bold = bold
    if colour is not None:
        added.font.color.rgb = rgb(colour)


def textbox(
    shapes: Any,
    box: Box,
    paragraphs: Sequence[str],
    size: float,
    *,
    name: str,
    bold: bool | None = None,
    colour: str = INK,
    anchor: MSO_ANCHOR = MSO_ANCHOR.TOP,
) -> Any:
    """Add a box of text without margins and return its shape."""
    shape = shapes.add_textbox(*map(Emu, box))
    shape.name = name
    frame = shape.text_frame
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.vertical_anchor = anchor
    write(frame, paragraphs, size, bold=bold, colour=colour)
    return shape


def describe(shape: Any, name: str, description: str) -> None:
    """Give a shape the name and the alternative text that a screen reader says."""
    properties = shape._element.xpath(".//p:cNvPr")[0]
    properties.set("name", clean(name))
    properties.set("descr", clean(description))
