"""Native tables: measured columns and rows, thin rules, numbers on the right."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.util import Emu, Inches

from diagnostics.exports.pptx import text
from diagnostics.exports.pptx.template import BLUE, INK, LANGUAGE, RULE, Box
from diagnostics.report.deck import Table

SIZES = (16, 14, text.SMALLEST)
_SIDE, _ABOVE = Inches(0.07), Inches(0.035)
_LARGEST_WORD = 0.3
"""No column is forced wider than this share of the table by one word."""
_MOST_LINES, _TITLE_LINES, _MEASURED, _STEP = 6, 2, 3, Inches(0.04)
_NO_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"


def kept(table: Table) -> Table:
    """Return a table where a sign stays with its word, and an interval on one line."""
    rows = tuple(tuple(_unbroken(words) for words in row) for row in table.rows)
    return Table(table.titles, rows, table.numbers)


def layout(table: Table, box: Box) -> tuple[int, list[Table]]:
    """Return the size of a table's text and its pages, each of which holds in a box."""
    for size in SIZES:
        whole_words = sum(_least(table, size, box.width)) <= box.width
        if whole_words and height(table, size, box.width) <= box.height:
            return size, [table]
    size = SIZES[-1]
    head, *heights = _heights(table, size, _widths(table, size, box.width))
    room = box.height - head
    # Pages of nearly the same height: no row stands alone on the last one.
    least = -(-sum(heights) // room)
    target = min(room, sum(heights) // least + max(heights))
    found: list[list[tuple[str, ...]]] = [[]]
    left = target
    for row, tall in zip(table.rows, heights, strict=True):
        if found[-1] and tall > left:
            found.append([])
            left = target
        found[-1].append(row)
        left -= tall
    return size, [Table(table.titles, tuple(rows), table.numbers) for rows in found]


def height(table: Table, size: int, width: int) -> int:
    """Return the height of a table, in EMU."""
    return sum(_heights(table, size, _widths(table, size, width)))


def add(shapes: Any, table: Table, size: int, box: Box, *, name: str, description: str) -> None:
    """Draw a table at the top of a box, as wide as the box."""
    widths = _widths(table, size, box.width)
    heights = _heights(table, size, widths)
    whole = box._replace(height=sum(heights))
    shape = shapes.add_table(len(heights), len(widths), *map(Emu, whole))
    text.describe(shape, name, description)
    native = shape.table
    native.horz_banding = False
    native._tbl.tblPr.find("{*}tableStyleId").text = _NO_STYLE
    for column, width in zip(native.columns, widths, strict=True):
        column.width = Emu(width)
    for at, (row, tall) in enumerate(zip((table.titles, *table.rows), heights, strict=True)):
        native.rows[at].height = Emu(tall)
        cells = native._tbl.tr_lst[at].tc_lst
        for column, (cell, words) in enumerate(zip(cells, row, strict=True)):
            _fill(native, cell, words, size, right=column in table.numbers, head=at == 0)


def _unbroken(words: str) -> str:
    words = re.sub(r"^([▲▼●–]) (\S+) ", "\\1\u00a0\\2\u00a0", words)
    return re.sub(r"\([^()]{1,20}\)", lambda found: found[0].replace(" ", "\u00a0"), words)


def _fill(native: Any, tc: Any, words: str, size: int, *, right: bool, head: bool) -> None:
    """Write one cell, whose XML is built at once: a table has many."""
    colour, rule, thick = (BLUE, BLUE, 19_050) if head else (INK, RULE, 9_525)
    align = "r" if right else "l"
    body = (
        f'<a:txBody {nsdecls("a")}><a:bodyPr/><a:lstStyle/><a:p><a:pPr algn="{align}"/><a:r>'
        f'<a:rPr lang="{LANGUAGE}" sz="{size * 100}" b="{int(head)}" dirty="0"><a:solidFill>'
        f'<a:srgbClr val="{colour}"/></a:solidFill></a:rPr><a:t/></a:r></a:p></a:txBody>'
    )
    filled = parse_xml(body)
    filled.find(".//{*}t").text = text.clean(words)
    sides = (
        f'<a:tcPr {nsdecls("a")} marL="{_SIDE}" marR="{_SIDE}" marT="{_ABOVE}" marB="{_ABOVE}" '
        f'anchor="{"b" if head else "ctr"}"><a:lnB w="{thick}"><a:solidFill>'
        f'<a:srgbClr val="{rule}"/></a:solidFill></a:lnB><a:noFill/></a:tcPr>'
    )
    for child in list(tc):
        tc.remove(child)
    tc.append(filled)
    tc.append(parse_xml(sides))


def _heights(table: Table, size: int, widths: Sequence[int]) -> list[int]:
    """Return the height of the titles and of each row, in EMU."""
    return [
        round(max(_lines(row, size, widths, bold=at == 0)) * size * text.LEADING * 12_700)
        + 2 * _ABOVE
        for at, row in enumerate((table.titles, *table.rows))
    ]


def _lines(row: Iterable[str], size: int, widths: Iterable[int], *, bold: bool) -> list[int]:
    return [
        text.line_count(words, size, width - 2 * _SIDE, bold)
        for words, width in zip(row, widths, strict=True)
    ]


def _columns(table: Table) -> list[tuple[str, ...]]:
    return list(zip(table.titles, *table.rows, strict=True))


def _least(table: Table, size: int, width: int) -> list[int]:
    """Return the width under which each column would cut its widest word."""
    most = int(_LARGEST_WORD * width)
    return [
        min(most, max(_word(words, size, at == 0) for at, words in enumerate(column)))
        for column in _columns(table)
    ]


@lru_cache(64)
def _widths(table: Table, size: int, width: int) -> list[int]:
    """Share a width between columns so that rows take the fewest lines, words whole if they hold.

    What is left goes to the names of the first column, as long as they take more lines, then to
    all, so that a table is as wide as its slide.
    """
    least = _least(table, size, width)
    least = [each * width // max(width, sum(least)) for each in least]
    names = _columns(table)[0][1:]
    for lines in range(1, _MOST_LINES + 1):
        needed = [
            max(
                _for_lines(column[:1], size, max(lines, _TITLE_LINES), low, bold=True),
                _for_lines(column[1:], size, lines, low),
            )
            for column, low in zip(_columns(table), least, strict=True)
        ]
        if sum(needed) <= width:
            least = needed
            break
    spare = width - sum(least)
    wider = (_for_lines(names, size, lines, least[0]) for lines in range(1, _MOST_LINES))
    least[0] = next((each for each in wider if each - least[0] <= spare), least[0])
    return [each + (width - sum(least)) // len(least) for each in least]


def _for_lines(
    cells: Iterable[str], size: int, lines: int, least: int, *, bold: bool = False
) -> int:
    """Return the width under which the longest cells of a column take more lines."""
    longest = sorted(set(cells), key=len)[-_MEASURED:]
    low, high = (
        least,
        max(least, *(text.text_width(words, size, bold) + 2 * _SIDE for words in longest)),
    )
    while high - low > _STEP:
        middle = (low + high) // 2
        if all(
            text.line_count(words, size, middle - 2 * _SIDE, bold) <= lines for words in longest
        ):
            high = middle
        else:
            low = middle
    return high


def _word(words: str, size: int, bold: bool) -> int:
    """Return the width of the widest word of a cell, its margins included."""
    return max(text.text_width(word, size, bold) for word in words.split(" ")) + 2 * _SIDE
