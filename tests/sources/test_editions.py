"""Which file a build reads: the newest that holds the département, and only one edition of it."""

from pathlib import Path

import pytest

from diagnostics.errors import Refused
from diagnostics.sources.editions import (
    ALL,
    Chosen,
    choose_edition,
    departements_in,
    of_departement,
    official_base,
    official_totals,
)
from diagnostics.sources.locate import Inputs
from tests.publisher_files import (
    COMMUNAL,
    GENERATIONS,
    SSMSI,
    STEM_C3,
    TOTALS,
    cells,
    of_commune,
    replaced,
    spaced,
    write,
)

C3 = cells(COMMUNAL["C3"])
OTHER = [[line[0].replace("00", "0A", 1), *line[1:]] for line in C3[1:]]
"""The same rows in a second département, 0A."""


def choose(folder: Path, departement: str = "00", edition: str | None = None) -> Chosen:
    return choose_edition(Inputs((folder,)), departement, edition)


def refusal(folder: Path, departement: str = "00", edition: str | None = None) -> str:
    with pytest.raises(Refused) as refused:
        choose(folder, departement, edition)
    return spaced(str(refused.value))


def test_the_newest_edition_is_read_and_the_others_are_left_aside() -> None:
    chosen = choose(SSMSI)
    assert chosen.edition.path == COMMUNAL["C3"]
    assert {e.path for e in chosen.aside} == {COMMUNAL[g] for g in ("C0", "C1", "C2")}


def test_an_edition_without_the_departement_gives_way_to_an_older_one(tmp_path: Path) -> None:
    write([C3[0], *OTHER], tmp_path / f"{STEM_C3}.csv")
    write(cells(COMMUNAL["C2"]), tmp_path / COMMUNAL["C2"].name)
    assert choose(tmp_path).edition.path.name == COMMUNAL["C2"].name
    assert choose(tmp_path, "0A").edition.path.name == f"{STEM_C3}.csv"
    message = refusal(tmp_path, "99")
    assert "99" in message
    assert STEM_C3 in message


def test_no_communal_file_at_all_is_refused_with_its_page(tmp_path: Path) -> None:
    assert "data.gouv.fr" in refusal(tmp_path)


@pytest.mark.parametrize("form", ["path", "name", "stem"])
def test_an_edition_is_asked_by_path_name_or_stem(form: str) -> None:
    path = COMMUNAL["C1"]
    asked = {"path": str(path), "name": path.name, "stem": path.stem}[form]
    assert choose(SSMSI, edition=asked).edition.path == path


def test_a_path_outside_the_mirror_is_read_whatever_its_name(tmp_path: Path) -> None:
    path = write(cells(COMMUNAL["C0"]), tmp_path / "ailleurs" / "faits.csv.gz")
    (tmp_path / "miroir").mkdir()
    assert choose(tmp_path / "miroir", edition=str(path)).edition.path == path


def test_an_edition_that_does_not_do_is_refused(tmp_path: Path) -> None:
    assert "« introuvable.csv » n’existe pas" in refusal(SSMSI, edition="introuvable.csv")
    assert "n’est pas une base communale" in refusal(SSMSI, edition=str(TOTALS["D1"]))
    stray = tmp_path / "notes.csv"
    stray.write_text("a;b\n1;2\n", encoding="utf-8")
    assert "notes.csv" in refusal(SSMSI, edition=str(stray))
    assert "ne contient pas le département 99" in refusal(SSMSI, "99", edition=COMMUNAL["C1"].name)


@pytest.mark.parametrize("ending", [".csv.gz", ".parquet"])
def test_identical_copies_of_one_edition_count_once(tmp_path: Path, ending: str) -> None:
    write(C3, tmp_path / f"{STEM_C3}.csv")
    write(C3, tmp_path / f"{STEM_C3}{ending}")
    chosen = choose(tmp_path)
    assert len(chosen.rows) == len(C3) - 1
    assert len(chosen.aside) == 1


