"""Readers of the context files, in the publishers' formats, on invented communes."""

import gzip
import shutil
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from diagnostics.catalogue import sources
from diagnostics.errors import Refused
from diagnostics.sources import census
from diagnostics.sources import context as published

FIXTURES = Path(__file__).parents[1] / "fixtures" / "contexte"
CODES = ["01901", "01902", "01903", "01904"]
ONE_YEAR = {
    "rp_population": FIXTURES / "base-cc-evol-struct-pop-2022.csv",
    "rp_activite": FIXTURES / "base-cc-emploi-pop-active-2022.csv",
    "rp_familles": FIXTURES / "base-cc-coupl-fam-men-2022.csv",
    "rp_logement": FIXTURES / "base-cc-logement-2022.csv",
}


def cells(frame: pd.DataFrame, variable: str, column: str = "value") -> dict[str, object]:
    held = frame[frame["variable"] == variable]
    return dict(zip(held["code_insee"], held[column], strict=True))


def test_income_keeps_the_secret_and_the_missing_apart_from_numbers() -> None:
    frame = published.read_filosofi(FIXTURES / "cc_filosofi_2021_COM.csv", CODES)
    assert cells(frame, "revenu_median", "status") == {
        "01901": "publie",
        "01902": "publie",
        "01903": "publie",
        "01904": "secret",
    }
    assert cells(frame, "revenu_median")["01903"] == 24480
    assert cells(frame, "taux_pauvrete", "status") == {
        "01901": "publie",
        "01902": "secret",
        "01903": "absent",
        "01904": "secret",
    }
    hidden = frame[frame["status"] != "publie"]
    assert hidden[["value", "numerator", "denominator"]].isna().all(axis=None)
    assert set(frame["year"]) == {2021}


def test_facilities_have_real_zeros_and_a_commune_not_listed_has_no_row() -> None:
    frame = published.read_facilities(FIXTURES / "bpe2021_equip-serv-particuliers-com.csv", CODES)
    assert cells(frame, "commissariats") == {"01901": 2, "01902": 0, "01903": 0}
    assert cells(frame, "gendarmeries") == {"01901": 0, "01902": 0, "01903": 1}
    assert set(frame["status"]) == {"publie"}


def test_population_is_that_of_whole_communes_of_today() -> None:
    frame = published.read_population(FIXTURES / "communes.json", CODES)
    assert cells(frame, "population") == {"01901": 12000, "01902": 800, "01903": 3000, "01904": 200}


@pytest.mark.parametrize(
    ("name", "year"), [("taux_sru_communes_2024.json", 2024), ("taux_sru_communes_2025.csv", 2025)]
)
def test_social_housing_rates_read_the_same_from_json_and_csv(name: str, year: int) -> None:
    frame = published.read_social_housing(FIXTURES / name, CODES)
    assert cells(frame, "taux_sru") == {"01901": 38, "01902": 0}
    assert frame["numerator"].isna().all()
    assert set(frame["year"]) == {year}


def test_a_commune_that_the_list_does_not_name_has_no_qpv() -> None:
    frame = published.read_qpv_counts(FIXTURES / "listeqp2024-cog2024.csv", CODES)
    assert cells(frame, "qpv") == {"01901": 0, "01902": 0, "01903": 2, "01904": 1}
    assert cells(frame, "qpv", "text")["01903"] == "QN00101M QN00102N"
    assert set(frame["status"]) == {"publie"}


def test_the_force_of_a_shared_commune_is_both() -> None:
    frame = published.read_forces(FIXTURES / "competence-police-gendarmerie.csv", CODES)
    assert cells(frame, "zone_competence", "text") == {
        "01901": "police",
        "01902": "gendarmerie",
        "01903": "police et gendarmerie",
    }
    assert frame["year"].isna().all()


def test_an_unknown_force_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "competence-police.csv"
    path.write_text("code_commune;institution\n01901;DOUANE\n", encoding="utf-8")
    with pytest.raises(Refused, match="DOUANE"):
        published.read_forces(path, CODES)


def test_the_order_of_2015_leaves_the_rest_of_its_departement_to_the_gendarmerie() -> None:
    frame = published.read_police_districts(
        FIXTURES / "circonscriptions_police_01_2015_codes.csv", [*CODES, "2A901"]
    )
    assert cells(frame, "zone_competence", "text") == {
        "01901": "police",
        "01902": "gendarmerie",
        "01903": "police",
        "01904": "gendarmerie",
    }
    assert frame["approximate"].all()


