"""A territory astride: its parts made each at home, added up where held, nothing given away."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pptx import Presentation
from streamlit.testing.v1 import AppTest

from diagnostics import build, comparisons, context, diagnose, estimation, long_table, territories
from diagnostics import store as stores
from diagnostics.__main__ import main
from diagnostics.exports import batch, documents
from diagnostics.report import Report, load, report, report_for_codes
from diagnostics.report import area as areas
from diagnostics.report.border import beyond, drawn, read_across
from diagnostics.report.cells import identity
from diagnostics.report.model import (
    COUNTABLE,
    COUNTED,
    NOT_HELD,
    NOT_IN_FILE,
    OTHER_EDITION,
    YEARLY,
    Line,
)
from diagnostics.sources import qpv
from diagnostics.store import Store
from pages.ui.keys import Param
from tests import invented
from tests.conftest import ROOT
from tests.invented import HIDDEN, Cell
from tests.publisher_files import spaced

HOME, NEXT = "00", "A0"
EPCI, COUNCIL = "200000001", "cispd-a-cheval"
YEARS = range(2021, 2026)
FIRST, LAST = min(YEARS), max(YEARS)
DEGRADATIONS, BURGLARY, DRUGS = "degradations", "cambriolages", "usage_stupefiants"
Departement = tuple[str, dict[str, pd.DataFrame], dict[str, Any]]
HIDDEN_TOTAL = {HOME: 28.0, NEXT: 21.0}
REGION, REGION_TOTAL, REGION_SIZE = "99", 40_000.0, 2_000_000.0
OWN, OTHERS = ("00001", "00002", "00003", "00004"), ("A0001", "A0002", "A0003", "A0004")


def cells(departement: str, first_hidden: Mapping[str, Any]) -> dict[str, Cell]:
    """Return communes 1 (town) and 2 to 4 of the EPCI, 5 (town) and 6 to 10 of nobody."""
    towns: dict[str, tuple[float, float]] = {"001": (60, 4_000), "005": (90, 6_000)}
    made: dict[str, Cell] = {}
    for number in range(1, 11):
        tail = f"{number:03d}"
        made[f"{departement}{tail}"] = towns.get(tail, (HIDDEN, 300 + 10 * number))
    given = {
        code: said if isinstance(said, tuple) else (said, 400.0)
        for code, said in first_hidden.items()
    }
    return made | given


def facts_of(departement: str, published: Mapping[str, Any]) -> pd.DataFrame:
    """Return five years of three indicators; degradations rise by a quarter every year."""
    parts = []
    for year in YEARS:
        for indicator in (DEGRADATIONS, BURGLARY, DRUGS):
            grown = cells(departement, published)
            growth = 1.25 ** (year - FIRST) if indicator == DEGRADATIONS else 1
            counted = {
                code: (said if isinstance(said, str) else round(said * growth), residents)
                for code, (said, residents) in grown.items()
            }
            told = HIDDEN_TOTAL[departement]
            parts.append(invented.facts(counted, indicator, year, hidden_total=told))
    return pd.concat(parts, ignore_index=True)


def memberships(codes: tuple[str, ...]) -> pd.DataFrame:
    rows = [
        (COUNCIL, "cispd", "CISPD à cheval", code, None, None, "attesté", "arrêté")
        for code in codes
    ]
    return pd.DataFrame(rows, columns=territories.COLUMNS).astype({"start": object, "end": object})


def communes_of(table: pd.DataFrame) -> pd.DataFrame:
    sizes = table.groupby("code_insee")["population"].max()
    return pd.DataFrame(
        {
            "code_insee": sizes.index,
            "current_code": sizes.index,
            "name": [f"Commune {code}" for code in sizes.index],
            "kind": "commune",
            "region": REGION,
            "population_legal": sizes.to_numpy(),
        }
    ).astype({"population_legal": "Int64"})


def around(long: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a region, official and the same every year."""
    rows = long[(long["niveau"] == "departement") & (long["indicateur"] != DRUGS)]
    totals = ["faits_estimes", "faits_estimes_bas", "faits_estimes_haut"]
    rows = rows.assign(niveau="region", code=REGION, libelle="Plaine", methode="total_officiel")
    return rows.assign(
        effectif_denominateur_total=REGION_SIZE, **dict.fromkeys(totals, REGION_TOTAL)
    )


