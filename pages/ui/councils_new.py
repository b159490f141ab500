"""A new council, from scratch or from the communes of an intercommunality."""

import re
from datetime import date

import streamlit as st

from diagnostics import territories
from diagnostics.councils import edits, rules
from diagnostics.councils.records import STATUSES, Council
from diagnostics.wording import NARROW
from pages.ui import cache, councils_map
from pages.ui.councils_desk import NEW, Desk, ask_day, ask_who, save
from pages.ui.keys import Param, Widget
from pages.ui.navigation import link_to_council

_KIND = re.compile(r"^(CA|CC|CU|Métropole|Communauté \S+) (de la |de l’|des |du |de |d’)?")


def show_new(desk: Desk) -> None:
    """Show the form that creates a council, and create it."""
    link_to_council("Retour à la liste", None, ":material/arrow_back:")
    st.header("Nouveau conseil")
    epci = _epci(desk.departement)
    form, aside = st.columns([2, 3], gap="large")
    with form:
        st.selectbox(
            "Partir d’une intercommunalité",
            list(epci),
            index=None,
            key=Widget.COUNCIL_EPCI,
            placeholder=f"Facultatif{NARROW}: reprend ses communes",
            on_change=_start_from,
            args=(epci,),
        )
        kind = st.selectbox(
            "Type",
            list(territories.TYPES),
            key=Widget.COUNCIL_TYPE,
            format_func=territories.TYPES.__getitem__,
        )
        name = st.text_input("Nom", key=Widget.COUNCIL_NAME, placeholder="CISPD Val d’Exemple")
        councils_map.show_names(desk, NEW, [], "Communes")
        councils_map.show_outside(desk, NEW, [])
        since = ask_day(
            "À partir du",
            Widget.COUNCIL_SINCE,
            f"Premier jour du conseil{NARROW}; vide si l’on ne le connaît pas.",
        )
        status = st.selectbox("Statut", STATUSES, key=Widget.COUNCIL_STATUS)
        source = st.text_input(
            "Source (délibération, séance plénière, site)",
            key=Widget.COUNCIL_SOURCE,
            help="D’où l’on sait que le conseil existe.",
        )
        st.caption(rules.NO_PERSONAL_DATA)
        ask_who()
        pressed = st.button("Créer ce conseil", key=Widget.COUNCIL_SAVE, type="primary")
    codes = councils_map.draft(NEW).wanted([])
    blank = Council(desk.departement, "", kind, "", "", "")
    sitting = edits.elsewhere(desk.councils, blank, since or date.today())
    with aside:
        councils_map.show_map(desk, NEW, [], {c: o.name for c, o in sitting.items()})
    if pressed:
        with form:
            made = save(
                desk,
                lambda who: edits.create(
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
                ),
            )
        if made is not None:
            councils_map.forget(NEW)
            st.query_params[Param.CONSEIL] = made.id
            st.rerun()


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