def test_the_density_grid_is_read_below_its_title(tmp_path: Path) -> None:
    path = tmp_path / "grille_densite_7_niveaux_2024.xlsx"
    lines = [
        ["Grille de densité", None, None, None],
        ["France – 7 niveaux", None, None, None],
        ["Mise en ligne le 28/05/2024", "Géographie au 01/01/2024", None, None],
        ["Code", "Libellé", "Typo", "Libellé degré"],
        ["CODGEO", "LIBGEO", "DENS", "LIBDENS"],
        ["01901", "Valmorel-le-Pont", "2", "Centres urbains intermédiaires"],
        ["01902", "Bréchamp", "7", "Rural à habitat très dispersé"],
    ]
    pd.DataFrame(lines).to_excel(path, index=False, header=False)
    frame = published.read_density_class(path, CODES)
    assert cells(frame, "classe_densite") == {"01901": 2, "01902": 7}
    assert cells(frame, "classe_densite", "text")["01902"] == "Rural à habitat très dispersé"
    pd.DataFrame(lines[:4]).to_excel(path, index=False, header=False)
    with pytest.raises(Refused, match="CODGEO"):
        published.read_density_class(path, CODES)


def test_a_file_without_its_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cc_filosofi_2021_COM.csv"
    path.write_text("CODGEO;MED21\n01901;19260\n", encoding="utf-8")
    with pytest.raises(Refused, match="TP6021"):
        published.read_filosofi(path, CODES)


def test_density_divides_by_the_area_of_the_outline(tmp_path: Path) -> None:
    # One thousandth of a degree of latitude is about 111.2 m; of longitude, 111.3 cos(46°).
    square = "[[[5,46],[5.1,46],[5.1,46.1],[5,46.1],[5,46]]]"
    path = tmp_path / "communes-01-2026.geojson"
    path.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"01901",'
        f'"nom":"V"}},"geometry":{{"type":"Polygon","coordinates":{square}}}}}]}}',
        encoding="utf-8",
    )
    population = published.read_population(FIXTURES / "communes.json", CODES)
    frame = published.read_density(path, CODES, population)
    area_km2 = 11.12 * 11.13 * 0.694
    assert frame["denominator"].iloc[0] == pytest.approx(area_km2, rel=0.01)
    assert frame["value"].iloc[0] == pytest.approx(12000 / area_km2, rel=0.01)


def test_census_counts_give_ratios_of_one_year() -> None:
    frame = census.read_counts(ONE_YEAR, CODES)
    held = frame[frame["code_insee"] == "01901"].set_index("variable")
    assert held["value"].to_dict() == pytest.approx(
        {
            "part_15_24_ans": 15.0,
            "taux_chomage_15_64": 16.0,
            "taux_chomage_15_24": 30.0,
            "part_familles_monoparentales": 18.0,
            "logements": 4500,
            "part_logements_vacants": 100 * 400 / 4500,
            "part_residences_secondaires": 100 * 100 / 4500,
            "part_logements_hlm": 35.0,
        }
    )
    assert set(held["year"]) == {2022}
    assert not held["approximate"].any()
    assert held.loc["part_15_24_ans", "source"] == "rp_activite"
    assert cells(frame, "taux_chomage_15_24")["01902"] == pytest.approx(
        5.0
    )  # code 1902 in the file
    assert cells(frame, "logements", "status")["01904"] == "absent"


def test_census_counts_come_from_insee_archives_too(tmp_path: Path) -> None:
    path = tmp_path / "base-cc-logement-2022_csv.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("meta_base-cc-logement-2022.CSV", "COD_VAR;LIB_VAR\nP22_LOG;Logements\n")
        archive.write(ONE_YEAR["rp_logement"], "base-cc-logement-2022.CSV")
    pd.testing.assert_frame_equal(
        census.read_counts({"rp_logement": path}, CODES),
        census.read_counts({"rp_logement": ONE_YEAR["rp_logement"]}, CODES),
    )
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(Refused, match="archive"):
        census.read_counts({"rp_logement": path}, CODES)


