"""The tables that a report reads, loaded once for a département and passed around."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from diagnostics import comparisons
from diagnostics.store import Store


@dataclass(frozen=True)
class Tables:
    """What is known of one département, and what is compared there."""

    departement: str
    about: dict[str, Any]
    simulated: bool
    long: pd.DataFrame
    facts: pd.DataFrame
    communes: pd.DataFrame
    groups: pd.DataFrame
    memberships: pd.DataFrame
    qpv: pd.DataFrame
    context: pd.DataFrame
    group_context: pd.DataFrame
    outlines: gpd.GeoDataFrame
    same_edition_totals: pd.DataFrame | None
    """indicator, year, count: official totals of the very edition of the communal file."""
    density: pd.DataFrame
    """Rows in the long table's form, niveau `densite` (see `comparisons.density_classes`)."""
    similar: pd.DataFrame
    comparisons: pd.DataFrame


def load(store: Store, departement: str) -> Tables:
    """Return the tables of a département; to be kept as long as the store's digest.

    Comparisons that the store does not hold are computed: seconds for ten years.

    Raises:
        Refused: the store does not hold the département.
    """
    names = ("long", "facts", "communes", "groups", "memberships", "qpv")
    held = {name: store.table(departement, name) for name in names}
    held["context"] = store.table(departement, "context")
    held["group_context"] = store.table(departement, "group_context")
    about = store.about(departement)
    # As at the build: totals of another edition contradict nothing.
    same = f"produit-le{about['produced']}" in (about["official_base"] or "")
    totals = store.table(departement, "official") if same else None
    compared = {
        name: store.table(departement, name) for name in ("density", "similar", "comparisons")
    }
    if compared["comparisons"].empty:
        compared = comparisons.tables(
            held["long"],
            held["facts"],
            held["communes"],
            held["groups"],
            held["context"],
            held["group_context"],
            totals,
        )
    return Tables(
        departement=departement,
        about=about,
        simulated=store.simulated,
        outlines=store.outlines(departement),
        same_edition_totals=totals,
        **held,
        **compared,
    )
