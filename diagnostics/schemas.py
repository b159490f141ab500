"""Contracts of the tables that cross from one room to another, checked at each border."""

from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaError, SchemaErrors

from diagnostics import catalogue, long_table
from diagnostics.errors import Refused
from diagnostics.sources.cog import COMMUNE, MERGED, MUNICIPAL_ARRONDISSEMENT, RESTORED

_COMMUNE = pa.Check.str_matches(r"^[0-9A-Z]{2}\d{3}$")
_POSITIVE = pa.Check.ge(0)
_SHARE = pa.Check.in_range(0, 1)
_PUBLISHED = ["faits_publies", "taux_bas", "taux_pour_mille", "taux_haut"]
_TOTAL = ["faits_estimes_bas", "faits_estimes", "faits_estimes_haut"]
_TOTAL_RATE = ["taux_estime_bas", "taux_estime", "taux_estime_haut"]
_VERDICTS = ["hausse", "baisse", "pas_de_tendance", "non_calculable"]


def _indicator() -> pa.Check:
    return pa.Check.isin(list(catalogue.indicators()))


def _hidden_has_no_number(table: pd.DataFrame, status: str, *figures: str) -> "pd.Series[bool]":
    hidden = table[status].isin(["non_diffuse", "absent"])
    return ~(hidden & table[list(figures)].notna().any(axis=1))


def _no_estimate_of_a_commune(table: pd.DataFrame) -> "pd.Series[bool]":
    communal = table["niveau"].isin([COMMUNE, MUNICIPAL_ARRONDISSEMENT])
    return ~(communal & table[[*_TOTAL, *_TOTAL_RATE]].notna().any(axis=1))


def _values_in_their_intervals(table: pd.DataFrame) -> "pd.Series[bool]":
    outside = pd.Series(False, index=table.index)
    for low, value, high in (_PUBLISHED[1:], _TOTAL, _TOTAL_RATE):
        outside |= (table[low] > table[value]) | (table[value] > table[high])
    return ~outside


def movements() -> pa.DataFrameSchema:
    """Return the contract of `Cog.movements`."""
    return pa.DataFrameSchema(
        {
            "kind": pa.Column(str, pa.Check.isin([MERGED, RESTORED])),
            "code": pa.Column(str, _COMMUNE),
            "name": pa.Column(str),
            "other": pa.Column(str, _COMMUNE),
            "other_name": pa.Column(str),
            "date": pa.Column(str, pa.Check.str_matches(r"^(\d{4}-\d{2}-\d{2})?$")),
        },
        strict=True,
    )


def communes_of_france() -> pa.DataFrameSchema:
    """Return the contract of the names of the communes of France, arrondissements beside them."""
    return pa.DataFrameSchema(
        {
            "code_insee": pa.Column(str, _COMMUNE, unique=True),
            "name": pa.Column(str, pa.Check.ne("")),
            "whole": pa.Column(str, _COMMUNE, nullable=True),
        },
        strict=True,
    )


def facts() -> pa.DataFrameSchema:
    """Return the contract of `facts.complete`."""
    return pa.DataFrameSchema(
        {
            "code_insee": pa.Column(str, _COMMUNE),
            "kind": pa.Column(str, pa.Check.isin(["commune", "arrondissement_municipal"])),
            "indicator": pa.Column(str, _indicator()),
            "year": pa.Column(int, pa.Check.in_range(1996, 2100)),
            "status": pa.Column(str, pa.Check.isin(["publie", "zero", "non_diffuse", "absent"])),
            "count": pa.Column(float, _POSITIVE, nullable=True),
            "rate": pa.Column(float, _POSITIVE, nullable=True),
            "population": pa.Column(float, _POSITIVE, nullable=True),
            "dwellings": pa.Column(float, _POSITIVE, nullable=True),
            "denominator": pa.Column(float, _POSITIVE, nullable=True),
            "complement_count": pa.Column(float, _POSITIVE, nullable=True),
            "complement_rate": pa.Column(float, _POSITIVE, nullable=True),
        },
        checks=pa.Check(
            lambda t: _hidden_has_no_number(t, "status", "count", "rate"),
            name="une valeur non diffusée n’a pas de nombre",
        ),
        unique=["code_insee", "indicator", "year"],
        strict=True,
    )


def communes() -> pa.DataFrameSchema:
    """Return the contract of the communes of a département."""
    text = pa.Column(str, nullable=True)
    return pa.DataFrameSchema(
        {
            "code_insee": pa.Column(str, _COMMUNE, unique=True),
            "current_code": pa.Column(str, _COMMUNE),
            "name": pa.Column(str),
            "kind": pa.Column(str),
            "whole": text,
            "region": text,
            "code_arrondissement": text,
            "arrondissement_name": text,
            "code_epci": text,
            "epci_name": text,
            "population_legal": pa.Column("Int64", _POSITIVE, nullable=True),
            "lon": pa.Column(float, nullable=True),
            "lat": pa.Column(float, nullable=True),
        },
        strict=True,
    )


def long() -> pa.DataFrameSchema:
    """Return the contract of the long table (see `long_table`)."""
    figure = pa.Column(float, _POSITIVE, nullable=True)
    whole = pa.Column("Int64", _POSITIVE, nullable=True)
    share = pa.Column(float, _SHARE, nullable=True)
    columns: dict[str, Any] = dict.fromkeys(long_table.COLUMNS, pa.Column(str))
    columns |= dict.fromkeys([c for c in columns if c.startswith(("taux_", "faits_est"))], figure)
    columns |= {
        "niveau": pa.Column(str, pa.Check.isin(long_table.LEVELS)),
        "indicateur": pa.Column(str, _indicator()),
        "annee": pa.Column(int),
        "statut": pa.Column(
            str, pa.Check.isin(["publie", "zero", "partiel", "non_diffuse", "absent"])
        ),
        "reference": pa.Column(str, pa.Check.isin(["", long_table.REFERENCE])),
        "comparaison": pa.Column(str, pa.Check.isin(["", "plus_eleve", "moins_eleve", "proche"])),
        "tendance": pa.Column(str, pa.Check.isin(["", *_VERDICTS])),
        "effectif_denominateur": figure,
        "effectif_denominateur_total": figure,
        "faits_publies": whole,
        "communes_publiees": whole,
        "communes": whole,
        "communes_hors_departement": whole,
        "couverture_population": share,
        "couverture_denominateur": share,
        "geographie": whole,
    }
    return pa.DataFrameSchema(
        columns,
        checks=[
            pa.Check(
                lambda t: _hidden_has_no_number(t, "statut", *_PUBLISHED),
                name="une valeur non diffusée n’a pas de nombre",
            ),
            pa.Check(_no_estimate_of_a_commune, name="une commune n’a jamais d’estimation"),
            pa.Check(_values_in_their_intervals, name="un intervalle contient sa valeur"),
        ],
        unique=long_table.KEY,
        strict=True,
        ordered=True,
    )


def checked(table: pd.DataFrame, schema: pa.DataFrameSchema, name: str) -> pd.DataFrame:
    """Return the table if it keeps its contract.

    Raises:
        Refused: naming the table, the column and the first value that breaks it.
    """
    try:
        return schema.validate(table)
    except (SchemaError, SchemaErrors) as error:
        detail = " ".join(str(error).split())[:200]
        raise Refused(
            f"La table « {name} » ne respecte pas son contrat ({detail}) : vérifier les fichiers "
            "source, puis relancer."
        ) from error
