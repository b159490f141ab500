"""What stands beside the figures: context, similar areas, caveats, sources."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from diagnostics import catalogue, context
from diagnostics.report.model import (
    PERIMETER,
    TODAY,
    YEARLY,
    Area,
    ContextLine,
    Line,
    Similar,
    SourceUsed,
)
from diagnostics.report.tables import Tables
from diagnostics.wording import COMMUNAL, NARROW, count, number, quoted

VISITED = ("vols_sans_violence", "vols_dans_vehicules", "vols_violents_sans_arme")
"""Thefts recorded where they happen, so where visitors are."""
AT_HOME = "escroqueries"
"""Recorded at the victim's home: it follows residents only."""
MANY_TIMES = 3.0
"""A place is flagged where even the low limit of a rate of thefts is this many times the
département's, while the rate recorded at home is under half of that."""


def context_lines(tables: Tables, area: Area) -> tuple[ContextLine, ...]:
    """Return the context of an area, in the catalogue's order, the département's beside it."""
    if tables.context.empty:
        return ()
    whole = tables.group_context[tables.group_context["niveau"] == "departement"]
    reference = dict(zip(whole["variable"], whole["value"], strict=True))
    rows = _context_rows(tables, area)
    names = dict(zip(tables.qpv["code_qpv"], tables.qpv["name"], strict=True))
    return tuple(
        _context_line(catalogue.context_variables()[row["variable"]], dict(row), reference, names)
        for _, row in rows.iterrows()
    )


def similar_areas(tables: Tables, area: Area) -> tuple[tuple[Similar, ...], tuple[str, ...]]:
    """Return the most similar areas, nearest first, and the variables that were compared."""
    table = tables.similar
    rows = table[(table["niveau"] == area.niveau) & (table["code"] == area.code)]
    if rows.empty:
        return (), ()
    names = tables.long[tables.long["niveau"] == area.niveau].drop_duplicates("code")
    labels = names.set_index("code")["libelle"]
    found = tuple(
        Similar(row["neighbour"], str(labels.get(row["neighbour"])), float(row["distance"]))
        for row in rows.sort_values("rank").to_dict("records")
    )
    variables = catalogue.context_variables()
    titles = tuple(
        variables[context.PEER_VARIABLES[name][0]].title
        for name in rows["variables"].iloc[0].split()
    )
    return found, titles


def visited_communes(long: pd.DataFrame, codes: list[str], year: int) -> list[str]:
    """Return the communes whose residents are few beside those who are robbed there.

    Airports, shopping centres, stations and resorts: see `MANY_TIMES`. Communes where thefts are
    not published are not flagged.
    """
    rows = long[long["annee"] == year]
    whole = rows[rows["niveau"] == "departement"].set_index("indicateur")["taux_estime"]
    communes = rows[rows["niveau"].isin(COMMUNAL) & rows["code"].isin(codes)]
    thefts = communes[communes["indicateur"].isin(VISITED)]
    high = thefts["taux_bas"] > MANY_TIMES * thefts["indicateur"].map(whole)
    homes = communes[communes["indicateur"] == AT_HOME].set_index("code")["taux_pour_mille"]
    at_home = thefts["code"].map(homes) / whole.get(AT_HOME, np.nan)
    flagged = thefts[high & ~(at_home > MANY_TIMES / 2)]
    return sorted(flagged["code"].unique())


def caveats(
    tables: Tables,
    area: Area,
    lines: Sequence[Line],
    year: int,
    years: tuple[int, ...],
    composition: str = TODAY,
) -> tuple[str, ...]:
    """Return what must be known before reading the figures: totals that differ, then the general.

    `lines` are those of the area for the year.
    """
    sentences = [
        *disagreements(tables.reconciliation, lines, year),
        f"Ce sont les faits enregistrés par la police et la gendarmerie{NARROW}: ni tous les faits "
        "commis, ni les contraventions, ni les mains courantes.",
        "Les faits sont comptés là où ils sont commis et l’année où ils sont enregistrés, sauf les "
        "escroqueries, comptées au domicile de la victime.",
    ]
    if {2020, 2021} & set(years):
        sentences.append(
            f"2020 et 2021 portent les confinements{NARROW}: ces années ne servent jamais de base."
        )
    if area.outside:
        number_outside = count(len(area.outside), "commune")
        verb = "est" if len(area.outside) == 1 else "sont"
        sentences.append(
            f"{number_outside} du territoire {verb} dans un autre département et n’entre"
            f"{'' if len(area.outside) == 1 else 'nt'} dans aucun chiffre."
        )
    if composition == YEARLY:
        sentences.append(
            f"La composition de chaque année est celle du 1er janvier{NARROW}: une évolution tient "
            "aussi aux communes entrées ou sorties."
        )
        first = min(point.year for line in lines for point in line.series)
        if first > years[0]:
            sentences.append(f"Aucune commune n’était dans le conseil au 1er janvier {first - 1}.")
    elif area.niveau not in (*COMMUNAL, "departement"):
        sentences.append(
            f"La composition d’aujourd’hui est appliquée à toutes les années{NARROW}: les chiffres "
            "d’avant sont ceux des mêmes communes, non du territoire d’alors."
        )
    visited = visited_communes(tables.long, [place.code for place in area.communes], year)
    if visited:
        names = ", ".join(p.label for p in area.communes if p.code in visited)
        sentences.append(
            f"{names}{NARROW}: les vols y sont plus de trois fois plus fréquents que dans le "
            "département, mais non les escroqueries, comptées au domicile. Les victimes y sont "
            "sans doute de passage (commerces, transports, tourisme) et le taux pour "
            f"1{NARROW}000 habitants y est fragile."
        )
    return tuple(sentences)