def departement(
    code: str,
    *,
    published: Mapping[str, Any] | None = None,
    groups: Mapping[tuple[str, str], tuple[str, ...]] | None = None,
    renamed: Mapping[str, str] | None = None,
    resized: Mapping[str, float] | None = None,
) -> Departement:
    """Return the tables of an invented département and its entry in the manifest."""
    hidden = {place: (HIDDEN, size) for place, size in (resized or {}).items()}
    table = facts_of(code, {**(published or {}), **hidden})
    communes = communes_of(table)
    communes["current_code"] = communes["code_insee"].replace(dict(renamed or {}))
    members = groups or {("epci", EPCI): (*OWN, *OTHERS)}
    held = invented.groups(members, communes["code_insee"])
    held["code"] = held["code"].where(held["niveau"] != "departement", code)
    known = diagnose.Known(
        table,
        communes,
        invented.NO_TOTALS,
        None,
        context.context_table({}, list(communes["code_insee"])),
        pd.DataFrame(),
        invented.EDITION,
        2025,
    )
    made = diagnose.figures(known, held)
    long = pd.concat([made["long"], around(made["long"])], ignore_index=True)
    tables = {
        "facts": table,
        "communes": communes,
        "memberships": memberships(members.get(("territoire", COUNCIL), ())),
        "qpv": pd.DataFrame(columns=qpv.COLUMNS, dtype="str"),
        "official": invented.NO_TOTALS,
        "reconciliation": build.reconcile(table, invented.NO_TOTALS),
        "context": known.context,
        **made,
        "long": long,
    }
    entry = {
        "name": {HOME: "Amont", NEXT: "Aval"}[code],
        "region": REGION,
        "edition": invented.EDITION,
        "generation": "C3",
        "geography": 2025,
        "produced": "2026-02-03",
        "years": list(YEARS),
        "indicators": [BURGLARY, DEGRADATIONS, DRUGS],
        "official_base": None,
        "communes": len(communes),
        "inputs": [
            {"title": "Base", "publisher": "SSMSI", "licence": "Licence", "file": f"{code}.csv"}
        ],
        "warnings": [],
    }
    return code, tables, entry


def held(folder: Path, *departements: Departement) -> Store:
    """Return a store of invented départements."""
    columns = {name: pd.Series(dtype="str") for name in ("niveau", "code", "libelle")}
    nowhere = gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries([]), crs="EPSG:4326")
    with stores.replacing(folder) as draft:
        for code, tables, _ in departements:
            stores.write_departement(draft, code, tables, nowhere)
        entries = {code: entry for code, _, entry in departements}
        stores.write_manifest({"simulated": True, "departements": entries}, draft)
    return stores.open_store(folder)


@pytest.fixture(scope="module")
def home() -> Departement:
    return departement(HOME)


@pytest.fixture(scope="module")
def next_door() -> Departement:
    return departement(NEXT)


@pytest.fixture(scope="module")
def store(
    tmp_path_factory: pytest.TempPathFactory, home: Departement, next_door: Departement
) -> Store:
    return held(tmp_path_factory.mktemp("border"), home, next_door)


@pytest.fixture(scope="module")
def whole(store: Store) -> Report:
    return report(store, HOME, "epci", EPCI, across=True)


@pytest.fixture(scope="module")
def rows(store: Store) -> dict[str, pd.DataFrame]:
    """Return the EPCI's rows in the long table of each département, by indicator and year."""
    found = {}
    for code in (HOME, NEXT):
        long = store.table(code, "long")
        own = long[(long["niveau"] == "epci") & (long["code"] == EPCI)]
        found[code] = own.set_index(["indicateur", "annee"])
    return found


def line(made: Report, indicator: str = DEGRADATIONS) -> Line:
    return next(each for each in made.lines if each.id == indicator)


# --- its part of the département, the long table -------------------------------------------------


