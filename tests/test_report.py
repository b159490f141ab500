"""A report says what the long table says, to the digit, and nothing that it does not know."""

import dataclasses
import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from diagnostics import catalogue, comparisons, long_table
from diagnostics.errors import Refused
from diagnostics.report import PERIMETER, Report, Tables, report, report_for_codes, sentences
from diagnostics.report import area as areas
from diagnostics.report.area import code_of
from diagnostics.report.lines import figure_columns
from diagnostics.report.model import Line
from diagnostics.report.perimeter import (
    rows_of_perimeter,
    similar_to_perimeter,
    with_likes,
)
from diagnostics.report.surroundings import context_lines, disagreements, visited_communes
from diagnostics.store import Store

DEPARTEMENT = "00"


def an_area(tables: Tables, niveau: str, place: int = 0) -> str:
    codes = tables.long.loc[tables.long["niveau"] == niveau, "code"].unique()
    return str(codes[place])


@pytest.fixture(scope="module")
def reports(store: Store, tables: Tables) -> dict[str, Report]:
    """Return a report of each level, and of the communes that say the most and the least."""
    newest = tables.long[tables.long["annee"] == max(tables.about["years"])]
    communes = newest[newest["niveau"] == "commune"]
    hidden = communes[communes["statut"] == "non_diffuse"].groupby("code").size()
    chosen = {
        "ville": ("commune", str(communes.loc[communes["faits_publies"].idxmax(), "code"])),
        "village": ("commune", str(hidden.idxmax())),
        **{
            niveau: (niveau, an_area(tables, niveau))
            for niveau in ("territoire", "epci", "arrondissement", "departement")
        },
    }
    return {
        name: report(store, DEPARTEMENT, niveau, code, tables=tables)
        for name, (niveau, code) in chosen.items()
    }


def every_line(made: Report) -> Iterator[tuple[str, str, Line]]:
    """Yield (niveau, code, line) of the area and of what surrounds it."""
    for line in made.lines:
        yield made.area.niveau, made.area.code, line
    for around in made.around:
        for line in around.lines:
            yield around.place.niveau, around.place.code, line


def same(said: Any, kept: Any) -> bool:
    """Say whether a figure is that of the table: `None` where it is empty, equal to the digit."""
    return said is None if pd.isna(kept) else bool(said == kept)


# --- figures ------------------------------------------------------------------------------------


def test_every_figure_is_in_the_long_table_to_the_digit(
    reports: dict[str, Report], tables: Tables
) -> None:
    rows = pd.concat([tables.long, tables.density]).set_index(long_table.KEY).sort_index()
    checked = 0
    for made in reports.values():
        for niveau, code, line in every_line(made):
            row = rows.loc[(niveau, code, line.id, made.year)]
            columns = figure_columns(niveau)
            for field, column in columns.items():
                if column not in long_table.KEY:
                    assert same(getattr(line.figure, field), row[column]), (line.id, field)
                    checked += 1
            for point in line.series:
                row = rows.loc[(niveau, code, line.id, point.year)]
                assert same(point.rate, row[columns["rate"]])
                assert same(point.low, row[columns["rate_low"]])
                assert same(point.high, row[columns["rate_high"]])
                facts = "faits_publies" if niveau == "commune" else "faits_estimes"
                assert same(point.facts, row[facts])
                assert point.status == row["statut"]
                whole = rows.loc[("departement", DEPARTEMENT, line.id, point.year)]
                assert same(point.departement, whole["taux_estime"])
    assert checked > 1_000


def test_every_comparison_is_in_the_second_table_to_the_digit(
    reports: dict[str, Report], tables: Tables
) -> None:
    rows = tables.comparisons.set_index(comparisons.KEY)
    checked = 0
    for made in reports.values():
        for niveau, code, line in every_line(made):
            for compared in line.comparisons:
                row = rows.loc[(niveau, code, line.id, made.year, compared.reference)]
                assert compared.rate == row["taux_reference"]
                assert compared.verdict == row["comparaison"]
                assert compared.judgement == row["jugement"]
                checked += 1
            chosen = line.comparison
            assert chosen is None or chosen.reference == made.comparator
            for point in line.series:
                key = (niveau, code, line.id, point.year, made.comparator)
                kept = rows["taux_reference"].get(key)
                assert point.reference == kept
    assert checked > 50


