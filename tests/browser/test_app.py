"""What a person meets: pages at two widths, a map that paints, a click, downloads."""

import csv
import io
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE_MS, PHONE, WIDE, Opener, capture, settle
from tests.conftest import ROOT

HOME = "accueil"
# The stem of a page's file is its address, the home page's is the root.
PAGES = {"" if file.stem == HOME else file.stem for file in (ROOT / "pages").glob("*.py")}
CLASS_BLUES = {(211, 218, 245), (161, 176, 232), (111, 128, 214), (62, 75, 182), (0, 0, 145)}
# What stands out of the screen on the right and that no frame lets scroll.
CUT = """() => {
    const scrolls = e => ["auto", "scroll"].includes(getComputedStyle(e).overflowX);
    const framed = e => e.dataset.testid !== "stMain" && (scrolls(e) || framed(e.parentElement));
    const read = "h1, h2, h3, p, label, button, table, iframe";
    return [...document.querySelectorAll(`[data-testid="stMain"] :is(${read})`)]
        .filter(e => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 1)
        .filter(e => !framed(e))
        .map(e => e.outerHTML.slice(0, 200));
}"""
MAP = "iframe[title^='streamlit_folium']"


@pytest.mark.browser
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("path", sorted(PAGES))
def test_each_page_opens_by_its_address(
    open_page: Opener, path: str, size: tuple[int, int]
) -> None:
    page = open_page(path, size)
    capture(page, f"{path or HOME}-{size[0]}")
    # An unknown address shows the home page under a box that says so.
    assert page.get_by_role("dialog").count() == 0
    assert page.locator("h1").count() == 1
    assert page.locator('[data-testid="stAlertContentError"]').count() == 0
    assert page.evaluate(CUT) == []


@pytest.mark.browser
def test_the_menu_leads_to_every_page(open_page: Opener) -> None:
    links = open_page().locator('[data-testid="stSidebar"] a')
    # The menu is drawn apart from the page: it may come after the title.
    expect(links).to_have_count(len(PAGES), timeout=PATIENCE_MS)
    addresses = {urlsplit(link.get_attribute("href") or "").path for link in links.all()}
    assert {address.strip("/") for address in addresses} == PAGES


@pytest.mark.browser
def test_the_first_start_shows_the_simulated_departement(
    open_page: Opener, first_start_url: str
) -> None:
    page = open_page(first_start_url)
    assert page.get_by_text("Département simulé").first.is_visible()
    page.get_by_role("link", name="Carte").first.click()
    _wait_for_areas(page)


@pytest.mark.browser
@pytest.mark.parametrize("niveau", ["commune", "cispd", "epci"])
def test_the_map_paints_visible_colours(open_page: Opener, niveau: str) -> None:
    page = open_page(f"carte?niveau={niveau}&indicateur=degradations")
    _wait_for_areas(page)
    picture = Image.open(capture(page, f"carte-{niveau}")).convert("RGB")
    colours = picture.getcolors(maxcolors=1 << 24) or []
    painted = sum(count for count, colour in colours if colour in CLASS_BLUES)
    assert painted > 5_000


@pytest.mark.browser
def test_a_click_opens_the_panel_and_goes_to_the_address(open_page: Opener) -> None:
    page = open_page("carte?niveau=epci&indicateur=degradations")
    _wait_for_areas(page)
    page.locator(MAP).scroll_into_view_if_needed()
    frame = page.locator(MAP).bounding_box()
    assert frame is not None
    page.mouse.click(frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2)
    page.wait_for_function("() => location.search.includes('zone=')")
    settle(page)


@pytest.mark.browser
def test_the_first_click_counts_where_the_window_cuts_the_map(open_page: Opener) -> None:
    """Taking the focus must not scroll the page under the mouse: the click would be a drag."""
    page = open_page("carte?niveau=epci&indicateur=degradations")
    _wait_for_areas(page)
    frame = page.locator(MAP).bounding_box()
    assert frame is not None
    middle = frame["y"] + frame["height"] / 2
    assert middle < WIDE[1] < frame["y"] + frame["height"]
    page.mouse.click(frame["x"] + frame["width"] / 2, middle)
    page.wait_for_function("() => location.search.includes('zone=')")


@pytest.mark.browser
def test_the_csv_of_the_map_downloads_and_opens(open_page: Opener) -> None:
    page = open_page("carte?niveau=epci&indicateur=degradations&annee=2019")
    with page.expect_download() as download:
        page.get_by_role("button", name="Cette carte en CSV").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert {row["niveau"] for row in rows} == {"epci"}
    assert {row["indicateur"] for row in rows} == {"degradations"}
    assert {row["annee"] for row in rows} == {"2019"}


def _wait_for_areas(page: Page) -> None:
    page.frame_locator(MAP).locator("path.leaflet-interactive").first.wait_for(timeout=60_000)
    page.wait_for_timeout(500)
