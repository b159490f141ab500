"""The official geographic code: today's communes, those that were, and those that nobody knows."""

import gzip
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diagnostics import schemas
from diagnostics.errors import Refused
from diagnostics.sources import cog
from tests.publisher_files import FIXTURES

COG = FIXTURES / "cog"
RECORDS: list[dict[str, Any]] = json.loads((COG / "communes.json").read_text(encoding="utf-8"))
CODES = {"00001", "00002", "00003", "00004"}


def read(communes: Path = COG / "communes.json", **others: Any) -> cog.Cog:
    return cog.read_cog(communes, epci=COG / "epci.json", **others)


def saved(tmp_path: Path, content: Any, name: str = "communes.json") -> Path:
    path = tmp_path / name
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("code", "departement"),
    [("77001", "77"), ("2A004", "2A"), ("97411", "974"), ("98818", "988"), ("01004", "01")],
)
def test_the_departement_of_a_commune(code: str, departement: str) -> None:
    assert cog.departement_of(code) == departement


def test_communes_names_and_epci_are_those_of_the_files() -> None:
    code = read(
        arrondissements=COG / "arrondissements.json",
        departements=COG / "departements.json",
        regions=COG / "regions.json",
    )
    table = cog.communes_of("00", CODES, code, "f.csv").set_index("code_insee")
    assert set(table.index) == CODES
    ormelles = table.loc["00004"]
    assert ormelles["name"] == "Les Ormelles"
    assert ormelles["arrondissement_name"] == "Ormes"
    assert (ormelles["code_epci"], ormelles["epci_name"]) == ("200000002", "CC des Ormes")
    assert ormelles["population_legal"] == 1250
    assert (table["current_code"] == table.index).all()
    assert code.names["departement"] == {"00": "Haute-Lune"}
    assert code.names["region"] == {"00": "Pays de Lune"}


def test_a_gzipped_file_reads_the_same(tmp_path: Path) -> None:
    zipped = tmp_path / "communes.json"
    zipped.write_bytes(gzip.compress((COG / "communes.json").read_bytes()))
    pd.testing.assert_frame_equal(read(zipped).communes, read().communes)


def test_the_form_of_geo_api_gouv_fr_reads_the_same(tmp_path: Path) -> None:
    """Other names of the fields, no list of members: the EPCI is told by each commune."""
    epci = {"00001": "200000001", "00002": "200000001"}
    communes = [
        {
            "code": r["code"],
            "nom": r["nom"],
            "type": r["type"],
            "codeDepartement": "00",
            "codeRegion": "00",
            "codeEpci": epci.get(r["code"], "200000002"),
            "population": r["population"],
        }
        for r in RECORDS
        if r["type"] == "commune-actuelle"
    ]
    listed = [
        {"code": "200000001", "nom": "CC de la Lune"},
        {"code": "200000002", "nom": "CC des Ormes"},
    ]
    found = cog.read_cog(saved(tmp_path, communes), epci=saved(tmp_path, listed, "epci.json"))
    same = ["code_insee", "name", "kind", "departement", "region", "population_legal"]
    pd.testing.assert_frame_equal(found.communes[same], read().communes[same])
    members = read().epci[read().epci["code_insee"] != "0A001"]
    pd.testing.assert_frame_equal(found.epci, members.reset_index(drop=True))


def as_geo_api(records: list[dict[str, Any]], epci_of: dict[str, str]) -> list[dict[str, Any]]:
    """Return communes as geo.api.gouv.fr gives them; what is not known has no key."""
    fields = {"departement": "codeDepartement", "region": "codeRegion"}
    kept = ("code", "nom", "type", "population", *fields)
    return [
        {fields.get(k, k): r[k] for k in kept if k in r}
        | ({"codeEpci": epci_of[r["code"]]} if r["code"] in epci_of else {})
        for r in records
        if r["type"] in ("commune-actuelle", "arrondissement-municipal")
    ]


