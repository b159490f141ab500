"""The slides on a projector: turned by the keyboard, whole in 1280 × 720, without network."""

import re
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from diagnostics.report import report
from diagnostics.report.deck import deck
from diagnostics.store import open_store
from pages.ui import slide_fit
from tests.browser.conftest import PATIENCE_MS, PHONE, Opener, capture, settle

PROJECTOR = (slide_fit.WIDTH, slide_fit.HEIGHT)
ROOMS = [PROJECTOR, (1024, 768), (1920, 1080), (3840, 2160)]
COUNTER = "[data-do=list]"
PANEL = ".panel"
MAP = ".show .on iframe"
# What is not whole on the screen, or is too small for a room: lengths are those of a page of 1280.
BROKEN = """(show) => {
    const slide = show.querySelector("section.on");
    const stage = show.querySelector(".stage").getBoundingClientRect();
    const pixel = Math.min(stage.width / 1280, stage.height / 664);
    const read = "h1, p, li, th, td, img, iframe, svg, .key, .name, .value, .last, .axis i";
    const found = [];
    for (const e of slide.querySelectorAll(read)) {
        const box = e.getBoundingClientRect();
        if (!e.checkVisibility() || !box.width) continue;
        const out = box.right > stage.right + 1 || box.bottom > stage.bottom + 1
            || box.left < stage.left - 1 || box.top < stage.top - 1;
        if (out) found.push(`out: ${e.outerHTML.slice(0, 120)}`);
    }
    for (const e of slide.querySelectorAll(".body, .words, .map, .table")) {
        const cut = e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1;
        if (cut) found.push(`cut: ${e.outerHTML.slice(0, 120)}`);
    }
    const least = [["h1", 34], [".message", 22], ["th, td, li, .name, .value, .verdict", 20],
        [".legend span, .grid b, .axis i", 17.5]];
    for (const [selector, size] of least)
        for (const e of slide.querySelectorAll(selector))
            if (parseFloat(getComputedStyle(e).fontSize) / pixel < size - 0.1)
                found.push(`small: ${getComputedStyle(e).fontSize} ${e.outerHTML.slice(0, 120)}`);
    return found;
}"""
ENGLISH = re.compile(r"\b(Loading|[Ee]rror|Press|Download|Zoom|Close|Previous|Next|Running)\b")


@pytest.fixture
def address(simulated_store: Path) -> str:
    groups = open_store(simulated_store).table("00", "groups")
    code = groups.loc[groups["type"] == "cispd", "code"].iloc[0]
    return f"presentation?niveau=cispd&zone={code}"


@pytest.mark.browser
@pytest.mark.parametrize("kind", ["cispd", "commune"])
def test_every_slide_fits_the_rooms(open_page: Opener, simulated_store: Path, kind: str) -> None:
    long = open_store(simulated_store).table("00", "long")
    groups = open_store(simulated_store).table("00", "groups")
    if kind == "commune":
        names = long.loc[long["niveau"] == "commune"].drop_duplicates("code")
        code = names.loc[names["libelle"].str.len().idxmax(), "code"]
    else:
        code = groups.loc[groups["type"] == kind, "code"].iloc[-1]
    page = open_page(f"presentation?niveau={kind}&zone={code}", PROJECTOR)
    broken = {}
    for size in ROOMS:
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.keyboard.press("Home")
        last = page.locator(".show section").count()
        assert last > 10
        for view in range(1, last + 1):
            _drawn(page)
            if size == PROJECTOR:
                capture(page, f"presentation-{kind}-{view:02d}")
            if found := page.locator(".show").evaluate(BROKEN):
                broken[size, view] = found
            page.keyboard.press("ArrowRight")
    assert not ENGLISH.search(page.locator(".show").inner_text())
    assert broken == {}