def disagreements(
    reconciliation: pd.DataFrame, lines: Iterable[Line], year: int
) -> tuple[str, ...]:
    """Say where communal figures do not make the official total, for the lines that it touches.

    `reconciliation` is the store's table; indicators that do not add up are left out, as are areas
    whose figures owe nothing to either total.
    """
    touched = {
        line.id: line.title
        for line in lines
        if line.additive and line.figure.method in ("total_officiel", "partage_du_total_masque")
    }
    rows = reconciliation[
        (reconciliation["year"] == year)
        & reconciliation["indicator"].isin(list(touched))
        & (reconciliation["difference"].abs() > 0)
    ]
    return tuple(
        f"{quoted(touched[row['indicator']])} en {year}{NARROW}: les communes publiées et le total "
        f"des autres, que donne le complément, font {number(row['official'] + row['difference'])}"
        f"{NARROW}; le total officiel est {number(row['official'])}. Cet écart de "
        f"{number(abs(row['difference']))} n’est pas expliqué par les fichiers{NARROW}: le "
        "département garde le total officiel, les totaux estimés suivent le complément."
        for row in rows.to_dict("records")
    )


def sources(tables: Tables) -> tuple[SourceUsed, ...]:
    """Return the files that the département's figures come from."""
    return tuple(
        SourceUsed(each["title"], each["publisher"], each["licence"], each["file"])
        for each in tables.about["inputs"]
    )


def _context_rows(tables: Tables, area: Area) -> pd.DataFrame:
    if area.niveau == area.type and len(area.communes) == 1:
        return tables.context[tables.context["code_insee"] == area.code].assign(reason="")
    if area.niveau == PERIMETER:
        codes = [place.code for place in area.communes]
        groups = pd.DataFrame({"niveau": PERIMETER, "code": PERIMETER, "code_insee": codes})
        return context.territory_table(tables.context, groups)
    rows = tables.group_context
    return rows[(rows["niveau"] == area.niveau) & (rows["code"] == area.code)]


_REASONS = {
    "secret": (
        "secret statistique, la source ne publie pas ce chiffre ici pour qu’on n’y reconnaisse "
        f"personne{NARROW}: secret ne veut pas dire zéro."
    ),
    "absent": f"les sources chargées n’ont pas ce chiffre ici{NARROW}: ni zéro, ni secret.",
}
"""Why a commune has no figure, by status; groups bring their own reason."""


def _context_line(
    variable: catalogue.ContextVariable,
    row: dict[str, Any],
    reference: dict[str, float],
    neighbourhoods: dict[str, str],
) -> ContextLine:
    whole = reference.get(variable.id, np.nan)
    text = row["text"]
    if variable.id == "qpv":
        text = ", ".join(f"{neighbourhoods.get(code, '')} ({code})" for code in text.split())
    titles = [catalogue.sources()[s].title for s in str(row["source"]).split()]
    return ContextLine(
        id=variable.id,
        title=variable.title,
        unit=variable.unit,
        value=None if pd.isna(row["value"]) else float(row["value"]),
        text=text,
        status=row["status"],
        year=None if pd.isna(row["year"]) else int(row["year"]),
        departement=None if pd.isna(whole) else float(whole),
        source=" ; ".join(titles),
        approximate=bool(row["approximate"]),
        programmes=variable.programmes,
        reading=variable.reading,
        caveat=variable.caveat,
        reason=row["reason"] or _REASONS.get(row["status"], ""),
    )
