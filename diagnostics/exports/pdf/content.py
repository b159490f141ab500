"""What each PDF says, as plain French strings: the templates beside this module only lay it out.

Texts travel to typst as data, never as markup: a name can hold `#panic()` and stays a name.
Figures are those of the report, in the words of `diagnostics.report.deck` and `wording`.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from PIL import ImageFont

from diagnostics import comparisons
from diagnostics.exports.pdf.area_map import AreaMap, area_map
from diagnostics.figures import charts_svg, fonts, maps, report_charts
from diagnostics.figures.charts import NOT_SHOWN, Chart
from diagnostics.report import deck
from diagnostics.report import footer as foot
from diagnostics.report.model import Line, Report, SourceUsed
from diagnostics.report.sentences import published_rate_sentence
from diagnostics.report.tables import Tables
from diagnostics.sources.cog import COMMUNE
from diagnostics.wording import (
    COMMUNAL,
    DIFFUSION_RULE,
    NARROW,
    TRENDS,
    VERDICTS,
    context_text,
    context_value,
    count,
    interval,
    number,
    plural,
    rate,
)

Content = dict[str, Any]
"""Strings, numbers, lists and dicts of them: what JSON holds."""

SHEET_NAMES, SHEET_CAVEATS, SHEET_SOURCES = 330, 900, 620
"""Characters that a fiche gives to the communes' names, to the caveats and to the sources."""
_PANELS = 9
"""Small multiples on one page."""
_BANDS = {
    "hausse": ("plus_eleve", "Plus élevé et en hausse"),
    "plus_eleve": ("plus_eleve", "Plus élevé"),
    "proche": ("proche", "Proche"),
    "moins_eleve": ("moins_eleve", "Moins élevé"),
    "": ("", "Non comparé"),
}
"""How a fiche groups the indicators of a programme, the most pressing first: sign and words."""
_READING = {
    "Plus élevé, moins élevé, proche": (
        f"L’intervalle à 95{NARROW}% du taux exclut la référence, par le haut ou par le bas, ou "
        "la contient. Un verdict ne dit pas si la situation est bonne ou mauvaise."
    ),
    "Tendance": (
        f"Droite pondérée sur les cinq dernières années, retenue si le χ² de la pente dépasse 9,55 "
        f"(p{NARROW}<{NARROW}0,002) et si le sens tient quand on retire une année quelconque. "
        f"Moins de cinq années connues{NARROW}: non calculable."
    ),
    "Taux": (
        f"Faits pour 1{NARROW}000 habitants, ou pour 1{NARROW}000 logements pour les "
        f"cambriolages, avec un intervalle de confiance à 95{NARROW}%."
    ),
    "Unités": ("Victimes, infractions, véhicules et mis en cause ne s’additionnent pas entre eux."),
}
_OF_GROUPS = {
    "Total estimé": (
        f"Le nombre publié, plus une part du total connu des communes non publiées du "
        f"département, avec son intervalle à 95{NARROW}%. La zone est jugée sur ce total, non sur "
        "la seule part publiée, trop haute puisque les grands nombres sont publiés d’abord."
    ),
    "Couverture": (
        "Part des habitants qui vivent dans une commune dont le chiffre est publié ou nul."
    ),
}
_NOT_SHOWN_WORDS = (
    f"{NOT_SHOWN}{NARROW}: non publié, ou total non estimable. Ni zéro, ni petit nombre."
)


def sheet(report: Report, tables: Tables, audience: str, produced: date) -> Content:
    """Return what the two pages of a fiche say."""
    drawn = area_map(report, tables)
    caveats, left = _within([_spaced(c) for c in report.caveats], SHEET_CAVEATS)
    if left:
        caveats.append(f"Et {count(left, 'autre réserve')}, dans le diagnostic complet.")
    return _printed(
        {
            **_identity(report, tables, audience, produced),
            "composition": _composition_in_brief(report),
            "legal": report.legal.sentences[0],
            "key_figures": _key_figures(report),
            "map": None if drawn is None else _map(report, drawn),
            "rising": deck.rising_sentences(report)[0],
            "programmes": [
                {
                    "number": str(p.number),
                    "title": p.short_title,
                    "bands": _bands(deck.programme_lines(p)),
                }
                for p in report.programmes
            ],
            "table": _table(report, _by_programme(report)),
            "coverage": _coverage(report),
            "reading": _pairs(_READING | (_OF_GROUPS if _is_group(report) else {})),
            "unsaid": [f"{u.sentence} ({', '.join(u.indicators)})" for u in report.unsaid],
            "caveats": [*caveats, _spaced(report.mapping_note)],
            "sources": _sources_in_brief(report.sources),
        }
    )