def test_years_and_statuses_are_all_there(reports: dict[str, Report], tables: Tables) -> None:
    for made in reports.values():
        assert made.years == tuple(tables.about["years"])
        for line in made.lines:
            first = max(catalogue.indicators()[line.id].first_year, made.years[0])
            assert [p.year for p in line.series] == list(range(first, made.years[-1] + 1))
            assert {p.year for p in line.series if p.lockdown} == {2020, 2021}


def test_every_indicator_of_the_area_is_there_once(
    reports: dict[str, Report], tables: Tables
) -> None:
    for made in reports.values():
        same_area = (tables.long["niveau"] == made.area.niveau) & (
            tables.long["code"] == made.area.code
        )
        rows = tables.long[same_area & (tables.long["annee"] == made.year)]
        assert sorted(line.id for line in made.lines) == sorted(rows["indicateur"])
        read = {r.line.id for p in made.programmes for r in p.readings}
        assert read | {line.id for line in made.others} == {line.id for line in made.lines}


def test_a_report_is_plain_data(reports: dict[str, Report]) -> None:
    for made in reports.values():
        text = json.dumps(dataclasses.asdict(made), allow_nan=False)
        assert json.loads(text)["area"]["code"] == made.area.code


# --- what is hidden -----------------------------------------------------------------------------


def test_what_is_hidden_has_no_number(reports: dict[str, Report]) -> None:
    village = reports["village"]
    hidden = [line for line in village.lines if line.figure.status == "non_diffuse"]
    assert len(hidden) >= 5
    for line in hidden:
        figure = line.figure
        assert figure.published is figure.rate is figure.rate_low is figure.estimated is None
        assert all(c.verdict == "" and c.judgement == "sans_jugement" for c in line.comparisons)
        assert "cela ne veut pas dire zéro" in line.words.headline
        assert not re.search(r"\d", line.words.headline.replace(f"En {village.year}", ""))
        assert line.words.trend == ""


def test_the_page_of_a_small_commune_is_worth_opening(
    reports: dict[str, Report], tables: Tables
) -> None:
    village = reports["village"]
    (unsaid,) = (u for u in village.unsaid if u.reason == "non_diffuse")
    assert "plus de 5 faits ont été enregistrés pendant 3 années" in unsaid.sentence
    hidden = [line.title for line in village.lines if line.figure.status == "non_diffuse"]
    assert list(unsaid.indicators) == hidden
    assert village.area.neighbours and village.area.code not in {
        p.code for p in village.area.neighbours
    }
    assert village.area.density_class
    levels = [around.place.niveau for around in village.around]
    assert {"territoire", "epci"} & set(levels) and levels[-1] == "densite"
    for around in village.around:
        assert any(line.figure.published is not None for line in around.lines)
    (sentence,) = village.legal.sentences
    assert village.area.label in sentence
    assert village.similar and village.context


def test_what_surrounds_a_commune_is_never_said_twice(store: Store, tables: Tables) -> None:
    members = tables.groups[tables.groups["inside"]].groupby(["niveau", "code"])["code_insee"]
    held = members.agg(frozenset)
    twins = {codes for codes in held["epci"] if codes in set(held["territoire"])}
    assert twins, "the simulated councils follow some EPCI"
    commune = min(min(twins, key=len))
    made = report(store, DEPARTEMENT, "commune", commune, tables=tables)
    assert {p.niveau for p in made.area.groups} >= {"territoire", "epci"}
    groups = [a.place for a in made.around if a.place.niveau != "densite"]
    sets = [held[p.niveau, p.code] for p in groups]
    assert len(set(sets)) == len(sets)


def test_neighbours_are_mutual(store: Store, tables: Tables, reports: dict[str, Report]) -> None:
    village = reports["village"].area
    for place in village.neighbours[:3]:
        other = report(store, DEPARTEMENT, "commune", place.code, tables=tables).area
        assert village.code in {p.code for p in other.neighbours}


