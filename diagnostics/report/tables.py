"""The tables that a report reads, loaded once for a département and passed around."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from diagnostics.diagnose import confirms
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
    reconciliation: pd.DataFrame
    context: pd.DataFrame
    group_context: pd.DataFrame
    outlines: gpd.GeoDataFrame
    confirming_totals: pd.DataFrame | None
    """indicator, year, count: official totals of the communal file's own production date."""
    density: pd.DataFrame
    """Rows in the long table's form, niveau `densite` (see `comparisons.density_classes`)."""
    similar: pd.DataFrame
    comparisons: pd.DataFrame
    parts: tuple["Tables", ...] = ()
    """The départements read together, this one first; () where it is alone (see `border`)."""


def load(store: Store, departement: str) -> Tables:
    """Return the tables of a département; to be kept as long as the store's digest.

    Raises:
        Refused: the store does not hold the département.
    """
    names = (
        "long",
        "facts",
        "communes",
        "groups",
        "memberships",
        "qpv",
        "reconciliation",
        "context",
    )
    compared = ("group_context", "density", "similar", "comparisons")
    about = store.about(departement)
    held: dict[str, Any] = {name: store.table(departement, name) for name in (*names, *compared)}
    return Tables(
        departement=departement,
        about=about,
        simulated=store.simulated,
        outlines=store.outlines(departement),
        confirming_totals=store.table(departement, "official") if confirms(about) else None,
        **held,
    )
