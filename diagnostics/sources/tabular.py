"""Open a published table whatever it was saved as: csv, csv.gz, parquet, spreadsheet re-save.

Nothing is interpreted here: a csv comes back as text, column by column, exactly as written.
"""

import codecs
import csv
import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, wraps
from pathlib import Path
from typing import BinaryIO, TypeVar

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from diagnostics.errors import Refused
from diagnostics.wording import count

_GZIP, _PARQUET, _ZIP = b"\x1f\x8b", b"PAR1", b"PK\x03\x04"
# Enough of a file to tell its encoding: a base sorted by indicator has its first accent far down.
_HEAD_BYTES = 1 << 22
_UNEVEN = re.compile(r"Expected (\d+) columns, got (\d+): (.*)")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_FILES_HELD = 4
_Content = TypeVar("_Content")


def once(read: Callable[[Path], _Content]) -> Callable[[Path], _Content]:
    """Let a reader open a file once: the same content is given until the file is replaced.

    Every département of a build needs the same national files. Each reader holds its last few
    ones, so that files by département do not pile up. What is given is shared: copy it to change
    it. A file that cannot be read is tried again at the next call.
    """

    @lru_cache(maxsize=_FILES_HELD)
    def of_state(path: Path, state: tuple[int, int] | None) -> _Content:
        return read(path)

    @wraps(read)
    def held(path: Path) -> _Content:
        found = path.stat() if path.is_file() else None
        return of_state(path, found and (found.st_size, found.st_mtime_ns))

    return held


def header(path: Path) -> list[str]:
    """Return the column names of a csv, csv.gz or parquet file, as written.

    Raises:
        Refused: empty, truncated, HTML or workbook file.
    """
    if _magic(path).startswith(_PARQUET):
        with _explained(path):
            return list(pq.read_schema(path).names)
    return [name for name in _dialect(path)[0] if name]


def read(path: Path) -> pd.DataFrame:
    """Return the table of a file: text (categorical) columns for csv, native ones for parquet.

    Categoricals keep 5 million national rows in a few hundred megabytes: each distinct text is
    held, and later parsed, once. Columns without a name, which spreadsheets add, are left out.

    Raises:
        Refused: empty, truncated, HTML or workbook file, or lines that do not hold together.
    """
    with _explained(path):
        table = _parquet(path) if _magic(path).startswith(_PARQUET) else _csv(path)
        if table.num_rows == 0:
            raise Refused(
                f"Le fichier {path.name} n’a que sa ligne de titre, aucune donnée : "
                "le télécharger de nouveau."
            )
        frame: pd.DataFrame = table.unify_dictionaries().to_pandas(ignore_metadata=True)
    return frame


def _parquet(path: Path) -> pa.Table:
    table = pq.read_table(path)
    table.validate(full=True)
    for field in table.schema:
        if pa.types.is_nested(field.type):
            raise Refused(
                f"Le fichier {path.name} a une colonne « {field.name} » qui ne contient ni textes "
                "ni nombres : prendre le fichier publié."
            )
    return table


def _csv(path: Path) -> pa.Table:
    names, separator, encoding = _dialect(path)
    kept = [name for name in names if name]
    if repeated := next((name for name in kept if kept.count(name) > 1), None):
        raise Refused(
            f"Le fichier {path.name} a deux colonnes « {repeated} » : prendre le fichier publié."
        )
    with _stream(path) as stream:
        try:
            return pa_csv.read_csv(
                stream,
                read_options=pa_csv.ReadOptions(
                    column_names=names, skip_rows=1, encoding=encoding, block_size=1 << 24
                ),
                parse_options=pa_csv.ParseOptions(delimiter=separator),
                convert_options=pa_csv.ConvertOptions(
                    include_columns=kept,
                    column_types=dict.fromkeys(kept, pa.dictionary(pa.int32(), pa.string())),
                    strings_can_be_null=False,
                ),
            )
        except pa.ArrowInvalid as error:
            uneven = _UNEVEN.search(str(error))
            if uneven is None:
                raise
            expected, found, line = uneven.groups()
            raise Refused(
                f"Le fichier {path.name} est abîmé ou tronqué : la ligne « {line[:80]} » a "
                f"{count(int(found), 'colonne')} au lieu de {expected}, le télécharger de nouveau."
            ) from error


def _magic(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise Refused(
            f"Le fichier {path} ne peut pas être lu ({error.strerror}) : vérifier son chemin."
        ) from error
    if not magic:
        raise Refused(f"Le fichier {path.name} est vide : le télécharger de nouveau.")
    if magic.startswith(_ZIP):
        raise Refused(
            f"Le fichier {path.name} est un classeur ou une archive, pas un CSV ni un parquet : "
            "l’enregistrer en CSV (UTF-8) ou prendre le fichier publié."
        )
    return magic


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn a reader's error into one sentence that names the file."""
    try:
        yield
    except (pa.ArrowException, EOFError, zlib.error, csv.Error, OSError, ValueError) as error:
        detail = " ".join(str(error).split())[:160]
        raise Refused(
            f"Le fichier {path.name} est abîmé ou tronqué ({detail}) : le télécharger de nouveau."
        ) from error


def _stream(path: Path) -> BinaryIO:
    if _magic(path).startswith(_GZIP):
        return gzip.open(path, "rb")  # type: ignore[return-value]
    return path.open("rb")


def _dialect(path: Path) -> tuple[list[str], str, str]:
    """Return column names, separator and encoding of a csv, from its first bytes."""
    with _explained(path):
        with _stream(path) as stream:
            head = stream.read(_HEAD_BYTES)
        if head.removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"<":
            raise Refused(
                f"Le fichier {path.name} est une page web, pas des données : l’adresse a sans "
                "doute changé, le télécharger de nouveau depuis la page de la source."
            )
        encoding = _encoding(head, path)
        text = head.decode(encoding, errors="replace").lstrip("\ufeff")
        first_line = re.split(r"\r\n|\r|\n", text, maxsplit=1)[0]
        if not first_line.strip():
            raise Refused(f"Le fichier {path.name} est vide : le télécharger de nouveau.")
        separator = max(";,\t|", key=first_line.count)
        names = next(csv.reader([first_line], delimiter=separator))
    return [name.strip() for name in names], separator, encoding


def _encoding(head: bytes, path: Path) -> str:
    if head.startswith(_UTF16):
        return "utf-16"
    if b"\x00" in head:
        raise Refused(
            f"Le fichier {path.name} n’est pas un texte : prendre le fichier CSV ou parquet publié."
        )
    # Cut at the last line break: the head may end in the middle of a character.
    sample = head[: head.rfind(b"\n") + 1] or head
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf8"
