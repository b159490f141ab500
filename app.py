"""Entry point of the dashboard: `streamlit run app.py`."""

import streamlit as st

from pages.ui.first_start import ensure_store
from pages.ui.navigation import PAGES, show_navigation
from pages.ui.static_files import copy_leaflet

st.set_page_config(
    page_title="Diagnostic territorial de la délinquance", page_icon="🗺️", layout="wide"
)
copy_leaflet()
page = st.navigation(PAGES, position="hidden")
ensure_store()
show_navigation()
page.run()