def test_without_estimates_nothing_is_estimated(store: Store, tables: Tables) -> None:
    code = an_area(tables, "territoire")
    full = report(store, DEPARTEMENT, "territoire", code, tables=tables)
    bare = report(store, DEPARTEMENT, "territoire", code, with_estimates=False, tables=tables)
    estimated = [line.id for line in full.lines if line.figure.method == "partage_du_total_masque"]
    assert estimated and not bare.with_estimates
    bases = {c.basis for line in bare.lines for c in line.comparisons}
    assert "total_estime" not in bases
    for line in bare.lines:
        if line.id in estimated:
            assert line.figure.estimated is line.figure.rate is None
            assert line.figure.published is not None
            assert line.comparison is None and not line.comparisons
            assert line.figure.reason == "estimations_non_demandees"
            assert "ce n’est pas le total" in line.words.headline
        for point in line.series:
            whole = tables.long.query(
                "niveau == 'territoire' and code == @code and indicateur == @line.id "
                "and annee == @point.year"
            )
            assert point.rate is None or whole["methode"].item() != "partage_du_total_masque"


# --- order, verdicts, periods -------------------------------------------------------------------


def test_higher_and_rising_come_first(store: Store, tables: Tables) -> None:
    found = 0
    for code in tables.long.loc[tables.long["niveau"] == "territoire", "code"].unique()[:5]:
        made = report(store, DEPARTEMENT, "territoire", str(code), tables=tables)
        for programme in made.programmes:
            flags = [r.line.higher_and_rising for r in programme.readings]
            assert flags == sorted(flags, reverse=True)
            found += sum(flags)
        for line in made.higher_and_rising:
            assert line.comparison is not None and line.comparison.verdict == "plus_eleve"
            assert line.trend.verdict == "hausse"
    assert found


def test_the_strategy_s_periods_are_compared_exactly_where_all_is_published(
    reports: dict[str, Report], tables: Tables
) -> None:
    city = reports["ville"]
    compared = [line for line in city.lines if line.period and line.period.own]
    assert compared
    for line in compared:
        assert line.period is not None and line.period.own is not None
        assert line.period.before == (2017, 2018, 2019)
        assert line.period.after == (2022, 2023, 2024)
        facts = {p.year: p.facts for p in line.series}
        assert line.period.own.before == sum(facts[y] or 0 for y in line.period.before)
        assert line.period.own.after == sum(facts[y] or 0 for y in line.period.after)
        assert line.period.own.method == "rapport_exact_conditionnel"
        if line.additive:
            whole = tables.long.query("niveau == 'departement' and indicateur == @line.id")
            totals = whole.set_index("annee")["faits_estimes"]
            assert line.period.rest is not None
            left = totals.reindex(line.period.after).sum() - line.period.own.after
            assert line.period.rest.after == left
        else:
            assert line.period.rest is None


def test_a_chosen_period_is_used_and_the_lockdowns_are_no_base(
    store: Store, tables: Tables, reports: dict[str, Report]
) -> None:
    code = reports["ville"].area.code
    made = report(store, DEPARTEMENT, "commune", code, period=((2016,), (2025,)), tables=tables)
    spans = {(line.period.before, line.period.after) for line in made.lines if line.period}
    assert spans == {((2016,), (2025,))}
    with pytest.raises(Refused, match="confinements"):
        report(store, DEPARTEMENT, "commune", code, period=((2020,), (2025,)), tables=tables)


def test_another_comparator_changes_the_verdict_not_the_figure(
    store: Store, tables: Tables, reports: dict[str, Report]
) -> None:
    city = reports["ville"]
    other = report(
        store, DEPARTEMENT, "commune", city.area.code, comparator="similaires", tables=tables
    )
    assert [line.figure for line in other.lines] == [line.figure for line in city.lines]
    chosen = [line.comparison.reference for line in other.lines if line.comparison]
    assert set(chosen) == {"similaires"}


