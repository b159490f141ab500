"""One council: what is known of it, and one block at a time to change it."""

from collections.abc import Callable
from datetime import date
from functools import partial

import streamlit as st

from diagnostics import councils_text
from diagnostics.councils import edits, rules
from diagnostics.councils.differences import fields_changed
from diagnostics.councils.edits import elsewhere
from diagnostics.councils.history import since as changes_since
from diagnostics.councils.records import STATUSES, Council
from diagnostics.wording import NARROW, day, quoted, sort_key
from pages.ui import blocks, councils_map
from pages.ui.councils_desk import (
    Desk,
    ask_day,
    ask_who,
    given,
    save,
    show_last_change,
    show_typing,
)
from pages.ui.councils_history import show_history
from pages.ui.councils_list import identity
from pages.ui.councils_notes import show_logo, show_notes
from pages.ui.councils_structure import show_structure
from pages.ui.keys import Widget
from pages.ui.navigation import link_to_council

_TYPED = {
    "name": Widget.COUNCIL_NAME,
    "status": Widget.COUNCIL_STATUS,
    "source": Widget.COUNCIL_SOURCE,
    "checked": Widget.COUNCIL_CHECKED,
}
FIRST_DAY = date(1980, 1, 1)


def show_council(desk: Desk, held: Council) -> None:
    """Show a council as held now, and what can be changed of it."""
    seen = _as_opened(held)
    link_to_council("Retour à la liste", None, ":material/arrow_back:")
    left, right = st.columns([6, 1], vertical_alignment="center")
    with left:
        st.header(blocks.plain(held.name))
        st.markdown(identity(desk, held))
    with right:
        show_logo(desk, held)
    shown: dict[str, Callable[[], None]] = {
        "Communes": lambda: _communes(desk, seen, held),
        "Nom, statut, source": lambda: _identity(desk, seen, held),
        "Scinder, réunir, terminer": lambda: show_structure(desk, held),
        "Textes, logo, supports": lambda: show_notes(desk, held),
        "Historique": lambda: show_history(desk, held.id),
    }
    if not desk.editable:
        del shown["Nom, statut, source"], shown["Scinder, réunir, terminer"]
    block = st.segmented_control(
        "Que montrer",
        list(shown),
        default="Communes",
        key=f"{Widget.COUNCIL_BLOCK}-{held.id}",
        required=True,
        label_visibility="collapsed",
        persist_state="page",
    )
    if block != "Communes" or not desk.editable:
        show_last_change()
    shown[block or "Communes"]()


def _communes(desk: Desk, seen: Council, held: Council) -> None:
    if not desk.editable:
        _members(desk, held)
        return
    left, right = st.columns([3, 2], gap="large")
    with right:
        since = ask_day(
            "Changement à partir du",
            f"{Widget.COUNCIL_SINCE}-{held.id}",
            "Premier jour de la nouvelle composition.",
        )
        base = seen.codes(since)
        sitting = {
            c: o.name for c, o in elsewhere(desk.councils, seen, since or date.today()).items()
        }
        told = councils_map.changes(desk, held.id, base, sitting)
        if told:
            st.info(told)
            _save_members(desk, seen, held, since)
        else:
            show_last_change()
            st.caption(
                f"Un clic sur la carte, ou un nom, ajoute ou retire une commune{NARROW}; rien "
                "n’est enregistré avant le bouton qui apparaîtra ici."
            )
        councils_map.show_names(desk, held.id, base, "Communes du conseil")
        councils_map.show_outside(desk, held.id, base)
    with left:
        councils_map.show_map(desk, held.id, base, sitting)
    with st.expander("Communes et dates"):
        _members(desk, held)


def _save_members(desk: Desk, seen: Council, held: Council, since: date | None) -> None:
    wanted = councils_map.draft(held.id).wanted(seen.codes(since))
    stale = _show_stale(desk, seen, held)
    source = ""
    if not stale and councils_map.draft(held.id).entering:
        source = st.text_input(
            "Source de ce changement",
            key=_change_source(held.id),
            placeholder=f"Facultatif{NARROW}: délibération, séance plénière, site",
            help="D’où l’on sait qu’elles entrent.",
            persist_state="session",
        )
        if not source:
            own = quoted(blocks.plain(held.source)) if held.source else "qui n’en a pas"
            st.caption(f"Champ vide{NARROW}: elles entrent avec la source du conseil, {own}.")
        st.caption(rules.NO_PERSONAL_DATA)
    if not stale:
        ask_who()
    with st.container(horizontal=True):
        pressed = not stale and st.button(
            "Enregistrer ces communes", key=Widget.COUNCIL_SAVE, type="primary"
        )
        st.button(
            "Abandonner",
            key=Widget.COUNCIL_CANCEL,
            on_click=_forget_members,
            args=(held.id,),
        )
    if pressed:
        saved = save(
            desk,
            lambda who: edits.set_members(
                desk.database,
                seen,
                wanted,
                given(since),
                councils=desk.councils,
                who=who,
                communes=desk.places.names,
                source=source,
            ),
        )
        if saved is not None:
            _forget_members(held.id)
            _opened(saved)
            st.rerun()


def _change_source(council_id: str) -> str:
    return f"conseil-source-du-changement-{council_id}"


