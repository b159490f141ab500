"""The slides on a projector: turned by the keyboard, whole in 1280 × 720, without network."""

import re
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from diagnostics.report import report
from diagnostics.report.deck import deck
from diagnostics.store import open_store
from pages.ui import slide_fit
from pages.ui.keys import Widget
from tests.browser.conftest import PATIENCE_MS, PHONE, Opener, capture, settle

PROJECTOR = (slide_fit.WIDTH, slide_fit.HEIGHT)
BAR = f".st-key-{Widget.SLIDE_BAR}"
COUNTER = f"[class*='st-key-{Widget.SLIDE_LIST}-'] button"
KEYS = f".st-key-{Widget.SLIDE_KEYS} [data-testid='stBidiComponentIsolated']"
NOTES = ".diapo-notes"
MAP = "iframe[title^='streamlit_folium']"
# What is not whole on the screen, lies under the foot, or is too small for a room.
BROKEN = """([bar, ...sizes]) => {
    const main = document.querySelector('[data-testid="stMain"]');
    const foot = document.querySelector(bar).getBoundingClientRect().top;
    const slide = main.querySelector('[class*="st-key-diapositive-co"]');
    const read = "h1, p, th, td, img, iframe, svg.main-svg, .diapo-cle, .diapo-unite, .diapo-note";
    const found = [];
    if (main.scrollHeight > innerHeight) found.push(`scrolls: ${main.scrollHeight}`);
    if (main.scrollWidth > innerWidth) found.push(`scrolls aside: ${main.scrollWidth}`);
    for (const e of slide.querySelectorAll(read)) {
        const box = e.getBoundingClientRect();
        if (!e.checkVisibility() || !box.width) continue;
        const out = box.right > innerWidth || box.bottom > foot + 1 || box.left < 0 || box.top < 0;
        if (out) found.push(`out: ${e.outerHTML.slice(0, 120)}`);
    }
    for (const frame of slide.querySelectorAll(".table-frame"))
        if (frame.scrollWidth > frame.clientWidth + 1) found.push("table cut");
    for (const [selector, least] of sizes)
        for (const e of slide.querySelectorAll(selector))
            if (parseFloat(getComputedStyle(e).fontSize) < least)
                found.push(`small: ${e.outerHTML.slice(0, 120)}`);
    return found;
}"""
LEAST = [["h1", 34], [".diapo-message p, .diapo-texte p", 22], ["th, td", 18]]
ENGLISH = re.compile(r"\b(Loading|Error|Press|Download|Zoom|Close|Previous|Next|Running)\b")


@pytest.fixture
def address(simulated_store: Path) -> str:
    groups = open_store(simulated_store).table("00", "groups")
    code = groups.loc[groups["type"] == "cispd", "code"].iloc[0]
    return f"presentation?niveau=cispd&zone={code}"


@pytest.mark.browser
@pytest.mark.parametrize("kind", ["cispd", "commune"])
def test_arrows_go_through_slides_that_fit_the_projector(
    open_page: Opener, simulated_store: Path, kind: str
) -> None:
    long = open_store(simulated_store).table("00", "long")
    groups = open_store(simulated_store).table("00", "groups")
    if kind == "commune":
        names = long.loc[long["niveau"] == "commune"].drop_duplicates("code")
        code = names.loc[names["libelle"].str.len().idxmax(), "code"]
    else:
        code = groups.loc[groups["type"] == kind, "code"].iloc[-1]
    page = open_page(f"presentation?niveau={kind}&zone={code}", PROJECTOR)
    last = _at(page)[1]
    assert last > 10
    broken = {}
    for at in range(1, last + 1):
        _wait(page, at, last)
        capture(page, f"presentation-{kind}-{at:02d}")
        if found := page.evaluate(BROKEN, [BAR, *LEAST]):
            broken[at] = found
        assert not ENGLISH.search(page.locator("body").inner_text())
        page.keyboard.press("ArrowRight")
    _wait(page, last, last)
    assert broken == {}


@pytest.mark.browser
def test_the_keys_of_a_remote_control(open_page: Opener, address: str) -> None:
    page = open_page(address, PROJECTOR)
    last = _at(page)[1]
    _wait(page, 1, last)
    for key, at in [
        ("PageDown", 2),
        ("ArrowRight", 3),
        ("PageUp", 2),
        ("End", last),
        ("ArrowRight", last),
        ("Home", 1),
        ("ArrowLeft", 1),
    ]:
        page.keyboard.press(key)
        _wait(page, at, last)
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    _wait(page, 7, last)


