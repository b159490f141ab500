"""Downloads: the long table, filtered, in the formats that colleagues use."""

import streamlit as st

from diagnostics import catalogue
from diagnostics.wording import count, number
from pages.ui import blocks, cache, perimeter, table_files
from pages.ui.keys import Widget
from pages.ui.navigation import show_page
from pages.ui.table_filter import filtered

LEAD = (
    "Chaque fichier reprend les lignes de la table longue, celles que montrent les écrans\u202f: "
    "une ligne par zone, indicateur et année. Une case vide n’est ni un zéro ni un petit nombre."
)


def page() -> None:
    """Show the page."""
    store = blocks.page_start("Téléchargements", LEAD)
    departement = blocks.pick_departement(store)
    long = cache.table(departement, "long")
    kept = filtered(long)
    st.markdown(f"**{count(len(kept.rows), 'ligne')}** sur {number(len(long))}")
    if kept.rows.empty:
        st.info("Aucune ligne ne répond à ces choix\u202f: en retirer un.", icon=":material/tune:")
    else:
        table_files.show_filtered(store, departement, kept)
    perimeter.show_download(departement)
    st.subheader("Toute la table")
    st.caption(
        "Tous les départements chargés, tous les niveaux\u202f: le même fichier que la commande "
        "«\u202fpython -m diagnostics export csv\u202f»."
    )
    table_files.show_whole(store, departement, len(long))
    st.caption(
        "Les comparaisons reprennent les clés de la table, une ligne par référence\u202f: reste du "
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


show_page(page)