def test_by_choice_figures_are_those_of_the_long_table(
    store: Store, rows: dict[str, pd.DataFrame]
) -> None:
    made = report(store, HOME, "epci", EPCI, across=False)
    own = rows[HOME].loc[(DEGRADATIONS, LAST)]
    assert line(made).figure.published == own["faits_publies"]
    assert line(made).figure.estimated == own["faits_estimes"]
    assert not made.area.across
    assert made.area.outside == OTHERS
    (there,) = made.area.beyond
    assert (there.status, there.departement, there.label) == (COUNTABLE, NEXT, "Aval")
    assert [place.code for place in there.communes] == list(OTHERS)


def test_a_caveat_says_who_is_left_out_and_how_many_residents(store: Store) -> None:
    said = [spaced(each) for each in report(store, HOME, "epci", EPCI, across=False).caveats]
    assert any(
        each.startswith("4 communes sur 8 (Aval), soit 50 % des habitants, ne sont dans aucun")
        for each in said
    )


# --- read across --------------------------------------------------------------------------------


def test_what_is_held_next_door_is_counted_unless_asked_otherwise(
    store: Store, whole: Report
) -> None:
    assert report(store, HOME, "epci", EPCI) == whole


def test_published_parts_add_up(whole: Report, store: Store) -> None:
    facts = pd.concat([store.table(code, "facts") for code in (HOME, NEXT)])
    ours = facts[facts["code_insee"].isin([*OWN, *OTHERS]) & (facts["year"] == LAST)]
    for each in whole.lines:
        rows_ = ours[ours["indicator"] == each.id]
        counted = rows_[rows_["count"].notna()]
        figure = each.figure
        assert figure.published == counted["count"].sum()
        assert (figure.published_communes, figure.communes) == (2, 8)
        assert figure.published_denominator == counted["denominator"].sum()
        assert figure.denominator == rows_["denominator"].sum()
        assert figure.population_coverage == pytest.approx(
            counted["population"].sum() / rows_["population"].sum()
        )
    assert {each.id for each in whole.lines} == {DEGRADATIONS, BURGLARY, DRUGS}


def test_totals_add_up_and_their_doubts_in_squares(
    whole: Report, rows: dict[str, pd.DataFrame]
) -> None:
    figure = line(whole).figure
    one, other = (rows[code].loc[(DEGRADATIONS, LAST)] for code in (HOME, NEXT))
    total = one["faits_estimes"] + other["faits_estimes"]
    below, above = (
        np.hypot(*(each["faits_estimes"] - each[f"faits_estimes_{side}"] for each in (one, other)))
        for side in ("bas", "haut")
    )
    assert below > 1
    assert above > 1
    assert figure.estimated == total
    assert figure.estimated_low == np.floor(total - below)
    assert figure.estimated_high == np.ceil(total + above)
    expected = estimation.estimated_rate(
        0, total, figure.estimated_low, figure.estimated_high, figure.denominator
    )
    assert (figure.rate, figure.rate_low, figure.rate_high) == tuple(map(float, expected))
    # Narrower than if both parts were at their limits at once, never narrower than one of them.
    assert figure.estimated_low >= one["faits_estimes_bas"] + other["faits_estimes_bas"]
    assert figure.estimated_low <= total - max(
        each["faits_estimes"] - each["faits_estimes_bas"] for each in (one, other)
    )


def test_persons_counted_once_per_commune_stay_an_indicative_sum(whole: Report) -> None:
    figure = line(whole, DRUGS).figure
    assert figure.method == "somme_indicative"
    assert figure.published == 120
    assert (figure.estimated, figure.rate) == (None, None)
    assert "additionner" in line(whole, DRUGS).words.refusal


def test_the_same_territory_is_read_from_both_sides(whole: Report, store: Store) -> None:
    mirrored = report(store, NEXT, "epci", EPCI, across=True)
    for ours, theirs in zip(whole.lines, mirrored.lines, strict=True):
        assert ours.figure == theirs.figure


