"""The app on the simulated département, built once for all the tests of the pages."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT

Opener = Callable[..., AppTest]


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
