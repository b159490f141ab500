"""GeoJSON: the rows of the table with their outlines, nothing more."""

import json

import pandas as pd
import pytest

from diagnostics.errors import Refused
from diagnostics.exports import geo, steps
from diagnostics.store import Store
from diagnostics.wording import number


def _rows(store: Store) -> pd.DataFrame:
    long = store.table("00", "long")
    return long[
        (long["niveau"] == "commune")
        & (long["indicateur"] == "cambriolages")
        & (long["annee"] == 2024)
    ]


def test_each_row_is_a_feature_with_its_columns(store: Store) -> None:
    rows = _rows(store)
    features = json.loads(geo.geojson(rows, store.outlines("00")))["features"]
    assert len(features) == len(rows)
    assert list(features[0]["properties"]) == list(rows.columns)
    assert {f["geometry"]["type"] for f in features} <= {"Polygon", "MultiPolygon"}


def test_what_is_hidden_is_null(store: Store) -> None:
    features = json.loads(geo.geojson(_rows(store), store.outlines("00")))["features"]
    hidden = [f["properties"] for f in features if f["properties"]["statut"] == "non_diffuse"]
    assert hidden
    assert all(p["faits_publies"] is None and p["taux_pour_mille"] is None for p in hidden)


def test_an_area_without_outline_keeps_its_figures(store: Store) -> None:
    rows, outlines = _rows(store), store.outlines("00")
    code = rows["code"].iloc[0]
    features = json.loads(geo.geojson(rows, outlines[outlines["code"] != code]))["features"]
    without = [f for f in features if f["properties"]["code"] == code]
    assert len(without) == 1
    assert without[0]["geometry"] is None


def test_its_progress_tells_the_rows_written(store: Store) -> None:
    long = store.table("00", "long")
    rows, told = long[long["annee"] == 2024].head(geo.MAXIMUM_FEATURES), []
    content = geo.geojson(rows, store.outlines("00"), lambda *sign: told.append(sign))
    assert len(rows) > steps.ROWS
    assert told[0] == (f"2\u202f000 lignes écrites sur {number(len(rows))}", 2000 / len(rows))
    assert told[-1][1] == 1.0
    assert len(json.loads(content)["features"]) == len(rows)


def test_a_file_too_large_for_a_map_program_is_refused(store: Store) -> None:
    rows = pd.concat([_rows(store)] * (geo.MAXIMUM_FEATURES // 120 + 1))
    with pytest.raises(Refused, match="moins d’années"):
        geo.geojson(rows, store.outlines("00"))