@pytest.mark.parametrize("reference", comparisons.REFERENCES)
def test_what_is_compared_with_nothing_says_why(
    store: Store, tables: Tables, reports: dict[str, Report], reference: str
) -> None:
    """Every line that has a rate and no verdict, in its own words and in those of the report."""
    for each in reports.values():
        made = report(
            store,
            DEPARTEMENT,
            each.area.niveau,
            each.area.code,
            comparator=reference,
            tables=tables,
        )
        said = {
            title: unsaid.sentence
            for unsaid in made.unsaid
            if unsaid.reason == sentences.NOT_COMPARED
            for title in unsaid.indicators
        }
        without = [x for x in made.lines if x.figure.rate is not None and not x.comparison]
        assert set(said) == {line.title for line in without}
        for line in without:
            assert said[line.title] == line.words.verdict
            assert line.words.verdict.startswith("Non comparé")
            assert "n’est pas connue pour cette année" not in line.words.verdict


def test_likes_that_have_no_figure_are_counted(store: Store, tables: Tables) -> None:
    year = max(tables.about["years"])
    of_year = tables.long[(tables.long["annee"] == year) & (tables.long["niveau"] == "commune")]
    hidden = of_year[of_year["faits_publies"].isna()].groupby("indicateur")["code"].agg(set)
    counted = set()
    for code in of_year["code"].unique()[:30]:
        made = report(
            store, DEPARTEMENT, "commune", code, comparator=comparisons.SIMILAR, tables=tables
        )
        likes = {each.code for each in made.similar}
        for line in made.lines:
            if line.additive and line.figure.rate is not None and line.comparison is None:
                unknown = len(likes & hidden[line.id])
                counted.add(unknown)
                words = "aucun de ses 5" if unknown == 5 else f"{unknown} de ses 5 semblables n’"
                assert f"Non comparé\u202f: {words}" in line.words.verdict
    assert len(counted) > 2


def test_without_estimates_a_class_or_likes_are_not_said_to_be_unknown(
    store: Store, tables: Tables, reports: dict[str, Report]
) -> None:
    town = reports["ville"].area
    made = report(
        store,
        DEPARTEMENT,
        town.niveau,
        town.code,
        comparator=comparisons.DENSITY,
        with_estimates=False,
        tables=tables,
    )
    said = [u.sentence for u in made.unsaid if u.reason == sentences.NOT_COMPARED]
    assert any("les estimations ne sont pas affichées" in sentence for sentence in said)


def test_the_departement_is_not_compared_with_itself(reports: dict[str, Report]) -> None:
    whole = reports["departement"]
    assert whole.comparator == "region"
    assert {line.id for line in whole.others} >= {"homicides", "tentatives_homicide"}
    assert all(line.period is None or line.period.rest is None for line in whole.lines)


def test_persons_are_judged_nowhere(reports: dict[str, Report]) -> None:
    for made in reports.values():
        for line in made.lines:
            if not line.additive:
                assert line.comparison is None and not line.comparisons
            if line.polarity == "neutral":
                assert all(c.judgement == "sans_jugement" for c in line.comparisons)


def test_peers_leave_the_area_out(reports: dict[str, Report], tables: Tables) -> None:
    village = reports["village"]
    communes = int((tables.communes["kind"] == "commune").sum())
    for line in village.lines:
        assert line.spread.peers_known + line.spread.peers_unknown == communes - 1


def test_the_peers_of_a_council_of_several_communes_are_the_epci_that_share_none(
    store: Store, tables: Tables
) -> None:
    groups = tables.groups[tables.groups["inside"]]
    members = groups.groupby(["niveau", "code"])["code_insee"].agg(set)
    several = [code for code, held in members["territoire"].items() if len(held) > 1]
    assert len(several) > 2
    for code in several:
        own = members["territoire", code]
        apart = [epci for epci, held in members["epci"].items() if held.isdisjoint(own)]
        made = report(store, DEPARTEMENT, "territoire", code, tables=tables)
        assert made.similar and {each.code for each in made.similar} <= set(apart)
        for line in made.lines:
            assert line.spread.peers_known + line.spread.peers_unknown == len(apart)


