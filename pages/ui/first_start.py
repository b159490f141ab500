"""With no store yet, the app builds the simulated département by itself: no network needed."""

import tempfile
from pathlib import Path

import streamlit as st

from diagnostics import store
from diagnostics.build import build
from diagnostics.errors import Refused
from diagnostics.simulate import simulate


def ensure_store() -> None:
    """Make sure that there is something to show; stop the page with a sentence if there is not."""
    try:
        if not (store.default_folder() / "current.json").is_file():
            _build_simulated()
        store.open_store()
    except Refused as refusal:
        st.error(str(refusal))
        st.stop()


@st.cache_resource(show_spinner="Préparation du département simulé, quelques secondes…")
def _build_simulated() -> None:
    # A cached resource is built once, under a lock: two visitors do not build twice.
    with tempfile.TemporaryDirectory() as folder:
        simulate(Path(folder) / "simulation")
        build("00", mirror=Path(folder) / "simulation")
