"""An invented list: two CISPD, one CLSPD, eight communes."""

from datetime import date

import pandas as pd

from diagnostics import territories
from diagnostics.territories import TO_CONFIRM

DEPARTEMENT = "00"
COMMUNES = {
    "00001": "Aubefont",
    "00002": "Beaumorte",
    "00003": "Clairvigne",
    "00004": "Dormeuil",
    "00005": "Estrechy",
    "00006": "Fontbrune",
    "00007": "Grandpuits",
    "00008": "Hautelande",
}
_ROWS = [
    ("cispd-nord", "cispd", "CISPD Nord", "00001", date(2015, 1, 1), None, "attesté", "CC du Nord"),
    ("cispd-nord", "cispd", "CISPD Nord", "00002", date(2015, 1, 1), None, "attesté", "CC du Nord"),
    (
        "cispd-nord",
        "cispd",
        "CISPD Nord",
        "00003",
        date(2015, 1, 1),
        date(2019, 12, 31),
        "attesté",
        "Délibération de 2019",
    ),
    ("cispd-sud", "cispd", "CISPD Sud", "00004", None, None, "attesté", "CC du Sud ; « site »"),
    ("cispd-sud", "cispd", "CISPD Sud", "00005", None, None, "attesté", "CC du Sud ; « site »"),
    (
        "clspd-aubefont-00001",
        "clspd",
        "CLSPD d’Aubefont",
        "00001",
        None,
        None,
        TO_CONFIRM,
        "CSI, art. L132-4",
    ),
]


def seed_table() -> pd.DataFrame:
    """Return the list as `territories.read_memberships` would."""
    table = pd.DataFrame(_ROWS, columns=territories.COLUMNS)
    texts = [c for c in territories.COLUMNS if c not in ("start", "end")]
    table = table.astype(dict.fromkeys(texts, "str"))
    for column in ("start", "end"):
        at = territories.COLUMNS.index(column)
        table[column] = pd.Series([row[at] for row in _ROWS], dtype=object)
    return table
