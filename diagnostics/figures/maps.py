"""The map of one indicator: interactive (folium, Leaflet) and on paper (SVG, PNG).

Both read the same frames:

- `outlines`: GeoDataFrame in WGS 84, one row per area: `code`, `label`, `geometry`;
- `outline`: GeoDataFrame with the département's outline;
- `rows`: one row per area: `code`, `label`, `status`, `value`, `shown`, `tooltip`
  (see `scale.drawings`; `tooltip` is plain French text, lines parted by a newline: escaping is
  done here);
- `towns`: `name`, `lon`, `lat`, the most important first: a name that would cover an earlier one
  is left out.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import pandas as pd
import shapely
from jinja2 import Template

from diagnostics.figures import scale
from diagnostics.figures.leaflet import LocalMap, static_url

# The only thing the interactive map sends back: a click, and nothing when it moves or loads.
RETURNED_OBJECTS = ["last_active_drawing"]
COORDINATE_DECIMALS = 5  # about one metre
WORDS = {
    "zoomIn": "Agrandir",
    "zoomOut": "Réduire",
    "noData": "Aucune donnée pour ce choix",
    "failed": "Les contours n’ont pas pu être lus\u202f: rechargez la page.",
}


def contours_json(outlines: gpd.GeoDataFrame) -> str:
    """Return the outlines as compact GeoJSON with `code` and `label`, the smallest areas last.

    Leaflet paints in order: a small area that overlaps a large one stays on top, so clickable.
    """
    # Square degrees do: inside a département they are in the order of square metres.
    sizes = pd.Series(shapely.area(outlines.geometry.to_numpy()), outlines.index)
    ordered = outlines.loc[sizes.sort_values(ascending=False, kind="stable").index]
    shapes = shapely.transform(
        ordered.geometry.to_numpy(), lambda xy: xy.round(COORDINATE_DECIMALS)
    )
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "label": label},
            "geometry": shapely.geometry.mapping(shape),
        }
        for code, label, shape in zip(ordered["code"], ordered["label"], shapes, strict=True)
    ]
    return json.dumps(
        {"type": "FeatureCollection", "features": features},
        ensure_ascii=False,
        separators=(",", ":"),
    )


def folium_map(outline: gpd.GeoDataFrame, outline_path: str, towns: pd.DataFrame) -> folium.Map:
    """Return the empty map of a département: its outline, its towns, and no area yet.

    `outline_path` is the outline's file inside the static folder (`contours_json`). Everything
    that changes with the user's choices goes through `areas_layer`, so that the frame stays.
    """
    west, south, east, north = (float(bound) for bound in outline.total_bounds)
    base = LocalMap(
        location=[(south + north) / 2, (west + east) / 2],
        tiles=None,
        zoom_control=False,
        zoom_snap=0.25,
        zoom_delta=0.5,
        scroll_wheel_zoom=False,
        attribution_control=False,
    )
    config = {
        "bounds": [[south, west], [north, east]],
        "outline": static_url(outline_path),
        "towns": towns[["name", "lon", "lat"]].to_dict("records"),
        "fills": scale.fills(),
        "border": scale.BORDER,
        "patterns": scale.pattern_defs(),
        "words": WORDS,
    }
    base.add_child(_Controller(config))
    return base


def areas_layer(
    outlines_path: str, rows: pd.DataFrame, breaks: Sequence[float], selected: str | None = None
) -> folium.FeatureGroup:
    """Return what `st_folium(feature_group_to_add=...)` sends: drawings and words by code.

    `outlines_path` is the level's file inside the static folder; the browser reads it once.
    """
    group = folium.FeatureGroup(name="donnees", control=False)
    update = {
        "url": static_url(outlines_path),
        "drawings": scale.drawings(rows, breaks).to_dict(),
        "texts": dict(zip(rows["code"], rows["tooltip"], strict=True)),
        "selected": selected,
    }
    group.add_child(_Update(update))
    return group


def clicked_code(returned: Mapping[str, Any] | None) -> str | None:
    """Return the code of the area last clicked, from what `st_folium` returned or keeps."""
    feature = (returned or {}).get("last_active_drawing")
    return str(feature["properties"]["code"]) if feature else None


class _Controller(folium.MacroElement):
    """The script of `map.js`, bound to its map, and its few style rules."""

    javascript = Path(__file__).with_name("map.js").read_text(encoding="utf-8")
    _template = Template("""
        {% macro header(this, kwargs) %}
        <style>
            .leaflet-container { background: #fff; font: inherit; }
            .leaflet-tooltip { white-space: normal; width: max-content; color: #161616; }
            .map-tooltip { max-width: 18rem; font: .8125rem/1.35 sans-serif; }
            .map-tooltip span { white-space: pre-line; }
            .map-tooltip strong { display: block; }
            .map-town-anchor[hidden] { display: none; }
            .map-town { position: absolute; top: -.6em; white-space: nowrap; color: #161616;
                font: 600 .75rem/1.2 sans-serif; text-shadow: -1px -1px 1px #fff,
                1px -1px 1px #fff, -1px 1px 1px #fff, 1px 1px 1px #fff, 0 0 3px #fff; }
            .map-town[data-side=right] { left: .35em; }
            .map-town[data-side=left] { right: .35em; }
            .map-town-anchor::before { content: ""; position: absolute; left: -3px; top: -3px;
                width: 6px; height: 6px; border-radius: 50%; background: #161616;
                box-shadow: 0 0 0 1.5px #fff; }
            .map-message { position: absolute; z-index: 1000; inset: 40% 10% auto; margin: 0;
                text-align: center; font: 1rem sans-serif; color: #161616; background: #fff; }
        </style>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        {{ this.javascript }}
        {{ this._parent.get_name() }}.diagnostic =
            diagnosticMap({{ this._parent.get_name() }}, {{ this.config|tojson }});
        {% endmacro %}
    """)

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Controller"
        self.config = config


class _Update(folium.MacroElement):
    """One call of the controller's `show`."""

    _template = Template("""
        {% macro script(this, kwargs) %}
        {{ this._parent._parent.get_name() }}.diagnostic.show({{ this.update|tojson }});
        {% endmacro %}
    """)

    def __init__(self, update: dict[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Update"
        self.update = update
