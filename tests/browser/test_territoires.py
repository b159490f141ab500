"""A stranger's way through the list: a new council, communes moved on the map, undone, exported."""

import csv
import io
import re
import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from pages.ui.councils_access import SWITCH
from tests.browser.conftest import PATIENCE_MS, PHONE, WIDE, _served, capture, settle

MAP = "iframe[title^='streamlit_folium']"
SERVICE = "Préfecture"
AREAS = "path.leaflet-interactive"


@pytest.fixture
def list_url(
    simulated_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """Return the address of the app on a store and a list of this test alone."""
    monkeypatch.delenv(SWITCH, raising=False)
    shutil.copytree(simulated_store, tmp_path / "store")
    with _served(tmp_path / "store", tmp_path / "log.txt") as url:
        yield url


@pytest.fixture(params=[WIDE, PHONE], ids=["wide", "phone"])
def page(request: pytest.FixtureRequest, chromium: Browser, list_url: str) -> Iterator[Page]:
    """Return the list, opened from the machine itself, on a large screen and on a phone."""
    width, height = request.param
    context = chromium.new_context(
        viewport={"width": width, "height": height}, accept_downloads=True, locale="fr-FR"
    )
    opened = context.new_page()
    opened.goto(f"{list_url}/territoires")
    settle(opened)
    yield opened
    context.close()


@pytest.mark.browser
def test_a_council_is_made_changed_on_the_map_undone_and_exported(page: Page) -> None:
    press(page, "Nouveau conseil")
    expect(page.get_by_role("heading", name="Nouveau conseil")).to_be_visible(timeout=PATIENCE_MS)
    areas(page).first.wait_for(timeout=PATIENCE_MS)
    settle(page)
    page.get_by_role("combobox", name="Partir d’une intercommunalité").click()
    page.get_by_role("option").filter(has_text="Pelvanchel").click()
    name = page.get_by_role("textbox", name="Nom", exact=True)
    expect(name).to_have_value("CISPD Pays de Pelvanchel", timeout=PATIENCE_MS)
    page.get_by_role("textbox", name="Source").fill("Délibération du 3 mars 2026")
    page.get_by_role("textbox", name="Qui modifie").fill(SERVICE)
    press(page, "Créer ce conseil")
    expect(message(page, "Crée")).to_be_visible(timeout=PATIENCE_MS)
    before = members(page)

    click_on_two_communes(page)
    expect(message(page, "communes entrent")).to_be_visible(timeout=PATIENCE_MS)
    assert members(page) == before  # nothing is written before the button
    press(page, "Enregistrer ces communes")
    expect(message(page, "Enregistré")).to_be_visible(timeout=PATIENCE_MS)
    assert members(page) == before + 2
    capture(page, f"territoires-{page.viewport_size['width']}")  # type: ignore[index]

    press(page, "Annuler ce changement")
    expect(message(page, "Annulé")).to_be_visible(timeout=PATIENCE_MS)
    assert members(page) == before

    press(page, "Mettre les chiffres à jour")
    button = page.get_by_role("button", name="Mettre les chiffres à jour")
    expect(button).to_have_count(0, timeout=PATIENCE_MS)
    settle(page)
    page.get_by_role("link", name="Retour à la liste").click()
    page.get_by_role("button", name="Nouveau conseil").wait_for(timeout=PATIENCE_MS)
    settle(page)
    text = downloaded(page, "Exporter en CSV")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert sum(r["nom"] == "CISPD Pays de Pelvanchel" for r in rows) == before
    assert "CISPD Pays de Pelvanchel" in downloaded(page, "Page à imprimer")


@pytest.mark.browser
def test_an_import_shows_the_lines_that_it_refuses(page: Page, tmp_path: Path) -> None:
    rows = downloaded(page, "Exporter en CSV").splitlines()
    hostile = [
        "cispd-x;cispd;=cmd|' /C calc'!A0;00001;2026-01-01;;attesté;D",
        "cispd-y;cispd;<img src=x onerror=document.title='lu'>;99999;2026-01-01;;attesté;D",
    ]
    file = tmp_path / "liste.csv"
    file.write_text("\n".join([*rows, *hostile, ""]), encoding="utf-8")
    page.get_by_text("Importer", exact=True).click()
    page.locator("input[type=file]").set_input_files(file)
    expect(message(page, "2 lignes refusées")).to_be_visible(timeout=PATIENCE_MS)
    for line in (len(rows) + 1, len(rows) + 2):
        number = page.locator("td.number", has_text=re.compile(rf"^{line}$"))
        expect(number).to_have_count(1)
    assert page.title() != "lu"
    expect(page.get_by_role("button", name="Enregistrer")).to_have_count(0)


@pytest.mark.browser
def test_behind_a_proxy_of_this_machine_the_list_is_read_only(
    chromium: Browser, list_url: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        upstream = int(list_url.rsplit(":", 1)[1])
        threading.Thread(target=_forward, args=(listening, upstream), daemon=True).start()
        context = chromium.new_context()
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{port}/territoires")
        settle(page)
        expect(message(page, "Lecture seule")).to_be_visible(timeout=PATIENCE_MS)
        expect(page.get_by_role("button", name="Nouveau conseil")).to_have_count(0)
        expect(page.get_by_role("button", name="Exporter en CSV")).to_be_visible()
        context.close()


def _forward(listening: socket.socket, upstream: int) -> None:
    """Pass connections on, as a proxy that says for whom it asks."""
    while True:
        try:
            client, _ = listening.accept()
        except OSError:
            return  # the test is over
        server = socket.create_connection(("127.0.0.1", upstream))
        head, rest = client.recv(65536).split(b"\r\n", 1)
        server.sendall(head + b"\r\nX-Forwarded-For: 203.0.113.7\r\n" + rest)
        for source, target in ((client, server), (server, client)):
            threading.Thread(target=_pump, args=(source, target), daemon=True).start()


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return  # the other side has gone


def press(page: Page, label: str) -> None:
    page.get_by_role("button", name=label).click()
    page.wait_for_timeout(300)  # until the page has heard of it
    settle(page)


def message(page: Page, text: str) -> Locator:
    return page.get_by_test_id("stAlert").filter(has_text=text)


def members(page: Page) -> int:
    """Return how many communes the council has, from the line under its name."""
    line = page.get_by_test_id("stMain").get_by_text("communes ·").first
    expect(line).to_be_visible(timeout=PATIENCE_MS)
    return int(line.inner_text().split(" communes")[0].split()[-1])


def areas(page: Page) -> Locator:
    return page.frame_locator(MAP).locator(AREAS)


def click_on_two_communes(page: Page) -> None:
    """Click on two communes that are in no council of this type: white, well inside the frame."""
    areas(page).first.wait_for(timeout=PATIENCE_MS)
    settle(page)
    page.locator(MAP).scroll_into_view_if_needed()
    frame = page.locator(MAP).bounding_box()
    assert frame is not None
    # All at once: an area drawn again meanwhile is no error.
    middles = areas(page).evaluate_all(
        """paths => paths.filter(p => p.getAttribute("fill") === "#ffffff").map(p => {
            const box = p.getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2];
        })"""
    )
    inside = [
        (x, y) for x, y in middles if 80 < x < frame["width"] - 40 and 40 < y < frame["height"] - 40
    ]
    assert len(inside) >= 2
    for x, y in inside[:2]:
        page.mouse.click(frame["x"] + x, frame["y"] + y)


def downloaded(page: Page, label: str) -> str:
    with page.expect_download() as download:
        page.get_by_role("button", name=label).click()
    return download.value.path().read_text(encoding="utf-8-sig")
