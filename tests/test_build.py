"""From published files to the store, on the invented département 00 and on real published files."""

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from filelock import FileLock

from diagnostics import catalogue, territories
from diagnostics.build import build
from diagnostics.check import report
from diagnostics.councils import figures, records
from diagnostics.councils.database import beside, open_database
from diagnostics.councils.history import Entry, history
from diagnostics.councils.kept import WHO
from diagnostics.councils.records import Council
from diagnostics.councils.seeding import seed
from diagnostics.diagnose import COUNCIL_LIST
from diagnostics.errors import Refused
from diagnostics.report import report as diagnostic
from diagnostics.store import Store
from diagnostics.territories import read_memberships
from tests.publisher_files import (
    COMMUNAL,
    STEM_C3,
    TOTALS,
    cells,
    mirror,
    replaced,
    spaced,
    tree,
    write,
)

Lines = list[list[str]]
C3 = cells(COMMUNAL["C3"])
CELL = ["code", "indicateur", "annee"]


def built(folder: Path, departement: str = "00", **options: Any) -> Store:
    """Build from `folder/miroir` into `folder/store`, never from the downloads of the project."""
    return build(
        departement,
        mirror=folder / "miroir",
        store_folder=folder / "store",
        raw=folder / "brut",
        **options,
    )


def refusal(folder: Path, departement: str = "00", **options: Any) -> str:
    with pytest.raises(Refused) as refused:
        built(folder, departement, **options)
    message = spaced(str(refused.value))
    assert "\n" not in message
    return message


def added_to_cog(folder: Path, *records: dict[str, Any]) -> None:
    path = folder / "miroir" / "cog" / "communes.json"
    held = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps([*held, *records]), encoding="utf-8")
    # Without INSEE's list of the year, the COG of the year says what is expected.
    (folder / "miroir" / "cog" / "v_commune_2026.csv").unlink(missing_ok=True)


def rows(opened: Store, niveau: str, departement: str = "00") -> pd.DataFrame:
    long = opened.table(departement, "long")
    return long[long["niveau"] == niveau].set_index(CELL)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("plain")
    mirror(folder / "miroir")
    return built(folder)


def test_the_store_holds_the_departement(plain: Store) -> None:
    assert plain.departements() == {"00": "Haute-Lune"}
    about = plain.about("00")
    assert about["edition"] == STEM_C3
    assert about["geography"] == 2026
    assert about["years"] == [2021, 2022]
    assert about["communes"] == 4
    assert about["official_base"] == TOTALS["D1"].stem
    assert not plain.simulated


def test_every_input_is_in_the_manifest_with_its_fingerprint(plain: Store) -> None:
    inputs = {entry["source"]: entry for entry in plain.about("00")["inputs"]}
    expected = {
        "ssmsi_communes",
        "ssmsi_departements",
        "ssmsi_regions",
        "contours",
        "cog_communes",
        "cog_insee",
        "cog_movements",
        "cog_epci",
        "cog_arrondissements",
        "cog_departements",
        "cog_regions",
        "qpv",
    }
    assert set(inputs) == expected
    for source, entry in inputs.items():
        assert entry["title"] == catalogue.sources()[source].title
        assert entry["licence"]
        assert len(entry["sha256"]) == 64
        assert entry["bytes"] > 0


def test_published_plus_hidden_is_the_official_total(plain: Store) -> None:
    table = plain.table("00", "reconciliation")
    assert (table["difference"] == 0).all()
    assert len(table) == 8
    assert report(plain).count("(exact)") == 6
    assert report(plain).count("non additif") == 2


def test_a_hidden_cell_is_never_a_number(plain: Store) -> None:
    communes = rows(plain, "commune")
    hidden = communes[communes["statut"] == "non_diffuse"]
    assert len(hidden) == 14
    figures = ["faits_publies", "faits_estimes", "taux_pour_mille", "taux_estime"]
    assert hidden[figures].isna().all(axis=None)


def test_nothing_is_divided_by_zero(plain: Store) -> None:
    empty = rows(plain, "commune").loc["00003"]
    assert (empty["statut"] == "zero").all()
    assert (empty["faits_publies"] == 0).all()
    rates = ["taux_pour_mille", "taux_bas", "taux_haut"]
    assert empty[rates].isna().all(axis=None)
    long = plain.table("00", "long")
    assert not np.isinf(long.select_dtypes("number").to_numpy(dtype=float, na_value=np.nan)).any()