@pytest.mark.browser
def test_the_keys_of_a_remote_control(open_page: Opener, address: str) -> None:
    page = open_page(address, PROJECTOR)
    last = _last(page)
    for key, at in [
        ("PageDown", 2),
        ("ArrowRight", 3),
        ("PageUp", 2),
        ("Space", 3),
        ("Shift+Space", 2),
        ("End", last),
        ("ArrowRight", last),
        ("Home", 1),
        ("ArrowLeft", 1),
        ("4", 1),
        ("Enter", 4),
        ("9", 4),
        ("9", 4),
        ("Enter", last),
        (".", last),
        ("Home", last),
        ("Home", 1),
    ]:
        page.keyboard.press(key)
        assert _number(page) == at, key


@pytest.mark.browser
def test_a_key_shows_its_slide_at_once_and_asks_nothing_of_the_server(
    open_page: Opener, address: str
) -> None:
    page = open_page("comite", PROJECTOR)
    sent: list[str | bytes] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    page.goto(page.url.replace("comite", address))
    settle(page)
    opened = len(sent)
    assert opened
    titles = page.evaluate(
        """() => [1, 2, 3, 4].map(() => {
            dispatchEvent(new KeyboardEvent("keydown", { key: "PageDown" }));
            return location.search.match(/diapo=([\\d.]+)/)[1];
        })"""
    )
    assert len(set(titles)) == 4
    assert page.locator("h1").count() == 1
    assert page.locator(".show section.on").count() == 1
    page.get_by_role("button", name="Suivante").click()
    page.keyboard.press("n")
    settle(page)
    assert len(sent) == opened


@pytest.mark.browser
def test_a_server_that_is_lost_leaves_the_slides(open_page: Opener, address: str) -> None:
    page = open_page("comite", PROJECTOR)
    held: list[WebSocketRoute] = []
    lost = False

    def between(socket: WebSocketRoute) -> None:
        held.append(socket)
        if not lost:
            socket.connect_to_server()

    page.route_web_socket(re.compile("_stcore/stream"), between)
    page.goto(page.url.replace("comite", address))
    settle(page)
    page.frame_locator(".show iframe").locator("path").first.wait_for(state="attached")
    lost = True
    page.route(re.compile("_stcore"), lambda route: route.abort())
    held[-1].close()
    page.locator('[data-testid="stDialog"]').wait_for(state="attached", timeout=PATIENCE_MS)
    page.keyboard.press("PageDown")
    # By its place: Playwright takes all that is under an inert element for inert, a dialog too.
    box = page.locator("[data-do=next]").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 5, box["y"] + 5)
    assert _number(page) == 3
    expect(page.locator("h1")).to_be_visible()
    assert not ENGLISH.search(page.locator("body").inner_text())


@pytest.mark.browser
def test_the_address_is_the_slide(open_page: Opener, address: str) -> None:
    page = open_page(f"{address}&diapo=3", PROJECTOR)
    assert _number(page) == 3
    page.keyboard.press("ArrowRight")
    assert parse_qs(urlsplit(page.url).query)["diapo"] == ["4"]
    title = page.locator("h1").inner_text()
    page.reload()
    settle(page)
    assert _number(page) == 4
    expect(page.locator("h1")).to_have_text(title)


@pytest.mark.browser
def test_the_map_is_live_and_leaves_the_keyboard_to_the_slides(
    open_page: Opener, address: str
) -> None:
    page = open_page(f"{address}&diapos=carte,sources", PROJECTOR)
    frame = page.frame_locator(MAP)
    area = frame.locator("path.leaflet-interactive").first
    area.wait_for(state="attached")
    before = area.get_attribute("d")
    box = page.locator(MAP).bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    expect(frame.locator(".map-tooltip strong")).to_have_text(re.compile(r"\w"))
    frame.get_by_role("button", name="Agrandir").click()
    expect(area).not_to_have_attribute("d", before or "")
    page.mouse.click(*middle)
    page.keyboard.press("ArrowRight")
    expect(page.locator("h1")).to_have_text(re.compile("Sources"))


