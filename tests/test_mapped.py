"""The indicator of a map: one rule, and the same in every document."""

from datetime import date

import pytest

from diagnostics.exports.pdf.area_map import FICHE, area_map
from diagnostics.figures.area_rates import area_rates
from diagnostics.report import Report, Tables, report
from diagnostics.report.deck import deck
from diagnostics.store import Store


@pytest.fixture(scope="module")
def reports(store: Store, tables: Tables) -> list[Report]:
    """Reports of all the councils, of all the EPCI and of ten communes."""
    groups = tables.groups[tables.groups["niveau"].isin(["territoire", "epci"])]
    areas = list(groups[["niveau", "code"]].drop_duplicates().itertuples(index=False))
    communes = tables.communes[tables.communes["kind"] == "commune"]["code_insee"]
    areas += [("commune", code) for code in communes[::12]]
    return [report(store, "00", *area, tables=tables) for area in areas]


def _published(tables: Tables, held: Report) -> tuple[dict[str, int], int]:
    """Return how many of the communes drawn have a count above zero, by indicator; and how many."""
    codes = held.mapped.codes
    rows = tables.long.query("niveau == 'commune' and statut == 'publie'")
    rows = rows[(rows["annee"] == held.year) & rows["code"].isin(codes)]
    return rows.groupby("indicateur")["code"].nunique().to_dict(), len(codes)


def test_a_map_tells_enough_where_any_can(reports: list[Report], tables: Tables) -> None:
    enough = 0
    for held in reports:
        told, drawn = _published(tables, held)
        own = told.get(held.mapped.line, 0)
        assert 2 * own >= drawn or own == max(told.values(), default=0)
        enough += 2 * own >= drawn
    assert 0 < enough < len(reports)


def test_what_is_higher_and_rising_then_higher_comes_first(
    reports: list[Report], tables: Tables
) -> None:
    seen = set()
    for held in reports:
        told, drawn = _published(tables, held)
        line = held.mapped_line
        assert line is not None
        rising = [each for each in held.lines if each.higher_and_rising]
        higher = [
            each
            for each in held.lines
            if each.comparison and each.comparison.verdict == "plus_eleve"
        ]
        for urgent in (rising, higher):
            if any(2 * told.get(each.id, 0) >= drawn for each in urgent):
                assert line in urgent
                seen.add(urgent is rising)
                break
    assert seen == {True, False}


def test_slides_and_prints_map_the_same_line(reports: list[Report], tables: Tables) -> None:
    for held in reports:
        (slide,) = deck(held, slides=["carte"], produced=date(2026, 3, 1)).slides
        printed, drawn = area_map(held, tables, FICHE), area_rates(held, tables)
        assert slide.chart is not None
        assert printed is not None
        assert drawn is not None
        ids = {slide.chart.lines[0].id, printed.line.id, drawn.line.id, held.mapped.line}
        assert len(ids) == 1


def test_a_commune_alone_is_drawn_among_its_neighbours(
    reports: list[Report], tables: Tables
) -> None:
    for held in reports:
        rates = area_rates(held, tables)
        assert rates is not None
        own = {place.code for place in held.area.communes}
        assert set(rates.outlines["code"][rates.own]) == own
        assert rates.alone == (len(own) == 1)