@pytest.mark.parametrize("generation", ["C0", "C1", "C2"])
def test_every_generation_builds_the_same_figures(
    tmp_path: Path, plain: Store, generation: str
) -> None:
    mirror(tmp_path / "miroir")
    other = built(tmp_path, edition=str(COMMUNAL[generation]))
    assert other.about("00")["inputs"][0]["source"] == "ssmsi_communes"
    assert other.about("00")["official_base"] is None
    figures = ["statut", "faits_publies", "taux_pour_mille", "effectif_denominateur"]
    pd.testing.assert_frame_equal(rows(other, "commune")[figures], rows(plain, "commune")[figures])


def test_a_build_that_waits_for_another_says_so(tmp_path: Path) -> None:
    mirror(tmp_path / "miroir")
    (tmp_path / "store").mkdir()
    another = FileLock(tmp_path / "store" / ".lock")
    another.acquire()
    steps = []

    def progress(step: str, share: float) -> None:
        steps.append(step)
        if "un autre chargement" in step:
            another.release()

    assert built(tmp_path, progress=progress).departements() == {"00": "Haute-Lune"}
    assert [step for step in steps if step.startswith("Attente")] == [steps[-2]]


def test_a_file_of_an_unknown_name_is_told_as_the_communal_base(tmp_path: Path) -> None:
    mirror(tmp_path / "miroir")
    path = write(C3, tmp_path / "mes faits.csv")
    about = built(tmp_path, edition=str(path)).about("00")
    assert about["edition"] == "mes faits"
    assert about["inputs"][0]["source"] == "ssmsi_communes"
    assert about["inputs"][0]["file"] == "mes faits.csv"


def test_missing_rows_are_absent_and_said_so(tmp_path: Path) -> None:
    mirror(tmp_path / "miroir", C3[:-1])
    opened = built(tmp_path)
    last = rows(opened, "commune").loc[("00004", "usage_stupefiants", 2022)]
    assert last["statut"] == "absent"
    assert pd.isna(last["faits_publies"])
    assert any("« absentes »" in spaced(warning) for warning in opened.about("00")["warnings"])


def test_a_commune_that_the_file_lacks_is_absent(tmp_path: Path) -> None:
    mirror(tmp_path / "miroir", [line for line in C3 if line[0] != "00002"])
    opened = built(tmp_path)
    warnings = [spaced(warning) for warning in opened.about("00")["warnings"]]
    assert any(w.startswith("1 commune sur 4 sans aucune ligne") for w in warnings)
    communes = rows(opened, "commune").reset_index("code")
    assert (communes.loc[communes["code"] == "00002", "statut"] == "absent").all()
    assert opened.about("00")["communes"] == 4


def test_a_rate_without_count_or_dwellings_stays_a_rate(tmp_path: Path) -> None:
    lines = replaced(replaced(C3, 4, "nombre", "NA"), 4, "insee_log", "NA")
    for line in (2, 3, 5):
        lines = replaced(lines, line, "insee_log", "NA")
    mirror(tmp_path / "miroir", lines)
    opened = built(tmp_path)
    cell = rows(opened, "commune").loc[("00001", "cambriolages", 2021)]
    assert cell["statut"] == "publie"
    assert pd.isna(cell["faits_publies"])
    assert pd.isna(cell["effectif_denominateur"])
    assert cell["taux_pour_mille"] == 5.0
    # No count: it adds nothing to the sum of the département.
    whole = rows(opened, "departement").loc[("00", "cambriolages", 2021)]
    assert whole["faits_publies"] == 10


def test_communes_reached_by_a_movement_stay_in_the_file_s_geography(tmp_path: Path) -> None:
    former = ["00005", "00006", "00008", "00009"]
    brumeval = [line for line in C3 if line[0] == "00002"]
    mirror(tmp_path / "miroir", [*C3, *([f, *line[1:]] for f in former for line in brumeval)])
    opened = built(tmp_path)
    assert set(former) <= set(opened.table("00", "facts")["code_insee"])
    warnings = opened.about("00")["warnings"]
    for said in ("fusionnées", "Sans contour"):
        listed = next(warning for warning in warnings if said in warning)
        assert all(f"({code})" in listed for code in former)


def test_a_commune_without_outline_is_counted_and_listed(tmp_path: Path) -> None:
    mirror(tmp_path / "miroir")
    path = tmp_path / "miroir" / "contours" / "communes-00-2026.geojson"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["features"].pop()
    path.write_text(json.dumps(content), encoding="utf-8")
    opened = built(tmp_path)
    outlines = opened.outlines("00")
    assert "00004" not in set(outlines.loc[outlines["niveau"] == "commune", "code"])
    assert "00004" in set(rows(opened, "commune").index.get_level_values("code"))
    listed = [line for line in report(opened).splitlines() if "Sans contour" in line]
    assert len(listed) == 1
    assert "Les Ormelles (00004)" in listed[0]