# --- free perimeters ----------------------------------------------------------------------------


def test_a_perimeter_of_published_communes_adds_them_up(store: Store, tables: Tables) -> None:
    newest = tables.long[tables.long["annee"] == max(tables.about["years"])]
    towns = newest[(newest["niveau"] == "commune") & (newest["indicateur"] == "degradations")]
    codes = list(towns.nlargest(3, "faits_publies")["code"])
    made = report_for_codes(store, DEPARTEMENT, codes, label="Trois villes", tables=tables)
    assert (made.area.niveau, made.area.label) == (PERIMETER, "Trois villes")
    (line,) = (each for each in made.lines if each.id == "degradations")
    total = int(towns.nlargest(3, "faits_publies")["faits_publies"].sum())
    assert line.figure.published == line.figure.estimated == total
    whole = newest[
        (newest["niveau"] == "departement") & (newest["indicateur"] == "degradations")
    ].iloc[0]
    size = towns.set_index("code").loc[codes, "effectif_denominateur_total"].sum()
    rest = (whole["faits_estimes"] - total) / (whole["effectif_denominateur_total"] - size)
    assert line.comparison is not None
    assert line.comparison.rate == pytest.approx(1000 * rest, rel=1e-12)
    assert made.similar and not made.around


def test_a_perimeter_that_is_an_epci_says_what_the_epci_says(
    store: Store, tables: Tables, reports: dict[str, Report]
) -> None:
    epci = reports["epci"]
    codes = [place.code for place in epci.area.communes]
    made = report_for_codes(store, DEPARTEMENT, codes, tables=tables)
    for own, theirs in zip(made.lines, epci.lines, strict=True):
        assert own.id == theirs.id
        assert own.figure == theirs.figure
        assert own.trend == theirs.trend


def test_a_perimeter_gives_no_commune_away(store: Store, tables: Tables) -> None:
    """Two communes: hidden ones are never estimated, however many others are published."""
    newest = tables.long[tables.long["annee"] == max(tables.about["years"])]
    communes = newest[(newest["niveau"] == "commune") & (newest["indicateur"] == "degradations")]
    hidden = list(communes.loc[communes["statut"] == "non_diffuse", "code"][:2])
    town = str(communes.loc[communes["faits_publies"].idxmax(), "code"])
    made = report_for_codes(store, DEPARTEMENT, [town, *hidden], tables=tables)
    (line,) = (each for each in made.lines if each.id == "degradations")
    assert line.figure.estimated is None
    assert line.figure.reason == "moins_de_3_masquees"
    assert line.comparison is None


def test_a_perimeter_has_rows_in_the_long_table_s_form(
    store: Store, tables: Tables, reports: dict[str, Report]
) -> None:
    epci = reports["epci"].area
    codes = [place.code for place in epci.communes]
    area = areas.perimeter(tables, codes[::-1], "Mon secteur")
    rows, compared = rows_of_perimeter(tables, area)
    assert list(rows.columns) == long_table.COLUMNS
    assert set(rows["niveau"]) == set(compared["niveau"]) == {PERIMETER}
    assert set(rows["code"]) == set(compared["code"]) == {code_of(codes)} == {area.code}
    assert set(rows["libelle"]) == {"Mon secteur"}
    own = tables.long[(tables.long["niveau"] == "epci") & (tables.long["code"] == epci.code)]
    named = ["niveau", "code", "libelle"]
    pd.testing.assert_frame_equal(
        rows.drop(columns=named).reset_index(drop=True),
        own.drop(columns=named).reset_index(drop=True),
    )


def test_the_code_of_a_perimeter_is_that_of_its_communes() -> None:
    assert code_of(["00002", "00001", "00002"]) == code_of(["00001", "00002"])
    assert code_of(["00001", "00003"]) != code_of(["00001", "00002"])
    assert code_of(["00001"]).startswith(f"{PERIMETER}-")


