"""The CSV that users receive: format, faithfulness, and one account of each area."""

import csv as reader
import io
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from diagnostics import long_table, store
from diagnostics.__main__ import main
from diagnostics.errors import Refused
from diagnostics.exports import csv, steps
from diagnostics.store import Store, open_store
from tests.invented import HIDDEN, facts, groups, long

A, B, C, D, E = (f"0000{i}" for i in range(1, 6))
CELLS = {A: (900, 9000.0), **dict.fromkeys((B, C, D, E), (HIDDEN, 400.5))}


@pytest.fixture(scope="module")
def built(simulated_store: Path) -> Store:
    return open_store(simulated_store)


@pytest.fixture(scope="module")
def exported(built: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("csv") / "table.csv"
    csv.write(built, out)
    return out


def cells(text: str) -> list[dict[str, str]]:
    return list(reader.DictReader(io.StringIO(text), delimiter=";"))


def reread(text: str) -> pd.DataFrame:
    """Read as a French spreadsheet would, with nothing taken for a missing value but nothing."""
    return pd.read_csv(
        io.StringIO(text),
        sep=";",
        decimal=",",
        dtype={"code": "str", "programme": "str", "programmes_secondaires": "str"},
        keep_default_na=False,
        na_values=[""],
        low_memory=False,
    )


def store_of(folder: Path, *departements: tuple[str, str | None, pd.DataFrame]) -> Store:
    """Return a store that holds (code, production date, long table) and nothing else."""
    entries = {}
    for code, produced, table in departements:
        (folder / code).mkdir(parents=True)
        table.to_parquet(folder / code / "long.parquet", index=False)
        entries[code] = {"name": code, "produced": produced}
    return Store(folder, {"simulated": True, "departements": entries})


# Format


def test_the_file_is_what_a_french_spreadsheet_opens(exported: Path) -> None:
    data = exported.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf") and not data[3:].startswith(b"\xef\xbb\xbf")
    lines = data.decode("utf-8-sig").split("\r\n")
    assert lines[0] == ";".join(long_table.COLUMNS)
    assert lines[-1] == "" and "\n" not in lines[0]
    assert {line.count(";") for line in lines[:-1]} == {len(long_table.COLUMNS) - 1}


def test_numbers_have_a_decimal_comma_and_no_separator(exported: Path, built: Store) -> None:
    table = built.table("00", "long")
    numeric = [c for c in table.columns if pd.api.types.is_numeric_dtype(table[c])]
    seen = set()
    for row in cells(exported.read_text(encoding="utf-8-sig")):
        for column in numeric:
            assert re.fullmatch(r"(\d+(,\d+)?)?", row[column]), (column, row[column])
            seen.add(row[column])
    assert any(len(text.split(",")[0]) > 4 for text in seen)


def test_rates_and_shares_have_at_least_four_decimals(exported: Path) -> None:
    columns = [c for c in long_table.COLUMNS if c.startswith(("taux_", "couverture_"))]
    found = 0
    for row in cells(exported.read_text(encoding="utf-8-sig"))[::7]:
        for column in columns:
            if row[column]:
                assert len(row[column].split(",")[1]) >= 4
                found += 1
    assert found > 1000


def test_what_is_no_number_is_empty() -> None:
    table = long(facts(CELLS), groups({("epci", "e"): [B, C]}, CELLS))
    text = csv.long_csv(table)
    (hidden,) = (r for r in cells(text) if r["niveau"] == "commune" and r["code"] == B)
    (group,) = (r for r in cells(text) if r["niveau"] == "epci")
    for row in (hidden, group):
        figures = {c: row[c] for c in row if c.startswith(("faits_", "taux_"))}
        assert set(figures.values()) == {""}
        assert row["effectif_denominateur"] == row["comparaison"] == ""
    assert not re.search(r"(?i)(^|;)(nan|na|none|<na>|nat|-?inf)(;|\r|$)", text)


def test_counts_carry_no_useless_zero() -> None:
    (town,) = (
        r for r in cells(csv.long_csv(long(facts(CELLS), groups({}, CELLS)))) if r["code"] == A
    )
    assert (town["faits_publies"], town["effectif_denominateur"]) == ("900", "9000")
    assert town["taux_pour_mille"] == "100,000000"
    (hamlet,) = (
        r for r in cells(csv.long_csv(long(facts(CELLS), groups({}, CELLS)))) if r["code"] == B
    )
    assert hamlet["effectif_denominateur_total"] == "400,5"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_text_runs_as_a_formula(start: str) -> None:
    table = long(facts({A: (9, 90)}), groups({}, [A]))
    table["libelle"] = f'{start}HYPERLINK("http://x";"y")'
    for row in cells(csv.long_csv(table)):
        assert row["libelle"].startswith("'")
        assert row["libelle"][1:] == table["libelle"].iloc[0]


def test_any_name_survives() -> None:
    table = long(facts({A: (9, 90)}), groups({}, [A]))
    name = 'L’Haÿ ; « œuvre »\n"d\'à côté", ' + "x" * 120
    table["libelle"] = name
    assert {row["libelle"] for row in cells(csv.long_csv(table))} == {name}


# Faithfulness


def test_read_again_it_is_the_table_to_the_last_digit(exported: Path, built: Store) -> None:
    table = built.table("00", "long")
    back = reread(exported.read_text(encoding="utf-8-sig"))
    assert len(back) == len(table)
    keys = ["niveau", "code", "indicateur", "annee"]
    back, table = (t.sort_values(keys, ignore_index=True) for t in (back, table))
    for column in long_table.COLUMNS:
        if pd.api.types.is_numeric_dtype(table[column]):
            expected = table[column].to_numpy(dtype=float, na_value=np.nan)
            np.testing.assert_allclose(
                back[column].to_numpy(dtype=float), expected, rtol=0, atol=5.1e-7, equal_nan=True
            )
        else:
            assert list(back[column].fillna("")) == list(table[column])


def test_verdicts_and_rates_are_recomputed_from_the_file_alone(exported: Path) -> None:
    rows = reread(exported.read_text(encoding="utf-8-sig"))
    rows = rows[rows["comparaison"].notna()]
    communal = rows["niveau"] == "commune"
    low = rows["taux_bas"].where(communal, rows["taux_estime_bas"])
    high = rows["taux_haut"].where(communal, rows["taux_estime_haut"])
    expected = np.select(
        [low > rows["taux_reference"], high < rows["taux_reference"]],
        ["plus_eleve", "moins_eleve"],
        "proche",
    )
    assert (rows["comparaison"] == expected).all() and len(rows) > 500
    total = 1000 * rows["faits_estimes"] / rows["effectif_denominateur_total"]
    np.testing.assert_allclose(rows["taux_estime"], total, atol=1e-5)


def test_screen_and_file_hold_the_same_bytes(exported: Path, built: Store) -> None:
    """DOMAIN §6, 8: the download of the page and the command write one thing."""
    assert csv.encoded(csv.select(built)) == exported.read_bytes()


def test_its_progress_goes_from_one_part_to_the_next_up_to_the_whole(
    built: Store, exported: Path, tmp_path: Path
) -> None:
    told: list[tuple[str, float]] = []
    rows = csv.write(built, tmp_path / "t.csv", progress=lambda *sign: told.append(sign))
    shares = [share for _, share in told]
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert len(told) > rows // steps.ROWS
    assert told[0][0].startswith("2\u202f000 lignes écrites sur ")
    assert (tmp_path / "t.csv").read_bytes() == exported.read_bytes()


def test_a_table_without_rows_keeps_its_title_line(built: Store) -> None:
    none = csv.encoded(built.table("00", "long").iloc[:0]).decode(csv.ENCODING)
    assert none.split("\r\n") == [";".join(long_table.COLUMNS), ""]


def test_the_command_writes_the_same_file(
    exported: Path, simulated_store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "cli.csv"
    arguments = ["export", "csv", "--out", str(out), "--store", str(simulated_store)]
    assert main(arguments) == 0
    assert out.read_bytes() == exported.read_bytes()
    assert "lignes écrites" in capsys.readouterr().out


# Selection


def test_rows_are_chosen_by_level_and_code(built: Store) -> None:
    table = csv.select(built, "epci")
    assert set(table["niveau"]) == {"epci"}
    code = table["code"].iloc[0]
    assert set(csv.select(built, "epci", code)["code"]) == {code}
    assert set(csv.select(built, None, code)["niveau"]) == {"epci"}


@pytest.mark.parametrize(("niveau", "code"), [("canton", None), ("epci", "000"), (None, "99999")])
def test_what_is_not_held_is_refused_and_leaves_no_file(
    built: Store, tmp_path: Path, niveau: str | None, code: str | None
) -> None:
    with pytest.raises(Refused, match=niveau if niveau == "canton" else code):
        csv.select(built, niveau, code)
    out = tmp_path / "out.csv"
    out.write_text("avant")
    with pytest.raises(Refused):
        csv.write(built, out, niveau, code)
    assert [p.name for p in tmp_path.iterdir()] == ["out.csv"] and out.read_text() == "avant"


def test_a_missing_folder_is_refused(built: Store, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="n’existe pas"):
        csv.write(built, tmp_path / "nulle-part" / "out.csv")


def test_an_epci_astride_a_border_is_told_once_by_the_departement_of_most_members(
    tmp_path: Path,
) -> None:
    astride = {("epci", "e"): [A, B, C, "99001"]}
    here = long(facts({A: (9, 90), B: (8, 80), C: (7, 70)}), groups(astride, [A, B, C]))
    there = long(facts({"99001": (5, 50)}), groups(astride, ["99001"]))
    held = store_of(tmp_path, ("98", "2026-02-03", there), ("99", "2026-02-03", here))
    table = csv.select(held)
    assert not table.duplicated(long_table.KEY).any()
    (told,) = csv.select(held, "epci", "e").to_dict("records")
    assert (told["faits_publies"], told["communes_hors_departement"]) == (24, 1)
    assert set(table.loc[table["niveau"] == "commune", "code"]) == {A, B, C, "99001"}


def test_two_editions_never_mix_in_the_series_of_france(tmp_path: Path) -> None:
    def of_france(counts: dict[int, int], edition: str) -> pd.DataFrame:
        years = [facts({A: (n, 900)}, year=y) for y, n in counts.items()]
        table = long(pd.concat(years, ignore_index=True), groups({}, [A]))
        table = table[table["niveau"] == "departement"]
        return table.assign(niveau="france", code="FR", edition=edition)

    old = of_france({2022: 10, 2023: 11, 2024: 12}, "old")
    new = of_france({2023: 13, 2024: 14, 2025: 15}, "new")
    for first, second in (("98", "99"), ("99", "98")):
        folder = tmp_path / first
        held = store_of(folder, (first, "2025-07-01", old), (second, "2026-07-01", new))
        table = csv.select(held, "france")
        assert set(table["edition"]) == {"new"}
        assert list(table["faits_publies"]) == [13, 14, 15]
    unknown = store_of(tmp_path / "u", ("98", None, old), ("99", "2026-07-01", new))
    assert set(csv.select(unknown, "france")["edition"]) == {"new"}


def test_the_store_is_only_read(built: Store, tmp_path: Path) -> None:
    before = store._digest(built.folder)
    csv.write(built, tmp_path / "x.csv", "commune")
    assert store._digest(built.folder) == before
