"""What the complete diagnostic says, chapter by chapter."""

from collections.abc import Mapping, Sequence
from datetime import date

from diagnostics import comparisons
from diagnostics.exports.pdf.area_map import COVER
from diagnostics.exports.pdf.content import (
    NOT_SHOWN_WORDS,
    Content,
    is_group,
    key_figures,
    legal_of,
    map_of,
    named,
    profile_table,
    reading,
    spaced,
    verdict_of,
)
from diagnostics.exports.pdf.printable import printed
from diagnostics.figures import charts_svg, report_charts
from diagnostics.figures.charts import ProfileChart, TimeChart
from diagnostics.report import deck
from diagnostics.report import footer as foot
from diagnostics.report.cells import programme_lines, rate_text
from diagnostics.report.model import Line, Report
from diagnostics.report.sentences import published_rate_sentence
from diagnostics.report.tables import Tables
from diagnostics.wording import (
    DIFFUSION_RULE,
    NARROW,
    NOT_SHOWN,
    VERDICTS,
    context_text,
    context_value,
    count,
    day,
    number,
    rate,
)

LISTED = 100
"""Communes of an area that are listed one by one; beyond, those that the law obliges."""


def diagnostic_content(
    report: Report, tables: Tables, audience: str, produced: date, texts: Mapping[str, str]
) -> Content:
    """Return what the complete diagnostic says, chapter by chapter."""
    return printed(
        {
            **named(report, tables, audience, produced),
            "audience": foot.AUDIENCES[audience],
            "produced": f"Produit le {day(produced)}",
            "strategy": report.strategy,
            "mapping_note": spaced(report.mapping_note),
            "reading": reading(report),
            "diffusion": f"La règle du SSMSI{NARROW}: {DIFFUSION_RULE}.",
            "not_shown": NOT_SHOWN_WORDS,
            "rising": deck.rising_sentences(report),
            "key_figures": key_figures(report),
            "map": map_of(report, tables, COVER),
            "legal": legal_of(report),
            "law": f"{report.legal.law}.",
            "communes": _communes(report),
            "unlisted": _unlisted(report),
            "neighbours": ", ".join(place.label for place in report.area.neighbours),
            "context": _context(report),
            "texts": [
                {"title": deck.TEXTS.get(key, key), "paragraphs": _paragraphs(text)}
                for key, text in texts.items()
                if text.strip()
            ],
            "programmes": _chapters(report),
            "others": _chapter(report, "Autres indicateurs", list(report.others)),
            "around": [
                {
                    "title": around.place.label,
                    "table": profile_table(report, [("", list(around.lines))], group=True),
                }
                for around in report.around
            ],
            "comparisons": _comparisons(report),
            "similar": {
                "rows": [[s.label, number(s.distance, 2)] for s in report.similar],
                "variables": ", ".join(report.similar_variables),
            },
            "period": [
                [line.title, line.words.period]
                for line in report.lines
                if line.period is not None and line.period.own is not None
            ],
            "period_missing": _period_missing(report),
            "unsaid": [
                {"sentence": u.sentence, "indicators": ", ".join(u.indicators)}
                for u in report.unsaid
            ],
            "caveats": [spaced(c) for c in report.caveats],
            "rules": _rules(report),
            "sources": [[s.title, s.publisher, s.licence, s.file] for s in report.sources],
            "edition": f"Édition {report.edition}.",
        }
    )


def _communes(report: Report) -> list[list[str]]:
    if not is_group(report):
        return []
    duties = {duty.code: duty for duty in report.legal.communes}
    places = report.area.communes
    if len(places) > LISTED:
        places = tuple(p for p in places if p.code in duties and duties[p.code].duty != "aucune")
    return [
        [
            place.label,
            NOT_SHOWN if place.population is None else number(place.population),
            number(duties[place.code].qpv_count) if place.code in duties else NOT_SHOWN,
            _DUTIES[duties[place.code].duty] if place.code in duties else NOT_SHOWN,
        ]
        for place in places
    ]


def _unlisted(report: Report) -> str:
    left = len(report.area.communes) - len(_communes(report))
    if not is_group(report) or not left:
        return ""
    rest = count(left, "autre commune", "autres communes")
    return f"Aucun CLSPD n’est obligatoire dans {rest}."


_DUTIES = {"obligatoire": "obligatoire", "facultatif": "facultatif (CISPD)", "aucune": "non"}


def _context(report: Report) -> Content:
    shown = [line for line in report.context if context_text(line) and not line.reason]
    missing: dict[str, list[str]] = {}
    for line in report.context:
        if line not in shown and line.reason:
            missing.setdefault(line.reason, []).append(line.title)
    return {
        "rows": [
            [
                line.title + (" (approché)" if line.approximate else ""),
                context_text(line),
                NOT_SHOWN
                if line.departement is None
                else context_value(line.departement, line.unit),
                str(line.year or NOT_SHOWN),
            ]
            for line in shown
        ],
        "missing": [f"{', '.join(titles)}{NARROW}: {reason}" for reason, titles in missing.items()],
        "caution": spaced(report.context_caution),
        "sources": ", ".join(dict.fromkeys(line.source for line in shown if line.source)),
    }


