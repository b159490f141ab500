"""Titles of slides that say what was found, not only what the slide is about."""

from collections.abc import Sequence

from diagnostics.report import law
from diagnostics.report.model import Line, Programme, Ratio, Report
from diagnostics.wording import NARROW, context_value, count, number, quoted

_HIGHER, _LOWER = "plus_eleve", "moins_eleve"


def territory(report: Report) -> str:
    """Say the legal situation of the area."""
    return f"{report.area.label}{NARROW}: {law.situation(report.legal, report.area.niveau)}"


def context(report: Report) -> str:
    """Say how dense the area is beside the département, what all the context depends on most."""
    density = next((line for line in report.context if line.id == "densite"), None)
    if density is None or density.value is None:
        return "Contexte"
    here = f"Contexte{NARROW}: {context_value(density.value, density.unit)}"
    whole = density.departement
    return here if whole is None else f"{here}, {number(whole)} dans le département"


def mapped(report: Report, line: Line) -> str:
    """Say how the line of the map stands beside its reference."""
    where = f"Carte{NARROW}: {quoted(line.title)} en {report.year}"
    compared = line.comparison
    if compared is None or not compared.verdict:
        return where
    words = {
        _HIGHER: f"taux plus élevé que {compared.label}",
        _LOWER: f"taux moins élevé que {compared.label}",
        "proche": f"taux proche de la référence, {compared.label}",
    }
    return f"{where}, {words[compared.verdict]}"


def profile(programme: Programme, lines: Sequence[Line]) -> str:
    """Say how many rates of a programme are higher and lower than their reference."""
    return f"{_named(programme)}{NARROW}: {standing(lines)}"


def trends(programme: Programme, lines: Sequence[Line]) -> str:
    """Say how many rates of a programme rise and fall."""
    head = f"{_named(programme)}, évolution{NARROW}: "
    rising, falling = (
        sum(line.trend.verdict == verdict for line in lines) for verdict in ("hausse", "baisse")
    )
    if rising or falling:
        return f"{head}{_both(rising, 'en hausse', falling, 'en baisse')} sur cinq ans"
    known = any(line.trend.verdict == "pas_de_tendance" for line in lines)
    return head + (
        "aucune tendance significative sur cinq ans" if known else "aucune tendance calculable"
    )


def rising(report: Report) -> str:
    """Say how many rates are higher than the reference, and how many of them rise."""
    higher = [line for line in report.lines if _verdict(line) == _HIGHER]
    rising = report.higher_and_rising
    if rising:
        others = len(higher) - len(rising)
        rest = f", {number(others)} {_high(others)} sans hausse certaine" if others else ""
        return f"{number(len(rising))} taux {_high(len(rising))} et en hausse{rest}"
    if higher:
        known = any(line.trend.verdict not in ("", "non_calculable") for line in higher)
        trend = "aucun en hausse certaine" if known else "tendance non calculable"
        return f"{number(len(higher))} taux {_high(len(higher))}, {trend}"
    if any(_verdict(line) for line in report.lines):
        return f"Aucun taux plus élevé que la référence, sur {_judged(report.lines)}"
    return f"Plus élevé et en hausse{NARROW}: rien ne peut être comparé"


def compared(report: Report) -> str:
    """Say how many rates are higher and lower than the reference asked for."""
    return f"Comparaisons{NARROW}: {standing(report.lines)}"


def standing(lines: Sequence[Line]) -> str:
    """Say how many of some rates are higher and lower than their reference, and which it is."""
    judged = [line for line in lines if _verdict(line)]
    if not judged:
        return "aucun taux comparé"
    assert judged[0].comparison is not None
    label = judged[0].comparison.label
    higher, lower = (sum(_verdict(line) == v for line in judged) for v in (_HIGHER, _LOWER))
    if not higher and not lower:
        return f"aucun taux plus élevé ni moins élevé que {label}, sur {_judged(lines)}"
    said = _both(higher, _high(higher), lower, _low(lower))
    return f"{said} que {label}"


def _high(quantity: int) -> str:
    return "plus élevé" if quantity < 2 else "plus élevés"


def _low(quantity: int) -> str:
    return "moins élevé" if quantity < 2 else "moins élevés"


def period(report: Report) -> str:
    """Say how many rates rose and fell for certain between the two periods."""
    changes = [line.period for line in report.lines if line.period and line.period.own]
    if not changes:
        return f"La période de la stratégie{NARROW}: rien ne peut être comparé"
    before, after = (f"{years[0]}–{years[-1]}" for years in (changes[0].before, changes[0].after))
    owns = [change.own for change in changes if change.own is not None]
    said = _changed(owns)
    return f"De {before} à {after}{NARROW}: {said}"


def _changed(owns: Sequence[Ratio]) -> str:
    up, down = sum(own.low > 1 for own in owns), sum(own.high < 1 for own in owns)
    if not up and not down:
        return "aucune évolution certaine"
    return _both(up, "en hausse", down, "en baisse")


def unsaid(report: Report) -> str:
    """Say how many indicators miss a figure."""
    silent = len({title for each in report.unsaid for title in each.indicators})
    total = number(len(report.lines))
    return f"Ce qui ne peut pas être dit{NARROW}: {count(silent, 'indicateur')} sur {total}"


def _both(first: int, one: str, second: int, other: str) -> str:
    """Join two counts of rates, the one that is zero left out: `3 taux en hausse, 1 en baisse`."""
    if first and second:
        return f"{number(first)} taux {one}, {number(second)} {other}"
    return f"{number(first or second)} taux {one if first else other}"


def _named(programme: Programme) -> str:
    return f"Programme {programme.number}, {programme.short_title}"


def _judged(lines: Sequence[Line]) -> str:
    return count(sum(bool(_verdict(line)) for line in lines), "comparé")


def _verdict(line: Line) -> str:
    return line.comparison.verdict if line.comparison else ""
