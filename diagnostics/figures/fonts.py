"""The typeface of printed figures, Source Sans Pro (SIL OFL 1.1), from its PyPI package.

It is the family that Streamlit shows on screen. Files come with the package, so that a PDF or a
PNG is the same on a machine that has no font installed.
"""

import re
from functools import cache
from importlib.resources import files
from pathlib import Path

import typst
from PIL import ImageFont

FOLDER = Path(str(files("font_source_sans_pro") / "files"))
FAMILY = "Source Sans Pro"
# What a browser or an office suite falls back on when it opens the SVG.
CSS_FAMILIES = f"'{FAMILY}','Source Sans 3',Arial,Helvetica,sans-serif"


@cache
def typeset_fonts() -> typst.Fonts:
    """Return what `typst.compile(font_paths=...)` takes: this typeface, none of the machine's."""
    return typst.Fonts(include_system_fonts=False, font_paths=[FOLDER])


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Return the width of a line of text, in the unit of `size`."""
    return float(_face(bold).getlength(text)) * size / _face(bold).size


def wrap(text: str, size: float, width: float, bold: bool = False) -> list[str]:
    """Cut a text at its spaces and hyphens into lines no wider than `width`, in the unit of `size`.

    A single word that is wider is cut inside.
    """
    lines = [""]
    for word in re.findall(r"[^ -]*-+|[^ -]+| +", text):
        longer = lines[-1] + word if lines[-1] else word.lstrip(" ")
        if text_width(longer.rstrip(" "), size, bold) <= width:
            lines[-1] = longer
            continue
        while text_width(word, size, bold) > width:
            fits = max(n for n in range(1, len(word)) if text_width(word[:n], size, bold) <= width)
            lines.append(word[:fits])
            word = word[fits:]
        lines.append(word.lstrip(" "))
    return [line.rstrip(" ") for line in lines if line.strip(" ")]


def cut(text: str, size: float, width: float, most: int) -> list[str]:
    """Cut a text after every `most` of the lines that it takes in a width; nothing is added."""
    pieces = []
    start = end = 0
    lines = wrap(text, size, width)
    for at, line in enumerate(lines, start=1):
        end = text.index(line, end) + len(line)
        if at % most == 0 or at == len(lines):
            pieces.append(text[start:end].strip())
            start = end
    return pieces


@cache
def _face(bold: bool) -> ImageFont.FreeTypeFont:
    """Return the face used for measuring."""
    weight = "Bold" if bold else "Regular"
    return ImageFont.truetype(FOLDER / f"SourceSansPro-{weight}.ttf", 200)
