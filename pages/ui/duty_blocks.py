"""Communes that must have a council and for which none is attested."""

import streamlit as st

from diagnostics import territories
from diagnostics.wording import NOT_SHOWN, count, number
from pages.ui import blocks, cache


def show_missing_councils(departement: str) -> None:
    """Show the communes bound by the law whose council is still to be confirmed, by name."""
    communes = cache.table(departement, "communes")
    qpv = cache.table(departement, "qpv")
    qpv = qpv.assign(named=qpv["name"] + " (" + qpv["code_qpv"] + ")")
    named = qpv.groupby("code_insee")["named"].agg(", ".join)
    duties = territories.duty(
        communes[communes["kind"] == "commune"],
        qpv,
        cache.table(departement, "memberships"),
    )
    bound = duties[(duties["duty"] == "obligatoire") & ~duties["council_attested"]]
    st.markdown(
        f"{count(len(bound), 'commune')} où la loi demande un CLSPD (CSI, art. L132-4) et où aucun "
        "conseil n’est attesté dans la liste tenue ici. Ce n’est pas dire qu’il n’y en a pas."
    )
    blocks.table(
        ["Commune", "Population municipale", "Quartiers prioritaires", "Coordonnateur"],
        [
            [
                row["name"],
                number(row["population_legal"]) if row["population_legal"] else NOT_SHOWN,
                named.get(row["code_insee"], "aucun"),
                "oui" if row["coordinator"] else "non",
            ]
            for _, row in bound.sort_values("name").iterrows()
        ],
        numbers={1},
    )
