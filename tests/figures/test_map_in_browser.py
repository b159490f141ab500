"""The interactive map in a real browser, served under a base path as the app serves it."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from diagnostics.figures import maps, scale
from diagnostics.geometry import department_outline
from pages.ui import static_files
from tests.figures.conftest import HOSTILE

pytestmark = pytest.mark.browser
BREAKS = (5.0,)
FILL_OF = """code => { let fill; map.eachLayer(layer => {
    if (layer.feature?.properties.code === code && layer.toGeoJSON().properties?.click)
        fill = layer.getElement().getAttribute("fill"); }); return fill; }"""
CENTRE_OF = """code => { let at; map.eachLayer(layer => {
    if (layer.feature?.properties.code === code)
        at = map.latLngToContainerPoint(layer.getBounds().getCenter()); });
    return [at.x, at.y]; }"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def site(tmp_path):
    """Serve a folder on a free port; return (folder, base address)."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield tmp_path, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(params=[(1440, 900), (390, 844)], ids=["1440", "390"])
def opened(request, site, chromium, outlines, rows, towns):
    """Open the map of the invented département; return the page and what it asked and said."""
    folder, address = site
    static = folder / "base" / "app" / "static"
    static_files.copy_leaflet(static)
    outline = department_outline(outlines, "99").assign(label="99")
    base = maps.folium_map(outline, static_files.write_contours(outline, "contour", static), towns)
    contours = static_files.write_contours(outlines, "communes", static)
    maps.areas_layer(contours, rows, BREAKS, selected="99002").add_to(base)
    frame = folder / "base" / "component" / "carte"
    frame.mkdir(parents=True)
    (frame / "index.html").write_text(base.get_root().render(), encoding="utf-8")

    width, height = request.param
    context = chromium.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.requests, page.complaints = [], []
    page.on("request", lambda asked: page.requests.append(asked.url))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("dialog", lambda dialog: (page.complaints.append(dialog.message), dialog.dismiss()))
    page.goto(f"{address}/base/component/carte/index.html")
    page.locator("[data-shown]").wait_for()
    page.evaluate(f"window.map = {base.get_name()}")
    yield page
    context.close()
    assert page.complaints == []
    assert [url for url in page.requests if not url.startswith((address, "data:"))] == []


def test_every_area_has_its_colour_or_pattern(opened, rows):
    for code, key in scale.drawings(rows, BREAKS).items():
        assert opened.evaluate(FILL_OF, code) == scale.fills()[key]
    for key in scale.PATTERNS:
        assert opened.locator(f"svg pattern#{key}").count() == 1


def test_hovering_says_the_figure_as_text(opened):
    opened.mouse.move(*opened.evaluate(CENTRE_OF, "99005"))
    assert opened.locator(".map-tooltip strong").text_content() == HOSTILE
    opened.mouse.move(*opened.evaluate(CENTRE_OF, "99000"))
    assert opened.locator(".map-tooltip span").inner_text() == "1,0\n<b>publié</b>"


def test_a_click_outlines_the_area_and_gives_its_code_each_time_as_news(opened):
    opened.evaluate(
        "window.told = []; map.eachLayer(group => group.on('click', event => {"
        " if (event.layer) told.push(event.layer.toGeoJSON().properties); }))"
    )
    outlined = opened.locator(".leaflet-lines-pane path")
    before = outlined.nth(outlined.count() - 1).get_attribute("d")
    for _ in range(2):
        opened.mouse.click(*opened.evaluate(CENTRE_OF, "99003"))
    told = opened.evaluate("told")
    assert {one["code"] for one in told} == {"99003"}
    assert len({one["click"] for one in told}) == len(told) >= 2
    assert before not in [path.get_attribute("d") for path in outlined.all()]


def test_a_new_year_recolours_without_fetching_again(opened):
    asked = len(opened.requests)
    url = opened.locator("[data-shown]").get_attribute("data-shown")
    opened.evaluate(
        "url => map.diagnostic.show({url, drawings: {99000: 'classe-5'}, texts: {}})",
        url,
    )
    assert opened.evaluate(FILL_OF, "99000") == scale.CLASS_COLOURS[4]
    assert opened.evaluate(FILL_OF, "99001") == "url(#absent)"
    assert len(opened.requests) == asked


def test_outlines_that_cannot_be_read_are_said_in_french(opened):
    opened.evaluate(
        "map.diagnostic.show({url: 'nulle-part.json', drawings: {}, texts: {}, selected: null})"
    )
    opened.get_by_text("rechargez la page").wait_for()


def test_names_never_cover_one_another_and_stay_inside(opened):
    shown = opened.locator(".map-town:visible")
    boxes = [name.bounding_box() for name in shown.all()]
    assert "Alba" in shown.all_inner_texts()
    assert len(boxes) >= 2
    for i, a in enumerate(boxes):
        assert a["x"] >= 0
        assert a["x"] + a["width"] <= opened.viewport_size["width"]
        for b in boxes[i + 1 :]:
            apart = a["x"] + a["width"] < b["x"] or b["x"] + b["width"] < a["x"]
            assert apart or a["y"] + a["height"] < b["y"] or b["y"] + b["height"] < a["y"]


def test_the_whole_departement_is_in_view(opened):
    assert opened.evaluate(
        "Array.from(document.querySelectorAll('.leaflet-lines-pane path')).every(path => {"
        " const box = path.getBoundingClientRect();"
        " const all = map.getContainer().getBoundingClientRect();"
        " return box.left >= all.left && box.right <= all.right && box.top >= all.top"
        " && box.bottom <= all.bottom; })"
    )
    opened.set_viewport_size({"width": 700, "height": 500})
    opened.wait_for_function("map.getSize().x <= 700")
    assert opened.evaluate("map.getBounds().contains([[48, 2], [48.2, 2.3]])")
