"""The app on the simulated département, built once for all the tests of the pages."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from diagnostics.build import build
from diagnostics.simulate import simulate
from tests.conftest import ROOT

Opener = Callable[..., AppTest]


@pytest.fixture(scope="session")
def simulated_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    simulate(folder / "simulation")
    build("00", mirror=folder / "simulation", store_folder=folder / "store", raw=folder / "raw")
    return folder / "store"


@pytest.fixture
def open_page(simulated_store: Path, monkeypatch: pytest.MonkeyPatch) -> Opener:
    """Return a function that opens a page of the app with parameters in its address."""
    monkeypatch.setenv("DIAGNOSTIC_STORE", str(simulated_store))

    def opened(page: str, **parameters: str) -> AppTest:
        test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        test.run()
        test.switch_page(f"pages/{page}.py")
        for name, value in parameters.items():
            test.query_params[name] = value
        return test.run()

    return opened