def _forget_members(council_id: str) -> None:
    councils_map.forget(council_id)
    for key in (_change_source(council_id), f"{Widget.COUNCIL_SINCE}-{council_id}"):
        st.session_state.pop(key, None)


def _members(desk: Desk, council: Council) -> None:
    def order(code: str) -> str:
        return sort_key(desk.name(code))

    blocks.table(
        ["Commune", "Du", "Au", "Source"],
        [
            [
                desk.named(m.code_insee),
                councils_text.first_day(m),
                councils_text.last_day(m),
                m.source or council.source or "sans source",
            ]
            for m in sorted(council.members, key=lambda m: (order(m.code_insee), m.period))
        ],
    )


def _identity(desk: Desk, seen: Council, held: Council) -> None:
    for name, widget in _TYPED.items():
        st.session_state.setdefault(_key(widget, held), getattr(seen, name))
    stale = _show_stale(desk, seen, held)
    # In no form, which would send nothing before its button: what is typed is kept as it is left.
    name = st.text_input("Nom", key=_key(Widget.COUNCIL_NAME, held), persist_state="session")
    status = st.selectbox(
        "Statut",
        list(dict.fromkeys([*STATUSES, seen.status, held.status])),
        key=_key(Widget.COUNCIL_STATUS, held),
        persist_state="session",
    )
    source = st.text_input(
        "Source (délibération, séance plénière, site)",
        key=_key(Widget.COUNCIL_SOURCE, held),
        help=f"D’où l’on sait que le conseil existe{NARROW}; nécessaire pour «{NARROW}attesté"
        f"{NARROW}».",
        persist_state="session",
    )
    st.caption(rules.NO_PERSONAL_DATA)
    checked = st.date_input(
        "Source vérifiée le",
        min_value=FIRST_DAY,
        max_value="today",
        format="DD/MM/YYYY",
        key=_key(Widget.COUNCIL_CHECKED, held),
        persist_state="session",
    )
    ask_who()
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button("Enregistrer", key=Widget.COUNCIL_SAVE, type="primary", disabled=stale)
        if _is_typing_identity(seen):
            show_typing(partial(_forget_identity, held))
    if pressed:
        saved = save(
            desk,
            lambda who: edits.change(
                desk.database,
                seen,
                who=who,
                name=name,
                status=status,
                source=source,
                checked=checked,
            ),
        )
        if saved is not None:
            _forget_identity(saved)
            st.rerun()


# What the session saw of a council when it opened it: an edit starts from there, so that what
# somebody else has changed since is told and never overwritten.


def _key(widget: Widget, council: Council) -> str:
    return f"{widget}-{council.id}"


def _opened(council: Council) -> None:
    st.session_state[f"conseil-vu-{council.departement}-{council.id}"] = council


def _as_opened(held: Council) -> Council:
    """Return the council as it was opened; as held now where nothing is being typed."""
    seen: Council = st.session_state.get(f"conseil-vu-{held.departement}-{held.id}", held)
    if seen.version != held.version and not _is_typing(seen):
        _take_up(seen, held)
        seen = held
    _opened(seen)
    return seen


def _is_typing(seen: Council) -> bool:
    wanted = councils_map.draft(seen.id)
    return bool(wanted.entering or wanted.leaving) or _is_typing_identity(seen)


def _is_typing_identity(seen: Council) -> bool:
    state = st.session_state
    return any(
        state.get(_key(widget, seen), getattr(seen, name)) != getattr(seen, name)
        for name, widget in _TYPED.items()
    )


def _forget_identity(held: Council) -> None:
    """Start again from what is held."""
    for widget in _TYPED.values():
        st.session_state.pop(_key(widget, held), None)
    _opened(held)


def _take_up(seen: Council, held: Council) -> None:
    """Start again from what is held now: only what was typed stays."""
    for name, widget in _TYPED.items():
        key = _key(widget, held)
        if st.session_state.get(key) == getattr(seen, name):
            st.session_state[key] = getattr(held, name)
    _opened(held)


def _show_stale(desk: Desk, seen: Council, held: Council) -> bool:
    """Say what somebody else has changed meanwhile, and offer to go on from there."""
    if seen.version == held.version:
        return False
    last = changes_since(desk.database, seen)[0]
    was, now = set(seen.codes()), set(held.codes())
    told = [f"- {blocks.plain(piece)}" for piece in fields_changed(seen, held)]
    if now - was:
        told.append(f"- entrées{NARROW}: {blocks.plain(desk.names(sorted(now - was)))}")
    if was - now:
        told.append(f"- sorties{NARROW}: {blocks.plain(desk.names(sorted(was - now)))}")
    at = last.at.astimezone()
    st.warning(
        f"**{blocks.plain(quoted(held.name))} a changé pendant que vous le modifiiez** (le "
        f"{day(at.date())} à {at:%H:%M}, {blocks.plain(last.who)}). Votre saisie est gardée, elle "
        f"n’est pas enregistrée. Ce qui a changé{NARROW}:\n\n" + "\n".join(told)
    )
    st.button(
        "Reprendre ma saisie sur l’état actuel",
        key=Widget.COUNCIL_REDO,
        type="primary",
        on_click=_take_up,
        args=(seen, held),
    )
    return True
