"""Sentences of a report: every branch, in French, and what they must never say."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from diagnostics import catalogue
from diagnostics.report import calculation, report, sentences
from diagnostics.report.law import legal_sentence, legal_sentences
from diagnostics.report.model import (
    Area,
    Calculation,
    Comparison,
    ContextLine,
    Duty,
    Figure,
    Line,
    PeriodChange,
    Place,
    Point,
    Ratio,
    Spread,
    Trend,
    YearlyChange,
)
from diagnostics.report.sentences import published_rate_sentence
from diagnostics.store import open_store
from diagnostics.wording import NARROW, at_name, context_text, rate, unit_of_rate

N = NARROW
COUNTED = Figure(
    year=2024,
    status="publie",
    published=424,
    published_communes=1,
    communes=1,
    population_coverage=1.0,
    published_denominator=55_000.0,
    denominator=55_000.0,
    estimated=None,
    estimated_low=None,
    estimated_high=None,
    rate=7.709,
    rate_low=6.993,
    rate_high=8.479,
    method="poisson_exact",
    reason="",
)
HIDDEN = replace(
    COUNTED,
    status="non_diffuse",
    published=None,
    rate=None,
    rate_low=None,
    rate_high=None,
    method="",
)
ESTIMATED = replace(
    COUNTED,
    status="partiel",
    published_communes=14,
    communes=20,
    population_coverage=0.9712,
    estimated=432.6,
    estimated_low=426.0,
    estimated_high=445.0,
    method="partage_du_total_masque",
)
WITHOUT_TOTAL = replace(
    ESTIMATED,
    published=146,
    published_communes=4,
    communes=5,
    estimated=None,
    estimated_low=None,
    estimated_high=None,
    rate=None,
    rate_low=None,
    rate_high=None,
    method="poisson_exact",
    reason="couverture",
)
REST = Comparison("departement_hors_zone", "le reste du département", 6.1, "total_officiel", "", "")
NO_TREND = Trend("", None)


def line(figure: Figure = COUNTED, id_: str = "violences_sexuelles", **changes: object) -> Line:
    indicator = catalogue.indicators()[id_]
    made = Line(
        id=id_,
        label=indicator.label,
        title=indicator.title,
        unit=indicator.unit,
        unit_of_rate=unit_of_rate(indicator.unit, indicator.denominator),
        place=indicator.place,
        additive=indicator.additive,
        contained_in=indicator.contained_in,
        polarity=indicator.polarity,
        niveau="commune",
        area_label="Chelles",
        outside=0,
        figure=figure,
        comparison=None,
        comparisons=(),
        trend=NO_TREND,
        period=None,
        series=(),
        spread=Spread(None, None, None, None, None, 0, 0),
        caveat=indicator.caveat,
        calculation=Calculation("", "", "", "", "", "", "", None, "", ""),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def council(
    figure: Figure = ESTIMATED, id_: str = "violences_sexuelles", **changes: object
) -> Line:
    return line(figure, id_, niveau="territoire", area_label="CISPD Val d’Orbe", **changes)


def series(*facts: float | None, last: int = 2024) -> tuple[Point, ...]:
    first = last - len(facts) + 1
    return tuple(
        Point(y, "", n, None, None, None, None, None, y in (2020, 2021))
        for y, n in enumerate(facts, first)
    )


# --- headline ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figure", "id_", "text"),
    [
        (
            COUNTED,
            "violences_sexuelles",
            f"424 victimes ont été enregistrées pour «{N}Violences sexuelles{N}», soit 7,71 pour "
            f"1{N}000 habitants (6,99 à 8,48).",
        ),
        (
            replace(COUNTED, published=1),
            "vols_de_vehicule",
            f"1 véhicule a été enregistré pour «{N}Vols de véhicule{N}», soit 7,71 pour "
            f"1{N}000 habitants (6,99 à 8,48).",
        ),
        (
            replace(COUNTED, status="zero", published=0, rate=0.0, rate_low=0.0),
            "vols_avec_armes",
            f"aucune infraction n’a été enregistrée pour «{N}Vols avec armes{N}».",
        ),
        (
            replace(COUNTED, status="zero", published=0, rate=0.0, rate_low=0.0),
            "trafic_stupefiants",
            f"aucun mis en cause n’a été enregistré pour «{N}Trafic de stupéfiants{N}».",
        ),
        (
            HIDDEN,
            "degradations",
            f"le nombre d’infractions n’est pas publié pour «{N}Destructions et dégradations "
            f"volontaires{N}»{N}: cela ne veut pas dire zéro.",
        ),
        (
            replace(HIDDEN, status="absent"),
            "degradations",
            f"la base ne contient rien pour «{N}Destructions et dégradations volontaires{N}»{N}: "
            "ni zéro, ni secret.",
        ),
        (
            replace(COUNTED, published=None, rate_low=None, rate_high=None, method="taux_publie"),
            "cambriolages",
            f"seul le taux est publié pour «{N}Cambriolages de logement{N}»{N}: 7,71 infractions "
            f"pour 1{N}000 logements.",
        ),
    ],
)
def test_headline_of_a_commune(figure: Figure, id_: str, text: str) -> None:
    assert sentences.headline(line(figure, id_)) == f"En 2024, à Chelles, {text}"


def test_headline_of_an_estimated_total_says_what_is_published() -> None:
    assert sentences.headline(council()) == (
        "En 2024, au CISPD Val d’Orbe, on estime à 433 (426 à 445) le nombre de victimes "
        f"enregistrées pour «{N}Violences sexuelles{N}»{N}: 424 sont publiées, le reste est estimé."
    )
    masculine = sentences.headline(council(replace(ESTIMATED, published=1), "vols_de_vehicule"))
    assert masculine.endswith(f"{N}: 1 est publié, le reste est estimé.")
    nothing = sentences.headline(council(replace(ESTIMATED, published=None)))
    assert nothing.endswith(f"{N}: tout est estimé.")


@pytest.mark.parametrize(
    ("figure", "id_", "text"),
    [
        (
            WITHOUT_TOTAL,
            "degradations",
            f"les communes publiées comptent 146 infractions pour «{N}Destructions et dégradations "
            f"volontaires{N}»{N}: ce n’est pas le total.",
        ),
        (
            replace(WITHOUT_TOTAL, published_communes=1),
            "degradations",
            f"la commune publiée compte 146 infractions pour «{N}Destructions et dégradations "
            f"volontaires{N}»{N}: ce n’est pas le total.",
        ),
        (
            replace(WITHOUT_TOTAL, published=None, published_communes=0, method=""),
            "degradations",
            f"rien n’est publié pour «{N}Destructions et dégradations volontaires{N}»{N}: cela ne "
            "veut pas dire zéro.",
        ),
        (
            replace(WITHOUT_TOTAL, method="somme_indicative"),
            "usage_stupefiants",
            "les communes publiées comptent 146 mis en cause pour "
            f"«{N}Usage de stupéfiants{N}»{N}: somme indicative, où une personne peut compter "
            "plusieurs fois.",
        ),
        (
            replace(WITHOUT_TOTAL, method="somme_indicative", communes=1, published_communes=1),
            "usage_stupefiants",
            f"la commune publiée compte 146 mis en cause pour «{N}Usage de stupéfiants{N}»{N}: "
            "c’est le chiffre de la commune.",
        ),
        (
            replace(ESTIMATED, estimated=5505.0, method="total_officiel"),
            "violences_sexuelles",
            f"5{N}505 victimes ont été enregistrées pour «{N}Violences sexuelles{N}» (total "
            f"officiel), soit 7,71 pour 1{N}000 habitants (6,99 à 8,48).",
        ),
        (
            replace(ESTIMATED, estimated=5505.0, method="total_reconstitue"),
            "violences_sexuelles",
            f"5{N}505 victimes ont été enregistrées pour «{N}Violences sexuelles{N}» (communes "
            f"publiées et total des autres), soit 7,71 pour 1{N}000 habitants (6,99 à 8,48).",
        ),
    ],
)
def test_headline_of_a_group(figure: Figure, id_: str, text: str) -> None:
    assert sentences.headline(council(figure, id_)) == f"En 2024, au CISPD Val d’Orbe, {text}"


def test_headline_of_an_area_astride_a_border_says_which_communes_are_counted() -> None:
    start = "En 2024, au CISPD Val d’Orbe (20 de ses 22 communes, celles du département), on estime"
    assert sentences.headline(council(outside=2)).startswith(start)
    alone = council(replace(WITHOUT_TOTAL, communes=1), outside=40)
    assert "(1 de ses 41 communes, celle du département)" in sentences.headline(alone)


# --- coverage and refusals ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("published", "members", "text"),
    [
        (14, 20, f"14 communes sur 20 sont publiées, soit 97{N}% des habitants."),
        (1, 20, f"1 commune sur 20 est publiée, soit 97{N}% des habitants."),
        (20, 20, "Les 20 communes sont publiées."),
        (0, 20, "Aucune des 20 communes n’est publiée."),
        (1, 1, "La commune est publiée."),
        (0, 1, "La commune n’est pas publiée."),
        (None, None, ""),
    ],
)
def test_coverage(published: int | None, members: int | None, text: str) -> None:
    figure = replace(ESTIMATED, published_communes=published, communes=members)
    assert sentences.coverage_sentence(council(figure)) == text


def test_coverage_says_nothing_of_a_commune_and_no_share_that_is_not_known() -> None:
    assert sentences.coverage_sentence(line()) == ""
    unknown = council(replace(ESTIMATED, population_coverage=None))
    assert sentences.coverage_sentence(unknown) == "14 communes sur 20 sont publiées."


def test_every_reason_has_a_sentence() -> None:
    for reason in (
        "non_diffuse",
        "absent",
        "non_additif",
        "complement_absent",
        "totaux_incoherents",
        "moins_de_3_masquees",
        "couverture",
        "imprecision",
        "difference",
        "donnees_absentes",
        "sans_total_officiel",
        "estimations_non_demandees",
    ):
        assert sentences.refusal_sentence(reason).endswith(".")
    assert sentences.refusal_sentence("") == ""


def test_the_publisher_s_words_explain_what_is_hidden() -> None:
    said = sentences.refusal_sentence("non_diffuse")
    assert "plus de 5 faits ont été enregistrés pendant 3 années successives" in said
    assert "l’absence de faits enregistrés lorsqu’elle se reproduit sur 3 années" in said


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (line(), ""),
        (line(HIDDEN), "non_diffuse"),
        (line(replace(HIDDEN, status="absent")), "absent"),
        (line(replace(HIDDEN, rate=3.0)), ""),
        (council(), ""),
        (council(WITHOUT_TOTAL), "couverture"),
        (council(replace(WITHOUT_TOTAL, status="absent")), "absent"),
        # A council of one commune: what is hidden is the commune, whatever the rule that says so.
        (council(replace(HIDDEN, reason="moins_de_3_masquees")), "non_diffuse"),
        (council(replace(COUNTED, reason="non_additif")), ""),
    ],
)
def test_reason_of(made: Line, reason: str) -> None:
    assert sentences.reason_of(made) == reason


# --- verdict ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "reference", "text"),
    [
        ("plus_eleve", 6.1, "Plus élevé"),
        ("moins_eleve", 9.0, "Moins élevé"),
        ("proche", 7.5, "Proche"),
    ],
)
def test_verdict(verdict: str, reference: float, text: str) -> None:
    compared = replace(REST, rate=reference, verdict=verdict)
    said = sentences.verdict_sentence(line(comparison=compared))
    inside = ", dans l’intervalle" if verdict == "proche" else ""
    assert said == (
        f"{text}{N}: 7,71 pour 1{N}000 habitants (6,99 à 8,48), contre {rate(reference)} pour le "
        f"reste du département{inside}."
    )


def test_verdict_on_few_facts_gives_their_number() -> None:
    compared = replace(REST, verdict="plus_eleve")
    few = sentences.verdict_sentence(line(replace(COUNTED, published=12), comparison=compared))
    assert ", sur 12 victimes, contre" in few
    estimated = replace(ESTIMATED, estimated=18.6)
    assert ", sur 19 victimes, contre" in sentences.verdict_sentence(
        council(estimated, comparison=compared)
    )
    none = replace(COUNTED, status="zero", published=0, rate=0.0, rate_low=0.0)
    close = replace(REST, verdict="proche")
    assert ", sur " not in sentences.verdict_sentence(line(none, comparison=close))


@pytest.mark.parametrize(
    ("basis", "words"),
    [
        ("total_officiel", ""),
        ("total_reconstitue", ""),
        ("total_estime", " Cette référence est en partie estimée."),
        ("communes_publiees", " Cette référence ne compte que des communes publiées."),
    ],
)
def test_verdict_says_what_the_reference_is_worth(basis: str, words: str) -> None:
    compared = replace(REST, verdict="plus_eleve", basis=basis)
    said = sentences.verdict_sentence(line(comparison=compared))
    assert said.endswith(f"pour le reste du département.{words}")


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (line(HIDDEN), "le chiffre n’est pas publié"),
        (line(HIDDEN, "usage_stupefiants"), "le chiffre n’est pas publié"),
        (line(replace(HIDDEN, status="absent")), "la base ne contient pas cette valeur"),
        (
            line(COUNTED, "usage_stupefiants"),
            "les personnes mises en cause ne s’additionnent pas d’une commune à l’autre, aucun "
            "ensemble de communes n’a donc de total à quoi les comparer",
        ),
        (council(WITHOUT_TOTAL), "le total n’est ni publié, ni estimé"),
        (council(HIDDEN), "le chiffre de sa seule commune n’est pas publié"),
        (line(), "la référence n’est pas connue pour cette année"),
        (line(comparison=REST), "le chiffre n’a pas d’intervalle"),
    ],
)
def test_why_there_is_no_verdict(made: Line, why: str) -> None:
    assert sentences.verdict_sentence(made) == f"Non comparé{N}: {why}."


def test_a_density_class_is_not_judged() -> None:
    assert sentences.verdict_sentence(line(niveau="densite")) == ""


# --- trend --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "text"),
    [
        ("hausse", "En hausse sur cinq ans (2020 à 2024). 2020 et 2021 portent les confinements."),
        ("baisse", "En baisse sur cinq ans (2020 à 2024). 2020 et 2021 portent les confinements."),
        (
            "pas_de_tendance",
            "Pas de tendance significative sur cinq ans (2020 à 2024). 2020 et 2021 portent les "
            "confinements.",
        ),
        ("", ""),
    ],
)
def test_trend(verdict: str, text: str) -> None:
    made = line(trend=Trend(verdict, None), series=series(*[100.0] * 9))
    assert sentences.trend_sentence(made) == text


def test_trend_speaks_of_the_lockdowns_only_where_they_are() -> None:
    made = line(
        replace(COUNTED, year=2026),
        trend=Trend("hausse", None),
        series=series(*[100.0] * 9, last=2026),
    )
    assert sentences.trend_sentence(made) == "En hausse sur cinq ans (2022 à 2026)."


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ([100.0] * 3, "la base en a 3 années jusqu’à 2024"),
        ([100.0, None, 100.0, 100.0, 100.0], "l’une au moins manque ici"),
    ],
)
def test_trend_that_cannot_be_computed(facts: list[float | None], why: str) -> None:
    made = line(trend=Trend("non_calculable", None), series=series(*facts))
    said = f"Tendance non calculable{N}: il faut cinq années de suite, {why}."
    assert sentences.trend_sentence(made) == said


def test_a_council_of_one_commune_sends_to_the_commune_s_sheet_for_persons() -> None:
    alone = replace(COUNTED, rate=None, rate_low=None, rate_high=None)
    change = PeriodChange((2017, 2018, 2019), (2022, 2023, 2024), None, None, "non_additif")
    made = council(alone, "usage_stupefiants", trend=Trend("non_calculable", None), period=change)
    only = "ce territoire n’a qu’une seule commune, dont la fiche donne"
    assert f"{only} la tendance" in sentences.trend_sentence(made)
    assert f"{only} l’évolution" in sentences.period_sentence(made)
    several = replace(made, figure=replace(alone, communes=3))
    assert "comptées une fois par commune" in sentences.trend_sentence(several)
    assert "d’un territoire à l’autre" in sentences.period_sentence(several)
    commune = replace(made, niveau="commune")
    assert "seule commune" not in sentences.period_sentence(commune)


@pytest.mark.parametrize(
    ("change", "facts", "text"),
    [
        (
            (4.13, 1.2, 7.1),
            [100.0] * 5,
            f"Évolution moyenne de 2020 à 2024{N}: +4,1{N}% par an (+1,2{N}% à +7,1{N}%).",
        ),
        (
            (-4.13, -7.1, -1.2),
            [100.0] * 5,
            f"Évolution moyenne de 2020 à 2024{N}: −4,1{N}% par an (−7,1{N}% à −1,2{N}%).",
        ),
        (
            (0.4, -2.0, 3.0),
            [100.0] * 5,
            f"Évolution moyenne de 2020 à 2024 non distincte de zéro{N}: −2,0{N}% à +3,0{N}% "
            "par an.",
        ),
        (
            (9.0, 1.0, 18.0),
            [7.0, 30.0, 30.0, 30.0, 12.0],
            f"De 7 victimes en 2020 à 12 en 2024, évolution moyenne{N}: +1,0{N}% à +18,0{N}% "
            "par an.",
        ),
    ],
)
def test_yearly_change(change: tuple[float, float, float], facts: list[float], text: str) -> None:
    yearly = YearlyChange(*change, 2020, 2024, 5, "quasi_poisson")
    made = line(trend=Trend("pas_de_tendance", yearly), series=series(*facts))
    assert sentences.trend_sentence(made).endswith(f" {text}")


def test_a_change_that_is_not_known_is_not_zero() -> None:
    made = line(trend=Trend("pas_de_tendance", None), series=series(*[100.0] * 5))
    assert "%" not in sentences.trend_sentence(made)


# --- periods ------------------------------------------------------------------------------------

SPAN = ((2017, 2018, 2019), (2022, 2023, 2024))
EXACT = "rapport_exact_conditionnel"


@pytest.mark.parametrize(
    ("own", "rest", "text"),
    [
        (
            Ratio(1.24, 1.1, 1.4, 300, 372, EXACT),
            Ratio(1.03, 1.01, 1.05, 9000, 9270, EXACT),
            f"De 2017–2019 à 2022–2024, taux{N}: +24{N}% (+10{N}% à +40{N}%){N}; reste du "
            f"département{N}: +3{N}% (+1{N}% à +5{N}%).",
        ),
        (
            Ratio(0.9, 0.8, 1.1, 300, 270, EXACT),
            None,
            f"De 2017–2019 à 2022–2024, taux{N}: pas d’évolution certaine, −10{N}% (−20{N}% à "
            f"+10{N}%).",
        ),
        (
            Ratio(1.24, 1.1, 1.4, 300.4, 372.2, "mover_logarithmique"),
            None,
            f"De 2017–2019 à 2022–2024, taux{N}: +24{N}% (+10{N}% à +40{N}%), totaux en partie "
            "estimés.",
        ),
        (
            Ratio(1.6, 0.6, 3.9, 9, 14, EXACT),
            None,
            f"9 victimes en 2017–2019, 14 en 2022–2024{N}: le taux est multiplié par 0,6 à 3,9.",
        ),
        (
            Ratio(float("inf"), 1.2, float("inf"), 0, 8, EXACT),
            None,
            f"0 victime en 2017–2019, 8 en 2022–2024{N}: trop peu de faits pour chiffrer "
            "l’évolution.",
        ),
    ],
)
def test_period(own: Ratio, rest: Ratio | None, text: str) -> None:
    made = line(period=PeriodChange(*SPAN, own, rest, ""))
    assert sentences.period_sentence(made) == text


def test_a_change_of_few_facts_is_never_in_per_cent() -> None:
    made = line(period=PeriodChange(*SPAN, Ratio(1.6, 0.6, 3.9, 19, 200, EXACT), None, ""))
    assert "%" not in sentences.period_sentence(made)


@pytest.mark.parametrize("reason", sentences.PERIOD_REFUSALS)
def test_a_period_that_cannot_be_compared_says_why(reason: str) -> None:
    said = sentences.period_sentence(line(period=PeriodChange(*SPAN, None, None, reason)))
    assert said.startswith(f"2017–2019 et 2022–2024 ne sont pas comparés{N}: ")
    single = sentences.period_sentence(
        line(period=PeriodChange((2019,), (2024,), None, None, reason))
    )
    assert single.startswith("2019 et 2024 ne sont pas comparés")
    assert sentences.period_sentence(line()) == ""


# --- law ----------------------------------------------------------------------------------------

VILLAGE = Duty("00001", "Aval", 1_800, 0, False, False, "aucune", (), False)
TOWN = Duty("00002", "Bourg", 6_200, 0, True, False, "obligatoire", ("CLSPD de Bourg",), False)
CITY = Duty(
    "00003", "Cité", 54_620, 2, True, True, "facultatif", ("CISPD Val", "CLSPD de Cité"), True
)


OPTIONAL = (
    f"aucun CLSPD n’y est obligatoire, la loi le demande au-delà de 5{N}000 habitants ou avec un "
    "quartier prioritaire (art. L132-4)."
)
UNKNOWN = "Aucun conseil n’y est connu, ce qui ne veut pas dire qu’il n’y en a pas."


@pytest.mark.parametrize(
    ("duty", "text"),
    [
        (
            VILLAGE,
            f"Aval compte 1{N}800 habitants (population municipale 2023){N}: {OPTIONAL} {UNKNOWN}",
        ),
        (
            replace(VILLAGE, population=1, councils=("CISPD Val",), council_attested=True),
            f"Aval compte 1 habitant (population municipale 2023){N}: {OPTIONAL} La commune siège "
            "au CISPD Val.",
        ),
        (
            TOWN,
            f"Bourg compte 6{N}200 habitants (population municipale 2023){N}: un CLSPD y est "
            "obligatoire (art. L132-4). Conseil dont l’existence est à confirmer"
            f"{N}: CLSPD de Bourg.",
        ),
        (
            replace(TOWN, councils=()),
            f"Bourg compte 6{N}200 habitants (population municipale 2023){N}: un CLSPD y est "
            f"obligatoire (art. L132-4). {UNKNOWN}",
        ),
        (
            CITY,
            f"Cité compte 54{N}620 habitants (population municipale 2023) et 2 quartiers "
            f"prioritaires{N}: un CISPD couvre la commune, le CLSPD y est facultatif (art. "
            f"L132-13). Au-delà de 15{N}000 habitants, un coordonnateur est désigné. "
            "La commune siège au CISPD Val et au CLSPD de Cité.",
        ),
        (
            replace(VILLAGE, population=None, qpv_count=1, duty="obligatoire"),
            "Aval, dont la population n’est pas connue, a 1 quartier prioritaire"
            f"{N}: un CLSPD y est obligatoire (art. L132-4). {UNKNOWN}",
        ),
        (
            replace(VILLAGE, population=None),
            f"Aval, dont la population n’est pas connue{N}: {OPTIONAL} {UNKNOWN}",
        ),
    ],
)
def test_law_of_a_commune(duty: Duty, text: str) -> None:
    assert legal_sentence(duty, 2023) == text
    assert legal_sentences([duty], "commune", 2023) == (text,)


def test_law_of_a_group() -> None:
    said = legal_sentences([VILLAGE, TOWN, CITY], "epci", 2023)
    assert said == (
        f"2 communes sur 3 remplissent une condition de la loi{N}: plus de 5{N}000 habitants "
        "(population municipale 2023) ou un quartier prioritaire (art. L132-4).",
        f"Plus de 15{N}000 habitants, donc un coordonnateur{N}: Cité.",
        f"Obligation légale, existence à confirmer{N}: Bourg.",
    )
    lonely = legal_sentences([VILLAGE, replace(TOWN, councils=())], "epci", None)
    assert lonely == (
        f"1 commune sur 2 remplit une condition de la loi{N}: plus de 5{N}000 habitants ou un "
        "quartier prioritaire (art. L132-4).",
        f"Aucun conseil connu{N}: Bourg.",
    )


def test_a_group_that_the_law_binds_nowhere() -> None:
    assert legal_sentences([VILLAGE, VILLAGE], "epci", None) == (
        f"Aucune des 2 communes ne remplit une condition de la loi{N}: plus de 5{N}000 habitants "
        "ou un quartier prioritaire (art. L132-4).",
    )


def test_many_names_are_cut_short_and_counted() -> None:
    towns = [replace(TOWN, label=f"Bourg {i}") for i in range(14)]
    said = legal_sentences(towns, "departement", 2023)[1]
    assert said.endswith("Bourg 9 et 4 autres.")
    eleven = legal_sentences(towns[:11], "departement", 2023)[1]
    assert eleven.endswith("Bourg 9, Bourg 10.")


def test_municipal_arrondissements_have_no_duty() -> None:
    assert legal_sentences([], "arrondissement_municipal", 2023) == (
        "La loi oblige des communes, non des arrondissements municipaux.",
    )


# --- how it is made -----------------------------------------------------------------------------


def test_calculation_names_numerator_and_denominator() -> None:
    assert calculation.numerator_phrase(ESTIMATED, "victime") == (
        "433 (426 à 445) victimes, dont 424 publiées"
    )
    assert calculation.numerator_phrase(COUNTED, "véhicule") == "424 véhicules"
    assert calculation.numerator_phrase(HIDDEN, "véhicule") == "non publié"
    assert calculation.denominator_phrase(ESTIMATED, "logements") == f"55{N}000 logements"
    partial = replace(WITHOUT_TOTAL, published_denominator=40_000.0)
    assert calculation.denominator_phrase(partial, "habitants") == (
        f"40{N}000 habitants dans les communes publiées"
    )
    unknown = replace(HIDDEN, denominator=None)
    assert calculation.denominator_phrase(unknown, "habitants") == "non connu"


def test_every_method_has_its_rule_and_a_part_is_no_total() -> None:
    for method in ("poisson_exact", "total_officiel", "total_reconstitue", "somme_indicative"):
        assert calculation.rule_sentence(replace(COUNTED, method=method)).endswith(".")
    for method in ("partage_du_total_masque", "taux_publie", ""):
        assert calculation.rule_sentence(replace(COUNTED, method=method)).endswith(".")
    assert "ce n’est pas le total" in calculation.rule_sentence(WITHOUT_TOTAL)


def test_rows_of_the_published_file_are_named() -> None:
    place = Place("commune", "00001", "Aval")
    area = Area("commune", "00001", "Aval", "commune", None, None, (place,), (), "")
    one = calculation.rows_phrase(area, "Homicides", 2024, official=False)
    assert one == f"Fichier communal, commune 00001, indicateur «{N}Homicides{N}», année 2024."
    two = replace(area, communes=(place, place))
    assert "2 communes" in calculation.rows_phrase(two, "Homicides", 2024, official=False)
    assert calculation.rows_phrase(two, "Homicides", 2024, official=True) == (
        f"Base des totaux, ligne «{N}Homicides{N}», 2024."
    )


# --- what stands around -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("niveau", "label", "text"),
    [
        ("territoire", "Contrat de Sénart", "au contrat de Sénart"),
        ("territoire", "Plaine", "dans le territoire Plaine"),
        ("epci", "Métropole du Lac", "dans la Métropole du Lac"),
        ("epci", "Grand Lac", "dans l’intercommunalité Grand Lac"),
        ("departement", "Ain", f"dans le département «{N}Ain{N}»"),
        ("densite", "Bourgs ruraux", f"dans les communes de la classe «{N}Bourgs ruraux{N}»"),
        ("perimetre", "Gare", f"dans le périmètre «{N}Gare{N}»"),
    ],
)
def test_where(niveau: str, label: str, text: str) -> None:
    assert at_name(niveau, label) == text


@pytest.mark.parametrize(
    ("value", "unit", "text", "status", "said"),
    [
        (12.34, "%", "", "publie", f"12,3{N}%"),
        (24_640.0, "euros par an", "", "publie", f"24{N}640{N}€ par an"),
        (1.0, "quartiers", "", "publie", "1 quartier"),
        (2.0, "quartiers", "", "publie", "2 quartiers"),
        (4.0, "classe", "Ceintures urbaines", "publie", "Ceintures urbaines"),
        (None, "zone", "gendarmerie", "publie", "gendarmerie"),
        (None, "%", "", "secret", "secret statistique"),
        (None, "%", "", "non_agregeable", "non agrégeable"),
        (None, "%", "", "absent", "n. d."),
    ],
)
def test_context(value: float | None, unit: str, text: str, status: str, said: str) -> None:
    made = ContextLine("x", "X", unit, value, text, status, None, None, "", False, (1,), "", "", "")
    assert context_text(made) == said


# --- what is never said -------------------------------------------------------------------------


def test_no_sentence_judges_nor_breaks_french_spacing() -> None:
    every = [
        *sentences.REFUSALS.values(),
        *sentences.PERIOD_REFUSALS.values(),
        *calculation.RULES.values(),
        *(legal_sentence(d, 2023) for d in (VILLAGE, TOWN, CITY)),
    ]
    for said in every:
        assert not re.search(r"dangereu|moins bon|meilleur|\bpire", said, re.IGNORECASE)
        assert not re.search(r"(?<!\u202f)[;:!?%»]|«(?!\u202f)", said)


def test_the_rate_of_the_published_part_is_given_with_its_bias(simulated_store: Path) -> None:
    store = open_store(simulated_store)
    long = store.table("00", "long")
    row = long[(long["niveau"] == "epci") & (long["methode"] == "partage_du_total_masque")].iloc[-1]
    lines = report(store, "00", "epci", row["code"], annee=int(row["annee"])).lines
    line = next(each for each in lines if each.id == row["indicateur"])
    sentence = published_rate_sentence(line)
    assert rate(row["taux_pour_mille"]) in sentence
    assert "trop haut" in sentence
    whole = next(x for x in lines if x.figure.method != "partage_du_total_masque")
    assert published_rate_sentence(whole) == ""


def test_the_strategy_of_another_departement_is_a_way_of_reading() -> None:
    strategy = catalogue.strategy()
    assert sentences.strategy_in_use(strategy, strategy.departement) == strategy.title
    elsewhere = sentences.strategy_in_use(strategy, "76")
    assert elsewhere == f"{strategy.title}, prise ici pour grille de lecture"
