"""The lines of a CSV as spreadsheets save it; one that cannot be read costs the others nothing."""

import csv
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from diagnostics.errors import Refused
from diagnostics.wording import NARROW, number, quoted

MAX_BYTES, MAX_LINES = 10 * 1024 * 1024, 20_000
_DELIMITERS = ";,\t"
_SPAN = 5
"""A cell in quotes may run over so many lines; beyond, a quote was never closed."""
_SHOWN = 60
_ENDS = re.compile(rb"\r\n|\n|\r")


class Line(NamedTuple):
    """A line of the file: the header is 1. `unreadable` says why there are no cells.

    `cells`: in the order of the columns asked for; as they stand where there are more or fewer.
    """

    number: int
    raw: str
    cells: Sequence[str]
    unreadable: str = ""

    @property
    def pieces(self) -> Sequence[str]:
        """Return the cells, or what looks like them on a line that cannot be read."""
        if not self.unreadable:
            return self.cells
        return [piece.strip('" ') for piece in re.split(f"[{_DELIMITERS}]", self.raw)]


def lines(content: bytes, columns: Sequence[str]) -> Iterator[Line]:
    """Yield the lines of a file that are not empty, after its header.

    Raises:
        Refused: too long, no text, or other columns than those.
    """
    texts = _texts(content)
    delimiter = max(_DELIMITERS, key=texts[0].count)
    try:
        header = [name.strip().lower() for name in _parsed(texts[:1], delimiter)]
    except csv.Error as error:
        raise Refused(
            f"La première ligne du fichier, celle des titres, a un guillemet mal placé{NARROW}: "
            "l’enlever."
        ) from error
    _require_columns(header, columns)
    order = [header.index(name) for name in columns]
    at = 1
    while at < len(texts):
        cells, spanned, why = _cells(texts, at, delimiter, header)
        if why:
            yield Line(at + 1, texts[at], (), why)
        elif any(cell.strip() for cell in cells):
            fits = len(cells) == len(header)
            yield Line(at + 1, texts[at], [cells[i] for i in order] if fits else cells)
        at += spanned


def _texts(content: bytes) -> list[str]:
    """Return the lines of a file, each decoded by itself: one may have been pasted from elsewhere.

    Raises:
        Refused: too long, or no text.
    """
    if len(content) > MAX_BYTES:
        raise Refused(
            f"Le fichier dépasse {MAX_BYTES // 1024 // 1024} Mo{NARROW}: une liste de conseils est "
            "bien plus courte, vérifier que c’est le bon fichier."
        )
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):  # « texte Unicode » of a spreadsheet
        content = _from_utf_16(content)
    if content.startswith(b"PK") or content.count(0) * 4 > len(content):
        raise Refused(
            f"Le fichier n’est pas du texte{NARROW}: l’enregistrer en {quoted('CSV UTF-8')} "
            "depuis le tableur."
        )
    raw = _ENDS.split(content.removeprefix(b"\xef\xbb\xbf"))
    if len(raw) - (not raw[-1]) > MAX_LINES:
        raise Refused(
            f"Le fichier a plus de {number(MAX_LINES)} lignes{NARROW}: une liste de conseils est "
            "bien plus courte, vérifier que c’est le bon fichier."
        )
    return [_decoded(line, at) for at, line in enumerate(raw, start=1)]


def _from_utf_16(content: bytes) -> bytes:
    try:
        return content.decode("utf-16").encode()
    except UnicodeDecodeError as error:
        raise Refused(
            f"Le fichier se dit codé en UTF-16 et ne l’est pas jusqu’au bout{NARROW}: "
            f"l’enregistrer en {quoted('CSV UTF-8')} depuis le tableur."
        ) from error


def _decoded(line: bytes, at: int) -> str:
    for encoding in ("utf-8", "cp1252"):
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused(
        f"Le codage des caractères de la ligne {number(at)} n’est pas reconnu{NARROW}: enregistrer "
        f"le fichier en {quoted('CSV UTF-8')} depuis le tableur."
    )


def _require_columns(header: Sequence[str], columns: Sequence[str]) -> None:
    expected = f"les colonnes attendues sont {';'.join(columns)}"
    for name in columns:
        if name not in header:
            raise Refused(f"Le fichier n’a pas la colonne {quoted(name)}{NARROW}: {expected}.")
    for name in header:
        if name not in columns or header.count(name) > 1:
            what = "deux fois" if name in columns else "en trop"
            raise Refused(
                f"Le fichier a la colonne {quoted(name[:_SHOWN])} {what}{NARROW}: {expected}."
            )


def _cells(
    texts: Sequence[str], at: int, delimiter: str, header: Sequence[str]
) -> tuple[list[str], int, str]:
    """Return the cells that begin on a line, on how many lines they are, and why there are none."""
    try:
        return _parsed(texts[at : at + 1], delimiter), 1, ""
    except csv.Error as error:
        why = str(error)
    if "unexpected end" not in why:
        return [], 1, _said(why, texts[at], delimiter, header)
    for last in range(at + 2, min(at + _SPAN, len(texts)) + 1):
        try:
            cells = _parsed(texts[at:last], delimiter)
        except csv.Error:
            continue
        if len(cells) == len(header):
            return cells, last - at, ""
    return [], 1, _said(why, texts[at], delimiter, header)


def _parsed(texts: Sequence[str], delimiter: str) -> list[str]:
    ended = [f"{text}\n" for text in texts]
    records = list(csv.reader(ended, delimiter=delimiter, strict=True))
    if len(records) > 1:
        raise csv.Error("several records")
    return records[0] if records else []


def _said(why: str, raw: str, delimiter: str, header: Sequence[str]) -> str:
    """Say what is wrong with a line, and in which cell."""
    if "field limit" in why:
        most = number(csv.field_size_limit())
        return f"Une cellule de la ligne dépasse {most} caractères{NARROW}: la raccourcir."
    pieces = raw.split(delimiter)
    at = next((n for n, piece in enumerate(pieces) if piece.count('"') % 2), None)
    where = f" de la cellule {quoted(header[at])}" if at is not None and at < len(header) else ""
    if "unexpected end" in why:
        return (
            f"Un guillemet{where} n’est pas refermé{NARROW}: le fermer à la fin de la cellule, ou "
            "l’enlever."
        )
    return (
        f"Un guillemet{where} est suivi d’autre chose qu’un séparateur{NARROW}: doubler les "
        "guillemets à l’intérieur d’une cellule, ou les enlever."
    )
