"""Outlines of communes: simplified together, dissolved into territories, named at a point.

Every frame here is a GeoDataFrame in WGS 84 (EPSG:4326) with one row per area and the columns
`code` and `geometry`; other columns pass through. Distances and areas are computed in metres, in
the projection that `local_crs` chooses.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from diagnostics.errors import Refused

WGS84 = "EPSG:4326"
LAMBERT_93 = CRS.from_epsg(2154)
# A cleaned or simplified outline further than this from its source's area is not trusted.
AREA_DRIFT = 0.05


def local_crs(outlines: gpd.GeoDataFrame) -> CRS:
    """Return a projection in metres: Lambert-93 in metropolitan France, else the UTM zone."""
    west, south, east, north = outlines.total_bounds
    if west > -6 and east < 10 and south > 41 and north < 52:
        return LAMBERT_93
    return CRS(outlines.estimate_utm_crs())


def simplify_coverage(
    outlines: gpd.GeoDataFrame, tolerance_m: float = 60
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Simplify all outlines in one call, so that neighbours keep the very same shared edge.

    The method is the Visvalingam–Whyatt one of `shapely.coverage_simplify` (GEOS), with
    `tolerance_m` in metres. Where the source is not a coverage (overlaps, edges that do not
    match), it is cleaned first; where cleaning would empty an area (an arrondissement inside its
    commune, say), it is left as it is and simplified all the same. No row is ever lost.

    Returns the frame, in WGS 84, and French warnings for the manifest (empty when all is well).
    """
    if outlines.empty:
        return outlines.to_crs(WGS84), []
    crs = local_crs(outlines)
    source = shapely.make_valid(outlines.geometry.to_crs(crs).to_numpy())
    source = np.array([_polygonal(shape) for shape in source], dtype=object)
    without_shape = shapely.is_empty(source)
    if without_shape.any():
        codes = ", ".join(outlines.loc[without_shape, "code"].head(5))
        raise Refused(
            f"Contours sans surface pour {codes} : retirer ces lignes du fichier de contours "
            "ou en prendre un autre."
        )

    warnings = []
    shapes = source
    if not shapely.coverage_is_valid(source):
        count = int((~shapely.is_empty(shapely.coverage_invalid_edges(source))).sum())
        cleaned = shapely.coverage_clean(source, gap_width=tolerance_m)
        if _drift(cleaned, source).max() <= AREA_DRIFT:
            shapes, remedy = cleaned, "ils ont été recollés"
        else:
            remedy = "ils sont gardés tels quels"
        warnings.append(
            f"{count} contours se chevauchent ou ne se touchent pas exactement : {remedy}."
        )

    simplified = shapely.coverage_simplify(shapes, tolerance_m)
    unusable = ~shapely.is_valid(simplified) | (_drift(simplified, source) > AREA_DRIFT)
    if unusable.any():
        simplified = np.where(unusable, source, simplified)
        codes = ", ".join(outlines.loc[unusable, "code"].head(5))
        warnings.append(
            f"{int(unusable.sum())} contours trop petits pour être simplifiés à {tolerance_m:g} m "
            f"sont gardés tels quels ({codes})."
        )
    return outlines.set_geometry(gpd.GeoSeries(simplified, outlines.index, crs)).to_crs(
        WGS84
    ), warnings


def dissolve(outlines: gpd.GeoDataFrame, membership: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return one outline per group: columns `code` (the group's) and `geometry`, in WGS 84.

    `membership` has one row per (`groupe`, `code`), many to many: a commune may sit in several
    groups, and a group may name communes that have no outline here (outside the département).
    A group without any outline has no row.
    """
    members = membership[["groupe", "code"]].drop_duplicates()
    members = members.merge(outlines[["code", "geometry"]], on="code")
    groups = members.groupby("groupe", sort=True)["geometry"]
    codes = list(groups.groups)
    # union_all rather than coverage_union_all: the source may not be a strict coverage.
    shapes = [_polygonal(shapely.union_all(shape.to_numpy())) for _, shape in groups]
    frame = gpd.GeoDataFrame({"code": codes}, geometry=shapes, crs=outlines.crs)
    return frame.to_crs(WGS84)


def department_outline(outlines: gpd.GeoDataFrame, code: str) -> gpd.GeoDataFrame:
    """Return the outline of all areas together, as one row named `code`."""
    return dissolve(outlines, pd.DataFrame({"groupe": code, "code": outlines["code"]}))


def label_points(outlines: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return `code`, `lon`, `lat`: a point well inside the largest part of each area.

    It is the centre of the largest inscribed circle, found to 50 m.
    """
    if outlines.empty:
        return pd.DataFrame({"code": [], "lon": [], "lat": []})
    crs = local_crs(outlines)
    largest = [
        max(shapely.get_parts(shape), key=shapely.area)
        for shape in outlines.geometry.to_crs(crs).to_numpy()
    ]
    radii = shapely.maximum_inscribed_circle(largest, tolerance=50)
    centres = gpd.GeoSeries(shapely.get_point(radii, 0), outlines.index, crs).to_crs(WGS84)
    return pd.DataFrame({"code": outlines["code"], "lon": centres.x, "lat": centres.y})


def _drift(shapes: np.ndarray, source: np.ndarray) -> np.ndarray:
    """Return the share of each source area gained or lost."""
    drift: np.ndarray = np.abs(shapely.area(shapes) / shapely.area(source) - 1)
    return drift


def _polygonal(shape: shapely.Geometry) -> shapely.Geometry:
    """Keep the surfaces of a shape: mending one may leave stray points and lines beside them."""
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    surfaces = [part for part in shapely.get_parts(shape) if part.geom_type.endswith("Polygon")]
    return shapely.union_all(surfaces) if surfaces else shapely.MultiPolygon()


def area_outlines(
    outlines: gpd.GeoDataFrame, communes: pd.DataFrame, groups: pd.DataFrame
) -> gpd.GeoDataFrame:
    """Return outlines at every level: niveau, code, libelle, geometry.

    `outlines` has code and geometry of communes, `groups` is `territories.groups`.
    """
    names = communes.set_index("code_insee")
    communal = outlines.assign(
        niveau=outlines["code"].map(names["kind"]), libelle=outlines["code"].map(names["name"])
    )
    parts = [communal]
    for level, part in groups.groupby("niveau"):
        membership = part.rename(columns={"code": "groupe", "code_insee": "code"})
        labels = part.drop_duplicates("code").set_index("code")["libelle"]
        dissolved = dissolve(outlines, membership) if len(outlines) else outlines
        parts.append(dissolved.assign(niveau=level, libelle=dissolved["code"].map(labels)))
    table = pd.concat(parts, ignore_index=True)[["niveau", "code", "libelle", "geometry"]]
    return gpd.GeoDataFrame(table, geometry="geometry", crs=WGS84)