def test_terms_of_different_years_never_meet(tmp_path: Path) -> None:
    text = ONE_YEAR["rp_population"].read_text(encoding="utf-8")
    older = tmp_path / "base-cc-evol-struct-pop-2021.csv"
    older.write_text(text.replace("P22_", "P21_").replace("P16_", "P15_"), encoding="utf-8")
    frame = census.read_counts(ONE_YEAR | {"rp_population": older}, CODES)
    assert "part_15_24_ans" not in set(frame["variable"])
    assert "taux_chomage_15_64" in set(frame["variable"])


def test_dwellings_of_the_json_form(tmp_path: Path) -> None:
    path = tmp_path / "logements_communes_rp2021.json.gz"
    with gzip.open(path, "wb") as zipped, (FIXTURES / path.stem).open("rb") as plain:
        shutil.copyfileobj(plain, zipped)
    frame = census.read_dwellings(path, CODES)
    assert cells(frame, "logements") == {"01901": 4400, "01904": 120}
    assert cells(frame, "part_residences_secondaires")["01904"] == pytest.approx(25.0)


def iris_rows(counts: list[dict[str, object]]) -> pd.DataFrame:
    """Turn counts by IRIS into the shares that the file holds, not rounded."""
    built = []
    for row in counts:
        people = row["people"]
        shares: dict[str, object] = {"COM": row["COM"], "P22_POP": people, "P16_POP": people}
        for age, (persons, employed, unemployed) in row["ages"].items():  # type: ignore[attr-defined]
            active = employed + unemployed
            shares[f"dm_{age}_pct_22"] = 100 * persons / people if people else None
            shares[f"eco_txemp_{age}_22"] = 100 * employed / persons if persons else None
            shares[f"soc_txchom_{age}_22"] = 100 * unemployed / active if active else None
        households, single, social = row["homes"]  # type: ignore[misc]
        shares["men_tot_stock_22"] = households
        shares["men_mono_pct_22"] = 100 * single / households if households else None
        shares["log_lochlm_pct_22"] = 100 * social / households if households else None
        built.append(shares)
    return pd.DataFrame(built)


TOWN = [
    {
        "COM": "01901",
        "people": 4000,
        "ages": {"1524": (800, 200, 150), "2554": (1700, 1100, 300), "5564": (400, 200, 40)},
        "homes": (1600, 400, 1200),
    },
    {
        "COM": "01901",
        "people": 6000,
        "ages": {"1524": (700, 250, 30), "2554": (2500, 2200, 100), "5564": (800, 500, 20)},
        "homes": (2400, 120, 100),
    },
    {
        "COM": "01901",  # a wood: nobody lives there
        "people": 0,
        "ages": {"1524": (0, 0, 0), "2554": (0, 0, 0), "5564": (0, 0, 0)},
        "homes": (0, 0, 0),
    },
]
QUARTER = {  # every active young person is unemployed: their number cannot be recovered
    "people": 60,
    "ages": {"1524": (10, 0, 4), "2554": (20, 15, 1), "5564": (5, 3, 0)},
    "homes": (20, 2, 0),
}


def test_iris_shares_become_the_counts_that_they_came_from(tmp_path: Path) -> None:
    path = tmp_path / "agg_iris_01_rp2022.parquet"
    iris_rows(TOWN).to_parquet(path)
    held = census.read_iris(path, CODES).set_index("variable")
    expected = {
        "part_15_24_ans": (1500, 10000),
        "taux_chomage_15_64": (640, 5090),
        "taux_chomage_15_24": (180, 630),
        "part_familles_monoparentales": (520, 4000),
        "part_logements_hlm": (1300, 4000),
    }
    for variable, (numerator, denominator) in expected.items():
        assert held.loc[variable, "numerator"] == pytest.approx(numerator)
        assert held.loc[variable, "denominator"] == pytest.approx(denominator)
        assert held.loc[variable, "value"] == pytest.approx(100 * numerator / denominator)
    assert held["approximate"].all()


def test_a_small_unknown_quarter_is_left_out_and_a_large_one_empties_the_commune(
    tmp_path: Path,
) -> None:
    path = tmp_path / "agg_iris_01_rp2022.parquet"
    small = [*TOWN, QUARTER | {"COM": "01901"}]
    alone = [QUARTER | {"COM": "01902"}]
    iris_rows(small + alone).to_parquet(path)
    frame = census.read_iris(path, CODES)
    # 10 young people of 1,510 are under 1 %: the rest of the town speaks for it.
    assert cells(frame, "taux_chomage_15_24", "denominator")["01901"] == pytest.approx(630)
    assert cells(frame, "taux_chomage_15_24", "status")["01902"] == "absent"
    assert cells(frame, "taux_chomage_15_64", "status")["01902"] == "absent"
    assert cells(frame, "part_15_24_ans")["01902"] == pytest.approx(100 * 10 / 60)


