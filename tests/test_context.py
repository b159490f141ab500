"""The context of communes, and of territories from numerators and denominators only."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandera.errors import SchemaError

from diagnostics import catalogue, context
from diagnostics.sources.locate import inputs
from diagnostics.statistics import peers

FIXTURES = Path(__file__).parent / "fixtures" / "contexte"
CODES = ["01901", "01902", "01903", "01904"]


@pytest.fixture(scope="module")
def paths() -> dict[str, Path]:
    located = inputs(FIXTURES, raw=FIXTURES / "nothing_downloaded")
    found = {source_id: located.first(source_id, "01") for source_id in SMALL}
    return {source_id: path for source_id, path in found.items() if path is not None}


SMALL = [s for s in context.SOURCES if s != "contours"]


@pytest.fixture(scope="module")
def table(paths: dict[str, Path]) -> pd.DataFrame:
    return context.context_table(paths, CODES)


def groups(**members: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        [("territoire", code, commune) for code, held in members.items() for commune in held],
        columns=["niveau", "code", "code_insee"],
    )


def row(frame: pd.DataFrame, variable: str, code: str, key: str = "code") -> pd.Series:
    return frame[(frame["variable"] == variable) & (frame[key] == code)].iloc[0]


def test_every_declared_variable_has_a_reader_and_every_reader_is_declared() -> None:
    used = {s for v in catalogue.context_variables().values() for s in v.sources}
    assert used | {"rp_population"} == set(context.SOURCES)  # it only brings a denominator
    assert "origine" not in " ".join(catalogue.context_variables())
    assert all(set(v.programmes) <= {1, 2, 3} for v in catalogue.context_variables().values())


def test_every_pair_has_a_row_even_where_nothing_is_known() -> None:
    nothing = context.context_table({}, CODES)
    assert len(nothing) == len(CODES) * len(catalogue.context_variables())
    assert set(nothing["status"]) == {"absent"}
    assert nothing[["value", "numerator", "denominator"]].isna().all(axis=None)
    context.commune_schema().validate(nothing)


def test_the_table_keeps_its_contract_and_says_where_each_figure_is_from(
    table: pd.DataFrame,
) -> None:
    context.commune_schema().validate(table)
    known = table[table["status"] == "publie"]
    assert (known["source"] != "").all()
    assert (table[table["status"] == "absent"]["source"] == "").all()
    assert row(table, "taux_pauvrete", "01902", "code_insee")["status"] == "secret"
    assert row(table, "taux_pauvrete", "01902", "code_insee")["source"] == "filosofi"


def test_the_contract_refuses_a_number_for_a_secret(table: pd.DataFrame) -> None:
    broken = table.copy()
    broken.loc[broken["status"] == "secret", "value"] = 0.0
    with pytest.raises(SchemaError):
        context.commune_schema().validate(broken)


def test_the_best_source_that_says_something_wins(table: pd.DataFrame) -> None:
    # 01901 is in both; 01904 only in the second, of another year.
    assert row(table, "logements", "01901", "code_insee")["source"] == "rp_logement"
    assert row(table, "logements", "01904", "code_insee")["source"] == "rp_logements_communes"
    assert row(table, "zone_competence", "01903", "code_insee")["text"] == "police et gendarmerie"
    assert row(table, "zone_competence", "01904", "code_insee")["year"] == 2015


def test_a_territory_divides_sums_and_does_not_average_rates(table: pd.DataFrame) -> None:
    found = context.territory_table(table, groups(deux=["01901", "01902"]))
    context.territory_schema().validate(found)
    share = row(found, "taux_chomage_15_64", "deux")
    assert share["value"] == pytest.approx(100 * (800 + 20) / (5000 + 400))
    assert share["value"] != pytest.approx((16.0 + 5.0) / 2)
    assert (share["numerator"], share["denominator"]) == (820, 5400)
    assert share["status"] == "publie"
    assert row(found, "population", "deux")["value"] == 12800
    assert row(found, "gendarmeries", "deux")["value"] == 0


def test_medians_and_rates_without_terms_are_not_aggregated_and_say_why(
    table: pd.DataFrame,
) -> None:
    found = context.territory_table(table, groups(deux=["01901", "01902"]))
    for variable in ("revenu_median", "taux_pauvrete", "taux_sru"):
        cell = row(found, variable, "deux")
        assert cell["status"] == "non_agregeable"
        assert np.isnan(cell["value"])
        assert cell["reason"] == catalogue.context_variables()[variable].not_aggregated
    assert row(found, "taux_chomage_15_64", "deux")["reason"] == ""


def test_a_territory_of_one_commune_is_that_commune(table: pd.DataFrame) -> None:
    found = context.territory_table(table, groups(seule=["01901"]))
    alone = table[table["code_insee"] == "01901"].set_index("variable")
    for variable, cell in found.set_index("variable").iterrows():
        for column in ("value", "status", "text", "source"):
            expected = alone.loc[variable, column]
            assert cell[column] == expected or (pd.isna(cell[column]) and pd.isna(expected))


def test_a_qpv_astride_two_communes_counts_once(table: pd.DataFrame) -> None:
    found = context.territory_table(table, groups(deux=["01903", "01904"]))
    cell = row(found, "qpv", "deux")
    by_commune = table[(table["variable"] == "qpv") & table["code_insee"].isin(["01903", "01904"])]
    assert by_commune["value"].sum() == 3
    assert cell["value"] == 2
    assert cell["text"] == "QN00101M QN00102N"


def merged(former: str, today: str) -> pd.DataFrame:
    """Return the communes of the fixture, one of which has become part of another."""
    codes = ["01901", "01902", "01903", "01904"]
    current = [today if code == former else code for code in codes]
    return pd.DataFrame({"code_insee": codes, "current_code": current})


def without(table: pd.DataFrame, code: str, *variables: str) -> pd.DataFrame:
    """Return a context that says nothing of some variables of a commune."""
    silent = (table["code_insee"] == code) & table["variable"].isin(variables)
    changed = table.copy()
    changed.loc[silent, ["value", "numerator", "denominator"]] = np.nan
    changed.loc[silent, "status"] = "absent"
    return changed


def test_a_merged_commune_is_counted_in_that_which_it_has_become(table: pd.DataFrame) -> None:
    """Newer sources hold its residents in the other's row, older ones hold both."""
    newer = without(table, "01902", "population", "densite")
    members = groups(trois=["01901", "01902", "01903"], seule=["01902", "01903"])
    found = context.territory_table(newer, members, merged("01902", "01901"))
    context.territory_schema().validate(found)
    cell = row(found, "population", "trois")
    two = table[(table["variable"] == "population") & table["code_insee"].isin(["01901", "01903"])]
    assert (cell["status"], cell["value"]) == ("publie", two["value"].sum())
    older = row(found, "part_15_24_ans", "trois")
    whole = row(context.territory_table(table, members), "part_15_24_ans", "trois")
    assert (older["status"], older["value"]) == (whole["status"], whole["value"])
    # What it has become is not a member: its residents are nowhere.
    assert row(found, "population", "seule")["status"] == "absent"
    assert row(context.territory_table(newer, members), "population", "trois")["status"] == "absent"


