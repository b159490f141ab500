"""The long table as a CSV that a French spreadsheet opens as it is."""

import csv
from io import StringIO
from pathlib import Path

import pandas as pd

from diagnostics import long_table
from diagnostics.errors import Refused
from diagnostics.store import Store

ENCODING = "utf-8-sig"
_RATE_DECIMALS, _COUNT_DECIMALS = 6, 2
# A spreadsheet would run a text that begins like a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def long_csv(table: pd.DataFrame) -> str:
    """Return rows of the long table as text: `;`, decimal comma, empty where there is no number.

    Without the byte order mark, which belongs to the file (see `ENCODING`).
    """
    columns = {name: _texts(table[name]) for name in table.columns}
    buffer = StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return buffer.getvalue()


def encoded(table: pd.DataFrame) -> bytes:
    """Return the file that holds some rows, byte order mark included."""
    return long_csv(table).encode(ENCODING)


def select(store: Store, niveau: str | None = None, code: str | None = None) -> pd.DataFrame:
    """Return rows of the long table of every département held, by level and area.

    Raises:
        Refused: unknown level, or an area that the store does not hold.
    """
    if niveau is not None and niveau not in long_table.LEVELS:
        raise Refused(
            f"Niveau inconnu « {niveau} » : choisir parmi {', '.join(long_table.LEVELS)}."
        )
    tables = [store.table(d, "long") for d in store.departements()]
    # The region and France stand beside each of their départements.
    table = pd.concat(tables, ignore_index=True).drop_duplicates(long_table.KEY)
    if niveau is not None:
        table = table[table["niveau"] == niveau]
    if code is not None:
        table = table[table["code"] == code]
    if table.empty:
        asked = " ".join(filter(None, (niveau, code)))
        raise Refused(
            f"Le magasin de données n’a aucune ligne pour « {asked} » : vérifier le code, ou "
            "charger son département avec « python -m diagnostics build »."
        )
    return table


def write(store: Store, out: Path, niveau: str | None = None, code: str | None = None) -> int:
    """Write the rows of `select` to a file and return how many there are.

    Raises:
        Refused: nothing to write, or a folder that does not exist.
    """
    table = select(store, niveau, code)
    if not out.parent.is_dir():
        raise Refused(f"Le dossier {out.parent} n’existe pas : le créer ou changer --out.")
    draft = out.with_name(f".{out.name}.tmp")
    draft.write_bytes(encoded(table))
    draft.replace(out)
    return len(table)


def _texts(column: pd.Series) -> list[str]:
    if pd.api.types.is_float_dtype(column):
        if str(column.name).startswith(("faits_", "effectif_")):
            texts = [f"{n:.{_COUNT_DECIMALS}f}".rstrip("0").rstrip(".") for n in column]
        else:
            texts = [f"{n:.{_RATE_DECIMALS}f}" for n in column]
        return ["" if text == "nan" else text.replace(".", ",") for text in texts]
    if pd.api.types.is_numeric_dtype(column):
        return ["" if pd.isna(n) else str(int(n)) for n in column]
    return [_harmless(text) for text in column.fillna("").astype(str)]


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
