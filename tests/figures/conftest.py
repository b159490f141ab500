"""A small invented département and its rows."""

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

HOSTILE = (
    "<script>alert(\"x\")</script>' & {{ 'map_div' }} l’Interminable-Commune-lès-Sources-en-Forêt"
)


@pytest.fixture
def outlines() -> gpd.GeoDataFrame:
    """Six square communes in two rows, named; the last has a hostile name."""
    cells = [
        box(2 + i * 0.1, 48 + j * 0.1, 2.1 + i * 0.1, 48.1 + j * 0.1)
        for j in (0, 1)
        for i in (0, 1, 2)
    ]
    labels = ["Alba", "Bois-Éon", "Cime", "Dune", "Écluse", HOSTILE]
    codes = [f"9900{i}" for i in range(6)]
    return gpd.GeoDataFrame({"code": codes, "label": labels}, geometry=cells, crs="EPSG:4326")


@pytest.fixture
def rows(outlines) -> pd.DataFrame:
    """One area of each kind: two classes, zero, hidden, thin coverage, absent."""
    return pd.DataFrame(
        {
            "code": outlines["code"],
            "label": outlines["label"],
            "status": ["publie", "publie", "zero", "non_diffuse", "partiel", "absent"],
            "value": [1.0, 9.0, 0.0, None, 3.0, None],
            "shown": [True, True, True, False, False, False],
            "tooltip": ["1,0\n<b>publié</b>", "9,0", "zéro", "non publié", "partiel", "absent"],
        }
    )


@pytest.fixture
def towns() -> pd.DataFrame:
    """Two towns apart, and one whose name would cover the first."""
    return pd.DataFrame(
        {
            "name": ["Alba", HOSTILE[:30], "Albette"],
            "lon": [2.05, 2.15, 2.051],
            "lat": [48.05, 48.15, 48.05],
        }
    )
