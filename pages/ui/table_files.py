"""The files of the long table: what the filters keep, everything, and the comparisons."""

import tempfile
from pathlib import Path

import streamlit as st

from diagnostics.exports import csv, geo, xlsx
from diagnostics.exports.steps import Progress
from diagnostics.store import Store
from diagnostics.wording import NARROW, number, slug
from pages.ui import cache
from pages.ui.keys import Widget
from pages.ui.preparation import File, offer
from pages.ui.table_filter import ALL, Kept

_STEM_LENGTH = 60
_CSV = "text/csv"
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def show_filtered(store: Store, departement: str, kept: Kept) -> None:
    """Show the files that hold the rows that the filters keep."""
    table = kept.rows
    about = (f"{store.departements()[departement]}, {kept.choices}", len(table))
    own = "" if kept.choices == ALL else f"-{slug(kept.choices)[:_STEM_LENGTH]}"
    stem = f"{departement}{own}"
    files = {
        Widget.DOWNLOAD_CSV: File(
            "CSV", *about, f"{stem}.csv", _CSV, lambda told: csv.encoded(table, told)
        ),
        Widget.DOWNLOAD_XLSX: File(
            "Classeur XLSX",
            *about,
            f"{stem}.xlsx",
            _WORKBOOK,
            lambda told: xlsx.workbook(store, table, told),
        ),
        Widget.DOWNLOAD_GEOJSON: File(
            "GeoJSON",
            *about,
            f"{stem}.geojson",
            "application/geo+json",
            lambda told: geo.geojson(table, store.outlines(departement), told),
        ),
    }
    too_many = [
        _limit("GeoJSON", geo.MAXIMUM_FEATURES, files, Widget.DOWNLOAD_GEOJSON),
        _limit("classeur XLSX", xlsx.MAXIMUM_ROWS, files, Widget.DOWNLOAD_XLSX),
    ]
    offer("vue", files)
    for sentence in filter(None, too_many):
        st.caption(sentence)


def show_whole(store: Store, departement: str, rows: int) -> None:
    """Show the files of the whole table, `rows` long for this département, and of comparisons."""
    compared = cache.table(departement, "comparisons")
    alone = len(store.departements()) == 1
    offer(
        "tout",
        {
            Widget.DOWNLOAD_ALL: File(
                "Toute la table en CSV",
                "tous les départements chargés",
                rows if alone else None,
                "table-longue.csv",
                _CSV,
                lambda told: _whole(store, told),
            ),
            Widget.DOWNLOAD_COMPARISONS: File(
                "Toutes les comparaisons en CSV",
                store.departements()[departement],
                len(compared),
                "comparaisons.csv" if alone else f"comparaisons-{departement}.csv",
                _CSV,
                lambda told: csv.encoded(compared, told),
            ),
        },
    )


def _limit(label: str, most: int, files: dict[Widget, File], key: Widget) -> str:
    """Take away a file that would hold too many rows; return the sentence that says so."""
    if (files[key].rows or 0) <= most:
        return ""
    del files[key]
    return (
        f"Le {label} est proposé jusqu’à {number(most)} lignes{NARROW}: choisir un niveau, un "
        "programme ou moins d’années."
    )


def _whole(store: Store, progress: Progress) -> bytes:
    """Return the file of the command, written one département at a time."""
    with tempfile.TemporaryDirectory(prefix="diagnostic-") as folder:
        path = Path(folder) / "table-longue.csv"
        csv.write(store, path, progress=progress)
        return path.read_bytes()