def test_a_departement_without_any_outline_is_built_and_says_so(tmp_path: Path) -> None:
    mirror(tmp_path / "miroir")
    shutil.rmtree(tmp_path / "miroir" / "contours")
    warnings = built(tmp_path).about("00")["warnings"]
    assert any("contours" in warning for warning in warnings)


def test_only_the_communes_of_the_cog_are_indispensable(tmp_path: Path) -> None:
    communal = mirror(tmp_path / "miroir")
    for path in (tmp_path / "miroir").rglob("*"):
        if path.is_file() and path not in (communal, path.with_name("communes.json")):
            path.unlink()
    opened = built(tmp_path)
    assert opened.departements() == {"00": "Département 00"}
    assert set(opened.table("00", "long")["niveau"]) >= {"commune", "departement"}
    (tmp_path / "miroir" / "cog" / "communes.json").unlink()
    assert "Code officiel géographique" in refusal(tmp_path)


# Paris, Lyon and Marseille: whole commune 00100, arrondissements 00101 and 00102.

CITY = ("00100", "00101", "00102")


def city(folder: Path, *counts: int) -> Lines:
    """Lay the mirror with a city of 300 inhabitants in two arrondissements, and its counts."""
    lines = list(C3)
    for code, count, population in zip(CITY, counts, (300, 100, 200), strict=True):
        for year in ("2021", "2022"):
            for label, unit in {(line[2], line[3]) for line in C3[1:]}:
                rate = f"{count / population * 1000:.7f}".replace(".", ",")
                line = [code, year, label, unit, str(count), rate, "diff", str(population), year]
                lines.append([*line, str(population), year, "NA", "NA"])
    mirror(folder / "miroir", lines)
    parts = {"type": "arrondissement-municipal", "commune": "00100", "departement": "00"}
    added_to_cog(
        folder,
        {"code": "00100", "nom": "Lutèce", "departement": "00", "region": "00", "population": 300},
        {"code": "00101", "nom": "Lutèce 1er", "population": 100, **parts},
        {"code": "00102", "nom": "Lutèce 2e", "population": 200, **parts},
    )
    return lines


def test_arrondissements_that_agree_are_rows_out_of_every_sum(tmp_path: Path) -> None:
    city(tmp_path, 30, 10, 20)
    opened = built(tmp_path)
    facts = opened.table("00", "facts").set_index(["code_insee", "indicator", "year"])
    assert facts.loc[("00102", "degradations", 2021), "count"] == 20
    assert facts.loc[("00102", "degradations", 2021), "kind"] == "arrondissement_municipal"
    assert opened.about("00")["communes"] == 5
    whole = rows(opened, "departement").loc[("00", "degradations", 2021)]
    assert whole["faits_publies"] == 60 + 0 + 30
    assert whole["communes"] == 5
    assert whole["effectif_denominateur_total"] == 6000 + 400 + 0 + 1200 + 300
    table = opened.table("00", "reconciliation").set_index(["indicator", "year"])
    assert table.loc[("degradations", 2021), "published"] == 90


@pytest.mark.parametrize("counts", [(40, 10, 20), (20, 10, 20)])
def test_arrondissements_that_disagree_stop_the_build(tmp_path: Path, counts: Any) -> None:
    city(tmp_path, *counts)
    message = refusal(tmp_path)
    for said in (f"{STEM_C3}.csv.gz", "00100", str(counts[0]), "30", "publié"):
        assert said in message
    assert not (tmp_path / "store" / "current.json").exists()


# What stops the build and leaves the previous store as it was.


def lines_of(change: Callable[[Lines], Lines]) -> Callable[[Path], None]:
    def lay(folder: Path) -> None:
        mirror(folder / "miroir", change(C3))

    return lay


def twice(folder: Path) -> None:
    mirror(folder / "miroir", replaced(C3, 2, "nombre", "59"))
    mirror(folder / "miroir", C3, ".parquet")


def outside(lines: Lines) -> Lines:
    return [*lines, *(["00099", *line[1:]] for line in lines if line[0] == "00002")]


def concatenated(lines: Lines) -> Lines:
    """Two files in one: the C2 rows below, under their own column."""
    old = cells(COMMUNAL["C2"])
    return [
        [old[0][0], *lines[0]],
        *(["", *line] for line in lines[1:]),
        *([line[0], "", *line[1:]] for line in old[1:]),
    ]


