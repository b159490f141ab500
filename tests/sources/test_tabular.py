"""Opening tables whatever they were saved as, and saying no in one sentence otherwise."""

import codecs
import gzip
import io
import os
import zipfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diagnostics.errors import Refused
from diagnostics.sources import tabular
from tests.publisher_files import COMMUNAL, as_parquet, cells, joined, spaced

TABLE = [["code", "libellé", "faits"], ["00001", "Dégradations", "1,5"], ["00002", "Vols", "NA"]]
FRAME = pd.DataFrame(TABLE[1:], columns=TABLE[0])
HTML = b"<!DOCTYPE html>\n<html><body>Page introuvable</body></html>\n"


def saved(folder: Path, data: bytes, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def read(path: Path) -> pd.DataFrame:
    return tabular.read(path).astype("str")


def refusal(path: Path) -> str:
    with pytest.raises(Refused) as refused:
        tabular.read(path)
    message = spaced(str(refused.value))
    assert path.name in message
    assert "\n" not in message
    return message


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le-bom", "utf-16-be-bom"]
)
def test_the_same_table_whatever_the_spreadsheet(
    tmp_path: Path, separator: str, end: str, encoding: str
) -> None:
    text = joined(TABLE, separator, end)
    if encoding.endswith("-bom"):
        bare = encoding.removesuffix("-bom")
        data = ("\ufeff" + text).encode(bare)
    else:
        data = text.encode(encoding)
    for path in (
        saved(tmp_path, data),
        saved(tmp_path, gzip.compress(data), "table.csv.gz"),
    ):
        assert tabular.header(path) == TABLE[0]
        pd.testing.assert_frame_equal(read(path), FRAME)


def test_the_ending_of_the_name_does_not_matter(tmp_path: Path) -> None:
    as_csv = saved(tmp_path, gzip.compress(joined(TABLE).encode()), "compressed.csv")
    pd.testing.assert_frame_equal(read(as_csv), FRAME)
    parquet = tmp_path / "table.csv"
    pq.write_table(pa.Table.from_pandas(FRAME), parquet)
    assert tabular.header(parquet) == TABLE[0]
    pd.testing.assert_frame_equal(read(parquet), FRAME)


def test_quotes_protect_separators_and_decimal_commas(tmp_path: Path) -> None:
    path = saved(tmp_path, b'"code","nom","taux"\n"00001","Bois, le","1,25"\n')
    assert read(path).iloc[0].tolist() == ["00001", "Bois, le", "1,25"]


def test_a_first_accent_far_down_still_tells_the_encoding(tmp_path: Path) -> None:
    # 70 kB of plain ASCII first: a base sorted by indicator begins with "Homicides".
    lines = [["code", "nom"], *[["00001", "Homicides"]] * 5_000, ["00002", "Dégradations"]]
    path = saved(tmp_path, joined(lines).encode("cp1252"))
    assert read(path)["nom"].iloc[-1] == "Dégradations"


def test_columns_without_a_name_are_left_out(tmp_path: Path) -> None:
    path = saved(tmp_path, b"code;nom;;\n00001;A;;\n00002;B;;\n")
    assert tabular.header(path) == ["code", "nom"]
    assert read(path).columns.tolist() == ["code", "nom"]


def test_an_index_kept_by_pandas_in_a_parquet_is_a_column(tmp_path: Path) -> None:
    path = tmp_path / "indexed.parquet"
    FRAME.set_index("code").to_parquet(path)
    assert set(tabular.header(path)) == set(read(path).columns) == set(TABLE[0])


def test_text_is_never_interpreted(tmp_path: Path) -> None:
    path = saved(tmp_path, b"a;b;c\n01001;NA;\n1e3;true;2024-01-01\n")
    assert read(path).to_numpy().tolist() == [["01001", "NA", ""], ["1e3", "true", "2024-01-01"]]


def workbook() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return stream.getvalue()