def diagnostic(
    report: Report, tables: Tables, audience: str, produced: date, texts: Mapping[str, str]
) -> Content:
    """Return what the complete diagnostic says, chapter by chapter."""
    drawn = area_map(report, tables)
    return _printed(
        {
            **_identity(report, tables, audience, produced),
            "audience": foot.AUDIENCES[audience],
            "produced": f"Produit le {foot.day(produced)}",
            "strategy": report.strategy,
            "mapping_note": _spaced(report.mapping_note),
            "reading": _pairs(_READING | (_OF_GROUPS if _is_group(report) else {})),
            "diffusion": f"La règle du SSMSI{NARROW}: {DIFFUSION_RULE}.",
            "not_shown": _NOT_SHOWN_WORDS,
            "rising": deck.rising_sentences(report),
            "key_figures": _key_figures(report),
            "map": None if drawn is None else _map(report, drawn),
            "legal": _legal(report),
            "law": f"{report.legal.law}.",
            "communes": _communes(report),
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
                    "table": _table(report, [("", list(around.lines))], group=True),
                }
                for around in report.around
            ],
            "comparisons": _comparisons(report),
            "similar": {
                "rows": [[s.label, number(s.distance, 2)] for s in report.similar],
                "variables": ", ".join(report.similar_variables),
            },
            "period": [
                {"title": line.title, "sentences": [line.words.period]}
                for line in report.lines
                if line.period is not None and line.period.own is not None
            ],
            "period_missing": _period_missing(report),
            "unsaid": [
                {"sentence": u.sentence, "indicators": ", ".join(u.indicators)}
                for u in report.unsaid
            ],
            "caveats": [_spaced(c) for c in report.caveats],
            "rules": _rules(report),
            "sources": [[s.title, s.publisher, s.licence, s.file] for s in report.sources],
            "edition": f"Édition {report.edition}.",
        }
    )


# --- What both documents share. ---


def _identity(report: Report, tables: Tables, audience: str, produced: date) -> Content:
    area = report.area
    locator = None
    frame = tables.outlines
    whole = frame[frame["niveau"] == "departement"]
    niveau = area.niveau if area.niveau in COMMUNAL else COMMUNE
    codes = [place.code for place in area.communes]
    own = frame[(frame["niveau"] == niveau) & frame["code"].isin(codes)]
    if len(whole) and len(own):
        label = f"{area.label} dans le département"
        locator = {"svg": maps.locator(own, whole, label), "alt": f"Localisation{NARROW}: {label}"}
    return {
        "area": area.label,
        "year": str(report.year),
        "date": [produced.year, produced.month, produced.day],
        "footer": foot.footer(report, produced, audience),
        "identity": deck.identity(report),
        "simulated": "Département simulé, chiffres inventés" if report.simulated else "",
        "locator": locator,
    }


def _map(report: Report, drawn: AreaMap) -> Content:
    communes = "taux publiés par commune"
    return {
        "svg": drawn.svg,
        "width": drawn.width_pt,
        "height": drawn.height_pt,
        "title": f"{drawn.title}, {report.year}",
        "unit": f"{drawn.unit}, {communes}",
        "alt": (
            f"Carte des communes de {report.area.label}{NARROW}: {drawn.title}, {drawn.unit}, "
            f"{report.year}. Les chiffres de la zone sont dans le tableau."
        ),
        "legend": [{"svg": svg, "words": words} for svg, words in drawn.legend],
    }


def _key_figures(report: Report) -> list[Content]:
    """Return the area in four figures, each with what it counts."""
    area = report.area
    judged = [line for line in report.lines if _verdict(line)]
    followed = [line for line in judged if _followed(line)]
    higher = [line for line in judged if _verdict(line) == "plus_eleve"]
    found = []
    if area.population is not None:
        year = f"population municipale {area.population_year}"
        noun = "habitant" if area.population < 2 else "habitants"
        found.append({"figure": number(area.population), "words": f"{noun} ({year})"})
    if _is_group(report):
        noun = "commune" if len(area.communes) == 1 else "communes"
        found.append({"figure": number(len(area.communes)), "words": noun})
    else:
        known = sum(line.figure.status in ("publie", "zero") for line in report.lines)
        total = f"sur {number(len(report.lines))} indicateurs, publiés ou nuls"
        found.append({"figure": number(known), "words": total})
    found.append(
        {
            "figure": number(len(higher)) if judged else NOT_SHOWN,
            "words": (
                f"plus élevés que la référence, sur {number(len(judged))} comparés"
                if judged
                else "aucun indicateur ne peut être comparé"
            ),
        }
    )
    found.append(
        {
            "figure": number(len(report.higher_and_rising)) if followed else NOT_SHOWN,
            "words": (
                f"plus élevés et en hausse, sur {number(len(followed))} dont la tendance est connue"
                if followed
                else f"plus élevés et en hausse{NARROW}: aucune tendance calculable"
            ),
        }
    )
    return found


