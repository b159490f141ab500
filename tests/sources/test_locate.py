"""Finding each source in a folder, by its name and by its header."""

import hashlib
import shutil
from pathlib import Path

import pandas as pd
import pytest

from diagnostics import catalogue
from diagnostics.errors import Refused
from diagnostics.sources import locate
from tests.publisher_files import (
    COMMUNAL,
    FIXTURES,
    GENERATIONS,
    SSMSI,
    STEM_C3,
    TOTALS,
    cells,
    without,
    write,
)


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


def names(paths: list[Path]) -> list[str]:
    return [path.name for path in paths]


def test_files_are_found_at_any_depth_and_the_folder_may_be_hidden(tmp_path: Path) -> None:
    mirror = tmp_path / ".miroir"
    deep = touch(mirror / "a" / "b" / "communes.json")
    top = touch(mirror / "epci.json")
    found = locate.inputs(mirror, tmp_path / "brut")
    assert found.files("cog_communes") == [deep]
    assert found.files("cog_epci") == [top]


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    touch(tmp_path / ".git" / "objects" / "communes.json")
    touch(tmp_path / ".communes.json")
    touch(tmp_path / "x" / "._communes.json")
    found = locate.Inputs((tmp_path,))
    assert found.files("cog_communes") == []
    with pytest.raises(Refused) as refused:
        found.first("cog_communes")
    source = catalogue.sources()["cog_communes"]
    for said in (source.title, str(tmp_path), source.page, "--mirror"):
        assert said in str(refused.value)


def test_an_optional_source_that_is_nowhere_is_none(tmp_path: Path) -> None:
    assert locate.Inputs((tmp_path,)).first("qpv") is None


def test_the_mirror_comes_before_the_downloads(tmp_path: Path) -> None:
    raw = touch(tmp_path / "brut" / "communes.json")
    mirror = touch(tmp_path / "miroir" / "communes.json")
    found = locate.inputs(tmp_path / "miroir", tmp_path / "brut")
    assert found.files("cog_communes") == [mirror, raw]
    assert locate.inputs(None, tmp_path / "brut").first("cog_communes") == raw


def test_a_mirror_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="DIAGNOSTIC_MIRROR"):
        locate.inputs(tmp_path / "absent")


def test_a_simulated_mirror_stands_alone(tmp_path: Path) -> None:
    touch(tmp_path / "brut" / "communes.json")
    touch(tmp_path / "simule" / "simulation.json")
    found = locate.inputs(tmp_path / "simule", tmp_path / "brut")
    assert found.simulated()
    assert found.files("cog_communes") == []
    assert not locate.inputs(tmp_path / "brut").simulated()


def test_precise_and_recent_outlines_come_first_and_only_those_of_the_departement(
    tmp_path: Path,
) -> None:
    for name in (
        "communes-00-2025-simplifie.geojson",
        "communes-00-2018.geojson",
        "communes-00-2026.geojson",
        "communes-0A-2026.geojson",
        "communes-974-2026.geojson",
    ):
        touch(tmp_path / name)
    found = locate.Inputs((tmp_path,))
    assert names(found.files("contours", "00")) == [
        "communes-00-2026.geojson",
        "communes-00-2018.geojson",
        "communes-00-2025-simplifie.geojson",
    ]
    assert names(found.files("contours", "974")) == ["communes-974-2026.geojson"]
    assert found.files("contours", "75") == []


def test_the_membership_table_lies_in_a_folder_of_its_name(tmp_path: Path) -> None:
    touch(tmp_path / "autre" / "00.csv")
    touch(tmp_path / "territoires" / "0A.csv")
    found = locate.Inputs((tmp_path,))
    assert found.territories("00") is None
    expected = touch(tmp_path / "x" / "territoires" / "00.csv")
    assert found.territories("00") == expected


@pytest.mark.parametrize("base", ["communes", "departements", "regions"])
def test_bases_are_recognised_among_all_the_others(base: str) -> None:
    found = locate.editions(locate.Inputs((FIXTURES,)), base)
    expected = {
        "communes": set(COMMUNAL.values()),
        "departements": {TOTALS["D0"], TOTALS["D1"]},
        "regions": {TOTALS["R1"]},
    }
    assert {edition.path for edition in found} == expected[base]


def test_a_renamed_file_is_recognised_by_its_header(tmp_path: Path) -> None:
    for n, path in enumerate(GENERATIONS.values()):
        shutil.copy(path, tmp_path / f"fichier{n}.csv")
    (tmp_path / "notes.csv").write_text("a;b\n1;2\n", encoding="utf-8")
    (tmp_path / "vide.csv").touch()
    folder = locate.Inputs((tmp_path,))
    assert len(locate.editions(folder, "communes")) == len(COMMUNAL)
    assert len(locate.editions(folder, "departements")) == 2
    assert len(locate.editions(folder, "regions")) == 1


def test_newest_geography_then_newest_production_comes_first(tmp_path: Path) -> None:
    shutil.copytree(SSMSI, tmp_path, dirs_exist_ok=True)
    later = "donnee-data.gouv-2022-geographie2025-produit-le2026-05-01.csv"
    shutil.copy(COMMUNAL["C2"], tmp_path / later)
    shutil.copy(COMMUNAL["C2"], tmp_path / "sans-date.csv")
    found = locate.newest_first(locate.editions(locate.Inputs((tmp_path,)), "communes"))
    expected = [COMMUNAL["C3"].name, later, COMMUNAL["C2"].name, "sans-date.csv"]
    assert [e.path.name for e in found][:4] == expected


@pytest.mark.parametrize(
    ("name", "base"),
    [(f"{STEM_C3}.csv", "communes"), (TOTALS["D1"].name, "departements")],
)
def test_a_publishers_name_on_another_content_is_refused(
    tmp_path: Path, name: str, base: str
) -> None:
    (tmp_path / name).write_text("a;b\n1;2\n", encoding="utf-8")
    with pytest.raises(Refused, match=name):
        locate.editions(locate.Inputs((tmp_path,)), base)


def test_a_departement_base_without_its_departement_is_not_taken_for_regions(
    tmp_path: Path,
) -> None:
    write(without(cells(TOTALS["D1"]), "Code_departement"), tmp_path / TOTALS["D1"].name)
    folder = locate.Inputs((tmp_path,))
    assert locate.editions(folder, "regions") == []
    with pytest.raises(Refused, match=TOTALS["D1"].name):
        locate.editions(folder, "departements")


def test_the_fingerprint_follows_the_content(tmp_path: Path) -> None:
    path = tmp_path / "f"
    for content in (b"un", b"deux"):
        path.write_bytes(content)
        assert locate.sha256(path) == hashlib.sha256(content).hexdigest()


def test_records_are_counted_in_each_form(tmp_path: Path) -> None:
    pd.DataFrame({"a": [1, 2, 3]}).to_parquet(tmp_path / "a.parquet")
    (tmp_path / "b.csv").write_text("a;b\n1;2\n3;4\n", encoding="utf-8")
    (tmp_path / "c.geojson").write_text('{"features": [{}, {}, {}, {}]}', encoding="utf-8")
    (tmp_path / "d.json").write_text('[{"code": "1"}]', encoding="utf-8")
    (tmp_path / "e.xlsx").write_bytes(b"PK")
    counted = [locate.records(path) for path in sorted(tmp_path.iterdir())]
    assert counted == [3, 2, 4, 1, None]
