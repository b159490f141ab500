"""Fixtures shared by all tests."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright

from diagnostics.build import build
from diagnostics.report import Tables, load
from diagnostics.simulate import simulate
from diagnostics.store import Store, open_store

# A slow machine is not a wrong figure.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

ROOT = Path(__file__).parent.parent
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing but loopback has a name: no request can leave, even one that a test forgot to watch.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@pytest.fixture(scope="session")
def mirror() -> Path:
    """Return the folder of real published files (DIAGNOSTIC_MIRROR), or skip with the reason."""
    folder = Path(os.environ.get("DIAGNOSTIC_MIRROR", ROOT.parent / "shared" / "mirror"))
    if not folder.is_dir():
        pytest.skip("pas de miroir de fichiers publiés : définir DIAGNOSTIC_MIRROR")
    return folder


@pytest.fixture(scope="session")
def simulated_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store that holds the simulated département, built once."""
    folder = tmp_path_factory.mktemp("simulated")
    simulate(folder / "simulation")
    build("00", mirror=folder / "simulation", store_folder=folder / "store", raw=folder / "raw")
    return folder / "store"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Return a headless Chromium, or skip with the reason (fail where it is required)."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        reason = "pas de Chromium sur cette machine : installer le paquet chromium"
        if os.environ.get("DIAGNOSTIC_BROWSER_REQUIRED"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def store(simulated_store: Path) -> Store:
    """Return the simulated département's store."""
    return open_store(simulated_store)


@pytest.fixture(scope="module")
def tables(store: Store) -> Tables:
    """Return what a report of the simulated département is made from."""
    return load(store, "00")