@pytest.mark.parametrize(
    ("lay", "said"),
    [
        (lines_of(outside), "00099"),
        (lines_of(concatenated), "mêle deux éditions"),
        (lines_of(lambda c3: replaced(c3, 3, "indicateur", "Vols de véhicules")), "deux éditions"),
        (lines_of(lambda c3: replaced(c3, 3, "indicateur", "Vols de vélos")), "Vols de vélos"),
        (lines_of(lambda c3: [*c3, c3[1]]), "répète 00001"),
        (lines_of(lambda c3: [line[:-1] for line in c3]), "complement_info_taux"),
        (lines_of(lambda c3: [[*line, "x"] for line in c3]), "colonne inconnue « x »"),
        (twice, "même édition"),
    ],
)
def test_contradictions_stop_the_build_and_leave_the_store(
    tmp_path: Path, plain: Store, lay: Callable[[Path], None], said: str
) -> None:
    shutil.copytree(plain.folder.parent, tmp_path / "store")
    before = tree(tmp_path / "store")
    lay(tmp_path)
    message = refusal(tmp_path)
    assert said in message
    assert STEM_C3 in message
    assert tree(tmp_path / "store") == before


def test_unreadable_totals_stop_the_build(tmp_path: Path) -> None:
    mirror(tmp_path / "miroir")
    path = tmp_path / "miroir" / "ssmsi" / TOTALS["D1"].name
    write(replaced(cells(TOTALS["D1"]), 2, "nombre", "un"), path)
    assert path.name in refusal(tmp_path)


# Several départements.


def two_departements(folder: Path) -> None:
    other = [[line[0].replace("00", "0A", 1), *line[1:]] for line in C3[1:]]
    mirror(folder / "miroir", [*C3, *other])
    communes = [
        {"code": f"0A00{n}", "nom": f"Outre-{n}", "departement": "0A", "region": "00"}
        for n in range(1, 5)
    ]
    added_to_cog(folder, *communes)


def test_all_builds_every_departement_of_the_file(tmp_path: Path) -> None:
    two_departements(tmp_path)
    opened = built(tmp_path, "tous")
    assert list(opened.departements()) == ["00", "0A"]
    for departement in ("00", "0A"):
        whole = rows(opened, "departement", departement)
        assert whole.loc[(departement, "degradations", 2021), "faits_publies"] == 60
    # The region is held whole by the file: both départements are in its sum.
    region = rows(opened, "region").loc[("00", "degradations", 2021)]
    assert region["faits_publies"] == 120
    assert region["communes"] == 8


def test_a_departement_built_after_another_joins_it(tmp_path: Path) -> None:
    two_departements(tmp_path)
    first = built(tmp_path)
    second = built(tmp_path, "0A")
    assert set(second.departements()) == {"00", "0A"}
    assert tree(first.folder / "00") == tree(second.folder / "00")
    assert first.about("00") == second.about("00")


def test_real_and_simulated_figures_never_share_a_store(tmp_path: Path, plain: Store) -> None:
    two_departements(tmp_path)
    shutil.copytree(plain.folder.parent, tmp_path / "store")
    (tmp_path / "miroir" / "simulation.json").write_text("{}", encoding="utf-8")
    opened = built(tmp_path, "0A")
    assert opened.simulated
    assert set(opened.departements()) == {"0A"}


@pytest.mark.parametrize("damaged", ["*/manifest.json", "*/00/facts.parquet", "current.json"])
def test_a_damaged_store_is_built_again(tmp_path: Path, plain: Store, damaged: str) -> None:
    mirror(tmp_path / "miroir")
    shutil.copytree(plain.folder.parent, tmp_path / "store")
    before = tree(tmp_path / "store")
    next((tmp_path / "store").glob(damaged)).write_bytes(b"")
    assert built(tmp_path).digest == plain.digest
    assert tree(tmp_path / "store") == before


# Membership.


TITLE = "territoire_id;type;nom;code_commune;du;au;statut;source"


def membership(folder: Path, *lines: str) -> Path:
    path = folder / "miroir" / "territoires" / "00.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([TITLE, *lines]) + "\n", encoding="utf-8")
    return path


def test_without_a_file_the_law_says_which_councils_are_due(plain: Store) -> None:
    table = plain.table("00", "memberships")
    assert table["code_insee"].tolist() == ["00001"]  # above 5,000, and one QPV
    assert table["status"].tolist() == ["obligation légale, existence à confirmer"]


