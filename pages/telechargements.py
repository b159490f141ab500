"""Downloads: the long table, filtered, in the formats that colleagues use."""

import pandas as pd
import streamlit as st

from diagnostics import catalogue
from diagnostics.exports import csv, geo, xlsx
from diagnostics.store import Store
from diagnostics.wording import count, number
from pages.ui import blocks, cache, perimeter
from pages.ui.keys import Widget
from pages.ui.navigation import show_page
from pages.ui.table_filter import filtered

LEAD = (
    "Chaque fichier reprend les lignes de la table longue, celles que montrent les écrans : une "
    "ligne par zone, indicateur et année. Une case vide n’est ni un zéro ni un petit nombre."
)


def page() -> None:
    """Show the page."""
    store = blocks.page_start("Téléchargements", LEAD)
    departement = blocks.pick_departement(store)
    long = cache.table(departement, "long")
    table = filtered(long)
    st.markdown(f"**{count(len(table), 'ligne')}** sur {number(len(long))}")
    if table.empty:
        st.info("Aucune ligne ne répond à ces choix : en retirer un.", icon=":material/filter_alt:")
    else:
        _files(store, departement, table)
    perimeter.show_download(departement)
    st.subheader("Toute la table")
    st.caption(
        "Tous les départements chargés, tous les niveaux : le même fichier que la commande "
        "« python -m diagnostics export csv »."
    )
    blocks.download(
        Widget.DOWNLOAD_ALL,
        "Toute la table en CSV",
        lambda: csv.encoded(csv.select(store)),
        "table-longue.csv",
        "text/csv",
    )
    blocks.download(
        Widget.DOWNLOAD_COMPARISONS,
        "Toutes les comparaisons en CSV",
        lambda: csv.encoded(cache.table(departement, "comparisons")),
        "comparaisons.csv",
        "text/csv",
    )
    st.caption(
        "Les comparaisons reprennent les clés de la table, une ligne par référence : reste du "
        "département, communes de même densité, territoires semblables, région, France."
    )
    st.subheader("Dictionnaire des colonnes")
    dictionary = catalogue.column_descriptions()
    blocks.download(
        Widget.DOWNLOAD_DICTIONARY,
        "Dictionnaire en CSV",
        lambda: (catalogue.FOLDER / "columns.csv").read_text(encoding="utf-8").encode("utf-8-sig"),
        "dictionnaire.csv",
        "text/csv",
    )
    blocks.table(["Colonne", "Ce qu’elle contient"], list(dictionary.items()))


def _files(store: Store, departement: str, table: pd.DataFrame) -> None:
    with st.container(horizontal=True):
        blocks.download(
            Widget.DOWNLOAD_CSV, "CSV", lambda: csv.encoded(table), f"{departement}.csv", "text/csv"
        )
        blocks.download(
            Widget.DOWNLOAD_XLSX,
            "Classeur XLSX",
            lambda: xlsx.workbook(store, table),
            f"{departement}.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
        if len(table) <= geo.MAXIMUM_FEATURES:
            blocks.download(
                Widget.DOWNLOAD_GEOJSON,
                "GeoJSON",
                lambda: geo.geojson(table, store.outlines(departement)),
                f"{departement}.geojson",
                "application/geo+json",
            )
    if len(table) > geo.MAXIMUM_FEATURES:
        st.caption(
            f"Le GeoJSON est proposé jusqu’à {number(geo.MAXIMUM_FEATURES)} lignes : choisir un "
            "niveau et moins d’années."
        )


show_page(page)
