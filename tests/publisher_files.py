"""Files as the publishers write them, from the hand-written ones of `tests/fixtures`.

The département 00 is invented: four communes, four indicators, two years, and the same figures in
every header generation, so that all of them must read to one table.
"""

import csv
import gzip
import hashlib
import io
import shutil
from pathlib import Path

import pandas as pd

FIXTURES = Path(__file__).parent / "fixtures"
SSMSI = FIXTURES / "ssmsi"
STEM_C3 = "donnee-data.gouv-2022-geographie2026-produit-le2026-06-25"
COMMUNAL = {
    "C0": SSMSI / "donnee-data.gouv-2022-geographie2022-produit-le2023-02-09.csv",
    "C1": SSMSI / "donnee-data.gouv-2022-geographie2024-produit-le2025-03-14.csv",
    "C2": SSMSI / "donnee-data.gouv-2022-geographie2025-produit-le2026-02-03.csv",
    "C3": SSMSI / f"{STEM_C3}.csv",
}
TOTALS = {
    "D0": SSMSI / "donnee-dep-data.gouv-2022-geographie2022-produit-le2023-02-09.csv",
    "D1": SSMSI / "donnee-dep-data.gouv-2022-geographie2026-produit-le2026-06-25.csv",
    "R1": SSMSI / "donnee-reg-data.gouv-2022-geographie2026-produit-le2026-06-25.csv",
}
GENERATIONS = COMMUNAL | TOTALS
WHOLE, PARTS = "75056", ("75101", "75102")
_TEXTS = ("CODGEO", "classe", "indicateur", "unit", "valeur", "est_diffuse", "Code")


def text(path: Path) -> str:
    """Return the text of a fixture, without its byte order mark."""
    return path.read_text(encoding="utf-8-sig")


def cells(path: Path) -> list[list[str]]:
    """Return the lines of a fixture, cell by cell, the title line first."""
    return list(csv.reader(io.StringIO(text(path)), delimiter=";"))


def joined(lines: list[list[str]], separator: str = ";", end: str = "\n") -> str:
    """Return lines as a csv, with quotes where the separator stands in a cell."""
    stream = io.StringIO()
    csv.writer(stream, delimiter=separator, lineterminator=end).writerows(lines)
    return stream.getvalue()


def as_parquet(lines: list[list[str]], path: Path) -> Path:
    """Write lines as the SSMSI's parquet does: native numbers, null where a csv says NA."""
    frame = pd.DataFrame(lines[1:], columns=lines[0])
    for column in frame.columns:
        if not column.startswith(_TEXTS):
            figures = frame[column].replace("NA", None).str.replace(",", ".")
            frame[column] = pd.to_numeric(figures)
    frame.to_parquet(path, index=False)
    return path


def write(lines: list[list[str]], path: Path) -> Path:
    """Write lines as csv, csv.gz or parquet, by the ending of the name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        return as_parquet(lines, path)
    data = ("\ufeff" + joined(lines)).encode()
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    return path


def mirror(folder: Path, lines: list[list[str]] | None = None, ending: str = ".csv.gz") -> Path:
    """Fill a folder with the sources of the département 00; return the communal file.

    `lines` replace those of the communal file (C3).
    """
    for name in ("cog", "contours", "zonage"):
        shutil.copytree(FIXTURES / name, folder / name, dirs_exist_ok=True)
    for path in (TOTALS["D1"], TOTALS["R1"]):
        (folder / "ssmsi").mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder / "ssmsi")
    return write(lines or cells(COMMUNAL["C3"]), folder / "ssmsi" / f"{STEM_C3}{ending}")


def column(lines: list[list[str]], name: str) -> int:
    """Return the place of a column of the title line, whatever its millésime."""
    return next(i for i, title in enumerate(lines[0]) if title.startswith(name))


def replaced(lines: list[list[str]], line: int, name: str, value: str) -> list[list[str]]:
    """Return lines where one cell has another value; the title line is line 1."""
    changed = [list(cells_) for cells_ in lines]
    changed[line - 1][column(lines, name)] = value
    return changed


def without(lines: list[list[str]], name: str) -> list[list[str]]:
    """Return lines without a column."""
    at = column(lines, name)
    return [line[:at] + line[at + 1 :] for line in lines]


def of_commune(lines: list[list[str]], code: str, new_code: str) -> list[list[str]]:
    """Return the lines of a commune under another code, without the title line."""
    at = column(lines, "CODGEO")
    return [[*line[:at], new_code, *line[at + 1 :]] for line in lines[1:] if line[at] == code]


def tree(folder: Path) -> dict[str, str]:
    """Return {path inside the folder: SHA-256} of every file that it holds."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def spaced(text_: str) -> str:
    """Return a French text with ordinary spaces for its no-break ones."""
    return text_.replace("\u202f", " ").replace("\u00a0", " ")