def test_a_membership_table_in_the_mirror_replaces_the_declared_one(tmp_path: Path) -> None:
    mirror(tmp_path / "miroir")
    membership(tmp_path, "lune;cispd;CISPD de la Lune;00002;2020-01-01;;en place;arrêté")
    opened = built(tmp_path)
    assert opened.table("00", "memberships")["territory_id"].tolist() == ["lune"]
    territory = rows(opened, "territoire").loc[("lune", "degradations", 2022)]
    assert territory["faits_publies"] == 0
    assert territory["communes"] == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("lune;cispd;CISPD;0000;;;en place;", "00000"),
        ("lune;cispd;CISPD;00099;;;en place;", "00099"),
        ("lune;club;CISPD;00001;;;en place;", "ligne 3 (lune, commune 00001), a un type inconnu"),
        ("lune;cispd;CISPD;00001;hier;;en place;", "ligne 3 (lune, commune 00001), a une date"),
        ("lune;cispd;CISPD;00001;2021-01-01;2020-01-01;en place;", "ligne 3"),
        ("lune;cispd;;00001;;;en place;", "n’a pas de « nom »"),
        ("lune;cispd;CISPD;Brumeval;;;en place;", "ligne 3"),
        ("lune;cispd;CISPD;00002;;;en place;", "deux fois la même commune"),
        ("lune;cispd;CISPD;00001;;", "00.csv"),
    ],
)
def test_a_malformed_membership_line_is_refused_with_its_number(
    tmp_path: Path, line: str, said: str
) -> None:
    mirror(tmp_path / "miroir")
    membership(tmp_path, "lune;cispd;CISPD;00002;;;en place;", line)
    message = refusal(tmp_path)
    assert said in message
    assert "00.csv" in message


def test_a_membership_table_without_a_column_is_refused(tmp_path: Path) -> None:
    mirror(tmp_path / "miroir")
    path = membership(tmp_path, "lune;cispd;CISPD;00002;;;en place;")
    path.write_text(path.read_text(encoding="utf-8").replace("statut", "etat"), encoding="utf-8")
    assert "« statut »" in refusal(tmp_path)


def kept(folder: Path, memberships: pd.DataFrame, departement: str = "00") -> None:
    """Keep a list with the store of a folder, as the application does."""
    database = open_database(beside(folder / "store"))
    assert seed(database, departement, memberships)
    database.close()


def memberships_of(*lines: str, folder: Path) -> pd.DataFrame:
    path = folder / "liste.csv"
    path.write_text("\n".join([TITLE, *lines]) + "\n", encoding="utf-8")
    return read_memberships(path)


def council_inputs(opened: Store) -> list[dict[str, Any]]:
    return [i for i in opened.about("00")["inputs"] if i["title"] == COUNCIL_LIST]


def test_a_build_follows_the_list_that_is_kept_with_its_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror(tmp_path / "miroir")
    (tmp_path / "declares").mkdir()
    declared = "etoile;cispd;CISPD de l’Étoile;00003;;;en place;arrêté"
    (tmp_path / "declares" / "00.csv").write_text(f"{TITLE}\n{declared}\n", encoding="utf-8")
    monkeypatch.setattr(territories, "SEEDS", tmp_path / "declares")
    opened = built(tmp_path)
    assert opened.table("00", "memberships")["territory_id"].tolist() == ["etoile"]
    lines = [
        "lune;cispd;CISPD de la Lune;00001;;2020-12-31;en place;arrêté",
        "lune;cispd;CISPD de la Lune;00002;2020-01-01;;en place;arrêté",
    ]
    listed = memberships_of(*lines, folder=tmp_path)
    kept(tmp_path, listed)
    opened = built(tmp_path)
    pd.testing.assert_frame_equal(opened.table("00", "memberships"), listed)
    assert rows(opened, "territoire").loc[("lune", "degradations", 2022)]["communes"] == 1
    (entry,) = council_inputs(opened)
    assert entry["publisher"].startswith("Liste tenue") and entry["rows"] == 2
    assert not [w for w in opened.about("00")["warnings"] if "liste des conseils" in w]
    # A file laid in the mirror is asked for by name: it comes first.
    membership(tmp_path, "soleil;cispd;CISPD du Soleil;00002;;;en place;arrêté")
    opened = built(tmp_path)
    assert opened.table("00", "memberships")["territory_id"].tolist() == ["soleil"]
    (entry,) = council_inputs(opened)
    assert entry["file"] == "00.csv"


