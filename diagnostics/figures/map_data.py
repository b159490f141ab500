"""What the map shows of the long table: one layer, one indicator, one year."""

from typing import Any

import numpy as np
import pandas as pd

from diagnostics import wording
from diagnostics.catalogue import Indicator
from diagnostics.sources.cog import COMMUNE, MUNICIPAL_ARRONDISSEMENT

LAYERS = {
    "commune": "Communes",
    MUNICIPAL_ARRONDISSEMENT: "Arrondissements municipaux",
    "cispd": "CISPD",
    "clspd": "CLSPD",
    "epci": "Intercommunalités",
    "arrondissement": "Arrondissements",
    "departement": "Département",
}
"""Layers of areas that do not overlap: CLSPD and CISPD may, so they are two."""

TERRITORIES = ("cispd", "clspd")
_HIDDEN = "Non publié : ni zéro, ni valeur connue"
_ABSENT = "Absent de la base"
STATE_LABELS = {
    "couverture-faible": "pas de total (couverture trop faible ou secret)",
}


def niveau_of(layer: str) -> str:
    """Return the level of the long table that a layer draws."""
    return "territoire" if layer in TERRITORIES else layer


def layers_held(long: pd.DataFrame, groups: pd.DataFrame) -> list[str]:
    """Return the layers that have at least one area, in order."""
    held = set(long["niveau"]) | set(groups.loc[groups["niveau"] == "territoire", "type"])
    return [layer for layer in LAYERS if layer in held]


def rows_of_layer(long: pd.DataFrame, groups: pd.DataFrame, layer: str) -> pd.DataFrame:
    """Return the rows of the long table that belong to a layer."""
    rows = long[long["niveau"] == niveau_of(layer)]
    if layer in TERRITORIES:
        codes = groups.loc[(groups["niveau"] == "territoire") & (groups["type"] == layer), "code"]
        rows = rows[rows["code"].isin(codes)]
    return rows


def map_rows(rows: pd.DataFrame, indicator: Indicator) -> pd.DataFrame:
    """Return what `figures.maps` draws: code, label, status, value, shown, tooltip.

    `rows` are those of one layer, one indicator, one year. A commune shows its published rate; a
    group shows the rate of its estimated total, and no colour where there is none.
    """
    value = colouring_rate(rows)
    return pd.DataFrame(
        {
            "code": rows["code"],
            "label": rows["libelle"],
            "status": rows["statut"],
            "value": value,
            "shown": value.notna(),
            "tooltip": [tooltip(row, indicator) for row in rows.to_dict("records")],
        }
    ).reset_index(drop=True)


def verdict_rows(rows: pd.DataFrame, indicator: Indicator, compared: pd.DataFrame) -> pd.DataFrame:
    """Return what `figures.maps` draws to show verdicts, in the form of `map_rows`.

    `rows` are those of one layer, one indicator, one year; `compared` the rows of `comparisons` of
    the same level, indicator and year, against one reference. The status is the verdict; it is
    `non_compare` where the area is known and has none, and that of the area where it is hidden.
    """
    of_area = compared.set_index("code")
    verdict = rows["code"].map(of_area["comparaison"]).astype("str").fillna("")
    known = ~rows["statut"].isin(["non_diffuse", "absent"])
    status = verdict.where(verdict != "", rows["statut"].where(~known, "non_compare"))
    drawn = map_rows(rows, indicator)
    pairs = zip(rows["code"], verdict, strict=True)
    said = [_verdict(of_area.loc[code], found) if found else "" for code, found in pairs]
    return drawn.assign(
        status=status.to_numpy(), value=np.nan, shown=False, tooltip=drawn["tooltip"] + said
    )


def _verdict(compared: pd.Series, verdict: str) -> str:
    """Return a line of a tooltip: sign and word of the verdict, reference and its rate."""
    sign, word = wording.VERDICTS[verdict]
    rate = wording.rate(compared["taux_reference"])
    return f"\n{sign} {word} ({compared['libelle_reference']}\u202f: {rate})"


def colouring_rate(rows: pd.DataFrame) -> pd.Series:
    """Return the rate that may colour each area: published for communes, estimated for groups."""
    communal = rows["niveau"].isin([COMMUNE, MUNICIPAL_ARRONDISSEMENT])
    return rows["taux_pour_mille"].where(communal, rows["taux_estime"])


def unit_of_rate(indicator: Indicator) -> str:
    """Return the unit of a rate: `victimes pour 1 000 habitants`."""
    return wording.unit_of_rate(indicator.unit, indicator.denominator)


def tooltip(row: dict[Any, Any], indicator: Indicator) -> str:
    """Return the lines shown on hover: figure with its unit, then its doubt or its status."""
    if row["statut"] == "non_diffuse":
        return _HIDDEN
    if row["statut"] == "absent":
        return _ABSENT
    communal = row["niveau"] in (COMMUNE, MUNICIPAL_ARRONDISSEMENT)
    lines = []
    if pd.notna(row["faits_publies"]):
        lines.append(_facts(row, indicator, communal))
    estimated = not communal and pd.notna(row["taux_estime"])
    if estimated and row["faits_estimes"] != row["faits_publies"]:
        lines.append(_total(row))
    rate, low, high = (
        ("taux_estime", "taux_estime_bas", "taux_estime_haut")
        if estimated
        else ("taux_pour_mille", "taux_bas", "taux_haut")
    )
    if pd.notna(row[rate]) and (communal or estimated):
        interval = f" {wording.interval(row[low], row[high])}" if pd.notna(row[low]) else ""
        lines.append(f"{wording.rate(row[rate])}{interval} {unit_of_rate(indicator)}")
    elif not communal:
        lines.append("Pas de total : voir la fiche de la zone")
    return "\n".join(lines)


def _facts(row: dict[Any, Any], indicator: Indicator, communal: bool) -> str:
    text = wording.units(row["faits_publies"], indicator.unit)
    if communal:
        return f"{text} en {row['annee']}"
    if not indicator.additive:
        return f"{text} en {row['annee']}, somme indicative (doubles comptes possibles)"
    published = wording.agree("publié", row["faits_publies"], indicator.unit)
    coverage = wording.covered(row["couverture_population"])
    return f"{text} {published} en {row['annee']} (communes publiées\u202f: {coverage})"


def _total(row: dict[Any, Any]) -> str:
    total = f"Total : {wording.number(row['faits_estimes'])}"
    if row["faits_estimes_bas"] == row["faits_estimes_haut"]:
        return f"{total} (chiffre officiel)" if row["methode"] == "total_officiel" else total
    low, high = wording.number(row["faits_estimes_bas"]), wording.number(row["faits_estimes_haut"])
    return f"{total} estimés, entre {low} et {high}"
