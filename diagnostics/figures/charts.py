"""What each chart says, as plain data: `charts_plotly` shows it, `charts_svg` prints it.

A missing value is NaN, as in `statistics`, and has its reason in words: it is drawn as an opening,
never as a zero and never joined over. Rates are per 1,000 inhabitants or dwellings (‰), which
`Caption.unit` spells out. Names come as they are published: both renderers escape them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from diagnostics.errors import Refused
from diagnostics.sources.cog import COMMUNE, MUNICIPAL_ARRONDISSEMENT
from diagnostics.statistics import funnel as funnels
from diagnostics.statistics.inputs import FloatArray
from diagnostics.statistics.profile import Profile
from diagnostics.wording import NARROW, count, number, percent

BLUE, GREY, PALE, GRID = "#000091", "#6a6a6a", "#b4b4b4", "#e4e4e4"
LOCKDOWN_YEARS, LOCKDOWNS = (2020, 2021), "confinements"
NOT_SHOWN = "n.\u00a0d."
REST = "reste du département"
SIGNS = {"plus_eleve": "▲", "moins_eleve": "▼", "proche": "●", "": "–"}
VERDICTS = {
    "plus_eleve": "plus élevé",
    "moins_eleve": "moins élevé",
    "proche": "proche",
    "": "non comparé",
}
MAXIMUM_PANELS, MAXIMUM_COMPARED, MAXIMUM_NAMED = 12, 5, 5
# Indicative sums have no interval: they are said to be so under the chart.
INDICATIVE = "Somme indicative\u202f: une même personne peut être comptée dans plusieurs communes."
_ABSENCES = {"non_diffuse": "non publié", "absent": "absent de la base"}


@dataclass(frozen=True)
class Caption:
    """Words that go with a chart, inside every file: what, where and when, unit, source, edition.

    `notes` are sentences shown under the chart.
    """

    title: str
    subtitle: str
    unit: str
    source_line: str
    edition: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """Yearly values of one area in ‰; `low`, `high` are NaN where there is no interval.

    `absences` says why a year has no value, and is empty elsewhere. All have one entry per year.
    """

    label: str
    values: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    absences: tuple[str, ...]
    indicative: bool = False


@dataclass(frozen=True)
class Panel:
    """One area over whole years beside its reference; `others` are drawn pale, behind."""

    title: str
    years: tuple[int, ...]
    area: Line
    reference: Line | None = None
    others: tuple[Line, ...] = ()


@dataclass(frozen=True)
class TimeChart:
    """One panel drawn large, or up to twelve in a grid.

    With `one_scale` the panels share their vertical axis, so that areas compare by eye; without,
    each starts at zero and ends at its own top, so that small series can be read.
    """

    caption: Caption
    panels: tuple[Panel, ...]
    one_scale: bool = False

    def __post_init__(self) -> None:
        if not 1 <= len(self.panels) <= MAXIMUM_PANELS:
            raise Refused(
                f"Une planche tient de 1 à {MAXIMUM_PANELS} graphiques et {len(self.panels)} sont "
                "demandés\u202f: choisir moins d’indicateurs."
            )


@dataclass(frozen=True)
class ProfileRow:
    """One indicator: the area among its peers. `absence` says why the area has no value."""

    label: str
    position: Profile
    comparison: str
    absence: str = ""


@dataclass(frozen=True)
class ProfileChart:
    """The area among its peers, one row per indicator, each on its own range."""

    caption: Caption
    area_label: str
    peers_label: str
    reference_label: str
    rows: tuple[ProfileRow, ...]


@dataclass(frozen=True)
class Curve:
    """Limits of a funnel at one confidence, as rates; NaN where a limit would mean nothing."""

    confidence: float
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class FunnelPoint:
    """One area whose count is known: denominator, rate in ‰, and its place at 99.8 %.

    `position` is 'au_dessus', 'dedans' or 'au_dessous' (`statistics.funnel`).
    """

    code: str
    label: str
    denominator: float
    rate: float
    position: str
    named: bool = False


@dataclass(frozen=True)
class FunnelChart:
    """All known areas of a level against the limits of chance around a reference rate in ‰."""

    caption: Caption
    denominator_label: str
    reference_label: str
    reference: float
    points: tuple[FunnelPoint, ...]
    grid: tuple[float, ...]
    curves: tuple[Curve, ...]
    hidden: str


@dataclass(frozen=True)
class TotalBar:
    """The total of a territory in counts: what is published, what is estimated, its interval.

    `published` is NaN where no member is published, `total` where it may not be estimated, and
    then `refusal` says why. `low` and `high` equal `total` where nothing is estimated.
    """

    caption: Caption
    published: float
    total: float
    low: float
    high: float
    published_words: str
    refusal: str = ""


Chart = TimeChart | ProfileChart | FunnelChart | TotalBar


# --- Builders, from rows of the long table. ---


def line_of(rows: pd.DataFrame, years: Sequence[int], label: str) -> Line:
    """Return the series of one area and one indicator.

    `rows` are long-table rows, one per year held. A commune shows its published rate, a group the
    rate of its estimated total; a sum of persons is shown without interval and marked indicative.
    """
    communal = rows["niveau"].isin([COMMUNE, MUNICIPAL_ARRONDISSEMENT])
    indicative = rows["methode"] == "somme_indicative"
    published = communal | indicative
    shown = pd.DataFrame(
        {
            "value": rows["taux_pour_mille"].where(published, rows["taux_estime"]),
            "low": rows["taux_bas"].where(published, rows["taux_estime_bas"]),
            "high": rows["taux_haut"].where(published, rows["taux_estime_haut"]),
            "absence": rows["statut"].map(_ABSENCES).fillna("total non estimé"),
        }
    )
    shown = shown.set_axis(rows["annee"]).reindex(list(years))
    absence = shown["absence"].fillna(_ABSENCES["absent"]).where(shown["value"].isna(), "")
    value, low, high = (
        tuple(float(v) for v in shown[name].to_numpy(dtype=float, na_value=np.nan))
        for name in ("value", "low", "high")
    )
    return Line(label, value, low, high, tuple(map(str, absence)), bool(indicative.any()))


def reference_line(rows: pd.DataFrame, years: Sequence[int], label: str = REST) -> Line:
    """Return the series to which the long table compares the area of `rows`."""
    values = rows.set_index("annee")["taux_reference"].reindex(list(years))
    found = tuple(float(v) for v in values.to_numpy(dtype=float, na_value=np.nan))
    unknown = (math.nan,) * len(found)
    words = tuple("référence non calculée" if math.isnan(v) else "" for v in found)
    return Line(label, found, unknown, unknown, words)


def time_chart(caption: Caption, panels: Sequence[Panel]) -> TimeChart:
    """Return one series, or small multiples on their own scales.

    Raises:
        Refused: no panel, or more than a sheet holds.
    """
    return TimeChart(_with_indicative(caption, panels), tuple(panels))


def comparison(
    caption: Caption, years: Sequence[int], areas: Sequence[Line], reference: Line | None = None
) -> TimeChart:
    """Return up to five areas side by side on one scale, each before the pale lines of the others.

    Raises:
        Refused: fewer than two areas, or more than five.
    """
    if not 2 <= len(areas) <= MAXIMUM_COMPARED:
        raise Refused(
            f"La comparaison tient de 2 à {MAXIMUM_COMPARED} territoires et {len(areas)} sont "
            "demandés\u202f: en choisir d’autres."
        )
    panels = [
        Panel(
            area.label,
            tuple(years),
            area,
            reference,
            tuple(other for other in areas if other is not area),
        )
        for area in areas
    ]
    return TimeChart(_with_indicative(caption, panels), tuple(panels), one_scale=True)


def profile_row(label: str, position: Profile, comparison: str, statut: str = "") -> ProfileRow:
    """Return a row; `statut` is that of the long table, for the reason of a missing value."""
    known = not math.isnan(position.value)
    absence = "" if known else _ABSENCES.get(statut, "total non estimé")
    return ProfileRow(label, position, comparison if known else "", absence)


def funnel_chart(
    caption: Caption,
    rows: pd.DataFrame,
    reference: float,
    reference_label: str,
    named: Sequence[str] = (),
) -> FunnelChart:
    """Place the areas of one level, one indicator and one year against the limits of chance.

    Only counts that are wholly published are points: hidden communes and groups with a hidden
    member are counted aside, in words. `named` are codes, five at most.

    Args:
        rows: long-table rows of one level, one indicator, one year.
        reference: rate in ‰, the official one (`statistics.funnel` says why).

    Raises:
        Refused: no area is known, the reference is not positive, or too many are to be named.
    """
    if len(named) > MAXIMUM_NAMED:
        raise Refused(
            f"{len(named)} zones sont à nommer sur le graphique, qui en tient "
            f"{MAXIMUM_NAMED}\u202f: en retirer."
        )
    known = rows[
        rows["statut"].isin(["publie", "zero"])
        & rows["faits_publies"].notna()
        & (rows["effectif_denominateur"] > 0)
        & (rows["methode"] != "somme_indicative")
    ]
    if known.empty:
        raise Refused(
            "Aucune zone de ce niveau n’a de chiffre entièrement publié\u202f: "
            "choisir un autre indicateur, une autre année ou un autre niveau."
        )
    sizes = known["effectif_denominateur"].to_numpy(dtype=float)
    counts = known["faits_publies"].to_numpy(dtype=float, na_value=np.nan)
    placed = funnels.funnel(counts, sizes, 0.998, reference_rate=reference)
    points = tuple(
        FunnelPoint(str(code), str(label), float(size), float(rate), str(position), code in named)
        for code, label, size, rate, position in zip(
            known["code"], known["libelle"], sizes, placed.rate, placed.position, strict=True
        )
    )
    # Whole powers of the smallest and largest area: the curves end with the points.
    grid = np.geomspace(sizes.min() / 1.15, sizes.max() * 1.15, 160)
    curves = tuple(_limits(grid, reference, confidence) for confidence in (0.95, 0.998))
    label = str(known["denominateur"].iloc[0])
    return FunnelChart(
        caption,
        f"nombre {'d’' if label[0] in 'aeiouhy' else 'de '}{label} (échelle logarithmique)",
        reference_label,
        float(reference),
        points,
        tuple(map(float, grid)),
        curves,
        _hidden_words(len(rows) - len(known), str(rows["niveau"].iloc[0])),
    )


def _limits(grid: FloatArray, reference: float, confidence: float) -> Curve:
    """Return the exact limits as rates in ‰ over denominators.

    Where less than a fact is expected the smoothed upper limit falls under the reference, which
    would mislead: it is left out there.
    """
    low, high = funnels.interpolated_limits(grid * reference / 1000, confidence)
    low, high = 1000 * low / grid, 1000 * high / grid
    return Curve(
        confidence,
        tuple(map(float, low)),
        tuple(map(float, np.where(high > reference, high, np.nan))),
    )


def _hidden_words(hidden: int, niveau: str) -> str:
    if niveau not in (COMMUNE, MUNICIPAL_ARRONDISSEMENT):
        if hidden == 0:
            return "Tous les territoires de ce niveau y sont."
        verb, owner = ("n’y est pas", "ses") if hidden == 1 else ("n’y sont pas", "leurs")
        return (
            f"{count(hidden, 'territoire')} {verb}\u202f: "
            f"une partie de {owner} communes n’est pas publiée."
        )
    if hidden == 0:
        return "Toutes les communes y sont."
    words = "non publiée n’y est pas" if hidden == 1 else "non publiées n’y sont pas"
    return (
        f"{count(hidden, 'commune')} {words}\u202f: ni zéro, ni valeur connue. Une commune n’est "
        "publiée que si plus de 5 faits, ou aucun, y sont enregistrés trois années de suite\u202f: "
        "les petites qui le sont paraissent plus éloignées de la référence que les autres."
    )


def total_bar(caption: Caption, row: pd.Series, refusal: str = "") -> TotalBar:
    """Return the bar of one group, one indicator, one year, from its long-table row.

    `refusal` is the sentence that says why there is no estimate, where there is none.
    """
    published = _float(row["faits_publies"])
    indicative = row["methode"] == "somme_indicative"
    total, low, high = (
        math.nan if indicative else _float(row[f"faits_estimes{end}"])
        for end in ("", "_bas", "_haut")
    )
    members = (
        f"{number(int(row['communes_publiees']))} sur {count(int(row['communes']), 'commune')}"
    )
    coverage = percent(_float(row["couverture_population"]))
    words = (
        "aucune commune publiée"
        if math.isnan(published)
        else f"{members}, {coverage} de la population"
    )
    if math.isnan(total) and not refusal:
        refusal = INDICATIVE if indicative else "Le total n’est pas estimé."
    return TotalBar(caption, published, total, low, high, words, refusal)


def _float(value: Any) -> float:
    return math.nan if pd.isna(value) else float(value)


def _with_indicative(caption: Caption, panels: Sequence[Panel]) -> Caption:
    if not any(panel.area.indicative for panel in panels) or INDICATIVE in caption.notes:
        return caption
    fields = {name: getattr(caption, name) for name in caption.__dataclass_fields__}
    return Caption(**fields | {"notes": (*caption.notes, INDICATIVE)})


# --- French words and numbers of the charts. ---


def rate(value: float, ends: Sequence[float] = ()) -> str:
    """Return a rate with as many decimals as its size asks: `12,3`, `0,12`, `0,012`, `0`.

    `ends` are the ends of its interval: all are then written with the same number of decimals.
    """
    if value == 0:
        return "0"
    largest = max((abs(v) for v in (value, *ends) if not math.isnan(v)), default=0)
    decimals = 1 if largest >= 1 else 2 if largest >= 0.1 else 3
    return number(value, decimals)


def rate_words(value: float, low: float, high: float) -> str:
    """Return `12,3 ‰ (10,1 à 14,9)`, without the brackets where there is no interval."""
    words = f"{rate(value, (low, high))}{NARROW}‰"
    if math.isnan(low):
        return words
    return f"{words} ({rate(low, (value, high))} à {rate(high, (value, low))})"


def verdict_words(comparison: str) -> str:
    """Return the sign and the word of a verdict: `▲ plus élevé`."""
    return f"{SIGNS[comparison]}{NARROW}{VERDICTS[comparison]}"


def year_words(panel: Panel, at: int) -> list[str]:
    """Return what one year of a panel says: the year, the area, the reference."""
    lines = [f"{panel.years[at]}"]
    for line in (panel.area, panel.reference):
        if line is None:
            continue
        value = line.values[at]
        words = (
            f"{NOT_SHOWN} ({line.absences[at]})"
            if math.isnan(value)
            else rate_words(value, line.low[at], line.high[at])
        )
        lines.append(f"{line.label}\u202f: {words}")
    return lines


def total_words(bar: TotalBar) -> list[str]:
    """Return the numbers of a total in words: published, estimated, total."""
    if math.isnan(bar.published):
        published, known = f"Publié\u202f: {NOT_SHOWN} ({bar.published_words})", 0.0
    else:
        known = bar.published
        published = f"Publié\u202f: {number(known)} ({bar.published_words})"
    if math.isnan(bar.total):
        return [published, bar.refusal]
    if bar.total == known:
        return [published, f"Total\u202f: {number(bar.total)}, sans partie estimée"]
    hidden = [number(max(v - known, 0)) for v in (bar.total, bar.low, bar.high)]
    return [
        published,
        f"Estimé pour les communes non publiées\u202f: {hidden[0]} (de {hidden[1]} à {hidden[2]})",
        f"Total estimé\u202f: {number(bar.total)}, entre {number(bar.low)} et {number(bar.high)}",
    ]


# --- Geometry that both renderers share. ---


def axis_ticks(top: float) -> tuple[float, ...]:
    """Return round values from 0, the last one at or above `top`; 0 and 1 if `top` is no number."""
    if not top > 0 or math.isinf(top):
        return (0.0, 1.0)
    power = 10.0 ** math.floor(math.log10(top / 4))
    step = next(s * power for s in (1, 2, 5, 10) if s * power * 4 >= top * (1 - 1e-9))
    last = math.ceil(top / step - 1e-9)
    # Through text: 0.3 and not 0.30000000000000004.
    return tuple(float(f"{i * step:.12g}") for i in range(last + 1))


def tick_words(ticks: Sequence[float]) -> list[str]:
    """Return the values of an axis with just enough decimals."""
    step = ticks[1] - ticks[0]
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return [number(tick, decimals if tick else 0) for tick in ticks]


def log_ticks(low: float, high: float) -> tuple[float, ...]:
    """Return powers of ten in a range of positive numbers, or 1-2-5 steps in a short range."""
    for steps in ((1,), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 7)):
        powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        found = tuple(s * 10.0**p for p in powers for s in steps if low <= s * 10.0**p <= high)
        if len(found) >= 3:
            return found
    return (low, high)


def tops(chart: TimeChart) -> list[tuple[float, ...]]:
    """Return the ticks of each panel's vertical axis: all its values and intervals fit."""
    largest = [
        _largest(line for line in (p.area, p.reference, *p.others) if line) for p in chart.panels
    ]
    if chart.one_scale:
        largest = [max(largest)] * len(largest)
    return [axis_ticks(value) for value in largest]


