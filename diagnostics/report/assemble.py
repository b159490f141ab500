"""Assemble the report of one area from the tables of its département."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from diagnostics import catalogue, comparisons, long_table, territories
from diagnostics.errors import Refused
from diagnostics.report import area as areas
from diagnostics.report import border, references, sentences, surroundings
from diagnostics.report.lines import Options, lines, without_estimates
from diagnostics.report.mapped import mapped
from diagnostics.report.model import (
    PERIMETER,
    TODAY,
    YEARLY,
    Area,
    Around,
    Line,
    Place,
    Programme,
    Reading,
    Report,
    Unsaid,
)
from diagnostics.report.perimeter import (
    rows_by_year,
    rows_of_perimeter,
    similar_to_perimeter,
    with_likes,
)
from diagnostics.report.tables import Tables, load
from diagnostics.sources.cog import COMMUNE
from diagnostics.store import Store

Period = tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True)
class _Asked:
    """What the reader asked for, checked against the store."""

    strategy: catalogue.Strategy
    programmes: tuple[catalogue.Programme, ...]
    options: Options
    years: tuple[int, ...]
    with_estimates: bool


def report(
    store: Store,
    departement: str,
    niveau: str,
    code: str,
    *,
    annee: int | None = None,
    strategy_id: str = catalogue.DEFAULT_STRATEGY,
    period: Period | None = None,
    programmes: Sequence[int] | None = None,
    comparator: str = long_table.REFERENCE,
    with_estimates: bool = True,
    composition: str = TODAY,
    across: bool = True,
    tables: Tables | None = None,
) -> Report:
    """Return the diagnostic of one area for one year.

    Args:
        store, departement: where the figures are.
        niveau, code: of the area, as in the long table.
        annee: the newest year by default.
        strategy_id: whose programmes read the indicators.
        period: years before and after; by default the strategy's.
        programmes: numbers of those to read; by default all of the strategy's.
        comparator: one of `comparisons.REFERENCES`; an area that covers the département has no rest
            to be compared with, its default is the region.
        composition: `TODAY`, or `YEARLY` for a council: the communes that it had each year, of
            this département only.
        across: count the members of a council or EPCI that the store holds in other départements
            (see `border`), with a reference that contains them all; False: figures are those of
            the long table, which leaves them out. Without such members nothing changes.
        with_estimates: without them groups keep what is published and have no verdict.
        tables: `load(store, departement)`, where it is already at hand.

    Raises:
        Refused: unknown area, year, strategy or comparator, or unsound periods.
    """
    tables = tables or load(store, departement)
    area = areas.area(tables, niveau, code)
    area = replace(area, beyond=border.beyond(store, tables, area))
    read_whole = across and composition == TODAY
    found = border.read_across(store, tables, area) if read_whole else None
    if found is not None:
        comparator = border.comparator(found, comparator)
        asked = _asked(tables, annee, strategy_id, period, programmes, comparator, with_estimates)
        return _assembled(
            found.tables, found.area, found.rows, found.compared, asked, astride=found
        )
    if comparator == long_table.REFERENCE and areas.covers_departement(tables, area):
        comparator = comparisons.REGION
    asked = _asked(tables, annee, strategy_id, period, programmes, comparator, with_estimates)
    if composition == YEARLY:
        rows, compared = _rows_by_year(tables, area, asked)
    else:
        rows, compared = _of_area(tables.long, area), _of_area(tables.comparisons, area)
    return _assembled(tables, area, rows, compared, asked, composition)


def report_for_codes(
    store: Store,
    departement: str,
    codes: Sequence[str],
    *,
    label: str = "Périmètre choisi",
    annee: int | None = None,
    strategy_id: str = catalogue.DEFAULT_STRATEGY,
    period: Period | None = None,
    programmes: Sequence[int] | None = None,
    comparator: str = long_table.REFERENCE,
    with_estimates: bool = True,
    tables: Tables | None = None,
) -> Report:
    """Return the diagnostic of communes chosen by the user; see `report` for the rest.

    The figures are made as those of a council, by the same rules, after all the others: a total
    that would give away one or two communes by difference with one already shown is not given.
    """
    tables = tables or load(store, departement)
    asked = _asked(tables, annee, strategy_id, period, programmes, comparator, with_estimates)
    area = areas.perimeter(tables, list(codes), label)
    tables = with_likes(tables, area)
    rows, compared = rows_of_perimeter(tables, area)
    return _assembled(tables, area, rows, compared, asked)


def _rows_by_year(tables: Tables, area: Area, asked: _Asked) -> tuple[pd.DataFrame, pd.DataFrame]:
    if area.niveau != "territoire":
        raise Refused(
            "Seul un conseil a une composition datée : garder celle d’aujourd’hui pour cette zone."
        )
    members = territories.members_by_year(
        tables.communes, tables.memberships, area.code, asked.years
    )
    if asked.options.year not in members:
        raise Refused(
            f"{area.label} n’avait aucune commune au 1er janvier {asked.options.year} : choisir "
            "une autre année, ou la composition d’aujourd’hui."
        )
    return rows_by_year(tables, area, members)


def _asked(
    tables: Tables,
    annee: int | None,
    strategy_id: str,
    period: Period | None,
    programmes: Sequence[int] | None,
    comparator: str,
    with_estimates: bool,
) -> _Asked:
    strategy = catalogue.strategy(strategy_id)
    known = [programme.number for programme in strategy.programmes]
    if unknown := sorted(set(programmes or ()) - set(known)):
        raise Refused(
            f"La stratégie n’a pas de programme {unknown[0]} : choisir parmi "
            f"{', '.join(map(str, known))}."
        )
    years = tuple(tables.about["years"])
    year = max(years) if annee is None else annee
    if year not in years:
        raise Refused(
            f"L’année {year} n’est pas dans l’édition chargée : choisir une année de "
            f"{min(years)} à {max(years)}."
        )
    if comparator not in comparisons.REFERENCES:
        raise Refused(
            f"La référence « {comparator} » est inconnue : choisir parmi "
            f"{', '.join(comparisons.REFERENCES)}."
        )
    before, after = period or (strategy.base_years, strategy.review_years)
    kept = tuple(p for p in strategy.programmes if programmes is None or p.number in programmes)
    return _Asked(strategy, kept, Options(year, comparator, before, after), years, with_estimates)


def _assembled(
    tables: Tables,
    area: Area,
    rows: pd.DataFrame,
    compared: pd.DataFrame,
    asked: _Asked,
    composition: str = TODAY,
    astride: border.Across | None = None,
) -> Report:
    if not asked.with_estimates:
        rows, compared = without_estimates(rows, compared)
    options = replace(asked.options, apart=_apart(area, asked, composition))
    found = lines(tables, area, rows, compared, options)
    if astride is not None:
        found = border.with_words(found, astride)
    context = surroundings.context_lines(tables, area)
    alike = similar_to_perimeter if area.niveau == PERIMETER else surroundings.similar_areas
    similar, variables = alike(tables, area)
    programmes = tuple(
        Programme(
            p.number,
            p.short_title,
            p.title,
            _readings(p, found),
            tuple(c for c in context if p.number in c.programmes),
        )
        for p in asked.programmes
    )
    claimed = {a.id for p in asked.strategy.programmes for a in p.indicators}
    return Report(
        area=area,
        legal=areas.legal(tables, area),
        year=asked.options.year,
        years=asked.years,
        strategy=sentences.strategy_in_use(asked.strategy, tables.departement),
        mapping_note=asked.strategy.mapping_note,
        comparator=asked.options.comparator,
        with_estimates=asked.with_estimates,
        composition=composition,
        simulated=tables.simulated,
        edition=tables.about["edition"],
        lines=found,
        programmes=programmes,
        others=tuple(line for line in found if line.id not in claimed),
        mapped=mapped(tables, area, asked.options.year, programmes, found),
        context=context,
        context_caution=catalogue.context_caution(),
        similar=similar,
        similar_variables=variables,
        around=_around(tables, area, asked) if area.niveau == COMMUNE else (),
        unsaid=_unsaid(found),
        caveats=surroundings.caveats(
            tables, area, found, asked.options.year, asked.years, composition
        ),
        sources=surroundings.sources(tables),
    )


def _apart(area: Area, asked: _Asked, composition: str) -> str:
    """Return what keeps a class or likes from being compared with the area, "" where nothing."""
    if area.across:
        return references.ASTRIDE
    if composition == YEARLY:
        return references.DATED
    return "" if asked.with_estimates else references.UNESTIMATED


def _of_area(table: pd.DataFrame, area: Area | Place) -> pd.DataFrame:
    return table[(table["niveau"] == area.niveau) & (table["code"] == area.code)]


def _readings(programme: catalogue.Programme, found: tuple[Line, ...]) -> tuple[Reading, ...]:
    """Return the programme's lines: higher and rising first, then higher, then as declared."""
    by_id = {line.id: line for line in found}
    readings = [
        Reading(by_id[a.id], a.rank, a.reason) for a in programme.indicators if a.id in by_id
    ]
    return tuple(sorted(readings, key=lambda reading: _urgency(reading.line)))


