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
from diagnostics.exports.steps import Stop

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
    outcome = batch.write(
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
    outcome = batch.write(tmp_path / "lot.zip", held, two, [SHEET], ORDER)
    assert [area for area, _, _ in outcome.failed] == [two[0].label]
    assert [area for area, _, _ in outcome.written] == [two[1].label]
    with zipfile.ZipFile(tmp_path / "lot.zip") as archive:
        assert archive.testzip() is None
        index = archive.read(batch.INDEX).decode()
    assert "Non produits" in index
    assert "ZeroDivisionError" in index


def test_an_unknown_slide_is_said_for_each_area(held, two, tmp_path):
    order = Order(produced=date(2026, 3, 1), slides=["rien"])
    outcome = batch.write(tmp_path / "lot.zip", held, two, [PPTX], order)
    assert outcome.written == ()
    assert all("rien" in why for _, _, why in outcome.failed)


def _stop_at(share: float, error: type[BaseException] = Stop):
    """Return a progress that wants no more once so much is done."""

    def progress(step: str, done: float) -> None:
        if done >= share:
            raise error

    return progress


def test_a_batch_that_is_stopped_keeps_what_is_made_and_says_that_it_is_incomplete(
    held, two, tmp_path
):
    whole = tmp_path / "lot.zip"
    whole.write_bytes(b"whole")
    outcome = batch.write(whole, held, two, [SHEET], ORDER, _stop_at(0.5))
    assert [area for area, _, _ in outcome.written] == [two[0].label]
    assert outcome.left == (two[1].label,)
    assert outcome.path == tmp_path / "lot-incomplet.zip"
    assert {p.name for p in tmp_path.iterdir()} == {"lot.zip", "lot-incomplet.zip"}
    assert whole.read_bytes() == b"whole"
    with zipfile.ZipFile(outcome.path) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [outcome.written[0][2], batch.INDEX]
        index = archive.read(batch.INDEX).decode()
    assert "Incomplet" in index
    assert f"<li>{two[1].label}</li>" in index


def test_a_folder_that_is_stopped_says_so_in_its_index(held, two, tmp_path):
    outcome = batch.write(tmp_path / "lot", held, two, [SHEET], ORDER, _stop_at(0.5))
    assert outcome.left == (two[1].label,)
    assert "Incomplet" in (tmp_path / "lot" / batch.INDEX).read_text(encoding="utf-8")


def test_a_batch_stopped_before_its_first_document_leaves_no_file(held, two, tmp_path):
    outcome = batch.write(tmp_path / "lot.zip", held, two, [SHEET], ORDER, _stop_at(0))
    assert (outcome.written, outcome.path, len(outcome.left)) == ((), None, 2)
    assert list(tmp_path.iterdir()) == []


def test_a_batch_stopped_when_all_is_made_is_whole(held, two, tmp_path):
    outcome = batch.write(tmp_path / "lot.zip", held, two, [SHEET], ORDER, _stop_at(1))
    assert (outcome.left, outcome.path) == ((), tmp_path / "lot.zip")


def test_a_batch_that_breaks_leaves_no_file(held, two, tmp_path):
    broken = _stop_at(0.5, KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        batch.write(tmp_path / "lot.zip", held, two, [SHEET], ORDER, broken)
    assert list(tmp_path.iterdir()) == []


def test_a_report_that_fails_is_said_for_each_of_its_documents(held, two, tmp_path):
    order = Order(produced=date(2026, 3, 1), annee=1999)
    outcome = batch.write(tmp_path / "lot.zip", held, two[:1], [PPTX, SHEET], order)
    assert [title for _, title, _ in outcome.failed] == [KINDS[PPTX][0], KINDS[SHEET][0]]
    assert all("1999" in why for _, _, why in outcome.failed)


def test_a_file_is_refused_where_a_folder_or_a_zip_is_due(held, two, tmp_path):
    (tmp_path / "lot").write_bytes(b"file")
    with pytest.raises(Refused, match="est un fichier"):
        batch.write(tmp_path / "lot", held, two, [SHEET], ORDER)


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
def test_the_command_line_makes_a_document(simulated_store, two, tmp_path, arguments, suffix):
    out = tmp_path / f"x.{suffix}"
    command = ["export", *arguments, "--territoire", two[0].code, "--out", str(out)]
    assert main([*command, "--store", str(simulated_store)]) == 0
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
    simulated_store, two, tmp_path, capsys, option, value, said
):
    asked = {"--territoire": two[0].code, "--out": "x.pptx"} | {option: value}
    asked["--out"] = str(tmp_path / asked["--out"])
    arguments = [word for pair in asked.items() for word in pair]
    code = main(["export", "pptx", *arguments, "--store", str(simulated_store)])
    assert code == 1
    errors = capsys.readouterr().err.strip().splitlines()
    assert len(errors) == 1
    assert said in errors[0]
    assert list(tmp_path.iterdir()) == []
