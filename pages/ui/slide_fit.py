"""What holds in one view of a projector of 1280 × 720: slides cut, and the size of their type.

Lengths are in pixels. Texts are measured in the typeface that Streamlit shows, before they are
shown: a browser that has to shrink them would make them too small to be read from the last row.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeVar

from diagnostics.figures import fonts
from diagnostics.report.deck import Slide, Table
from diagnostics.wording import NOT_SHOWN

_T = TypeVar("_T")
WIDTH, HEIGHT = 1280, 720
SIDE, ABOVE, FOOT, GAP = 40, 20, 64, 14
"""Margins on the sides and above, height kept for the foot, space between blocks."""
INSIDE = WIDTH - 2 * SIDE
TITLE, TITLE_LINES = 36, 2
MESSAGE_SIZES, TEXT_SIZES, TABLE_SIZES = (26, 24, 22), (28, 26, 24, 22), (22, 20, 18)
LEADING, TITLE_LEADING = 1.3, 1.15
BULLET, BETWEEN = 26, 0.4
"""Indent of a sentence, and what parts it from the next one, as a share of its size."""
CELL_SIDE, CELL_ABOVE = 10, 5
TABLE_SHARE, WORDS_SHARE = 0.62, 0.4
"""Of the width: a table beside a chart, words beside a map."""
COLUMNS_GAP = 16
"""Between two columns, as Streamlit lays them."""
BESIDE = 3
"""Indicators that a chart beside a table can show in large type."""
KEY, KEY_LINE, KEY_SIGN, KEY_GAP = 18, 28, 44, 28
"""What the colours of a chart mean: type, height of a line, width of a sign, space between two."""
PANELS = 3
"""Curves side by side in one view."""
NOTE = 18
"""Type of what is to be known under a chart."""
_FOLLOWS = " (suite)"
_LINES_MOST = 2
"""Lines of a message above which its type gets smaller."""
_SAFE = 0.97
"""Share of a width that is counted on: kerning is not the same everywhere."""


@dataclass(frozen=True)
class View:
    """One slide, or a part of one, that fits: sizes of its message and body, height of the body."""

    slide: Slide
    message_size: int
    body_size: int
    height: float


def views(slides: Iterable[Slide], *, outlines: bool) -> list[View]:
    """Return what to show one view after another; a slide too long for one is carried on.

    Without `outlines` no map can be drawn: its slide keeps its words.
    """
    found = []
    for slide in map(_unbroken, _joined(slides)):
        if not outlines and slide.has_map:
            kept = None if slide.chart and slide.chart.kind == "map" else slide.chart
            slide = replace(slide, has_map=False, chart=kept)
        for at, view in enumerate(_cut(slide)):
            if at > 0 and not slide.title.endswith(_FOLLOWS):
                view = replace(view, slide=replace(view.slide, title=f"{slide.title}{_FOLLOWS}"))
            found.append(view)
    return found


def _joined(slides: Iterable[Slide]) -> list[Slide]:
    """Put together what the deck has cut for a page of another size."""
    found: list[Slide] = []
    for slide in slides:
        whole = _carried_on(found[-1], slide) if found else None
        if whole:
            found[-1] = whole
        else:
            found.append(slide)
    return found


def _carried_on(before: Slide, slide: Slide) -> Slide | None:
    """Return two slides as one, None where the second is not the rest of the first."""
    follows = (slide.id, slide.message) == (before.id, before.message)
    if not follows or not slide.title.endswith(_FOLLOWS) or slide.has_map:
        return None
    whole = replace(before, sentences=(*before.sentences, *slide.sentences))
    table, rest = before.table, slide.table
    if table and rest and table.titles == rest.titles and not slide.chart:
        return replace(whole, table=replace(table, rows=(*table.rows, *rest.rows)))
    if table or rest:
        return None
    if before.chart and slide.chart:
        lines = (*before.chart.lines, *slide.chart.lines)
        return replace(whole, chart=replace(slide.chart, lines=lines))
    return None if before.chart or slide.chart else whole


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


def column_widths(table: Table, size: int, width: float) -> list[float]:
    """Return the width of each column, as a browser shares a table's out.

    Each has its longest word at least; what is left goes to those whose texts are longer.
    """
    columns = list(zip(table.titles, *table.rows, strict=True))
    padding = 2 * CELL_SIDE
    least = [max(_widest_word(t, size, i == 0) for i, t in enumerate(c)) + padding for c in columns]
    most = [max(_width(t, size, i == 0) for i, t in enumerate(c)) + padding for c in columns]
    spare = width - sum(least)
    wanted = sum(most) - sum(least)
    if spare >= wanted:
        return [each * width / sum(most) for each in most]
    share = max(spare, 0) / wanted if wanted else 0
    return [low + (high - low) * share for low, high in zip(least, most, strict=True)]


def note_height(notes: Iterable[str]) -> float:
    """Return the height of the notes under a chart."""
    return sum(_lines(note, NOTE, INSIDE) * NOTE * LEADING for note in notes)


def key_height(words: Iterable[str], width: float) -> float:
    """Return the height of a key whose entries follow one another on lines."""
    height, used = 0.0, width
    for each in words:
        needed = KEY_SIGN + _width(each, KEY)
        if used + KEY_GAP + needed > width:
            height += _lines(each, KEY, width - KEY_SIGN) * KEY_LINE
            used = needed
        else:
            used += KEY_GAP + needed
    return height + GAP


def _cut(slide: Slide) -> Iterator[View]:
    message_size, height = _under(slide)
    if slide.id == "titre":
        yield View(slide, message_size, TEXT_SIZES[2], height)
        return
    if slide.table is not None:
        yield from _cut_table(slide, message_size, height)
    elif slide.has_map:
        yield from _cut_beside_map(slide, message_size, height)
    elif slide.chart is not None:
        yield from _cut_chart(slide, message_size, height)
    else:
        yield from _cut_text(slide, slide.sentences, message_size, height)


def _cut_table(slide: Slide, message_size: int, height: float) -> Iterator[View]:
    table, chart = slide.table, slide.chart
    assert table is not None
    if chart is not None:
        beside = _table_size(table, (INSIDE - COLUMNS_GAP) * TABLE_SHARE, height, TABLE_SIZES[1:])
        if beside and len(chart.lines) <= BESIDE and not slide.sentences:
            yield View(slide, message_size, beside, height)
            return
        yield View(replace(slide, table=None, sentences=()), message_size, TEXT_SIZES[-1], height)
    slide = replace(slide, chart=None)
    below = _text_height(slide.sentences, TEXT_SIZES[-1], INSIDE)
    size = _table_size(table, INSIDE, height - (below + GAP if below else 0))
    if size:
        yield View(slide, message_size, size, height)
        return
    *parts, last = _pages(table, height)
    size = min(_table_size(part, INSIDE, height) or TABLE_SIZES[-1] for part in (*parts, last))
    for part in parts:
        yield View(replace(slide, table=part, sentences=()), message_size, size, height)
    room = _table_size(last, INSIDE, height - below - GAP)
    end = replace(slide, table=last, sentences=slide.sentences if room else ())
    yield View(end, message_size, min(room or size, size), height)
    if slide.sentences and not room:
        yield from _cut_text(replace(slide, table=None), slide.sentences, message_size, height)


def _cut_beside_map(slide: Slide, message_size: int, height: float) -> Iterator[View]:
    width = (INSIDE - COLUMNS_GAP) * WORDS_SHARE
    size = _text_size(slide.sentences, width, height)
    if size:
        yield View(slide, message_size, size, height)
        return
    first, *others = _text_pages(slide.sentences, width, height)
    yield View(replace(slide, sentences=first), message_size, TEXT_SIZES[-1], height)
    left = tuple(sentence for page in others for sentence in page)
    bare = replace(slide, has_map=False, chart=None)
    yield from _cut_text(bare, left, message_size, height)


def _cut_chart(slide: Slide, message_size: int, height: float) -> Iterator[View]:
    chart = slide.chart
    assert chart is not None
    size = TEXT_SIZES[-1]
    parts = _chunks(chart.lines, PANELS) if chart.kind == "series" else [chart.lines]
    bare = [replace(slide, chart=replace(chart, lines=part), sentences=()) for part in parts]
    for each in bare[:-1]:
        yield View(each, message_size, size, height)
    below = _text_height(slide.sentences, size, INSIDE)
    if below <= height / 4:
        end = replace(bare[-1], sentences=slide.sentences)
        yield View(end, message_size, size, height - (below + GAP if below else 0))
        return
    yield View(bare[-1], message_size, size, height)
    yield from _cut_text(replace(slide, chart=None), slide.sentences, message_size, height)


def _cut_text(
    slide: Slide, sentences: Sequence[str], message_size: int, height: float
) -> Iterator[View]:
    size = _text_size(sentences, INSIDE, height)
    if size:
        yield View(replace(slide, sentences=tuple(sentences)), message_size, size, height)
        return
    for page in _text_pages(sentences, INSIDE, height):
        yield View(replace(slide, sentences=page), message_size, TEXT_SIZES[-1], height)


def _under(slide: Slide) -> tuple[int, float]:
    """Return the size of a message, and the height that is left under it."""
    title = min(_lines(slide.title, TITLE, INSIDE, True), TITLE_LINES) * TITLE * TITLE_LEADING
    left = HEIGHT - ABOVE - FOOT - title - 2 * GAP
    for size in MESSAGE_SIZES:
        lines = _lines(slide.message, size, INSIDE, True)
        if lines <= _LINES_MOST:
            break
    return size, left - lines * size * LEADING


def _text_size(sentences: Sequence[str], width: float, height: float) -> int | None:
    fitting = (s for s in TEXT_SIZES if _text_height(sentences, s, width) <= height)
    return next(fitting, None)


def _text_height(sentences: Iterable[str], size: int, width: float) -> float:
    return sum(
        (_lines(sentence, size, width - BULLET) * LEADING + BETWEEN) * size
        for sentence in sentences
    )


def _text_pages(sentences: Iterable[str], width: float, height: float) -> list[tuple[str, ...]]:
    """Cut sentences into pages; one taller than a page is cut at a space."""
    size = TEXT_SIZES[-1]
    most = int((height / size - BETWEEN) / LEADING)
    pieces: list[str] = []
    for sentence in sentences:
        lines = fonts.wrap(sentence, size, (width - BULLET) * _SAFE)
        pieces += [" ".join(lines[at : at + most]) for at in range(0, len(lines), most)]
    full = _filled(pieces, width, height)
    # As many pages, nearly as full as one another: a lone sentence on the last looks forgotten.
    shares = (share / 10 for share in range(5, 10))
    found = (_filled(pieces, width, height * share) for share in shares)
    return next((pages for pages in found if len(pages) == len(full)), full)


def _filled(pieces: Sequence[str], width: float, height: float) -> list[tuple[str, ...]]:
    pages: list[list[str]] = [[]]
    for piece in pieces:
        if pages[-1] and _text_height([*pages[-1], piece], TEXT_SIZES[-1], width) > height:
            pages.append([])
        pages[-1].append(piece)
    return [tuple(page) for page in pages]


def _table_size(
    table: Table, width: float, height: float, sizes: Sequence[int] = TABLE_SIZES
) -> int | None:
    for size in sizes:
        widths = column_widths(table, size, width)
        if sum(widths) <= width + 1 and sum(_row_heights(table, size, widths)) <= height:
            return size
    return None


def _pages(table: Table, height: float) -> list[Table]:
    """Cut a table into parts of nearly as many rows, as few as hold in a height."""
    size = TABLE_SIZES[-1]
    widths = column_widths(table, size, INSIDE)
    for most in range(max(len(table.rows) - 1, 1), 0, -1):
        parts = [replace(table, rows=part) for part in _chunks(table.rows, most)]
        if all(sum(_row_heights(part, size, widths)) <= height for part in parts):
            break
    return parts


def _chunks(items: tuple[_T, ...], most: int) -> list[tuple[_T, ...]]:
    """Cut a sequence into parts of at most `most`, nearly the same length."""
    count = -(-len(items) // most)
    ends = [len(items) * at // count for at in range(count + 1)]
    return [items[first:last] for first, last in pairwise(ends)]


def _row_heights(table: Table, size: int, widths: Sequence[float]) -> list[float]:
    """Return the height of each row, the titles first."""
    return [
        max(_lines(t, size, w - 2 * CELL_SIDE, at == 0) for t, w in zip(row, widths, strict=True))
        * size
        * LEADING
        + 2 * CELL_ABOVE
        + 2
        for at, row in enumerate((table.titles, *table.rows))
    ]


def _lines(text: str, size: float, width: float, bold: bool = False) -> int:
    return max(1, len(fonts.wrap(text, size, width * _SAFE, bold)))


def _width(text: str, size: float, bold: bool = False) -> float:
    return fonts.text_width(text, size, bold) / _SAFE


def _widest_word(text: str, size: float, bold: bool) -> float:
    return max((_width(word, size, bold) for word in text.split(" ")), default=0)
