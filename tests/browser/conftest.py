"""The app served on loopback, and a browser that may talk to nobody else."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.conftest import ROOT

WIDE, PHONE = (1440, 900), (390, 844)
CAPTURES = Path(__file__).parent / "captures"
# Long enough for a machine that does much else at the same time.
START_SECONDS, PATIENCE_MS = 120, 120_000
IDLE = '[data-test-script-state="notRunning"][data-test-connection-state="CONNECTED"]'
EXCEPTION = '[data-testid="stException"]'
Opener = Callable[..., Page]


@pytest.fixture(scope="session")
def app_url(simulated_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of the app on the simulated département."""
    with _served(simulated_store, tmp_path_factory.mktemp("app") / "log.txt") as url:
        yield url


@pytest.fixture
def first_start_url(tmp_path: Path) -> Iterator[str]:
    """Return the address of an app that has no data yet."""
    with _served(tmp_path / "store", tmp_path / "log.txt") as url:
        yield url


@pytest.fixture
def open_page(chromium: Browser, app_url: str) -> Iterator[Opener]:
    """Return a function that opens a page of the app, or a whole address, once it is shown.

    The test fails if a page asked anything of another machine, or showed an exception.
    """
    contexts: list[BrowserContext] = []
    asked: list[str] = []

    def opened(path: str = "", size: tuple[int, int] = WIDE) -> Page:
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]}, accept_downloads=True, locale="fr-FR"
        )
        contexts.append(context)
        context.on("request", lambda request: asked.append(request.url))
        page = context.new_page()
        page.on("websocket", lambda socket: asked.append(socket.url))
        page.goto(urljoin(f"{app_url}/", path))
        settle(page)
        return page

    yield opened
    broken = [
        page.url
        for context in contexts
        for page in context.pages
        if page.locator(EXCEPTION).count()
    ]
    for context in contexts:
        context.close()
    assert broken == []
    assert [url for url in asked if _leaves_the_machine(url)] == []


def settle(page: Page) -> None:
    """Wait until the title is there and Streamlit has stopped running; fail on an exception."""
    exception = page.locator(EXCEPTION).first
    page.locator("h1").first.or_(exception).first.wait_for(timeout=PATIENCE_MS)
    page.locator(IDLE).wait_for(timeout=PATIENCE_MS)
    assert not exception.is_visible(), exception.inner_text()


def capture(page: Page, name: str) -> Path:
    """Keep a picture of the page, for eyes."""
    CAPTURES.mkdir(exist_ok=True)
    path = CAPTURES / f"{name}.png"
    page.screenshot(path=path)
    return path


@contextmanager
def _served(store: Path, log: Path) -> Iterator[str]:
    """Serve the app on a free port of 127.0.0.1."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true"]
    address = ["--server.address=127.0.0.1", f"--server.port={port}"]
    environment = os.environ | {"DIAGNOSTIC_STORE": str(store)}
    with log.open("wb") as output:
        server = subprocess.Popen(
            [*command, *address], cwd=ROOT, env=environment, stdout=output, stderr=output
        )
        try:
            _wait_until_healthy(port, server, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=20)


def _leaves_the_machine(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:"))


def _wait_until_healthy(port: int, server: "subprocess.Popen[bytes]", log: Path) -> None:
    # http.client: no proxy of the environment may come between.
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert server.poll() is None, f"the app ended at its start:\n{log.read_text()}"
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/_stcore/health")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except OSError:
            time.sleep(0.2)  # not listening yet
        finally:
            connection.close()
    raise AssertionError(f"the app did not start in time:\n{log.read_text()}")