@pytest.mark.browser
def test_the_address_is_the_slide(open_page: Opener, address: str) -> None:
    page = open_page(f"{address}&diapo=3", PROJECTOR)
    _, last = _at(page)
    _wait(page, 3, last)
    title = page.locator("h1").inner_text()
    page.keyboard.press("ArrowRight")
    _wait(page, 4, last)
    assert parse_qs(urlsplit(page.url).query)["diapo"] == ["4"]
    page.go_back()
    _wait(page, 3, last)
    expect(page.locator("h1")).to_have_text(title)


@pytest.mark.browser
def test_a_click_on_the_map_leaves_the_keyboard_to_the_slides(
    open_page: Opener, address: str
) -> None:
    page = open_page(f"{address}&diapos=carte,sources", PROJECTOR)
    page.frame_locator(MAP).locator("path.leaflet-interactive").first.wait_for(state="attached")
    _, last = _at(page)
    _wait(page, 1, last)
    box = page.locator(MAP).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_function("() => document.activeElement.tagName !== 'IFRAME'")
    page.keyboard.press("ArrowRight")
    _wait(page, 2, last)


@pytest.mark.browser
def test_notes_and_list_open_on_demand(open_page: Opener, address: str) -> None:
    page = open_page(address, PROJECTOR)
    _, last = _at(page)
    _wait(page, 1, last)
    assert page.locator(NOTES).count() == 0
    page.keyboard.press("n")
    expect(page.locator(NOTES)).to_be_visible()
    page.keyboard.press("n")
    expect(page.locator(NOTES)).to_have_count(0)
    page.locator(COUNTER).first.click()
    page.get_by_role("button", name="3. ").first.click()
    _wait(page, 3, last)
    page.keyboard.press("ArrowLeft")
    _wait(page, 2, last)


@pytest.mark.browser
def test_the_menu_is_hidden_and_comes_back(open_page: Opener, address: str) -> None:
    page = open_page(address, PROJECTOR)
    sidebar, header = '[data-testid="stSidebar"]', '[data-testid="stHeader"]'
    assert not page.locator(sidebar).is_visible()
    assert not page.locator(header).is_visible()
    page.get_by_role("link", name="Quitter").click()
    expect(page.locator("h1")).to_have_text("Fiche territoire", timeout=PATIENCE_MS)
    expect(page.locator(sidebar)).to_be_visible()


@pytest.mark.browser
def test_figures_are_those_of_the_report(
    open_page: Opener, address: str, simulated_store: Path
) -> None:
    code = parse_qs(urlsplit(address).query)["zone"][0]
    made = report(open_store(simulated_store), "00", "territoire", code)
    (slide,) = deck(made, slides=["programme-2-profil"], produced=date.today()).slides
    assert slide.table is not None
    page = open_page(f"{address}&diapos=programme-2-profil", PROJECTOR)
    cells: list[str] = []
    at, last = _at(page)
    for view in range(at, last + 1):
        _wait(page, view, last)
        cells += page.locator(".table-frame td").all_inner_texts()
        page.keyboard.press("ArrowRight")
    wanted = [cell for row in slide.table.rows for cell in row]
    assert [cell.replace("\u00a0", " ") for cell in cells] == [
        cell.replace("\u00a0", " ") for cell in wanted
    ]


@pytest.mark.browser
def test_a_phone_reads_the_slides_down_one_column(open_page: Opener, address: str) -> None:
    page = open_page(f"{address}&diapo=5", PHONE)
    capture(page, "presentation-phone")
    assert page.evaluate(
        "() => document.querySelector('[data-testid=\"stMain\"]').scrollWidth <= innerWidth"
    )
    box = page.locator(BAR).bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE[0]


def _at(page: Page) -> tuple[int, int]:
    """Return the number of the view that is shown, and that of the last one."""
    found = re.search(r"(\d+) / (\d+)", page.locator(COUNTER).first.inner_text())
    assert found
    return int(found[1]), int(found[2])


def _wait(page: Page, at: int, last: int) -> None:
    """Wait until a view is the one shown, alone, and drawn."""
    shown = re.compile(rf"(^|\D){at} / {last}(\D|$)")
    # While a view gives way to another, both are there.
    expect(page.locator(COUNTER).filter(has_text=shown)).to_have_count(1, timeout=PATIENCE_MS)
    expect(page.locator(COUNTER).filter(has_text=" / ")).to_have_count(1, timeout=PATIENCE_MS)
    settle(page)
    page.locator(KEYS).wait_for(state="attached", timeout=PATIENCE_MS)
