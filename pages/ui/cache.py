"""The only caches of the app, keyed by the snapshot's digest: a new build is seen at once."""

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import streamlit as st

from diagnostics.councils import figures, records
from diagnostics.councils.database import VARIABLE, Database, beside, is_kept, open_database
from diagnostics.councils.history import last_revision
from diagnostics.councils.places import Places
from diagnostics.councils.places import places as read_places
from diagnostics.councils.seeding import seed
from diagnostics.report import Report, Tables, border, load, report_for_codes
from diagnostics.report import area as areas
from diagnostics.report import report as assemble
from diagnostics.report.model import Area
from diagnostics.report.perimeter import rows_of_perimeter, with_likes
from diagnostics.store import Store, default_folder, open_store
from pages.ui.static_files import write_contours


def store() -> Store:
    """Return the snapshot in force."""
    return open_store()


@st.cache_data(max_entries=40, show_spinner=False)
def _table(digest: str, departement: str, name: str) -> pd.DataFrame:
    return open_store().table(departement, name)


def table(departement: str, name: str) -> pd.DataFrame:
    """Return a table of a département (see `diagnostics.store`)."""
    return _table(store().digest, departement, name)


@st.cache_resource(max_entries=4, show_spinner=False)
def _places(digest: str) -> Places:
    return read_places(open_store())


def places() -> Places:
    """Return which communes there are, and what other codes are."""
    return _places(store().digest)


@st.cache_resource(max_entries=8, show_spinner=False)
def _outlines(digest: str, departement: str) -> gpd.GeoDataFrame:
    return open_store().outlines(departement).rename(columns={"libelle": "label"})


def outlines(departement: str) -> gpd.GeoDataFrame:
    """Return outlines at every level: niveau, code, label, geometry. Not to be changed."""
    return _outlines(store().digest, departement)


@st.cache_resource(max_entries=80, show_spinner=False)
def _contour_path(
    digest: str, departement: str, layer: str, codes: tuple[str, ...], beside: tuple[str, ...]
) -> str:
    frame = pd.concat([outlines(each) for each in (departement, *beside)], ignore_index=True)
    kept = frame[(frame["niveau"] == layer) & frame["code"].isin(codes)]
    return write_contours(kept, f"{departement}-{layer}")


def contour_path(
    departement: str, niveau: str, codes: list[str], beside: Sequence[str] = ()
) -> str:
    """Return the path, inside the static folder, of the outlines of some areas of a level.

    `beside`: other départements where they are looked for.
    """
    return _contour_path(store().digest, departement, niveau, tuple(codes), tuple(beside))


@st.cache_resource(max_entries=6, show_spinner=False)
def _report_tables(digest: str, departement: str) -> Tables:
    return load(open_store(), departement)


def report_tables(departement: str) -> Tables:
    """Return the tables that the reports of a département are made from."""
    return _report_tables(store().digest, departement)


@st.cache_data(max_entries=200, show_spinner=False)
def _report(
    digest: str, departement: str, niveau: str, code: str, options: tuple[tuple[str, Any], ...]
) -> Report:
    tables = _report_tables(digest, departement)
    return assemble(open_store(), departement, niveau, code, tables=tables, **dict(options))


def report(departement: str, niveau: str, code: str, **options: Any) -> Report:
    """Return the report of an area (see `diagnostics.report.report` for the options)."""
    return _report(store().digest, departement, niveau, code, tuple(sorted(options.items())))


@st.cache_resource(max_entries=3, show_spinner=False)
def _drawn(digest: str, departement: str, area: Area) -> Tables:
    return border.drawn(open_store(), _report_tables(digest, departement), area)


def drawn_tables(departement: str, area: Area) -> Tables:
    """Return the tables that maps of an area read: `report_tables`, and more of one astride."""
    return _drawn(store().digest, departement, area) if area.across else report_tables(departement)


@st.cache_data(max_entries=50, show_spinner=False)
def _perimeter_report(
    digest: str,
    departement: str,
    codes: tuple[str, ...],
    label: str,
    options: tuple[tuple[str, Any], ...],
) -> Report:
    tables = _report_tables(digest, departement)
    return report_for_codes(
        open_store(), departement, codes, label=label, tables=tables, **dict(options)
    )


def perimeter_report(departement: str, codes: Sequence[str], label: str, **options: Any) -> Report:
    """Return the report of communes chosen by the user (see `report_for_codes`)."""
    chosen, given = tuple(sorted(codes)), tuple(sorted(options.items()))
    return _perimeter_report(store().digest, departement, chosen, label, given)


@st.cache_data(max_entries=50, show_spinner=False)
def _perimeter_tables(
    digest: str, departement: str, codes: tuple[str, ...], label: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    tables = _report_tables(digest, departement)
    area = areas.perimeter(tables, list(codes), label)
    return rows_of_perimeter(with_likes(tables, area), area)


def perimeter_tables(
    departement: str, codes: Sequence[str], label: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of communes chosen by the user: in the long table's form, and compared."""
    return _perimeter_tables(store().digest, departement, tuple(sorted(codes)), label)


@st.cache_resource(max_entries=4, show_spinner=False)
def _database(folder: Path, url: str | None) -> Database:
    return open_database(folder, url)


@st.cache_resource(max_entries=200, show_spinner=False)
def _seeded(folder: Path, url: str | None, departement: str) -> Database:
    database = _database(folder, url)
    seed(database, departement, open_store().table(departement, "memberships"))
    return database


def councils(departement: str) -> Database:
    """Return the database of councils, in which the département has at least its first list.

    The SQLite file stands beside the store's folder, so that each store has its own list.
    """
    return _seeded(beside(default_folder()), os.environ.get(VARIABLE), departement)


@st.cache_data(max_entries=40, show_spinner=False)
def _figures_follow(
    digest: str, departement: str, folder: Path, url: str | None, revision: int, day: date
) -> bool:
    listed = records.memberships(_database(folder, url), departement)
    tables = (_table(digest, departement, name) for name in ("communes", "groups", "memberships"))
    return figures.agree(listed, *tables)


def figures_follow(departement: str) -> bool:
    """Say whether the figures are those of the list in force today.

    No database is opened where nobody has kept a list; otherwise one row is read each time.
    """
    folder, url = default_folder(), os.environ.get(VARIABLE)
    if not is_kept(folder):
        return True
    place = beside(folder)
    revision = last_revision(_database(place, url), departement)
    if revision is None:
        return True
    return _figures_follow(store().digest, departement, place, url, revision, date.today())
