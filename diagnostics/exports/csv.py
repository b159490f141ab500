"""The long table as a CSV that a French spreadsheet opens as it is."""

import csv
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pandas as pd

from diagnostics import long_table
from diagnostics.errors import Refused
from diagnostics.exports import drafts
from diagnostics.exports.steps import Progress, by_steps, silent, within
from diagnostics.sources.cog import COMMUNE, MUNICIPAL_ARRONDISSEMENT
from diagnostics.store import Store

ENCODING = "utf-8-sig"
_DECIMALS = 6
# A spreadsheet would run a text that begins like a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def long_csv(table: pd.DataFrame, *, title_line: bool = True) -> str:
    """Return rows of the long table as text: `;`, decimal comma, empty where there is no number.

    Without the byte order mark, which belongs to the file (see `ENCODING`). Counts are written
    without useless zeros, rates and shares with 6 decimals.
    """
    columns = {name: _texts(table[name]) for name in table.columns}
    buffer = StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    if title_line:
        writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return buffer.getvalue()


def encoded(table: pd.DataFrame, progress: Progress = silent) -> bytes:
    """Return the file that holds some rows, byte order mark included."""
    return "".join(_pieces(table, progress)).encode(ENCODING)


def select(store: Store, niveau: str | None = None, code: str | None = None) -> pd.DataFrame:
    """Return rows of the long table of every département held, by level and area.

    Raises:
        Refused: unknown level, or an area that the store does not hold.
    """
    table = pd.concat(_parts(store, niveau, code), ignore_index=True)
    _refuse_nothing(len(table), niveau, code)
    return table


def write(
    store: Store,
    out: Path,
    niveau: str | None = None,
    code: str | None = None,
    progress: Progress = silent,
) -> int:
    """Write the rows of `select` to a file, one département at a time; return how many there are.

    Raises:
        Refused: nothing to write, or a folder that does not exist.
    """
    rows = 0
    steps = len(store.departements()) + 1
    with drafts.draft(out) as draft:
        with draft.open("w", encoding=ENCODING, newline="") as file:
            for n, part in enumerate(_parts(store, niveau, code)):
                told = within(progress, n / steps, (n + 1) / steps)
                file.writelines(_pieces(part, told, title_line=n == 0))
                rows += len(part)
        _refuse_nothing(rows, niveau, code)
    return rows


def _pieces(table: pd.DataFrame, progress: Progress, *, title_line: bool = True) -> Iterator[str]:
    for n, part in enumerate(by_steps(table, progress)):
        yield long_csv(part, title_line=title_line and n == 0)


def _parts(store: Store, niveau: str | None, code: str | None) -> Iterator[pd.DataFrame]:
    """Yield the rows of communes of each département, then those of all the groups."""
    if niveau is not None and niveau not in long_table.LEVELS:
        raise Refused(
            f"Niveau inconnu « {niveau} » : choisir parmi {', '.join(long_table.LEVELS)}."
        )
    groups = []
    for departement in store.departements():
        table = store.table(departement, "long")
        if niveau is not None:
            table = table[table["niveau"] == niveau]
        if code is not None:
            table = table[table["code"] == code]
        communal = table["niveau"].isin([COMMUNE, MUNICIPAL_ARRONDISSEMENT])
        yield table[communal]
        produced = store.about(departement)["produced"] or ""
        groups.append(table[~communal].assign(held_by=departement, produced=produced))
    yield _one_account_each(pd.concat(groups, ignore_index=True))


def _one_account_each(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of groups, once where several départements tell of the same one.

    A group astride a border counts in each département the members that it has there; a region
    and France stand beside every département of theirs. The account of the newest edition is
    kept whole, then that of most members: two editions never mix in a series.
    """
    area = ["niveau", "code"]
    best = rows.sort_values(["produced", "communes"], ascending=False, kind="stable")
    holder = best.drop_duplicates(area).set_index(area)["held_by"]
    kept = holder.reindex(pd.MultiIndex.from_frame(rows[area])).to_numpy() == rows["held_by"]
    table: pd.DataFrame = rows.loc[kept, long_table.COLUMNS]
    return table


def _refuse_nothing(rows: int, niveau: str | None, code: str | None) -> None:
    if rows == 0:
        asked = " ".join(filter(None, (niveau, code)))
        raise Refused(
            f"Le magasin de données n’a aucune ligne pour « {asked} » : vérifier le code, ou "
            "charger son département avec « python -m diagnostics build »."
        )


def _texts(column: pd.Series) -> list[str]:
    if pd.api.types.is_float_dtype(column):
        texts = [f"{n:.{_DECIMALS}f}" for n in column]
        if str(column.name).startswith(("faits_", "effectif_")):
            texts = [text.rstrip("0").rstrip(".") for text in texts]
        return ["" if text == "nan" else text.replace(".", ",") for text in texts]
    if pd.api.types.is_numeric_dtype(column):
        return ["" if pd.isna(n) else str(int(n)) for n in column]
    return [_harmless(text) for text in column.fillna("").astype(str)]


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
