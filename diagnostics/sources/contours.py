"""Commune outlines, as GeoJSON (WGS 84).

Source: IGN Admin Express through geo.api.gouv.fr, or Etalab's national file
(https://etalab-datasets.geo.data.gouv.fr/contours-administratifs/).
"""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio.errors

from diagnostics.errors import Refused
from diagnostics.sources.cog import departement_of

COLUMNS = ["code_insee", "name", "geometry"]


def read_contours(paths: list[Path], departement: str) -> gpd.GeoDataFrame:
    """Return the outlines of a département: code_insee, name, geometry (EPSG:4326).

    The first path that holds a commune wins. No path: an empty frame.

    Raises:
        Refused: a file that is not a GeoJSON of communes.
    """
    frames = [_read(path, departement) for path in paths]
    empty = gpd.GeoDataFrame({c: [] for c in COLUMNS}, geometry="geometry", crs="EPSG:4326")
    if not frames:
        return empty
    outlines = pd.concat(frames, ignore_index=True).drop_duplicates("code_insee")
    return gpd.GeoDataFrame(outlines, geometry="geometry", crs="EPSG:4326")


def _read(path: Path, departement: str) -> gpd.GeoDataFrame:
    try:
        frame = gpd.read_file(path)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
        raise Refused(
            f"Le fichier de contours {path.name} est illisible ({str(error)[:120]}) : "
            "le télécharger de nouveau."
        ) from error
    if "code" not in frame or "geometry" not in frame:
        raise Refused(
            f"Le fichier de contours {path.name} n’a pas la propriété « code » ou n’a pas de "
            "géométrie : prendre le fichier publié."
        )
    frame = frame[frame["code"].notna()]
    frame = frame.assign(code=frame["code"].astype("str").str.zfill(5))
    frame = frame[frame["code"].map(departement_of) == departement]
    frame = frame[~frame.geometry.is_empty]
    frame = frame[frame.geometry.notna()]
    flat = frame[~frame.geom_type.isin(["Polygon", "MultiPolygon"])]
    if not flat.empty:
        raise Refused(
            f"Le fichier de contours {path.name} ne donne pas de contour à la commune "
            f"{flat['code'].iloc[0]} mais un autre tracé ({flat.geom_type.iloc[0]}) : prendre le "
            "fichier publié."
        )
    names = frame["nom"] if "nom" in frame else frame["code"]
    return gpd.GeoDataFrame(
        {"code_insee": frame["code"].to_numpy(), "name": names.to_numpy()},
        geometry=frame.to_crs("EPSG:4326").geometry.to_numpy(),
        crs="EPSG:4326",
    )