def test_areas_like_a_perimeter_share_no_commune_with_it(
    store: Store, tables: Tables, reports: dict[str, Report]
) -> None:
    epci = reports["epci"].area
    # Half of an EPCI and what it touches: councils and EPCI are cut through.
    codes = [place.code for place in epci.communes][::2]
    area = areas.perimeter(tables, codes, "Moitié")
    likely = with_likes(tables, area)
    found, variables = similar_to_perimeter(likely, area)
    assert len(found) >= 3 and len(variables) >= 3
    assert [s.distance for s in found] == sorted(s.distance for s in found)
    members = tables.groups[tables.groups["niveau"] == "epci"]
    for similar in found:
        theirs = members.loc[members["code"] == similar.code]
        assert similar.label == theirs["libelle"].iloc[0]
        assert not set(theirs["code_insee"]) & set(codes)
    made = report_for_codes(store, DEPARTEMENT, codes, comparator="similaires", tables=tables)
    assert made.similar == found
    compared = [line.comparison for line in made.lines if line.comparison]
    assert compared
    for comparison in compared:
        assert set(comparison.members) <= {s.code for s in found}


def test_without_context_a_perimeter_is_like_no_other(tables: Tables) -> None:
    codes = [str(tables.communes["code_insee"].iloc[0])]
    bare = dataclasses.replace(
        tables, context=tables.context.iloc[:0], group_context=tables.group_context.iloc[:0]
    )
    area = areas.perimeter(bare, codes, "Seul")
    assert similar_to_perimeter(with_likes(bare, area), area) == ((), ())


def test_nested_perimeters_give_away_a_rule_of_three(store: Store, tables: Tables) -> None:
    """On a whole département, whatever councils and EPCI are shown beside."""
    year = max(tables.about["years"])
    facts = tables.facts[
        (tables.facts["indicator"] == "degradations") & (tables.facts["year"] == year)
    ]
    hidden = facts[(facts["status"] == "non_diffuse") & (facts["kind"] == "commune")]
    hidden = hidden.set_index("code_insee")
    towns = list(facts.loc[facts["count"] > 0, "code_insee"])
    hidden_total = round(hidden["complement_count"].iloc[0] * len(hidden))

    def estimate(codes: list[str]) -> float | None:
        made = report_for_codes(store, DEPARTEMENT, codes, tables=tables)
        (line,) = (each for each in made.lines if each.id == "degradations")
        return line.figure.estimated

    seen = 0
    for at in range(5, 11):
        small = estimate([*towns, *hidden.index[:at]])
        large = estimate([*towns, *hidden.index[: at + 1]])
        if small is not None and large is not None:
            seen += 1
            share = hidden["denominator"].iloc[at] / hidden["denominator"].sum()
            assert large - small == pytest.approx(hidden_total * share)
    assert seen


# --- refusals -----------------------------------------------------------------------------------


def test_what_does_not_exist_is_refused_in_one_sentence(store: Store, tables: Tables) -> None:
    commune = an_area(tables, "commune")

    def refuse(match: str, niveau: str = "commune", code: str = commune, **options: Any) -> None:
        with pytest.raises(Refused, match=match) as refusal:
            report(store, DEPARTEMENT, niveau, code, tables=tables, **options)
        assert str(refusal.value).endswith(".") and "\n" not in str(refusal.value)

    refuse("99999", code="99999")
    refuse(commune, niveau="epci")
    refuse("1999", annee=1999)
    refuse("inconnue", comparator="voisins")
    refuse("pas déclarée", strategy_id="aucune")
    with pytest.raises(Refused, match="vide"):
        report_for_codes(store, DEPARTEMENT, [], tables=tables)
    with pytest.raises(Refused, match="99999"):
        report_for_codes(store, DEPARTEMENT, [commune, "99999"], tables=tables)
    with pytest.raises(Refused, match="magasin"):
        report(store, "77", "commune", commune)


# --- what surrounds -----------------------------------------------------------------------------


