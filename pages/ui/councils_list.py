"""The list of councils: searched, filtered, read on a phone as on a large screen."""

import streamlit as st

from diagnostics import territories
from diagnostics.councils.records import STATUSES, Council
from diagnostics.wording import NARROW, count, day, number, slug
from pages.ui import blocks
from pages.ui.councils_desk import NEW, SHORT_STATUS, Desk
from pages.ui.councils_exchange import show_exports
from pages.ui.keys import Param, Widget
from pages.ui.navigation import link_to_council

PAGE = 30
_ALL = "Tous"
_STYLE = """<style>
[class*="st-key-conseil-rangee-"] { border-bottom: 1px solid #ddd; padding-bottom: .3rem; }
[class*="st-key-conseil-rangee-"] [data-testid="stHorizontalBlock"] { row-gap: .1rem; }
</style>"""


def show_list(desk: Desk) -> None:
    """Show what can be done with the list, its filters, and its councils."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if desk.editable:
            st.button(
                "Nouveau conseil",
                key=Widget.COUNCIL_NEW,
                type="primary",
                icon=":material/add:",
                on_click=_open_new,
            )
        show_exports(desk)
    st.markdown(_summary(desk.councils))
    found = _filtered(desk)
    if not found:
        st.info(f"Aucun conseil ne répond à cette recherche{NARROW}: en changer les termes.")
        return
    st.html(_STYLE)
    everything = st.session_state.get(Widget.COUNCIL_MORE, False)
    for council in found if everything else found[:PAGE]:
        _row(council)
    if len(found) > PAGE:
        st.toggle(f"Afficher les {len(found)} conseils", key=Widget.COUNCIL_MORE)


def _open_new() -> None:
    st.query_params[Param.CONSEIL] = NEW


def _summary(councils: list[Council]) -> str:
    running = [c for c in councils if c.ended is None]
    attested = sum(c.status.startswith(STATUSES[0]) for c in running)
    to_confirm = sum(c.status == territories.TO_CONFIRM for c in running)
    return (
        f"**{count(len(running), 'conseil')} en cours**, dont {count(attested, 'attesté')} par une "
        f"source et {number(to_confirm)} à confirmer, que la loi demande. Il n’existe pas de liste "
        f"publique{NARROW}: celle-ci est tenue ici."
    )


def _filtered(desk: Desk) -> list[Council]:
    first, second, third = st.columns([4, 2, 2])
    words = first.text_input(
        "Rechercher un conseil ou une commune",
        key=Widget.COUNCIL_SEARCH,
        icon=":material/search:",
        placeholder="Nom du conseil, d’une commune…",
    )
    held = dict.fromkeys(c.status for c in desk.councils)
    status = second.selectbox("Statut", [_ALL, *sorted(held)], key=Widget.COUNCIL_STATUSES)
    kind = third.selectbox(
        "Type",
        [_ALL, *territories.TYPES],
        key=Widget.COUNCIL_TYPES,
        format_func=lambda t: territories.TYPES.get(t, t),
    )
    wanted = slug(words or "")
    return [
        council
        for council in desk.councils
        if status in (_ALL, council.status)
        and kind in (_ALL, council.type)
        and (wanted in slug(council.name) or wanted in slug(desk.names(council.codes())))
    ]


def _row(council: Council) -> None:
    with st.container(key=f"conseil-rangee-{council.id}"):
        name, about = st.columns([4, 9], gap="small", vertical_alignment="center")
        with name:
            link_to_council(f"**{blocks.plain(council.name)}**", council.id)
        about.markdown(f":small[{identity(council)}]")


def identity(council: Council) -> str:
    """Return one line: status, type, members, last check, source."""
    words, colour = SHORT_STATUS.get(council.status, (council.status, "gray"))
    pieces = [
        f":{colour}-badge[{blocks.plain(words)}]",
        territories.TYPES[council.type],
        count(len(council.codes()), "commune"),
        f"vérifié le {day(council.checked)}" if council.checked else "pas encore vérifié",
        f"source{NARROW}: {blocks.plain(council.source)}" if council.source else "sans source",
    ]
    if council.ended is not None:
        pieces.insert(1, f"**terminé le {day(council.ended)}**")
    return " · ".join(pieces)
