"""The map as native shapes, one per commune: it stays crisp, and each can be coloured again.

Classes, states and their words are those of every other map (`figures.scale`); the states differ by
their pattern, so that they are told apart in grey.
"""

from collections.abc import Sequence
from html import escape
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pptx.enum.text import PP_ALIGN
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.util import Inches

from diagnostics.exports.pptx import text
from diagnostics.exports.pptx.template import BLUE, INK, Box, rgb
from diagnostics.figures import scale
from diagnostics.figures.area_rates import AreaRates, area_rates, outlines_of
from diagnostics.figures.ground import Ground, ground
from diagnostics.report.cells import located
from diagnostics.report.model import Report
from diagnostics.report.tables import Tables
from diagnostics.wording import NARROW

_PATTERNS = {
    "non-diffuse": ("wdUpDiag", "8A8A8A", "FFFFFF"),
    "couverture-faible": ("pct20", "707070", "FFFFFF"),
    "absent": ("diagCross", "8A8A8A", "FFFFFF"),
}
"""PowerPoint's patterns nearest to those of `scale`: name, ink, ground."""
_STEP = Inches(0.008)
"""Lines are simplified to what a projector shows."""
_SMALL = Inches(0.3)
"""An area that is smaller on the map is ringed."""
_BORDER = scale.BORDER.removeprefix("#")
_SWATCH, _LINE = Inches(0.34), Inches(0.3)
_NAMES = 8
"""Communes named at most."""


def has_outlines(tables: Tables | None, report: Report) -> bool:
    """Say whether the store holds the outlines of the area's communes."""
    return tables is not None and not outlines_of(report, tables).empty


def locate(shapes: Any, tables: Tables, report: Report, box: Box) -> None:
    """Draw where the area lies in its département."""
    whole = tables.outlines[tables.outlines["niveau"] == "departement"]
    own = outlines_of(report, tables)
    laid = _laid(whole if len(whole) else own, box)
    layers = [
        (report.area.label, own, f'<a:solidFill><a:srgbClr val="{BLUE}"/></a:solidFill>', "FFFFFF")
    ]
    if len(whole):
        grey = '<a:solidFill><a:srgbClr val="F3F3F3"/></a:solidFill>'
        layers.insert(0, ("Département", whole, grey, INK))
    drawn = [
        _freeform(name, shape, fill, line)
        for name, frame, fill, line in layers
        for shape in _simple(laid, frame)
    ]
    west, north, east, south = shapely.total_bounds(_simple(laid, own))
    if max(east - west, south - north) < _SMALL:
        ring = shapely.Point((west + east) / 2, (north + south) / 2).buffer(_SMALL)
        drawn.append(_freeform("Repère", ring, "<a:noFill/>", BLUE))
    _group(shapes, drawn, f"Carte{NARROW}: {located(report.area)}", box)


def indicator(shapes: Any, tables: Tables, report: Report, box: Box, key: Box) -> None:
    """Draw the communes of the area by the rate that is published of them, and the legend."""
    rates = area_rates(report, tables)
    assert rates is not None  # `has_outlines`
    line, frame = rates.line, rates.outlines
    laid = _laid(frame, box)
    outlines, labels = _simple(laid, frame), frame["code"].map(_labels(tables))
    drawn = [
        _freeform(label, shape, _fill(key_), _BORDER if rates.alone else INK)
        for label, shape, key_ in zip(labels, outlines, rates.keys, strict=True)
    ]
    if rates.alone:  # among its neighbours, a commune is outlined as on every map
        for colour, width in (("FFFFFF", 63_500), (INK, 31_750)):
            drawn += [
                _freeform("Contour", shape, "<a:noFill/>", colour, width)
                for shape in outlines[rates.own]
            ]
    states = pd.Series(rates.keys).map(_words(rates.breaks)).value_counts(sort=False).index
    description = (
        f"Carte{NARROW}: {line.title} dans les communes, {line.figure.year}, {line.unit_of_rate}. "
        f"Sur la carte{NARROW}: {', '.join(states)}."
    )
    _group(shapes, drawn, description, box)
    _label(shapes, tables, frame, laid, box)
    _legend(shapes, rates, key)