def thefts(rates: dict[str, tuple[float, float]]) -> pd.DataFrame:
    """Return rows of a département at 10 ‰ of thefts and 5 ‰ of frauds, and of communes."""
    rows = [
        ("departement", "00", "vols_sans_violence", 10.0),
        ("departement", "00", "escroqueries", 5.0),
    ]
    for code, (stolen, frauds) in rates.items():
        rows += [
            ("commune", code, "vols_sans_violence", stolen),
            ("commune", code, "escroqueries", frauds),
        ]
    table = pd.DataFrame(rows, columns=["niveau", "code", "indicateur", "taux_pour_mille"])
    return table.assign(
        annee=2024, taux_estime=table["taux_pour_mille"], taux_bas=0.9 * table["taux_pour_mille"]
    )


def test_places_whose_victims_are_passing_through_are_flagged() -> None:
    long = thefts(
        {
            "00001": (60.0, 5.0),  # many thefts, ordinary frauds: a shopping centre
            "00002": (60.0, 20.0),  # much of both: its residents are concerned
            "00003": (33.0, 5.0),  # the low limit is under three times
            "00004": (np.nan, 5.0),  # not published
            "00005": (60.0, np.nan),  # frauds not published: too few to say otherwise
        }
    )
    codes = [f"0000{i}" for i in range(1, 6)]
    assert visited_communes(long, codes, 2024) == ["00001", "00005"]
    assert visited_communes(long, ["00002"], 2024) == []


def test_context_is_beside_that_of_the_departement(
    reports: dict[str, Report], tables: Tables
) -> None:
    whole = tables.group_context.query("niveau == 'departement'").set_index("variable")["value"]
    for made in reports.values():
        assert [c.id for c in made.context] == list(catalogue.context_variables())
        for line in made.context:
            assert same(line.departement, whole.get(line.id))
            assert (line.value is None) or line.status in ("publie", "partiel")
        for programme in made.programmes:
            assert all(programme.number in c.programmes for c in programme.context)


def test_a_commune_s_missing_context_says_why_and_is_no_zero(
    store: Store, tables: Tables, reports: dict[str, Report]
) -> None:
    seen = set()
    for made in reports.values():
        for line in made.context:
            if line.status in ("secret", "absent"):
                assert line.value is None and line.reason.endswith(".")
                seen.add(line.status)
    assert "secret" in seen
    empty = tables.context.assign(status="absent", value=np.nan, text="")
    village = reports["village"].area.code
    bare = report(
        store, DEPARTEMENT, "commune", village, tables=dataclasses.replace(tables, context=empty)
    )
    reasons = {line.reason for line in bare.context}
    assert len(reasons) == 1 and "ni zéro, ni secret" in reasons.pop()


def test_a_merged_commune_says_with_whom_newer_sources_count_it(tables: Tables) -> None:
    code, today = (an_area(tables, "commune", place) for place in (0, 1))
    name = tables.communes.set_index("code_insee")["name"][today]
    silent = (tables.context["code_insee"] == code) & (tables.context["variable"] == "population")
    table = tables.context.copy()
    table.loc[silent, ["value", "numerator", "denominator"]] = np.nan
    table.loc[silent, "status"] = "absent"
    communes = tables.communes.copy()
    communes.loc[communes["code_insee"] == code, "current_code"] = today
    changed = dataclasses.replace(tables, context=table, communes=communes)
    found = {x.id: x for x in context_lines(changed, areas.area(changed, "commune", code))}
    assert f"fusionnée dans {name}" in found["population"].reason
    assert found["densite"].reason == ""
    assert context_lines(tables, areas.area(tables, "commune", code))[0].reason == ""


def test_the_departement_beside_says_why_it_has_no_figure(tables: Tables) -> None:
    whole = (tables.group_context["niveau"] == "departement") & (
        tables.group_context["variable"] == "population"
    )
    table = tables.group_context.copy()
    table.loc[whole, ["value", "numerator", "denominator"]] = np.nan
    table.loc[whole, ["status", "reason"]] = ["absent", "1 commune sur 120 n’a pas ce chiffre."]
    changed = dataclasses.replace(tables, group_context=table)
    area = areas.area(changed, "epci", an_area(tables, "epci"))
    found = {each.id: each for each in context_lines(changed, area)}
    assert found["population"].departement is None
    assert found["population"].departement_reason == "1 commune sur 120 n’a pas ce chiffre."
    assert found["logements"].departement_reason == ""
    missing = [x for x in found.values() if x.value is None and not x.text]
    assert missing and all(each.reason for each in missing)


