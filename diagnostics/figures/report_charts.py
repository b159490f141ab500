"""Charts of a report: the same figures as its lines, whatever renders them."""

import math
from collections.abc import Sequence

from diagnostics.figures.charts import (
    REST,
    Caption,
    Panel,
    ProfileChart,
    ProfileRow,
    TimeChart,
    TotalBar,
    profile_row,
    time_chart,
)
from diagnostics.figures.charts import Line as Series
from diagnostics.long_table import REFERENCE
from diagnostics.report.model import Line, Point, Report
from diagnostics.statistics.profile import Profile
from diagnostics.wording import COMMUNAL, count, covered, number

_ABSENCES = {"non_diffuse": "non publié", "absent": "absent de la base"}
_WHOLE = "département"
_COUNCILS = {"cispd": "CISPD", "clspd": "CLSPD", "contrat": "contrats intercommunaux"}
_EPCI = "les intercommunalités sans commune partagée"
_SAME_LEVEL = "les autres zones de ce niveau"
_PEERS = {
    "commune": "les autres communes du département",
    "epci": "les autres intercommunalités du département",
    "arrondissement": "les autres arrondissements du département",
    **{kind: f"les autres {name} du département" for kind, name in _COUNCILS.items()},
}


def caption(report: Report, title: str, unit: str, source_line: str) -> Caption:
    """Return the words that go inside every picture of a report."""
    return Caption(title, f"{report.area.label}, {report.year}", unit, source_line, report.edition)


def series(report: Report, line: Line, source_line: str) -> TimeChart:
    """Return the years of one indicator, with the reference of the report."""
    words = caption(report, line.title, line.unit_of_rate, source_line)
    return time_chart(words, [_panel(report, line)])


def small_multiples(
    report: Report, title: str, lines: Sequence[Line], source_line: str
) -> TimeChart:
    """Return the years of several indicators, each on its own scale."""
    words = caption(report, title, "pour 1 000 habitants, ou logements", source_line)
    return time_chart(words, [_panel(report, line) for line in lines])


def profile(report: Report, title: str, lines: Sequence[Line], source_line: str) -> ProfileChart:
    """Return where the area stands among its peers, one row per indicator."""
    unit = "taux pour 1\u202f000\u202f; l’unité de chaque ligne est écrite sous son nom"
    compared = (line.comparison.label for line in lines if line.comparison)
    return ProfileChart(
        caption(report, title, unit, source_line),
        report.area.label,
        _EPCI if report.area.among_epci else _PEERS.get(report.area.type, _SAME_LEVEL),
        next(compared, REST).removeprefix("le "),
        tuple(_profile_row(line) for line in lines),
    )


def total(report: Report, line: Line, source_line: str) -> TotalBar | None:
    """Return the bar of a group's total; None for a commune, which has no estimate."""
    figure = line.figure
    if line.niveau in COMMUNAL or not line.additive:
        return None
    published = _number(figure.published)
    known, members = figure.published_communes or 0, figure.communes or 0
    return TotalBar(
        caption(report, line.title, line.unit, source_line),
        published,
        _number(figure.estimated),
        _number(figure.estimated_low),
        _number(figure.estimated_high),
        f"{count(known, 'commune')} sur {number(members)}, {covered(figure.population_coverage)}",
        line.words.refusal,
    )


def _panel(report: Report, line: Line) -> Panel:
    points = line.series
    unknown = (math.nan,) * len(points)
    # The rest of the département is not known where the area's own facts are not: a commune with
    # hidden years is shown beside the whole département, all along.
    rest = report.comparator == REFERENCE
    whole = rest and line.niveau in COMMUNAL and any(p.reference is None for p in points)
    values = [p.departement if whole else p.reference for p in points]
    reference = Series(
        _WHOLE if whole else REST if rest else _reference(report),
        tuple(map(_number, values)),
        unknown,
        unknown,
        tuple("" if value is not None else "référence non calculée" for value in values),
    )
    area = Series(
        line.area_label,
        tuple(_number(p.rate) for p in points),
        tuple(_number(p.low) for p in points),
        tuple(_number(p.high) for p in points),
        tuple(_absence(p) for p in points),
        indicative=not line.additive and line.niveau not in COMMUNAL and line.figure.communes != 1,
    )
    years = tuple(p.year for p in points)
    return Panel(line.title, years, area, reference if any(v is not None for v in values) else None)


def _reference(report: Report) -> str:
    """Return what the areas of a report are compared with, in its own words."""
    labels = (line.comparison.label for line in report.lines if line.comparison)
    return next(labels, "référence").removeprefix("le ")


def _profile_row(line: Line) -> ProfileRow:
    spread, figure = line.spread, line.figure
    position = Profile(
        _number(spread.minimum),
        _number(spread.first_quartile),
        _number(spread.median),
        _number(spread.third_quartile),
        _number(spread.maximum),
        _number(line.comparison.rate if line.comparison else None),
        _number(figure.rate),
        _number(figure.rate_low),
        _number(figure.rate_high),
        spread.peers_known,
        spread.peers_unknown,
    )
    verdict = line.comparison.verdict if line.comparison else ""
    return profile_row(line.title, position, verdict, figure.status, line.unit_of_rate)


def _absence(point: Point) -> str:
    if point.rate is not None:
        return ""
    if point.facts is not None:
        return "pas de dénominateur"
    return _ABSENCES.get(point.status, "total non estimé")


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
