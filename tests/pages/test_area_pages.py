"""Pages that read one area: sheet, programmes, panel of the map, free perimeter."""

from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from diagnostics import catalogue
from diagnostics.store import open_store
from diagnostics.wording import number
from pages.ui.keys import Param, Widget
from tests.pages.conftest import Opener


@pytest.fixture(scope="module")
def long(simulated_store: Path) -> pd.DataFrame:
    return open_store(simulated_store).table("00", "long")


def _words(page: AppTest) -> str:
    """Return every text of a page: markdown, captions and tables."""
    texts = [element.value for element in [*page.markdown, *page.caption, *page.subheader]]
    return " ".join(texts + [str(block.proto.body) for block in page.get("html")])


def _hidden_commune(long: pd.DataFrame) -> str:
    """Return the commune with the most hidden cells."""
    communes = long[(long["niveau"] == "commune") & (long["statut"] == "non_diffuse")]
    return str(communes["code"].value_counts().index[0])


@pytest.mark.parametrize("page", ["programme_tranquillite", "programme_publics"])
def test_a_programme_shows_its_own_indicators(open_page: Opener, page: str) -> None:
    opened = open_page(page)
    number_of = {"programme_tranquillite": 1, "programme_publics": 2}[page]
    words = _words(opened)
    programme = catalogue.strategy().programmes[number_of - 1]
    for attribution in programme.indicators:
        assert catalogue.indicators()[attribution.id].label in words
    assert programme.title in words


def test_the_sheet_of_a_hidden_commune_is_worth_opening(
    open_page: Opener, long: pd.DataFrame
) -> None:
    code = _hidden_commune(long)
    opened = open_page("fiche", niveau="commune", zone=code)
    assert not opened.exception
    words = _words(opened)
    assert "non publié" in words
    assert "Les données diffusées sont limitées aux communes" in words
    assert "Situation légale" in words
    assert "Autour de la commune" in words


def test_the_sheet_shows_the_figures_of_the_table(open_page: Opener, long: pd.DataFrame) -> None:
    rows = long[(long["niveau"] == "epci") & (long["faits_estimes"].notna())]
    row = rows[rows["annee"] == 2024].iloc[0]
    opened = open_page("fiche", niveau="epci", zone=row["code"], annee="2024")
    assert number(row["faits_estimes"]) in _words(opened)


def test_a_hidden_figure_never_becomes_a_number_in_the_panel(
    open_page: Opener, long: pd.DataFrame
) -> None:
    code = _hidden_commune(long)
    rows = long[(long["code"] == code) & (long["statut"] == "non_diffuse")]
    hidden = rows.iloc[-1]
    opened = open_page(
        "carte",
        niveau="commune",
        zone=code,
        indicateur=hidden["indicateur"],
        annee=str(hidden["annee"]),
    )
    assert "n’est pas publié" in _words(opened)


def test_a_perimeter_has_an_address(open_page: Opener, long: pd.DataFrame) -> None:
    codes = sorted(long.loc[long["niveau"] == "commune", "code"].unique())[:12]
    opened = open_page("fiche", communes=",".join(codes))
    assert not opened.exception
    assert not opened.error
    assert "12 communes" in _words(opened)


def test_an_unknown_pasted_code_is_refused_in_one_sentence(open_page: Opener) -> None:
    opened = open_page("fiche")
    opened.text_area(Widget.PERIMETER_CODES).set_value("99999 <script>").run()
    opened.button(Widget.PERIMETER_APPLY).click().run()
    assert "99999" in opened.error[0].value
    assert Param.COMMUNES not in opened.query_params