def _laid(frame: gpd.GeoDataFrame, box: Box) -> Ground:
    """Return the ground of a frame in the middle of a box."""
    laid = ground(frame, box.width, box.height)
    return laid.at(
        box.left + (box.width - laid.width) / 2, box.top + (box.height - laid.height) / 2
    )


def _simple(laid: Ground, frame: gpd.GeoDataFrame) -> np.ndarray:
    """Return outlines in EMU, simplified together so that neighbours still touch."""
    simple = shapely.coverage_simplify(laid.metres(frame), _STEP / laid.per_m)
    placed: np.ndarray = shapely.transform(simple, laid.place)
    return placed


def _freeform(
    name: str, outline: shapely.Geometry, fill: str, line: str, line_width: int = 9_525
) -> str:
    """Return one freeform as XML."""
    west, north, east, south = map(round, outline.bounds)
    path = "".join(
        _ring(np.rint(shapely.get_coordinates(ring)).astype(int) - [west, north])
        for part in shapely.get_parts(outline)
        for ring in (part.exterior, *part.interiors)
    )
    width, height = max(east - west, 1), max(south - north, 1)
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="%d" name="{escape(text.clean(name))}"/><p:cNvSpPr/>'
        f'<p:nvPr/></p:nvSpPr><p:spPr><a:xfrm><a:off x="{west}" y="{north}"/>'
        f'<a:ext cx="{width}" cy="{height}"/></a:xfrm><a:custGeom><a:avLst/><a:gdLst/>'
        '<a:ahLst/><a:cxnLst/><a:rect l="0" t="0" r="r" b="b"/><a:pathLst>'
        f'<a:path w="{width}" h="{height}">{path}</a:path></a:pathLst></a:custGeom>{fill}'
        f'<a:ln w="{line_width}"><a:solidFill><a:srgbClr val="{line}"/>'
        "</a:solidFill><a:round/></a:ln></p:spPr></p:sp>"
    )


def _ring(points: np.ndarray) -> str:
    first, *others = points[:-1].tolist()
    steps = "".join(f'<a:lnTo><a:pt x="{x}" y="{y}"/></a:lnTo>' for x, y in others)
    return f'<a:moveTo><a:pt x="{first[0]}" y="{first[1]}"/></a:moveTo>{steps}<a:close/>'


def _group(shapes: Any, drawn: Sequence[str], description: str, box: Box) -> None:
    """Add shapes as one group, which a screen reader reads as one picture."""
    first = max(int(id_) for id_ in shapes._spTree.xpath("//p:cNvPr/@id")) + 1
    numbered = "".join(
        shape.replace('id="%d"', f'id="{first + 1 + at}"', 1) for at, shape in enumerate(drawn)
    )
    frame = f'x="{box.left}" y="{box.top}"/>', f'cx="{box.width}" cy="{box.height}"/>'
    shapes._spTree.append(
        parse_xml(
            f"<p:grpSp {nsdecls('p', 'a')}>"
            f'<p:nvGrpSpPr><p:cNvPr id="{first}" name="Carte" '
            f'descr="{escape(text.clean(description))}"/>'
            f"<p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr><a:xfrm><a:off {frame[0]}"
            f"<a:ext {frame[1]}<a:chOff {frame[0]}<a:chExt {frame[1]}</a:xfrm></p:grpSpPr>"
            f"{numbered}</p:grpSp>"
        )
    )


def _fill(key: str) -> str:
    """Return the fill of a drawing: a class, white, or a pattern."""
    if key in _PATTERNS:
        name, ink, paper = _PATTERNS[key]
        return (
            f'<a:pattFill prst="{name}"><a:fgClr><a:srgbClr val="{ink}"/></a:fgClr>'
            f'<a:bgClr><a:srgbClr val="{paper}"/></a:bgClr></a:pattFill>'
        )
    colour = scale.fills()[key].removeprefix("#")
    return f'<a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>'


