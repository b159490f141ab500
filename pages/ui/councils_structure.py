"""What changes the councils themselves: one splits, several become one, one ends."""

from datetime import date

import streamlit as st

from diagnostics.councils import edits
from diagnostics.councils.records import Council
from diagnostics.wording import NARROW
from pages.ui.councils_desk import Desk, ask_who, save
from pages.ui.keys import Widget

_FIRST_DAY = date(1980, 1, 1)


def show_structure(desk: Desk, council: Council) -> None:
    """Show the three changes, one at a time."""
    shown = {"Scinder": _split, "Réunir": _merge, "Terminer": _end}
    chosen = st.radio(
        "Que voulez-vous faire ?", list(shown), horizontal=True, key=f"structure-{council.id}"
    )
    shown[chosen](desk, council)


def _split(desk: Desk, council: Council) -> None:
    with st.form(f"{Widget.COUNCIL_SPLIT}-{council.id}", border=False):
        codes = st.multiselect(
            "Communes qui forment un nouveau conseil",
            council.codes(),
            format_func=desk.named,
            placeholder="Noms de communes",
            select_all=False,
        )
        name = st.text_input("Nom du nouveau conseil")
        since = _since("Scission à partir du")
        ask_who()
        pressed = st.form_submit_button(
            "Scinder ce conseil", key=Widget.COUNCIL_SPLIT, type="primary"
        )
    if (
        pressed
        and save(
            desk,
            lambda who: edits.split(
                desk.database, council, codes, since, name=name, who=who, communes=desk.communes
            ),
        )
        is not None
    ):
        st.rerun()


def _merge(desk: Desk, council: Council) -> None:
    others = {c.id: c for c in desk.councils if c.id != council.id and c.ended is None}
    with st.form(f"{Widget.COUNCIL_MERGE}-{council.id}", border=False):
        absorbed = st.multiselect(
            "Conseils repris par celui-ci, qui prennent fin",
            list(others),
            format_func=lambda i: others[i].name,
            placeholder="Noms de conseils",
            select_all=False,
        )
        name = st.text_input("Nom du conseil réuni", value=council.name)
        since = _since("Réunion à partir du")
        ask_who()
        pressed = st.form_submit_button(
            "Réunir ces conseils", key=Widget.COUNCIL_MERGE, type="primary"
        )
    if (
        pressed
        and save(
            desk,
            lambda who: edits.merge(
                desk.database,
                council,
                [others[i] for i in absorbed],
                since,
                who=who,
                communes=desk.communes,
                name=name,
            ),
        )
        is not None
    ):
        st.rerun()


def _end(desk: Desk, council: Council) -> None:
    with st.form(f"{Widget.COUNCIL_END}-{council.id}", border=False):
        since = _since("Premier jour sans ce conseil")
        st.caption(f"Le conseil et ses dates restent dans la liste, comme terminés{NARROW}.")
        ask_who()
        pressed = st.form_submit_button(
            "Mettre fin à ce conseil", key=Widget.COUNCIL_END, type="primary"
        )
    if (
        pressed
        and save(desk, lambda who: edits.end(desk.database, council, since, who=who)) is not None
    ):
        st.rerun()


def _since(label: str) -> date:
    return st.date_input(label, min_value=_FIRST_DAY, format="DD/MM/YYYY", required=True)
