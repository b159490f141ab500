"""The simulated département: the rule on the truth, the formats, the oddities, the refusals."""

import csv
import gzip
import json
import zipfile
from itertools import product
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely

from diagnostics import catalogue
from diagnostics.errors import Refused
from diagnostics.simulate import MARKER, TRUTH, cog, councils, geography, model, simulate
from diagnostics.simulate import ssmsi as bases
from diagnostics.simulate.disclosure import disclose
from diagnostics.sources import ssmsi
from diagnostics.territories import TO_CONFIRM, read_memberships

STEM = "data.gouv-2025-geographie2026-produit-le2026-06-25"
CSV, DEP, REG = f"donnee-{STEM}.csv.gz", f"donnee-dep-{STEM}.csv", f"donnee-reg-{STEM}.csv"
PARQUET = f"donnee-comm-{STEM.replace('data.gouv-', 'data.gouv-parquet-')}.parquet"
KEY = ["code", "indicateur", "annee"]
DWELLINGS = "cambriolages"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("simulation") / "orbe"
    simulate(found)
    return found


@pytest.fixture(scope="module")
def marker(folder: Path) -> dict:
    return json.loads((folder / MARKER).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def truth(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / TRUTH)


@pytest.fixture(scope="module")
def rows(folder: Path) -> pd.DataFrame:
    """The communal CSV, read without the product's readers, with ids for labels."""
    return communal(folder / "ssmsi" / CSV)


@pytest.fixture(scope="module")
def totals(folder: Path) -> pd.DataFrame:
    return base(folder / "ssmsi" / DEP)


def communal(path: Path) -> pd.DataFrame:
    frame = base(path)
    return frame.rename(columns={"CODGEO_2026": "code"})


def base(path: Path) -> pd.DataFrame:
    codes = dict.fromkeys(("CODGEO_2026", "Code_departement", "Code_region"), str)
    frame = pd.read_csv(
        path, sep=";", decimal=",", na_values=["NA"], encoding="utf-8-sig", dtype=codes
    )
    ids = {indicator.label: key for key, indicator in catalogue.indicators().items()}
    return frame.assign(indicateur=frame["indicateur"].map(ids))


def denominator(frame: pd.DataFrame) -> pd.Series:
    return frame["insee_log"].where(frame["indicateur"] == DWELLINGS, frame["insee_pop"])


def geojson(folder: Path, departement: str = "00") -> gpd.GeoDataFrame:
    return gpd.read_file(folder / "contours" / f"communes-{departement}-2026.geojson")


# --- the rule, the complements and the totals, on the truth ---------------------------------------


def test_the_diffusion_rule_holds_in_every_cell(rows: pd.DataFrame, truth: pd.DataFrame) -> None:
    counts = truth.set_index(KEY)["faits"].to_dict()
    assert len(rows) == len(counts) == 120 * 15 * 10
    for row in rows.itertuples(index=False):
        year = max(row.annee, 2018)  # 2016 and 2017 follow the verdict of 2018
        three = [counts[row.code, row.indicateur, year - back] for back in (0, 1, 2)]
        if all(n >= 5 for n in three) or all(n == 0 for n in three):
            assert row.est_diffuse == "diff"
            assert row.nombre == counts[row.code, row.indicateur, row.annee]
        else:
            assert row.est_diffuse == "ndiff"
            assert np.isnan(row.nombre) and np.isnan(row.taux_pour_mille)


def test_the_rule_on_small_series() -> None:
    counts = np.array([[5, 5, 5, 4], [0, 0, 0, 1], [0, 0, 5, 5], [9, 6, 5, 5]], dtype=np.int32)
    found = disclose(counts, np.full(counts.shape, 1_000))
    expected = [[0, 0, 0, 1], [0, 0, 0, 1], [1, 1, 1, 1], [0, 0, 0, 0]]
    np.testing.assert_array_equal(found.hidden, np.array(expected, dtype=bool))
    np.testing.assert_allclose(found.complement_count, [0, 0, 5, 10 / 3], rtol=1e-6)
    np.testing.assert_allclose(found.complement_rate, [0, 0, 5, 10 / 3], rtol=1e-6)


def test_complements_are_those_of_the_hidden_communes(
    rows: pd.DataFrame, truth: pd.DataFrame
) -> None:
    joined = rows.merge(truth, on=KEY).assign(exposed=lambda f: denominator(f))
    published = joined[joined["est_diffuse"] == "diff"]
    assert published[["complement_info_nombre", "complement_info_taux"]].isna().all().all()
    groups = joined[joined["est_diffuse"] == "ndiff"].groupby(["annee", "indicateur"])
    complements = groups[["complement_info_nombre", "complement_info_taux"]]
    pd.testing.assert_frame_equal(complements.min(), complements.max())
    summed = groups[["faits", "exposed"]].sum()
    first = complements.first()
    mean = summed["faits"] / groups.size()
    np.testing.assert_allclose(first["complement_info_nombre"], mean, atol=6e-8)
    pooled = 1000 * summed["faits"] / summed["exposed"]
    np.testing.assert_allclose(first["complement_info_taux"], pooled, atol=6e-8)


def test_published_and_hidden_parts_make_the_official_total_to_the_unit(
    rows: pd.DataFrame, totals: pd.DataFrame
) -> None:
    rows = rows.assign(exposed=denominator(rows))
    official = totals.set_index(["indicateur", "annee"])["nombre"]
    checked = 0
    for (key, year), cell in rows.groupby(["indicateur", "annee"]):
        hidden = cell[cell["est_diffuse"] == "ndiff"]
        mean, rate = (hidden[f"complement_info_{n}"].max() for n in ("nombre", "taux"))
        by_mean = cell["nombre"].sum() + (0 if hidden.empty else round(mean * len(hidden)))
        by_rate = cell["nombre"].sum() + (
            0 if hidden.empty else round(rate * hidden["exposed"].sum() / 1000)
        )
        assert by_mean == by_rate
        if catalogue.indicators()[str(key)].additive:
            assert official[key, year] == by_mean
            checked += 1
        else:
            assert 0.97 * by_mean - 1 <= official[key, year] <= by_mean
            assert official[key, year] < by_mean or by_mean <= 30
    assert checked == 12 * 10


def test_usage_holds_its_afd_and_they_start_in_2020(
    truth: pd.DataFrame, totals: pd.DataFrame
) -> None:
    wide = truth.pivot(index=["code", "annee"], columns="indicateur", values="faits")
    afd = wide["usage_stupefiants_afd"]
    assert (afd <= wide["usage_stupefiants"]).all()
    assert (afd > 0).any()
    assert (afd[afd.index.get_level_values("annee") < 2020] == 0).all()
    official = totals.pivot(index="annee", columns="indicateur", values="nombre")
    parts = official["usage_stupefiants_afd"] + official["usage_stupefiants_hors_afd"]
    assert (official["usage_stupefiants"] == parts).all()


# --- formats --------------------------------------------------------------------------------------


def test_csv_and_parquet_say_the_same(folder: Path, rows: pd.DataFrame) -> None:
    native = pd.read_parquet(folder / "ssmsi" / PARQUET).rename(columns={"CODGEO_2026": "code"})
    ids = {indicator.label: key for key, indicator in catalogue.indicators().items()}
    native["indicateur"] = native["indicateur"].map(ids)
    pd.testing.assert_frame_equal(native, rows, check_dtype=False, rtol=0, atol=1e-12)


def test_published_files_hold_no_number_of_a_hidden_cell(folder: Path) -> None:
    with gzip.open(folder / "ssmsi" / CSV, "rt", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file, delimiter=";"):
            hidden = row["est_diffuse"] == "ndiff"
            assert ((row["nombre"], row["taux_pour_mille"]) == ("NA", "NA")) == hidden or (
                row["nombre"] != "NA" and row["insee_pop"] == "0"
            )
    native = pq.read_table(folder / "ssmsi" / PARQUET).to_pandas()
    hidden = native["est_diffuse"] == "ndiff"
    assert hidden.any()
    assert native.loc[hidden, ["nombre", "taux_pour_mille"]].isna().all().all()


def test_the_truth_is_no_source_and_every_other_file_is_one(folder: Path) -> None:
    files = [p for p in folder.rglob("*") if p.is_file()]
    apart = {p.name for p in files if p.parent.name == "territoires"} | {MARKER, TRUTH}
    matched = {
        p.name for p in files if any(s.matches(p.name) for s in catalogue.sources().values())
    }
    assert matched == {p.name for p in files} - apart


@pytest.mark.parametrize(
    ("name", "kind", "generation"),
    [
        (CSV, "communes", "C3"),
        (PARQUET, "communes", "C3"),
        (DEP, "departements", "D1"),
        (REG, "regions", "R1"),
    ],
)
def test_the_readers_take_the_three_bases(
    folder: Path, name: str, kind: str, generation: str
) -> None:
    edition = ssmsi.recognise(folder / "ssmsi" / name)
    assert edition is not None
    assert (edition.base, edition.generation) == (kind, generation)
    read = ssmsi.read(edition)
    assert set(read["year"]) == set(range(2016, 2026))
    assert read["indicator"].nunique() == (15 if kind == "communes" else 18)


def test_csv_is_written_as_published(folder: Path) -> None:
    text = gzip.decompress((folder / "ssmsi" / CSV).read_bytes()).decode()
    header, first = text.splitlines()[:2]
    assert header.startswith('\ufeff"CODGEO_2026";"annee";"indicateur";"unite_de_compte"')
    assert first.startswith('"00001";2016;"Violences physiques intrafamiliales";"Victime";')
    assert text.count("\r") == 0
    dep = (folder / "ssmsi" / DEP).read_text(encoding="utf-8")
    assert dep.startswith('\ufeff"Code_departement";"Code_region";"annee";')
    assert dep.splitlines()[1].startswith('"00";"00";2016;"Homicides";"Victime";')


def test_one_region_of_one_departement_has_its_totals(folder: Path, totals: pd.DataFrame) -> None:
    region = base(folder / "ssmsi" / REG)
    pd.testing.assert_frame_equal(region, totals.drop(columns="Code_departement"))


def test_formats_are_those_of_the_real_files(folder: Path, mirror: Path) -> None:
    for name in ("cc_filosofi_2021_COM.csv", "bpe2021_equip-serv-particuliers-com.csv"):
        assert first_line(folder / "contexte" / name) == first_line(mirror / "contexte" / name)
    for ours, theirs in (
        ("cog/v_commune_2026.csv", "cog/v_commune_2025.csv"),
        ("cog/mouvements-communes-2026.csv", "cog/mouvements-communes-2024.csv"),
    ):
        assert first_line(folder / ours) == first_line(mirror / theirs)
    real = next((mirror / "ssmsi").glob("*.parquet"))
    types = {f.name.replace("2025", "2026"): f.type for f in pq.read_schema(real)}
    assert {f.name: f.type for f in pq.read_schema(folder / "ssmsi" / PARQUET)} == types
    for name in ("communes", "epci", "arrondissements", "departements", "regions"):
        ours, theirs = (
            json.loads((f / "cog" / f"{name}.json").read_text()) for f in (folder, mirror)
        )
        assert set().union(*ours) <= set().union(*theirs)
        assert list(ours[0]) in [list(record) for record in theirs]
    census = "contexte/agg_iris_{}_rp2022.parquet"
    theirs = {f.name: f.type for f in pq.read_schema(mirror / census.format("77"))}
    for field in pq.read_schema(folder / census.format("00")):
        assert theirs[field.name] == field.type
    for name in ("taux_sru_communes_2024", "logements_communes_rp2021"):
        ours, theirs = (
            json.loads(gzip.decompress((f / "contexte" / f"{name}.json.gz").read_bytes()))
            for f in (folder, mirror)
        )
        assert ours.keys() == theirs.keys()
        assert next(iter(ours["communes"].values())).keys() == theirs["communes"]["77288"].keys()
    grid = "zonage/grille_densite_7_niveaux_2024.xlsx"
    ours, theirs = (
        openpyxl.load_workbook(f / grid, read_only=True)["Grille_Densite"] for f in (folder, mirror)
    )
    assert cells(ours, 5) == cells(theirs, 5)
    assert {type(c) for c in cells(ours, 6)} <= {type(c) for c in cells(theirs, 6)} | {float}


def first_line(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.readline()


def cells(sheet: object, row: int) -> tuple:
    return next(sheet.iter_rows(min_row=row, max_row=row, values_only=True))  # type: ignore[attr-defined]


def test_no_name_is_a_real_one(tmp_path: Path, mirror: Path) -> None:
    real = {r["nom"] for r in json.loads((mirror / "cog" / "communes.json").read_text())}
    simulate(tmp_path / "land", communes=2_000, first_year=2023)
    names = [r["nom"] for r in json.loads((tmp_path / "land/cog/communes.json").read_text())]
    assert len(names) == len(set(names)) == 2_001
    assert not real.intersection(names)


def test_context_is_coherent_with_the_communes(folder: Path, marker: dict) -> None:
    census = pd.read_parquet(folder / "contexte/agg_iris_00_rp2022.parquet")
    legal = populations(folder)
    assert census.groupby("COM")["P22_POP"].sum().sub(legal).abs().max() <= 12  # rounded by IRIS
    whole = census[census["TYP_IRIS"] == "Z"]
    assert legal[whole["COM"]].max() < 10_000 <= legal.drop(whole["COM"]).min()
    income = pd.read_csv(
        folder / "contexte/cc_filosofi_2021_COM.csv", sep=";", dtype=str, index_col="CODGEO"
    )
    assert income.loc[marker["cas_particuliers"]["sans_habitant"]].eq("s").all()
    assert income.loc[legal[legal < 1_500].index, "TP6021"].eq("s").all()
    assert income.loc[marker["cas_particuliers"]["ville_principale"], "TP6021"] != "s"


def populations(folder: Path) -> pd.Series:
    records = json.loads((folder / "cog/communes.json").read_text(encoding="utf-8"))
    kept = {
        r["code"]: r["population"]
        for r in records
        if r["type"] == "commune-actuelle" and r["departement"] == "00"
    }
    return pd.Series(kept)


def test_each_year_is_divided_by_the_census_known_then(folder: Path, rows: pd.DataFrame) -> None:
    assert (rows["insee_pop_millesime"] == rows["annee"].clip(upper=2023)).all()
    assert (rows["insee_log_millesime"] == rows["annee"].clip(upper=2022)).all()
    newest = rows[rows["annee"] == 2025].drop_duplicates("code").set_index("code")["insee_pop"]
    pd.testing.assert_series_equal(
        newest, populations(folder), check_names=False, check_index_type=False
    )
    communes = pd.DataFrame({"population": [1_000], "dwellings": [400], "growth": [0.01]})
    residents = bases.census(communes, [2021, 2022, 2023, 2024])
    assert residents.population.tolist() == [[990, 1_000, 1_000, 1_000]]
    assert residents.dwellings.tolist() == [[396, 396, 396, 396]]


# --- the land -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "seed"), [(5, 1), (120, 1), (120, 7), (400, 3)])
def test_outlines_leave_no_gap_and_no_overlap(count: int, seed: int) -> None:
    tiling = geography.tile(count, np.random.default_rng(seed))
    outlines = np.array([shapely.Polygon(ring) for ring in tiling.rings])
    assert len(outlines) == count
    assert shapely.is_valid(outlines).all()
    assert shapely.coverage_is_valid(outlines)
    assert all(shapely.is_ccw(o.exterior) for o in outlines)
    land = shapely.coverage_union_all(outlines)
    assert land.geom_type == "Polygon" and not land.interiors


def test_a_border_stays_between_its_two_sites() -> None:
    """A long border between near sites wavers inside the triangles that they make with it."""
    ends = np.tile([[[0.0, 0.0], [10.0, 0.0]]], (200, 1, 1))
    sites = np.tile([[2.0, 0.2]], (200, 1))
    lines = geography._borders(ends, sites, np.random.default_rng(1))
    room = np.minimum(lines[..., 0] / 2, (10 - lines[..., 0]) / 8) * 0.2
    assert (np.abs(lines[..., 1]) <= room + 1e-12).all()
    assert np.abs(lines[..., 1]).max() > 0.02


def test_the_file_of_outlines_is_the_same_coverage(folder: Path, rows: pd.DataFrame) -> None:
    outlines = geojson(folder)
    assert shapely.coverage_is_valid(outlines.geometry.to_numpy())
    assert set(outlines["code"]) == set(rows["code"])


def test_special_communes(folder: Path, marker: dict, rows: pd.DataFrame) -> None:
    special = marker["cas_particuliers"]
    records = json.loads((folder / "cog/communes.json").read_text(encoding="utf-8"))
    current = {r["code"]: r for r in records if r["type"] == "commune-actuelle"}
    merger = special["fusion"]
    (deleguee,) = [r for r in records if r["type"] == "commune-deleguee"]
    assert (deleguee["code"], deleguee["chefLieu"]) == (merger["absorbee"], merger["commune"])
    assert current[merger["commune"]]["anciensCodes"] == [merger["absorbee"]]
    assert merger["absorbee"] not in set(rows["code"])
    movements = pd.read_csv(folder / "cog/mouvements-communes-2026.csv", dtype=str)
    assert {"COM_AV", "COM_AP"} <= set(movements.columns)
    assert set(movements["COM_AP"]) == {merger["commune"]}
    assert any(len(r["nom"]) >= 40 for r in current.values())

    deserted = rows[rows["code"] == special["sans_habitant"]]
    assert len(deserted) == 150
    assert (deserted["insee_pop"] == 0).all() and deserted["taux_pour_mille"].isna().all()
    assert current[special["sans_habitant"]]["population"] == 0

    thefts = rows[(rows["indicateur"] == "vols_sans_violence") & (rows["annee"] == 2024)]
    rates = thefts.set_index("code")["taux_pour_mille"]
    assert rates.idxmax() == special["aeroport"]
    homes = rows[(rows["indicateur"] == "escroqueries") & (rows["annee"] == 2024)]
    assert homes.set_index("code")["nombre"].idxmax() == special["ville_principale"]


@pytest.mark.parametrize("count", [5, 12, 120])
def test_councils(tmp_path: Path, count: int) -> None:
    simulate(tmp_path / "land", communes=count, first_year=2023)
    table = read_memberships(tmp_path / "land/territoires/00.csv")
    sizes = table.groupby(["type", "territory_id"])["code_insee"].nunique()
    assert (sizes["cispd"] > 1).sum() >= 3
    assert (sizes["clspd"] == 1).all()
    crossing = table.loc[table["territory_id"] == councils.CROSSING, "code_insee"]
    assert set(crossing.str[:2]) == {"00", "A0"}
    members = table[table["end"].isna()].groupby("territory_id")["code_insee"].agg(set)
    overlaps = [a for a, b in product(members.index, repeat=2) if a < b and members[a] & members[b]]
    assert overlaps
    if count == 120:
        assert TO_CONFIRM in set(table["status"]) and len(set(table["status"])) == 2
        assert table["end"].notna().sum() == 1


def test_several_departements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geography, "MOST_COMMUNES", 40)
    land = tmp_path / "land"
    simulate(land, communes=100, first_year=2021)
    rows = communal(land / "ssmsi" / CSV)
    sizes = rows.groupby(rows["code"].str[:2])["code"].nunique()
    assert sizes.to_dict() == {"00": 34, "A0": 33, "A1": 33}
    outlines = [geojson(land, code) for code in sizes.index]
    together = np.concatenate([o.geometry.to_numpy() for o in outlines])
    assert shapely.coverage_is_valid(together)
    for one in outlines:
        assert shapely.coverage_union_all(one.geometry.to_numpy()).geom_type == "Polygon"
    epci = json.loads((land / "cog/epci.json").read_text(encoding="utf-8"))
    members = [m["code"] for record in epci for m in record["membres"]]
    assert sorted(members) == sorted(set(rows["code"]))
    straddling = [r for r in epci if len({m["code"][:2] for m in r["membres"]}) > 1]
    assert len(straddling) == 1
    territory = read_memberships(land / "territoires/00.csv").groupby("territory_id")["code_insee"]
    crossing = territory.agg(set)[councils.CROSSING]
    assert crossing == {m["code"] for m in straddling[0]["membres"]}
    dep, reg = base(land / "ssmsi" / DEP), base(land / "ssmsi" / REG)
    summed = dep.groupby(["indicateur", "annee"])["nombre"].sum()
    region = reg.set_index(["indicateur", "annee"])["nombre"]
    for (key, year), total in summed.items():
        additive = catalogue.indicators()[key].additive
        assert region[key, year] == total if additive else region[key, year] <= total
    qpv = (land / "zonage/listeqp2024-cog2024.csv").read_text(encoding="utf-8-sig")
    listed = list(csv.DictReader(qpv.splitlines(), delimiter=";"))
    assert {q["insee_dep"] for q in listed} == {q["code_qp"][-5:-3] for q in listed}
    assert all(code in set(rows["code"]) for q in listed for code in q["insee_com"].split("; "))


# --- the model ------------------------------------------------------------------------------------


def test_magnitudes_are_those_of_a_departement(rows: pd.DataFrame, truth: pd.DataFrame) -> None:
    """Hidden, zero and positive cells: 57, 24 and 19 % in Seine-et-Marne in 2024."""
    year = rows[rows["annee"] == 2024]
    hidden = (year["est_diffuse"] == "ndiff").mean()
    zero = (year["nombre"] == 0).mean()
    assert hidden == pytest.approx(0.57, abs=0.07)
    assert zero == pytest.approx(0.24, abs=0.07)
    positive = year.loc[year["nombre"] > 0, "nombre"]
    assert positive.min() == 5
    # Official totals of Seine-et-Marne in 2024, 1,46 M residents (SSMSI, base départementale).
    facts = truth[truth["annee"] == 2024].groupby("indicateur")["faits"].sum()
    residents = year.drop_duplicates("code")["insee_pop"].sum()
    for key, official in {"degradations": 10_129, "escroqueries": 8_772}.items():
        assert facts[key] / residents == pytest.approx(official / 1_460_000, rel=0.35)


def test_thefts_fall_with_the_lockdowns(truth: pd.DataFrame) -> None:
    thefts = truth[truth["indicateur"].str.startswith("vols")].groupby("annee")["faits"].sum()
    assert thefts[2020] < 0.95 * min(thefts[2019], thefts[2022])


def crowd(count: int, urbanity: float) -> pd.DataFrame:
    return pd.DataFrame(
        {"population": 200_000, "dwellings": 90_000, "visitors": 0, "urbanity": urbanity},
        index=range(count),
    )


@pytest.mark.parametrize("key", ["vols_violents_sans_arme", "violences_sexuelles"])
def test_urban_ratio_is_the_declared_one(key: str) -> None:
    communes = pd.concat([crowd(400, 0.0), crowd(400, 1.0)], ignore_index=True)
    counts = model.draw(communes, [2018], np.random.default_rng(5))[key][:, 0]
    ratio = counts[400:].mean() / counts[:400].mean()
    assert ratio == pytest.approx(model.SERIES[key].urban_ratio, rel=0.15)


@pytest.mark.parametrize("key", ["cambriolages", "escroqueries"])
def test_overdispersion_is_the_declared_one(key: str) -> None:
    counts = model.draw(crowd(300, 0.5), list(range(1985, 2015)), np.random.default_rng(8))[key]
    common = counts / counts.mean(axis=0)  # without the growth and the shocks of the years
    relative = common / common.mean(axis=1, keepdims=True)
    phi = relative.var(axis=1, ddof=1).mean() - (1 / counts).mean()
    assert phi == pytest.approx(model.SERIES[key].overdispersion, rel=0.15)


# --- determinism, replacement, refusals -----------------------------------------------------------


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("one", 4), ("two", 4), ("three", 5)):
        simulate(tmp_path / name, communes=30, seed=seed, first_year=2023)
    one, two, three = (contents(tmp_path / name) for name in ("one", "two", "three"))
    assert one == two
    assert one.keys() == three.keys()
    assert one[TRUTH] != three[TRUTH]


