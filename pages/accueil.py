"""Home: what is held, from which edition, how much of it is published, and how to load more."""

import pandas as pd
import streamlit as st

from diagnostics import catalogue
from diagnostics.store import Store
from diagnostics.wording import DIFFUSION_RULE, count, number, percent
from pages.ui import blocks, cache
from pages.ui.loading import show_loading
from pages.ui.navigation import show_journeys, show_page

LEAD = (
    "La délinquance enregistrée par commune et par conseil local (CLSPD, CISPD), lue selon les "
    "trois programmes de la stratégie de prévention : ce qui est publié, ce qui ne l’est pas, et "
    "ce que l’on peut en dire avec son doute."
)


def page() -> None:
    """Show the page."""
    store = blocks.page_start("Diagnostic territorial de la délinquance", LEAD)
    departement = blocks.pick_departement(store)
    about = store.about(departement)
    st.subheader(f"{about['name']} ({departement})")
    _identity(about)
    show_journeys()
    for warning in about["warnings"]:
        st.caption(f"⚠ {warning}")
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Ce qui est publié")
        _coverage(cache.table(departement, "long"))
        with st.expander("Pourquoi tant de valeurs non publiées"):
            st.markdown(f"{DIFFUSION_RULE} (SSMSI).")
            st.markdown(
                "Une valeur non publiée n’est **ni un zéro, ni un petit nombre connu** : elle dit "
                "seulement que le seuil n’a pas été tenu trois années de suite."
            )
    with right:
        st.subheader("Charger des données officielles")
        show_loading()
    st.subheader("Sources et licences")
    if store.simulated:
        st.caption(
            "Fichiers inventés, dans les formats de ces producteurs, sans aucune donnée d’eux."
        )
    _sources(store, departement)


def _identity(about: dict[str, object]) -> None:
    years = [int(str(y)) for y in about["years"]]  # type: ignore[attr-defined]
    period = str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}"
    columns = st.columns(4)
    columns[0].metric("Communes", number(float(str(about["communes"]))))
    columns[1].metric("Indicateurs", str(len(about["indicators"])))  # type: ignore[arg-type]
    columns[2].metric("Années", period)
    columns[3].metric("Géographie", str(about["geography"] or "non dite"))
    base = about["official_base"] or "aucune de la même édition"
    st.caption(f"Édition : {about['edition']} · Totaux officiels : {base}")


def _coverage(long: pd.DataFrame) -> None:
    whole = long[(long["niveau"] == "departement") & long["communes"].notna()]
    latest = whole[whole["annee"] == whole["annee"].max()]
    st.caption(f"En {whole['annee'].max()}, part de la population qui vit dans une commune publiée")
    blocks.table(
        ["Indicateur", "Population couverte", "Communes publiées"],
        [
            [
                catalogue.indicators()[row["indicateur"]].title,
                percent(row["couverture_population"]),
                f"{number(row['communes_publiees'])} sur {count(int(row['communes']), 'commune')}",
            ]
            for _, row in latest.iterrows()
        ],
        numbers={1, 2},
    )


def _sources(store: Store, departement: str) -> None:
    inputs = store.about(departement)["inputs"]
    blocks.table(
        ["Source", "Producteur", "Licence", "Fichier"],
        [[i["title"], i["publisher"], i["licence"], i["file"]] for i in inputs],
    )


show_page(page)