def test_priority_neighbourhoods_are_named_with_their_code(store: Store, tables: Tables) -> None:
    code = tables.qpv["code_insee"].iloc[0]
    made = report(store, DEPARTEMENT, "commune", code, tables=tables)
    (line,) = (c for c in made.context if c.id == "qpv")
    own = tables.qpv[tables.qpv["code_insee"] == code]
    assert line.value == len(own)
    for row in own.itertuples():
        assert f"{row.name} ({row.code_qpv})" in line.text


def test_a_commune_s_council_is_known_from_a_source(store: Store, tables: Tables) -> None:
    attested = tables.memberships[tables.memberships["status"].str.startswith("attesté")].iloc[0]
    made = report(store, DEPARTEMENT, "commune", attested["code_insee"], tables=tables).legal
    assert (made.council_status, made.council_source) == (attested["status"], attested["source"])
    assert f"La commune siège au {attested['name']}" in made.sentences[0]
    outside = set(tables.communes.query("kind == 'commune'")["code_insee"])
    outside -= set(tables.memberships["code_insee"])
    alone = report(store, DEPARTEMENT, "commune", min(outside), tables=tables).legal
    assert (alone.council_status, alone.council_source) == ("", "")
    assert "Aucun conseil n’y est connu" in alone.sentences[0]


def test_groups_say_that_today_s_members_make_every_year(reports: dict[str, Report]) -> None:
    for made in reports.values():
        said = any("composition d’aujourd’hui" in caveat for caveat in made.caveats)
        assert said == (made.area.niveau not in ("commune", "departement")), made.area.niveau


def test_totals_that_differ_are_said_where_they_count(reports: dict[str, Report]) -> None:
    whole = reports["departement"]
    table = pd.DataFrame(
        {
            "indicator": ["cambriolages", "degradations", "usage_stupefiants", "vols_de_vehicule"],
            "year": whole.year,
            "official": [3946.0, 500.0, 90.0, np.nan],
            "difference": [-50.0, 0.0, 4.0, np.nan],
        }
    )
    (said,) = disagreements(table, whole.lines, whole.year)
    assert "«\u202fCambriolages de logement\u202f»" in said
    assert "font 3\u202f896" in said and "le total officiel est 3\u202f946" in said
    assert "écart de 50" in said
    assert disagreements(table, whole.lines, whole.year - 1) == ()
    assert disagreements(table, reports["village"].lines, whole.year) == ()


def test_sources_carry_publisher_and_licence(reports: dict[str, Report]) -> None:
    for made in reports.values():
        assert made.sources
        for line in made.lines:
            assert line.calculation.source and line.calculation.edition and line.calculation.page
            assert line.calculation.licence == "Licence Ouverte 2.0"


def texts(value: Any) -> Iterator[str]:
    """Yield every text of plain data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from itertools.chain.from_iterable(texts(v) for v in value.values())
    elif isinstance(value, (list, tuple)):
        yield from itertools.chain.from_iterable(texts(v) for v in value)


def test_no_sentence_holds_a_machine_s_word_or_a_judgement(reports: dict[str, Report]) -> None:
    for made in reports.values():
        said = [dataclasses.asdict(line.words) for _, _, line in every_line(made)]
        for text in texts([said, list(made.caveats), list(made.legal.sentences)]):
            assert not re.search(r"\bnan\b|None|inf\b|_|  ", text), text
            assert not re.search(r"dangereu|moins bon|meilleur", text, re.IGNORECASE)
            assert not re.search(r"(?<!\u202f)[;:!?%](?!\w)|«(?!\u202f)|(?<!\u202f)»", text), text
            assert not re.search(r"\d\.\d|\d,\d{4}", text), text