def test_no_file_holds_the_time_of_the_run(folder: Path) -> None:
    with zipfile.ZipFile(folder / "zonage/grille_densite_7_niveaux_2024.xlsx") as archive:
        assert {m.date_time[:3] for m in archive.infolist()} == {(2024, 5, 28)}
    for path in folder.rglob("*.gz"):
        assert path.read_bytes()[4:8] == bytes(4)  # RFC 1952: MTIME, 0 is none


def test_an_earlier_simulation_is_replaced_as_a_whole(tmp_path: Path) -> None:
    land = tmp_path / "land"
    land.mkdir()
    simulate(land, communes=10, first_year=2018, last_year=2020)
    simulate(land, communes=12, first_year=2021, last_year=2023)
    assert json.loads((land / MARKER).read_text())["parametres"]["communes"] == 12
    assert [p.name for p in (land / "cog").glob("v_commune_*")] == ["v_commune_2024.csv"]
    assert [p.name for p in tmp_path.iterdir()] == ["land"]


@pytest.mark.parametrize("earlier", [False, True])
def test_an_interrupted_run_leaves_nothing_of_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, earlier: bool
) -> None:
    land = tmp_path / "land"
    if earlier:
        simulate(land, communes=10, first_year=2023)
    before = contents(tmp_path)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cog, "write_zonings", interrupted)
    with pytest.raises(KeyboardInterrupt):
        simulate(land, communes=10, seed=2, first_year=2023)
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"communes": 4}, "de 5 à 35000 communes"),
        ({"communes": 35_001}, "de 5 à 35000 communes"),
        ({"seed": -1}, "entier positif"),
        ({"first_year": 2024, "last_year": 2025}, "trois années"),
        ({"first_year": 1900}, "trois années"),
        ({"last_year": 3000}, "trois années"),
    ],
)
def test_nonsense_is_refused(tmp_path: Path, arguments: dict[str, int], says: str) -> None:
    with pytest.raises(Refused, match=says):
        simulate(tmp_path / "land", **arguments)
    assert not list(tmp_path.iterdir())


def test_somebody_else_s_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("à garder")
    with pytest.raises(Refused, match="autre chose qu’une simulation"):
        simulate(tmp_path)
    with pytest.raises(Refused, match="est un fichier"):
        simulate(tmp_path / "notes.txt")
    assert contents(tmp_path) == {"notes.txt": "à garder".encode()}