def _words(breaks: Sequence[float]) -> dict[str, str]:
    """Return what each drawing means, without the limits of classes."""
    classes = (f"classe-{at + 1}" for at in scale.COLOURS_USED[len(breaks) + 1])
    return dict.fromkeys(classes, "communes publiées") | scale.STATE_LABELS


def _legend(shapes: Any, rates: AreaRates, box: Box) -> None:
    """Draw what the colours mean: the unit, then one swatch and its words a line."""
    unit = rates.line.unit_of_rate
    title_lines = text.line_count(unit, text.SMALLEST, box.width, bold=True)
    tall = title_lines * _LINE
    title = box._replace(height=tall)
    text.textbox(shapes, title, [unit], text.SMALLEST, name="Légende, unité", bold=True)
    swatches = []
    for at, entry in enumerate(rates.legend()):
        top = box.top + tall + at * _LINE
        square = shapely.box(box.left, top, box.left + _SWATCH, top + _LINE * 0.72)
        swatches.append(_plain(square, _fill(entry.key)))
        words = Box(box.left + _SWATCH + Inches(0.1), top, box.width - _SWATCH, _LINE)
        text.textbox(shapes, words, [entry.label], text.SMALLEST, name="Légende")
    _group(shapes, swatches, f"Légende de la carte, {unit}", box)


def _plain(square: shapely.Geometry, fill: str) -> str:
    west, north, east, south = map(round, square.bounds)
    return (
        '<p:sp><p:nvSpPr><p:cNvPr id="%d" name="Légende"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr>'
        f'<a:xfrm><a:off x="{west}" y="{north}"/><a:ext cx="{east - west}" cy="{south - north}"/>'
        f'</a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>{fill}<a:ln w="9525">'
        f'<a:solidFill><a:srgbClr val="{_BORDER}"/></a:solidFill></a:ln></p:spPr></p:sp>'
    )


def _label(shapes: Any, tables: Tables, frame: gpd.GeoDataFrame, laid: Ground, inside: Box) -> None:
    """Name the most populous communes, where no name covers another."""
    people = tables.communes.set_index("code_insee")["population_legal"]
    ordered = frame.assign(people=frame["code"].map(people)).sort_values("people", ascending=False)
    taken: list[shapely.Geometry] = []
    points = ordered.geometry.to_crs(laid.crs).representative_point()
    for label, point in zip(ordered["code"].map(_labels(tables)), points, strict=True):
        if len(taken) == _NAMES:
            return
        x, y = laid.place(np.array([[point.x, point.y]]))[0]
        words = text.clipped(label, text.SMALLEST, Inches(3), bold=True)
        width = text.text_width(words, text.SMALLEST, bold=True) + Inches(0.06)
        tall = Inches(0.22)
        left = min(max(round(x - width / 2), inside.left), inside.right - width)
        place = Box(left, round(y - tall / 2), width, tall)
        covered = shapely.box(place.left, place.top, place.right, place.bottom)
        if any(covered.intersects(other) for other in taken):
            continue
        taken.append(covered)
        shape = text.textbox(shapes, place, [words], text.SMALLEST, name="Nom", bold=True)
        shape.text_frame.word_wrap = False
        shape.text_frame.paragraphs[0].alignment = PP_ALIGN.CENTER
        shape.fill.solid()
        shape.fill.fore_color.rgb = rgb("FFFFFF")
        _see_through(shape)


def _see_through(shape: Any) -> None:
    """Let the map show under a name."""
    colour = shape._element.spPr.find(".//{*}srgbClr")
    colour.append(parse_xml(f'<a:alpha {nsdecls("a")} val="80000"/>'))


def _labels(tables: Tables) -> dict[str, str]:
    return dict(zip(tables.communes["code_insee"], tables.communes["name"], strict=True))
