"""Each page alone: it loads, has its title, no exception, no error box."""

import pytest

from pages.ui.keys import Param
from tests.pages.conftest import Opener

TITLES = {
    "accueil": "Diagnostic territorial de la délinquance",
    "carte": "Carte",
    "methode": "Méthode",
    "telechargements": "Téléchargements",
    "fiche": "Fiche territoire",
    "programme_tranquillite": "1. Tranquillité publique",
    "programme_publics": "2. Publics les plus sensibles",
    "programme_territoires": "3. Prévention adaptée à chaque territoire",
    "comite": "Comité de pilotage",
}


@pytest.mark.parametrize("page", TITLES)
def test_page_loads_with_its_title(open_page: Opener, page: str) -> None:
    opened = open_page(page)
    assert not opened.exception
    assert not opened.error
    assert [title.value for title in opened.title] == [TITLES[page]]


@pytest.mark.parametrize("page", TITLES)
def test_simulated_figures_are_announced(open_page: Opener, page: str) -> None:
    assert any("Département simulé" in box.value for box in open_page(page).info)


def test_the_address_opens_the_same_view(open_page: Opener) -> None:
    opened = open_page("carte", niveau="epci", indicateur="cambriolages", annee="2019")
    assert opened.selectbox(Param.NIVEAU).value == "epci"
    assert opened.selectbox(Param.INDICATEUR).value == "cambriolages"
    assert opened.select_slider(Param.ANNEE).value == 2019
    assert opened.subheader[0].value == "Cambriolages de logement, 2019"


def test_a_choice_goes_to_the_address(open_page: Opener) -> None:
    opened = open_page("carte", niveau="epci")
    opened.selectbox(Param.INDICATEUR).set_value("degradations").run()
    assert "degradations" in opened.query_params[Param.INDICATEUR]
    assert "epci" in opened.query_params[Param.NIVEAU]


def test_an_address_with_unknown_values_opens_the_default_view(open_page: Opener) -> None:
    opened = open_page("carte", niveau="planete", indicateur="x", annee="1900", zone="<script>")
    assert not opened.exception
    assert opened.selectbox(Param.NIVEAU).value == "commune"


def test_a_programme_keeps_its_indicators_only(open_page: Opener) -> None:
    opened = open_page("carte", programme="2")
    options = opened.selectbox(Param.INDICATEUR).options
    assert "Violences sexuelles" in options
    assert "Vols avec armes" not in options


def test_the_map_can_show_verdicts(open_page: Opener) -> None:
    test = open_page("carte", couleur="departement_hors_zone", indicateur="degradations")
    assert not test.exception
    assert test.selectbox(key="couleur").value == "departement_hors_zone"
    (legend,) = (block.proto.body for block in test.get("html") if "proche" in block.proto.body)
    assert "Verdict" in legend and "plus élevé" in legend and "et plus" not in legend
