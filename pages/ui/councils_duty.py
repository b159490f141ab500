"""Communes where the law asks for a council, and none is known or attested."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from diagnostics import territories
from diagnostics.councils import edits, records
from diagnostics.sources.cog import COMMUNE
from diagnostics.wording import NARROW, count, sort_key
from pages.ui import blocks, cache
from pages.ui.councils_desk import Desk, ask_who, save
from pages.ui.keys import Widget
from pages.ui.navigation import link_to_council


def show_duty(desk: Desk) -> None:
    """Show the test of the law, commune by commune, with one button or link for each."""
    communes = cache.table(desk.departement, "communes")
    whole = communes[communes["kind"] == COMMUNE]
    qpv = cache.table(desk.departement, "qpv")
    listed = records.memberships(desk.database, desk.departement)
    duties = territories.duty(whole, qpv, listed)
    bound = duties[(duties["duty"] == "obligatoire") & ~duties["council_attested"]]
    bound = bound.sort_values("name", key=lambda names: names.map(sort_key))
    unknown, to_confirm = bound[bound["councils"] == ""], bound[bound["councils"] != ""]
    st.markdown(
        f"La loi demande un CLSPD dans les communes de plus de 5{NARROW}000 habitants et dans "
        f"celles qui ont un quartier prioritaire (CSI, art. L132-4), sauf où un CISPD existe "
        f"(art. L132-13){NARROW}; un coordonnateur est désigné au-delà de 15{NARROW}000 habitants. "
        "Population municipale publiée par l’INSEE."
    )
    st.caption(_covered(duties))
    st.subheader("Obligation sans conseil connu")
    if unknown.empty:
        st.success(
            "Chaque commune concernée a un conseil dans la liste, attesté ou à confirmer.",
            icon=":material/check:",
        )
    else:
        if desk.editable:
            ask_who()
        derived = territories.derive(whole, qpv, listed).set_index("code_insee")
        for row in unknown.to_dict("records"):
            _missing(desk, row, derived.loc[row["code_insee"]])
    st.subheader("Obligation légale, existence à confirmer")
    st.markdown(
        f"{count(len(to_confirm), 'commune')} dont le conseil est dans la liste parce que la loi "
        f"le demande, sans source qui l’atteste{NARROW}: l’ouvrir pour dire d’où l’on sait qu’il "
        "existe."
    )
    for row in to_confirm.to_dict("records"):
        _unconfirmed(desk, row)


def _covered(duties: pd.DataFrame) -> str:
    optional = duties[duties["duty"] == "facultatif"]
    required = duties[duties["duty"] == "obligatoire"]
    return (
        f"{count(len(required), 'commune')} où un CLSPD est obligatoire, dont "
        f"{int(required['council_attested'].sum())} avec un conseil attesté{NARROW}; "
        f"{count(len(optional), 'commune')} où il est facultatif parce qu’un CISPD la couvre."
    )


def _missing(desk: Desk, row: Mapping[Hashable, Any], wanted: "pd.Series[str]") -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(_grounds(row), width="stretch")
        pressed = desk.editable and st.button(
            f"Ajouter le {wanted['name']}",
            key=f"{Widget.COUNCIL_DUTY}-{wanted.name}",
            icon=":material/add:",
        )
    if (
        pressed
        and save(
            desk,
            lambda who: edits.create(
                desk.database,
                desk.departement,
                type=wanted["type"],
                name=wanted["name"],
                codes=[str(wanted.name)],
                since=None,
                who=who,
                communes=desk.communes,
                status=wanted["status"],
                source=wanted["source"],
            ),
        )
        is not None
    ):
        st.rerun()


def _unconfirmed(desk: Desk, row: Mapping[Hashable, Any]) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(_grounds(row), width="stretch")
        for council in desk.councils:
            if council.type != "contrat" and row["code_insee"] in council.codes():
                link_to_council(blocks.plain(council.name), council.id)


def _grounds(row: Mapping[Hashable, Any]) -> str:
    """Return the name of a commune and why the law asks for a council there."""
    grounds = []
    if not pd.isna(row["population_legal"]):
        grounds.append(count(int(row["population_legal"]), "habitant"))
    if row["qpv_count"]:
        grounds.append(count(row["qpv_count"], "quartier prioritaire", "quartiers prioritaires"))
    if row["coordinator"]:
        grounds.append("coordonnateur à désigner")
    return " · ".join([f"**{blocks.plain(row['name'])}**", *grounds])
