"""Rows of the long table with their outlines, as GeoJSON (RFC 7946, WGS 84)."""

import json

import geopandas as gpd
import pandas as pd

from diagnostics.errors import Refused
from diagnostics.exports.steps import Progress, by_steps, silent
from diagnostics.wording import number

MAXIMUM_FEATURES = 12_000
"""A year of a département of 700 communes, all indicators and levels: some 35 MB."""


def geojson(table: pd.DataFrame, outlines: gpd.GeoDataFrame, progress: Progress = silent) -> bytes:
    """Return one feature per row, with the columns of the long table as properties.

    `outlines` has niveau, code and geometry. A row without outline keeps its properties and has
    no geometry. What is not published is null.

    Raises:
        Refused: more rows than a map program opens with ease.
    """
    if len(table) > MAXIMUM_FEATURES:
        raise Refused(
            f"Un fichier GeoJSON tient {number(MAXIMUM_FEATURES)} lignes au plus, et "
            f"{number(len(table))} sont demandées\u202f: choisir un niveau, un programme ou moins "
            "d’années."
        )
    shapes = outlines[["niveau", "code", "geometry"]].to_crs("EPSG:4326")
    features: list[str] = []
    for part in by_steps(table, progress):
        merged = part.merge(shapes, on=["niveau", "code"], how="left")
        frame = gpd.GeoDataFrame(merged, geometry="geometry", crs="EPSG:4326")
        features += [json.dumps(each) for each in frame.iterfeatures(na="null", drop_id=True)]
    return f'{{"type": "FeatureCollection", "features": [{", ".join(features)}]}}'.encode()