def test_a_kept_list_is_of_its_departement_and_of_no_simulation(tmp_path: Path) -> None:
    mirror(tmp_path / "miroir")
    line = "lune;cispd;CISPD de la Lune;00002;;;en place;arrêté"
    listed = memberships_of(line, folder=tmp_path)
    kept(tmp_path, listed, "0A")
    assert "lune" not in set(built(tmp_path).table("00", "memberships")["territory_id"])
    kept(tmp_path, listed)
    (tmp_path / "miroir" / "simulation.json").write_text("{}", encoding="utf-8")
    assert "lune" not in set(built(tmp_path).table("00", "memberships")["territory_id"])


def test_a_commune_of_a_kept_list_that_is_none_any_more_is_told_and_in_no_figure(
    tmp_path: Path,
) -> None:
    mirror(tmp_path / "miroir")
    lines = [f"lune;cispd;CISPD de la Lune;{c};;;en place;arrêté" for c in ("00002", "00099")]
    lines.append("lune;cispd;CISPD de la Lune;00098;;2019-12-31;en place;arrêté")  # past: not told
    listed = memberships_of(*lines, folder=tmp_path)
    kept(tmp_path, listed)
    opened = built(tmp_path)
    (warning,) = [w for w in opened.about("00")["warnings"] if "liste des conseils" in w]
    assert "00099." in warning and "00098" not in warning
    groups = opened.table("00", "groups").query("code == 'lune'")
    assert groups["code_insee"].tolist() == ["00002"]
    cell = rows(opened, "territoire").loc[("lune", "degradations", 2022)]
    assert (cell["communes"], cell["communes_hors_departement"]) == (1, 0)
    pd.testing.assert_frame_equal(
        opened.table("00", "memberships"), listed.sort_values("code_insee", ignore_index=True)
    )
    tables = (opened.table("00", name) for name in ("communes", "groups", "memberships"))
    assert figures.agree(listed, *tables)
    told = diagnostic(opened, "00", "territoire", "lune").caveats
    assert any("00099" in each and "aucun chiffre" in each for each in told)


def before_the_merger(folder: Path) -> None:
    """Lay an edition of when Tilleuls (00008) was a commune, which Les Ormelles has taken in."""
    tilleuls = [["00008", *line[1:]] for line in C3 if line[0] == "00002"]
    mirror(folder, [*C3, *tilleuls])
    (folder / "cog" / "mouvements-communes-2026.csv").unlink()
    added_to_cog(
        folder.parent,
        {"code": "00008", "nom": "Tilleuls", "departement": "00", "region": "00", "population": 80},
    )


def held_list(folder: Path) -> list[Council]:
    database = open_database(beside(folder / "store"))
    try:
        return records.councils(database, "00")
    finally:
        database.close()


def changes_of_list(folder: Path) -> list[Entry]:
    database = open_database(beside(folder / "store"))
    try:
        return history(database, "00")
    finally:
        database.close()


def test_a_council_follows_a_merger_that_a_newer_edition_brings(tmp_path: Path) -> None:
    before_the_merger(tmp_path / "miroir")
    lines = [
        f"lune;cispd;CISPD de la Lune;{c};2015-01-01;;en place;arrêté" for c in ("00002", "00008")
    ]
    kept(tmp_path, memberships_of(*lines, folder=tmp_path))
    older = built(tmp_path)
    assert set(older.table("00", "groups").query("code == 'lune'")["code_insee"]) == {
        "00002",
        "00008",
    }
    assert len(changes_of_list(tmp_path)) == 1
    shutil.rmtree(tmp_path / "miroir")
    mirror(tmp_path / "miroir")
    newer = built(tmp_path)
    assert "00008" not in set(newer.table("00", "communes")["code_insee"])
    of_council = newer.table("00", "groups").query("code == 'lune'")
    assert set(of_council["code_insee"]) == {"00002", "00004"}
    assert rows(newer, "territoire").loc[("lune", "degradations", 2022)]["communes"] == 2
    (council,) = held_list(tmp_path)
    assert council.codes() == ["00002", "00004"]
    assert {m.start for m in council.members} == {date(2015, 1, 1)}
    entry = changes_of_list(tmp_path)[0]
    assert "Tilleuls (00008) devient Les Ormelles (00004)" in entry.sentence
    assert entry.who == WHO and entry.undoable
    assert not [w for w in newer.about("00")["warnings"] if "liste des conseils" in w]
    tables = (newer.table("00", name) for name in ("communes", "groups", "memberships"))
    assert figures.agree(records.membership_table([council]), *tables)
    # Nothing is left to follow: a build that changes nothing writes nothing.
    built(tmp_path)
    assert len(changes_of_list(tmp_path)) == 2


