"""The mistakes seen in public dashboards on this very base (DOMAIN §6): one test for each."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from diagnostics import catalogue, long_table
from diagnostics import report as reports
from diagnostics.exports import csv
from diagnostics.figures import map_data, scale
from diagnostics.store import Store
from tests.conftest import ROOT
from tests.invented import HIDDEN, Cell, estimated, facts, groups, long, official, row

A, B, C, D, E, F, G, H = (f"0000{i}" for i in range(1, 9))
CELLS: dict[str, Cell] = {A: (900, 9000), **dict.fromkeys((B, C, D, E, F, G), (HIDDEN, 400))}
FIGURES = [c for c in long_table.COLUMNS if c.startswith(("faits_", "taux_"))]
CODE = [
    path
    for folder in ("diagnostics", "pages", "benchmarks")
    for path in sorted((ROOT / folder).rglob("*.py"))
] + [ROOT / "app.py"]
WORDS = [*CODE, ROOT / "README.md", *sorted((ROOT / "data" / "catalogue").rglob("*.toml"))]


def found(pattern: str, paths: list[Path]) -> list[str]:
    """Return the lines of files that match, with their places."""
    return [
        f"{path.relative_to(ROOT)}:{n}: {line.strip()}"
        for path in paths
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(pattern, line, re.IGNORECASE)
    ]


# 1. What is hidden is not zero, not the complement, and takes its residents away with it


def test_hidden_is_never_summed_as_zero() -> None:
    """A group of hidden communes has no sum, and a hidden member no part in one."""
    table = long(facts(CELLS), groups({("epci", "e"): [B, C], ("epci", "f"): [A, B]}, CELLS))
    nothing, some = row(table, "epci", "e"), row(table, "epci", "f")
    assert nothing["statut"] == "non_diffuse" and pd.isna(nothing["faits_publies"])
    assert some["statut"] == "partiel" and some["faits_publies"] == 900
    zero = row(long(facts({A: (0, 90)}), groups({}, [A])), "commune", A)
    assert zero["statut"] == "zero" and zero["faits_publies"] == 0


def test_a_series_that_is_no_longer_published_is_no_fall_to_zero() -> None:
    """48 false falls were counted on one dashboard: 9, 8, 7, 6, then hidden."""
    counts: list[int | str] = [90, 80, 70, 60, HIDDEN]
    cells = [facts({A: (n, 9000), B: (90, 9000)}, year=2020 + i) for i, n in enumerate(counts)]
    table = long(pd.concat(cells, ignore_index=True), groups({}, [A, B]))
    last = row(table, "commune", A, annee=2024)
    assert last["tendance"] == "" and last[FIGURES].isna().all()


def test_hidden_is_never_filled_with_the_complement() -> None:
    """The publisher's mean of the hidden communes colours and counts none of them."""
    areas = groups({("territoire", "t"): [A, B, C]}, CELLS)
    few, many = (long(facts(CELLS, hidden_total=n), areas) for n in (6, 60))
    hidden = few["statut"].eq("non_diffuse") & few["niveau"].eq("commune")
    assert hidden.sum() == 6
    pd.testing.assert_frame_equal(few[hidden], many[hidden])
    council = few["niveau"].eq("territoire")
    pd.testing.assert_frame_equal(few[council], many[council])


def test_hidden_residents_are_out_of_the_published_rate() -> None:
    found_ = row(
        long(facts(CELLS), groups({("epci", "e"): [A, B, C]}, CELLS)),
        "epci",
        "e",
    )
    assert found_["taux_pour_mille"] == 1000 * 900 / 9000
    assert found_["effectif_denominateur"] == 9000
    assert found_["effectif_denominateur_total"] == 9800


def test_the_map_says_nothing_but_not_published_of_a_hidden_commune(store: Store) -> None:
    table = store.table("00", "long").query("niveau == 'commune' and annee == 2024")
    for indicator_id, rows in table.groupby("indicateur"):
        indicator = catalogue.indicators()[str(indicator_id)]
        drawn = map_data.map_rows(rows, indicator)
        hidden = drawn[drawn["status"] == "non_diffuse"]
        assert hidden["value"].isna().all() and not hidden["shown"].any()
        assert not hidden["tooltip"].str.contains(r"\d").any()
        breaks = scale.fixed_classes(drawn["value"].dropna().to_numpy())
        keys = scale.drawings(drawn, breaks)
        assert set(keys[hidden["code"]]) <= {"non-diffuse"}


