"""What stands beside the figures: context, similar areas, caveats, sources."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from diagnostics import catalogue, comparisons, context, territories
from diagnostics.report.model import (
    COUNTABLE,
    COUNTED,
    NOT_HELD,
    NOT_IN_FILE,
    OTHER_EDITION,
    PERIMETER,
    TODAY,
    YEARLY,
    Area,
    Beyond,
    ContextLine,
    Line,
    Similar,
    SourceUsed,
)
from diagnostics.report.tables import Tables
from diagnostics.sources.cog import COMMUNE, departement_of
from diagnostics.wording import COMMUNAL, NARROW, count, number, percent, quoted

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
    reference = {row["variable"]: row for row in whole.to_dict("records")}
    rows = _context_rows(tables, area)
    names = dict(zip(tables.qpv["code_qpv"], tables.qpv["name"], strict=True))
    return tuple(
        _context_line(
            catalogue.context_variables()[row["variable"]],
            {str(column): value for column, value in row.items()},
            reference.get(row["variable"]),
            names,
        )
        for row in rows.to_dict("records")
    )


def similar_areas(tables: Tables, area: Area) -> tuple[tuple[Similar, ...], tuple[str, ...]]:
    """Return the most similar areas, nearest first, and the variables that were compared."""
    table = tables.similar
    rows = table[(table["niveau"] == area.niveau) & (table["code"] == area.code)]
    if rows.empty:
        return (), ()
    levels = comparisons.level_of_likes(rows).unique()
    names = tables.long[tables.long["niveau"].isin(levels)].drop_duplicates("code")
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
    if thefts.empty:
        return []
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
        *_disagreements(tables, lines, year),
        f"Ce sont les faits enregistrés par la police et la gendarmerie{NARROW}: ni tous les faits "
        "commis, ni les contraventions, ni les mains courantes.",
        "Les faits sont comptés là où ils sont commis et l’année où ils sont enregistrés, sauf les "
        "escroqueries, comptées au domicile de la victime.",
    ]
    if {2020, 2021} & set(years):
        sentences.append(
            f"2020 et 2021 portent les confinements{NARROW}: aucune comparaison entre deux "
            "périodes ne part de ces années, et une tendance qui les traverse le dit."
        )
    sentences += outside_sentences(area)
    sentences += _no_commune_any_more(tables, area, composition)
    if composition == YEARLY:
        sentences.append(
            f"La composition de chaque année est celle du 1er janvier{NARROW}: une évolution tient "
            "aussi aux communes entrées ou sorties."
        )
        first = min(point.year for line in lines for point in line.series)
        if first > years[0]:
            sentences.append(
                f"Le conseil n’a de communes que depuis {first}{NARROW}: aucune n’y était au 1er "
                f"janvier {first - 1}, ni avant dans ces données."
            )
    elif area.niveau not in (*COMMUNAL, "departement"):
        sentences.append(
            f"La composition d’aujourd’hui est appliquée à toutes les années{NARROW}: les chiffres "
            "d’avant sont ceux des mêmes communes, non du territoire d’alors."
        )
    codes = [place.code for place in area.communes]
    visited = [code for each in _parts(tables) for code in visited_communes(each.long, codes, year)]
    if visited:
        names = ", ".join(p.label for p in area.communes if p.code in visited)
        sentences.append(
            f"{names}{NARROW}: les vols y sont plus de trois fois plus fréquents que dans le "
            "département, mais non les escroqueries, comptées au domicile. Les victimes y sont "
            "sans doute de passage (commerces, transports, tourisme) et le taux pour "
            f"1{NARROW}000 habitants y est fragile."
        )
    return tuple(sentences)


def _no_commune_any_more(tables: Tables, area: Area, composition: str) -> list[str]:
    """Say which members of a council are no communes of the file: they are in no figure."""
    listed = tables.memberships
    listed = listed[(listed["territory_id"] == area.code) & (area.niveau == "territoire")]
    rows = listed if composition == YEARLY else territories.current(listed)
    known = set(tables.communes["code_insee"]) | set(tables.communes["current_code"])
    here = {departement_of(code) for code in known}
    unknown = {c for c in rows["code_insee"] if departement_of(c) in here} - known
    if not unknown:
        return []
    one = len(unknown) == 1
    return [
        f"{count(len(unknown), 'commune')} de ce conseil ({', '.join(sorted(unknown))}) "
        f"{'n’est' if one else 'ne sont'} dans aucun chiffre{NARROW}: "
        f"{'elle n’existe' if one else 'elles n’existent'} pas dans l’édition chargée. La page "
        "Territoires dit ce qu’il reste à décider."
    ]


def outside_sentences(area: Area) -> list[str]:
    """Say which members of an area are in other départements, and whether figures count them."""
    by_status: dict[str, list[Beyond]] = {}
    for each in area.beyond:
        by_status.setdefault(each.status, []).append(each)
    members = len(area.communes) + len(area.outside)
    return [_outside_sentence(area, found, members) for found in by_status.values()]


_OUTSIDE = {
    COUNTED: f"avec celles du département{NARROW}: chaque département est estimé à part, puis les "
    "totaux sont ajoutés. Le territoire n’est pas comparé au reste d’un département, mais à ce qui "
    "le contient. La carte, la page Comparer et la table des téléchargements ne comptent que ses "
    "communes du département.",
    COUNTABLE: f"dans aucun chiffre ici{NARROW}: la fiche, les programmes et les documents peuvent "
    f"les compter (choix {quoted('Territoire entier')}).",
    OTHER_EDITION: f"dans aucun chiffre{NARROW}: ce qui est chargé là est d’une autre édition ou "
    "d’autres années, et deux éditions ne se mêlent jamais.",
    NOT_HELD: f"dans aucun chiffre{NARROW}: charger {{}} pour lire le territoire entier.",
    NOT_IN_FILE: f"dans aucun chiffre{NARROW}: le fichier chargé n’en dit rien.",
}
"""What becomes of the members in other départements, by status."""


def _outside_sentence(area: Area, found: Sequence[Beyond], members: int) -> str:
    status, outside = found[0].status, sum(len(each.codes) for each in found)
    one, several = ("est comptée", "sont comptées") if status == COUNTED else ("n’est", "ne sont")
    subject = f"{count(outside, 'commune')} sur {number(members)}"
    share = _share_of_residents(area, found)
    people = "" if share is None else f", soit {percent(share)} des habitants,"
    where = ", ".join(each.label for each in found)
    what = _OUTSIDE[status].format("ce département" if len(found) == 1 else "ces départements")
    return f"{subject} ({where}){people} {one if outside == 1 else several} {what}"


def _share_of_residents(area: Area, found: Sequence[Beyond]) -> float | None:
    """Return the share 0-1 of an area's residents in some communes; None unless all are known."""
    counted = {place.code: place.population for place in area.communes}
    beyond = {p.code: p.population for each in area.beyond for p in each.communes}
    named = all(each.communes for each in area.beyond)
    sizes = [size for size in (counted | beyond).values() if size is not None]
    if not named or len(sizes) < len(counted | beyond) or not sum(sizes):
        return None
    return sum(beyond[p.code] or 0 for each in found for p in each.communes) / sum(sizes)


