"""Load official data on demand: nothing is downloaded unless the user asks."""

import os
from pathlib import Path

import streamlit as st

from diagnostics import catalogue
from diagnostics.build import build
from diagnostics.errors import Refused
from pages.ui.keys import Widget

_MIRROR = "DIAGNOSTIC_MIRROR"


def show_loading() -> None:
    """Show the choice of a département and the button that downloads and builds it."""
    known = catalogue.departements()
    mirror = os.environ.get(_MIRROR)
    departement = st.selectbox(
        "Département à charger",
        list(known),
        index=list(known).index("77"),
        format_func=lambda code: f"{known[code]} ({code})",
        key=Widget.LOAD_DEPARTEMENT,
    )
    origin = (
        f"du dossier {mirror}, et du réseau pour ce qui y manque"
        if mirror
        else "de data.gouv.fr, de l’INSEE et de geo.api.gouv.fr"
    )
    st.caption(
        f"Les fichiers officiels viendront {origin}. Les données en place ne changent que si tout "
        "réussit."
    )
    if st.button("Télécharger et charger", key=Widget.LOAD, type="primary"):
        _load(departement, Path(mirror) if mirror else None)


def _load(departement: str, mirror: Path | None) -> None:
    bar = st.progress(0.0, text="Préparation…")

    def say(step: str, share: float) -> None:
        bar.progress(share, text=step)

    try:
        build(departement, mirror=mirror, download=True, progress=say)
    except Refused as refusal:
        bar.empty()
        st.error(str(refusal), icon=":material/block:")
        return
    st.query_params.clear()
    st.query_params["dep"] = departement
    st.rerun()
