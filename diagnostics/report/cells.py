"""The words of an area and of one line, as every table and message says them."""

from diagnostics import territories
from diagnostics.report.model import COUNTED, Area, Line, Programme, Report
from diagnostics.wording import (
    COMMUNAL,
    NARROW,
    NOT_SHOWN,
    VERDICTS,
    agree,
    count,
    interval,
    number,
    percent,
    rate,
    status_label,
)

NAMES_SHOWN = 16
"""Communes named on a slide; a few more are named too, rather than leave out two or three."""
NAMES_MAXIMUM = 20


def identity(report: Report) -> str:
    """Return one line that says what the area is: kind, communes, residents, density."""
    area = report.area
    kinds = territories.TYPES | {"epci": "Intercommunalité"}
    parts = [kinds.get(area.type, territories.LEVELS.get(area.niveau, "Périmètre libre"))]
    if area.niveau not in COMMUNAL:
        parts.append(count(len(area.communes), "commune"))
    if area.population is not None:
        residents = count(area.population, "habitant")
        parts.append(f"{residents} (population municipale {area.population_year})")
    if area.density_class:
        parts.append(area.density_class.lower())
    counted = [each for each in area.beyond if each.status == COUNTED]
    if counted:
        there = count(sum(len(each.communes) for each in counted), "commune")
        where = ", ".join(each.label for each in counted)
        parts.append(f"dont {there} hors du département ({where})")
    if area.outside:
        away = count(len(area.outside), "commune")
        parts.append(f"{away} dans un autre département, hors des chiffres")
    return " · ".join(parts)


def located(area: Area) -> str:
    """Return what a map says that shows an area in its département, or in several."""
    return f"{area.label} dans {'ses départements' if area.across else 'le département'}"


def composition(report: Report) -> tuple[str, ...]:
    """Return the communes of a group, the most populous where there are many."""
    communes = report.area.communes
    if report.area.niveau in COMMUNAL:
        groups = ", ".join(place.label for place in report.area.groups)
        return (f"Dans{NARROW}: {groups}.",) if groups else ()
    if len(communes) <= NAMES_MAXIMUM:
        noun = "Commune" if len(communes) == 1 else "Communes"
        return (f"{noun}{NARROW}: {', '.join(place.label for place in communes)}.",)
    largest = sorted(communes, key=lambda place: -(place.population or 0))[:NAMES_SHOWN]
    rest = count(len(communes) - NAMES_SHOWN, "autre commune", "autres communes")
    return (f"Les plus peuplées{NARROW}: {', '.join(p.label for p in largest)} et {rest}.",)


def facts_text(line: Line) -> str:
    """Return the facts of a line: count, total with its interval, or why there is none.

    Persons of a council of one commune are those of the commune: nothing is summed.
    """
    figure = line.figure
    if figure.status in ("non_diffuse", "absent") and figure.estimated is None:
        return status_label(figure.status)
    if figure.estimated is not None:
        return total_text(line)
    if figure.published is None:
        return NOT_SHOWN
    text = number(figure.published)
    if figure.communes == 1:
        return text
    if figure.published == 0 and figure.status == "partiel":
        # Zero where it is published, and some of it is not: no zero for the whole.
        return f"total {NOT_SHOWN}"
    if not line.additive and line.niveau not in COMMUNAL:
        return f"{text} (somme indicative)"
    if not figure.reason:
        return text
    return f"{text} {agree('publié', figure.published, line.unit)}, total {NOT_SHOWN}"


def published_text(line: Line) -> str:
    """Return what is published of a group, with the share of residents that it covers."""
    figure = line.figure
    if figure.published is None:
        return NOT_SHOWN
    summed = ", somme indicative" if not line.additive and (figure.communes or 0) > 1 else ""
    return f"{number(figure.published)}{summed} ({coverage_text(line)})"


def total_text(line: Line) -> str:
    """Return the total of a group, with its interval where it is estimated."""
    figure = line.figure
    if figure.estimated is None:
        return NOT_SHOWN
    if figure.estimated_low == figure.estimated_high:
        return number(figure.estimated)
    bounds = interval(figure.estimated_low or 0, figure.estimated_high or 0, number)
    return f"{number(figure.estimated)} {bounds}"


def published_part(line: Line) -> str:
    """Return how much of an estimated total is published, "" where nothing is estimated.

    It is what is known for certain: the total is at least that.
    """
    figure = line.figure
    if figure.estimated is None or figure.estimated_low == figure.estimated_high:
        return ""
    published = figure.published or 0
    return f"dont {number(published)} {agree('publié', published, line.unit)}"


def rate_text(line: Line) -> str:
    """Return the judged rate with its interval, or that it is not shown."""
    figure = line.figure
    if figure.rate is None:
        return NOT_SHOWN
    if figure.rate_low is None or figure.rate_high is None:
        return rate(figure.rate)
    return f"{rate(figure.rate)} {interval(figure.rate_low, figure.rate_high)}"


def verdict_text(line: Line) -> str:
    """Return the verdict by sign and word."""
    verdict = line.comparison.verdict if line.comparison else ""
    return " ".join(VERDICTS[verdict])


def coverage_text(line: Line) -> str:
    """Return the share of residents in published communes."""
    return percent(line.figure.population_coverage)


def programme_lines(programme: Programme) -> list[Line]:
    """Return the lines that a programme claims first; where it claims none, all that it reads."""
    primary = [r.line for r in programme.readings if r.rank == "primary"]
    return primary or [r.line for r in programme.readings]
