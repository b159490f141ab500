"""Titles of slides say what is found: every branch, and only what the report says."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from diagnostics.report import Report, findings, law, load, report
from diagnostics.report.deck import deck
from diagnostics.report.model import Line
from diagnostics.store import open_store

PRODUCED = date(2026, 3, 1)


@pytest.fixture(scope="module")
def council(simulated_store: Path) -> Report:
    held = open_store(simulated_store)
    tables = load(held, "00")
    groups = tables.groups.query("type == 'cispd'")
    return report(held, "00", "territoire", groups["code"].iloc[0], tables=tables)


def _line(line: Line, verdict: str = "", trend: str = "non_calculable") -> Line:
    compared = None
    if line.comparison is not None:
        compared = replace(line.comparison, verdict=verdict, label="le reste du département")
    return replace(line, comparison=compared, trend=replace(line.trend, verdict=trend))


@pytest.fixture(scope="module")
def line(council: Report) -> Line:
    return next(line for line in council.lines if line.comparison)


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        (["plus_eleve"], "1 taux plus élevé que le reste du département"),
        (
            ["plus_eleve", "plus_eleve", "moins_eleve", "proche"],
            "2 taux plus élevés, 1 moins élevé que le reste du département",
        ),
        (["moins_eleve", "moins_eleve"], "2 taux moins élevés que le reste du département"),
        (
            ["proche", ""],
            "aucun taux plus élevé ni moins élevé que le reste du département, sur 1 comparé",
        ),
        (["", ""], "aucun taux comparé"),
        ([], "aucun taux comparé"),
    ],
)
def test_how_rates_stand(line: Line, verdicts: list[str], said: str) -> None:
    assert findings.standing([_line(line, verdict) for verdict in verdicts]) == said


@pytest.mark.parametrize(
    ("trends", "said"),
    [
        (["hausse", "hausse", "baisse"], "2 taux en hausse, 1 en baisse sur cinq ans"),
        (["baisse", "pas_de_tendance"], "1 taux en baisse sur cinq ans"),
        (["pas_de_tendance", "non_calculable"], "aucune tendance significative sur cinq ans"),
        (["non_calculable", ""], "aucune tendance calculable"),
    ],
)
def test_how_rates_move(council: Report, line: Line, trends: list[str], said: str) -> None:
    programme = council.programmes[0]
    title = findings.trends(programme, [_line(line, trend=trend) for trend in trends])
    head = f"Programme {programme.number}, {programme.short_title}, évolution\u202f: "
    assert title == head + said


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            [("plus_eleve", "hausse"), ("plus_eleve", "baisse"), ("proche", "hausse")],
            "1 taux plus élevé et en hausse, 1 plus élevé sans hausse certaine",
        ),
        ([("plus_eleve", "hausse")] * 2, "2 taux plus élevés et en hausse"),
        ([("plus_eleve", "pas_de_tendance")], "1 taux plus élevé, aucun en hausse certaine"),
        ([("plus_eleve", "non_calculable")] * 2, "2 taux plus élevés, tendance non calculable"),
        ([("proche", "hausse"), ("", "")], "Aucun taux plus élevé que la référence, sur 1 comparé"),
        ([("", "")], "Plus élevé et en hausse\u202f: rien ne peut être comparé"),
    ],
)
def test_what_is_higher_and_rising(
    council: Report, line: Line, lines: list[tuple[str, str]], said: str
) -> None:
    held = replace(council, lines=tuple(_line(line, *each) for each in lines))
    assert findings.rising(held) == said


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        ([(1.1, 1.4), (1.01, 2), (0.5, 0.9), (0.9, 1.1)], "2 taux en hausse, 1 en baisse"),
        ([(0.9, 1.1)], "aucune évolution certaine"),
    ],
)
def test_what_changed_between_the_periods(
    council: Report, bounds: list[tuple[float, float]], said: str
) -> None:
    known = next(line for line in council.lines if line.period and line.period.own)
    lines = []
    for low, high in bounds:
        own = replace(known.period.own, low=low, high=high)
        lines.append(replace(known, period=replace(known.period, own=own)))
    title = findings.period(replace(council, lines=tuple(lines)))
    assert title == f"De 2017–2019 à 2022–2024\u202f: {said}"


@pytest.mark.parametrize(
    ("niveau", "status", "duty", "said"),
    [
        ("territoire", "attesté (échu)", "obligatoire", "conseil attesté (échu)"),
        ("territoire", "obligation légale, existence à confirmer", "obligatoire", None),
        ("territoire", "", "facultatif", "1 commune sur 1 remplit une condition de la loi"),
        ("epci", "", "aucune", "0 commune sur 1 remplit une condition de la loi"),
        ("commune", "attesté", "obligatoire", "un CLSPD y est obligatoire"),
        ("commune", "", "facultatif", "un CLSPD y est facultatif, un CISPD couvre la commune"),
        ("commune", "", "aucune", "aucun CLSPD n’y est obligatoire"),
    ],
)
def test_the_legal_situation(
    council: Report, niveau: str, status: str, duty: str, said: str | None
) -> None:
    communes = (replace(council.legal.communes[0], duty=duty),)
    legal = replace(council.legal, communes=communes, council_status=status)
    assert law.situation(legal, niveau) == (said or status)


def test_no_slide_is_titled_by_its_theme_alone(council: Report) -> None:
    themes = {"Contexte", "Carte", "Comparaisons", "Plus élevé et en hausse", "Méthode"}
    titles = [slide.title for slide in deck(council, produced=PRODUCED).slides]
    assert not themes & set(titles)
    assert not any(title.endswith(("profil", "évolution")) for title in titles)


def test_parts_of_an_evolution_each_say_their_own_lines(council: Report) -> None:
    made = deck(council, slides=["programme-3-evolution"], produced=PRODUCED).slides
    parts = [slide for slide in made if slide.chart]
    assert len(parts) > 1
    assert len({slide.message for slide in parts}) == len(parts)
    for slide in parts:
        others = [ln for part in parts if part is not slide for ln in part.chart.lines]
        assert all(ln.title in slide.message for ln in slide.chart.lines)
        assert not any(f": {ln.title}." in slide.message for ln in others)


def test_what_is_published_stands_beside_an_estimated_total(council: Report) -> None:
    lines = {line.title: line for line in council.lines}
    seen = 0
    for slide in deck(council, produced=PRODUCED).slides:
        if slide.table is None or "Total (intervalle)" not in slide.table.titles:
            continue
        for name, published, total, *_ in slide.table.rows:
            figure = lines[name.removeprefix("– dont ").split(" (pour")[0]].figure
            if figure.estimated_low != figure.estimated_high:
                assert published.startswith(f"{figure.published:,}".replace(",", "\u202f"))
                assert f" à {figure.estimated_high:,.0f}".replace(",", "\u202f") in total
                seen += 1
    assert seen


def test_a_council_of_one_commune_has_no_total_apart(council: Report) -> None:
    alone = tuple(replace(line, figure=replace(line.figure, communes=1)) for line in council.lines)
    by_id = {line.id: line for line in alone}
    programmes = tuple(
        replace(p, readings=tuple(replace(r, line=by_id[r.line.id]) for r in p.readings))
        for p in council.programmes
    )
    held = replace(council, lines=alone, programmes=programmes)
    (slide,) = deck(held, slides=["programme-2-profil"], produced=PRODUCED).slides
    assert slide.table is not None
    assert slide.table.titles[:2] == ("Indicateur", "Faits")


@pytest.mark.parametrize(
    ("value", "whole", "said"),
    [
        (1063.4, 248.2, "Contexte\u202f: 1\u202f063 habitants par km², 248 dans le département"),
        (1063.4, None, "Contexte\u202f: 1\u202f063 habitants par km²"),
        (None, 248.2, "Contexte"),
    ],
)
def test_how_dense_an_area_is(
    council: Report, value: float | None, whole: float | None, said: str
) -> None:
    context = tuple(
        replace(each, value=value, departement=whole) if each.id == "densite" else each
        for each in council.context
    )
    assert findings.context(replace(council, context=context)) == said
    assert findings.context(replace(council, context=())) == "Contexte"