def test_the_report_names_whose_communes_are_counted(whole: Report, store: Store) -> None:
    area = whole.area
    assert area.across
    assert area.outside == ()
    assert {place.code for place in area.communes} == {*OWN, *OTHERS}
    assert area.population == 2 * (4_000 + 320 + 330 + 340)
    assert [(each.status, each.codes) for each in area.beyond] == [(COUNTED, OTHERS)]
    assert {duty.code for duty in whole.legal.communes} == {*OWN, *OTHERS}
    said = [spaced(each) for each in whole.caveats]
    assert any("4 communes sur 8 (Aval), soit 50 % des habitants, sont comptées" in s for s in said)
    alone = report(store, HOME, "epci", EPCI, across=False)
    assert "de ses 8 communes" in spaced(line(alone).words.headline)
    assert "8 communes · 9 980 habitants" in spaced(identity(whole))
    assert "dont 4 communes hors du département (Aval)" in spaced(identity(whole))
    assert "dont" not in identity(alone)
    assert "de ses" not in line(whole).words.headline
    assert "estimé à part" in line(whole).calculation.rule


def test_a_trend_is_that_of_the_whole(whole: Report) -> None:
    assert line(whole).trend.verdict == "hausse"
    assert line(whole, BURGLARY).trend.verdict == "pas_de_tendance"
    assert [point.year for point in line(whole).series] == list(YEARS)


def test_the_rest_of_the_departement_is_no_reference(whole: Report) -> None:
    found = {each.reference: each for each in line(whole).comparisons}
    assert set(found) == {comparisons.REGION}
    assert whole.comparator == comparisons.REGION
    figure = line(whole).figure
    assert figure.estimated is not None
    assert figure.denominator is not None
    rest = 1000 * (REGION_TOTAL - figure.estimated) / (REGION_SIZE - figure.denominator)
    assert found[comparisons.REGION].rate == pytest.approx(rest)


def test_a_change_between_periods_has_no_rest_beside_it(store: Store) -> None:
    period = (2022, 2023), (2024, 2025)
    alone = line(report(store, HOME, "epci", EPCI, period=period, across=False)).period
    both = line(report(store, HOME, "epci", EPCI, period=period, across=True)).period
    assert alone is not None
    assert alone.rest is not None
    assert both is not None
    assert both.own is not None
    assert both.rest is None


def test_a_region_that_holds_one_part_only_is_no_reference(
    tmp_path: Path, home: Departement, next_door: Departement
) -> None:
    code, tables, entry = next_door
    store = held(tmp_path, home, (code, tables, entry | {"region": "98"}))
    made = report(store, HOME, "epci", EPCI, across=True)
    assert made.comparator == comparisons.FRANCE
    assert line(made).comparisons == ()


def test_rows_across_are_no_rows_of_the_long_table(store: Store) -> None:
    tables = load(store, HOME)
    area = areas.area(tables, "epci", EPCI)
    found = read_across(store, tables, replace(area, beyond=beyond(store, tables, area)))
    assert found is not None
    assert list(found.rows.columns) == long_table.COLUMNS
    assert set(found.rows["niveau"]) == {"epci_entier"}
    assert not set(found.rows["niveau"]) & set(long_table.LEVELS)
    assert set(found.rows["communes_hors_departement"]) == {0}


def test_without_estimates_published_sums_remain(store: Store) -> None:
    made = report(store, HOME, "epci", EPCI, across=True, with_estimates=False)
    assert (
        line(made).figure.published
        == line(report(store, HOME, "epci", EPCI, across=True)).figure.published
    )
    assert line(made).figure.estimated is None
    assert "ne sont pas affichées" in line(made).words.refusal


def test_a_reference_that_does_not_hold_the_whole_gives_way_to_the_region(store: Store) -> None:
    for asked in (comparisons.DENSITY, comparisons.SIMILAR):
        assert report(store, HOME, "epci", EPCI, comparator=asked).comparator == comparisons.REGION
    made = report(store, HOME, "epci", EPCI, comparator=comparisons.FRANCE)
    assert made.comparator == comparisons.FRANCE


# --- in the documents ----------------------------------------------------------------------------

SUBJECT = documents.Subject(HOME, "epci", EPCI, "Communauté")


def words_of(deck: Path) -> str:
    shapes = (shape for slide in Presentation(str(deck)).slides for shape in slide.shapes)
    return spaced(" ".join(shape.text_frame.text for shape in shapes if shape.has_text_frame))


