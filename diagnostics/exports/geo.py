"""Rows of the long table with their outlines, as GeoJSON (RFC 7946, WGS 84)."""

import geopandas as gpd
import pandas as pd

from diagnostics.errors import Refused

MAXIMUM_FEATURES = 6_000


def geojson(table: pd.DataFrame, outlines: gpd.GeoDataFrame) -> bytes:
    """Return one feature per row, with the columns of the long table as properties.

    `outlines` has niveau, code and geometry. A row without outline keeps its properties and has
    no geometry. What is not published is null.

    Raises:
        Refused: more rows than a map program opens with ease.
    """
    if len(table) > MAXIMUM_FEATURES:
        raise Refused(
            f"Un fichier GeoJSON tient {MAXIMUM_FEATURES} lignes au plus, et {len(table)} sont "
            "demandées : choisir un niveau, un indicateur ou moins d’années."
        )
    shapes = outlines[["niveau", "code", "geometry"]]
    merged = table.merge(shapes, on=["niveau", "code"], how="left")
    frame = gpd.GeoDataFrame(merged, geometry="geometry", crs="EPSG:4326")
    return str(frame.to_json(drop_id=True, to_wgs84=True)).encode()
