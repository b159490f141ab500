"""What the two pages of a fiche say. Names and sources are given so many characters."""

from collections.abc import Sequence
from datetime import date

from diagnostics import comparisons
from diagnostics.exports.pdf.area_map import FICHE
from diagnostics.exports.pdf.content import (
    Content,
    by_programme,
    is_group,
    key_figures,
    legal_of,
    map_of,
    named,
    nested,
    profile_table,
    reading,
    spaced,
    verdict_of,
)
from diagnostics.exports.pdf.printable import printed
from diagnostics.report import deck, law
from diagnostics.report import footer as foot
from diagnostics.report.cells import composition, facts_text, programme_lines, rate_text
from diagnostics.report.model import Line, Report, SourceUsed, Unsaid
from diagnostics.report.tables import Tables
from diagnostics.wording import COMMUNAL, DIFFUSION_RULE, NARROW, TRENDS, count, rate

NAMES, SOURCES = 380, 420
"""Characters given to the names of communes and to the sources."""
CAVEATS = 900
"""Characters given to the caveats where a page cannot hold them all: no area known has as many."""
_BANDS = {
    "hausse": ("plus_eleve", "Plus élevé et en hausse"),
    "plus_eleve": ("plus_eleve", "Plus élevé"),
    "proche": ("proche", "Proche"),
    "moins_eleve": ("moins_eleve", "Moins élevé"),
    "": ("", "Non comparé"),
    "non_diffuse": ("", "Non publié"),
}
"""How the indicators of a programme are grouped, the most pressing first: sign and words."""


def sheet_content(report: Report, tables: Tables, audience: str, produced: date) -> Content:
    """Return what the two pages of a fiche say."""
    caveats = [*(spaced(c) for c in report.caveats), spaced(report.mapping_note)]
    return printed(
        {
            **named(report, tables, audience, produced),
            "composition": _composition_in_brief(report),
            "situation": law.situation(report.legal, report.area.niveau),
            "legal": legal_of(report),
            "key_figures": key_figures(report),
            "map": map_of(report, tables, FICHE),
            "rising": deck.rising_sentences(report)[0],
            "rates": _RATES if is_group(report) else "",
            "programmes": [
                {
                    "number": str(p.number),
                    "title": p.short_title,
                    "bands": _bands(programme_lines(p)),
                }
                for p in report.programmes
            ],
            "table": profile_table(report, by_programme(report)),
            "coverage": _coverage(report),
            "reading": reading(report),
            "unsaid": [_unsaid_in_brief(u) for u in report.unsaid],
            "around": _around_in_brief(report),
            "silent": _silent(report.unsaid),
            "caveats": caveats,
            "caveats_in_brief": _caveats_in_brief(caveats),
            "sources": _sources_in_brief(report.sources),
        }
    )


_RATES = (
    f"Les taux sont ceux du total, officiel ou estimé, pour 1{NARROW}000 habitants, ou logements "
    f"pour les cambriolages{NARROW}; le nombre publié, qui est le moins qu’il y ait, est au verso."
)


def _silent(unsaid: Sequence[Unsaid]) -> str:
    """Name the indicators that miss a figure, where there is no room for the reasons."""
    names = dict.fromkeys(title for each in unsaid for title in each.indicators)
    if not names:
        return ""
    return (
        f"Sans chiffre ou sans total{NARROW}: {', '.join(names)}. Les raisons sont dans le "
        "diagnostic complet."
    )


def _caveats_in_brief(caveats: Sequence[str]) -> list[str]:
    """Return the caveats that a full page holds, and how many the diagnostic holds besides."""
    kept, left = _within(caveats, CAVEATS)
    more = f"Et {count(left, 'autre réserve')}, dans le diagnostic complet."
    return [*kept, more] if left else kept


def _coverage(report: Report) -> list[str]:
    said = [f"La règle de diffusion du SSMSI{NARROW}: {DIFFUSION_RULE}."]
    if is_group(report):
        said.insert(0, f"Couverture{NARROW}: {foot.coverage(report)}.")
    elif report.area.groups:
        places = ", ".join(place.label for place in report.area.groups)
        said.append(
            f"Les zones qui contiennent la commune ont leur propre fiche{NARROW}: {places}."
        )
    return said


def _bands(lines: Sequence[Line]) -> list[Content]:
    """Return the indicators of a programme by verdict, those higher and rising first."""
    by_band: dict[str, list[Line]] = {band: [] for band in _BANDS}
    for line in lines:
        by_band[_band_of(line)].append(line)
    return [
        {
            "sign": _BANDS[band][0],
            "title": _BANDS[band][1],
            "lines": [f"{', '.join(map(nested, found))}."]
            if band == "non_diffuse"
            else [_in_brief(line) for line in found],
        }
        for band, found in by_band.items()
        if found
    ]


def _band_of(line: Line) -> str:
    if line.higher_and_rising:
        return "hausse"
    hidden = line.niveau in COMMUNAL and line.figure.status == "non_diffuse"
    return "non_diffuse" if hidden and not verdict_of(line) else verdict_of(line)


def _in_brief(line: Line) -> str:
    compared = line.comparison
    if compared is None or not compared.verdict:
        return f"{nested(line)}{NARROW}: {facts_text(line)}"
    trend = ""
    if line.trend.verdict in ("hausse", "baisse") and not line.higher_and_rising:
        trend = f", {TRENDS[line.trend.verdict]}"
    return (
        f"{nested(line)}{NARROW}: {rate_text(line)}{NARROW}‰ contre "
        f"{rate(compared.rate)}{NARROW}‰{trend}"
    )


def _around_in_brief(report: Report) -> list[Content]:
    """Return, for a commune, how its council and its EPCI stand; a class has no verdict."""
    found = []
    for around in report.around:
        judged = [line for line in around.lines if verdict_of(line)]
        alone = all(line.figure.communes == 1 for line in around.lines)
        if around.place.niveau == comparisons.DENSITY or alone:
            continue
        by_band: dict[str, list[str]] = {band: [] for band in _BANDS}
        for line in judged:
            by_band[_band_of(line)].append(line.title)
        said = [
            {"sign": _BANDS[band][0], "title": _BANDS[band][1], "names": ", ".join(names)}
            for band, names in by_band.items()
            if names
        ]
        found.append({"title": around.place.label, "bands": said})
    return found


def _unsaid_in_brief(unsaid: Unsaid) -> str:
    names = ", ".join(unsaid.indicators)
    if unsaid.reason == "non_diffuse":  # the rule is quoted just above
        return f"Non publié, ni zéro, ni valeur connue{NARROW}: {names}."
    return f"{unsaid.sentence} ({names})"


def _composition_in_brief(report: Report) -> str:
    """Return the names of a group's communes, the most populous where all do not fit."""
    if not is_group(report):
        return " ".join(composition(report))
    places = sorted(report.area.communes, key=lambda place: -(place.population or 0))
    names, left = _within([place.label for place in places], NAMES)
    if names and left < 3:  # rather than « et 1 autre »
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
    kept, left = _within(titles, SOURCES)
    rest = f" Et {count(left, 'autre')}, dans le diagnostic complet." if left else ""
    return f"{f'{NARROW}; '.join(kept)}.{rest}"