def test_a_merger_between_two_councils_is_told_and_left_to_decide(tmp_path: Path) -> None:
    mirror(tmp_path / "miroir")
    lines = [
        "lune;cispd;CISPD de la Lune;00002;2015-01-01;;en place;arrêté",
        "lune;cispd;CISPD de la Lune;00008;2015-01-01;;en place;arrêté",
        "soleil;cispd;CISPD du Soleil;00004;2015-01-01;;en place;arrêté",
    ]
    kept(tmp_path, memberships_of(*lines, folder=tmp_path))
    opened = built(tmp_path)
    said = [spaced(each) for each in opened.about("00")["warnings"]]
    (decide,) = [each for each in said if each.startswith("À décider")]
    assert "Les Ormelles (00004) réunit" in decide and "CISPD" in decide
    assert any("00008 (fusionnée dans Les Ormelles)" in each for each in said)
    assert len(changes_of_list(tmp_path)) == 1
    told = diagnostic(opened, "00", "territoire", "lune").caveats
    assert any("00008" in each and "reste à décider" in each for each in told)


def test_a_commune_that_parts_is_told_and_left_to_decide(tmp_path: Path) -> None:
    mirror(tmp_path / "miroir")
    path = tmp_path / "miroir" / "cog" / "mouvements-communes-2026.csv"
    line = f"21,{date.today().year}-01-01,COM,00004,0,X,X,Les Ormelles,COM,00002,0,X,X,Brumeval\n"
    path.write_text(path.read_text(encoding="utf-8") + line, encoding="utf-8")
    lines = "lune;cispd;CISPD de la Lune;00004;2015-01-01;;en place;arrêté"
    kept(tmp_path, memberships_of(lines, folder=tmp_path))
    said = [spaced(each) for each in built(tmp_path).about("00")["warnings"]]
    (decide,) = [each for each in said if each.startswith("À décider")]
    assert "Brumeval (00002) est de nouveau une commune, séparée de Les Ormelles" in decide
    assert len(changes_of_list(tmp_path)) == 1


def test_a_build_that_is_refused_changes_no_list(tmp_path: Path) -> None:
    unknown = [["00077", *line[1:]] for line in C3 if line[0] == "00002"]
    mirror(tmp_path / "miroir", [*C3, *unknown])
    line = "lune;cispd;CISPD de la Lune;00008;2015-01-01;;en place;arrêté"
    kept(tmp_path, memberships_of(line, folder=tmp_path))
    assert "00077" in refusal(tmp_path)
    assert len(changes_of_list(tmp_path)) == 1


def test_a_list_that_cannot_be_read_stops_the_build(tmp_path: Path) -> None:
    mirror(tmp_path / "miroir")
    place = beside(tmp_path / "store")
    place.mkdir()
    (place / "conseils.sqlite").write_bytes(b"no database" * 100)
    assert "base des conseils" in refusal(tmp_path)


# Real published files. The figures are those of the SSMSI's own bases.

SPARED = ("contexte", "grille_densite")  # read by the tests of the context


def real(published: Path, folder: Path) -> Path:
    """Return a mirror made of links to the published files that this module is about."""
    for path in published.rglob("*"):
        if path.is_file() and not any(word in str(path) for word in SPARED):
            link = folder / "miroir" / path.relative_to(published)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path)
    return folder


