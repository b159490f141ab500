"""What the browser fetches from the app itself: Leaflet, and outlines that map pages point to.

Streamlit serves the `static/` folder beside `app.py` under `app/static/`.
"""

import hashlib
import os
from importlib.resources import files
from pathlib import Path

import geopandas as gpd

from diagnostics.figures.leaflet import LEAFLET_FOLDER
from diagnostics.figures.maps import contours_json

STATIC = Path(__file__).parents[2] / "static"


def copy_leaflet(static: Path = STATIC) -> None:
    """Copy Leaflet's script and style out of its PyPI package, where they are not there yet.

    Its images are left out: they belong to markers and a layer switch that no map here has.
    """
    source = files("js_lib_leaflet") / "static" / "js_lib_leaflet"
    target = static / LEAFLET_FOLDER
    target.mkdir(parents=True, exist_ok=True)
    for name in ("leaflet.js", "leaflet.css"):
        content = (source / name).read_bytes()
        if not (target / name).exists() or (target / name).read_bytes() != content:
            _replace(target / name, content)


def write_contours(outlines: gpd.GeoDataFrame, name: str, static: Path = STATIC) -> str:
    """Write outlines (`code`, `label`, `geometry`) as GeoJSON; return the path inside `static`.

    The file's name holds a digest of its content: a browser may keep it for ever, and a new
    store gives a new address. An existing file is left alone.
    """
    content = contours_json(outlines).encode()
    digest = hashlib.sha256(content).hexdigest()[:16]
    path = f"contours/{name}-{digest}.json"
    if not (static / path).exists():
        (static / "contours").mkdir(parents=True, exist_ok=True)
        _replace(static / path, content)
    return path


def _replace(path: Path, content: bytes) -> None:
    """Write a file whole: a request that comes meanwhile gets the old one or the new one."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.write_bytes(content)
    partial.replace(path)
