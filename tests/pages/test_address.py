"""The address: what is unambiguous is understood, what is not is said in one sentence."""

from pathlib import Path

import pandas as pd
import pytest

from diagnostics.store import open_store
from pages.ui.keys import Param
from tests.pages.conftest import Opener
from tests.pages.test_comparer import address

PAGES = ("carte", "fiche", "programme_publics", "comparer")


@pytest.fixture(scope="module")
def long(simulated_store: Path) -> pd.DataFrame:
    return open_store(simulated_store).table("00", "long")


@pytest.fixture(scope="module")
def kinds(simulated_store: Path) -> dict[str, str]:
    """Return the layer of each council."""
    groups = open_store(simulated_store).table("00", "groups")
    councils = groups[groups["niveau"] == "territoire"]
    return dict(zip(councils["code"], councils["type"], strict=True))


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("niveau", ["commune", "territoire", "epci", "arrondissement"])
def test_an_area_alone_says_its_level(
    open_page: Opener, long: pd.DataFrame, kinds: dict[str, str], page: str, niveau: str
) -> None:
    code = str(long.loc[long["niveau"] == niveau, "code"].iloc[-1])
    opened = open_page(page, zone=code)
    assert not opened.exception and not opened.warning
    assert opened.selectbox(Param.NIVEAU).value == kinds.get(code, niveau)
    if page == "comparer":
        assert opened.multiselect(Param.ZONES).value == [code]
    else:
        assert opened.selectbox(Param.ZONE).value == code


def test_areas_compared_say_their_level_and_keep_it_when_they_go(
    open_page: Opener, long: pd.DataFrame
) -> None:
    codes = list(long.loc[long["niveau"] == "epci", "code"].unique()[:2])
    opened = open_page("comparer", zones=",".join(codes))
    assert opened.selectbox(Param.NIVEAU).value == "epci"
    opened.multiselect(Param.ZONES).set_value([]).run()
    assert opened.selectbox(Param.NIVEAU).value == "epci"
    assert address(opened, Param.NIVEAU) == "epci"


@pytest.mark.parametrize("page", PAGES)
def test_an_unknown_area_is_said_in_one_sentence(open_page: Opener, page: str) -> None:
    opened = open_page(page, zone="99999")
    assert not opened.exception
    (said,) = [box.value for box in opened.warning]
    assert "L’adresse demande «\u202f99999\u202f»" in said and said.endswith(
        "un autre choix se fait ici."
    )


def test_each_unknown_value_is_said_and_the_default_is_named(open_page: Opener) -> None:
    opened = open_page(
        "comparer", niveau="planete", indicateur="x", annee="1900", reference="lune", force="armée"
    )
    assert not opened.exception
    said = [box.value for box in opened.warning]
    assert len(said) == 5
    for asked, shown in (
        ("planete", "«\u202fCommunes\u202f»"),
        ("lune", "«\u202fReste du département\u202f»"),
        ("armée", "«\u202fPolice et gendarmerie\u202f»"),
        ("1900", "2025"),
    ):
        (sentence,) = [each for each in said if asked in each]
        assert shown in sentence


def test_an_unknown_strategy_is_said_on_the_sheet(open_page: Opener) -> None:
    (said,) = [box.value for box in open_page("fiche", strategie="2050").warning]
    assert "2050" in said and "stratégie" in said


def test_an_unknown_answer_of_a_switch_is_said(open_page: Opener) -> None:
    (said,) = [box.value for box in open_page("comite", estimations="peut-être").warning]
    assert "peut-être" in said and "estimés" in said


def test_what_the_address_says_is_no_markdown(open_page: Opener) -> None:
    hostile = "[ici](https://exemple.invalid)" + "x" * 500
    (said,) = [box.value for box in open_page("fiche", zone=hostile).warning]
    assert "[ici]" not in said.replace("\\[", "").replace("\\]", "")
    assert len(said) < 300


def test_too_many_areas_are_cut_and_it_is_said(open_page: Opener, long: pd.DataFrame) -> None:
    codes = list(long.loc[long["niveau"] == "commune", "code"].unique()[:7])
    opened = open_page("comparer", zones=",".join(codes))
    assert opened.multiselect(Param.ZONES).value == codes[:5]
    (said,) = [box.value for box in opened.warning]
    assert "7" in said and "5" in said
