"""Downloads: choices in the address, small files at once, large ones with their progress."""

import json
from io import BytesIO
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from diagnostics.errors import Refused
from diagnostics.exports import csv
from diagnostics.store import open_store
from diagnostics.wording import count, number
from pages.ui.keys import Param, Widget
from pages.ui.preparation import LARGE, File, Preparation
from tests.pages.conftest import Opener

VIEW = f"{Widget.PREPARED}-vue"
WHOLE = f"{Widget.PREPARED}-tout"


@pytest.fixture(scope="module")
def long(simulated_store: Path) -> pd.DataFrame:
    return open_store(simulated_store).table("00", "long")


def prepared(page: AppTest, place: str = VIEW) -> list[Preparation]:
    """Return the files asked for, once they are made, with the page as it is then."""
    held: list[Preparation] = page.session_state[place]
    for each in held:
        assert each.thread is not None
        each.thread.join(60)
        assert not each.running
    page.run()
    return held


def labels(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def offered(page: AppTest) -> list[str]:
    return [button.proto.label for button in page.get("download_button")]


def test_the_filters_are_in_the_address(open_page: Opener, long: pd.DataFrame) -> None:
    code = long.loc[long["niveau"] == "epci", "code"].iloc[0]
    page = open_page(
        "telechargements", niveaux="epci,commune", codes=code, programmes="3", annees="2023,2024"
    )
    assert not page.exception and not page.warning
    programme = (long["programme"] == "3") | long["programmes_secondaires"].str.contains("3")
    kept = long[(long["code"] == code) & long["annee"].isin([2023, 2024]) & programme]
    assert 0 < len(kept) < len(long)
    words = f"**{count(len(kept), 'ligne')}** sur {number(len(long))}"
    assert words in [each.value for each in page.markdown]
    page.multiselect(Param.ANNEES).set_value(["2024"]).run()
    assert page.query_params[Param.ANNEES] in ("2024", ["2024"])
    page.multiselect(Param.ANNEES).set_value([]).run()
    assert Param.ANNEES not in page.query_params


def test_what_the_address_names_and_the_table_lacks_is_said(open_page: Opener) -> None:
    page = open_page("telechargements", niveaux="planete", annees="1900,2024")
    said = [each.value for each in page.warning]
    assert len(said) == 2
    assert "planete" in said[0] and "niveaux" in said[0]
    assert "1900" in said[1] and "2024" not in said[1]
    assert page.multiselect(Param.ANNEES).value == ["2024"]


def test_a_small_file_is_given_at_once(open_page: Opener, long: pd.DataFrame) -> None:
    page = open_page("telechargements", annees="2024", niveaux="epci")
    assert {"CSV", "Classeur XLSX", "GeoJSON"} <= set(offered(page))
    assert VIEW not in page.session_state or not page.session_state[VIEW]


def test_a_large_workbook_is_prepared_then_given_and_kept(
    open_page: Opener, simulated_store: Path, long: pd.DataFrame
) -> None:
    assert len(long) > LARGE
    page = open_page("telechargements")
    assert "Classeur XLSX" not in offered(page)
    page.button(Widget.DOWNLOAD_XLSX).click().run()
    assert not page.exception
    (made,) = prepared(page)
    sheet = openpyxl.load_workbook(BytesIO(made.content or b""), read_only=True)["Données"]
    assert sheet.max_row == len(long) + 1
    where = open_store(simulated_store).departements()["00"]
    title = f"Classeur XLSX, {where}, toute la table, {count(len(long), 'ligne')}"
    assert any(each.startswith(title) for each in offered(page))
    # Another choice loses nothing.
    page.multiselect(Param.ANNEES).set_value(["2024"]).run()
    assert any(each.startswith(title) for each in offered(page))


def test_a_large_geojson_has_the_rows_of_the_table(open_page: Opener, long: pd.DataFrame) -> None:
    kept = long[long["annee"].isin([2020, 2021, 2022]) & (long["niveau"] == "commune")]
    assert len(kept) > LARGE
    page = open_page("telechargements", annees="2020,2021,2022", niveaux="commune")
    page.button(Widget.DOWNLOAD_GEOJSON).click().run()
    (made,) = prepared(page)
    assert made.file.name == "00-communes-2020-2021-2022.geojson"
    assert len(json.loads(made.content or b"")["features"]) == len(kept)


def test_the_whole_table_is_the_file_of_the_command(
    open_page: Opener, simulated_store: Path, tmp_path: Path
) -> None:
    page = open_page("telechargements")
    page.button(Widget.DOWNLOAD_ALL).click().run()
    (made,) = prepared(page, WHOLE)
    csv.write(open_store(simulated_store), tmp_path / "t.csv")
    assert made.content == (tmp_path / "t.csv").read_bytes()


def file_of(make: object) -> File:
    return File("CSV", "tout", 9, "t.csv", "text/csv", make)  # type: ignore[arg-type]


def run(file: File, *, stopped: bool = False) -> Preparation:
    made = Preparation(file, stopped=stopped)
    made.start()
    assert made.thread is not None
    made.thread.join(60)
    return made


def test_a_file_that_cannot_be_made_says_why() -> None:
    def refuse(told: object) -> bytes:
        raise Refused("Trop de lignes : en choisir moins.")

    def fail(told: object) -> bytes:
        raise KeyError("colonne")

    assert run(file_of(refuse)).failure == "Trop de lignes : en choisir moins."
    assert "erreur inattendue (KeyError)" in run(file_of(fail)).failure


def test_a_stopped_file_is_left_at_its_next_step() -> None:
    reached: list[float] = []

    def steps(told: object) -> bytes:
        for at in range(10):
            reached.append(at / 10)
            told("ligne", at / 10)  # type: ignore[operator]
        return b"all"

    stopped = run(file_of(steps), stopped=True)
    assert stopped.content is None and reached == [0.0]
    assert run(file_of(steps)).content == b"all"