def test_documents_count_the_whole_unless_asked_otherwise(store: Store, tmp_path: Path) -> None:
    deck = tmp_path / "deck.pptx"
    documents.write(deck, documents.PPTX, store, SUBJECT, documents.Order())
    assert "dont 4 communes hors du département (Aval)" in words_of(deck)
    documents.write(deck, documents.PPTX, store, SUBJECT, documents.Order(across=False))
    assert "4 communes dans un autre département, hors des chiffres" in words_of(deck)


def test_a_batch_counts_each_territory_as_one_document_does(store: Store, tmp_path: Path) -> None:
    for across, said in ((True, "dont 4 communes"), (False, "hors des chiffres")):
        folder = tmp_path / str(across)
        order = documents.Order(across=across)
        outcome = batch.write(folder, store, [SUBJECT], [documents.PPTX], order)
        assert not outcome.failed
        assert said in words_of(folder / outcome.written[0][2])


def test_the_command_line_counts_the_whole_unless_asked_otherwise(
    store: Store, tmp_path: Path
) -> None:
    out = tmp_path / "deck.pptx"
    asked = ["export", "pptx", "--territoire", EPCI, "--out", str(out)]
    for more, said in (([], "dont 4 communes"), (["--departement-seul"], "hors des chiffres")):
        assert main([*asked, *more, "--store", str(store.folder.parent)]) == 0
        assert said in words_of(out)


def test_maps_of_the_whole_are_drawn_from_both_sides(store: Store, whole: Report) -> None:
    tables = load(store, HOME)
    seen = drawn(store, tables, whole.area)
    assert {place.code for place in whole.area.communes} <= set(seen.communes["code_insee"])
    alone = report(store, HOME, "epci", EPCI, across=False)
    assert drawn(store, tables, alone.area) is tables


# --- what is not known, what is not given away ---------------------------------------------------


def test_a_total_is_known_only_where_each_part_is(tmp_path: Path, home: Departement) -> None:
    two = {"A0004": 12, "A0002": 9}
    store = held(tmp_path, home, departement(NEXT, published=two))
    made = line(report(store, HOME, "epci", EPCI, across=True))
    assert made.figure.published == round(60 * 1.25**4) * 2 + sum(
        round(n * 1.25**4) for n in two.values()
    )
    assert (made.figure.estimated, made.figure.rate) == (None, None)
    # Four communes are hidden: « moins de trois » is said of the part where it is true.
    assert made.figure.communes - made.figure.published_communes == 4
    assert "Aval\u202f: moins de trois communes" in made.words.refusal
    assert "Amont" not in made.words.refusal


def test_every_part_that_hides_is_named(tmp_path: Path) -> None:
    store = held(
        tmp_path,
        departement(HOME, published={"00002": 12, "00003": 9}),
        departement(NEXT, published={"A0004": 12}),
    )
    made = report(store, HOME, "epci", EPCI, across=True)
    assert "Amont et Aval\u202f: moins de trois" in line(made).words.refusal
    unsaid = {each.sentence for each in made.unsaid}
    assert line(made).words.refusal in unsaid


def test_a_part_that_is_no_area_next_door_is_made_as_a_perimeter(tmp_path: Path) -> None:
    members = {("territoire", COUNCIL): (*OWN, *OTHERS), ("epci", EPCI): (*OWN, *OTHERS)}
    store = held(
        tmp_path,
        departement(HOME, groups=members),
        departement(NEXT, groups={("epci", "200000009"): ("A0005",)}),
    )
    made = line(report(store, HOME, "territoire", COUNCIL, across=True))
    own = line(report(store, HOME, "territoire", COUNCIL, across=False))
    there = line(report_for_codes(store, NEXT, OTHERS))
    assert there.figure.estimated is not None
    assert made.figure.estimated == own.figure.estimated + there.figure.estimated


