"""The foot of every page that leaves the screen: where the figures are from, and for whom it is."""

from datetime import date

from diagnostics.report.model import Report
from diagnostics.wording import COMMUNAL, NARROW, count, day, number, percent

AUDIENCES = {
    "public": "Document public",
    "interne": "Document de travail interne, à ne pas diffuser",
}
"""Who a document is made for, and what its foot says of it."""


def footer(report: Report, produced: date, audience: str = "public") -> str:
    """Return one line: source, edition, geography, licence, coverage, date, audience.

    Raises:
        KeyError: `audience` is none of `AUDIENCES`.
    """
    return " · ".join(
        (
            source(report),
            f"Couverture{NARROW}: {coverage(report)}",
            f"Produit le {day(produced)}",
            AUDIENCES[audience],
        )
    )


def source(report: Report) -> str:
    """Return the publisher, the edition and the geography of the figures."""
    calculation = report.lines[0].calculation
    edition = f"édition {report.edition}, géographie {calculation.geography or 'non dite'}"
    if report.simulated:
        return f"Source{NARROW}: département simulé, chiffres inventés, {edition}"
    return f"Source{NARROW}: {calculation.publisher}, {edition}, {calculation.licence}"


def coverage(report: Report) -> str:
    """Return how much of the area is published, whichever the indicator, for the year."""
    if report.area.niveau in COMMUNAL:
        known = sum(line.figure.status in ("publie", "zero") for line in report.lines)
        published = count(known, "indicateur publié", "indicateurs publiés")
        return f"{published} sur {number(len(report.lines))}"
    shares = [
        line.figure.population_coverage
        for line in report.lines
        if line.figure.population_coverage is not None
    ]
    if not shares:
        return "non connue"
    low, high = percent(min(shares)), percent(max(shares))
    if low == high:
        return f"{low} de la population"
    return f"de {low} à {high} de la population selon l’indicateur"