# 2. Nothing of a hidden cell is printed, nor can be deduced


def test_no_text_says_how_many_a_hidden_commune_had() -> None:
    """« Entre 1 et 5 faits » is false: the three-year test failed, that is all."""
    said = (
        r"entre (1|un) et (4|5|quatre|cinq)\b|(1|un) à (4|5|quatre|cinq) faits"
        r"|moins de (5|6|cinq|six) faits|au plus (4|5|quatre|cinq) faits"
    )
    assert re.search(said, "Entre 1 et 5 faits", re.IGNORECASE)
    assert not found(said, WORDS)


NESTED = [
    # département minus a council; a council inside an EPCI; three levels; what is left of both.
    {("territoire", "t"): [A, B, C, D, E, F]},
    {("territoire", "t"): [A, B, C, D], ("epci", "e"): [A, B, C, D, E]},
    {("territoire", "t"): [A, B, C, D], ("epci", "e"): [A, E, F], ("arrondissement", "a"): [A, G]},
    {("epci", "e"): [A, B, C, D], ("epci", "f"): [E, F, G], ("arrondissement", "a"): [A, D, E, F]},
]


@pytest.mark.parametrize("members", NESTED)
def test_no_subtraction_of_shown_totals_gives_away_a_commune_or_two(
    members: dict[tuple[str, str], list[str]],
) -> None:
    """Every signed combination of at most four shown totals, the département's among them."""
    cells: dict[str, Cell] = {**CELLS, H: (900, 9000)}
    shown = estimated(facts(cells, hidden_total=12), groups(members, cells))
    shown = shown[shown["estimate"].notna()]
    hidden = [B, C, D, E, F, G]
    held = {("departement", "00"): hidden, **members}
    rows = [[int(c in held[key]) for c in hidden] for key in {k[:2] for k in shown.index}]
    for signs in np.ndindex(*[3] * len(rows)):
        combined = np.array(rows).T @ (np.array(signs) - 1)
        assert np.count_nonzero(combined) not in (1, 2)
    assert rows, "the département's total is always shown"


def test_a_refused_total_leaves_no_trace_in_the_other_columns(store: Store) -> None:
    """Neither interval, rate, reference nor verdict: each of them would give the total back."""
    table = store.table("00", "long")
    groups_ = table[table["niveau"].isin(["territoire", "epci", "arrondissement"])]
    refused = groups_[groups_["motif_sans_estimation"] != ""]
    assert len(refused) > 100
    total = [c for c in FIGURES if "estime" in c] + ["taux_reference"]
    assert refused[total].isna().all(axis=None)
    assert set(refused["comparaison"]) == set(refused["reference"]) == {""}


# 3. Units of count and nested series are never added


def test_no_row_adds_indicators() -> None:
    """Two indicators make two rows of each area, the same as each of them alone."""
    crimes, thefts = facts({A: (30, 900)}), facts({A: (7, 900)}, "vols_avec_armes")
    areas = groups({("epci", "e"): [A]}, [A])
    both = long(pd.concat([crimes, thefts], ignore_index=True), areas)
    alone = pd.concat([long(crimes, areas), long(thefts, areas)])
    keys = ["niveau", "code", "indicateur", "annee"]
    pd.testing.assert_frame_equal(
        both.sort_values(keys, ignore_index=True), alone.sort_values(keys, ignore_index=True)
    )
    assert set(both["indicateur"]) <= set(catalogue.indicators())


def test_each_unit_of_count_is_said_on_its_row(store: Store) -> None:
    table = store.table("00", "long")
    units = table.drop_duplicates(["indicateur", "unite_de_compte"])
    assert not units["indicateur"].duplicated().any()
    assert (units["unite_de_compte"] != "").all()


def test_fines_are_contained_in_usage_and_never_added_to_it() -> None:
    """3,409 of 4,865 persons were counted twice on one dashboard."""
    assert catalogue.indicators()["usage_stupefiants_afd"].contained_in == "usage_stupefiants"
    usage = facts({A: (50, 900), B: (8, 90)}, "usage_stupefiants")
    fines = facts({A: (30, 900), B: (6, 90)}, "usage_stupefiants_afd")
    table = long(pd.concat([usage, fines], ignore_index=True), groups({}, [A, B]))
    for code, expected in ((A, (50, 30)), (B, (8, 6))):
        got = [
            row(table, "commune", code, indicateur=i)["faits_publies"]
            for i in ("usage_stupefiants", "usage_stupefiants_afd")
        ]
        assert tuple(got) == expected


