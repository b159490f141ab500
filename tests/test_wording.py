"""French words and numbers: typography, agreement, elision, and nothing that judges."""

import re
from datetime import date

import pytest

from diagnostics import catalogue, wording
from diagnostics.wording import NARROW, count, day, number, of_name, percent, slug


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0, 0, "0"),
        (999, 0, "999"),
        (1_000, 0, f"1{NARROW}000"),
        (1_234_567.891, 2, f"1{NARROW}234{NARROW}567,89"),
        (12.345, 1, "12,3"),
        (0.5, 2, "0,50"),
        (-3, 0, "−3"),
        (-1_003.5, 1, f"−1{NARROW}003,5"),
        (-0.3, 0, "0"),
        (-0.004, 2, "0,00"),
    ],
)
def test_numbers(value: float, decimals: int, text: str) -> None:
    assert number(value, decimals) == text


@pytest.mark.parametrize(("value", "text"), [(4, "+4"), (-4, "−4"), (0, "+0"), (-0.2, "+0")])
def test_signed_numbers(value: float, text: str) -> None:
    assert number(value, signed=True) == text


@pytest.mark.parametrize(
    ("share", "decimals", "text"), [(0.33, 0, "33"), (1, 0, "100"), (0.1234, 1, "12,3")]
)
def test_shares_are_per_cent_with_a_narrow_space(share: float, decimals: int, text: str) -> None:
    assert percent(share, decimals) == f"{text}{NARROW}%"


@pytest.mark.parametrize(
    ("quantity", "text"),
    [(0, "0 commune"), (1, "1 commune"), (2, "2 communes"), (1_500, f"1{NARROW}500 communes")],
)
def test_a_noun_is_plural_from_two(quantity: int, text: str) -> None:
    assert count(quantity, "commune") == text


def test_an_irregular_plural_is_given() -> None:
    assert count(1, "CISPD", "CISPD") == "1 CISPD" and count(3, "CISPD", "CISPD") == "3 CISPD"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Melun", "de Melun"),
        ("Le Mée-sur-Seine", "du Mée-sur-Seine"),
        ("Les Chapelles-Bourbon", "des Chapelles-Bourbon"),
        ("La Rochette", "de La Rochette"),
        ("L’Haÿ-les-Roses", "de L’Haÿ-les-Roses"),
        ("Avon", "d’Avon"),
        ("Évry-Grégy-sur-Yerre", "d’Évry-Grégy-sur-Yerre"),
        ("Œuilly", "d’Œuilly"),
        ("Yèbles", "d’Yèbles"),
        ("Héricy", "d’Héricy"),
        ("Hautefeuille", "de Hautefeuille"),
        ("Le Havre", "du Havre"),
    ],
)
def test_de_and_a_place(name: str, text: str) -> None:
    assert of_name(name) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Melun", "melun"),
        ("Évry-Grégy-sur-Yerre", "evry-gregy-sur-yerre"),
        ("L’Haÿ-les-Roses", "l-hay-les-roses"),
        ("L'Haÿ-les-Roses", "l-hay-les-roses"),
        ("Œuilly & Ænone", "oeuilly-aenone"),
        ("  CISPD « Val d’Orbe » ", "cispd-val-d-orbe"),
        ("", ""),
    ],
)
def test_a_slug_is_plain_words(text: str, words: str) -> None:
    assert slug(text) == words
    assert re.fullmatch(r"[a-z0-9-]*", slug(text))


def test_every_unit_of_count_is_worded() -> None:
    for indicator in catalogue.indicators().values():
        one, two = (wording.units(n, indicator.unit) for n in (1, 2))
        assert one.startswith("1 ") and two.startswith("2 ")
        assert indicator.unit in one
        assert wording.of_units(indicator.unit).startswith(("de ", "d’"))
    assert wording.units(2, "mis en cause") == "2 mis en cause"
    assert wording.units(12_000, "victime entendue") == f"12{NARROW}000 victimes entendues"


def test_participles_agree() -> None:
    assert wording.agree("enregistré", 1, "victime") == "enregistrée"
    assert wording.agree("enregistré", 2, "infraction") == "enregistrées"
    assert wording.agree("volé", 1, "véhicule") == "volé"
    assert wording.agree("enregistré", 5, "mis en cause") == "enregistrés"


@pytest.mark.parametrize(
    ("niveau", "label", "text"),
    [
        ("commune", "Avon", "à Avon"),
        ("commune", "Le Mée-sur-Seine", "au Mée-sur-Seine"),
        ("commune", "Les Ormes", "aux Ormes"),
        ("territoire", "CISPD Melun Val de Seine", "au CISPD Melun Val de Seine"),
        ("epci", "CA Marne et Gondoire", "dans la CA Marne et Gondoire"),
        ("arrondissement", "Meaux", "dans l’arrondissement de Meaux"),
    ],
)
def test_where_an_area_is(niveau: str, label: str, text: str) -> None:
    assert wording.at_name(niveau, label) == text


def test_the_verdicts_of_the_table_all_have_a_sign_and_neutral_words() -> None:
    """DOMAIN §2: the words are « plus élevé / moins élevé », never « moins bon »."""
    assert set(wording.VERDICTS) == {"plus_eleve", "moins_eleve", "proche", ""}
    signs = [sign for sign, _ in wording.VERDICTS.values()]
    assert len(set(signs)) == len(signs)
    assert set(wording.TRENDS) == {"hausse", "baisse", "pas_de_tendance", "non_calculable", ""}
    words = " ".join([*(w for _, w in wording.VERDICTS.values()), *wording.TRENDS.values()])
    assert not re.search(r"bon|mauvais|mieux|pire|danger|sûr", words)


def test_every_status_of_the_table_has_its_words() -> None:
    statuses = {"publie", "zero", "partiel", "non_diffuse", "absent"}
    assert set(wording.STATUS_LABELS) == statuses
    assert len(set(wording.STATUS_LABELS.values())) == len(statuses)
    assert all(wording.status_label(status) for status in statuses)


def test_the_diffusion_rule_is_in_the_publisher_s_words() -> None:
    """DOMAIN §2, SSMSI."""
    text = wording.DIFFUSION_RULE
    assert "plus de 5 faits ont été enregistrés pendant 3 années successives" in text
    assert "l’absence de faits enregistrés lorsqu’elle se reproduit sur 3 années" in text


@pytest.mark.parametrize(
    ("value", "said"),
    [(date(2026, 8, 1), "1er août 2026"), (date(2024, 2, 29), "29 février 2024")],
)
def test_a_date_is_written_in_french(value, said):
    assert day(value) == said
