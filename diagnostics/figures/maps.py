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

import html
import json
import math
from collections.abc import Collection, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from jinja2 import Template

from diagnostics.figures import fonts, paper, scale
from diagnostics.figures.ground import ground, ground_of, names_beside, overlap
from diagnostics.figures.leaflet import LocalMap, static_url
from diagnostics.figures.paper import GREY, INK, MARGIN, SMALL, TEXT, paragraph
from diagnostics.geometry import local_crs

# The only thing the interactive map sends back: a click, and nothing when it moves or loads.
RETURNED_OBJECTS = ["last_active_drawing"]
CHOSEN = "#000091"  # outline of the areas that make a perimeter
COORDINATE_DECIMALS = 5  # about one metre
WORDS = {
    "map": "Carte du département",
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
        "chosen": CHOSEN,
        "patterns": scale.pattern_defs(),
        "words": WORDS,
    }
    base.add_child(_Controller(config))
    return base


def areas_layer(
    outlines_path: str,
    rows: pd.DataFrame,
    breaks: Sequence[float],
    selected: str | None = None,
    chosen: Sequence[str] | None = None,
    seen: int = 0,
) -> folium.FeatureGroup:
    """Return what `st_folium(feature_group_to_add=...)` sends: drawings and words by code.

    `outlines_path` is the level's file inside the static folder; the browser reads it once. With
    `chosen` (codes, or none yet) a click adds an area to them or takes it away; `seen` is the
    number of the last click that was answered (`Click`).
    """
    group = folium.FeatureGroup(name="donnees", control=False)
    update = {
        "url": static_url(outlines_path),
        "drawings": scale.drawings(rows, breaks).to_dict(),
        "texts": dict(zip(rows["code"], rows["tooltip"], strict=True)),
        "selected": selected,
        "chosen": None if chosen is None else list(chosen),
        "seen": seen,
    }
    group.add_child(_Update(update))
    return group


class Click(NamedTuple):
    """The last click on the map: its number, the area under it, all that is chosen after it."""

    number: int
    code: str
    chosen: list[str] | None


def last_click(returned: Mapping[str, Any] | None) -> Click | None:
    """Return the last click, from what `st_folium` returned or keeps."""
    feature = (returned or {}).get("last_active_drawing")
    if not feature:
        return None
    told = feature["properties"]
    return Click(told["click"], str(told["code"]), told.get("chosen"))


def clicked_code(returned: Mapping[str, Any] | None) -> str | None:
    """Return the code of the area last clicked, from what `st_folium` returned or keeps."""
    click = last_click(returned)
    return None if click is None else click.code


