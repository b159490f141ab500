"""The list of councils: searched, filtered, read on a phone as on a large screen."""

import streamlit as st

from diagnostics import councils_text, territories
from diagnostics.councils.records import STATUSES, Council
from diagnostics.wording import NARROW, count, day, number, slug
from pages.ui import blocks
from pages.ui.councils_desk import NEW, SHORT_STATUS, Desk
from pages.ui.councils_exchange import show_exports
from pages.ui.keys import Param, Widget
from pages.ui.navigation import link_to_council

PAGE = 30
_ALL = "Tous"
_NOT_ASKED_FOR = {
    territories.OPTIONAL: territories.OPTIONAL.replace("facultatif", "facultatifs"),
    territories.NOT_ASKED: territories.NOT_ASKED,
    territories.BY_CHOICE: territories.BY_CHOICE.replace("intercommunal", "intercommunaux"),
}
"""What councils to confirm are that the law does not ask for: one, several."""
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
    st.markdown(_summary(desk))
    found = _filtered(desk)
    if not found:
        st.info(f"Aucun conseil ne répond à cette recherche{NARROW}: en changer les termes.")
        return
    st.html(_STYLE)
    everything = st.session_state.get(Widget.COUNCIL_MORE, False)
    for council in found if everything else found[:PAGE]:
        _row(desk, council)
    if len(found) > PAGE:
        st.toggle(f"Afficher les {len(found)} conseils", key=Widget.COUNCIL_MORE)


def _open_new() -> None:
    st.query_params[Param.CONSEIL] = NEW


def _summary(desk: Desk) -> str:
    running = [c for c in desk.councils if c.ended is None]
    attested = sum(c.status.startswith(STATUSES[0]) for c in running)
    standings = [councils_text.standing(c, desk.duties) for c in running]
    asked = standings.count(territories.TO_CONFIRM)
    return (
        f"**{count(len(running), 'conseil')} en cours**, dont {count(attested, 'attesté')} par une "
        f"source et {number(asked)} à confirmer, que la loi demande."
        + "".join(_others(standings.count(words), words) for words in _NOT_ASKED_FOR)
        + f" Il n’existe pas de liste publique{NARROW}: celle-ci est tenue ici."
    )


def _others(quantity: int, standing: str) -> str:
    if not quantity:
        return ""
    words = standing if quantity == 1 else _NOT_ASKED_FOR[standing]
    others = count(quantity, "autre, à confirmer aussi, est", "autres, à confirmer aussi, sont")
    return f" {others} {words}."


def _filtered(desk: Desk) -> list[Council]:
    first, second, third = st.columns([4, 2, 2])
    words = first.text_input(
        "Rechercher un conseil ou une commune",
        key=Widget.COUNCIL_SEARCH,
        icon=":material/search:",
        placeholder="Nom du conseil, d’une commune…",
    )
    standings = {c.id: councils_text.standing(c, desk.duties) for c in desk.councils}
    status = second.selectbox(
        "Statut", [_ALL, *sorted(set(standings.values()))], key=Widget.COUNCIL_STATUSES
    )
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
        if status in (_ALL, standings[council.id])
        and kind in (_ALL, council.type)
        and (wanted in slug(council.name) or wanted in slug(desk.names(council.codes())))
    ]


def _row(desk: Desk, council: Council) -> None:
    with st.container(key=f"conseil-rangee-{council.id}"):
        name, about = st.columns([4, 9], gap="small", vertical_alignment="center")
        with name:
            link_to_council(f"**{blocks.plain(council.name)}**", council.id)
        about.markdown(f":small[{identity(desk, council)}]")


def identity(desk: Desk, council: Council) -> str:
    """Return one line: status, what the law asks, type, members, last check, source."""
    words, colour = SHORT_STATUS.get(council.status, (council.status, "gray"))
    pieces = [
        f":{colour}-badge[{blocks.plain(words)}]",
        territories.TYPES[council.type],
        count(len(council.codes()), "commune"),
        f"vérifié le {day(council.checked)}" if council.checked else "pas encore vérifié",
        f"source{NARROW}: {blocks.plain(council.source)}" if council.source else "sans source",
    ]
    standing = councils_text.standing(council, desk.duties)
    if standing != council.status:
        pieces[0] = f":gray-badge[{blocks.plain(words)}]"
        pieces.insert(1, standing)
    if council.ended is not None:
        pieces.insert(1, f"**terminé le {day(council.ended)}**")
    return " · ".join(pieces)
