"""What the typeface of the PDF can print."""

import re
import unicodedata
from functools import cache
from typing import Any

from PIL import ImageFont

from diagnostics.figures import fonts


def printed(said: dict[str, Any]) -> dict[str, Any]:
    """Return a content without what no page can show, texts of drawings included.

    Control and format characters are dropped, a character that the typeface lacks becomes « ? »:
    PDF/UA refuses a missing glyph. A word too long for a column may be cut, invisibly; those of a
    drawing (under the key `svg`) are left whole.
    """
    return {key: _printable(value, key == "svg") for key, value in said.items()}


def _printable(value: Any, drawing: bool = False) -> Any:
    if isinstance(value, str):
        text = unicodedata.normalize("NFC", value)
        odd = {ord(c): _replacement(c) for c in set(text) if not _plain(c)}
        text = text.translate(odd) if odd else text
        return text if drawing else _LONG_WORD.sub(_cut, text)
    if isinstance(value, list):
        return [_printable(each) for each in value]
    if isinstance(value, dict):
        return {key: _printable(each, key == "svg") for key, each in value.items()}
    return value


_SPACES = "\u00a0\u202f"
_LONG_WORD = re.compile(r"(?=[^\s-]*[._])[^\s-]{26,}|[^\s-]{41,}")
"""Names of files stand in narrow columns, other words in wide ones: names stay as written."""


def _cut(word: re.Match[str]) -> str:
    """Return a word with places where a line may end, which nobody sees; numbers stay whole."""
    return re.sub(r"(.{4,12}?[_./]|.{12,}?)(?!(?<=\d)\d)(?=.)", "\\1\u200b", word[0])


def _plain(character: str) -> bool:
    return " " <= character <= "~" or character in _SPACES or _drawn(character)


def _replacement(character: str) -> str:
    if character.isspace():
        return " "
    return "" if unicodedata.category(character)[0] == "C" else "?"


@cache
def _drawn(character: str) -> bool:
    """Say whether the typeface draws a character; what it lacks looks like U+FFFF."""
    if unicodedata.category(character)[0] in "CZ":
        return False
    face = ImageFont.truetype(fonts.FOLDER / "SourceSansPro-Regular.ttf", 40)
    missing = face.getmask("\uffff")
    drawn = face.getmask(character)
    return (drawn.size, bytes(drawn)) != (missing.size, bytes(missing))