class _Controller(folium.MacroElement):
    """The script of `map.js`, bound to its map, and its few style rules."""

    javascript = Path(__file__).with_name("map.js").read_text(encoding="utf-8")
    _template = Template("""
        {% macro header(this, kwargs) %}
        <style>
            .leaflet-container { background: #fff; font: inherit; }
            .leaflet-tooltip { white-space: normal; width: max-content; color: #161616; }
            .map-tooltip { max-width: 18rem; overflow-wrap: anywhere;
                font: .8125rem/1.35 sans-serif; }
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


# --- On paper. Lengths below are in half-pixels, those of `paper`. ---
MAP_WIDTH, MAP_HEIGHT = 1330, 1640
LEGEND_X, LEGEND_WIDTH = 1460, 430
LOCATOR_WIDTH, LOCATOR_HEIGHT = 720, 720


def svg_map(
    outlines: gpd.GeoDataFrame,
    rows: pd.DataFrame,
    breaks: Sequence[float],
    *,
    outline: gpd.GeoDataFrame,
    towns: pd.DataFrame,
    title: str,
    subtitle: str,
    unit: str,
    source_line: str,
    edition: str,
    state_labels: dict[str, str] | None = None,
    selected: str | None = None,
    perimeter: Collection[str] = (),
) -> str:
    """Return the map as an SVG page 1,000 pixels wide, with its legend, source and edition.

    Areas are projected in metres (`geometry.local_crs`) and rounded to half a pixel; an area
    without a row is drawn as absent. `subtitle` carries the year, `unit` heads the legend. The
    areas of `perimeter` are outlined as the selected one, in blue.
    """
    head, y = paper.head(title, subtitle)
    laid = ground(outline, MAP_WIDTH, MAP_HEIGHT)
    laid = laid.at(MARGIN + (MAP_WIDTH - laid.width) / 2, y + 10)
    keys = scale.drawings(rows, breaks).reindex(outlines["code"]).fillna("absent").to_numpy()
    areas = laid.filled(outlines, keys)
    border = "".join(laid.paths(outline))
    outlined = {
        colour: "".join(laid.paths(outlines[outlines["code"].isin(codes)]))
        for colour, codes in ((CHOSEN, perimeter), (INK, [selected]))
    }
    chosen = "".join(
        f'<g stroke="#ffffff" stroke-width="12">{shape}</g>'
        f'<g stroke="{colour}" stroke-width="6">{shape}</g>'
        for colour, shape in outlined.items()
    )
    map_bottom = laid.top + laid.height
    names = _town_names(towns["name"], laid.spots(towns), bottom=map_bottom)

    legend, legend_bottom = _legend(breaks, set(keys), unit, laid.top + TEXT, state_labels)
    bar, y = _scale_bar(laid.per_m, legend_bottom + 30)
    content = (
        f"{scale.pattern_defs(2)}{head}"
        f'<g stroke="{scale.BORDER}" stroke-width="1.2" stroke-linejoin="round" '
        f'fill-rule="evenodd">{areas}</g>'
        f'<g fill="none" stroke-linejoin="round"><g stroke="{INK}" stroke-width="4">{border}</g>'
        f"{chosen}</g>{names}{legend}{bar}"
    )
    return paper.sheet(title, subtitle, content, max(y, map_bottom), source_line, edition)


def locator(area: gpd.GeoDataFrame, outline: gpd.GeoDataFrame, label: str) -> str:
    """Return a small SVG that shows where an area lies in its département, 360 pixels wide.

    `area` holds the outlines that make the area, `outline` the département's; `label` is its
    alternative text.
    """
    laid = ground(outline, LOCATOR_WIDTH, LOCATOR_HEIGHT).at(4, 4)
    width, height = laid.width + 8, laid.height + 8
    whole, own = "".join(laid.paths(outline)), "".join(laid.paths(area))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{html.escape(label)}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width / 2:.0f}" '
        f'height="{height / 2:.0f}"><g stroke-linejoin="round" fill-rule="evenodd">'
        f'<g fill="#f6f6f6" stroke="{INK}" stroke-width="3">{whole}</g>'
        f'<g fill="{scale.CLASS_COLOURS[-1]}" stroke="#ffffff" stroke-width="1">{own}</g>'
        "</g></svg>"
    )


def neighbours(area: gpd.GeoDataFrame, around: gpd.GeoDataFrame, label: str) -> str:
    """Return a small SVG of an area, dark, and of the communes that touch it, named.

    Both hold `label` and `geometry`; `label` is the alternative text. Neighbours are cut at the
    frame, which the area fills by half.
    """
    crs = local_crs(area)
    own, others = area.to_crs(crs), around.to_crs(crs)
    west, south, east, north = own.total_bounds
    margin = 0.6 * max(east - west, north - south)
    frame = shapely.box(west - margin, south - margin, east + margin, north + margin)
    laid = ground_of(crs, frame.bounds, LOCATOR_WIDTH, LOCATOR_HEIGHT)

    def paths(shapes: gpd.GeoSeries) -> str:
        # A cut may leave points and lines where a neighbour only touches the frame.
        parts = shapely.get_parts(shapes.intersection(frame).to_numpy())
        return "".join(laid.path(part) for part in parts if part.geom_type == "Polygon")

    seen = others.geometry.intersection(frame)
    spots = laid.place(shapely.get_coordinates(shapely.point_on_surface(seen[~seen.is_empty])))
    width, height = laid.width, laid.height
    names = _names_inside(others.loc[~seen.is_empty, "label"], spots, width, height)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{html.escape(label)}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width / 2:.0f}" '
        f'height="{height / 2:.0f}" font-family="{fonts.CSS_FAMILIES}">'
        '<g stroke-linejoin="round" fill-rule="evenodd">'
        f'<g fill="#f1f1f1" stroke="{GREY}" stroke-width="2">{paths(others.geometry)}</g>'
        f'<g fill="{scale.CLASS_COLOURS[-1]}" stroke="#ffffff" stroke-width="2">'
        f"{paths(own.geometry)}</g></g>{names}</svg>"
    )


def _names_inside(names: pd.Series, spots: np.ndarray, width: float, height: float) -> str:
    """Return every name at its spot, moved up or down where it would cover an earlier one."""
    taken: list[tuple[float, float, float, float]] = []
    drawn = ""
    for name, (x, y) in zip(names, spots, strict=True):
        lines = fonts.wrap(name, SMALL, width / 3, bold=True)
        lengths = [fonts.text_width(line, SMALL, bold=True) * 1.06 for line in lines]
        wide = max(lengths)
        tall = len(lines) * SMALL * 1.1
        left = min(max(x - wide / 2, 4), width - wide - 4)
        tops = sorted(np.arange(4, height - tall - 4, 6), key=lambda t: abs(t - y + tall / 2))
        boxes = [(left, float(top), left + wide, float(top) + tall) for top in tops]
        free = (box for box in boxes if not any(overlap(box, other) for other in taken))
        box = next(free, boxes[0])
        taken.append(box)
        for i, (line, length) in enumerate(zip(lines, lengths, strict=True)):
            # A picture is drawn with the fonts of its reader, often wider: the length holds it in.
            drawn += (
                f'<text x="{left + wide / 2:.0f}" y="{box[1] + (i + 0.85) * SMALL * 1.1:.0f}" '
                f'textLength="{length:.0f}" lengthAdjust="spacingAndGlyphs" '
                'stroke="#ffffff" stroke-width="6" paint-order="stroke" '
                f'stroke-linejoin="round">{escape(line)}</text>'
            )
    return f'<g fill="{INK}" font-size="{SMALL}" font-weight="700" text-anchor="middle">{drawn}</g>'


def _legend(
    breaks: Sequence[float],
    present: set[str],
    unit: str,
    y: float,
    state_labels: dict[str, str] | None,
) -> tuple[str, float]:
    """Return the legend's column and its bottom: the unit, then one swatch and words per line."""
    drawn, y = paragraph(unit, LEGEND_X, y, TEXT, LEGEND_WIDTH, bold=True)
    for _, fill, label in scale.legend_entries(breaks, present, state_labels):
        words, following = paragraph(label, LEGEND_X + 84, y + 10, TEXT, LEGEND_WIDTH - 84)
        drawn += (
            f'<rect x="{LEGEND_X}" y="{y - 18:.0f}" width="64" height="36" fill="{fill}" '
            f'stroke="{scale.BORDER}" stroke-width="2"/>{words}'
        )
        y = following + 6
    return drawn, y


def _scale_bar(pixels_per_m: float, y: float) -> tuple[str, float]:
    """Return a bar of a round number of kilometres under the legend, and its bottom."""
    longest_km = 300 / pixels_per_m / 1000
    power = 10 ** np.floor(np.log10(longest_km))
    km = max(step * power for step in (1, 2, 5) if step * power <= longest_km)
    length = km * 1000 * pixels_per_m
    words, bottom = paragraph(
        f"{scale.french(km)}\u00a0km", LEGEND_X, y + 14 + TEXT, SMALL, LEGEND_WIDTH
    )
    bar = f"M{LEGEND_X},{y:.0f}v10h{length:.0f}v-10"
    return f'<path d="{bar}" fill="none" stroke="{GREY}" stroke-width="3"/>{words}', bottom


def _town_names(names: pd.Series, spots: np.ndarray, bottom: float) -> str:
    """Return dots and names: the first ones win, a town that would cover an earlier one is out."""
    inside = (MARGIN / 2, -math.inf, LEGEND_X, bottom + TEXT)
    drawn = "".join(
        f'<circle cx="{at.x:.0f}" cy="{at.y:.0f}" r="6" stroke="#ffffff" stroke-width="3"/>'
        f'<text x="{at.start:.0f}" y="{at.base:.0f}" stroke="#ffffff" stroke-width="7" '
        f'paint-order="stroke" stroke-linejoin="round">{escape(at.words)}</text>'
        for at in names_beside(list(names), spots, TEXT, 8, inside)
    )
    return f'<g fill="{INK}" font-size="{TEXT}" font-weight="700">{drawn}</g>'