def test_a_part_that_would_give_a_commune_away_is_not_added(tmp_path: Path) -> None:
    """Next door an EPCI holds the same communes but one: the difference would be that one's."""
    members = {("territoire", COUNCIL): (*OWN, *OTHERS)}
    nested = {("epci", "200000009"): (*OTHERS, "A0006")}
    store = held(tmp_path, departement(HOME, groups=members), departement(NEXT, groups=nested))
    shown = store.table(NEXT, "long")
    assert shown.loc[shown["niveau"] == "epci", "faits_estimes"].notna().any()
    made = line(report(store, HOME, "territoire", COUNCIL, across=True))
    assert made.figure.communes == 8
    assert made.figure.estimated is None
    assert made.figure.reason == "difference"
    assert "Aval\u202f: ce total, soustrait d’un autre" in made.words.refusal


def test_covered_and_precise_is_asked_of_the_whole(tmp_path: Path) -> None:
    """Three communes of no published neighbour: nothing is said of them alone, the sum may be."""
    hamlets = ("A0002", "A0003", "A0004")
    members = {("territoire", COUNCIL): (*OWN, *hamlets)}
    store = held(tmp_path, departement(HOME, groups=members), departement(NEXT))
    assert line(report_for_codes(store, NEXT, hamlets)).figure.reason == "couverture"
    made = line(report(store, HOME, "territoire", COUNCIL))
    assert made.figure.reason == ""
    assert made.figure.population_coverage == pytest.approx(4_000 / (4_000 + 2 * 990))
    share = (
        HIDDEN_TOTAL[NEXT]
        * 990
        / sum(size for code, (said, size) in cells(NEXT, {}).items() if said == HIDDEN)
    )
    own = line(report(store, HOME, "territoire", COUNCIL, across=False)).figure.estimated
    assert made.figure.estimated == pytest.approx(own + share)


def test_a_whole_that_is_hardly_covered_has_no_total(tmp_path: Path) -> None:
    """The part that is known alone stays so; what is added to it says how little is published."""
    seven = ("00005", *(f"000{n:02d}" for n in range(6, 11)))
    hamlets = ("A0002", "A0003", "A0004", *(f"A00{n:02d}" for n in range(6, 11)))
    sizes = {"A0002": 12_000.0, "A0003": 9_000.0}
    members = {("territoire", COUNCIL): (*seven, *hamlets)}
    home, next_ = departement(HOME, groups=members), departement(NEXT, resized=sizes)
    store = held(tmp_path, home, next_)
    assert line(report(store, HOME, "territoire", COUNCIL, across=False)).figure.estimated
    made = line(report(store, HOME, "territoire", COUNCIL))
    assert (made.figure.estimated, made.figure.reason) == (None, "couverture")
    assert "30\u202f%" in made.words.refusal
    assert "Amont" not in made.words.refusal


# --- what is not held ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("about", "status", "words"),
    [
        (None, NOT_HELD, "(département A0) ne sont dans aucun chiffre : charger ce département"),
        ({"produced": "2026-06-25"}, OTHER_EDITION, "autre édition"),
        ({"geography": 2026}, OTHER_EDITION, "autre édition"),
        ({"years": [2024]}, OTHER_EDITION, "autres années"),
    ],
)
def test_another_edition_or_none_is_said_and_never_mixed(
    tmp_path: Path,
    home: Departement,
    next_door: Departement,
    about: dict[str, Any] | None,
    status: str,
    words: str,
) -> None:
    code, tables, entry = next_door
    others = [] if about is None else [(code, tables, entry | about)]
    store = held(tmp_path, home, *others)
    made = report(store, HOME, "epci", EPCI, across=True)
    assert [each.status for each in made.area.beyond] == [status]
    assert made.lines == report(store, HOME, "epci", EPCI, across=False).lines
    assert line(made).figure.communes == 4
    (said,) = (spaced(each) for each in made.caveats if "communes sur 8" in spaced(each))
    assert words in said
    assert ("habitants" in said) == (status == OTHER_EDITION)


def test_a_member_that_the_file_does_not_hold_stays_outside(
    tmp_path: Path, next_door: Departement
) -> None:
    members = {("territoire", COUNCIL): (*OWN, *OTHERS, "A0999")}
    store = held(tmp_path, departement(HOME, groups=members), next_door)
    made = report(store, HOME, "territoire", COUNCIL, across=True)
    assert [each.status for each in made.area.beyond] == [COUNTED, NOT_IN_FILE]
    assert made.area.outside == ("A0999",)
    assert (line(made).figure.communes, line(made).outside) == (8, 1)
    assert any("1 commune sur 9 (Aval) n’est dans aucun chiffre" in each for each in made.caveats)