def test_a_census_variable_without_its_columns_has_no_row(tmp_path: Path) -> None:
    path = tmp_path / "agg_iris_01_rp2022.parquet"
    iris_rows(TOWN).drop(columns=["eco_txemp_5564_22", "dm_1524_pct_22"]).to_parquet(path)
    assert set(census.read_iris(path, CODES)["variable"]) == {
        "part_familles_monoparentales",
        "part_logements_hlm",
    }
    iris_rows(TOWN).drop(columns="men_tot_stock_22").to_parquet(path)
    with pytest.raises(Refused, match="men_tot_stock_22"):
        census.read_iris(path, CODES)


def test_no_origin_or_nationality_column_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "agg_iris_01_rp2022.parquet"
    iris_rows(TOWN).assign(dm_etr_pct_22=10.0, dm_imm_pct_22=12.0).to_parquet(path)
    asked: list[str] = []
    read = pd.read_parquet

    def spy(where: Path, columns: list[str]) -> pd.DataFrame:
        asked.extend(columns)
        return read(where, columns=columns)

    monkeypatch.setattr(pd, "read_parquet", spy)
    census.read_iris(path, CODES)
    assert asked
    assert not any("etr" in c.split("_") or "imm" in c.split("_") for c in asked)


def test_rates_of_large_communes_have_no_numerator(tmp_path: Path) -> None:
    path = tmp_path / "agg_communes_5000hab_rp2022.parquet"
    pd.DataFrame(
        {
            "code": ["01901"],
            "soc_txchom_1564_22": [15.1],
            "men_mono_pct_22": [16.0],
            "log_vac_pct_22": [9.9],
            "log_ressec_pct_22": [1.1],
        }
    ).to_parquet(path)
    frame = census.read_communes_5000(path, CODES)
    assert cells(frame, "taux_chomage_15_64") == {"01901": 15.1}
    assert frame[["numerator", "denominator"]].isna().all(axis=None)


def found(mirror: Path, source_id: str) -> Path:
    return next(p for p in mirror.rglob("*") if sources()[source_id].matches(p.name))


def test_recovered_unemployment_is_the_one_that_insee_publishes(mirror: Path) -> None:
    # Émerainville (77169), RP2022: 3,848 active of whom 3,477 employed at 15–64; 358 and 276 at
    # 15–24. https://www.insee.fr/fr/statistiques/8574929?geo=COM-77169
    frame = census.read_iris(found(mirror, "rp_iris"), ["77169"]).set_index("variable")
    assert frame.loc["taux_chomage_15_64", "denominator"] == pytest.approx(3848, abs=4)
    assert frame.loc["taux_chomage_15_64", "value"] == pytest.approx(100 * 371 / 3848, abs=0.05)
    assert frame.loc["taux_chomage_15_24", "denominator"] == pytest.approx(358, abs=1)
    assert frame.loc["taux_chomage_15_24", "value"] == pytest.approx(100 * 82 / 358, abs=0.15)
    assert frame.loc["part_15_24_ans", "numerator"] == pytest.approx(860, abs=1)


def test_iris_sums_agree_with_the_rates_of_whole_communes(mirror: Path) -> None:
    path = found(mirror, "rp_communes_5000")
    codes = pd.read_parquet(path, columns=["code"])["code"]
    codes = codes[codes.str.startswith("77")].tolist()
    whole = census.read_communes_5000(path, codes).set_index(["code_insee", "variable"])["value"]
    summed = census.read_iris(found(mirror, "rp_iris"), codes)
    summed = summed.set_index(["code_insee", "variable"])["value"]
    gap = (summed - whole).dropna().abs().unstack()
    assert len(gap) == 65
    assert gap["part_familles_monoparentales"].max() < 0.01  # both are rounded to 0.01
    # That file divides by the complementary exploitation's active population, this does not.
    assert gap["taux_chomage_15_64"].max() < 0.3
