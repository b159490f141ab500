"""Fixtures shared by all tests."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def mirror() -> Path:
    """Return the folder of real published files (DIAGNOSTIC_MIRROR), or skip with the reason."""
    folder = Path(os.environ.get("DIAGNOSTIC_MIRROR", ROOT.parent / "shared" / "mirror"))
    if not folder.is_dir():
        pytest.skip("pas de miroir de fichiers publiés : définir DIAGNOSTIC_MIRROR")
    return folder
