"""Territories astride: their members of other départements, read with them by choice.

The long table of a département counts no commune of another one. Where the store holds both, in
the same edition, the two parts of a council or of an EPCI are each made in their own département,
under its rules, and added up. docs/decisions/frontieres.md says what is decided here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from diagnostics import aggregation, catalogue, comparisons, facts, long_table
from diagnostics.report import area as areas
from diagnostics.report.model import (
    COUNTABLE,
    COUNTED,
    NOT_HELD,
    NOT_IN_FILE,
    OTHER_EDITION,
    Area,
    Beyond,
    Line,
)
from diagnostics.report.perimeter import rows_of_perimeter
from diagnostics.report.sentences import refusal_sentence
from diagnostics.report.tables import Tables, load
from diagnostics.sources.cog import COMMUNE, departement_of
from diagnostics.store import Store

WHOLE = "entier"
"""Ends the level of rows read across: they are no rows of the long table."""
_SHARED = "partage_du_total_masque"
_ADDED = (
    " Chaque département est estimé à part, puis les totaux sont ajoutés\u202f: les distances de "
    "chacun à ses limites s’ajoutent en carrés."
)
_EVERY_PART = "Le total n’est connu que si celui de chaque département l’est. "
_SAID_AS_IS = ("complement_absent", "totaux_incoherents", "couverture", "donnees_absentes")
"""Reasons that hold for the whole where they hold for each part."""


class Part(NamedTuple):
    """The members of an area in one département, with their rows there for every year."""

    tables: Tables
    codes: tuple[str, ...]
    rows: pd.DataFrame

    @property
    def label(self) -> str:
        """Return the name of the département."""
        return str(self.tables.about["name"])


class Across(NamedTuple):
    """An area with all its members that the store holds.

    `rows` and `compared` are in the long table's form and in that of `comparaisons.csv`; their
    level ends with `WHOLE`.
    """

    tables: Tables
    area: Area
    rows: pd.DataFrame
    compared: pd.DataFrame
    parts: tuple[Part, ...]


def beyond(store: Store, tables: Tables, area: Area) -> tuple[Beyond, ...]:
    """Return the members of an area in other départements, and whether they can be counted.

    Two editions are never mixed: a département counts only where it is held in the very same one
    (geography and production date), for the same years.
    """
    by_departement: dict[str, list[str]] = {}
    for code in area.outside:
        by_departement.setdefault(departement_of(code), []).append(code)
    return tuple(
        each
        for departement, codes in sorted(by_departement.items())
        for each in _beyond(store, tables, departement, codes)
    )


def read_across(store: Store, tables: Tables, area: Area) -> Across | None:
    """Return the area with its members held in other départements; None where there is none.

    `area.beyond` is `beyond`. A part is the area's own rows of its département's long table where
    its members there are just these; otherwise it is made as a free perimeter, after all that is
    shown there. So its total is shown already, or could be asked for: the sum of two such totals
    gives nothing away.
    """
    added = [each for each in area.beyond if each.status == COUNTABLE]
    if not added:
        return None
    own = Part(
        tables,
        tuple(place.code for place in area.communes),
        _of_area(tables.long, area),
    )
    parts = (own, *(_part(load(store, each.departement), area, each) for each in added))
    together = _together(parts)
    counted = tuple(
        replace(each, status=COUNTED) if each.status == COUNTABLE else each for each in area.beyond
    )
    whole = areas.across(together, area, counted)
    rows = _rows(parts, whole)
    compared = comparisons.comparisons(
        pd.concat([rows, _wholes(parts)]), tables.density.iloc[:0], pd.DataFrame(), together.similar
    )
    name = f"{area.niveau}_{WHOLE}"
    return Across(together, whole, rows.assign(niveau=name), compared.assign(niveau=name), parts)


def default_comparator(found: Across) -> str:
    """Return the reference of an area astride: the region that holds it whole, or France."""
    return comparisons.REGION if _one_region(found.parts) else comparisons.FRANCE


def with_words(lines: Iterable[Line], found: Across) -> tuple[Line, ...]:
    """Return lines that say how parts were added up, and which part keeps a total unknown."""
    return tuple(_with_words(line, found) for line in lines)


def _beyond(store: Store, tables: Tables, departement: str, codes: list[str]) -> list[Beyond]:
    names = catalogue.departements() | store.departements()
    label = names.get(departement, f"département {departement}")
    if departement not in store.departements():
        return [Beyond(departement, label, tuple(codes), NOT_HELD)]
    communes = store.table(departement, "communes")
    whole = communes[communes["kind"] == COMMUNE]
    # A commune of today may be several in an older file: they stand for it.
    columns = whole[["code_insee", "current_code"]]
    members = whole[columns.isin(codes).any(axis=1)]
    there = set(columns.loc[members.index].stack()) & set(codes)
    places = areas.places(replace(tables, communes=whole), list(members["code_insee"]))
    same = _same_edition(tables.about, store.about(departement))
    status = COUNTABLE if same else OTHER_EDITION
    found = [
        Beyond(departement, label, tuple(sorted(there)), status, places),
        Beyond(departement, label, tuple(sorted(set(codes) - there)), NOT_IN_FILE),
    ]
    return [each for each in found if each.codes]


def _same_edition(one: dict[str, Any], other: dict[str, Any]) -> bool:
    dated = ("geography", "produced") if one["produced"] else ("edition",)
    return all(one[key] == other[key] for key in (*dated, "years"))


def _part(tables: Tables, area: Area, each: Beyond) -> Part:
    codes = tuple(place.code for place in each.communes)
    same = (tables.groups["niveau"] == area.niveau) & (tables.groups["code"] == area.code)
    members = tables.groups.loc[same & tables.groups["inside"], "code_insee"]
    if set(members) == set(codes):
        return Part(tables, codes, _of_area(tables.long, area))
    perimeter = areas.perimeter(tables, list(codes), area.label)
    return Part(tables, codes, rows_of_perimeter(tables, perimeter)[0])


def _together(parts: Sequence[Part]) -> Tables:
    """Return the tables of the first département with what is known of the members elsewhere.

    There is no whole that the area is a part of: the département's own rows are left out, as are
    the areas that its part alone is like.
    """
    first = parts[0].tables

    def of_all(name: str) -> pd.DataFrame:
        held: list[pd.DataFrame] = [getattr(part.tables, name) for part in parts]
        return pd.concat([each for each in held if len(each)] or held[:1], ignore_index=True)

    return replace(
        first,
        long=first.long[first.long["niveau"] != "departement"],
        similar=first.similar.iloc[:0],
        communes=of_all("communes"),
        qpv=of_all("qpv"),
        memberships=of_all("memberships"),
        context=of_all("context"),
        parts=tuple(part.tables for part in parts),
    )


def _rows(parts: Sequence[Part], area: Area) -> pd.DataFrame:
    """Return the rows of the whole: published parts counted anew, totals added up."""
    inside = [place.code for place in area.communes]
    group = pd.DataFrame({"code_insee": [*inside, *area.outside]}).assign(
        niveau=area.niveau, code=area.code, libelle=area.label, type=area.type
    )
    group["inside"] = group["code_insee"].isin(inside)
    published = pd.concat([_facts(part) for part in parts], ignore_index=True)
    members = group.loc[group["inside"], ["code_insee"]].assign(kind=COMMUNE)
    cells = aggregation.aggregate(facts.complete(published, members), group)
    about = parts[0].tables.about
    return long_table.finish(
        long_table.group_rows(_with_totals(cells, parts), group.drop_duplicates("code")),
        catalogue.strategy(),
        about["edition"],
        about["geography"],
    )


def _facts(part: Part) -> pd.DataFrame:
    table = part.tables.facts
    return table[(table["kind"] == COMMUNE) & table["code_insee"].isin(part.codes)]


def _with_totals(cells: pd.DataFrame, parts: Sequence[Part]) -> pd.DataFrame:
    """Return cells with the sum of the parts' totals where all are known, and its interval.

    The errors of the parts are independent: each shares out the hidden total of its own
    département. So the distances of the totals to their limits add up in squares on each side,
    the MOVER interval of a sum (Zou G. Y., Donner A. (2008), Statistics in Medicine 27,
    1693-1702). Limits are rounded outwards to whole facts.
    """
    keys = pd.MultiIndex.from_frame(cells[aggregation.KEY])
    rows = [part.rows.set_index(["indicateur", "annee"]).reindex(keys) for part in parts]
    totals, lows, highs = (
        np.stack([each[column].to_numpy(dtype=float) for each in rows])
        for column in ("faits_estimes", "faits_estimes_bas", "faits_estimes_haut")
    )
    total = totals.sum(axis=0)
    below = np.sqrt(((totals - lows) ** 2).sum(axis=0))
    above = np.sqrt(((highs - totals) ** 2).sum(axis=0))
    unknown = [each["motif_sans_estimation"].fillna("donnees_absentes") for each in rows]
    first = reduce(lambda one, other: one.where(one != "", other), unknown)
    return cells.assign(
        estimate=total,
        # Limits are whole already where one part alone is estimated.
        estimate_low=np.floor(np.round(total - below, 6)),
        estimate_high=np.ceil(np.round(total + above, 6)),
        refusal=np.where(np.isnan(total), first.to_numpy(), ""),
    )


def _wholes(parts: Sequence[Part]) -> pd.DataFrame:
    """Return the rows of the wholes that hold every part: France, and the region if it is one."""
    held = [comparisons.FRANCE, *([comparisons.REGION] if _one_region(parts) else [])]
    long = parts[0].tables.long
    return long[long["niveau"].isin(held)]


def _one_region(parts: Sequence[Part]) -> bool:
    regions = {part.tables.about["region"] for part in parts}
    return len(regions) == 1 and None not in regions


def _with_words(line: Line, found: Across) -> Line:
    made = line.calculation
    if line.figure.method == _SHARED:
        made = replace(made, rule=f"{made.rule}{_ADDED}")
    refusal = _refusal(line, found.parts) or line.words.refusal
    return replace(
        line,
        outside=len(found.area.outside),
        calculation=made,
        words=replace(line.words, refusal=refusal),
    )


def _refusal(line: Line, parts: Sequence[Part]) -> str:
    """Say which parts keep the total unknown and why; "" where the reason is that of the whole."""
    reasons: dict[str, list[str]] = {}
    for part in parts:
        rows = part.rows
        of_line = rows[(rows["indicateur"] == line.id) & (rows["annee"] == line.figure.year)]
        reason = str(of_line["motif_sans_estimation"].iloc[0]) if len(of_line) else ""
        reasons.setdefault(reason, []).append(part.label)
    everywhere = len(reasons) == 1 and next(iter(reasons)) in _SAID_AS_IS
    if not line.figure.reason or line.figure.reason not in reasons or everywhere:
        return ""
    if not line.additive:
        return ""
    said = [
        f"{' et '.join(labels)}\u202f: {_lower(refusal_sentence(reason))}"
        for reason, labels in reasons.items()
        if reason
    ]
    return _EVERY_PART + " ".join(said)


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _of_area(table: pd.DataFrame, area: Area) -> pd.DataFrame:
    return table[(table["niveau"] == area.niveau) & (table["code"] == area.code)]
