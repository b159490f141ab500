"""Outlines: simplified without losing an area, dissolved many to many, named inside."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import affinity, box

from diagnostics import geometry
from diagnostics.errors import Refused

MELUN = (2.65, 48.54)
SAINT_DENIS_REUNION = (55.45, -20.88)


def wavy_grid(columns: int = 4, rows: int = 3, step: float = 0.02, at=MELUN) -> gpd.GeoDataFrame:
    """Cells that share edges with many vertices off the straight line: an exact coverage."""

    def edge(a, b):
        along = np.linspace(0, 1, 41)[:, None]
        side = np.array([a[1] - b[1], b[0] - a[0]]) * 0.03
        points = a + along * (np.array(b) - a) + np.sin(along * 37) * along * (1 - along) * side
        return [tuple(point) for point in points]

    def corner(i, j):
        return np.array([at[0] + i * step, at[1] + j * step])

    cells = {}
    for i in range(columns):
        for j in range(rows):
            # Each shared edge is always computed from its lower end, so both sides are identical.
            south, east = (
                edge(corner(i, j), corner(i + 1, j)),
                edge(corner(i + 1, j), corner(i + 1, j + 1)),
            )
            north, west = (
                edge(corner(i, j + 1), corner(i + 1, j + 1)),
                edge(corner(i, j), corner(i, j + 1)),
            )
            cells[f"99{i}{j}"] = shapely.Polygon([*south, *east, *north[::-1], *west[::-1]])
    return gpd.GeoDataFrame({"code": list(cells)}, geometry=list(cells.values()), crs="EPSG:4326")


def areas_m2(frame: gpd.GeoDataFrame) -> np.ndarray:
    return frame.to_crs(geometry.local_crs(frame)).area.to_numpy()


def test_neighbours_keep_the_very_same_edge():
    grid = wavy_grid()
    simple, warnings = geometry.simplify_coverage(grid, tolerance_m=60)
    assert warnings == []
    before = shapely.get_num_coordinates(grid.geometry.to_numpy()).sum()
    after = shapely.get_num_coordinates(simple.geometry.to_numpy()).sum()
    assert after < before / 2
    assert shapely.coverage_is_valid(simple.geometry.to_numpy())
    assert list(simple["code"]) == list(grid["code"])
    assert areas_m2(simple).sum() == pytest.approx(areas_m2(grid).sum(), rel=0.01)


def test_other_columns_and_order_pass_through():
    grid = wavy_grid().assign(nom=[f"Commune {i}" for i in range(12)]).iloc[::-1]
    simple, _ = geometry.simplify_coverage(grid)
    pd.testing.assert_frame_equal(
        pd.DataFrame(simple.drop(columns="geometry")), pd.DataFrame(grid.drop(columns="geometry"))
    )
    assert simple.crs == "EPSG:4326"


def test_small_overlaps_are_mended_and_told():
    grid = wavy_grid()
    moved = affinity.translate(grid.geometry.iloc[5], 0.0002, 0)  # about 15 m
    grid.loc[grid.index[5], "geometry"] = moved
    assert not shapely.coverage_is_valid(grid.geometry.to_numpy())
    simple, warnings = geometry.simplify_coverage(grid)
    assert len(simple) == len(grid)
    assert not simple.geometry.is_empty.any()
    assert len(warnings) == 1
    assert "recollés" in warnings[0]
    assert areas_m2(simple) == pytest.approx(areas_m2(grid), rel=0.05)


def test_an_area_inside_another_is_not_lost():
    """Arrondissements stand inside their commune: cleaning would empty one of the two."""
    whole = box(2.3, 48.8, 2.4, 48.9)
    parts = [box(2.3, 48.8, 2.35, 48.9), box(2.35, 48.8, 2.4, 48.9)]
    frame = gpd.GeoDataFrame(
        {"code": ["99056", "99101", "99102"]}, geometry=[whole, *parts], crs="EPSG:4326"
    )
    simple, warnings = geometry.simplify_coverage(frame)
    assert areas_m2(simple) == pytest.approx(areas_m2(frame), rel=0.01)
    assert "tels quels" in warnings[0]


def test_an_island_smaller_than_the_tolerance_stays():
    grid = wavy_grid()
    island = shapely.Point(2.5, 48.5).buffer(0.0002)
    grid = pd.concat(
        [grid, gpd.GeoDataFrame({"code": ["99999"]}, geometry=[island], crs=grid.crs)],
        ignore_index=True,
    )
    simple, warnings = geometry.simplify_coverage(grid, tolerance_m=200)
    kept = areas_m2(simple)[-1] / areas_m2(grid)[-1]
    assert kept == pytest.approx(1, abs=geometry.AREA_DRIFT)
    assert any("99999" in warning for warning in warnings)


def test_a_bow_tie_is_mended_into_a_surface():
    bow = shapely.Polygon([(2, 48), (2.1, 48.1), (2.1, 48), (2, 48.1)])
    frame = gpd.GeoDataFrame({"code": ["99001"]}, geometry=[bow], crs="EPSG:4326")
    simple, _ = geometry.simplify_coverage(frame)
    assert simple.geometry.is_valid.all()
    assert areas_m2(simple)[0] > 0


def test_an_outline_without_surface_is_refused_by_its_code():
    line = shapely.Polygon([(2, 48), (2.1, 48.1), (2, 48)])
    frame = gpd.GeoDataFrame({"code": ["99042"]}, geometry=[line], crs="EPSG:4326")
    with pytest.raises(Refused, match="99042"):
        geometry.simplify_coverage(frame)


def test_nothing_gives_nothing():
    empty = wavy_grid().head(0)
    assert len(geometry.simplify_coverage(empty)[0]) == 0
    assert len(geometry.dissolve(empty, pd.DataFrame({"groupe": ["a"], "code": ["99001"]}))) == 0
    assert len(geometry.label_points(empty)) == 0


@pytest.mark.parametrize(
    ("at", "epsg"), [(MELUN, 2154), (SAINT_DENIS_REUNION, 32740), ((-61.5, 16.2), 32620)]
)
def test_the_projection_follows_the_place(at, epsg):
    assert geometry.local_crs(wavy_grid(at=at)).to_epsg() == epsg


def test_metres_are_metres_overseas():
    grid = wavy_grid(at=SAINT_DENIS_REUNION)
    simple, _ = geometry.simplify_coverage(grid, tolerance_m=60)
    assert areas_m2(simple) == pytest.approx(areas_m2(grid), rel=0.02)


def test_groups_may_overlap_and_name_communes_from_elsewhere():
    grid = wavy_grid(columns=3, rows=1)
    membership = pd.DataFrame(
        {
            "groupe": ["clspd", "cispd", "cispd", "cispd", "ailleurs"],
            "code": ["9900", "9900", "9910", "88001", "88002"],
        }
    )
    groups = geometry.dissolve(grid, membership)
    assert list(groups["code"]) == ["cispd", "clspd"]
    sizes = dict(zip(groups["code"], areas_m2(groups), strict=True))
    cells = areas_m2(grid)
    assert sizes["clspd"] == pytest.approx(cells[0], rel=1e-6)
    assert sizes["cispd"] == pytest.approx(cells[0] + cells[1], rel=1e-6)


def test_the_outline_of_all_has_no_inner_line():
    grid = wavy_grid()
    outline = geometry.department_outline(grid, "99")
    assert list(outline["code"]) == ["99"]
    shape = outline.geometry.iloc[0]
    assert shape.geom_type == "Polygon"
    assert len(shape.interiors) == 0
    assert areas_m2(outline)[0] == pytest.approx(areas_m2(grid).sum(), rel=1e-6)


def test_a_label_stands_inside_the_largest_part():
    horseshoe = box(2, 48, 2.3, 48.3).difference(box(2.1, 48.1, 2.3, 48.2))
    two = shapely.MultiPolygon([box(3, 48, 3.01, 48.01), box(3.1, 48, 3.3, 48.2)])
    frame = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=[horseshoe, two], crs="EPSG:4326")
    points = geometry.label_points(frame).set_index("code")
    assert horseshoe.contains(shapely.Point(points.loc["a", ["lon", "lat"]]))
    assert two.geoms[1].contains(shapely.Point(points.loc["b", ["lon", "lat"]]))


@pytest.mark.parametrize(
    "name", ["77-2026", "77-2026-simplifie", "76-2026-simplifie", "33-2026-simplifie"]
)
def test_real_outlines_keep_every_commune(mirror, name):
    source = gpd.read_file(mirror / "contours" / f"communes-{name}.geojson")
    simple, _ = geometry.simplify_coverage(source)
    assert list(simple["code"]) == list(source["code"])
    assert shapely.coverage_is_valid(simple.geometry.to_numpy())
    assert areas_m2(simple) == pytest.approx(areas_m2(source), rel=0.02)
    outline = geometry.department_outline(simple, "dep").geometry.iloc[0]
    assert sum(len(part.interiors) for part in shapely.get_parts(outline)) == 0
