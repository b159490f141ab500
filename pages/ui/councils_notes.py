"""What is kept with a council: texts for each year, its logo, the decks produced for it."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import streamlit as st

from diagnostics.councils import logos, notes, rules
from diagnostics.councils.notes import FIELDS, Deck, Note
from diagnostics.councils.records import Council
from diagnostics.wording import NARROW, count, day
from pages.ui import blocks
from pages.ui.councils_desk import Desk, ask_who, save, show_typing
from pages.ui.keys import Widget

_FIRST_YEAR = 2015


def show_logo(desk: Desk, council: Council) -> None:
    """Show the logo of a council, if it has one."""
    if not council.logo:
        return
    kept = logos.logo(desk.database, council)
    if kept is not None:
        # As an image: nothing inside an SVG runs there.
        content = b64encode(kept.content).decode()
        st.html(
            f'<img alt="Logo" style="max-height:5rem;max-width:100%" '
            f'src="data:{kept.media_type};base64,{content}">'
        )


def show_notes(desk: Desk, council: Council) -> None:
    """Show texts, logo and decks."""
    this_year = date.today().year
    year = st.selectbox(
        "Année",
        range(this_year + 1, _FIRST_YEAR - 1, -1),
        index=1,
        key=f"{Widget.COUNCIL_YEAR}-{council.id}",
        persist_state="session",
    )
    held = notes.note(desk.database, council, year)
    if desk.editable:
        ask_who()
        _write(desk, council, held)
        st.subheader("Logo")
        _logo(desk, council)
    else:
        for name, label in FIELDS.items():
            st.markdown(f"**{label}**")
            st.text(getattr(held, name) or "Rien d’écrit pour cette année.")
    st.subheader("Supports produits")
    _decks(desk, council)


def _write(desk: Desk, council: Council, held: Note) -> None:
    st.caption(rules.NO_PERSONAL_DATA)
    seen = _as_opened(council, held)
    stale = seen.version != held.version
    if stale:
        _show_other_text(seen, held)
    for name in FIELDS:
        st.session_state.setdefault(_key(held, name), getattr(seen, name))
    # In no form, which would send nothing before its button: what is typed is kept as it is left.
    typed: dict[str, Any] = {
        name: st.text_area(
            label, key=_key(held, name), max_chars=notes.TEXT_LENGTH, persist_state="session"
        )
        for name, label in FIELDS.items()
    }
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(
            "Enregistrer les textes", key=Widget.COUNCIL_NOTE, type="primary", disabled=stale
        )
        if _typing(seen):
            show_typing(partial(_forget, held))
    if pressed:
        wanted = replace(seen, **typed)
        saved = save(desk, lambda who: notes.write_note(desk.database, wanted, who))
        if saved is not None:
            _forget(saved)
            st.rerun()
    _versions(desk, council, held)


def _versions(desk: Desk, council: Council, held: Note) -> None:
    """Show the earlier versions of the texts, each with the way to take it up again."""
    kept = notes.note_versions(desk.database, council, held.year)[1:]
    if not kept:
        return
    earlier = count(len(kept), "version précédente", "versions précédentes")
    with st.expander(f"{earlier} de ces textes"):
        for version in kept:
            assert version.at is not None  # every version that is kept was written
            at = version.at.astimezone()
            st.markdown(f":gray[{day(at.date())} à {at:%H:%M} · {blocks.plain(version.who)}]")
            for name, label in FIELDS.items():
                if text := getattr(version, name):
                    st.markdown(f"**{label}**")
                    st.text(text)
            st.button(
                "Reprendre ces textes",
                key=f"{_key(version, 'version')}-{version.version}",
                help="Les met dans les champs ci-dessus, à relire puis à enregistrer.",
                on_click=_take_version,
                args=(held, version),
            )


def _take_version(held: Note, version: Note) -> None:
    for name in FIELDS:
        st.session_state[_key(held, name)] = getattr(version, name)


def _key(note: Note, name: str) -> str:
    return f"{Widget.COUNCIL_NOTE}-{note.council_id}-{note.year}-{name}"


def _as_opened(council: Council, held: Note) -> Note:
    """Return the note as it was opened; as held now where nothing is being typed."""
    seen: Note = st.session_state.setdefault(_key(held, "vu"), held)
    if seen.version != held.version and not _typing(seen):
        _take_up(seen, held)
        return held
    return seen


def _typing(seen: Note) -> bool:
    return any(
        st.session_state.get(_key(seen, name), getattr(seen, name)) != getattr(seen, name)
        for name in FIELDS
    )


def _forget(note: Note) -> None:
    """Start again from what is held."""
    for name in ("vu", *FIELDS):
        st.session_state.pop(_key(note, name), None)


def _take_up(seen: Note, held: Note) -> None:
    """Start again from what is held now: only what was typed stays."""
    for name in FIELDS:
        if st.session_state.get(_key(held, name)) == getattr(seen, name):
            st.session_state[_key(held, name)] = getattr(held, name)
    st.session_state[_key(held, "vu")] = held


def _show_other_text(seen: Note, held: Note) -> None:
    st.warning(
        f"**{blocks.plain(held.who)} a écrit ces textes pendant que vous les modifiiez.** Votre "
        f"saisie est gardée, elle n’est pas enregistrée. Ce qui est enregistré{NARROW}:"
    )
    for name, label in FIELDS.items():
        if getattr(held, name) != getattr(seen, name):
            st.markdown(f"**{label}**")
            st.text(getattr(held, name) or "(vide)")
    st.button(
        "Reprendre ma saisie sur l’état actuel",
        key=Widget.COUNCIL_REDO,
        type="primary",
        on_click=_take_up,
        args=(seen, held),
    )


def _logo(desk: Desk, council: Council) -> None:
    uploaded = st.file_uploader(
        f"Image PNG ou SVG, {logos.MAX_BYTES // 1024} ko au plus",
        type=["png", "svg"],
        key=f"{Widget.COUNCIL_LOGO}-{council.id}-{council.logo}",
    )
    with st.container(horizontal=True):
        add = uploaded is not None and st.button("Enregistrer ce logo", type="primary")
        remove = bool(council.logo) and st.button("Retirer le logo")
    if add or remove:
        content = uploaded.getvalue() if add and uploaded is not None else None
        if save(desk, lambda who: logos.set_logo(desk.database, council, content, who)) is not None:
            st.rerun()


def _decks(desk: Desk, council: Council) -> None:
    made = notes.decks(desk.database, council)
    if not made:
        st.caption("Aucun support n’a encore été produit pour ce conseil.")
        return
    blocks.table(
        ["Produit le", "Format", "Édition des chiffres"],
        [[_produced(d), d.kind.upper(), d.edition] for d in made],
    )
    if desk.editable:
        with st.expander("Retirer un support produit par erreur"):
            _remove_deck(desk, council, made)


def _remove_deck(desk: Desk, council: Council, made: Sequence[Deck]) -> None:
    deck = st.selectbox(
        "Support à retirer de cette liste",
        made,
        format_func=lambda d: f"{d.kind.upper()} du {_produced(d)}",
        key=f"{Widget.COUNCIL_DECK}-{council.id}",
    )
    st.caption("Le fichier déjà téléchargé n’est pas touché. L’historique permet de le rétablir.")
    pressed = st.button("Retirer ce support", key=Widget.COUNCIL_DECK)
    if pressed and save(desk, partial(_write_removal, desk, council, deck)) is not None:
        st.rerun()


def _write_removal(desk: Desk, council: Council, deck: Deck, who: str) -> Deck:
    notes.remove_deck(desk.database, council, deck, who)
    return deck


def _produced(deck: Deck) -> str:
    at = deck.at.astimezone()
    return f"{day(at.date())} à {at:%H:%M}"
