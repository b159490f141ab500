"""A large file in a real browser: its progress, the page usable meanwhile, nothing lost."""

from io import BytesIO

import openpyxl
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opener, settle


@pytest.mark.browser
def test_a_large_workbook_is_prepared_while_the_page_is_used(open_page: Opener) -> None:
    page = open_page("telechargements")
    page.get_by_role("button", name="Préparer\u202f: Classeur XLSX").click()
    # Another choice while it is made, then another page and back: the file waits all the same.
    page.get_by_label("Niveaux", exact=True).click()
    page.get_by_role("option", name="Intercommunalités").click()
    page.wait_for_function("() => location.search.includes('niveaux=epci')")
    # The list stays open for more levels, over the menu.
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Méthode").click()
    expect(page.get_by_role("heading", name="Méthode", exact=True)).to_be_visible()
    page.get_by_role("link", name="Téléchargements").click()
    ready = page.get_by_role("button", name="Classeur XLSX, ")
    expect(ready).to_be_visible(timeout=120_000)
    assert "niveaux=epci" in page.url
    settle(page)
    with page.expect_download() as workbook:
        ready.click()
    assert workbook.value.suggested_filename == "00.xlsx"
    content = BytesIO(workbook.value.path().read_bytes())
    sheet = openpyxl.load_workbook(content, read_only=True)["Données"]
    assert sheet.max_row == 20_881


@pytest.mark.browser
def test_the_filters_go_back_with_the_browser(open_page: Opener) -> None:
    page = open_page("telechargements?niveaux=epci&annees=2024")
    kept = page.get_by_text("sur 20\u202f880").inner_text()
    page.get_by_label("Programmes", exact=True).click()
    page.get_by_role("option", name="2. Publics les plus sensibles").click()
    page.wait_for_function("() => location.search.includes('programmes=2')")
    settle(page)
    expect(page.get_by_text("sur 20\u202f880")).not_to_have_text(kept)
    page.go_back()
    page.wait_for_function("() => !location.search.includes('programmes=')")
    expect(page.get_by_text("sur 20\u202f880")).to_have_text(kept)