# 4. Denominators


def test_residents_are_counted_once_whatever_the_number_of_indicators() -> None:
    one = facts({A: (30, 900), B: (8, 100)})
    others = (
        facts({A: (7, 900), B: (0, 100)}, "vols_avec_armes"),
        facts({A: (9, 900), B: (6, 100)}, "vols_de_vehicule"),
    )
    three = pd.concat([one, *others], ignore_index=True)
    for table in (long(one, groups({}, [A, B])), long(three, groups({}, [A, B]))):
        whole = table[table["niveau"] == "departement"]
        assert set(whole["effectif_denominateur_total"]) == {1000}


def test_the_rate_of_a_group_is_no_mean_of_rates() -> None:
    cells: dict[str, Cell] = {A: (10, 1000), B: (9, 9000)}
    group = row(long(facts(cells), groups({("epci", "e"): [A, B]}, cells)), "epci", "e")
    assert group["taux_pour_mille"] == pytest.approx(1.9)  # and not (10 + 1) / 2
    assert group["taux_estime"] == pytest.approx(1.9)


def test_burglaries_are_never_divided_by_residents(store: Store) -> None:
    assert catalogue.indicators()["cambriolages"].denominator == "logements"
    known = store.table("00", "facts").query("indicator == 'cambriolages' and kind == 'commune'")
    dwellings = known.groupby("year")["dwellings"].sum()
    residents = known.groupby("year")["population"].sum()
    whole = store.table("00", "long").query("niveau == 'departement' and communes > 0")
    whole = whole.set_index(["indicateur", "annee"])["effectif_denominateur_total"]
    assert (whole["cambriolages"] == dwellings).all()
    assert (whole["degradations"] == residents).all()
    assert not (dwellings == residents).any()


# 5. Percentages on tiny counts, unknown changes, alerts


def sentences(store: Store) -> Iterator[tuple[reports.Report, object, str]]:
    """Yield every sentence of the diagnostic of a few areas of each kind."""
    tables = reports.load(store, "00")
    areas = tables.long[["niveau", "code"]].drop_duplicates()
    for niveau, step in (("commune", 25), ("territoire", 6), ("epci", 4)):
        for code in areas.loc[areas["niveau"] == niveau, "code"].iloc[::step]:
            report = reports.report(store, "00", niveau, code, tables=tables)
            for line in report.lines:
                for text in vars(line.words).values():
                    yield report, line, text


@pytest.fixture(scope="module")
def said(store: Store) -> list[tuple[object, str]]:
    return [(line, text) for _, line, text in sentences(store) if text]


def test_a_change_in_per_cent_never_comes_without_its_interval(
    said: list[tuple[object, str]],
) -> None:
    """A signed percentage has its two bounds beside it, whatever the counts."""
    changes = 0
    for _, text in said:
        percentages = re.findall(r"[+−][\d\u202f]+(?:,\d+)?\u202f%", text)
        assert len(percentages) != 1, text
        changes += len(percentages) > 0
    assert changes > 0


def test_an_unknown_change_is_not_zero_per_cent(said: list[tuple[object, str]]) -> None:
    hidden = [t for line, t in said if line.figure.published is None]  # type: ignore[attr-defined]
    assert hidden
    assert not [t for t in hidden if re.search(r"(?<![\d,])[+−]?0(,0+)?\u202f%", t)]


def test_no_change_in_per_cent_is_an_alert(said: list[tuple[object, str]]) -> None:
    alarming = r"alerte|danger|préoccupant|inquiét|explos|flamb|record|seuil de \d+"
    assert not [text for _, text in said if re.search(alarming, text, re.IGNORECASE)]
    assert not found(r"\b(alerte|dangereu|explosion|flambée)", WORDS)


# 6. No ranking, and classes that let colours move


def test_nothing_ranks_communes() -> None:
    ranking = r"\.rank\(|nlargest|nsmallest|palmarès|\btop[ _]?\d+|\b\d+e sur \d+"
    assert not found(ranking, CODE)


def test_rows_stand_in_the_order_of_codes_not_of_values(store: Store) -> None:
    table = csv.select(store, "commune")
    assert list(table["code"]) == sorted(table["code"])