def _parts(tables: Tables) -> tuple[Tables, ...]:
    """Return the départements that are read: several for a territory astride (see `border`)."""
    return tables.parts or (tables,)


def _disagreements(tables: Tables, lines: Sequence[Line], year: int) -> list[str]:
    found = []
    for each in _parts(tables):
        where = f"{each.about['name']}, " if tables.parts else ""
        found += [where + said for said in disagreements(each.reconciliation, lines, year)]
    return found


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
    """Return the files that the figures come from."""
    used = (
        SourceUsed(each["title"], each["publisher"], each["licence"], each["file"])
        for part in _parts(tables)
        for each in part.about["inputs"]
    )
    return tuple(dict.fromkeys(used))


def _context_rows(tables: Tables, area: Area) -> pd.DataFrame:
    if area.niveau in COMMUNAL:
        own = tables.context[tables.context["code_insee"] == area.code]
        return own.assign(reason=_merged_since(tables, area) if area.niveau == COMMUNE else "")
    if area.niveau == PERIMETER or area.across:
        codes = [place.code for place in area.communes]
        groups = pd.DataFrame({"niveau": PERIMETER, "code": PERIMETER, "code_insee": codes})
        return context.territory_table(tables.context, groups, tables.communes)
    rows = tables.group_context
    return rows[(rows["niveau"] == area.niveau) & (rows["code"] == area.code)]


def _merged_since(tables: Tables, area: Area) -> str:
    """Return why newer sources say nothing of a commune that has merged, "" if it has not."""
    names = tables.communes.set_index("code_insee")
    today = str(names["current_code"].get(area.code, area.code))
    if today == area.code:
        return ""
    name = names["name"].get(today, today)
    return f"la commune est fusionnée dans {name}, avec qui les sources plus récentes la comptent."


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
    whole: dict[Any, Any] | None,
    neighbourhoods: dict[str, str],
) -> ContextLine:
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
        departement=None if whole is None or pd.isna(whole["value"]) else float(whole["value"]),
        source=" ; ".join(titles),
        approximate=bool(row["approximate"]),
        programmes=variable.programmes,
        reading=variable.reading,
        caveat=variable.caveat,
        reason=_reason(row),
        departement_reason="" if whole is None else _reason(whole),
        partial=row["population_coverage"] if row["status"] == context.PARTIAL else None,
    )


def _reason(row: Mapping[Any, Any]) -> str:
    """Return why a context figure is missing, "" where it is there."""
    if pd.notna(row["value"]) or row["text"]:
        return ""
    return row["reason"] or _REASONS.get(row["status"], "")
