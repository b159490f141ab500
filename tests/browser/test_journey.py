"""The coordinator's way: map, sheet, programme, comparison, download; one figure all along."""

import csv
import io

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE_MS, Opener, capture, settle

INDICATOR = "degradations"
VIEW = f"niveau=cispd&indicateur={INDICATOR}&annee=2024"


@pytest.mark.browser
def test_the_figure_is_the_same_at_each_stop(open_page: Opener) -> None:
    page = open_page(f"carte?{VIEW}")
    name = _pick_first_area(page)
    rate = _rate_in_csv(page, name)

    _shows(page, rate)  # panel of the map
    page.get_by_role("link", name="Ouvrir la fiche complète").click()
    page.get_by_role("heading", name="Fiche territoire").wait_for()
    settle(page)
    _shows(page, name)
    _shows(page, rate)  # sheet
    capture(page, "fiche")

    page.get_by_role("link", name="Programme 1").click()
    page.get_by_role("heading", name="1. Tranquillité publique").wait_for()
    settle(page)
    _shows(page, rate)  # programme
    capture(page, "programme")

    page.get_by_role("link", name="Comparer").click()
    page.get_by_role("heading", name="Comparer", exact=True).wait_for()
    settle(page)
    _shows(page, rate)  # comparison
    capture(page, "comparer")

    page.go_back()
    page.get_by_role("heading", name="1. Tranquillité publique").wait_for()
    settle(page)
    _shows(page, rate)  # back


def _pick_first_area(page: Page) -> str:
    page.get_by_role("combobox", name="Rechercher une zone").click()
    option = page.get_by_role("option").first
    name = option.inner_text()
    option.click()
    page.wait_for_function("() => location.search.includes('zone=')")
    page.get_by_role("heading", name=name).wait_for()
    settle(page)
    return name


def _rate_in_csv(page: Page, name: str) -> str:
    """Return the rate of an area as the screen writes it, from the file that it downloads."""
    with page.expect_download() as download:
        page.get_by_role("button", name="Cette carte en CSV").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    row = next(r for r in rows if r["libelle"] == name)
    rate = float(row["taux_estime"].replace(",", "."))
    return f"{rate:.{2 if rate < 10 else 1}f}".replace(".", ",")


def _shows(page: Page, text: str) -> None:
    expect(page.get_by_test_id("stMain")).to_contain_text(text, timeout=PATIENCE_MS)