def test_copies_that_differ_by_rounding_only_are_the_same(tmp_path: Path) -> None:
    write(C3, tmp_path / f"{STEM_C3}.csv")
    write(replaced(C3, 2, "taux", "10,000000004"), tmp_path / f"{STEM_C3}.csv.gz")
    assert len(choose(tmp_path).rows) == len(C3) - 1


@pytest.mark.parametrize(
    "other",
    [replaced(C3, 2, "nombre", "59"), replaced(C3, 2, "taux", "10,1"), C3[:-1]],
    ids=["count", "rate", "row"],
)
def test_different_copies_of_one_edition_are_refused(
    tmp_path: Path, other: list[list[str]]
) -> None:
    write(C3, tmp_path / f"{STEM_C3}.csv")
    write(other, tmp_path / f"{STEM_C3}.parquet")
    message = refusal(tmp_path)
    for said in (f"{STEM_C3}.csv", f"{STEM_C3}.parquet", "département 00", "--edition"):
        assert said in message
    assert choose(tmp_path, edition=f"{STEM_C3}.csv").edition.path.suffix == ".csv"


def test_an_unreadable_copy_of_the_edition_is_refused(tmp_path: Path) -> None:
    write(C3, tmp_path / f"{STEM_C3}.csv")
    whole = write(C3, tmp_path / f"{STEM_C3}.csv.gz")
    whole.write_bytes(whole.read_bytes()[:-20])
    assert f"{STEM_C3}.csv.gz" in refusal(tmp_path)


def test_copies_need_only_agree_on_what_both_hold(tmp_path: Path) -> None:
    write([*C3, *OTHER], tmp_path / f"{STEM_C3}.csv")
    write(C3, tmp_path / f"{STEM_C3}.dep00.csv")
    for departement in ("00", ALL):
        chosen = choose(tmp_path, departement)
        assert departements_in(chosen.rows) == {"00", "0A"}  # the widest is read
    write([C3[0], *replaced([C3[0], *OTHER], 2, "nombre", "1")[1:]], tmp_path / f"{STEM_C3}.b.csv")
    assert "département 0A" in refusal(tmp_path, ALL)
    assert choose(tmp_path, "00").edition.path.name == f"{STEM_C3}.csv"


def test_rows_of_one_departement() -> None:
    rows = choose(SSMSI).rows
    assert len(of_departement(rows, "00")) == len(C3) - 1
    assert of_departement(rows, "0").empty
    assert of_commune(C3, "00001", "00001")  # the fixture does hold it


def test_the_totals_are_those_of_the_same_geography_nearest_in_time(tmp_path: Path) -> None:
    for day in ("2026-01-01", "2026-07-01", "2027-01-01"):
        name = f"donnee-dep-data.gouv-2022-geographie2026-produit-le{day}.csv"
        write(cells(TOTALS["D1"]), tmp_path / name)
    write(cells(TOTALS["D0"]), tmp_path / TOTALS["D0"].name)
    folder = Inputs((tmp_path,))
    best, aside = official_base(folder, choose(SSMSI).edition, "departements")
    assert best is not None
    assert best.produced is not None
    assert best.produced.isoformat() == "2026-07-01"
    assert len(aside) == 3
    old = choose(SSMSI, edition=COMMUNAL["C0"].name).edition
    found, _ = official_base(folder, old, "departements")
    assert found is not None
    assert found.generation == "D0"


def test_totals_of_another_geography_are_never_used() -> None:
    between = choose(SSMSI, edition=COMMUNAL["C1"].name).edition
    base, aside = official_base(Inputs((SSMSI,)), between, "departements")
    assert base is None
    assert {e.path for e in aside} == {TOTALS["D0"], TOTALS["D1"]}
    assert official_totals(base).empty


def test_the_official_totals_are_those_of_the_base() -> None:
    base, _ = official_base(Inputs((SSMSI,)), choose(SSMSI).edition, "departements")
    totals = official_totals(base).set_index(["code", "indicator", "year"])["count"]
    assert totals["00", "degradations", 2021] == 64
    assert totals["00", "homicides", 2022] == 0
    assert len(totals) == len(cells(GENERATIONS["D1"])) - 1