def _table(
    report: Report, parts: Iterable[tuple[str, Sequence[Line]]], group: bool | None = None
) -> Content:
    """Return the profile table: titles, which columns are numbers, and parts of rows.

    A commune has neither coverage nor estimated total: those columns are left out.
    """
    group = _is_group(report) if group is None else group
    titles = ["Indicateur", "Publié"]
    titles += ["Couverture", "Total estimé (intervalle)"] if group else []
    titles += ["Taux (intervalle)", "Référence", "Verdict", "Tendance"]
    kept = [(title, [_row(line, group) for line in lines]) for title, lines in parts if lines]
    labels = dict.fromkeys(
        line.comparison.label for _, lines in parts for line in lines if line.comparison is not None
    )
    notes = [f"Référence{NARROW}: {', ou '.join(labels)}."] if labels else []
    if group and any(not line.additive for _, lines in parts for line in lines):
        notes.append(
            f"(s. i.){NARROW}: somme indicative, une même personne peut être comptée dans "
            "plusieurs communes."
        )
    notes.append(_NOT_SHOWN_WORDS)
    return {
        "titles": titles,
        "numbers": [at for at, t in enumerate(titles) if t not in _WORDS],
        "parts": [{"title": title, "rows": rows} for title, rows in kept],
        "notes": notes,
    }


_WORDS = ("Indicateur", "Verdict", "Tendance")


def _row(line: Line, group: bool) -> Content:
    figure = line.figure
    published = NOT_SHOWN if figure.published is None else number(figure.published)
    if figure.published is not None and group and not line.additive:
        published += " (s.\u00a0i.)"
    cells = [published]
    if group:
        cells += [deck.coverage_text(line), _total(line)]
    cells += [deck.rate_text(line), rate(line.comparison.rate) if line.comparison else NOT_SHOWN]
    return {
        "title": f"dont {line.title}" if line.contained_in else line.title,
        "unit": _unit(line),
        "cells": cells,
        "verdict": _verdict(line),
        "word": VERDICTS[_verdict(line)][1],
        "trend": _TREND_WORDS.get(line.trend.verdict, TRENDS[line.trend.verdict]) or NOT_SHOWN,
    }


def _unit(line: Line) -> str:
    """Return the unit of count, with what the rate is for where it is not residents."""
    basis = line.unit_of_rate[line.unit_of_rate.index(" pour ") :]
    return plural(line.unit) + ("" if basis.endswith("habitants") else f",{basis}")


# Narrow column: the sentences say it in full.
_TREND_WORDS = {"pas_de_tendance": "pas de tendance"}


def _total(line: Line) -> str:
    figure = line.figure
    if figure.estimated is None:
        return NOT_SHOWN
    if figure.estimated_low == figure.estimated_high:
        return number(figure.estimated)
    bounds = interval(figure.estimated_low or 0, figure.estimated_high or 0, number)
    return f"{number(figure.estimated)} {bounds}"


def _by_programme(report: Report) -> list[tuple[str, list[Line]]]:
    parts = [(f"{p.number}. {p.short_title}", deck.programme_lines(p)) for p in report.programmes]
    return [*parts, ("Autres indicateurs", list(report.others))]


def _coverage(report: Report) -> list[str]:
    said = [f"La règle de diffusion du SSMSI{NARROW}: {DIFFUSION_RULE}."]
    if _is_group(report):
        said.insert(0, f"Couverture{NARROW}: {foot.coverage(report)}.")
    elif report.area.groups:
        places = ", ".join(place.label for place in report.area.groups)
        said.append(
            f"Les zones qui contiennent la commune ont leur propre fiche{NARROW}: {places}."
        )
    return said


# --- The fiche. ---


