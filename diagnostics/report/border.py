"""Territories astride: their members of other départements, read with them where they are held.

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

from diagnostics import aggregation, catalogue, comparisons, estimation, facts, long_table
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
from diagnostics.report.perimeter import cells_to_add
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
_SAID_AS_IS = ("complement_absent", "totaux_incoherents", "donnees_absentes")
"""Reasons that hold for the whole where they hold for each part."""


class Part(NamedTuple):
    """The members of an area in one département, with their cells there (`cells_to_add`)."""

    tables: Tables
    codes: tuple[str, ...]
    cells: pd.DataFrame

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

    `area.beyond` is `beyond`. Each part is made as a free perimeter, after all that its département
    shows: the sum less one part gives nothing away that such a perimeter would not.
    """
    added = [each for each in area.beyond if each.status == COUNTABLE]
    if not added:
        return None
    own = tuple(place.code for place in area.communes)
    others = ((each.departement, tuple(p.code for p in each.communes)) for each in added)
    parts = (
        _part(tables, area, own),
        *(_part(load(store, departement), area, codes) for departement, codes in others),
    )
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


def comparator(found: Across, asked: str) -> str:
    """Return the reference of an area astride: the one asked for if it contains the area whole.

    Otherwise the region where it holds every part, or else France.
    """
    if asked in (comparisons.REGION, comparisons.FRANCE):
        return asked
    return comparisons.REGION if _one_region(found.parts) else comparisons.FRANCE


def drawn(store: Store, tables: Tables, area: Area) -> Tables:
    """Return the tables that maps of an area read: with the départements that its figures count."""
    others = [load(store, each.departement) for each in area.beyond if each.status == COUNTED]
    if not others:
        return tables

    def of_all(name: str) -> pd.DataFrame:
        held: list[pd.DataFrame] = [getattr(each, name) for each in (tables, *others)]
        return pd.concat(held, ignore_index=True)

    return replace(
        tables,
        outlines=of_all("outlines"),
        communes=of_all("communes"),
        long=of_all("long"),
    )


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


def _part(tables: Tables, area: Area, codes: tuple[str, ...]) -> Part:
    perimeter = areas.perimeter(tables, list(codes), area.label)
    return Part(tables, codes, cells_to_add(tables, perimeter))


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

    Covered and precise enough is judged on the whole. The errors of the parts are independent:
    each shares out the hidden total of its own département. So the distances of the totals to
    their limits add up in squares on each side, the MOVER interval of a sum (Zou G. Y., Donner A.
    (2008), Statistics in Medicine 27, 1693-1702). Limits are rounded outwards to whole facts.
    """
    keys = pd.MultiIndex.from_frame(cells[aggregation.KEY])
    held = [part.cells.set_index(aggregation.KEY).reindex(keys) for part in parts]
    totals, lows, highs = (
        np.stack([each[column].to_numpy(dtype=float) for each in held])
        for column in ("estimate", "estimate_low", "estimate_high")
    )
    total = totals.sum(axis=0)
    # Limits are whole already where one part alone is estimated.
    low = np.floor(np.round(total - np.sqrt(((totals - lows) ** 2).sum(axis=0)), 6))
    high = np.ceil(np.round(total + np.sqrt(((highs - totals) ** 2).sum(axis=0)), 6))
    unknown = [each["refusal"].fillna("donnees_absentes") for each in held]
    first = reduce(lambda one, other: one.where(one != "", other), unknown).to_numpy()
    coverage = (cells["published_population"] / cells["population"]).fillna(0).to_numpy()
    floors = estimation.below_floors(total, low, high, coverage)
    estimated = cells["hidden_members"].to_numpy() > 0
    refusal = np.select([np.isnan(total), estimated], [first, floors], "")
    shown = np.where(refusal == "", [total, low, high], np.nan)
    return cells.assign(
        **dict(zip(("estimate", "estimate_low", "estimate_high"), shown, strict=True)),
        refusal=refusal,
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
        cells = part.cells
        of_line = cells[(cells["indicator"] == line.id) & (cells["year"] == line.figure.year)]
        reason = str(of_line["refusal"].iloc[0]) if len(of_line) else ""
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
