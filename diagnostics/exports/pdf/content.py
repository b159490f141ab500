"""What both PDF share, as plain French strings: the templates beside only lay it out.

Texts travel to typst as data, never as markup: a name can hold `#panic()` and stays a name.
Figures are those of the report, in the words of `diagnostics.report.cells` and `wording`.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from diagnostics.exports.pdf.area_map import area_map
from diagnostics.figures import maps
from diagnostics.report import footer as foot
from diagnostics.report import law
from diagnostics.report.cells import (
    coverage_text,
    identity,
    located,
    programme_lines,
    rate_text,
    total_text,
)
from diagnostics.report.model import Line, Report
from diagnostics.report.tables import Tables
from diagnostics.sources.cog import COMMUNE
from diagnostics.wording import (
    COMMUNAL,
    NARROW,
    NOT_SHOWN,
    TRENDS,
    VERDICTS,
    number,
    plural,
    rate,
)

Content = dict[str, Any]
"""Strings, numbers, lists and dicts of them: what JSON holds."""

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
    "Total": (
        f"Total officiel où il existe, sinon estimé{NARROW}: le nombre publié, plus une part du "
        "total connu des communes non publiées du département, avec son intervalle à "
        f"95{NARROW}%. La zone est jugée sur ce total, non sur la seule part publiée, le plus "
        "souvent trop haute puisque les grands nombres sont publiés d’abord."
    ),
    "Couverture": (
        "Part des habitants qui vivent dans une commune dont le chiffre est publié ou nul."
    ),
}
NOT_SHOWN_WORDS = (
    f"{NOT_SHOWN}{NARROW}: non publié, ou total non estimable. Ni zéro, ni petit nombre."
)


def reading(report: Report) -> list[list[str]]:
    """Return how to read the figures: pairs of a word and what it means."""
    words = _READING | (_OF_GROUPS if is_group(report) else {})
    return [[title, text] for title, text in words.items()]


def logo_of(report: Report, picture: bytes | None) -> Content | None:
    """Return a checked logo as a template reads it: the text of an SVG, the bytes of a PNG."""
    if picture is None:
        return None
    png = picture.startswith(b"\x89PNG")
    return {
        "format": "png" if png else "svg",
        "source": list(picture) if png else picture.decode(),
        "alt": f"Logo{NARROW}: {report.area.label}",
    }


def named(report: Report, tables: Tables, audience: str, produced: date) -> Content:
    """Return what names the area and the document, and the foot of its pages."""
    area = report.area
    locator = None
    frame = tables.outlines
    whole = frame[frame["niveau"] == "departement"]
    niveau = area.niveau if area.niveau in COMMUNAL else COMMUNE
    codes = [place.code for place in area.communes]
    own = frame[(frame["niveau"] == niveau) & frame["code"].isin(codes)]
    if len(whole) and len(own):
        label = located(area)
        locator = {"svg": maps.locator(own, whole, label), "alt": f"Localisation{NARROW}: {label}"}
    return {
        "area": area.label,
        "year": str(report.year),
        "date": [produced.year, produced.month, produced.day],
        "footer": foot.footer(report, produced, audience),
        "identity": identity(report),
        "simulated": "Département simulé, chiffres inventés" if report.simulated else "",
        "locator": locator,
    }


def map_of(report: Report, tables: Tables, largest: tuple[int, int]) -> Content | None:
    """Return the map of the area and its words, None where no outline is held.

    `largest` is the room that it has (see `area_map`).
    """
    drawn = area_map(report, tables, largest)
    if drawn is None:
        return None
    line = drawn.line
    return {
        "svg": drawn.svg,
        "width": drawn.width_pt,
        "height": drawn.height_pt,
        "title": f"{line.title}, {report.year}",
        "unit": f"Taux publiés par commune, {line.unit_of_rate}",
        "alt": (
            f"Carte des communes de {report.area.label}{NARROW}: {line.title}, "
            f"{line.unit_of_rate}, {report.year}. Les chiffres de la zone sont dans le tableau."
        ),
        "legend": [{"svg": svg, "words": words} for svg, words in drawn.legend],
    }


def legal_of(report: Report) -> list[str]:
    """Return what the law asks of the area, and where its council is known from."""
    return [*report.legal.sentences, *filter(None, (law.council_sentence(report.legal),))]


def key_figures(report: Report) -> list[Content]:
    """Return the area in four figures, each with what it counts."""
    area = report.area
    judged = [line for line in report.lines if verdict_of(line)]
    trended = [line for line in judged if is_followed(line)]
    higher = [line for line in judged if verdict_of(line) == "plus_eleve"]
    found = []
    if area.population is not None:
        year = f"population municipale {area.population_year}"
        noun = "habitant" if area.population < 2 else "habitants"
        found.append({"figure": number(area.population), "words": f"{noun} ({year})"})
    if is_group(report):
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
                f"{_higher_words(len(higher))} que la référence, sur {number(len(judged))} comparés"
                if judged
                else "aucun indicateur ne peut être comparé"
            ),
        }
    )
    found.append(
        {
            "figure": number(len(report.higher_and_rising)) if trended else NOT_SHOWN,
            "words": (
                f"{_higher_words(len(report.higher_and_rising))} et en hausse, sur "
                f"{number(len(trended))} dont la tendance est connue"
                if trended
                else f"plus élevés et en hausse{NARROW}: aucune tendance calculable"
            ),
        }
    )
    return found


def _higher_words(quantity: int) -> str:
    return "plus élevé" if quantity < 2 else "plus élevés"


def profile_table(
    report: Report, parts: Sequence[tuple[str, Sequence[Line]]], group: bool | None = None
) -> Content:
    """Return the profile table: titles, which columns are numbers, and parts of rows.

    A commune has neither coverage nor estimated total, and one year no trend: those columns are
    left out.
    """
    group = is_group(report) if group is None else group
    shown = [line for _, lines in parts for line in lines]
    trends = any(is_followed(line) for line in shown)
    titles = ["Indicateur", "Publié"]
    titles += ["Couverture", "Total (intervalle)"] if group else []
    titles += ["Taux (intervalle)", "Référence", "Verdict"]
    titles += ["Tendance"] if trends else []
    labels = dict.fromkeys(line.comparison.label for line in shown if line.comparison)
    notes = [f"Référence{NARROW}: {', ou '.join(labels)}."] if labels else []
    if not trends:
        notes.append("Tendance non calculable pour tous ces indicateurs.")
    if group and any(not line.additive for line in shown):
        notes.append(
            f"(s. i.){NARROW}: somme indicative, une même personne peut être comptée dans "
            "plusieurs communes."
        )
    notes.append(NOT_SHOWN_WORDS)
    return {
        "group": group,
        "trends": trends,
        "titles": titles,
        "numbers": [at for at, t in enumerate(titles) if t not in _WORDS],
        "parts": [
            {"title": title, "rows": [_row(line, group) for line in lines]}
            for title, lines in parts
            if lines
        ],
        "notes": notes,
    }


_WORDS = ("Indicateur", "Verdict", "Tendance")


def _row(line: Line, group: bool) -> Content:
    figure = line.figure
    published = NOT_SHOWN if figure.published is None else number(figure.published)
    if figure.published is not None and group and not line.additive:
        published += " (s.\u00a0i.)"
    written = [published]
    if group:
        written += [coverage_text(line), total_text(line)]
    written += [rate_text(line), rate(line.comparison.rate) if line.comparison else NOT_SHOWN]
    return {
        "title": nested(line),
        "unit": _unit(line),
        "cells": written,
        "verdict": verdict_of(line),
        "word": VERDICTS[verdict_of(line)][1],
        "trend": _TREND_WORDS.get(line.trend.verdict, TRENDS[line.trend.verdict]) or NOT_SHOWN,
    }


def _unit(line: Line) -> str:
    """Return the unit of count, with what the rate is for where it is not residents."""
    basis = line.unit_of_rate[line.unit_of_rate.index(" pour ") :]
    return plural(line.unit) + ("" if basis.endswith("habitants") else f",{basis}")


# Narrow column: the sentences say it in full.
_TREND_WORDS = {"pas_de_tendance": "pas de tendance"}


def by_programme(report: Report) -> list[tuple[str, list[Line]]]:
    """Return the lines that each programme claims first, under its name, then the others."""
    parts = [(f"{p.number}. {p.short_title}", programme_lines(p)) for p in report.programmes]
    return [*parts, ("Autres indicateurs", list(report.others))]


def nested(line: Line) -> str:
    """Return a title, marked where the line is counted inside another."""
    return f"dont {line.title}" if line.contained_in else line.title


def is_group(report: Report) -> bool:
    """Say whether the area is made of communes."""
    return report.area.niveau not in COMMUNAL


def verdict_of(line: Line) -> str:
    """Return the verdict on the comparator asked for, "" where there is none."""
    return line.comparison.verdict if line.comparison else ""


def is_followed(line: Line) -> bool:
    """Say whether the trend of a line is known."""
    return line.trend.verdict not in ("", "non_calculable")


def spaced(text: str) -> str:
    """Return a text of the catalogue with the narrow spaces that French puts before signs."""
    return re.sub(r" (?=[:;?!%‰»])|(?<=«) ", NARROW, text)
