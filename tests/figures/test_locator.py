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
