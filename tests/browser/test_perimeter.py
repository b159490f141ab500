"""A perimeter composed by clicks on the map, read on every page, left by the browser's back."""

import csv
import io

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.browser.conftest import PATIENCE_MS, PHONE, WIDE, Opener, capture, settle

VIEW = "carte?indicateur=degradations"
CHOSEN = ".leaflet-lines-pane path[stroke='#000091']"
CENTRE = """code => { let at; map.eachLayer(layer => {
    if (layer.feature?.properties.code === code && layer.getBounds)
        at = map.latLngToContainerPoint(layer.getBounds().getCenter()); });
    return [at.x, at.y]; }"""
INSIDE = """count => { const codes = []; map.eachLayer(layer => {
    if (!layer.feature?.properties.code || !layer.toGeoJSON().properties?.click) return;
    const { x, y } = map.latLngToContainerPoint(layer.getBounds().getCenter());
    const shape = layer.getElement(), box = map.getContainer().getBoundingClientRect();
    if (document.elementFromPoint(box.x + x, box.y + y) === shape)
        codes.push(layer.feature.properties.code); });
    return codes.slice(0, count); }"""


@pytest.mark.browser
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_click_chooses_at_once_and_the_map_stays(
    open_page: Opener, size: tuple[int, int]
) -> None:
    page = open_page(VIEW, size)
    page.get_by_text("Composer un périmètre").click()
    _at(page, [])
    settle(page)
    frame = _map(page)
    frame.evaluate("window.stayed = true")
    view = frame.evaluate("[map.getZoom(), map.getCenter()]")
    frame.frame_element().scroll_into_view_if_needed()
    first, second, third = codes = frame.evaluate(INSIDE, 3)
    # Faster than the page answers: each is drawn at once, none is lost.
    for at, code in enumerate(codes, start=1):
        _click(page, frame, code)
        assert frame.locator(CHOSEN).count() == at
    _at(page, codes)
    settle(page)
    _click(page, frame, second)
    assert frame.locator(CHOSEN).count() == 2
    _at(page, [first, third])
    settle(page)
    expect(page.get_by_test_id("stMain")).to_contain_text("2 communes", timeout=PATIENCE_MS)
    assert frame.evaluate("window.stayed")
    assert frame.evaluate("[map.getZoom(), map.getCenter()]") == view
    capture(page, f"perimetre-{size[0]}")

    page.go_back()
    _at(page, codes)
    settle(page)
    expect(frame.locator(CHOSEN)).to_have_count(3, timeout=PATIENCE_MS)
    page.get_by_role("button", name="Tout retirer").click()
    _at(page, [])
    settle(page)
    expect(frame.locator(CHOSEN)).to_have_count(0, timeout=PATIENCE_MS)
    _click(page, frame, first)
    _at(page, [first])


@pytest.mark.browser
def test_the_same_figures_from_the_map_to_the_file(open_page: Opener) -> None:
    page = open_page(f"{VIEW}&communes=")
    frame = _map(page)
    for code in (codes := frame.evaluate(INSIDE, 4)):
        _click(page, frame, code)
    _at(page, codes)
    settle(page)
    page.get_by_label("Nom du périmètre").fill("Secteur nord")
    page.get_by_label("Nom du périmètre").press("Enter")
    page.wait_for_function("() => location.search.includes('nom=Secteur')")
    settle(page)
    for link, title in (
        ("Ouvrir la fiche du périmètre", "Fiche territoire"),
        ("Programme 1", "1. Tranquillité publique"),
        ("Comparer", "Comparer"),
        ("Téléchargements", "Téléchargements"),
        ("Fiche du périmètre", "Fiche territoire"),
    ):
        page.get_by_role("link", name=link).first.click()
        page.get_by_role("heading", name=title, level=1).wait_for()
        settle(page)
        _at(page, codes)
    main = page.get_by_test_id("stMain")
    expect(main).to_contain_text("Secteur nord", timeout=PATIENCE_MS)
    with page.expect_download() as download:
        page.get_by_role("button", name="Les chiffres de ce périmètre en CSV").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert {(r["niveau"], r["libelle"], r["communes"]) for r in rows} == {
        ("perimetre", "Secteur nord", "4")
    }
    mailed = open_page(page.url)
    expect(mailed.get_by_test_id("stMain")).to_contain_text("Secteur nord", timeout=PATIENCE_MS)
    words = main.locator("table").first.text_content() or ""
    expect(mailed.locator("table").first).to_have_text(words, timeout=PATIENCE_MS)


def _map(page: Page) -> Frame:
    page.frame_locator("iframe[title*=folium]").locator("[data-shown]").wait_for(
        timeout=PATIENCE_MS
    )
    frame = next(frame for frame in page.frames if "streamlit_folium" in frame.url)
    frame.wait_for_function("map.getContainer().dataset.shown")
    return frame


def _click(page: Page, frame: Frame, code: str) -> None:
    frame.frame_element().scroll_into_view_if_needed()
    box = frame.frame_element().bounding_box()
    assert box is not None
    x, y = frame.evaluate(CENTRE, code)
    page.mouse.click(box["x"] + x, box["y"] + y)


def _at(page: Page, codes: list[str]) -> None:
    """Wait until the address names these communes."""
    page.wait_for_function(
        "codes => new URLSearchParams(location.search).get('communes') === codes",
        arg=",".join(codes),
        timeout=PATIENCE_MS,
    )
