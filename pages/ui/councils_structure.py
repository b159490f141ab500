"""What changes the councils themselves: one splits, several become one, one ends."""

import streamlit as st

from diagnostics.councils import edits
from diagnostics.councils.records import Council
from diagnostics.wording import NARROW
from pages.ui.councils_desk import Desk, ask_day, ask_who, given, save
from pages.ui.keys import Widget


def show_structure(desk: Desk, council: Council) -> None:
    """Show the three changes, one at a time."""
    shown = {"Scinder": _split, "Réunir": _merge, "Terminer": _end}
    chosen = st.radio(
        f"Que voulez-vous faire{NARROW}?",
        list(shown),
        horizontal=True,
        key=f"structure-{council.id}",
    )
    shown[chosen](desk, council)


def _split(desk: Desk, council: Council) -> None:
    with st.form(f"{Widget.COUNCIL_SPLIT}-{council.id}", border=False):
        codes = st.multiselect(
            "Communes qui forment un nouveau conseil",
            council.codes(),
            format_func=desk.short,
            placeholder="Noms de communes",
            select_all=False,
        )
        name = st.text_input("Nom du nouveau conseil")
        since = ask_day("Scission à partir du", f"{Widget.COUNCIL_SINCE}-{council.id}")
        ask_who()
        pressed = st.form_submit_button(
            "Scinder ce conseil", key=Widget.COUNCIL_SPLIT, type="primary"
        )
    if (
        pressed
        and save(
            desk,
            lambda who: edits.split(
                desk.database,
                council,
                codes,
                given(since),
                name=name,
                who=who,
                communes=desk.places.names,
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
        since = ask_day("Réunion à partir du", f"{Widget.COUNCIL_SINCE}-{council.id}")
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
                given(since),
                who=who,
                communes=desk.places.names,
                name=name,
            ),
        )
        is not None
    ):
        st.rerun()


def _end(desk: Desk, council: Council) -> None:
    with st.form(f"{Widget.COUNCIL_END}-{council.id}", border=False):
        since = ask_day("Premier jour sans ce conseil", f"{Widget.COUNCIL_SINCE}-{council.id}")
        st.caption("Le conseil et ses dates restent dans la liste, comme terminés.")
        ask_who()
        pressed = st.form_submit_button(
            "Mettre fin à ce conseil", key=Widget.COUNCIL_END, type="primary"
        )
    if (
        pressed
        and save(desk, lambda who: edits.end(desk.database, council, given(since), who=who))
        is not None
    ):
        st.rerun()