def _bands(lines: Sequence[Line]) -> list[Content]:
    """Return the indicators of a programme by verdict, those higher and rising first."""
    by_band: dict[str, list[str]] = {band: [] for band in _BANDS}
    for line in lines:
        band = "hausse" if line.higher_and_rising else _verdict(line)
        by_band[band].append(_in_brief(line))
    return [
        {"sign": _BANDS[band][0], "title": _BANDS[band][1], "lines": said}
        for band, said in by_band.items()
        if said
    ]


def _in_brief(line: Line) -> str:
    title = f"dont {line.title}" if line.contained_in else line.title
    compared = line.comparison
    if compared is None or not compared.verdict:
        return f"{title} ({deck.facts_text(line)})"
    trend = ""
    if line.trend.verdict in ("hausse", "baisse") and not line.higher_and_rising:
        trend = f", {TRENDS[line.trend.verdict]}"
    return (
        f"{title}{NARROW}: {deck.rate_text(line)}{NARROW}‰ contre "
        f"{rate(compared.rate)}{NARROW}‰{trend}"
    )


def _composition_in_brief(report: Report) -> str:
    """Return the names of a group's communes, the most populous where all do not fit."""
    if not _is_group(report):
        return " ".join(deck.composition(report))
    places = sorted(report.area.communes, key=lambda place: -(place.population or 0))
    names, left = _within([place.label for place in places], SHEET_NAMES)
    if not left:
        return f"Communes{NARROW}: {', '.join(place.label for place in report.area.communes)}."
    rest = count(left, "autre", "autres")
    if not names:
        return ""
    return f"Communes les plus peuplées{NARROW}: {', '.join(names)} et {rest}."


def _within(texts: Sequence[str], characters: int) -> tuple[list[str], int]:
    """Return the first texts that hold in so many characters, and how many are left out."""
    kept: list[str] = []
    for text in texts:
        if sum(map(len, kept)) + len(text) > characters:
            break
        kept.append(text)
    return kept, len(texts) - len(kept)


def _sources_in_brief(sources: Sequence[SourceUsed]) -> str:
    titles = list(dict.fromkeys(f"{s.title} ({s.publisher})" for s in sources))
    kept, left = _within(titles, SHEET_SOURCES)
    rest = f" Et {count(left, 'autre')}, dans le diagnostic complet." if left else ""
    return f"{f'{NARROW}; '.join(kept)}.{rest}"


# --- The complete diagnostic. ---


def _legal(report: Report) -> list[str]:
    legal = report.legal
    said = list(legal.sentences)
    if legal.council_source:
        said.append(f"Statut du conseil{NARROW}: {legal.council_status}. {legal.council_source}.")
    return said


def _communes(report: Report) -> list[list[str]]:
    if not _is_group(report):
        return []
    duties = {duty.code: duty for duty in report.legal.communes}
    return [
        [
            place.label,
            NOT_SHOWN if place.population is None else number(place.population),
            number(duties[place.code].qpv_count) if place.code in duties else NOT_SHOWN,
            _DUTIES[duties[place.code].duty] if place.code in duties else NOT_SHOWN,
        ]
        for place in report.area.communes
    ]


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
        "caution": _spaced(report.context_caution),
        "sources": ", ".join(dict.fromkeys(line.source for line in shown if line.source)),
    }


def _chapters(report: Report) -> list[Content]:
    found = []
    for programme in report.programmes:
        lines = deck.programme_lines(programme)
        title = f"Programme {programme.number}{NARROW}: {programme.short_title}"
        chapter = _chapter(report, title, lines) or {"title": title, "lines": []}
        also = [r.line.title for r in programme.readings if r.line not in lines]
        reasons = {r.line.id: _spaced(r.reason) for r in programme.readings}
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
    charts: list[Content] = []
    if rated:
        words = f"Place de {report.area.label}{NARROW}: {', '.join(line.title for line in rated)}"
        charts.append(
            {
                "title": "La zone parmi les autres",
                "svg": _chart(report_charts.profile(report, "", rated, "")),
                "alt": f"{words}. Les taux, intervalles et références sont dans le tableau.",
            }
        )
    if len(report.years) > 1:
        for start in range(0, len(followed), _PANELS):
            part = followed[start : start + _PANELS]
            span = f"{report.years[0]} à {report.years[-1]}"
            names = ", ".join(line.title for line in part)
            charts.append(
                {
                    "title": f"Année par année, {span}",
                    "svg": _chart(report_charts.small_multiples(report, "", part, "")),
                    "alt": (
                        f"Taux de {span}{NARROW}: {names}. Les phrases du chapitre disent la "
                        "tendance de chaque indicateur."
                    ),
                }
            )
    return {
        "title": title,
        "table": _table(report, [("", lines)]),
        "charts": charts,
        "alone": (
            f"L’édition chargée ne contient que {report.year}{NARROW}: aucune évolution à montrer."
            if len(report.years) == 1
            else ""
        ),
        "lines": [_said(line) for line in lines],
    }


