"""The contract of the long table, sentence by sentence, on cells written by hand and on a store."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from diagnostics import aggregation, catalogue, estimation, long_table
from diagnostics.sources.cog import COMMUNE, MUNICIPAL_ARRONDISSEMENT
from diagnostics.statistics.rates import rate_interval
from diagnostics.statistics.trends import trend_markers
from diagnostics.store import Store
from tests.invented import (
    ABSENT,
    DEPARTEMENT,
    EDITION,
    HIDDEN,
    NO_TOTALS,
    Cell,
    facts,
    groups,
    long,
    official,
    row,
)

A, B, C, D, E, F, G = (f"0000{i}" for i in range(1, 8))
# DESIGN, "The long table": the public contract, in its order.
CONTRACT = [
    "niveau",
    "code",
    "libelle",
    "programme",
    "indicateur",
    "libelle_indicateur",
    "annee",
    "unite_de_compte",
    "denominateur",
    "effectif_denominateur",
    "statut",
    "faits_publies",
    "communes_publiees",
    "communes",
    "couverture_population",
    "faits_estimes",
    "faits_estimes_bas",
    "faits_estimes_haut",
    "taux_pour_mille",
    "taux_bas",
    "taux_haut",
    "methode",
    "reference",
    "taux_reference",
    "comparaison",
    "tendance",
    "edition",
    "geographie",
    "programmes_secondaires",
    "effectif_denominateur_total",
    "couverture_denominateur",
    "taux_estime",
    "taux_estime_bas",
    "taux_estime_haut",
    "communes_hors_departement",
]
PUBLISHED = ["faits_publies", "taux_pour_mille", "taux_bas", "taux_haut", "effectif_denominateur"]
TOTAL = ["faits_estimes", "faits_estimes_bas", "faits_estimes_haut"]
TOTAL_RATE = ["taux_estime", "taux_estime_bas", "taux_estime_haut"]
GROUPS = ["territoire", "epci", "arrondissement"]
# One town, six villages of which all are hidden but the town's neighbour.
CELLS: dict[str, Cell] = {A: (900, 9000), **dict.fromkeys((B, C, D, E, F, G), (HIDDEN, 400))}
ADDITIVE = {i.id for i in catalogue.indicators().values() if i.additive}


@pytest.fixture(scope="module")
def built(store: Store) -> pd.DataFrame:
    return store.table("00", "long")


def communal(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["niveau"].isin([COMMUNE, MUNICIPAL_ARRONDISSEMENT])]


# Keys and columns


def test_the_columns_are_the_contract_and_additions_stand_at_the_end(built: pd.DataFrame) -> None:
    assert list(built.columns) == long_table.COLUMNS
    assert long_table.COLUMNS[: len(CONTRACT)] == CONTRACT
    assert list(long(facts(CELLS), groups({}, CELLS)).columns) == long_table.COLUMNS


def test_one_row_per_level_area_indicator_and_year(built: pd.DataFrame) -> None:
    assert not built.duplicated(["niveau", "code", "indicateur", "annee"]).any()


def test_levels_and_their_codes(built: pd.DataFrame) -> None:
    codes = built.drop_duplicates(["niveau", "code"]).groupby("niveau")["code"].agg(list)
    assert all(len(code) == 5 for code in codes["commune"])
    assert all(code == code.lower() and code.isascii() for code in codes["territoire"])
    assert all(len(code) == 9 and code.isdigit() for code in codes["epci"])
    assert codes["departement"] == ["00"]
    assert set(codes.index) <= set(long_table.LEVELS)


def test_labels_units_and_denominators_are_those_of_the_catalogue(built: pd.DataFrame) -> None:
    for indicator_id, rows in built.groupby("indicateur"):
        declared = catalogue.indicators()[str(indicator_id)]
        assert set(rows["libelle_indicateur"]) == {declared.label}
        assert set(rows["unite_de_compte"]) == {declared.unit}
        assert set(rows["denominateur"]) == {declared.denominator}


def test_programmes_are_those_of_the_strategy_and_duplicate_no_row(built: pd.DataFrame) -> None:
    strategy = catalogue.strategy()
    for indicator_id, rows in built.groupby("indicateur"):
        primary = strategy.primary(str(indicator_id))
        assert set(rows["programme"]) == {"" if primary is None else str(primary)}
        others = ",".join(map(str, strategy.secondary(str(indicator_id))))
        assert set(rows["programmes_secondaires"]) == {others}


def test_an_indicator_that_no_programme_claims_has_no_programme() -> None:
    unclaimed = next(i for i in catalogue.indicators() if catalogue.strategy().primary(i) is None)
    table = long(facts({A: (9, 100)}, unclaimed), groups({}, [A]))
    assert set(table["programme"]) == {""} == set(table["programmes_secondaires"])


def test_edition_and_geography_are_those_of_the_file() -> None:
    table = long(facts(CELLS), groups({}, CELLS))
    assert set(table["edition"]) == {EDITION} and set(table["geographie"]) == {2025}


# Status, counts, coverage


def test_a_commune_carries_its_count_where_it_is_published_and_nothing_else(
    built: pd.DataFrame,
) -> None:
    rows = communal(built)
    known = rows["statut"].isin(["publie", "zero"])
    assert set(rows["statut"]) == {"publie", "zero", "non_diffuse"}
    assert (rows["faits_publies"].notna() == known).all()
    assert (rows.loc[rows["statut"] == "publie", "faits_publies"] > 0).all()
    assert (rows.loc[rows["statut"] == "zero", "faits_publies"] == 0).all()
    assert (rows["communes"] == 1).all()
    assert (rows["communes_publiees"] == known).all()
    assert rows[[*TOTAL, *TOTAL_RATE]].isna().all(axis=None)


def test_a_hidden_or_absent_commune_has_no_number_anywhere(built: pd.DataFrame) -> None:
    by_hand = long(
        facts({**CELLS, "00009": (ABSENT, 70)}, hidden_total=12),
        groups({("territoire", "t"): [A, B, C, D]}, [*CELLS, "00009"]),
        official(("degradations", 2024, 912)),
    )
    for table in (built, by_hand):
        rows = communal(table)
        rows = rows[rows["statut"].isin(["non_diffuse", "absent"])]
        assert len(rows)
        figures = [c for c in rows.columns if c.startswith(("faits_", "taux_"))]
        assert rows[[*figures, "effectif_denominateur"]].isna().all(axis=None)
        assert set(rows["comparaison"]) == set(rows["tendance"]) == set(rows["reference"]) == {""}
        assert (rows["couverture_population"] == 0).all()


def test_the_sum_of_a_group_is_over_its_published_members(store: Store) -> None:
    """Recomputed with plain loops from the facts and the membership."""
    table, members = store.table("00", "long"), store.table("00", "groups")
    known = store.table("00", "facts").query("kind == 'commune'")
    known = known[known["year"] == known["year"].max()].set_index(["indicator", "code_insee"])
    rows = table[table["niveau"].isin([*GROUPS, "departement"]) & (table["communes"].notna())]
    rows = rows[rows["annee"] == rows["annee"].max()]
    inside = members[members["inside"]].groupby(["niveau", "code"])["code_insee"].agg(list)
    checked = 0
    for found in rows.itertuples():
        cells = [known.loc[(found.indicateur, c)] for c in inside[found.niveau, found.code]]
        published = [c for c in cells if c["status"] in ("publie", "zero")]
        hidden = [c for c in cells if c["status"] == "non_diffuse"]
        total = sum(c["count"] for c in published)
        size = sum(c["denominator"] for c in published)
        whole = sum(c["denominator"] for c in cells)
        assert (found.communes, found.communes_publiees) == (len(cells), len(published))
        residents = sum(c["population"] for c in cells)
        if published:
            assert found.faits_publies == total
            assert found.effectif_denominateur == size
            assert found.couverture_population == pytest.approx(
                sum(c["population"] for c in published) / residents
            )
            assert found.taux_pour_mille == pytest.approx(1000 * total / size)
        else:
            assert pd.isna(found.faits_publies) and pd.isna(found.taux_pour_mille)
        assert found.effectif_denominateur_total == whole
        expected = (
            ("publie" if total else "zero")
            if len(published) == len(cells)
            else "partiel"
            if published
            else "non_diffuse"
            if hidden
            else "absent"
        )
        assert found.statut == expected
        checked += 1
    assert checked > 100


def test_a_group_s_coverage_is_a_share_of_residents_and_of_the_denominator() -> None:
    cells: dict[str, Cell] = {A: (9, 3000), B: (HIDDEN, 1000)}
    table = long(facts(cells, "cambriolages"), groups({("epci", "e"): [A, B]}, cells))
    found = row(table, "epci", "e")
    assert found["couverture_population"] == 0.75
    assert found["effectif_denominateur"] == 1500 and found["effectif_denominateur_total"] == 2000
    assert found["couverture_denominateur"] == 0.75
    assert found["taux_pour_mille"] == 6
    nothing = row(
        long(facts({A: (HIDDEN, 10), B: (5, 90)}), groups({("epci", "e"): [A]}, [A, B])),
        "epci",
        "e",
    )
    assert nothing["couverture_population"] == nothing["couverture_denominateur"] == 0
    assert pd.isna(nothing["effectif_denominateur"])


def test_what_is_missing_is_empty_and_not_zero() -> None:
    cells: dict[str, Cell] = {A: (0, 0), B: (ABSENT, 10), C: (7, 100)}
    table = long(facts(cells), groups({("epci", "e"): [A], ("epci", "f"): [B]}, cells))
    for found in (row(table, "commune", A), row(table, "epci", "e")):
        assert found["statut"] == "zero" and found["faits_publies"] == 0
        assert found[["taux_pour_mille", "taux_bas", "taux_haut", "taux_estime"]].isna().all()
    nobody = row(table, "epci", "f")
    assert nobody["statut"] == "absent"
    assert nobody[[*PUBLISHED, *TOTAL, *TOTAL_RATE]].isna().all()


def test_a_rate_published_without_count_is_kept_as_a_rate_alone() -> None:
    table = facts({A: (12, 1000), B: (6, 500), C: (7, 900)})
    table.loc[0, "count"] = np.nan
    built = long(table, groups({("epci", "e"): [A, B]}, [A, B, C]))
    found = row(built, "commune", A)
    assert found["taux_pour_mille"] == 12 and pd.isna(found["faits_publies"])
    assert found["methode"] == "taux_publie" and found["statut"] == "publie"
    assert found[["taux_bas", "taux_haut"]].isna().all() and found["comparaison"] == ""
    group = row(built, "epci", "e")
    assert (group["faits_publies"], group["communes_publiees"]) == (6, 1)
    assert group["statut"] == "partiel" and pd.isna(group["faits_estimes"])


def test_members_outside_are_in_no_figure() -> None:
    table = long(facts(CELLS), groups({("epci", "e"): [A, B, "99001", "99002"]}, CELLS))
    found = row(table, "epci", "e")
    assert (found["communes"], found["communes_hors_departement"]) == (2, 2)
    assert found["effectif_denominateur_total"] == 9400


# Totals


def test_a_departement_s_total_is_the_official_one_without_interval(store: Store) -> None:
    totals = store.table("00", "official").set_index(["indicator", "year"])["count"]
    table = store.table("00", "long").query("niveau == 'departement'")
    assert set(table["methode"]) == {"total_officiel"}
    for found in table.itertuples():
        assert found.faits_estimes == totals[found.indicateur, found.annee]
        assert found.faits_estimes_bas == found.faits_estimes == found.faits_estimes_haut
        exact = rate_interval(found.faits_estimes, found.effectif_denominateur_total)
        assert found.taux_estime == pytest.approx(float(exact.rate))
        assert found.taux_estime_bas == pytest.approx(float(exact.low))
        assert found.taux_estime_haut == pytest.approx(float(exact.high))


def test_an_extract_is_not_the_departement() -> None:
    # Two communes of 1,500 residents in a département of 6,000, of which the file has no more.
    cells: dict[str, Cell] = {A: (30, 1000), B: (0, 500), "00009": (ABSENT, float("nan"))}
    totals = official(("degradations", 2024, 60), ("homicides", 2024, 3), residents=6000)
    table = long(facts(cells), groups({("epci", "e"): [A, "00009"]}, cells), totals)
    whole = row(table, "departement", "00", indicateur="degradations")
    assert (whole["faits_estimes"], whole["effectif_denominateur_total"]) == (60, 6000)
    assert whole["taux_estime"] == pytest.approx(10)
    assert whole["couverture_population"] == whole["couverture_denominateur"] == 0.25
    assert whole["taux_pour_mille"] == pytest.approx(20)
    homicides = row(table, "departement", "00", indicateur="homicides")
    assert homicides["taux_pour_mille"] == pytest.approx(0.5)
    # 30 of 60 facts and 1,000 of 6,000 residents stay out of the reference.
    assert row(table, "commune", A)["taux_reference"] == pytest.approx(6)
    partly = row(table, "epci", "e")
    assert pd.isna(partly["couverture_population"]) and pd.isna(partly["taux_estime"])
    assert partly["motif_sans_estimation"] == "donnees_absentes"


def test_without_official_total_it_is_put_together_and_says_so() -> None:
    found = row(long(facts(CELLS, hidden_total=12), groups({}, CELLS)), "departement", DEPARTEMENT)
    assert found["faits_estimes"] == 912 and found["methode"] == "total_reconstitue"
    unknown = row(long(facts(CELLS), groups({}, CELLS)), "departement", DEPARTEMENT)
    assert unknown[TOTAL].isna().all()
    assert unknown["motif_sans_estimation"] == "complement_absent"


def test_indicators_of_the_departement_alone_carry_the_official_count() -> None:
    totals = official(("homicides", 2024, 4), ("homicides", 2019, 3), ("degradations", 2024, 912))
    table = long(facts(CELLS, hidden_total=12), groups({}, CELLS), totals)
    (found,) = table[table["indicateur"] == "homicides"].to_dict("records")
    assert (found["niveau"], found["annee"]) == ("departement", 2024)
    assert found["faits_publies"] == found["faits_estimes"] == 4
    assert found["statut"] == "publie" and found["effectif_denominateur"] == 11_400
    assert pd.isna(found["communes"]) and pd.isna(found["couverture_population"])
    zero = row(
        long(facts(CELLS), groups({}, CELLS), official(("homicides", 2024, 0))),
        "departement",
        DEPARTEMENT,
        indicateur="homicides",
    )
    assert zero["statut"] == "zero" and zero["faits_publies"] == 0


def test_a_group_s_total_is_what_is_published_where_nothing_is_hidden(built: pd.DataFrame) -> None:
    rows = built[built["niveau"].isin(GROUPS) & built["indicateur"].isin(ADDITIVE)]
    rows = rows[rows["statut"].isin(["publie", "zero"])]
    assert len(rows) > 100
    for column in TOTAL:
        assert (rows[column] == rows["faits_publies"].astype(float)).all()
    assert set(rows["methode"]) == {"poisson_exact"}
    np.testing.assert_allclose(rows["taux_estime_bas"], rows["taux_bas"])
    np.testing.assert_allclose(rows["taux_estime_haut"], rows["taux_haut"])


def test_an_empty_total_has_its_reason_and_a_total_none(built: pd.DataFrame) -> None:
    rows = built[built["niveau"].isin(GROUPS)]
    empty = rows["faits_estimes"].isna()
    assert (empty == (rows["motif_sans_estimation"] != "")).all()
    for column in (*TOTAL, *TOTAL_RATE):
        assert (rows[column].isna() == empty).all()
    assert (
        (rows.loc[~rows["indicateur"].isin(ADDITIVE), "motif_sans_estimation"])
        .eq("non_additif")
        .all()
    )


def test_no_total_rests_on_fewer_than_three_hidden_members_or_thin_coverage(
    built: pd.DataFrame,
) -> None:
    rows = built[built["niveau"].isin(GROUPS) & built["faits_estimes"].notna()]
    hidden = rows["communes"] - rows["communes_publiees"]
    assert ((hidden == 0) | (hidden >= 3)).all()
    some = rows[hidden >= 3]
    assert len(some) > 100
    assert (some["couverture_population"] >= estimation.MIN_COVERAGE).all()
    assert set(some["methode"]) == {"partage_du_total_masque"}
    width = (some["faits_estimes_haut"] - some["faits_estimes_bas"]) / some["faits_estimes"]
    assert (width <= estimation.MAX_RELATIVE_WIDTH).all()


def test_a_total_is_no_less_than_what_is_published(built: pd.DataFrame) -> None:
    rows = built[built["faits_estimes"].notna() & built["faits_publies"].notna()]
    rows = rows[rows["indicateur"].isin(ADDITIVE)]
    assert (rows["faits_estimes_bas"] >= rows["faits_publies"].astype(float)).all()


def test_the_truth_stands_in_the_intervals(simulated_store: Path, store: Store) -> None:
    """DESIGN, issue 4: at least 93 % of the true totals; here on the default simulation."""
    truth = pd.read_parquet(simulated_store.parent / "simulation" / "verite.parquet")
    members = store.table("00", "groups").query("inside")
    true = members.merge(truth, left_on="code_insee", right_on="code", suffixes=("", "_c"))
    true = true.groupby(["niveau", "code", "indicateur", "annee"])["faits"].sum().rename("true")
    rows = store.table("00", "long").query("methode == 'partage_du_total_masque'")
    rows = rows.join(true, on=["niveau", "code", "indicateur", "annee"])
    inside = rows["true"].between(rows["faits_estimes_bas"], rows["faits_estimes_haut"])
    assert len(rows) > 300 and inside.mean() >= 0.93


# Rates


def test_published_rates_are_exact_poisson_over_published_members_alone(
    built: pd.DataFrame,
) -> None:
    rows = built[built["faits_publies"].notna() & (built["effectif_denominateur"] > 0)]
    exact = rate_interval(rows["faits_publies"].astype(float), rows["effectif_denominateur"])
    np.testing.assert_allclose(rows["taux_pour_mille"], exact.rate)
    judged = rows["taux_bas"].notna().to_numpy()
    np.testing.assert_allclose(rows["taux_bas"][judged], exact.low[judged])
    np.testing.assert_allclose(rows["taux_haut"][judged], exact.high[judged])
    # Only a sum of persons has a rate without interval.
    persons = rows[~judged]
    assert not set(persons["indicateur"]) & ADDITIVE
    assert COMMUNE not in set(persons["niveau"])


def test_estimated_rates_are_over_the_whole_denominator(built: pd.DataFrame) -> None:
    rows = built[built["taux_estime"].notna()]
    np.testing.assert_allclose(
        rows["taux_estime"], 1000 * rows["faits_estimes"] / rows["effectif_denominateur_total"]
    )
    # The doubt about the total can only widen the chance of the counts (exact Poisson interval).
    total, unit = rows["faits_estimes"], 1000 / rows["effectif_denominateur_total"]
    low = stats.gamma.ppf(0.025, total.where(total > 0)).clip(0)
    assert (rows["taux_estime_bas"] <= np.nan_to_num(low) * unit * (1 + 1e-9)).all()
    assert (rows["taux_estime_haut"] >= stats.gamma.ppf(0.975, total + 1) * unit * (1 - 1e-9)).all()


def test_intervals_hold_their_values(built: pd.DataFrame) -> None:
    for low, value, high in (
        ("taux_bas", "taux_pour_mille", "taux_haut"),
        ("taux_estime_bas", "taux_estime", "taux_estime_haut"),
        ("faits_estimes_bas", "faits_estimes", "faits_estimes_haut"),
    ):
        rows = built[built[[low, value, high]].notna().all(axis=1)]
        assert len(rows)
        assert ((rows[low] <= rows[value]) & (rows[value] <= rows[high])).all()


def test_a_sum_of_persons_is_indicative_at_every_level(built: pd.DataFrame) -> None:
    persons = built[~built["indicateur"].isin(ADDITIVE) & built["communes"].notna()]
    grouped = persons[persons["niveau"].isin(GROUPS)]
    with_sum = grouped[grouped["faits_publies"].notna()]
    assert len(with_sum) and set(with_sum["methode"]) == {"somme_indicative"}
    above = persons[persons["niveau"] != COMMUNE]
    assert above[["taux_bas", "taux_haut"]].isna().all(axis=None)
    assert set(grouped["comparaison"]) == {""} == set(grouped["reference"])
    departement = persons[persons["niveau"] == "departement"]
    assert set(departement["methode"]) == {"total_officiel"}
    assert departement["faits_estimes"].notna().all()


# Reference and verdicts


def test_the_reference_is_the_departement_without_the_area() -> None:
    """12 facts are hidden over 2,400 residents; 912 are official over 11,400."""
    areas = groups({("territoire", "t"): [A, B, C, D], ("epci", "e"): [B, C]}, CELLS)
    table = long(facts(CELLS, hidden_total=12), areas, official(("degradations", 2024, 912)))
    town = row(table, "commune", A)
    assert town["reference"] == "departement_hors_zone"
    assert town["taux_reference"] == pytest.approx(1000 * (912 - 900) / (11_400 - 9_000))
    assert town["comparaison"] == "plus_eleve"
    council = row(table, "territoire", "t")
    assert council["faits_estimes"] == pytest.approx(906)
    assert council["taux_reference"] == pytest.approx(1000 * (912 - 906) / (11_400 - 10_200))
    assert council["comparaison"] == "plus_eleve"
    unknown = row(table, "epci", "e")
    assert unknown["motif_sans_estimation"] == "moins_de_3_masquees"
    for found in (unknown, row(table, "commune", B), row(table, "departement", DEPARTEMENT)):
        assert pd.isna(found["taux_reference"])
        assert found["reference"] == found["comparaison"] == ""


def test_an_area_that_is_the_whole_departement_has_no_reference() -> None:
    table = long(facts({A: (50, 900)}), groups({("epci", "e"): [A]}, [A]))
    assert row(table, "commune", A)["comparaison"] == ""
    assert row(table, "epci", "e")["comparaison"] == ""


def test_persons_are_compared_with_no_remainder() -> None:
    cells: dict[str, Cell] = {A: (50, 900), B: (6, 900)}
    totals = official(("usage_stupefiants", 2024, 54))
    table = long(facts(cells, "usage_stupefiants"), groups({}, cells), totals)
    assert row(table, "commune", A)["comparaison"] == ""


def test_every_reference_of_a_store_is_recomputed(built: pd.DataFrame) -> None:
    whole = built[built["niveau"] == "departement"].set_index(["indicateur", "annee"])
    rows = built[built["niveau"].isin([COMMUNE, *GROUPS])].copy()
    keys = pd.MultiIndex.from_frame(rows[["indicateur", "annee"]])
    own = (
        rows["faits_publies"].astype(float).where(rows["niveau"] == COMMUNE, rows["faits_estimes"])
    )
    rest = whole["faits_estimes"].reindex(keys).to_numpy() - own
    residents = (
        whole["effectif_denominateur_total"].reindex(keys).to_numpy()
        - rows["effectif_denominateur_total"]
    )
    expected = (1000 * rest / residents).where(rows["indicateur"].isin(ADDITIVE))
    np.testing.assert_allclose(rows["taux_reference"], expected, equal_nan=True)
    assert ((rows["reference"] == "departement_hors_zone") == expected.notna()).all()


def test_every_verdict_of_a_store_is_recomputed_from_its_interval(built: pd.DataFrame) -> None:
    low = built["taux_bas"].where(built["niveau"] == COMMUNE, built["taux_estime_bas"])
    high = built["taux_haut"].where(built["niveau"] == COMMUNE, built["taux_estime_haut"])
    seen = []
    for found, reference, bottom, top in zip(
        built["comparaison"], built["taux_reference"], low, high, strict=True
    ):
        if pd.isna(reference) or pd.isna(bottom) or pd.isna(top):
            expected = ""
        elif bottom > reference:
            expected = "plus_eleve"
        elif top < reference:
            expected = "moins_eleve"
        else:
            expected = "proche"
        assert found == expected
        seen.append(expected)
    assert set(seen) == {"", "plus_eleve", "moins_eleve", "proche"}


def test_every_trend_of_a_store_is_recomputed_from_its_five_years(built: pd.DataFrame) -> None:
    is_commune = built["niveau"] == COMMUNE
    frame = built[["niveau", "code", "indicateur", "annee", "statut", "tendance"]].assign(
        value=built["taux_pour_mille"].where(is_commune, built["taux_estime"]),
        low=built["taux_bas"].where(is_commune, built["taux_estime_bas"]),
        high=built["taux_haut"].where(is_commune, built["taux_estime_haut"]),
    )
    checked = set()
    every = [series for _, series in frame.groupby(["niveau", "code", "indicateur"])]
    for series in every[::9]:
        by_year = series.set_index("annee")
        for year, found in by_year.iloc[[3, -1]].iterrows():
            window = by_year.reindex(range(int(str(year)) - 4, int(str(year)) + 1))
            marker = trend_markers(*(window[c].to_numpy(float) for c in ("value", "low", "high")))
            hidden = found["statut"] in ("non_diffuse", "absent") and pd.isna(found["value"])
            expected = "" if hidden else str(marker.verdict)
            assert found["tendance"] == expected
            checked.add(expected)
    assert checked == {"", "hausse", "baisse", "pas_de_tendance", "non_calculable"}


def yearly(counts: dict[int, int | str], residents: float = 10_000) -> pd.Series:
    """Return the last row of a commune whose neighbour is steady."""
    table = pd.concat(
        [facts({A: (n, residents), B: (50, 10_000)}, year=y) for y, n in counts.items()],
        ignore_index=True,
    )
    return row(long(table, groups({}, [A, B])), "commune", A, annee=max(counts))


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        ([100, 150, 200, 250, 300], "hausse"),
        ([300, 250, 200, 150, 100], "baisse"),
        ([100, 101, 99, 100, 102], "pas_de_tendance"),
        ([150, 200, 250, 300], "non_calculable"),
        ([100, 150, HIDDEN, 250, 300], "non_calculable"),
        ([100, 150, 200, 250, HIDDEN], ""),
        ([999, HIDDEN, 100, 150, 200, 250, 300], "hausse"),
    ],
)
def test_a_trend_is_over_five_known_years(counts: list[int | str], verdict: str) -> None:
    years = range(2025 - len(counts), 2025)
    assert yearly(dict(zip(years, counts, strict=True)))["tendance"] == verdict


def test_a_year_that_the_file_skips_leaves_no_trend() -> None:
    counts: dict[int, int | str] = {2018: 90, 2019: 100, 2021: 150, 2022: 200, 2023: 250, 2024: 300}
    assert yearly(counts)["tendance"] == "non_calculable"


# Properties


@settings(deadline=None, max_examples=6)
@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(1, 9000)), min_size=2, max_size=8),
    st.integers(1, 9000),
    st.integers(0, 10),
)
def test_a_hidden_commune_changes_no_row_of_the_others(
    listed: list[tuple[int, int]], residents: int, hidden_total: int
) -> None:
    """Neither the published figures of communes nor those of groups that it is not in."""
    cells: dict[str, Cell] = {f"{i:05d}": cell for i, cell in enumerate(listed)}
    members = {("territoire", "t"): list(cells)}
    with_it: dict[str, Cell] = {**cells, "00099": (HIDDEN, residents)}
    small = long(facts(cells), groups(members, cells))
    large = long(facts(with_it, hidden_total=hidden_total), groups(members, with_it))
    keys = ["niveau", "code", "indicateur", "annee"]
    columns = ["faits_publies", "taux_pour_mille", "taux_bas", "taux_haut", *TOTAL, *TOTAL_RATE]
    same = ["commune", "territoire"]
    before = small[small["niveau"].isin(same)].set_index(keys)[columns]
    after = large[large["niveau"].isin(same)].set_index(keys)[columns].loc[before.index]
    pd.testing.assert_frame_equal(before, after)


def test_no_combination_of_rows_gives_away_one_or_two_communes(store: Store) -> None:
    """Totals of groups that are shown, and the département's, subtracted from one another.

    A combination that holds communes i and j alone exists exactly when the rows lose rank once
    the columns i and j are taken away.
    """
    table, members = store.table("00", "long"), store.table("00", "groups")
    known = store.table("00", "facts")
    shown = table[table["niveau"].isin(GROUPS) & table["faits_estimes"].notna()]
    incidence = pd.crosstab(
        [members["niveau"], members["code"]], members["code_insee"], dropna=False
    ).astype(bool)
    pairs = 0
    for (indicator, year), rows in shown.groupby(["indicateur", "annee"]):
        if year not in (2018, 2025):
            continue
        cell = known[(known["indicator"] == indicator) & (known["year"] == year)]
        hidden = cell.loc[cell["status"] == "non_diffuse", "code_insee"]
        if len(hidden) < 3:
            continue
        areas = pd.MultiIndex.from_frame(rows[["niveau", "code"]])
        matrix = incidence.loc[areas, hidden].to_numpy(dtype=float)
        matrix = np.vstack([np.ones(len(hidden)), matrix[matrix.any(axis=1)]])
        # Communes of the same groups are alike: one pair of each kind is enough.
        _, atom, size = np.unique(matrix, axis=1, return_index=True, return_counts=True)
        few = [a for a, n in zip(atom, size, strict=True) if n <= 2]
        alone = [a for a, n in zip(atom, size, strict=True) if n == 1]
        alike = {a: np.flatnonzero((matrix[:, a] == matrix.T).all(axis=1)) for a in few}
        suspects = [list(alike[a]) for a in few]
        suspects += [[i, j] for i in alone for j in alone if i < j]
        rank = np.linalg.matrix_rank(matrix)
        for taken in suspects:
            rest = np.delete(matrix, taken, axis=1)
            assert np.linalg.matrix_rank(rest) == rank, (indicator, year, taken)
            pairs += 1
    assert pairs > 0


def test_the_input_frames_are_left_as_they_were() -> None:
    table, areas = facts(CELLS, hidden_total=12), groups({("epci", "e"): [A, B]}, CELLS)
    cells = aggregation.with_estimates(aggregation.aggregate(table, areas), table, areas)
    copies = table.copy(), areas.copy(), cells.copy(), NO_TOTALS.copy()
    long(table, areas)
    for before, after in zip(copies, (table, areas, cells, NO_TOTALS), strict=True):
        pd.testing.assert_frame_equal(before, after)
