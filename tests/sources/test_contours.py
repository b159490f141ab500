"""Outlines as GeoJSON: those of the département, in degrees, or a refusal."""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest

from diagnostics.errors import Refused
from diagnostics.sources.contours import COLUMNS, read_contours
from tests.publisher_files import FIXTURES

FIXTURE = FIXTURES / "contours" / "communes-00-2026.geojson"
CONTENT: dict[str, Any] = json.loads(FIXTURE.read_text(encoding="utf-8"))


def saved(tmp_path: Path, features: list[dict[str, Any]]) -> Path:
    path = tmp_path / "communes-00-2026.geojson"
    path.write_text(json.dumps({**CONTENT, "features": features}), encoding="utf-8")
    return path


def with_properties(**properties: Any) -> list[dict[str, Any]]:
    first, *others = CONTENT["features"]
    return [{**first, "properties": {**first["properties"], **properties}}, *others]


def with_geometry(geometry: dict[str, Any] | None) -> list[dict[str, Any]]:
    first, *others = CONTENT["features"]
    return [{**first, "geometry": geometry}, *others]


def test_the_outlines_of_a_departement() -> None:
    found = read_contours([FIXTURE], "00")
    assert found.columns.tolist() == COLUMNS
    assert found["code_insee"].tolist() == ["00001", "00002", "00003", "00004"]
    assert found["name"].iloc[2] == "Fort-Désert"
    assert found.crs == "EPSG:4326"
    assert found.total_bounds.tolist() == [2.8, 48.5, 3.0, 48.7]


def test_communes_of_another_departement_are_left_out(tmp_path: Path) -> None:
    found = read_contours([saved(tmp_path, with_properties(code="0A001"))], "00")
    assert found["code_insee"].tolist() == ["00002", "00003", "00004"]


def test_no_file_is_no_outline() -> None:
    found = read_contours([], "00")
    assert found.empty
    assert found.columns.tolist() == COLUMNS


def test_the_first_file_that_holds_a_commune_wins(tmp_path: Path) -> None:
    other = saved(tmp_path, with_properties(nom="Autre nom"))
    assert read_contours([FIXTURE, other], "00")["name"].iloc[0] == "Orvanne-sur-Lune"
    assert read_contours([other, FIXTURE], "00")["name"].iloc[0] == "Autre nom"


def test_numbers_for_codes_are_read_as_codes(tmp_path: Path) -> None:
    features = [
        {**f, "properties": {"code": int(f["properties"]["code"])}} for f in CONTENT["features"]
    ]
    found = read_contours([saved(tmp_path, features)], "00")
    assert found["code_insee"].tolist() == ["00001", "00002", "00003", "00004"]


@pytest.mark.parametrize("geometry", [None, {"type": "Polygon", "coordinates": []}])
def test_a_commune_without_geometry_has_no_outline(
    tmp_path: Path, geometry: dict[str, Any] | None
) -> None:
    found = read_contours([saved(tmp_path, with_geometry(geometry))], "00")
    assert found["code_insee"].tolist() == ["00002", "00003", "00004"]


def test_a_commune_without_code_has_no_outline(tmp_path: Path) -> None:
    found = read_contours([saved(tmp_path, with_properties(code=None))], "00")
    assert found["code_insee"].tolist() == ["00002", "00003", "00004"]


def test_metres_become_degrees(tmp_path: Path) -> None:
    path = tmp_path / "communes-00-2026.geojson"
    gpd.read_file(FIXTURE).to_crs("EPSG:2154").to_file(path, driver="GeoJSON")
    bounds = read_contours([path], "00").total_bounds
    assert bounds == pytest.approx([2.8, 48.5, 3.0, 48.7], abs=1e-6)


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Point", "coordinates": [2.8, 48.5]},
        {"type": "LineString", "coordinates": [[2.8, 48.5], [2.9, 48.6]]},
    ],
)
def test_a_point_is_no_outline(tmp_path: Path, geometry: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="00001"):
        read_contours([saved(tmp_path, with_geometry(geometry))], "00")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>404</html>",
        b"[]",
        b'{"type": "FeatureCollection", "features": []}',
        b'{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"a": 1}}]}',
        FIXTURE.read_bytes()[:500],
        bytes(200),
    ],
)
def test_what_is_not_a_geojson_of_communes_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "communes-00-2026.geojson"
    path.write_bytes(data)
    with pytest.raises(Refused, match=path.name):
        read_contours([path], "00")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="absent"):
        read_contours([tmp_path / "absent.geojson"], "00")
