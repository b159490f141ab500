"""The foot of a page says where its figures are from, how much is published, and for whom."""

from dataclasses import replace
from datetime import date

import pytest

from diagnostics import store
from diagnostics.report import Report, report
from diagnostics.report.footer import AUDIENCES, coverage, footer
from diagnostics.wording import NARROW


@pytest.fixture(scope="module")
def council(simulated_store) -> Report:
    held = store.open_store(simulated_store)
    rows = held.table("00", "long")
    return report(held, "00", "territoire", rows[rows["niveau"] == "territoire"]["code"].iloc[0])


@pytest.mark.parametrize("audience", AUDIENCES)
def test_a_foot_holds_all_that_a_page_sent_alone_needs(council, audience):
    line = footer(council, date(2026, 3, 1), audience)
    for part in (
        council.edition,
        "géographie 20",
        "Couverture",
        "Produit le 1er mars 2026",
        AUDIENCES[audience],
    ):
        assert part in line


def test_an_unknown_audience_is_an_error(council):
    with pytest.raises(KeyError):
        footer(council, date(2026, 3, 1), "secret")


def test_invented_figures_are_said_to_be(council):
    assert "chiffres inventés" in footer(council, date(2026, 3, 1))
    real = replace(council, simulated=False)
    assert "SSMSI" in footer(real, date(2026, 3, 1))


def test_the_coverage_of_a_group_is_the_range_over_its_indicators(council):
    figures = [replace(line.figure, population_coverage=0.25) for line in council.lines]
    lines = [
        replace(line, figure=figure) for line, figure in zip(council.lines, figures, strict=True)
    ]
    assert coverage(replace(council, lines=tuple(lines))) == f"25{NARROW}% de la population"
    lines[0] = replace(lines[0], figure=replace(figures[0], population_coverage=1.0))
    said = coverage(replace(council, lines=tuple(lines)))
    assert said.startswith(f"de 25{NARROW}% à 100{NARROW}% de la population")