def test_the_list_of_insee_tells_what_geo_api_gouv_fr_leaves_out(tmp_path: Path) -> None:
    path = saved(tmp_path, as_geo_api(RECORDS, {}))
    names = tmp_path / "v_arrondissement_2026.csv"
    names.write_text("ARR,DEP,LIBELLE\n001,00,Lunéville\n002,00,Ormes\n", encoding="utf-8")
    newest = COG / "v_commune_2026.csv"
    found = cog.read_cog(path, newest_list=newest, arrondissements=names)
    expected = read(arrondissements=COG / "arrondissements.json")
    pd.testing.assert_frame_equal(found.communes, expected.communes)
    assert found.names["arrondissement"] == expected.names["arrondissement"]
    assert found.successors == {"00005": "00004"}
    assert found.former_names == {"00005": "Ormelle-le-Petit"}
    alone = cog.read_cog(path)
    assert alone.communes["code_arrondissement"].isna().all()
    assert alone.successors == {}


def test_the_list_of_insee_names_the_whole_of_a_municipal_arrondissement(tmp_path: Path) -> None:
    records = [
        {"code": "0A100", "nom": "Selène", "type": "commune-actuelle"},
        {"code": "0A101", "nom": "Selène 1er", "type": "arrondissement-municipal", "codeEpci": "2"},
    ]
    newest = tmp_path / "v_commune_2026.csv"
    newest.write_text(
        "TYPECOM,COM,ARR,LIBELLE,COMPARENT\nCOM,0A100,0A1,Selène,\nARM,0A101,0A1,x,0A100\n",
        encoding="utf-8",
    )
    epci = saved(tmp_path, [{"code": "2", "nom": "CC"}], "epci.json")
    code = cog.read_cog(saved(tmp_path, records), newest_list=newest, epci=epci)
    table = code.communes.set_index("code_insee")
    assert table["whole"].dropna().to_dict() == {"0A101": "0A100"}
    assert table["code_arrondissement"].tolist() == ["0A1", "0A1"]
    assert table["name"].tolist() == ["Selène", "Selène 1er"]
    # It is in an EPCI by its commune, never beside it.
    assert code.epci.empty


def test_an_older_list_of_insee_neither_contradicts_nor_revives_a_commune(tmp_path: Path) -> None:
    older = tmp_path / "v_commune_2025.csv"
    older.write_text(
        "typecom,com,arr,libelle,comparent\n"
        "COM,00001,009,Ancien nom,\nCOM,00007,001,Disparue,\nCOMD,00005,,Ormelle,00001\n",
        encoding="utf-8",
    )
    found, expected = read(newest_list=older), read()
    pd.testing.assert_frame_equal(found.communes, expected.communes)
    assert found.successors == expected.successors


def test_real_forms_of_the_network_read_as_those_of_the_mirror(
    mirror: Path, tmp_path: Path
) -> None:
    folder = mirror / "cog"
    newest, names = folder / "v_commune_2025.csv", folder / "arrondissements.json"
    full = cog.read_cog(
        folder / "communes.json",
        epci=folder / "epci.json",
        arrondissements=names,
        newest_list=newest,
    )
    epci = json.loads((folder / "epci.json").read_text(encoding="utf-8"))
    records = json.loads((folder / "communes.json").read_text(encoding="utf-8"))
    found = cog.read_cog(
        saved(
            tmp_path,
            as_geo_api(records, {m["code"]: e["code"] for e in epci for m in e["membres"]}),
        ),
        epci=saved(tmp_path, [{"code": e["code"], "nom": e["nom"]} for e in epci], "epci.json"),
        arrondissements=names,
        newest_list=newest,
    )
    for departement in ("77", "75", "13", "2A", "974"):
        of = full.communes["departement"] == departement
        codes = set(full.communes.loc[of, "code_insee"])
        pd.testing.assert_frame_equal(
            cog.communes_of(departement, codes, found, "f"),
            cog.communes_of(departement, codes, full, "f"),
        )
    pairs = ["code_epci", "code_insee"]
    assert set(map(tuple, found.epci[pairs].to_numpy())) == set(
        map(tuple, full.epci[pairs].to_numpy())
    )


