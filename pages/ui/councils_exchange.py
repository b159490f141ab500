"""The list leaves as a CSV or a page to print, and comes back as a CSV, looked at first."""

from codecs import BOM_UTF8  # without it, a spreadsheet misreads accents
from datetime import date

import pandas as pd
import streamlit as st

from diagnostics import councils_text
from diagnostics.councils import importing, records, rules
from diagnostics.councils.importing import Preview
from diagnostics.errors import Refused
from diagnostics.exports import csv
from diagnostics.wording import NARROW, count, number
from pages.ui import blocks, cache
from pages.ui.councils_desk import Desk, ask_who, save
from pages.ui.keys import Widget

_SHOWN = 50


def show_exports(desk: Desk) -> None:
    """Show the two buttons that give the list."""
    stem = f"conseils-{desk.departement}-{date.today():%Y-%m-%d}"
    blocks.download(
        Widget.COUNCIL_CSV,
        "Exporter en CSV",
        lambda: BOM_UTF8 + records.export_csv(records.memberships(desk.database, desk.departement)),
        f"{stem}.csv",
        "text/csv",
    )
    blocks.download(
        Widget.COUNCIL_PRINT, "Page à imprimer", lambda: _page(desk), f"{stem}.html", "text/html"
    )


def _page(desk: Desk) -> bytes:
    store = cache.store()
    return councils_text.print_page(
        desk.councils,
        desk.places.former_names,
        store.departements()[desk.departement],
        date.today(),
        duties=desk.duties,
        simulated=store.simulated,
    ).encode()


def show_import(desk: Desk) -> None:
    """Show the choice of a file, what it would change, what it is refused, then the button."""
    st.markdown(
        f"Le fichier est celui que donne «{NARROW}Exporter en CSV{NARROW}», modifié dans un "
        f"tableur. **Rien n’est enregistré avant le bouton du bas.**"
    )
    st.caption(
        f"{rules.NO_PERSONAL_DATA} Une ligne dont le nom ou la source contient une adresse "
        "électronique ou un numéro de téléphone est refusée."
    )
    uploaded = st.file_uploader(
        "Fichier CSV de la liste",
        type="csv",
        key=Widget.COUNCIL_FILE,
    )
    whole = st.checkbox(
        "Ce fichier est la liste entière",
        key=Widget.COUNCIL_WHOLE,
        help="Coché, les conseils que le fichier ne nomme pas sont retirés de la liste. Décoché, "
        "ils restent comme ils sont.",
    )
    if uploaded is None:
        return
    found = _preview(desk, uploaded.getvalue(), whole)
    if found is None:
        return
    _show_refused(found)
    _show_changes(found)
    if not found.wanted:
        return
    ask_who()
    label = f"Enregistrer {count(len(found.changes), 'changement')}"
    if (
        st.button(label, key=Widget.COUNCIL_IMPORT, type="primary")
        and save(desk, lambda who: importing.apply(desk.database, found, who)) is not None
    ):
        st.rerun()


def _preview(desk: Desk, content: bytes, whole: bool) -> Preview | None:
    try:
        return importing.preview(desk.database, desk.departement, content, desk.places, whole=whole)
    except Refused as refusal:
        st.error(blocks.plain(str(refusal)), icon=":material/block:")
        return None


def _show_refused(found: Preview) -> None:
    if not found.refused:
        return
    st.error(
        f"**{count(len(found.refused), 'ligne refusée', 'lignes refusées')}.** Corriger ces lignes "
        f"dans le fichier et le choisir de nouveau{NARROW}; le reste peut être enregistré.",
        icon=":material/block:",
    )
    blocks.table(
        ["Ligne du fichier", "Valeur", "Pourquoi"],
        [[str(r.line), r.value, r.reason] for r in found.refused[:_SHOWN]],
        numbers={0},
    )
    if len(found.refused) > _SHOWN:
        st.caption(f"Les {_SHOWN} premières lignes refusées sur {number(len(found.refused))}.")
    blocks.download(
        Widget.COUNCIL_REFUSED,
        "Toutes les lignes refusées (CSV)",
        lambda: refused_lines(found),
        "lignes-refusees.csv",
        "text/csv",
    )
    for sentence in found.set_aside[:_SHOWN]:
        st.markdown(f"- {blocks.plain(sentence)}")
    if len(found.set_aside) > _SHOWN:
        st.caption(f"Et {number(len(found.set_aside) - _SHOWN)} autres conseils dans ce cas.")


def refused_lines(found: Preview) -> bytes:
    """Return a CSV of every line that an import refuses: its number, its value, and why."""
    rows = [(str(r.line), r.value, r.reason) for r in found.refused]
    columns = ["ligne", "valeur", "raison"]
    return csv.encoded(pd.DataFrame(rows, columns=columns, dtype="str"))


def _show_changes(found: Preview) -> None:
    if not found.changes:
        st.info(f"Ce fichier ne change rien à la liste{NARROW}: rien à enregistrer.")
        return
    st.markdown(f"**Ce qui changera** ({count(len(found.changes), 'changement')})")
    blocks.table(["Nature", "Changement"], [[c.kind, c.sentence] for c in found.changes[:_SHOWN]])
    if len(found.changes) > _SHOWN:
        st.caption(f"Les {_SHOWN} premiers changements sur {number(len(found.changes))}.")
