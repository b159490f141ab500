"""A council as it was each year: its own communes of that year, nobody's secret given away."""

from dataclasses import replace
from datetime import date

import pytest

from diagnostics import store, territories
from diagnostics.errors import Refused
from diagnostics.report import load, report
from diagnostics.report.model import TODAY, YEARLY

JOINED = 2021


@pytest.fixture(scope="module")
def held(simulated_store):
    return store.open_store(simulated_store)


@pytest.fixture(scope="module")
def tables(held):
    found = load(held, "00")
    memberships = found.memberships.assign(start=None)
    return replace(found, memberships=memberships)


@pytest.fixture(scope="module")
def council(tables):
    groups = tables.groups[tables.groups["niveau"] == "territoire"]
    return groups.groupby("code").size().idxmax()


@pytest.fixture(scope="module")
def late(tables, council):
    """The tables where one published member has joined in the course of the years, and its code."""
    own = tables.memberships[tables.memberships["territory_id"] == council]
    facts = tables.facts[tables.facts["indicator"] == "degradations"]
    counted = facts[facts["count"].notna()].groupby("code_insee").size()
    code = own[own["code_insee"].map(counted) == facts["year"].nunique()]["code_insee"].iloc[0]
    memberships = tables.memberships.copy()
    memberships.loc[
        (memberships["territory_id"] == council) & (memberships["code_insee"] == code), "start"
    ] = date(JOINED, 1, 1)
    return replace(tables, memberships=memberships), code


def test_a_composition_that_never_changed_gives_the_figures_of_today(held, tables, council):
    today = report(held, "00", "territoire", council, tables=tables)
    yearly = report(held, "00", "territoire", council, tables=tables, composition=YEARLY)
    assert yearly.composition == YEARLY
    assert today.composition == TODAY
    for ours, theirs in zip(yearly.lines, today.lines, strict=True):
        assert ours.figure == theirs.figure
        assert [p.facts for p in ours.series] == [p.facts for p in theirs.series]
        assert ours.trend == theirs.trend


def test_a_member_counts_from_the_year_that_it_joined(held, council, late):
    tables, code = late
    today = report(held, "00", "territoire", council, tables=tables)
    yearly = report(held, "00", "territoire", council, tables=tables, composition=YEARLY)
    own = tables.facts[
        (tables.facts["indicator"] == "degradations") & (tables.facts["code_insee"] == code)
    ].set_index("year")["count"]

    def published(asked, year):
        found = report(
            held, "00", "territoire", council, tables=tables, annee=year, composition=asked
        )
        return next(line for line in found.lines if line.id == "degradations").figure

    for year in (JOINED - 1, JOINED):
        before, after = published(YEARLY, year), published(TODAY, year)
        absent = year < JOINED
        assert after.published - before.published == (own[year] if absent else 0)
        assert after.communes - before.communes == absent
    assert any("1er janvier" in caveat for caveat in yearly.caveats)
    assert not any("1er janvier" in caveat for caveat in today.caveats)


def test_a_year_before_the_council_is_refused(held, tables, council):
    memberships = tables.memberships.assign(start=date(JOINED, 1, 1))
    young = replace(tables, memberships=memberships)
    with pytest.raises(Refused, match=f"1er janvier {JOINED - 1}"):
        report(
            held,
            "00",
            "territoire",
            council,
            tables=young,
            annee=JOINED - 1,
            composition=YEARLY,
        )
    found = report(held, "00", "territoire", council, tables=young, composition=YEARLY)
    assert {p.year for line in found.lines for p in line.series} == set(
        range(JOINED, max(found.years) + 1)
    )
    assert any(f"depuis {JOINED}" in caveat for caveat in found.caveats)


def test_only_a_council_has_a_dated_composition(held, tables):
    code = tables.groups.loc[tables.groups["niveau"] == "epci", "code"].iloc[0]
    with pytest.raises(Refused, match="composition datée"):
        report(held, "00", "epci", code, tables=tables, composition=YEARLY)


def test_the_members_of_a_year_are_those_of_its_first_day(tables, council, late):
    dated, code = late
    members = territories.members_by_year(
        dated.communes, dated.memberships, council, range(JOINED - 1, JOINED + 1)
    )
    assert set(members[JOINED]) - set(members[JOINED - 1]) == {code}


def test_a_single_hidden_commune_that_joins_gives_no_total_away(held, tables, council):
    """The total with it minus the total without it would be its own number."""
    facts = tables.facts[(tables.facts["indicator"] == "degradations")]
    year = JOINED - 1
    hidden = set(facts[(facts["year"] == year) & (facts["status"] == "non_diffuse")]["code_insee"])
    own = tables.memberships[tables.memberships["territory_id"] == council]["code_insee"]
    code = next(c for c in own if c in hidden)
    memberships = tables.memberships.copy()
    memberships.loc[
        (memberships["territory_id"] == council) & (memberships["code_insee"] == code), "start"
    ] = date(JOINED, 1, 1)
    young = replace(tables, memberships=memberships)
    asked = {"tables": young, "annee": year}
    with_it = report(held, "00", "territoire", council, **asked)
    without = report(held, "00", "territoire", council, **asked, composition=YEARLY)
    whole, less = (
        next(line for line in found.lines if line.id == "degradations").figure
        for found in (with_it, without)
    )
    assert whole.communes - less.communes == 1
    assert whole.published == less.published
    assert whole.estimated is not None
    assert less.estimated is None
    assert less.reason == "difference"