def _said(line: Line) -> Content:
    """Return what is said of one line; why it is hidden is said once, in its own chapter."""
    words = line.words
    sentences = [
        words.headline,
        words.verdict if _verdict(line) or line.figure.published is not None else "",
        words.trend,
        words.coverage,
        published_rate_sentence(line),
    ]
    return {
        "title": line.title,
        "sentences": [s for s in sentences if s],
        "caveat": _spaced(line.caveat),
        "reason": "",
    }


def _chart(chart: Chart) -> str:
    """Return a chart without title, source and margins: the page has its own."""
    bare = replace(chart.caption, title="", subtitle="", source_line="", edition="")
    svg = charts_svg.svg_chart(replace(chart, caption=bare))
    page = re.search(r'width="(\d+)" height="(\d+)" viewBox="0 0 (\d+) (\d+)"', svg)
    assert page is not None
    left, top, bottom = 60, 80, 66
    wide, high = int(page[3]) - 2 * left, int(page[4]) - top - bottom
    return svg.replace(
        page[0], f'width="{wide}" height="{high}" viewBox="{left} {top} {wide} {high}"'
    )


def _comparisons(report: Report) -> Content:
    labels = {c.reference: c.label for line in report.lines for c in line.comparisons}
    references = [r for r in comparisons.REFERENCES if r in labels]
    rows = []
    for line in report.lines:
        if not line.comparisons:
            continue
        by_reference = {c.reference: c for c in line.comparisons}
        cells = []
        for reference in references:
            found = by_reference.get(reference)
            verdict = found.verdict if found else ""
            cells.append(
                {
                    "rate": rate(found.rate) if found else NOT_SHOWN,
                    "verdict": verdict,
                    "word": VERDICTS[verdict][1],
                }
            )
        rows.append({"title": line.title, "rate": deck.rate_text(line), "cells": cells})
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


# --- Small words. ---


def _is_group(report: Report) -> bool:
    return report.area.niveau not in COMMUNAL


def _verdict(line: Line) -> str:
    return line.comparison.verdict if line.comparison else ""


def _followed(line: Line) -> bool:
    return line.trend.verdict not in ("", "non_calculable")


def _pairs(words: Mapping[str, str]) -> list[list[str]]:
    return [[title, text] for title, text in words.items()]


def _spaced(text: str) -> str:
    """Return a text of the catalogue with the narrow spaces that French puts before signs."""
    return re.sub(r" (?=[:;?!%‰»])|(?<=«) ", NARROW, text)


# --- What the typeface can print. ---


def _printed(said: Content) -> Content:
    return {key: _printable(value) for key, value in said.items()}


def _printable(value: Any) -> Any:
    """Return a content without what no page can show: PDF/UA refuses a missing glyph.

    Control and format characters are dropped, a character that the typeface lacks becomes « ? ».
    """
    if isinstance(value, str):
        text = unicodedata.normalize("NFC", value)
        odd = {ord(c): _replacement(c) for c in set(text) if not _plain(c)}
        return text.translate(odd) if odd else text
    if isinstance(value, list):
        return [_printable(each) for each in value]
    if isinstance(value, dict):
        return {key: _printable(each) for key, each in value.items()}
    return value


def _plain(character: str) -> bool:
    return " " <= character <= "~" or _drawn(character)


def _replacement(character: str) -> str:
    if unicodedata.category(character)[0] == "C":
        return " " if character in "\t\n\r" else ""
    return "?"


@cache
def _drawn(character: str) -> bool:
    """Say whether the typeface draws a character; what it lacks looks like U+FFFF."""
    if unicodedata.category(character)[0] == "C":
        return False
    if character.isspace():
        return True
    face = ImageFont.truetype(fonts.FOLDER / "SourceSansPro-Regular.ttf", 40)
    missing = face.getmask("\uffff")
    drawn = face.getmask(character)
    return (drawn.size, bytes(drawn)) != (missing.size, bytes(missing))