def _chapters(report: Report) -> list[Content]:
    found = []
    for programme in report.programmes:
        lines = programme_lines(programme)
        title = f"Programme {programme.number}{NARROW}: {programme.short_title}"
        chapter = _chapter(report, title, lines) or {"title": title, "lines": []}
        also = [r.line.title for r in programme.readings if r.line not in lines]
        reasons = {r.line.id: spaced(r.reason) for r in programme.readings}
        for said, line in zip(chapter["lines"], lines, strict=True):
            said["reason"] = reasons[line.id]
        chapter["words"] = programme.title
        chapter["also"] = f"Se lisent aussi ici{NARROW}: {', '.join(also)}." if also else ""
        found.append(chapter)
    return found


def _chapter(report: Report, title: str, lines: list[Line]) -> Content | None:
    """Return tables, charts and sentences of some lines; None where there is no line."""
    if not lines:
        return None
    rated = [line for line in lines if line.figure.rate is not None]
    followed = [line for line in lines if any(p.rate is not None for p in line.series)]
    charts = [_places(report, rated)] if rated else []
    if followed and len(report.years) > 1:
        charts.append(_years(report, followed))
    return {
        "title": title,
        "table": profile_table(report, [("", lines)]),
        "charts": charts,
        "alone": (
            f"L’édition chargée ne contient que {report.year}{NARROW}: aucune évolution à montrer."
            if len(report.years) == 1
            else ""
        ),
        "lines": [_said(line, alone=len(report.years) == 1) for line in lines],
    }


def _places(report: Report, lines: Sequence[Line]) -> Content:
    """Return the chart that places an area among the others."""
    words = f"Place de {report.area.label}{NARROW}: {', '.join(line.title for line in lines)}"
    alt = f"{words}. Les taux, intervalles et références sont dans le tableau."
    chart = report_charts.profile(report, "", lines, "")
    return _drawn("La zone parmi les autres", chart, alt)


def _years(report: Report, lines: Sequence[Line]) -> Content:
    """Return small multiples of the years of some lines."""
    span = f"{report.years[0]} à {report.years[-1]}"
    alt = (
        f"Taux de {span}{NARROW}: {', '.join(line.title for line in lines)}. Les phrases du "
        "chapitre disent la tendance de chaque indicateur."
    )
    chart = report_charts.small_multiples(report, "", lines, "")
    return _drawn(f"Année par année, {span}", chart, alt)


def _drawn(title: str, chart: TimeChart | ProfileChart, alt: str) -> Content:
    """Return a chart in parts, the words of which are those of the first."""
    first, *others = charts_svg.svg_figures(chart)
    parts = [{"svg": first, "alt": alt}]
    parts += [{"svg": svg, "alt": f"{title}, suite du graphique."} for svg in others]
    return {"title": title, "parts": parts}


def _said(line: Line, alone: bool) -> Content:
    """Return what is said of one line; why it is hidden is said once, in its own chapter.

    Where the base holds a single year, its chapter says so once for all.
    """
    words = line.words
    sentences = [
        words.headline,
        words.verdict if verdict_of(line) or line.figure.published is not None else "",
        "" if alone else words.trend,
        words.coverage,
        published_rate_sentence(line),
    ]
    return {
        "title": line.title,
        "sentences": [s for s in sentences if s],
        "caveat": spaced(line.caveat),
        "reason": "",
    }


def _comparisons(report: Report) -> Content:
    labels = {c.reference: c.label for line in report.lines for c in line.comparisons}
    references = [r for r in comparisons.REFERENCES if r in labels]
    rows = []
    for line in report.lines:
        if not line.comparisons:
            continue
        by_reference = {c.reference: c for c in line.comparisons}
        compared = []
        for reference in references:
            found = by_reference.get(reference)
            verdict = found.verdict if found else ""
            compared.append(
                {
                    "rate": rate(found.rate) if found else NOT_SHOWN,
                    "verdict": verdict,
                    "word": VERDICTS[verdict][1],
                }
            )
        rows.append({"title": line.title, "rate": rate_text(line), "cells": compared})
    without = [line.title for line in report.lines if not line.comparisons]
    return {
        "references": [labels[r][:1].upper() + labels[r][1:] for r in references],
        "rows": rows,
        "without": f"Non comparés{NARROW}: {', '.join(without)}." if without else "",
    }


def _period_missing(report: Report) -> list[str]:
    """Return each reason why periods are not compared, once, with its indicators."""
    by_reason: dict[str, list[str]] = {}
    for line in report.lines:
        if line.period is not None and line.period.own is None:
            by_reason.setdefault(line.words.period, []).append(line.title)
    return [f"{sentence} ({', '.join(titles)})" for sentence, titles in by_reason.items()]


def _rules(report: Report) -> list[Content]:
    by_rule: dict[str, list[str]] = {}
    for line in report.lines:
        by_rule.setdefault(line.calculation.rule, []).append(line.title)
    return [{"rule": rule, "indicators": ", ".join(t)} for rule, t in by_rule.items()]


def _paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