def _urgency(line: Line) -> int:
    higher = line.comparison is not None and line.comparison.verdict == "plus_eleve"
    return 0 if line.higher_and_rising else 1 if higher else 2


def _around(tables: Tables, area: Area, asked: _Asked) -> tuple[Around, ...]:
    """Return the figures of what surrounds a commune: its councils, its EPCI, its class.

    An EPCI of the very communes of a council would say the same twice: it is left out.
    """
    found: dict[tuple[Place, ...], tuple[Place, Area, pd.DataFrame, pd.DataFrame]] = {}
    for place in area.groups:
        group = areas.area(tables, place.niveau, place.code)
        rows, compared = _of_area(tables.long, group), _of_area(tables.comparisons, group)
        found.setdefault(group.communes, (place, group, rows, compared))
    of_class = tables.density[tables.density["libelle"] == area.density_class]
    if area.density_class and len(of_class):
        group = areas.density_class(tables, str(of_class["code"].iloc[0]))
        place = Place(group.niveau, group.code, group.label, group.population)
        found[group.communes] = (place, group, of_class, tables.comparisons.iloc[:0])
    around = []
    for place, group, rows, compared in found.values():
        if not asked.with_estimates:
            rows, compared = without_estimates(rows, compared)
        around.append(Around(place, lines(tables, group, rows, compared, asked.options)))
    return tuple(around)


def _unsaid(found: tuple[Line, ...]) -> tuple[Unsaid, ...]:
    """Return each reason why figures or verdicts are missing, once, with whom it concerns."""
    by_reason: dict[tuple[str, str], list[str]] = {}
    for line in found:
        if reason := sentences.reason_of(line):
            by_reason.setdefault((reason, line.words.refusal), []).append(line.title)
        elif sentences.is_not_compared(line):
            said = (sentences.NOT_COMPARED, line.words.verdict)
            by_reason.setdefault(said, []).append(line.title)
    return tuple(
        Unsaid(reason, sentence, tuple(titles)) for (reason, sentence), titles in by_reason.items()
    )
