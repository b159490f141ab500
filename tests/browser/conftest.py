"""The app served on loopback, and a browser that may talk to nobody else."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Page

from tests.conftest import ROOT

WIDE, PHONE = (1440, 900), (390, 844)
CAPTURES = Path(__file__).parent / "captures"
START_SECONDS = 60
Opener = Callable[..., Page]


@pytest.fixture(scope="session")
def app_url(simulated_store: Path) -> Iterator[str]:
    """Serve the app on a free port of 127.0.0.1 and return its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    options = [
        "--server.port",
        str(port),
        "--server.address",
        "127.0.0.1",
        "--server.headless=true",
    ]
    environment = os.environ | {"DIAGNOSTIC_STORE": str(simulated_store)}
    server = subprocess.Popen([*command, *options], cwd=ROOT, env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_healthy(url, server)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.fixture
def open_page(chromium: Browser, app_url: str) -> Iterator[Opener]:
    """Return a function that opens an address of the app and waits until it is shown.

    The test fails if the page asked anything of another machine, or showed an exception.
    """
    contexts, outside = [], []

    def opened(path: str = "", size: tuple[int, int] = WIDE) -> Page:
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]}, accept_downloads=True, locale="fr-FR"
        )
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda r: outside.append(r.url) if _is_outside(r.url) else None)
        page.goto(f"{app_url}/{path}")
        settle(page)
        return page

    yield opened
    for context in contexts:
        for page in context.pages:
            assert page.locator('[data-testid="stException"]').count() == 0
        context.close()
    assert outside == []


def settle(page: Page) -> None:
    """Wait until the title is there and Streamlit has stopped running."""
    page.locator("h1").first.wait_for(timeout=60_000)
    page.wait_for_function(
        "() => !document.querySelector('[data-testid=\"stStatusWidget\"]')", timeout=60_000
    )


def capture(page: Page, name: str) -> Path:
    """Keep a picture of the page, for eyes."""
    CAPTURES.mkdir(exist_ok=True)
    path = CAPTURES / f"{name}.png"
    page.screenshot(path=path)
    return path


def _is_outside(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:"))


def _wait_until_healthy(url: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert server.poll() is None, "the app ended at its start"
        try:
            if requests.get(f"{url}/_stcore/health", timeout=2).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.2)
    raise AssertionError("the app did not start in time")
