"""What changes the councils themselves: one splits, several become one, one ends."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

import streamlit as st

from diagnostics.councils import edits
from diagnostics.councils.records import Council
from diagnostics.wording import NARROW
from pages.ui.councils_desk import Desk, ask_day, ask_who, given, save, show_typing
from pages.ui.keys import Widget

Write = Callable[[date, str], object]
"""Writes the change: its first day, then the service that makes it."""


@dataclass(frozen=True)
class _Change:
    """One of the changes: its button and its key, its day, and the fields that it has."""

    widget: Widget
    button: str
    day: str
    ask: Callable[[Desk, Council], Write]


def show_structure(desk: Desk, council: Council) -> None:
    """Show the three changes, one at a time; what is typed is kept as it is left."""
    chosen = st.radio(
        f"Que voulez-vous faire{NARROW}?",
        list(_CHANGES),
        horizontal=True,
        key=f"structure-{council.id}",
        persist_state="session",
    )
    change = _CHANGES[chosen or "Scinder"]
    write = change.ask(desk, council)
    when = _key(change.widget, council, "since")
    since = ask_day(change.day, when)
    ask_who()
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(change.button, key=change.widget, type="primary")
        if _is_typing(change, council):
            show_typing(partial(_forget, change, council))
    if pressed and save(desk, lambda who: write(given(since), who)) is not None:
        _forget(change, council)
        st.rerun()


def _split(desk: Desk, council: Council) -> Write:
    codes = _choose(
        "Communes qui forment un nouveau conseil",
        council.codes(),
        desk.short,
        _key(Widget.COUNCIL_SPLIT, council, "who"),
        "Noms de communes",
    )
    name = st.text_input(
        "Nom du nouveau conseil",
        key=_key(Widget.COUNCIL_SPLIT, council, "name"),
        persist_state="session",
    )
    return lambda since, who: edits.split(
        desk.database, council, codes, since, name=name, who=who, communes=desk.places.names
    )


def _merge(desk: Desk, council: Council) -> Write:
    others = {c.id: c for c in desk.councils if c.id != council.id and c.ended is None}
    absorbed = _choose(
        "Conseils repris par celui-ci, qui prennent fin",
        list(others),
        lambda i: others[i].name,
        _key(Widget.COUNCIL_MERGE, council, "who"),
        "Noms de conseils",
    )
    named = _key(Widget.COUNCIL_MERGE, council, "name")
    st.session_state.setdefault(named, council.name)
    name = st.text_input("Nom du conseil réuni", key=named, persist_state="session")
    return lambda since, who: edits.merge(
        desk.database,
        council,
        [others[i] for i in absorbed],
        since,
        who=who,
        communes=desk.places.names,
        name=name,
    )


def _end(desk: Desk, council: Council) -> Write:
    st.caption("Le conseil et ses dates restent dans la liste, comme terminés.")
    return lambda since, who: edits.end(desk.database, council, since, who=who)


_CHANGES = {
    "Scinder": _Change(Widget.COUNCIL_SPLIT, "Scinder ce conseil", "Scission à partir du", _split),
    "Réunir": _Change(Widget.COUNCIL_MERGE, "Réunir ces conseils", "Réunion à partir du", _merge),
    "Terminer": _Change(
        Widget.COUNCIL_END, "Mettre fin à ce conseil", "Premier jour sans ce conseil", _end
    ),
}
_FIELDS = ("who", "name", "since")


def _choose(
    label: str, options: Sequence[str], words: Callable[[str], str], key: str, placeholder: str
) -> list[str]:
    """Show a list of several choices; those that are no choice any more are left out."""
    if key in st.session_state:
        st.session_state[key] = [each for each in st.session_state[key] if each in options]
    return st.multiselect(
        label,
        options,
        key=key,
        format_func=words,
        placeholder=placeholder,
        select_all=False,  # in English, and too many
        persist_state="session",
    )


def _key(widget: Widget, council: Council, name: str) -> str:
    return f"{widget}-{council.id}-{name}"


def _is_typing(change: _Change, council: Council) -> bool:
    usual = {"name": council.name if change.widget == Widget.COUNCIL_MERGE else ""}
    return any(
        st.session_state.get(_key(change.widget, council, name)) not in (None, [], usual.get(name))
        for name in ("who", "name")
    )


def _forget(change: _Change, council: Council) -> None:
    for name in _FIELDS:
        st.session_state.pop(_key(change.widget, council, name), None)