@pytest.mark.parametrize(
    ("former", "name"),
    [
        ("00005", "Ormelle-le-Petit"),  # commune déléguée
        ("00006", "00006"),  # ancien code
        ("00008", "00008"),  # movement of communes
        ("00009", "00009"),  # two movements in a row
    ],
)
def test_a_commune_that_has_merged_is_known_by_its_successor(former: str, name: str) -> None:
    code = read(movements=COG / "mouvements-communes-2026.csv")
    table = cog.communes_of("00", CODES | {former}, code, "f.csv").set_index("code_insee")
    successor = "00001" if former == "00006" else "00004"
    assert table.loc[former, "current_code"] == successor
    assert table.loc[former, "name"] == name
    assert table.loc[former, "code_epci"] == table.loc[successor, "code_epci"]
    # Its own legal population is nobody's any more: it must not count its successor's.
    assert pd.isna(table.loc[former, "population_legal"])


def test_without_the_movements_only_the_declared_predecessors_are_known() -> None:
    with pytest.raises(Refused, match="00008"):
        cog.communes_of("00", CODES | {"00008"}, read(), "f.csv")


def test_a_commune_outside_the_cog_and_any_movement_is_refused() -> None:
    code = read(movements=COG / "mouvements-communes-2026.csv")
    with pytest.raises(Refused) as refused:
        cog.communes_of("00", CODES | {"00099"}, code, "donnee.csv")
    assert "donnee.csv" in str(refused.value)
    assert "00099" in str(refused.value)
    assert "mouvement" in str(refused.value)


def test_movements_are_told_with_their_names_and_days(tmp_path: Path) -> None:
    path = tmp_path / "mouvements-communes-2026.csv"
    text = (COG / "mouvements-communes-2026.csv").read_text(encoding="utf-8")
    apart = "21,2024-01-01,COM,00004,0,X,X,Les Ormelles,COM,00002,0,X,X,Brumeval\n"
    nowhere = "21,2024-01-01,COM,00004,0,X,X,Les Ormelles,COM,00099,0,X,X,Nulle part\n"
    path.write_text(text + apart + nowhere, encoding="utf-8")
    found = schemas.checked(read(movements=path).movements, schemas.movements(), "mouvements")
    assert set(found.itertuples(index=False, name=None)) >= {
        (cog.MERGED, "00008", "Tilleuls", "00004", "Les Ormelles", "2020-01-01"),
        (cog.MERGED, "00009", "Tilleul", "00004", "Les Ormelles", "2015-01-01"),
        (cog.MERGED, "00005", "Ormelle-le-Petit", "00004", "Les Ormelles", ""),
        (cog.RESTORED, "00002", "Brumeval", "00004", "Les Ormelles", "2024-01-01"),
    }
    assert "00099" not in set(found["code"])
    undated = read().movements
    assert set(undated["kind"]) == {cog.MERGED} and set(undated["date"]) == {""}


def test_movements_that_turn_in_circles_lead_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "mouvements-communes-2026.csv"
    path.write_text(
        "DATE_EFF,TYPECOM_AV,COM_AV,TYPECOM_AP,COM_AP\n"
        "2020-01-01,COM,00020,COM,00021\n2021-01-01,COM,00021,COM,00020\n",
        encoding="utf-8",
    )
    assert {"00020", "00021"}.isdisjoint(read(movements=path).successors)


def test_a_commune_that_splits_or_changes_its_name_stays_itself(tmp_path: Path) -> None:
    path = tmp_path / "mouvements-communes-2026.csv"
    path.write_text(
        "DATE_EFF,TYPECOM_AV,COM_AV,TYPECOM_AP,COM_AP\n"
        "2020-01-01,COM,00001,COM,00002\n2021-01-01,COM,00003,COM,00003\n",
        encoding="utf-8",
    )
    assert {"00001", "00003"}.isdisjoint(read(movements=path).successors)


def test_communes_that_the_file_lacks_are_expected_when_the_year_is_known() -> None:
    in_file = CODES - {"00002"}
    assert set(cog.communes_of("00", in_file, read(), "f")["code_insee"]) == in_file
    of_year = [
        read(geography_year=2026),
        read(list_of_year=COG / "v_commune_2026.csv"),
    ]
    for code in of_year:
        assert set(cog.communes_of("00", in_file, code, "f")["code_insee"]) == CODES


