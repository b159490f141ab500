"""LibreOffice, for files that are opened and measured."""

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

Convert = Callable[[Sequence[Path]], list[Path]]


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Convert:
    """Return what turns documents into PDF, or skip with the reason (fail where it is required)."""
    missing = [name for name in ("soffice", "pdftotext") if shutil.which(name) is None]
    if missing:
        reason = f"pas de {', '.join(missing)} sur cette machine : installer libreoffice-impress"
        reason += " et poppler-utils"
        if os.environ.get("DIAGNOSTIC_OFFICE_REQUIRED"):
            pytest.fail(reason)
        pytest.skip(reason)
    profile = tmp_path_factory.mktemp("profil")

    def convert(documents: Sequence[Path]) -> list[Path]:
        folder = tmp_path_factory.mktemp("pdf")
        subprocess.run(
            [
                "soffice",
                f"-env:UserInstallation={profile.as_uri()}",
                "--headless",
                "--convert-to",
                "pdf",
                "--outdir",
                folder,
                *documents,
            ],
            check=True,
            capture_output=True,
            timeout=240,
        )
        return [folder / f"{document.stem}.pdf" for document in documents]

    return convert