GZIPPED = gzip.compress(joined([TABLE[0], *TABLE[1:] * 500]).encode())


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "vide"),
        (b"\n\n", "vide"),
        (codecs.BOM_UTF8, "vide"),
        (gzip.compress(b""), "vide"),
        (HTML, "page web"),
        (codecs.BOM_UTF8 + b"\n " + HTML, "page web"),
        (gzip.compress(HTML), "page web"),
        (workbook(), "classeur"),
        (joined(TABLE[:1]).encode(), "ligne de titre"),
        (gzip.compress(joined(TABLE[:1]).encode()), "ligne de titre"),
        (joined(TABLE).encode("utf-16-le"), "pas un texte"),
        (b"code;nom\n00001;a\x00b\n", "pas un texte"),
        (bytes(range(256)) * 20, "pas un texte"),
        (GZIPPED[: len(GZIPPED) // 2], "tronqué"),
        (GZIPPED[:-4], "tronqué"),
        (GZIPPED[:40] + b"\xff\xff\xff\xff" + GZIPPED[44:], "abîmé"),
        (GZIPPED + b"reste", "abîmé"),
        (b"a;b;c\n1;2;3\n4;5\n", "« 4;5 » a 2 colonnes au lieu de 3"),
        (b"a;b;c\n1;2;3;4\n", "« 1;2;3;4 » a 4 colonnes au lieu de 3"),
        ("a;b;c\né;2;3\né".encode()[:-1], "a 1 colonne au lieu de 3"),
        (b"a;b;a\n1;2;3\n", "deux colonnes « a »"),
        (b"nom\n\x81\x8d\xe9\n", "abîmé"),
    ],
)
def test_broken_files_are_refused_in_one_sentence(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], data: bytes, said: str
) -> None:
    assert said in refusal(saved(tmp_path, data, "table.csv.gz"))
    # A library may speak for itself below Python's own streams.
    assert capfd.readouterr() == ("", "")


def test_a_missing_file_or_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dossier.csv").mkdir()
    assert "chemin" in refusal(tmp_path / "dossier.csv")
    assert "chemin" in refusal(tmp_path / "absent.csv")


def test_broken_parquets_are_refused(tmp_path: Path) -> None:
    whole = as_parquet(cells(COMMUNAL["C3"]), tmp_path / "whole.parquet").read_bytes()
    for name, data in {
        "half.parquet": whole[: len(whole) // 2],
        "tail.parquet": whole[:-1],
        "magic.parquet": b"PAR1",
        "middle.parquet": whole[:200] + bytes(400) + whole[600:],
    }.items():
        assert "abîmé" in refusal(saved(tmp_path, data, name))


def test_a_nested_column_is_refused_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "nested.parquet"
    pq.write_table(pa.table({"code": ["00001"], "faits": [[1, 2]]}), path)
    assert "« faits »" in refusal(path)


def test_a_parquet_without_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "title.parquet"
    FRAME.head(0).to_parquet(path)
    assert "ligne de titre" in refusal(path)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.one_of(st.binary(max_size=300), st.text(max_size=200).map(str.encode)))
def test_any_bytes_end_in_a_table_or_a_refusal(tmp_path: Path, data: bytes) -> None:
    for path in (saved(tmp_path, data), saved(tmp_path, gzip.compress(data), "table.csv.gz")):
        try:
            table = tabular.read(path)
        except Refused as refused:
            assert path.name in str(refused)
        else:
            assert len(table) > 0


def test_a_file_is_opened_once_until_it_is_replaced(tmp_path: Path) -> None:
    opened: list[str] = []

    @tabular.once
    def content(path: Path) -> str:
        opened.append(path.name)
        if not path.is_file():
            raise Refused("absent")
        return path.read_text(encoding="utf-8")

    path = tmp_path / "a.csv"
    for _ in range(2):  # what failed is tried again
        with pytest.raises(Refused):
            content(path)
    path.write_text("un", encoding="utf-8")
    assert [content(path), content(path)] == ["un", "un"]
    replacement = tmp_path / "b.csv"
    replacement.write_text("de", encoding="utf-8")  # as long: only the date tells
    later = path.stat().st_mtime_ns + 1_000_000_000
    os.utime(replacement, ns=(later, later))
    replacement.replace(path)
    assert [content(path), content(path)] == ["de", "de"]
    path.write_text("trois", encoding="utf-8")
    os.utime(path, ns=(later, later))  # a date that a copy has kept: the size tells
    assert content(path) == "trois"
    assert len(opened) == 5
