"""A new council, from scratch or from the communes of an intercommunality."""

import re
from collections.abc import Callable
from datetime import date

import streamlit as st

from diagnostics import territories
from diagnostics.councils import edits, rules
from diagnostics.councils.records import STATUSES, Council
from diagnostics.wording import NARROW
from pages.ui import cache, councils_map
from pages.ui.councils_desk import NEW, Desk, ask_day, ask_who, save, show_typing
from pages.ui.keys import Param, Widget
from pages.ui.navigation import link_to_council

_TYPED = (
    Widget.COUNCIL_EPCI,
    Widget.COUNCIL_TYPE,
    Widget.COUNCIL_NAME,
    Widget.COUNCIL_SINCE,
    Widget.COUNCIL_STATUS,
    Widget.COUNCIL_SOURCE,
)
_KIND = re.compile(r"^(CA|CC|CU|Métropole|Communauté \S+) (de la |de l’|des |du |de |d’)?")


def show_new(desk: Desk) -> None:
    """Show the form that creates a council, and create it; what is typed is kept as it is left."""
    link_to_council("Retour à la liste", None, ":material/arrow_back:")
    st.header("Nouveau conseil")
    form, aside = st.columns([2, 3], gap="large")
    with form:
        write = _ask(desk)
        ask_who()
        with st.container(horizontal=True, vertical_alignment="center"):
            pressed = st.button("Créer ce conseil", key=Widget.COUNCIL_SAVE, type="primary")
            if _is_typing():
                show_typing(_forget)
    kind, since = (st.session_state[key] for key in (Widget.COUNCIL_TYPE, Widget.COUNCIL_SINCE))
    blank = Council(desk.departement, "", kind, "", "", "")
    sitting = edits.elsewhere(desk.councils, blank, since or date.today())
    with aside:
        councils_map.show_map(desk, NEW, [], {c: o.name for c, o in sitting.items()})
    if pressed:
        with form:
            made = save(desk, write)
        if made is not None:
            _forget()
            st.query_params[Param.CONSEIL] = made.id
            st.rerun()


def _ask(desk: Desk) -> Callable[[str], Council]:
    """Show the fields; return what writes the council, for the service that makes it."""
    epci = _epci(desk.departement)
    st.selectbox(
        "Partir d’une intercommunalité",
        list(epci),
        index=None,
        key=Widget.COUNCIL_EPCI,
        placeholder=f"Facultatif{NARROW}: reprend ses communes",
        on_change=_start_from,
        args=(epci,),
        persist_state="session",
    )
    kind = st.selectbox(
        "Type",
        list(territories.TYPES),
        key=Widget.COUNCIL_TYPE,
        format_func=territories.TYPES.__getitem__,
        persist_state="session",
    )
    name = st.text_input(
        "Nom",
        key=Widget.COUNCIL_NAME,
        placeholder="CISPD Val d’Exemple",
        persist_state="session",
    )
    councils_map.show_names(desk, NEW, [], "Communes")
    councils_map.show_outside(desk, NEW, [])
    codes = councils_map.draft(NEW).wanted([])
    since = ask_day(
        "À partir du",
        Widget.COUNCIL_SINCE,
        f"Premier jour du conseil{NARROW}; vide si l’on ne le connaît pas.",
    )
    status = st.selectbox("Statut", STATUSES, key=Widget.COUNCIL_STATUS, persist_state="session")
    source = st.text_input(
        "Source (délibération, séance plénière, site)",
        key=Widget.COUNCIL_SOURCE,
        help="D’où l’on sait que le conseil existe.",
        persist_state="session",
    )
    st.caption(rules.NO_PERSONAL_DATA)
    return lambda who: edits.create(
        desk.database,
        desk.departement,
        type=kind,
        name=name,
        codes=codes,
        since=since,
        who=who,
        communes=desk.places.names,
        status=status,
        source=source,
    )


def _is_typing() -> bool:
    typed = any(st.session_state.get(w) for w in (Widget.COUNCIL_NAME, Widget.COUNCIL_SOURCE))
    return typed or bool(councils_map.draft(NEW).entering)


def _forget() -> None:
    councils_map.forget(NEW)
    for widget in _TYPED:
        st.session_state.pop(widget, None)


def _epci(departement: str) -> dict[str, list[str]]:
    """Return {name: codes of today} of the intercommunalities, those of outside included."""
    groups = cache.table(departement, "groups")
    communes = cache.table(departement, "communes")
    today = dict(zip(communes["code_insee"], communes["current_code"], strict=True))
    of_epci = groups[groups["niveau"] == "epci"]
    return {
        str(name): sorted({today.get(code, code) for code in codes})
        for name, codes in of_epci.groupby("libelle")["code_insee"]
    }


def _start_from(epci: dict[str, list[str]]) -> None:
    name = st.session_state[Widget.COUNCIL_EPCI]
    if name is None:
        return
    councils_map.draft(NEW).aim([], epci[name])
    councils_map.show_around(NEW, epci[name])
    st.session_state[Widget.COUNCIL_TYPE] = "cispd"
    st.session_state[Widget.COUNCIL_NAME] = f"CISPD {_KIND.sub('', name)}"
