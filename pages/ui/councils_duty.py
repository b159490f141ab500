"""Communes where the law asks for a council, and none is known or attested."""

from collections.abc import Hashable, Mapping
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from diagnostics import territories
from diagnostics.councils import edits, records
from diagnostics.councils.records import Council
from diagnostics.sources.cog import COMMUNE
from diagnostics.wording import NARROW, count, number, sort_key
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
    bound = bound.assign(known=bound["councils"] != "")
    bound = bound.sort_values(
        ["known", "name"], key=lambda c: c.map(sort_key) if c.name == "name" else c
    )
    st.markdown(
        f"La loi demande un CLSPD dans les communes de plus de 5{NARROW}000 habitants et dans "
        f"celles qui ont un quartier prioritaire (CSI, art. L132-4), sauf où un CISPD existe "
        f"(art. L132-13){NARROW}; un coordonnateur est désigné au-delà de 15{NARROW}000 habitants. "
        "Population municipale publiée par l’INSEE."
    )
    st.subheader("Obligation sans conseil connu")
    if bound.empty:
        st.success("Chaque commune concernée a un conseil attesté.", icon=":material/check:")
    else:
        st.markdown(
            f"{count(len(bound), 'commune')} où aucun conseil n’est attesté. Ce n’est pas dire "
            f"qu’il n’y en a pas{NARROW}: ouvrir le conseil «{NARROW}à confirmer{NARROW}» pour "
            "dire d’où l’on sait qu’il existe."
        )
        if desk.editable and not bound["known"].all():
            ask_who()
    derived = territories.derive(whole, qpv, listed).set_index("code_insee")
    for row in bound.to_dict("records"):
        if row["known"]:
            _unconfirmed(desk, row)
        else:
            _missing(desk, row, derived.loc[row["code_insee"]])
    _show_covered(duties[duties["duty"] == "facultatif"])


def _show_covered(optional: pd.DataFrame) -> None:
    if optional.empty:
        return
    words = count(len(optional), "commune")
    with st.expander(f"CLSPD facultatif, parce qu’un CISPD couvre la commune{NARROW}: {words}"):
        blocks.table(
            ["Commune", "Population municipale", "Quartiers prioritaires", "Conseil"],
            [
                [
                    row["name"],
                    "n. d."
                    if pd.isna(row["population_legal"])
                    else number(row["population_legal"]),
                    number(row["qpv_count"]),
                    row["councils"],
                ]
                for _, row in optional.sort_values("name").iterrows()
            ],
            numbers={1, 2},
        )


def _missing(desk: Desk, row: Mapping[Hashable, Any], wanted: "pd.Series[str]") -> None:
    code = str(wanted.name)
    ended = next((c for c in desk.councils if c.name == wanted["name"]), None)

    def write(who: str) -> Council:
        if ended is not None:
            return edits.add_communes(
                desk.database, ended, [code], date.today(), who=who, communes=desk.places.names
            )
        return edits.create(
            desk.database,
            desk.departement,
            type=wanted["type"],
            name=wanted["name"],
            codes=[code],
            since=None,
            who=who,
            communes=desk.places.names,
            status=wanted["status"],
            source=wanted["source"],
        )

    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(_grounds(row), width="stretch")
        pressed = desk.editable and st.button(
            f"{'Ajouter' if ended is None else 'Rouvrir'} le {wanted['name']}",
            key=f"{Widget.COUNCIL_DUTY}-{code}",
            icon=":material/add:",
        )
    if pressed and save(desk, write) is not None:
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
