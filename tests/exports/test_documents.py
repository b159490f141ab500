"""Documents of one area and of all: names, a failure that costs the others nothing, an index."""

import zipfile
from datetime import date
from pathlib import Path

import pytest

from diagnostics import store
from diagnostics.__main__ import main
from diagnostics.errors import Refused
from diagnostics.exports import batch, documents
from diagnostics.exports.documents import DIAGNOSTIC, KINDS, PPTX, SHEET, Order

ORDER = Order(produced=date(2026, 3, 1))
BEGINNINGS = {"pptx": b"PK", "pdf": b"%PDF-"}


@pytest.fixture
def held(simulated_store: Path) -> store.Store:
    return store.open_store(simulated_store)


@pytest.fixture
def two(held) -> list[documents.Subject]:
    return documents.subjects(held)[:2]


@pytest.mark.parametrize("kind", KINDS)
def test_each_document_is_a_file_of_its_kind(held, two, kind, tmp_path):
    documents.write(tmp_path / "x", kind, held, two[0], ORDER)
    assert (tmp_path / "x").read_bytes().startswith(BEGINNINGS[KINDS[kind][1]])
    assert [p.name for p in tmp_path.iterdir()] == ["x"]


def test_an_area_is_found_by_its_code_whatever_its_level(held):
    long = held.table("00", "long")
    for niveau in ("territoire", "epci", "commune", "departement"):
        code = long.loc[long["niveau"] == niveau, "code"].iloc[0]
        assert documents.subject(held, code).niveau == niveau


def test_an_unknown_area_is_refused_with_what_to_give(held):
    with pytest.raises(Refused, match="Aucune zone « nulle-part »"):
        documents.subject(held, "nulle-part")


def test_a_folder_holds_each_document_once_and_an_index(held, two, tmp_path):
    steps = []
    outcome = batch.write_folder(
        tmp_path / "lot", held, two, [PPTX, SHEET], ORDER, lambda _, share: steps.append(share)
    )
    assert outcome.failed == ()
    names = {p.name for p in (tmp_path / "lot").iterdir()}
    assert names == {*(file for _, _, file in outcome.written), batch.INDEX}
    assert len(outcome.written) == 4
    assert steps == sorted(steps)
    assert steps[-1] == 1.0
    index = (tmp_path / "lot" / batch.INDEX).read_text(encoding="utf-8")
    assert all(f'href="{file}"' in index for _, _, file in outcome.written)
    assert "Non produits" not in index


def test_what_fails_for_one_area_is_said_and_the_others_are_kept(held, two, tmp_path, monkeypatch):
    def broken(kind, diagnostic, tables, order):
        if diagnostic.area.code == two[0].code:
            raise ZeroDivisionError("a defect")
        return documents.render(kind, diagnostic, tables, order)

    monkeypatch.setattr(batch, "render", broken)
    outcome = batch.write_zip(tmp_path / "lot.zip", held, two, [SHEET], ORDER)
    assert [area for area, _, _ in outcome.failed] == [two[0].label]
    assert [area for area, _, _ in outcome.written] == [two[1].label]
    with zipfile.ZipFile(tmp_path / "lot.zip") as archive:
        assert archive.testzip() is None
        index = archive.read(batch.INDEX).decode()
    assert "Non produits" in index
    assert "ZeroDivisionError" in index


def test_an_unknown_slide_is_said_for_each_area(held, two, tmp_path):
    order = Order(produced=date(2026, 3, 1), slides=["rien"])
    outcome = batch.write_zip(tmp_path / "lot.zip", held, two, [PPTX], order)
    assert outcome.written == ()
    assert all("rien" in why for _, _, why in outcome.failed)


def test_a_batch_that_is_stopped_leaves_no_file(held, two, tmp_path):
    def stop(step: str, share: float) -> None:
        if share > 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        batch.write_zip(tmp_path / "lot.zip", held, two, [SHEET], ORDER, stop)
    assert list(tmp_path.iterdir()) == []


def test_two_areas_of_one_name_have_two_files(held, two):
    diagnostic = documents.assemble(held, two[0], ORDER)
    taken: set[str] = set()
    name = documents.file_name(SHEET, diagnostic)
    assert batch._free(name, "a", taken) == name
    assert batch._free(name, "b", taken) == name.replace(".pdf", "-b.pdf")


def test_the_programmes_asked_for_are_those_shown(held, two):
    diagnostic = documents.assemble(held, two[0], Order(programmes=[2]))
    assert [programme.number for programme in diagnostic.programmes] == [2]
    with pytest.raises(Refused, match="programme 9"):
        documents.assemble(held, two[0], Order(programmes=[9]))


@pytest.mark.parametrize(
    ("arguments", "suffix"),
    [
        (["pptx"], "pptx"),
        (["pptx", "--diapositives", "titre,methode", "--interne"], "pptx"),
        (["pdf"], "pdf"),
        (["pdf", "--document", DIAGNOSTIC, "--sans-estimations"], "pdf"),
    ],
)
def test_the_command_line_makes_a_document(
    simulated_store, two, tmp_path, monkeypatch, arguments, suffix
):
    out = tmp_path / f"x.{suffix}"
    command = ["export", *arguments, "--territoire", two[0].code, "--out", str(out)]
    assert _run(monkeypatch, [*command, "--store", str(simulated_store)]) == 0
    assert out.read_bytes().startswith(BEGINNINGS[suffix])


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--territoire", "nulle-part", "nulle-part"),
        ("--annee", "1999", "1999"),
        ("--comparateur", "lune", "lune"),
        ("--diapositives", "rien", "rien"),
        ("--out", "absent/x.pptx", "n’existe pas"),
    ],
)
def test_the_command_line_refuses_in_one_sentence(
    simulated_store, two, tmp_path, monkeypatch, capsys, option, value, said
):
    asked = {"--territoire": two[0].code, "--out": "x.pptx"} | {option: value}
    asked["--out"] = str(tmp_path / asked["--out"])
    arguments = [word for pair in asked.items() for word in pair]
    code = _run(monkeypatch, ["export", "pptx", *arguments, "--store", str(simulated_store)])
    assert code == 1
    errors = capsys.readouterr().err.strip().splitlines()
    assert len(errors) == 1
    assert said in errors[0]
    assert list(tmp_path.iterdir()) == []


def _run(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> int:
    monkeypatch.setattr("sys.argv", ["diagnostics", *arguments])
    try:
        return main()
    except SystemExit as end:
        return int(end.code or 0)