def test_a_commune_of_today_is_counted_through_those_of_an_older_file(tmp_path: Path) -> None:
    members = {("territoire", COUNCIL): (*OWN, "A0001")}
    merged = {"A0002": "A0001", "A0003": "A0001"}
    store = held(tmp_path, departement(HOME, groups=members), departement(NEXT, renamed=merged))
    made = report(store, HOME, "territoire", COUNCIL, across=True)
    assert [place.code for place in made.area.beyond[0].communes] == ["A0001", "A0002", "A0003"]
    assert line(made).figure.communes == 7


def test_a_composition_of_each_year_is_not_read_across(tmp_path: Path) -> None:
    members = {("territoire", COUNCIL): (*OWN, *OTHERS)}
    store = held(tmp_path, departement(HOME, groups=members), departement(NEXT))
    made = report(store, HOME, "territoire", COUNCIL, across=True, composition=YEARLY)
    assert not made.area.across
    assert line(made).figure.communes == 4


def test_an_area_of_one_departement_is_read_the_same(store: Store) -> None:
    alone = report(store, HOME, "departement", HOME, across=False)
    assert report(store, HOME, "departement", HOME) == alone
    assert alone.area.beyond == ()


# --- on screen ----------------------------------------------------------------------------------


def opened(store: Store, page_name: str, **asked: str) -> AppTest:
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    page.switch_page(f"pages/{page_name}.py")
    for name, value in {"departement": HOME, "niveau": "epci", "zone": EPCI, **asked}.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def captions(page: AppTest) -> str:
    return spaced(" | ".join(each.value for each in page.caption))


@pytest.mark.parametrize("page_name", ["fiche", "programme_tranquillite", "comite"])
def test_each_page_counts_the_whole_and_offers_the_part(
    store: Store, monkeypatch: pytest.MonkeyPatch, page_name: str
) -> None:
    monkeypatch.setenv("DIAGNOSTIC_STORE", str(store.folder.parent))
    page = opened(store, page_name)
    assert page.toggle(Param.FRONTIERE).value is True
    assert "4 communes sur 8 (Aval), soit 50 % des habitants, sont comptées" in captions(page)
    assert "ne comptent que ses communes du département" in captions(page)
    page.toggle(Param.FRONTIERE).set_value(False).run()
    assert not page.exception
    assert "non" in page.query_params[Param.FRONTIERE]
    assert "4 communes sur 8 (Aval)" in captions(page)
    assert "aucun chiffre ici" in captions(page)
    page.toggle(Param.FRONTIERE).set_value(True).run()
    assert Param.FRONTIERE not in page.query_params