@pytest.mark.parametrize("whole", [{"commune": "75056"}, {}], ids=["etalab", "geo.api"])
@pytest.mark.parametrize("of_year", [True, False])
def test_arrondissements_are_expected_only_beside_others(
    tmp_path: Path, whole: dict[str, str], of_year: bool
) -> None:
    records = [
        {"code": "75056", "nom": "Paris", "type": "commune-actuelle", "population": 300},
        *(
            {"code": c, "nom": c, "type": "arrondissement-municipal", "population": 150, **whole}
            for c in ("75101", "75102")
        ),
    ]
    listed = tmp_path / "v_commune_2026.csv"
    listed.write_text("TYPECOM,COM\nCOM,75056\nARM,75101\nARM,75102\n", encoding="utf-8")
    path = saved(tmp_path, records)
    code = (
        cog.read_cog(path, list_of_year=listed)
        if of_year
        else cog.read_cog(path, geography_year=2026)
    )
    assert set(cog.communes_of("75", {"75056"}, code, "f")["code_insee"]) == {"75056"}
    table = cog.communes_of("75", {"75056", "75101"}, code, "f").set_index("code_insee")
    assert table["kind"].to_dict() == {
        "75056": cog.COMMUNE,
        "75101": cog.MUNICIPAL_ARRONDISSEMENT,
        "75102": cog.MUNICIPAL_ARRONDISSEMENT,
    }
    assert table["whole"].dropna().to_dict() == {"75101": "75056", "75102": "75056"}


@pytest.mark.parametrize(
    "content",
    [
        [],
        {},
        None,
        3,
        "communes",
        [3],
        ["code"],
        [{}],
        [{"code": "00001"}],
        [RECORDS[0], {"nom": "Sans code"}],
        [{**RECORDS[0], "code": 1}],
        [{**RECORDS[0], "code": "1"}],
        [{**RECORDS[0], "population": "beaucoup"}],
        [{**RECORDS[0], "population": -1}],
        [{**RECORDS[0], "type": None}],
        [{**RECORDS[0], "anciensCodes": 12}],
        [RECORDS[0], RECORDS[0]],
        [RECORDS[-1]],
    ],
)
def test_a_file_of_another_shape_is_refused(tmp_path: Path, content: Any) -> None:
    with pytest.raises(Refused, match=r"communes\.json"):
        cog.read_cog(saved(tmp_path, content))


@pytest.mark.parametrize(
    "data", [b"", b"<html>", b"[{", b"\x1f\x8b\x08", bytes(40), gzip.compress(b"[")[:-3]]
)
def test_what_is_not_json_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "communes.json"
    path.write_bytes(data)
    with pytest.raises(Refused, match=r"communes\.json"):
        cog.read_cog(path)


def test_an_epci_without_members_anywhere_is_refused_by_its_form(tmp_path: Path) -> None:
    path = saved(tmp_path, [{"code": "2", "nom": "CC", "membres": [{"nom": "?"}]}], "epci.json")
    with pytest.raises(Refused, match=r"epci\.json"):
        cog.read_cog(COG / "communes.json", epci=path)


@pytest.mark.parametrize(
    ("name", "argument", "said"),
    [
        ("mouvements-communes-2026.csv", "movements", "DATE_EFF"),
        ("v_commune_2026.csv", "list_of_year", "TYPECOM"),
        ("v_commune_2026.csv", "newest_list", "TYPECOM"),
        ("v_arrondissement_2026.csv", "arrondissements", "ARR"),
    ],
)
def test_the_files_of_insee_need_their_columns(
    tmp_path: Path, name: str, argument: str, said: str
) -> None:
    path = tmp_path / name
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(Refused, match=said):
        read(**{argument: path})


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(st.text(), SCALARS, max_size=2)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(field=st.sampled_from(sorted({k for r in RECORDS for k in r} | {"commune"})), value=VALUES)
def test_any_value_in_a_field_ends_in_a_table_or_a_refusal(
    tmp_path: Path, field: str, value: Any
) -> None:
    path = saved(tmp_path, [{**RECORDS[0], field: value}, *RECORDS[1:]])
    try:
        code = cog.read_cog(path)
    except Refused as refused:
        assert path.name in str(refused)
        return
    assert code.communes["code_insee"].is_unique
    assert code.communes["kind"].isin([cog.COMMUNE, cog.MUNICIPAL_ARRONDISSEMENT]).all()
    assert set(code.successors.values()) <= set(code.communes["code_insee"])
