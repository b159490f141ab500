"""Reading the priority neighbourhoods in the forms in which they are published."""

import gzip
import json
from pathlib import Path

import pytest

from diagnostics.catalogue import sources
from diagnostics.errors import Refused
from diagnostics.sources.qpv import read_qpv

FIXTURE = Path(__file__).parents[1] / "fixtures" / "contexte" / "listeqp2024-cog2024.csv"


def as_tuples(path: Path) -> list[tuple[str, str, str]]:
    return list(read_qpv(path).itertuples(index=False, name=None))


def test_the_published_list_gives_one_row_per_qpv_and_commune() -> None:
    assert as_tuples(FIXTURE) == [
        ("QN00101M", "Les Grands Saules", "01903"),
        ("QN00102N", "La Garenne - Centre", "01903"),
        ("QN00102N", "La Garenne - Centre", "01904"),
        ("QN02A01M", "Le Maquis Haut", "2A901"),
    ]


def test_the_json_form_reads_the_same(tmp_path: Path) -> None:
    records = [
        {"code": "QN02A01M", "label": "Le Maquis Haut", "insee": ["2A901"], "g": []},
        {"code": "QN00102N", "label": "La Garenne - Centre", "insee": ["01904", "01903"], "g": []},
        {"code": "QN00101M", "label": "Les Grands Saules", "insee": ["01903"], "g": []},
    ]
    plain = tmp_path / "qpv2024_france.json"
    plain.write_text(json.dumps({"meta": {}, "qpvs": records}), encoding="utf-8")
    zipped = tmp_path / "qpv2024_france.json.gz"
    zipped.write_bytes(gzip.compress(plain.read_bytes()))
    assert as_tuples(plain) == as_tuples(zipped) == as_tuples(FIXTURE)


def test_a_list_saved_again_by_a_spreadsheet_reads_the_same(tmp_path: Path) -> None:
    lines = FIXTURE.read_text(encoding="utf-8-sig").splitlines()
    again = tmp_path / "listeqp2024.csv"
    # The quoted lists of communes keep their own separator.
    again.write_text(
        "\r\n".join(line.replace(";", ",").replace(", ", "; ") for line in lines),
        encoding="utf-8",
    )
    assert as_tuples(again) == as_tuples(FIXTURE)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("code_qp;lib_qp\nQN00101M;A\n", "insee_com"),
        ("code_qp;lib_qp;insee_com\nQN00101M;A;\n", "code de commune"),
        ("code_qp;lib_qp;insee_com\nQN00101M;A;103\n", "code de commune"),
        ("code_qp;lib_qp;insee_com\n77288;A;77288\n", "code de quartier"),
        ("code_qp;lib_qp;insee_com\n;;\n", "aucun quartier"),
        ("<html>\n", "page web"),
    ],
)
def test_a_file_that_is_not_the_list_is_refused(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "listeqp2024-cog2024.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(Refused, match=words):
        read_qpv(path)


@pytest.mark.parametrize(
    ("content", "words"), [('{"quartiers": []}', "qpvs"), ("[]", "qpvs"), ("{", "comme JSON")]
)
def test_a_json_that_is_not_the_list_is_refused(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "qpv2024_france.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(Refused, match=words):
        read_qpv(path)


def test_a_truncated_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "qpv2024_france.json.gz"
    path.write_bytes(gzip.compress(b'{"qpvs": []}')[:-8])
    with pytest.raises(Refused, match="ne peut pas être lu"):
        read_qpv(path)


def test_seine_et_marne_has_25_qpv_in_21_communes(mirror: Path) -> None:
    path = next(p for p in mirror.rglob("*") if sources()["qpv"].matches(p.name))
    found = read_qpv(path)
    assert found["code_qpv"].nunique() == 1584  # décret 2023-1314 and the 2024 overseas list
    ours = found[found["code_insee"].str.startswith("77")]
    assert ours["code_qpv"].nunique() == 25
    assert ours["code_insee"].nunique() == 21
    assert not ours["code_insee"].isna().any()
