"""Open a published table whatever it was saved as: csv, csv.gz, parquet, spreadsheet re-save.

Nothing is interpreted here: a csv comes back as text, column by column, exactly as written.
"""

import csv
import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from diagnostics.errors import Refused

_GZIP, _PARQUET, _ZIP = b"\x1f\x8b", b"PAR1", b"PK\x03\x04"
_HEAD_BYTES = 65_536


def header(path: Path) -> list[str]:
    """Return the column names of a csv, csv.gz or parquet file, as written.

    Raises:
        Refused: empty, truncated, HTML or workbook file.
    """
    if _magic(path).startswith(_PARQUET):
        with _explained(path):
            return list(pq.read_schema(path).names)
    return _dialect(path)[0]


def read(path: Path) -> pd.DataFrame:
    """Return the table of a file: text (categorical) columns for csv, native ones for parquet.

    Categoricals keep 5 million national rows in a few hundred megabytes: each distinct text is
    held, and later parsed, once.

    Raises:
        Refused: empty, truncated, HTML or workbook file, or lines that do not hold together.
    """
    if _magic(path).startswith(_PARQUET):
        with _explained(path):
            table = pq.read_table(path)
    else:
        names, separator, encoding = _dialect(path)
        text = pa.dictionary(pa.int32(), pa.string())
        with _explained(path), _stream(path) as stream:
            table = pa_csv.read_csv(
                stream,
                read_options=pa_csv.ReadOptions(
                    column_names=names, skip_rows=1, encoding=encoding, block_size=1 << 24
                ),
                parse_options=pa_csv.ParseOptions(delimiter=separator),
                convert_options=pa_csv.ConvertOptions(
                    column_types=dict.fromkeys(names, text), strings_can_be_null=False
                ),
            )
    if table.num_rows == 0:
        raise Refused(
            f"Le fichier {path.name} n’a que sa ligne de titre, aucune donnée : "
            "le télécharger de nouveau."
        )
    frame: pd.DataFrame = table.unify_dictionaries().to_pandas()
    return frame


def _magic(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise Refused(
            f"Le fichier {path} ne peut pas être lu ({error.strerror}) : vérifier son chemin."
        ) from error
    if not magic:
        raise Refused(f"Le fichier {path.name} est vide : le télécharger de nouveau.")
    if magic.startswith(_ZIP):
        raise Refused(
            f"Le fichier {path.name} est un classeur ou une archive, pas un CSV ni un parquet : "
            "l’enregistrer en CSV (UTF-8) ou prendre le fichier publié."
        )
    return magic


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn a reader's error into one sentence that names the file."""
    try:
        yield
    except (pa.ArrowException, EOFError, UnicodeError, OSError, ValueError) as error:
        detail = " ".join(str(error).split())[:160]
        raise Refused(
            f"Le fichier {path.name} est abîmé ou tronqué ({detail}) : le télécharger de nouveau."
        ) from error


def _stream(path: Path) -> BinaryIO:
    if _magic(path).startswith(_GZIP):
        return gzip.open(path, "rb")  # type: ignore[return-value]
    return path.open("rb")


def _dialect(path: Path) -> tuple[list[str], str, str]:
    """Return column names, separator and encoding of a csv, from its first bytes."""
    with _explained(path), _stream(path) as stream:
        head = stream.read(_HEAD_BYTES)
    if head.lstrip()[:1] == b"<":
        raise Refused(
            f"Le fichier {path.name} est une page web, pas des données : l’adresse a sans doute "
            "changé, le télécharger de nouveau depuis la page de la source."
        )
    encoding = _encoding(head, path)
    first_line = head.decode(encoding, errors="replace").lstrip("\ufeff").splitlines()[:1]
    if not first_line or not first_line[0].strip():
        raise Refused(f"Le fichier {path.name} est vide : le télécharger de nouveau.")
    separator = max(";,\t|", key=first_line[0].count)
    names = next(csv.reader(io.StringIO(first_line[0]), delimiter=separator))
    return [name.strip() for name in names], separator, encoding


def _encoding(head: bytes, path: Path) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    # Cut at the last line break: the head may end in the middle of a character.
    sample = head[: head.rfind(b"\n") + 1] or head
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    if b"\x00" in sample:
        raise Refused(
            f"Le fichier {path.name} n’est pas un texte : prendre le fichier CSV ou parquet publié."
        )
    return "utf8"
