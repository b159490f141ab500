"""A second strategy is a second file: its words, its programmes and its period are those shown."""

import shutil
from pathlib import Path

import pytest

from diagnostics import catalogue
from diagnostics.report.deck import slide_titles
from pages.ui.keys import Param, Widget
from tests.pages.conftest import Opener
from tests.pages.test_comparer import table_after

OTHER = "autre-2025-2030"
WRITTEN = """
title = "Stratégie de l’autre département 2025-2030"
short_title = "Autre stratégie"
departement = "00"
base_years = [2018, 2019]
review_years = [2024, 2025]
mapping_note = "Rattachement proposé par l’autre préfecture."

[[programmes]]
number = 1
short_title = "Le logement d’abord"
title = "Protéger les logements et leurs habitants"

[[programmes.indicators]]
id = "cambriolages"
rank = "primary"
reason = "Ce que l’on vole chez les gens."

[[programmes]]
number = 2
short_title = "Rien encore"
title = "Un programme sans indicateur"
indicators = []
"""


@pytest.fixture(autouse=True)
def two_strategies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(shutil.copytree(catalogue.FOLDER, tmp_path / "catalogue"))
    (folder / "strategies" / f"{OTHER}.toml").write_text(WRITTEN, encoding="utf-8")
    monkeypatch.setattr(catalogue, "FOLDER", folder)


def test_the_strategy_is_chosen_and_said(open_page: Opener) -> None:
    page = open_page("programme_tranquillite")
    assert page.selectbox(Param.STRATEGIE).value == catalogue.DEFAULT_STRATEGY
    page.selectbox(Param.STRATEGIE).set_value(OTHER).run()
    assert not page.exception
    assert page.title[0].value == "1. Le logement d’abord"
    assert "Protéger les logements et leurs habitants" in page.markdown[0].value
    said = " ".join(caption.value for caption in page.caption)
    assert "Stratégie de l’autre département 2025-2030" in said
    assert "Rattachement proposé par l’autre préfecture." in said
    assert [row[0] for row in table_after(page, "Indicateur")] == ["Cambriolages de logement"]


@pytest.mark.parametrize("page", ["programme_publics", "programme_territoires"])
def test_a_programme_that_is_empty_or_absent_says_so(open_page: Opener, page: str) -> None:
    opened = open_page(page, strategie=OTHER)
    assert not opened.exception
    words = " ".join(box.value for box in opened.info)
    assert ("Aucun indicateur" in words) == (page == "programme_publics")
    assert ("n’a pas de programme 3" in words) == (page == "programme_territoires")


@pytest.mark.parametrize("page", ["fiche", "comite", "presentation"])
def test_the_other_pages_follow(open_page: Opener, page: str) -> None:
    opened = open_page(page, strategie=OTHER, niveau="cispd")
    assert not opened.exception
    if page == "comite":
        kept = [box.label for box in opened.checkbox if box.value and box.label[0].isdigit()]
        assert len(kept) == len(slide_titles([1, 2]))
        assert any(f"{Widget.SLIDES}" in str(box.key) for box in opened.checkbox)