def test_the_colour_of_a_rate_is_the_same_every_year(store: Store) -> None:
    """Classes are those of all years together, so that a rate that falls changes its colour."""
    table, members = store.table("00", "long"), store.table("00", "groups")
    moved = 0
    for indicator_id in ("cambriolages", "violences_sexuelles", "degradations"):
        rows = map_data.rows_of_layer(table, members, "commune")
        rows = rows[rows["indicateur"] == indicator_id]
        rates = map_data.colouring_rate(rows)
        breaks = scale.fixed_classes(rates.dropna().to_numpy())
        by_year = [scale.class_of(part, breaks).max() for _, part in rates.groupby(rows["annee"])]
        shares = [
            np.bincount(scale.class_of(part.dropna(), breaks), minlength=6) / part.notna().sum()
            for _, part in rates.groupby(rows["annee"])
        ]
        moved += sum(not np.allclose(a, b) for a, b in pairwise(shares))
        assert len(breaks) == 4 and max(by_year) == 5
    # Classes cut anew each year would hold a fifth of the communes each, every year.
    assert moved > 20


def test_the_map_page_cuts_its_classes_before_it_takes_a_year() -> None:
    """`fixed_classes` is given the series, never the rows shown."""
    calls = found(r"fixed_classes\(", sorted((ROOT / "pages").rglob("*.py")))
    assert calls
    assert all("shown" not in call and "series" in call for call in calls)


# 7. Nothing of one edition is written in the code


def test_no_vintage_of_a_column_is_hard_coded() -> None:
    """Reading it from the header or building it from a year is the only way."""
    assert not found(r"CODGEO_?20\d\d", CODE)


def test_no_resource_of_an_edition_is_hard_coded() -> None:
    """Resource ids change between editions: no address is made of one, in code or catalogue."""
    # In braces it is the name of a style of Office's formats, no resource.
    uuid = r"(?<!\{)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    declared = sorted((ROOT / "data" / "catalogue").rglob("*.toml"))
    # The page where a source was seen is for readers: nothing is downloaded from it.
    held = [x for x in found(uuid, [*CODE, *declared]) if not re.search("Source:|page = ", x)]
    assert not held
    assert not found(r"produit-le\d{4}|geographie20\d\d", CODE)


def test_no_official_label_is_hard_coded() -> None:
    """Labels move between editions: they stand in indicators.toml alone."""
    texts = {path: path.read_text(encoding="utf-8") for path in CODE}
    quoted = [
        (str(path.relative_to(ROOT)), label)
        for label in catalogue.labels()
        for path, text in texts.items()
        if re.search(rf"[\"']{re.escape(label)}[\"']", text)
    ]
    assert not quoted


# 8. One figure, wherever it is read


def test_map_file_and_table_hold_the_same_figure(store: Store) -> None:
    table = store.table("00", "long")
    rows = table.query("niveau == 'epci' and indicateur == 'degradations' and annee == 2024")
    drawn = map_data.map_rows(rows, catalogue.indicators()["degradations"]).set_index("code")
    exported = csv.long_csv(rows).splitlines()
    columns = exported[0].split(";")
    for line in exported[1:]:
        cell = dict(zip(columns, line.split(";"), strict=True))
        shown = drawn.loc[cell["code"], "value"]
        written = cell["taux_estime"].replace(",", ".")
        assert (written == "" and pd.isna(shown)) or float(written) == pytest.approx(
            float(shown), abs=1e-6
        )


# 9. Sentences are rules


def test_no_sentence_is_written_by_a_language_model() -> None:
    requirements = "".join((ROOT / f"requirements{s}.txt").read_text() for s in ("", "-dev"))
    models = r"openai|anthropic|mistral|langchain|transformers|llama|litellm|ollama|torch"
    assert not re.search(models, requirements, re.IGNORECASE)
    assert not found(rf"^\s*(import|from) ({models})", CODE)


def test_the_same_figures_give_the_same_sentences(store: Store) -> None:
    tables = reports.load(store, "00")
    code = tables.long.query("niveau == 'territoire'")["code"].iloc[0]
    once, twice = (reports.report(store, "00", "territoire", code, tables=tables) for _ in range(2))
    assert [line.words for line in once.lines] == [line.words for line in twice.lines]


def test_official_totals_are_never_replaced_by_an_estimate() -> None:
    """The département's figure is the publisher's, even where hidden parts say otherwise."""
    table = long(
        facts(CELLS, hidden_total=12), groups({}, CELLS), official(("degradations", 2024, 920))
    )
    whole = row(table, "departement", "00")
    assert whole["faits_estimes"] == 920 and whole["methode"] == "total_officiel"