def test_what_is_missing_of_a_territory_is_counted(table: pd.DataFrame) -> None:
    found = context.territory_table(
        without(table, "01903", "population"), groups(trois=["01901", "01902", "01903"])
    )
    assert row(found, "population", "trois")["reason"] == (
        "1 commune sur 3 n’a pas ce chiffre dans la source\u202f: la somme des autres ne serait "
        "pas le total."
    )
    assert row(found, "gendarmeries", "trois")["reason"] == ""
    ratio = context.territory_table(
        without(table, "01902", "part_15_24_ans"), groups(trois=["01901", "01902", "01903"])
    )
    assert "il en faut 95\u202f%" in row(ratio, "part_15_24_ans", "trois")["reason"]


def test_a_sum_with_an_unknown_member_is_not_given(table: pd.DataFrame) -> None:
    found = context.territory_table(table, groups(trois=["01901", "01902", "01904"]))
    cell = row(found, "commissariats", "trois")  # 01904 is not in the facilities file
    assert cell["status"] == "absent"
    assert np.isnan(cell["value"])
    assert (cell["members"], cell["known_members"]) == (3, 2)


def test_a_ratio_is_partial_where_almost_all_residents_are_covered(table: pd.DataFrame) -> None:
    found = context.territory_table(
        table, groups(presque=["01901", "01904"], peu=["01902", "01904"])
    )
    almost = row(found, "part_familles_monoparentales", "presque")
    assert almost["status"] == "partiel"
    assert almost["population_coverage"] == pytest.approx(12000 / 12200)
    assert almost["value"] == pytest.approx(18.0)  # of the known members only
    little = row(found, "part_familles_monoparentales", "peu")
    assert little["status"] == "absent"
    assert little["population_coverage"] == pytest.approx(800 / 1000)
    assert np.isnan(little["value"])