def _largest(lines: Any) -> float:
    numbers = [v for line in lines for v in (*line.values, *line.high) if not math.isnan(v)]
    return max(numbers, default=0.0)


def runs(present: Sequence[bool]) -> list[tuple[int, int]]:
    """Return (first, last) of each unbroken run of true values."""
    found: list[tuple[int, int]] = []
    for at, here in enumerate(present):
        if not here:
            continue
        if found and found[-1][1] == at - 1:
            found[-1] = (found[-1][0], at)
        else:
            found.append((at, at))
    return found


def known(values: Sequence[float]) -> list[bool]:
    """Say which values are numbers."""
    return [not math.isnan(value) for value in values]


def hidden_runs(line: Line) -> list[tuple[int, int]]:
    """Return (first, last) of each run of years without a value."""
    return runs([math.isnan(value) for value in line.values])


def lockdowns_in(years: Sequence[int]) -> tuple[int, int] | None:
    """Return the first and last year under lockdown among `years`."""
    found = [year for year in years if year in LOCKDOWN_YEARS]
    return (found[0], found[-1]) if found else None


def last_known(line: Line) -> int | None:
    """Return the position of the last value, None without any."""
    return next((at for at in reversed(range(len(line.values))) if known(line.values)[at]), None)


def spread(
    centres: Sequence[float], heights: Sequence[float], top: float, bottom: float
) -> list[float]:
    """Return centres moved up or down so that boxes do not overlap; positions grow downwards.

    Boxes keep their order, move little, and stay between `top` and `bottom`; if they are too high
    together, they start at `top` and go past `bottom`.
    """
    blocks: list[tuple[list[int], float]] = []  # touching boxes and their upper side
    for i in sorted(range(len(centres)), key=lambda i: centres[i]):
        members, upper = [i], centres[i] - heights[i] / 2
        while True:
            height = sum(heights[j] for j in members)
            upper = max(min(upper, bottom - height), top)
            if not blocks or blocks[-1][1] + sum(heights[j] for j in blocks[-1][0]) <= upper:
                break
            before, start = blocks.pop()
            above = sum(heights[j] for j in before)
            upper = (start * above + (upper - above) * height) / (above + height)
            members = before + members
        blocks.append((members, upper))
    placed = list(centres)
    for members, at in blocks:
        for j in members:
            placed[j] = at + heights[j] / 2
            at += heights[j]
    return placed