@pytest.mark.browser
def test_notes_list_and_help_stand_beside_the_slide(open_page: Opener, address: str) -> None:
    page = open_page(f"{address}&diapo=5", PROJECTOR)
    expect(page.locator(PANEL)).to_be_hidden()
    for key, name in [
        ("n", "Notes de l’orateur"),
        ("?", "Touches du clavier"),
        ("l", "Diapositives"),
    ]:
        page.keyboard.press(key)
        expect(page.get_by_role("heading", name=name)).to_be_visible()
        panel, stage = (page.locator(s).bounding_box() for s in (PANEL, ".stage"))
        assert panel is not None
        assert stage is not None
        assert stage["x"] + stage["width"] <= panel["x"]
        _drawn(page)
        assert [
            each for each in page.locator(".show").evaluate(BROKEN) if not each.startswith("small")
        ] == []
    page.locator(".list button").nth(2).click()
    expect(page.locator(PANEL)).to_be_hidden()
    assert _number(page) == 3
    page.keyboard.press("ArrowLeft")
    assert _number(page) == 2


@pytest.mark.browser
def test_escape_leaves_to_the_committee_with_the_same_choices(
    open_page: Opener, address: str
) -> None:
    page = open_page(f"{address}&public=interne", PROJECTOR)
    menu = page.get_by_role("link", name="Méthode")
    # Under the slides, out of reach of a mouse and of the keyboard.
    box = menu.bounding_box()
    assert box is not None
    under = "([x, y]) => document.elementFromPoint(x, y).shadowRoot !== null"
    assert page.evaluate(under, [box["x"] + 10, box["y"] + 10])
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate("() => document.activeElement.closest('a') === null")
    page.keyboard.press("f")
    page.wait_for_function("() => document.fullscreenElement !== null")
    page.keyboard.press("Escape")
    page.wait_for_function("() => document.fullscreenElement === null")
    page.keyboard.press("n")
    page.keyboard.press("Escape")
    expect(page.locator(PANEL)).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("h1")).to_have_text("Comité de pilotage", timeout=PATIENCE_MS)
    settle(page)
    menu.click(trial=True)
    kept = parse_qs(urlsplit(page.url).query)
    assert kept["zone"] == parse_qs(urlsplit(address).query)["zone"]
    assert kept["public"] == ["interne"]
    # Its keys are the page's own again.
    page.keyboard.press("PageDown")
    expect(page.locator("h1")).to_have_text("Comité de pilotage")


@pytest.mark.browser
def test_figures_are_those_of_the_report(
    open_page: Opener, address: str, simulated_store: Path
) -> None:
    code = parse_qs(urlsplit(address).query)["zone"][0]
    made = report(open_store(simulated_store), "00", "territoire", code)
    (slide,) = deck(made, slides=["programme-2-profil"], produced=date.today()).slides
    assert slide.table is not None
    page = open_page(f"{address}&diapos=programme-2-profil", PROJECTOR)
    cells = page.locator(".show td").all_inner_texts()
    wanted = [cell for row in slide.table.rows for cell in row]
    assert [" ".join(cell.split()) for cell in cells] == [" ".join(cell.split()) for cell in wanted]


@pytest.mark.browser
def test_a_phone_reads_the_slides_down_one_column(open_page: Opener, address: str) -> None:
    page = open_page(address, PHONE)
    for view in range(1, page.locator(".show section").count() + 1):
        capture(page, f"presentation-phone-{view:02d}")
        wide = page.locator(".show :is(.stage, section.on, footer, nav)").evaluate_all(
            "boxes => boxes.filter((box) => box.scrollWidth > innerWidth).length"
        )
        assert wide == 0, view
        page.get_by_role("button", name="Suivante").click(force=True)
    small = page.locator(".show :is(td, li, .message)").evaluate_all(
        "all => all.filter((e) => parseFloat(getComputedStyle(e).fontSize) < 16).length"
    )
    assert small == 0


def _number(page: Page) -> int:
    found = re.match(r"\d+", page.locator(COUNTER).inner_text())
    assert found
    return int(found[0])


def _last(page: Page) -> int:
    found = re.search(r"/ (\d+)", page.locator(COUNTER).inner_text())
    assert found
    return int(found[1])


def _drawn(page: Page) -> None:
    """Wait until the browser has laid the slide out: it follows the window a frame later."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