@pytest.fixture(scope="module")
def real_folder(mirror: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return real(mirror, tmp_path_factory.mktemp("real"))


@pytest.fixture(scope="module")
def seine_et_marne(real_folder: Path) -> Store:
    return built(real_folder, "77")


@pytest.fixture(scope="module")
def seine_maritime(real_folder: Path, seine_et_marne: Store) -> Store:
    edition = "donnee-data.gouv-2023-geographie2024-produit-le2024-07-05.dep76.csv.gz"
    return built(real_folder, "76", edition=edition)


OFFICIAL_77_2024 = {
    "violences_intrafamiliales": 5505,
    "violences_hors_cadre_familial": 3607,
    "violences_sexuelles": 2426,
    "vols_avec_armes": 174,
    "vols_violents_sans_arme": 815,
    "vols_sans_violence": 9815,
    "vols_de_vehicule": 3604,
    "vols_dans_vehicules": 4848,
    "vols_accessoires": 3494,
    "degradations": 10129,
    "escroqueries": 8772,
}
"""Totals of the département base produced on 2025-06-04 and after (SSMSI, Licence Ouverte 2.0)."""


def test_the_real_77_has_its_communes_and_no_number_for_hidden_cells(
    seine_et_marne: Store,
) -> None:
    about = seine_et_marne.about("77")
    assert about["communes"] == 507
    assert len(about["indicators"]) == 14
    assert about["years"] == [2024]
    facts = seine_et_marne.table("77", "facts")
    assert len(facts) == 507 * 14
    hidden = facts[facts["status"] == "non_diffuse"]
    assert len(hidden) == 4039
    assert hidden[["count", "rate"]].isna().all(axis=None)


def test_the_real_77_adds_up_to_the_official_totals(seine_et_marne: Store) -> None:
    table = seine_et_marne.table("77", "reconciliation").set_index(["indicator", "year"])
    table = table.xs(2024, level="year")
    for indicator, total in OFFICIAL_77_2024.items():
        row = table.loc[indicator]
        assert row["official"] == total, indicator
        assert row["published"] + row["hidden_total"] == total, indicator
    assert report(seine_et_marne).count("(exact)") == len(OFFICIAL_77_2024)


def test_the_published_sums_and_coverage_of_the_real_77(seine_et_marne: Store) -> None:
    whole = rows(seine_et_marne, "departement", "77").xs(2024, level="annee").loc["77"]
    assert whole.loc["degradations", "faits_publies"] == 9206
    assert whole.loc["vols_avec_armes", "faits_publies"] == 21
    assert round(whole.loc["vols_avec_armes", "couverture_population"], 2) == 0.33


def test_the_same_edition_of_the_77_twice_counts_once(seine_et_marne: Store) -> None:
    about = seine_et_marne.about("77")
    copies = [name for name in about["aside"] if "geographie2025-produit-le2026-02-03" in name]
    assert len(copies) == 1


def test_the_real_76_has_eight_years_and_says_what_it_lacks(seine_maritime: Store) -> None:
    about = seine_maritime.about("76")
    assert about["communes"] == 708
    assert about["years"] == list(range(2016, 2024))
    assert about["generation"] == "C0"
    assert about["official_base"] is None
    facts = seine_maritime.table("76", "facts")
    without = facts[(facts["status"] == "non_diffuse") & facts["complement_count"].isna()]
    assert len(without) == 1327
    said = spaced(report(seine_maritime))
    assert "pas de réconciliation possible" in said
    assert "1327 valeurs non diffusées" in said.replace("1 327", "1327")
    assert "Sans contour" in said
    assert "Le Héron (76358)" in said
    assert set(seine_maritime.departements()) >= {"76", "77"}


def test_the_old_violence_series_of_the_76_is_never_joined_to_the_new(
    seine_maritime: Store,
) -> None:
    held = set(seine_maritime.table("76", "long")["indicateur"])
    assert {"cbv", "cbv_intrafamiliaux", "cbv_autres"} <= held
    assert not held & {"violences_intrafamiliales", "violences_hors_cadre_familial"}


def test_the_real_33_has_one_year(real_folder: Path, seine_maritime: Store) -> None:
    edition = "donnee-data.gouv-2024-geographie2024-produit-le2025-03-14.dep33-2017"
    about = built(real_folder, "33", edition=edition).about("33")
    assert about["years"] == [2017]
    assert about["communes"] == 535
    assert len(about["indicators"]) == 16
    assert about["generation"] == "C1"


def test_all_shapes_of_departements_in_the_national_file(mirror: Path, tmp_path: Path) -> None:
    """Corsica, the three cities with arrondissements, overseas: from the national parquet."""
    codes = ("2A", "13", "69", "75", "974", "976")
    name = "donnee-comm-data.gouv-parquet-2024-geographie2025-produit-le2026-02-03.parquet"
    real(mirror, tmp_path)
    national = pd.read_parquet(tmp_path / "miroir" / "ssmsi" / name)
    kept = national[national["CODGEO_2025"].str.startswith(codes)]
    path = tmp_path / "six" / name
    path.parent.mkdir()
    kept.to_parquet(path, index=False)
    opened = built(tmp_path, "tous", edition=str(path))
    listed = pd.read_csv(mirror / "cog" / "v_commune_2025.csv", dtype=str)
    communes = listed[listed["TYPECOM"] == "COM"].groupby("DEP").size()
    for code in codes:
        assert opened.about(code)["communes"] == communes[code]
    arrondissements = {"75": 20, "69": 9, "13": 16}
    for code in codes:
        facts = opened.table(code, "facts")
        parts = facts.loc[facts["kind"] == "arrondissement_municipal", "code_insee"]
        assert parts.nunique() == arrondissements.get(code, 0), code
        whole = rows(opened, "departement", code).xs(2024, level="annee").loc[code]
        communal = facts[(facts["kind"] == "commune") & (facts["indicator"] == "degradations")]
        assert whole.loc["degradations", "faits_publies"] == communal["count"].sum(), code
