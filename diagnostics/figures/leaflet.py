"""Leaflet served by the app itself: a map that asks nothing of the network.

Stock folium loads Leaflet, jQuery, Bootstrap and icons from public CDNs and stays blank without
them. Only Leaflet is needed here; the app copies it into its static folder at start.
"""

import folium

# Seen from the map's frame (`component/<name>/index.html`): right under any port and base path.
STATIC = "../../app/static"
LEAFLET_FOLDER = "vendor/leaflet"


def static_url(path: str) -> str:
    """Return the address, for a script in the map's frame, of a file of the static folder."""
    return f"{STATIC}/{path}"


SCRIPTS = [("leaflet", static_url(f"{LEAFLET_FOLDER}/leaflet.js"))]
STYLES = [("leaflet_css", static_url(f"{LEAFLET_FOLDER}/leaflet.css"))]


class LocalMap(folium.Map):
    """A folium map whose script and style are the app's own copies of Leaflet."""

    default_js = SCRIPTS
    default_css = STYLES
