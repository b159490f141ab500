"""The inset: the area dark inside the outline of its département, its name harmless."""

import xml.etree.ElementTree as ET

import geopandas as gpd

from diagnostics.figures import maps
from diagnostics.geometry import department_outline
from tests.figures.conftest import HOSTILE


def test_the_area_and_the_outline_are_drawn(outlines: gpd.GeoDataFrame) -> None:
    svg = maps.locator(outlines.head(2), department_outline(outlines, "99"), HOSTILE)
    root = ET.fromstring(svg)
    assert root.attrib["aria-label"] == HOSTILE
    whole, area = root[0]
    assert len(whole) == 1
    assert len(area) == 2
    assert area.attrib["fill"] != whole.attrib["fill"]


def test_neighbours_are_all_named_and_drawn_inside_the_frame(outlines: gpd.GeoDataFrame) -> None:
    svg = maps.neighbours(outlines.iloc[[4]], outlines.drop(index=4), HOSTILE)
    root = ET.fromstring(svg)
    assert root.attrib["aria-label"] == HOSTILE
    shapes, names = root
    around, area = shapes
    assert (len(around), len(area)) == (5, 1)
    assert area.attrib["fill"] != around.attrib["fill"]
    # Long names are cut into lines.
    said = "".join(text.text for text in names if text.text).replace(" ", "")
    for label in outlines["label"].drop(index=4):
        assert label.replace(" ", "") in said
    width, height = map(float, root.attrib["viewBox"].split()[2:])
    for text in names:
        # Whatever the font of the reader, a name is as long as said, inside the frame.
        half = float(text.attrib["textLength"]) / 2
        assert half <= float(text.attrib["x"]) <= width - half
        assert 0 < float(text.attrib["y"]) < height


def test_names_of_neighbours_do_not_cover_each_other(outlines: gpd.GeoDataFrame) -> None:
    root = ET.fromstring(maps.neighbours(outlines.iloc[[1]], outlines.iloc[[0, 2, 3, 4]], "x"))
    lines = [(float(t.attrib["x"]), float(t.attrib["y"])) for t in root[1]]
    for i, (x, y) in enumerate(lines):
        for left, top in lines[i + 1 :]:
            assert abs(x - left) > 40 or abs(y - top) >= 20
