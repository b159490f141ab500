"""The committee page: slides kept and moved, documents made, texts of the council, a ZIP of all."""

import tempfile
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from diagnostics.exports import batch, documents
from diagnostics.exports.documents import KINDS
from diagnostics.report.deck import SLIDES
from diagnostics.store import open_store
from pages.ui.batch_blocks import Batch
from pages.ui.keys import Param, Widget
from pages.ui.preparation import File, Preparation
from tests.pages.conftest import Opener

IDS = list(SLIDES)


def _address(page) -> dict[str, str]:
    # AppTest gives what a test has set as a list, what the page has set as a text.
    return {k: v if isinstance(v, str) else v[0] for k, v in page.query_params.items()}


def test_the_usual_slides_need_no_address(open_page: Opener) -> None:
    page = open_page("comite")
    assert not page.exception
    assert page.title[0].value == "Comité de pilotage"
    assert Param.DIAPOS not in _address(page)
    kept = [box.label for box in page.checkbox if box.value and box.label[0].isdigit()]
    assert kept == [f"{n}. {title}" for n, title in enumerate(SLIDES.values(), start=1)]


def test_a_slide_is_moved_taken_out_and_put_back(open_page: Opener) -> None:
    page = open_page("comite")
    page.button(f"{Widget.SLIDES}-0-{IDS[0]}-descendre").click().run()
    moved = [IDS[1], IDS[0], *IDS[2:]]
    assert _address(page)[Param.DIAPOS] == ",".join(moved)
    page.button(f"{Widget.SLIDES}-1-{IDS[0]}-monter").click().run()
    assert Param.DIAPOS not in _address(page)
    page.button(f"{Widget.SLIDES}-0-{IDS[0]}-descendre").click().run()
    page.checkbox(f"{Widget.SLIDES}-1-{IDS[0]}").uncheck().run()
    without = [IDS[1], *IDS[2:]]
    assert _address(page)[Param.DIAPOS] == ",".join(without)
    page.checkbox(f"{Widget.SLIDES}-plus-{IDS[0]}").check().run()
    assert _address(page)[Param.DIAPOS] == ",".join([*without, IDS[0]])
    page.button(f"{Widget.SLIDES}-defaut").click().run()
    assert Param.DIAPOS not in _address(page)
    assert not page.exception


def test_a_slide_that_does_not_exist_is_left_aside(open_page: Opener) -> None:
    page = open_page("comite", diapos="methode,<script>,titre,methode")
    kept = [box.label for box in page.checkbox if box.value and box.label[0].isdigit()]
    assert kept == [f"1. {SLIDES['methode']}", f"2. {SLIDES['titre']}"]


@pytest.mark.parametrize("niveau", ["cispd", "epci", "commune"])
def test_each_level_offers_every_document(open_page: Opener, niveau: str) -> None:
    page = open_page("comite", niveau=niveau, public="interne", estimations="non")
    assert not page.exception
    offered = {button.proto.label for button in page.get("download_button")}
    assert {title for title, _ in KINDS.values()} <= offered
    assert page.toggle(Param.ESTIMATIONS).value is False


def test_the_zip_of_all_councils_is_prepared_and_offered(
    open_page: Opener, simulated_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = documents.subjects(open_store(simulated_store), "00")[:2]
    monkeypatch.setattr(documents, "subjects", lambda *_: two)
    page = open_page("comite")
    page.checkbox(f"{Widget.BATCH}-{documents.PPTX}").uncheck().run()
    page.button(Widget.BATCH).click().run()
    made = page.session_state[Widget.BATCH_FILE]
    made.preparation.thread.join()
    page.run()
    assert not page.exception
    assert [box.value for box in page.success] == ["2 documents prêts."]
    assert "Télécharger le ZIP" in _offered(page)
    (outcome,) = made.outcomes
    names = {name for _, _, name in outcome.written}
    with zipfile.ZipFile(BytesIO(made.preparation.content)) as archive:
        assert set(archive.namelist()) == {*names, batch.INDEX}
        assert all(archive.read(name).startswith(b"%PDF-") for name in names)


def _offered(page) -> set[str]:
    return {button.proto.label for button in page.get("download_button")}


def test_a_stop_offers_what_is_made_and_says_what_is_missing(
    open_page: Opener, simulated_store: Path
) -> None:
    """The stop is asked for while the first council is made: a progress that waits for it."""
    page = open_page("comite")
    two = documents.subjects(open_store(simulated_store), "00")[:2]
    outcomes: list[batch.Outcome] = []

    def make(progress) -> bytes:
        def told(step: str, share: float) -> None:
            if share > 0:
                preparation.stop()
            progress(step, share)

        store, order = open_store(simulated_store), documents.Order()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "documents-00.zip"
            outcomes.append(batch.write(path, store, two, [documents.SHEET], order, told))
            return outcomes[0].path.read_bytes()

    preparation = Preparation(File("ZIP", "tous", None, "documents-00.zip", "", make))
    preparation.start()
    preparation.thread.join()
    page.session_state[Widget.BATCH_FILE] = Batch("00", 2, preparation, outcomes)
    page.run()
    assert not page.exception
    (said,) = [box.value for box in page.warning]
    assert said.startswith("Préparation arrêtée\u202f: 1 document prêt.")
    assert "1 conseil manquent" in said
    assert "Télécharger le ZIP incomplet" in _offered(page)
    with zipfile.ZipFile(BytesIO(preparation.content)) as archive:
        assert "Incomplet" in archive.read(batch.INDEX).decode()
