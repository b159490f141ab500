"""What holds in one view of a projector: slides cut where their type would be too small for a room.

Lengths are those of a page of 1280 × 720, which the screen enlarges or reduces whole. Slides are
cut for the smallest type that a room reads; the browser then enlarges the type of each view as far
as it fits, whatever the window.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import TypeVar

from diagnostics.figures import fonts
from diagnostics.report.deck import Slide, Table
from diagnostics.report.model import Line
from diagnostics.wording import NOT_SHOWN

_T = TypeVar("_T")
WIDTH, HEIGHT, FOOT = 1280, 720, 56
"""A page, and what its foot takes of it."""
SIDE, ABOVE, GAP = 40, 20, 14
"""Margins on the sides and above, space between blocks."""
TITLE, TITLE_LINES, MESSAGE, TEXT = 36, 2, 22, 20
"""Type of a title, least type of a message and of all that stands under it."""
LEADING, TITLE_LEADING = 1.3, 1.15
BULLET, BETWEEN = 1.2, 0.4
"""Indent of a sentence, and what parts it from the next one, as shares of its type."""
CELL_SIDE, CELL_ABOVE = 0.5, 0.25
"""Around the words of a cell, as shares of their type."""
WORDS_SHARE = 0.38
"""Of the width: words beside a map."""
COLUMNS_GAP = 24
PANELS = 3
"""Curves side by side in one view."""
DRAWN_ALONE = 3
"""Rates below which a chart has no view of its own: the table says them all."""
NAME_SHARE, ROW, AXIS, UNIT = 0.32, 1.7, 1.6, 1.6
"""Of a chart of rates: width of the names; least height of a row, of an axis and of what names its
unit, in type."""
PLOT = 8
"""Least height of a panel of curves, in type, with its axis."""
KEY_SIGN, KEY_GAP = 44, 28
"""Width of a sign in a key, and space between two entries."""
INSIDE = WIDTH - 2 * SIDE
_FOLLOWS = " (suite)"
_SAFE = 0.97
"""Share of a width that is counted on: kerning is not the same everywhere."""


@dataclass(frozen=True)
class View:
    """A slide of the PPTX, by its number there, or one of the parts that it takes on screen."""

    slide: Slide
    number: int
    part: int = 1
    parts: int = 1

    @property
    def address(self) -> str:
        """Return what names the view in an address: `7`, or `7.2` for a second part."""
        return f"{self.number}" if self.part == 1 else f"{self.number}.{self.part}"


def views(slides: Iterable[Slide], *, outlines: bool) -> list[View]:
    """Return what to show one view after another; a slide too long for one is carried on.

    Without `outlines` no map can be drawn: its slide keeps its words.
    """
    found = []
    for number, slide in enumerate(map(_unbroken, slides), start=1):
        if slide.has_map and not outlines:
            kept = None if slide.chart and slide.chart.kind == "map" else slide.chart
            slide = replace(slide, has_map=False, chart=kept)
        parts = list(_cut(slide))
        for part, shown in enumerate(parts, start=1):
            if part > 1 and not slide.title.endswith(_FOLLOWS):
                shown = replace(shown, title=f"{slide.title}{_FOLLOWS}")
            found.append(View(shown, number, part, len(parts)))
    return found


def basis(line: Line) -> str:
    """Return what a rate is for: `pour 1 000 habitants`."""
    return line.unit_of_rate[line.unit_of_rate.index("pour ") :]


def _unbroken(slide: Slide) -> Slide:
    """Keep on one line a sign with its word, an interval, and « n. d. »."""
    table = slide.table and replace(
        slide.table, rows=tuple(tuple(map(_kept, row)) for row in slide.table.rows)
    )
    sentences = tuple(map(_kept, slide.sentences))
    return replace(slide, message=_kept(slide.message), sentences=sentences, table=table)


def _kept(text: str) -> str:
    whole = re.sub(r"\(\d[^()]*\)", lambda found: found[0].replace(" ", "\u00a0"), text)
    signed = re.sub(r"([▲▼●–]) (?=\w)", "\\1\u00a0", whole)
    return signed.replace("n. d.", NOT_SHOWN)


# --- Cutting. ---


def _cut(slide: Slide) -> Iterator[Slide]:
    height = _under(slide)
    if slide.id == "titre":
        yield slide
    elif slide.table is not None:
        yield from _cut_table(slide, slide.table, height)
    elif slide.has_map:
        yield from _cut_beside_map(slide, height)
    elif slide.chart is not None:
        yield from _cut_chart(slide, height)
    else:
        yield from _cut_text(slide, slide.sentences, height)


def _under(slide: Slide) -> float:
    """Return the height that is left under a title and a message."""
    title = min(_lines(slide.title, TITLE, INSIDE, True), TITLE_LINES) * TITLE * TITLE_LEADING
    message = _lines(slide.message, MESSAGE, INSIDE, True) * MESSAGE * LEADING
    return HEIGHT - FOOT - ABOVE - title - message - 2 * GAP


def _cut_table(slide: Slide, table: Table, height: float) -> Iterator[Slide]:
    below = _text_height(slide.sentences, INSIDE)
    if slide.chart is not None:
        drawn = _rates_height(slide.chart.lines)
        if _table_height(table) + drawn + below + 2 * GAP <= height:
            yield slide
            return
        if len(slide.chart.lines) >= DRAWN_ALONE:
            for lines in _rates_pages(slide.chart.lines, height):
                chart = replace(slide.chart, lines=lines)
                yield replace(slide, table=None, chart=chart, sentences=())
        slide = replace(slide, chart=None)
    if _table_height(table) + below + GAP <= height:
        yield slide
        return
    *parts, last = _pages(table, height)
    for part in parts:
        yield replace(slide, table=part, sentences=())
    beside = _table_height(last) + below + GAP <= height
    yield replace(slide, table=last, sentences=slide.sentences if beside else ())
    if slide.sentences and not beside:
        yield from _cut_text(replace(slide, table=None), slide.sentences, height)


def _cut_beside_map(slide: Slide, height: float) -> Iterator[Slide]:
    width = (INSIDE - COLUMNS_GAP) * WORDS_SHARE
    first, *others = _text_pages(slide.sentences, width, height)
    yield replace(slide, sentences=first)
    left = tuple(sentence for page in others for sentence in page)
    if left:
        yield from _cut_text(replace(slide, has_map=False, chart=None), left, height)


def _cut_chart(slide: Slide, height: float) -> Iterator[Slide]:
    chart = slide.chart
    assert chart is not None
    series = chart.kind == "series"
    parts = _chunks(chart.lines, PANELS) if series else _rates_pages(chart.lines, height)
    bare = [replace(slide, chart=replace(chart, lines=part), sentences=()) for part in parts]
    yield from bare[:-1]
    drawn = PLOT * TEXT if series else _rates_height(parts[-1])
    if drawn + GAP + _text_height(slide.sentences, INSIDE) <= height:
        yield replace(bare[-1], sentences=slide.sentences)
        return
    yield bare[-1]
    yield from _cut_text(replace(slide, chart=None), slide.sentences, height)


def _cut_text(slide: Slide, sentences: Sequence[str], height: float) -> Iterator[Slide]:
    for page in _text_pages(sentences, INSIDE, height):
        yield replace(slide, sentences=page)


def _rates_pages(lines: tuple[Line, ...], height: float) -> list[tuple[Line, ...]]:
    """Cut the lines of a chart of rates into parts as few as hold in a height."""
    for most in range(len(lines), 0, -1):
        parts = _chunks(lines, most)
        if all(_rates_height(part) <= height for part in parts):
            break
    return parts


def _pages(table: Table, height: float) -> list[Table]:
    """Cut a table into parts of nearly as many rows, as few as hold in a height."""
    for most in range(max(len(table.rows) - 1, 1), 0, -1):
        parts = [replace(table, rows=part) for part in _chunks(table.rows, most)]
        if all(_table_height(part) <= height for part in parts):
            break
    return parts


def _chunks(items: tuple[_T, ...], most: int) -> list[tuple[_T, ...]]:
    """Cut a sequence into parts of at most `most`, nearly the same length."""
    count = -(-len(items) // most)
    ends = [len(items) * at // count for at in range(count + 1)]
    return [items[first:last] for first, last in pairwise(ends)]


def _text_pages(sentences: Iterable[str], width: float, height: float) -> list[tuple[str, ...]]:
    """Cut sentences into pages; one taller than a page is cut at a space."""
    most = int((height / TEXT - BETWEEN) / LEADING)
    inside = (width - BULLET * TEXT) * _SAFE
    pieces = [piece for each in sentences for piece in fonts.cut(each, TEXT, inside, most)]
    full = _filled(pieces, width, height)
    # As many pages, nearly as full as one another: a lone sentence on the last looks forgotten.
    shares = (share / 10 for share in range(5, 10))
    found = (_filled(pieces, width, height * share) for share in shares)
    return next((pages for pages in found if len(pages) == len(full)), full)


def _filled(pieces: Sequence[str], width: float, height: float) -> list[tuple[str, ...]]:
    pages: list[list[str]] = [[]]
    for piece in pieces:
        if pages[-1] and _text_height([*pages[-1], piece], width) > height:
            pages.append([])
        pages[-1].append(piece)
    return [tuple(page) for page in pages]


# --- Measuring, in the least type. ---


def _text_height(sentences: Iterable[str], width: float) -> float:
    return sum(
        (_lines(sentence, TEXT, width - BULLET * TEXT) * LEADING + BETWEEN) * TEXT
        for sentence in sentences
    )


def _rates_height(lines: Sequence[Line]) -> float:
    """Return the height of a chart of rates: its key, then rows and an axis for each unit."""
    width = INSIDE * NAME_SHARE
    rows = sum(
        max(ROW, _lines(line.title, TEXT, width, True) * LEADING + 2 * CELL_ABOVE) for line in lines
    )
    units = len(set(map(basis, lines)))
    return (rows + units * (AXIS + UNIT) + LEADING) * TEXT + GAP


def _table_height(table: Table) -> float:
    """Return the height of a table; more than any page where it is too wide."""
    widths = column_widths(table, INSIDE)
    if sum(widths) > INSIDE + 1:
        return math.inf
    around = 2 * CELL_SIDE * TEXT
    return sum(
        max(_lines(t, TEXT, w - around, at == 0) for t, w in zip(row, widths, strict=True))
        * TEXT
        * LEADING
        + 2 * CELL_ABOVE * TEXT
        + 2
        for at, row in enumerate((table.titles, *table.rows))
    )


def column_widths(table: Table, width: float) -> list[float]:
    """Return the width of each column, as a browser shares a table's out.

    Each has its longest word at least; what is left goes to those whose texts are longer.
    """
    columns = list(zip(table.titles, *table.rows, strict=True))
    padding = 2 * CELL_SIDE * TEXT
    least = [max(_widest_word(t, i == 0) for i, t in enumerate(c)) + padding for c in columns]
    most = [max(_width(t, i == 0) for i, t in enumerate(c)) + padding for c in columns]
    spare = width - sum(least)
    wanted = sum(most) - sum(least)
    if spare >= wanted:
        return [each * width / sum(most) for each in most]
    share = max(spare, 0) / wanted if wanted else 0
    return [low + (high - low) * share for low, high in zip(least, most, strict=True)]


@lru_cache(maxsize=5000)
def _lines(text: str, size: float, width: float, bold: bool = False) -> int:
    return max(1, len(fonts.wrap(text, size, width * _SAFE, bold)))


def _width(text: str, bold: bool) -> float:
    return fonts.text_width(text, TEXT, bold) / _SAFE


def _widest_word(text: str, bold: bool) -> float:
    return max((_width(word, bold) for word in text.split(" ")), default=0)
