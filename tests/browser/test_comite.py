"""The coordinator's last step in a browser: slides on screen, files taken away, one figure."""

import re
import zipfile
from io import BytesIO

import pytest
from playwright.sync_api import Page, expect
from pptx import Presentation

from diagnostics.report.deck import SLIDES
from tests.browser.conftest import PATIENCE_MS, Opener, settle

VIEW = "comite?niveau=cispd&annee=2024&diapos=titre,methode"


def _take(page: Page, label: str) -> bytes:
    with page.expect_download(timeout=PATIENCE_MS) as download:
        page.get_by_role("button", name=label, exact=True).click()
    return download.value.path().read_bytes()


@pytest.mark.browser
def test_the_deck_holds_the_slides_chosen(open_page: Opener) -> None:
    content = _take(open_page(VIEW), "Diaporama PowerPoint")
    titles = [slide.shapes.title.text for slide in Presentation(BytesIO(content)).slides]
    assert len(titles) >= 2
    assert titles[1].startswith(SLIDES["methode"])


@pytest.mark.browser
@pytest.mark.parametrize("label", ["Fiche de deux pages", "Diagnostic complet"])
def test_a_printed_document_is_taken_away(open_page: Opener, label: str) -> None:
    assert _take(open_page(VIEW), label).startswith(b"%PDF-")


@pytest.mark.browser
def test_the_same_slides_are_shown_on_screen(open_page: Opener) -> None:
    page = open_page(VIEW)
    page.get_by_role("link", name="Présenter à l’écran").click()
    page.wait_for_url(re.compile("/presentation"))
    settle(page)
    expect(page.get_by_role("button", name=re.compile(r"^1 . \d+"))).to_be_visible()


@pytest.mark.browser
def test_a_batch_is_stopped_then_done(open_page: Opener) -> None:
    page = open_page(VIEW)
    page.get_by_role("button", name="Préparer le fichier ZIP").click()
    expect(page.get_by_text(re.compile(r"\(\d+ sur \d+\)"))).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Arrêter").click()
    expect(page.get_by_text("Préparation arrêtée")).to_be_visible(timeout=PATIENCE_MS)
    settle(page)
    expect(page.get_by_role("button", name="Arrêter")).to_have_count(0)
    with zipfile.ZipFile(BytesIO(_take(page, "Télécharger le ZIP incomplet"))) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) > 1
        assert "Incomplet" in archive.read("index.html").decode()
    page.get_by_text("Diaporama PowerPoint", exact=True).last.click()
    settle(page)
    page.get_by_role("button", name="Préparer le fichier ZIP").click()
    whole = page.get_by_role("button", name="Télécharger le ZIP", exact=True)
    expect(whole).to_be_visible(timeout=PATIENCE_MS)
    settle(page)
    with zipfile.ZipFile(BytesIO(_take(page, "Télécharger le ZIP"))) as archive:
        assert archive.testzip() is None
        assert "index.html" in archive.namelist()
