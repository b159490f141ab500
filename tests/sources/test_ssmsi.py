"""One typed table out of every header generation, and no table out of what contradicts itself."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diagnostics import catalogue
from diagnostics.errors import Refused
from diagnostics.sources import ssmsi
from tests.publisher_files import (
    COMMUNAL,
    GENERATIONS,
    TOTALS,
    as_parquet,
    cells,
    joined,
    replaced,
    spaced,
    text,
    without,
    write,
)

Lines = list[list[str]]
KEY = ["code", "indicator", "year"]


def read(path: Path) -> pd.DataFrame:
    edition = ssmsi.recognise(path)
    assert edition is not None
    table = ssmsi.read(edition)
    categories = table.select_dtypes("category").columns
    return table.astype(dict.fromkeys(categories, "str")).sort_values(KEY, ignore_index=True)


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(one, other[one.columns])


def refusal(path: Path) -> str:
    with pytest.raises(Refused) as refused:
        read(path)
    message = spaced(str(refused.value))
    assert path.name in message
    assert "\n" not in message
    return message


def changed(tmp_path: Path, lines: Lines, name: str | None = None) -> Path:
    return write(lines, tmp_path / (name or COMMUNAL["C3"].name))


def spreadsheet(path: Path, tmp_path: Path, change: Callable[[Lines], Lines], **how: str) -> Path:
    saved = tmp_path / path.name
    lines = change(cells(path))
    text_ = joined(lines, how.get("separator", ";"), how.get("end", "\n"))
    saved.write_bytes(text_.encode(how.get("encoding", "utf-8")))
    return saved


# What a spreadsheet does to a cell, a line or a title.


def lower_titles(lines: Lines) -> Lines:
    return [[title.lower() for title in lines[0]], *lines[1:]]


def upper_titles(lines: Lines) -> Lines:
    return [[title.upper() for title in lines[0]], *lines[1:]]


def decimal_points(lines: Lines) -> Lines:
    return [lines[0], *([cell.replace(",", ".") for cell in line] for line in lines[1:])]


def no_leading_zeros(lines: Lines) -> Lines:
    return [lines[0], *([cell.lstrip("0") or cell[-1:] for cell in line] for line in lines[1:])]


def as_published(lines: Lines) -> Lines:
    return lines


def padded(lines: Lines) -> Lines:
    return [[f" {cell} " for cell in line] for line in lines]


def empty_for_na(lines: Lines) -> Lines:
    return [["" if cell == "NA" else cell for cell in line] for line in lines]


def unnamed_columns(lines: Lines) -> Lines:
    return [[*line, "", ""] for line in lines]


def everything(lines: Lines) -> Lines:
    return lower_titles(decimal_points(no_leading_zeros(lines)))


CHANGES = [
    lower_titles,
    upper_titles,
    decimal_points,
    no_leading_zeros,
    padded,
    empty_for_na,
    unnamed_columns,
    everything,
]


@pytest.mark.parametrize(
    ("generation", "base", "geography", "produced"),
    [
        ("C0", "communes", 2022, "2023-02-09"),
        ("C1", "communes", 2024, "2025-03-14"),
        ("C2", "communes", 2025, "2026-02-03"),
        ("C3", "communes", 2026, "2026-06-25"),
        ("D0", "departements", 2022, "2023-02-09"),
        ("D1", "departements", 2026, "2026-06-25"),
        ("R1", "regions", 2026, "2026-06-25"),
    ],
)
def test_each_generation_is_recognised(
    generation: str, base: str, geography: int, produced: str
) -> None:
    path = GENERATIONS[generation]
    found = ssmsi.recognise(path)
    assert found is not None
    assert (found.generation, found.base, found.geography_year) == (generation, base, geography)
    assert found.produced is not None
    assert found.produced.isoformat() == produced
    assert f"{found.stem}.csv" == path.name


def test_every_generation_has_a_fixture_and_a_column_map() -> None:
    maps = {column.generation for column in catalogue.column_maps("ssmsi")}
    assert maps | {"C2", "C3"} == set(GENERATIONS)


def test_the_rows_of_the_fixture_are_those_that_were_written() -> None:
    table = read(COMMUNAL["C3"]).set_index(KEY)
    assert len(table) == 4 * 4 * 2
    burglaries = table.loc[("00004", "cambriolages", 2021)]
    assert burglaries["status"] == "publie"
    assert burglaries[["count", "rate", "population", "dwellings"]].tolist() == [10, 20, 1200, 500]
    hidden = table.loc[("00002", "degradations", 2021)]
    assert hidden["status"] == "non_diffuse"
    assert hidden[["count", "rate"]].isna().all()
    assert hidden[["complement_count", "complement_rate"]].tolist() == [2.0, 2.5]
    assert table.loc[("00002", "degradations", 2022), "status"] == "zero"
    assert table.loc[("00001", "degradations", 2021), ["complement_count"]].isna().all()


@pytest.mark.parametrize("generation", ["C0", "C1", "C2"])
def test_every_communal_generation_gives_the_same_table(generation: str) -> None:
    same(read(COMMUNAL[generation]), read(COMMUNAL["C3"]))


def test_both_generations_of_totals_give_the_same_table() -> None:
    same(read(TOTALS["D0"]), read(TOTALS["D1"]))
    same(read(TOTALS["R1"]), read(TOTALS["D1"]).drop(columns="code_region"))


@pytest.mark.parametrize("generation", list(GENERATIONS))
@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".parquet"])
def test_each_generation_in_each_format(tmp_path: Path, generation: str, ending: str) -> None:
    path = GENERATIONS[generation]
    other = write(cells(path), tmp_path / path.name.replace(".csv", ending))
    same(read(other), read(path))


@pytest.mark.parametrize("generation", list(GENERATIONS))
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("separator", [",", ";"])
def test_spreadsheet_copies_read_the_same(
    tmp_path: Path, generation: str, change: Callable[[Lines], Lines], separator: str
) -> None:
    path = GENERATIONS[generation]
    same(read(spreadsheet(path, tmp_path, change, separator=separator)), read(path))


@pytest.mark.parametrize("generation", list(GENERATIONS))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_encodings_and_line_ends_read_the_same(
    tmp_path: Path, generation: str, encoding: str
) -> None:
    path = GENERATIONS[generation]
    copy = spreadsheet(path, tmp_path, as_published, encoding=encoding, end="\r\n")
    same(read(copy), read(path))


def test_codes_that_a_parquet_holds_as_numbers(tmp_path: Path) -> None:
    path = COMMUNAL["C3"]
    parquet = as_parquet(cells(path), tmp_path / "numbers.parquet")
    frame = pd.read_parquet(parquet)
    frame.assign(CODGEO_2026=frame["CODGEO_2026"].astype(int)).to_parquet(parquet, index=False)
    same(read(parquet), read(path))


def test_a_file_under_another_name_has_the_geography_of_its_header(tmp_path: Path) -> None:
    found = ssmsi.recognise(write(cells(COMMUNAL["C2"]), tmp_path / "crimes.csv"))
    assert found is not None
    assert (found.generation, found.geography_year, found.produced) == ("C2", 2025, None)
    assert found.stem == "crimes"


def test_any_geography_year_is_recognised(tmp_path: Path) -> None:
    lines = cells(COMMUNAL["C3"])
    lines[0][0] = "CODGEO_2031"
    found = ssmsi.recognise(changed(tmp_path, lines))
    assert found is not None
    assert found.geography_year == 2031
    same(read(found.path), read(COMMUNAL["C3"]))


@pytest.mark.parametrize(
    "titles", [["a", "b"], ["code_insee", "nom", "population"], ["CODGEO_2026"]]
)
def test_other_tables_are_not_ours(tmp_path: Path, titles: list[str]) -> None:
    assert ssmsi.recognise(write([titles, ["1"] * len(titles)], tmp_path / "x.csv")) is None


@pytest.mark.parametrize("field", ["count", "rate", "population", "dwellings"])
def test_columns_that_later_totals_lack(tmp_path: Path, field: str) -> None:
    lines = cells(TOTALS["D1"])
    for name in ("insee_pop_millesime", "insee_log_millesime", "insee_log"):
        lines = without(lines, name)
    table = read(changed(tmp_path, lines, TOTALS["D1"].name))
    expected = read(TOTALS["D1"])[field] * (np.nan if field == "dwellings" else 1)
    pd.testing.assert_series_equal(table[field], expected)


def test_a_published_rate_without_its_count_stays_a_rate(tmp_path: Path) -> None:
    lines = replaced(replaced(cells(COMMUNAL["C3"]), 4, "nombre", "NA"), 4, "insee_log", "NA")
    table = read(changed(tmp_path, lines)).set_index(KEY)
    burglaries = table.loc[("00001", "cambriolages", 2021)]
    assert burglaries["status"] == "publie"
    assert burglaries["rate"] == 5.0
    assert np.isnan(burglaries["count"])
    assert np.isnan(burglaries["dwellings"])


def test_a_published_row_without_any_figure_is_absent(tmp_path: Path) -> None:
    lines = replaced(cells(COMMUNAL["C3"]), 2, "nombre", "NA")
    lines = replaced(lines, 2, "taux", "NA")
    table = read(changed(tmp_path, lines)).set_index(KEY)
    assert table.loc[("00001", "degradations", 2021), "status"] == "absent"


def test_old_and_new_violence_series_have_different_identities() -> None:
    known = catalogue.labels()
    old = known["Coups et blessures volontaires intrafamiliaux"]
    new = known["Violences physiques intrafamiliales"]
    assert not set(old.values()) & set(new.values())
    assert not set(old) & set(new)


@pytest.mark.parametrize(
    ("line", "name", "value", "said"),
    [
        (2, "indicateur", "Vols de vélos", "ligne 2, a un indicateur inconnu « Vols de vélos »"),
        (3, "indicateur", "vols de véhicule", "indicateur inconnu « vols de véhicule »"),
        (3, "indicateur", "", "ligne 3, a un indicateur inconnu"),
        (3, "indicateur", "Vols de véhicules", "mêle deux éditions"),
        (3, "indicateur", "Coups et blessures volontaires", "mêle deux éditions"),
        (3, "unite", "Victime", "ligne 3, compte « Vols de véhicule » en « Victime »"),
        (3, "unite", "", "ligne 3, compte"),
        (5, "est_diffuse", "non", "ligne 5, a un statut de diffusion inconnu « non »"),
        (5, "est_diffuse", "", "ligne 5, a un statut de diffusion inconnu"),
        (2, "est_diffuse", "ndiff", "ligne 2, donne un nombre pour une valeur non diffusée"),
        (11, "taux", "2,5", "ligne 11, donne un nombre pour une valeur non diffusée"),
        (2, "CODGEO", "7x", "ligne 2, a un code géographique illisible « 7x »"),
        (2, "CODGEO", "", "ligne 2, a un code géographique illisible"),
        (2, "CODGEO", "123456", "illisible « 123456 »"),
        (2, "annee", "l’an passé", "ligne 2, colonne « annee », a un nombre illisible"),
        (2, "annee", "1789", "ligne 2, a une année illisible"),
        (2, "annee", "2021,5", "ligne 2, a une année illisible"),
        (2, "annee", "", "ligne 2, a une année illisible"),
        (
            2,
            "nombre",
            "soixante",
            "ligne 2, colonne « nombre », a un nombre illisible « soixante »",
        ),
        (2, "nombre", "-1", "ligne 2, colonne « nombre », a un nombre impossible « -1 »"),
        (2, "nombre", "inf", "un nombre impossible « inf »"),
        (2, "nombre", "1 060", "un nombre illisible « 1 060 »"),
        (2, "nombre", "60,5", "ligne 2, a un nombre de faits qui n’est pas entier"),
        (2, "insee_pop", "-6000", "un nombre impossible « -6000 »"),
        (2, "annee", "2022", "répète 00001, « Destructions et dégradations volontaires », 2022"),
    ],
)
@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_a_cell_that_cannot_be_is_refused_with_its_place(
    tmp_path: Path, line: int, name: str, value: str, said: str, ending: str
) -> None:
    lines = replaced(cells(COMMUNAL["C3"]), line, name, value)
    path = tmp_path / COMMUNAL["C3"].name.replace(".csv", ending)
    if ending == ".csv":
        write(lines, path)
    else:
        # Every column as text, null where the csv is empty: what a careless tool would write.
        frame = pd.DataFrame(lines[1:], columns=lines[0])
        frame.mask(frame == "").to_parquet(path, index=False)
    assert said in refusal(path)


@pytest.mark.parametrize("generation", list(GENERATIONS))
def test_each_required_column_is_missed_by_its_name(tmp_path: Path, generation: str) -> None:
    path = GENERATIONS[generation]
    base_generation = "C1" if generation in ("C2", "C3") else generation
    required = [
        m
        for m in catalogue.column_maps("ssmsi")
        if m.generation == base_generation and m.requis == "oui"
    ]
    lines = cells(path)
    assert len(required) >= 7
    for wanted in required:
        title = wanted.colonne.format(millesime=lines[0][0][-4:])
        at = lines[0].index(title)
        cut = [line[:at] + line[at + 1 :] for line in lines]
        if (generation, title) == ("D1", "Code_departement"):
            continue  # what is left is the header of the regions: see test_locate
        # The millésime of a missing CODGEO column is read from the name of the file.
        message = refusal(changed(tmp_path, cut, path.name))
        assert f"n’a pas la colonne « {title} »" in message


@pytest.mark.parametrize("generation", list(GENERATIONS))
def test_an_unknown_column_is_refused_by_its_name(tmp_path: Path, generation: str) -> None:
    lines = [[*line, "x"] for line in cells(GENERATIONS[generation])]
    lines[0][-1] = "Commentaire"
    message = refusal(changed(tmp_path, lines, GENERATIONS[generation].name))
    assert "colonne inconnue « Commentaire »" in message


def test_two_geographies_in_one_file_are_refused(tmp_path: Path) -> None:
    lines = [[line[0], *line] for line in cells(COMMUNAL["C3"])]
    lines[0][0] = "CODGEO_2025"
    path = changed(tmp_path, lines)
    with pytest.raises(Refused, match=r"mêle deux éditions.*CODGEO_2025 et CODGEO_2026"):
        ssmsi.recognise(path)


def test_the_same_column_twice_is_refused(tmp_path: Path) -> None:
    lines = [[*line, line[1]] for line in cells(COMMUNAL["C3"])]
    assert "deux colonnes « annee »" in refusal(changed(tmp_path, lines))
    lines[0][-1] = "Année"
    assert "deux colonnes du même nom" in refusal(changed(tmp_path, lines))


def test_a_repeated_row_is_refused_with_its_line(tmp_path: Path) -> None:
    lines = cells(COMMUNAL["C3"])
    lines.append(lines[1])
    assert f"ligne {len(lines)}, répète 00001" in refusal(changed(tmp_path, lines))


def test_a_comma_for_everything_is_refused(tmp_path: Path) -> None:
    # Separator and decimal comma are the same unquoted character: nothing can tell them apart.
    path = tmp_path / COMMUNAL["C3"].name
    path.write_text(text(COMMUNAL["C3"]).replace(";", ","), encoding="utf-8")
    assert "colonnes au lieu de 13" in refusal(path)


BASE = text(COMMUNAL["C3"]).encode()


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    at=st.integers(0, len(BASE) - 1),
    length=st.integers(0, 40),
    replacement=st.one_of(
        st.binary(max_size=20),
        st.sampled_from([b";", b"\n", b'"', b",", b"NA", b"ndiff", b"diff", b"-1", b"0", b"2022"]),
    ),
)
def test_a_mutated_file_is_refused_or_keeps_its_contract(
    tmp_path: Path, at: int, length: int, replacement: bytes
) -> None:
    path = tmp_path / COMMUNAL["C3"].name
    path.write_bytes(BASE[:at] + replacement + BASE[at + length :])
    check_contract(path)


PARQUET_VALUES = st.one_of(
    st.none(), st.integers(-5, 5000), st.floats(), st.text(max_size=5), st.booleans(), st.dates()
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_a_parquet_of_any_types_is_refused_or_keeps_its_contract(
    tmp_path: Path, data: st.DataObject
) -> None:
    lines = cells(COMMUNAL["C3"])
    path = as_parquet(lines, tmp_path / "any.parquet")
    frame = pd.read_parquet(path)
    name = data.draw(st.sampled_from(list(frame.columns)))
    value = data.draw(PARQUET_VALUES)
    frame[name] = [value] * len(frame)
    frame.to_parquet(path, index=False)
    check_contract(path)


def check_contract(path: Path) -> None:
    """Hold what every later step relies on, or a refusal that names the file."""
    try:
        edition = ssmsi.recognise(path)
        if edition is None or edition.base != "communes":
            return
        table = ssmsi.read(edition)
    except Refused as refused:
        assert path.name in str(refused)
        return
    assert not table.duplicated(KEY).any()
    assert table[[*KEY, "status"]].notna().all(axis=None)
    assert table["indicator"].isin(list(catalogue.indicators())).all()
    assert table["code"].astype("str").str.fullmatch(r"[0-9A-Z]{2}\d{3}").all()
    hidden = table["status"].isin(["non_diffuse", "absent"])
    assert table.loc[hidden, ["count", "rate"]].isna().all(axis=None)
    assert (table["count"].dropna() % 1 == 0).all()
    figures = table[["count", "rate", "population", "dwellings"]].to_numpy()
    assert not (figures < 0).any()
    assert not np.isinf(figures).any()