def test_years_are_never_mixed(table: pd.DataFrame) -> None:
    # 01901 is known for 2022, 01904 for 2021.
    found = context.territory_table(table, groups(deux=["01901", "01904"]))
    for variable in ("logements", "part_logements_vacants"):
        cell = row(found, variable, "deux")
        assert cell["status"] == "non_agregeable"
        assert cell["reason"] == context.SEVERAL_YEARS


def test_rates_without_terms_are_not_averaged_even_where_others_have_terms(
    table: pd.DataFrame,
) -> None:
    mine = table["variable"] == "taux_chomage_15_64"
    only_rates = table.copy()
    only_rates.loc[mine, ["numerator", "denominator"]] = np.nan
    found = context.territory_table(only_rates, groups(deux=["01901", "01902"]))
    cell = row(found, "taux_chomage_15_64", "deux")
    assert (cell["status"], cell["reason"]) == ("non_agregeable", context.ONLY_RATES)


def test_a_class_is_given_only_where_all_members_share_it(table: pd.DataFrame) -> None:
    found = context.territory_table(
        table, groups(mixte=["01901", "01902"], campagne=["01902", "01904"])
    )
    assert row(found, "zone_competence", "mixte")["status"] == "non_agregeable"
    # One from the list of the day, the other from the order of 2015.
    assert row(found, "zone_competence", "campagne")["reason"] == context.SEVERAL_YEARS
    same_year = table.assign(year=table["year"].where(table["variable"] != "zone_competence"))
    cell = row(
        context.territory_table(same_year, groups(c=["01902", "01904"])), "zone_competence", "c"
    )
    assert (cell["status"], cell["text"]) == ("publie", "gendarmerie")


def test_members_outside_are_left_out_and_unknown_members_are_counted(table: pd.DataFrame) -> None:
    members = groups(c=["01901", "01902", "38999"])
    unknown = context.territory_table(table, members)
    assert row(unknown, "population", "c")["status"] == "absent"
    assert row(unknown, "population", "c")["members"] == 3
    inside = members.assign(inside=members["code_insee"] != "38999")
    assert row(context.territory_table(table, inside), "population", "c")["value"] == 12800


@given(st.permutations(["01901", "01902", "01903"]), st.permutations(range(54)))
def test_the_order_of_communes_does_not_matter(order: list[str], lines: list[int]) -> None:
    table = ORDERED.iloc[lines]
    found = context.territory_table(table, groups(tous=order))
    expected = context.territory_table(ORDERED, groups(tous=["01901", "01902", "01903"]))
    key = "variable"
    pd.testing.assert_frame_equal(
        found.drop(columns="source").sort_values(key, ignore_index=True),
        expected.drop(columns="source").sort_values(key, ignore_index=True),
    )


