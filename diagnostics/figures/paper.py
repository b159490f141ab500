"""The printed page that maps and charts share: its sizes, its words, and its PNG.

A page is an SVG 1,000 pixels wide whose lengths are half-pixels: title and subtitle at the top,
source and edition under a rule at the bottom, so that a file sent alone still says what it shows.
"""

from html import escape

import typst

from diagnostics.figures import fonts

PAGE = 2000
MARGIN = 60
# Texts stop short of the margin: a program without Source Sans sets them in a wider face.
TEXT_WIDTH = 1660
TITLE, SUBTITLE, TEXT, SMALL = 50, 34, 28, 24
LEADING = 1.3
INK, GREY = "#161616", "#3a3a3a"


def head(title: str, subtitle: str) -> tuple[str, float]:
    """Return the title and subtitle of a page, and the baseline that follows them."""
    drawn, y = paragraph(title, MARGIN, MARGIN + TITLE * 0.8, TITLE, TEXT_WIDTH, bold=True)
    below, y = paragraph(subtitle, MARGIN, y, SUBTITLE, TEXT_WIDTH)
    return drawn + below, y


def sheet(
    title: str, subtitle: str, content: str, bottom: float, source_line: str, edition: str
) -> str:
    """Return a whole page: `content` (SVG, its head included) ends at `bottom`."""
    y = bottom + 40
    rule = f'<path d="M{MARGIN},{y:.0f}H{PAGE - MARGIN}" stroke="#cecece" stroke-width="2"/>'
    source, y = paragraph(source_line, MARGIN, y + SMALL * 1.6, SMALL, TEXT_WIDTH)
    # The source line of a page names the edition already.
    foot = ""
    if edition not in source_line:
        foot, y = paragraph(edition, MARGIN, y, SMALL, TEXT_WIDTH)
    height = round(y - SMALL + 40)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{PAGE // 2}" height="{height // 2}" '
        f'viewBox="0 0 {PAGE} {height}" role="img" font-family="{fonts.CSS_FAMILIES}">'
        f"<title>{escape(title)}</title><desc>{escape(subtitle)}</desc>"
        f'<rect width="{PAGE}" height="{height}" fill="#ffffff"/>'
        f"{content}{rule}{source}{foot}</svg>"
    )


def png(svg: str, pixels_wide: int = 2000) -> bytes:
    """Return a page of `sheet` as PNG, with the fonts of the package and no browser."""
    return bytes(
        typst.compile(
            b"#set page(width: auto, height: auto, margin: 0pt)\n"
            b'#image(bytes(sys.inputs.svg), format: "svg")',
            format="png",
            ppi=pixels_wide / (PAGE / 2 * 0.75) * 72,  # a pixel of the SVG is 0.75 point
            sys_inputs={"svg": svg},
            font_paths=fonts.typeset_fonts(),
        )
    )


def pixels(picture: bytes, wide: int = 800) -> bytes:
    """Return an SVG as PNG `wide` pixels wide; a PNG as it is."""
    if picture.startswith(b"\x89PNG"):
        return picture
    return bytes(
        typst.compile(
            b"#set page(width: 100pt, height: auto, margin: 0pt, fill: none)\n"
            b'#image(bytes(sys.inputs.svg), format: "svg", width: 100%)',
            format="png",
            ppi=wide / 100 * 72,
            sys_inputs={"svg": picture.decode()},
            font_paths=fonts.typeset_fonts(),
        )
    )


def paragraph(
    text: str,
    x: float,
    y: float,
    size: float,
    width: float,
    *,
    bold: bool = False,
    colour: str | None = None,
    anchor: str = "start",
) -> tuple[str, float]:
    """Return lines of text whose first baseline is at `y`, and the baseline that follows.

    `x` is the start, middle or end of each line, as `anchor` says.
    """
    weight = ' font-weight="700"' if bold else ""
    side = "" if anchor == "start" else f' text-anchor="{anchor}"'
    fill = colour or (INK if bold else GREY)
    lines = fonts.wrap(text, size, width, bold)
    leading = size * LEADING
    drawn = "".join(
        f'<text x="{x:.0f}" y="{y + i * leading:.0f}" font-size="{size}" '
        f'fill="{fill}"{weight}{side}>{escape(line)}</text>'
        for i, line in enumerate(lines)
    )
    return drawn, y + len(lines) * leading