def test_the_committee_says_what_a_territory_astride_is_compared_with(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIAGNOSTIC_STORE", str(store.folder.parent))
    assert "La référence est la région" in captions(opened(store, "comite"))
    assert "La référence est" not in captions(opened(store, "comite", frontiere="non"))


def test_slides_on_screen_count_the_whole_unless_the_address_says_not(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIAGNOSTIC_STORE", str(store.folder.parent))

    def shown(**asked: str) -> Report:
        page = AppTest.from_function(_the_report, default_timeout=60)
        for name, value in {"departement": HOME, "niveau": "epci", "zone": EPCI, **asked}.items():
            page.query_params[name] = value
        page.run()
        assert not page.exception
        found: Report = page.session_state["shown"]
        return found

    assert shown().area.across
    assert not shown(frontiere="non").area.across


def _the_report() -> None:
    import streamlit as st

    from pages.ui import slide_source

    st.session_state["shown"] = slide_source.report("00")


def test_the_map_keeps_the_part_that_it_draws(
    store: Store, monkeypatch: pytest.MonkeyPatch, rows: dict[str, pd.DataFrame]
) -> None:
    monkeypatch.setenv("DIAGNOSTIC_STORE", str(store.folder.parent))
    page = opened(store, "carte")
    assert "4 communes dans un autre département, hors des chiffres" in captions(page)
    assert "comptent aussi 4 communes hors du département (Aval)" in captions(page)


def test_the_sheet_says_which_departement_to_load(
    tmp_path: Path, home: Departement, monkeypatch: pytest.MonkeyPatch
) -> None:
    held(tmp_path, home)
    monkeypatch.setenv("DIAGNOSTIC_STORE", str(tmp_path))
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    page.switch_page("pages/fiche.py")
    for name, value in ((Param.NIVEAU, "epci"), (Param.ZONE, EPCI)):
        page.query_params[name] = value
    page.run()
    assert not page.exception
    assert Param.FRONTIERE not in {each.key for each in page.toggle}
    assert any("charger ce département" in each.value for each in page.caption)


# --- published files ----------------------------------------------------------------------------

ROISSY = "200055655"
COMMUNAL = "donnee-comm-data.gouv-parquet-2024-geographie2025-produit-le2026-02-03.parquet"
ADDITIVE = {
    "Violences physiques intrafamiliales": "violences_intrafamiliales",
    "Destructions et dégradations volontaires": "degradations",
    "Vols sans violence contre des personnes": "vols_sans_violence",
}


@pytest.fixture(scope="module")
def published(mirror: Path) -> pd.DataFrame:
    """Return the rows of the 77 and the 95 in the national file, as published."""
    table = pd.read_parquet(mirror / "ssmsi" / COMMUNAL)
    return table[table["CODGEO_2025"].str[:2].isin(["77", "95"])]


@pytest.fixture(scope="module")
def real(mirror: Path, published: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("real")
    published.to_parquet(folder / COMMUNAL, index=False)
    for code in ("77", "95"):
        build.build(
            code,
            mirror=mirror,
            store_folder=folder / "store",
            raw=folder / "raw",
            edition=str(folder / COMMUNAL),
        )
    return stores.open_store(folder / "store")


@pytest.fixture(scope="module")
def members(mirror: Path) -> list[str]:
    """Return the communes of the CA Roissy Pays de France, from the list of EPCI."""
    listed = pd.read_json(mirror / "cog" / "epci.json", dtype={"code": str})
    (found,) = listed.loc[listed["code"] == ROISSY, "membres"]
    return [member["code"] for member in found]


def test_an_epci_of_the_77_has_the_communes_of_both_sides(
    real: Store, published: pd.DataFrame, members: list[str]
) -> None:
    made = report(real, "77", "epci", ROISSY, across=True)
    assert sorted(place.code for place in made.area.communes) == sorted(members)
    assert {code[:2] for code in members} == {"77", "95"}
    ours = published[published["CODGEO_2025"].isin(members)]
    for label, indicator in ADDITIVE.items():
        rows = ours[ours["indicateur"] == label]
        counted = rows[rows["est_diffuse"] == "diff"]
        figure = line(made, indicator).figure
        assert figure.published == counted["nombre"].sum()
        assert (figure.published_communes, figure.communes) == (len(counted), len(members))
        assert figure.population_coverage == pytest.approx(
            counted["insee_pop"].sum() / rows["insee_pop"].sum()
        )
        assert figure.denominator == rows["insee_pop"].sum()


def test_its_total_is_the_published_part_and_each_side_s_share_of_the_hidden_one(
    real: Store, published: pd.DataFrame, members: list[str]
) -> None:
    made = report(real, "77", "epci", ROISSY, across=True)
    for label, indicator in ADDITIVE.items():
        rows = published[published["indicateur"] == label]
        ours = rows["CODGEO_2025"].isin(members)
        expected = rows.loc[ours & (rows["est_diffuse"] == "diff"), "nombre"].sum()
        for code in ("77", "95"):
            hidden = rows[(rows["est_diffuse"] == "ndiff") & (rows["CODGEO_2025"].str[:2] == code)]
            total = round(hidden["complement_info_nombre"].iloc[0] * len(hidden))
            share = hidden.loc[hidden["CODGEO_2025"].isin(members), "insee_pop"].sum()
            expected += total * share / hidden["insee_pop"].sum()
        assert line(made, indicator).figure.estimated == pytest.approx(expected)