ORDERED = context.context_table(
    {
        "cog_communes": FIXTURES / "communes.json",
        "rp_activite": FIXTURES / "base-cc-emploi-pop-active-2022.csv",
        "rp_population": FIXTURES / "base-cc-evol-struct-pop-2022.csv",
        "bpe": FIXTURES / "bpe2021_equip-serv-particuliers-com.csv",
        "qpv": FIXTURES / "listeqp2024-cog2024.csv",
    },
    ["01901", "01902", "01903"],
)


def test_peers_take_communes_and_groups(table: pd.DataFrame) -> None:
    matrix = context.peers_matrix(table)
    assert list(matrix.index) == CODES
    assert "log_density" not in matrix  # no outlines were given
    assert matrix.loc["01901", "log_population"] == pytest.approx(np.log(12000))
    assert matrix.loc["01901", "median_income_eur"] == 19260
    assert np.isnan(matrix.loc["01904", "median_income_eur"])
    neighbours = peers.nearest(matrix, list(matrix.index), k=1)
    assert "01904" not in set(neighbours["code"]) | set(neighbours["neighbour"])

    two = groups(a=["01901", "01902"], b=["01902", "01903"])
    of_groups = context.peers_matrix(context.territory_table(table, two))
    assert list(of_groups.index) == [("territoire", "a"), ("territoire", "b")]
    assert list(of_groups) == ["log_population", "share_15_24_pct", "social_housing_pct"]
    assert of_groups.loc[("territoire", "a"), "social_housing_pct"] == pytest.approx(
        100 * 1400 / 4300
    )


@pytest.fixture(scope="module")
def real(mirror: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the context of the 77 and its communes' arrondissements."""
    located = inputs(mirror, raw=mirror / "nothing_downloaded")
    paths = {s: p for s in context.SOURCES if (p := located.first(s, "77")) is not None}
    held = [
        c
        for c in json.loads(paths["cog_communes"].read_text(encoding="utf-8"))
        if c.get("departement") == "77" and c["type"] == "commune-actuelle"
    ]
    members = pd.DataFrame(
        [("arrondissement", c["arrondissement"], c["code"]) for c in held]
        + [("departement", "77", c["code"]) for c in held],
        columns=["niveau", "code", "code_insee"],
    )
    table = context.context_table(paths, [c["code"] for c in held])
    context.commune_schema().validate(table)
    return table, members


def test_declared_years_are_those_of_the_files(real: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    table, _ = real
    years = table.dropna(subset=["year"]).groupby("variable")["year"].unique()
    for variable, declared in catalogue.context_variables().items():
        assert list(years[variable]) == [declared.year]


def test_secrets_of_the_77_stay_secret(real: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    table, _ = real
    poverty = table[table["variable"] == "taux_pauvrete"]
    assert (poverty["status"] == "secret").sum() == 406
    assert poverty.loc[poverty["status"] == "secret", "value"].isna().all()
    assert (table["status"] == "absent").sum() == 1  # young active people of a hamlet: none


def test_an_arrondissement_has_the_figures_that_insee_publishes(
    real: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    # Arrondissement de Fontainebleau (774), RP2022, 85 communes: 16,933 aged 15–24; 73,245 active
    # of whom 65,581 employed at 15–64; 6,797 and 5,120 at 15–24.
    # https://www.insee.fr/fr/statistiques/8574929?geo=ARR-774
    found = context.territory_table(*real)
    context.territory_schema().validate(found)
    rate = row(found, "taux_chomage_15_64", "774")
    assert rate["value"] == pytest.approx(100 * (1 - 65581 / 73245), abs=0.02)
    assert rate["denominator"] == pytest.approx(73245, rel=0.0005)
    young = row(found, "taux_chomage_15_24", "774")
    assert young["value"] == pytest.approx(100 * (1 - 5120 / 6797), abs=0.1)
    assert row(found, "part_15_24_ans", "774")["numerator"] == pytest.approx(16933, abs=5)


def test_the_77_has_25_qpv_though_its_communes_hold_27(
    real: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    table, members = real
    assert table.loc[table["variable"] == "qpv", "value"].sum() == 27
    assert row(context.territory_table(table, members), "qpv", "77")["value"] == 25
