"""What each chart says, as plain data: `charts_plotly` shows it, `charts_svg` prints it.

A missing value is NaN, as in `statistics`, and has its reason in words: it is drawn as an opening,
never as a zero and never joined over. Rates are per 1,000 inhabitants or dwellings (‰), which
`Caption.unit` spells out. Names come as they are published: both renderers escape them.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import special

from diagnostics.errors import Refused
from diagnostics.sources.cog import COMMUNE, MUNICIPAL_ARRONDISSEMENT
from diagnostics.statistics import funnel as funnels
from diagnostics.statistics.inputs import FloatArray, TextArray
from diagnostics.statistics.profile import Profile, each_peer
from diagnostics.wording import (
    NARROW,
    NOT_SHOWN,
    VERDICTS,
    count,
    covered,
    interval,
    number,
    percent,
    rate,
)

BLUE, GREY, PALE, GRID = "#000091", "#6a6a6a", "#b4b4b4", "#e4e4e4"
LOCKDOWN_YEARS, LOCKDOWNS = (2020, 2021), "confinements"
REST = "reste du département"
# At most, between the ticks of an axis.
INTERVALS = 6
# An interval or an extreme may reach this many times the rest; beyond, it is cut and said so.
CUT = 3
MAXIMUM_PANELS, MAXIMUM_COMPARED, MAXIMUM_NAMED = 12, 5, 5
# An area of the funnel is outside at this confidence.
OUTSIDE = 0.998
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
    """One indicator: the area among its peers, in `unit`.

    `absence` says why the area has no value.
    """

    label: str
    position: Profile
    comparison: str
    absence: str = ""
    unit: str = ""


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
    """Limits of a funnel as rates in ‰ over `FunnelChart.grid`; `dash` is solid, dash or dot."""

    words: str
    dash: str
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class FunnelPoint:
    """One area whose count is known: denominator, rate in ‰, and its place at 99.8 %.

    `position`, by the limits in force, and `by_chance`, by those of chance alone, are 'au_dessus',
    'dedans' or 'au_dessous' (`statistics.funnel`).
    """

    code: str
    label: str
    denominator: float
    rate: float
    position: str
    by_chance: str
    named: bool = False


@dataclass(frozen=True)
class FunnelChart:
    """All known areas of a level against limits around a reference rate in ‰.

    `dispersion` says how much more than chance the areas vary, None with too few of them. Where it
    is above its threshold the limits in force are the wide ones.
    """

    caption: Caption
    denominator_label: str
    reference_label: str
    reference: float
    points: tuple[FunnelPoint, ...]
    grid: tuple[float, ...]
    curves: tuple[Curve, ...]
    hidden: str
    dispersion: funnels.Overdispersion | None

    @property
    def widened(self) -> bool:
        """Say whether the limits in force are wider than those of chance."""
        return self.dispersion is not None and self.dispersion.phi_used > 1


@dataclass(frozen=True)
class IntervalRow:
    """One group: rate in ‰ with its interval, its reference (NaN if unknown) and its verdict."""

    label: str
    rate: float
    low: float
    high: float
    reference: float
    verdict: str
    named: bool = False


@dataclass(frozen=True)
class IntervalChart:
    """Groups on one scale, in the order given.

    A funnel needs counts; a total that is partly estimated has an interval instead, wider for the
    doubt of the estimate.
    """

    caption: Caption
    reference_label: str
    rows: tuple[IntervalRow, ...]


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


Chart = TimeChart | ProfileChart | FunnelChart | IntervalChart | TotalBar


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


def profile_row(
    label: str, position: Profile, comparison: str, statut: str = "", unit: str = ""
) -> ProfileRow:
    """Return a row; `statut` is that of the long table, for the reason of a missing value."""
    known = not math.isnan(position.value)
    absence = "" if known else _ABSENCES.get(statut, "total non estimé")
    return ProfileRow(label, position, comparison if known else "", absence, unit)


def funnel_chart(
    caption: Caption,
    rows: pd.DataFrame,
    reference: float,
    reference_label: str,
    named: Sequence[str] = (),
    among: pd.DataFrame | None = None,
) -> FunnelChart:
    """Place the areas of one level, one indicator and one year against the limits of the funnel.

    Only counts that are wholly published are points: hidden communes and groups with a hidden
    member are counted aside, in words. `named` are codes, five at most.

    Args:
        rows: long-table rows of one level, one indicator, one year.
        reference: rate in ‰, the official one (`statistics.funnel` says why).
        among: the rows that the dispersion is measured on, by default those shown. With the whole
            level a filter does not move the limits.

    Raises:
        Refused: no area is known, the reference is not positive, or too many are to be named.
    """
    if len(named) > MAXIMUM_NAMED:
        raise Refused(
            f"{len(named)} zones sont à nommer sur le graphique, qui en tient "
            f"{MAXIMUM_NAMED}\u202f: en retirer."
        )
    known = _wholly_published(rows)
    if known.empty:
        raise Refused(
            "Aucune zone de ce niveau n’a de chiffre entièrement publié\u202f: "
            "choisir un autre indicateur, une autre année ou un autre niveau."
        )
    counts, sizes = _counts_and_sizes(known)
    dispersion = _dispersion(known if among is None else _wholly_published(among), reference)
    tau2 = dispersion.tau2 if dispersion and dispersion.phi_used > 1 else 0.0
    placed = funnels.funnel(counts, sizes, OUTSIDE, reference_rate=reference)
    positions = _positions(placed.rate, _limits(sizes, reference, OUTSIDE, tau2))
    points = tuple(
        FunnelPoint(
            str(code), str(label), float(size), float(rate), str(place), str(chance), code in named
        )
        for code, label, size, rate, place, chance in zip(
            known["code"],
            known["libelle"],
            sizes,
            placed.rate,
            positions,
            placed.position,
            strict=True,
        )
    )
    # The curves reach a little beyond the smallest and the largest area.
    grid = np.geomspace(sizes.min() / 1.15, sizes.max() * 1.15, 160)
    curves = _curves(grid, reference, tau2)
    label = str(known["denominateur"].iloc[0])
    return FunnelChart(
        caption,
        f"nombre {'d’' if label[0] in 'aeiouhy' else 'de '}{label} (échelle logarithmique)",
        reference_label,
        float(reference),
        points,
        tuple(map(float, grid)),
        curves,
        _aside_words(rows, known),
        dispersion,
    )


def _wholly_published(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows whose count is published in full and has a denominator."""
    return rows[
        rows["statut"].isin(["publie", "zero"])
        & rows["faits_publies"].notna()
        & (rows["effectif_denominateur"] > 0)
        & (rows["methode"] != "somme_indicative")
    ]


def _counts_and_sizes(known: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    counts = known["faits_publies"].to_numpy(dtype=float, na_value=np.nan)
    return counts, known["effectif_denominateur"].to_numpy(dtype=float)


def _dispersion(known: pd.DataFrame, reference: float) -> funnels.Overdispersion | None:
    """Return how much more than chance areas vary, None where they are too few to say."""
    if len(known) < funnels.MINIMUM_AREAS:
        return None
    return funnels.overdispersion(*_counts_and_sizes(known), reference_rate=reference)


def _aside(rows: pd.DataFrame, known: pd.DataFrame) -> int:
    """Count the areas that are not points because a figure is hidden, not for want of residents."""
    left = rows[~rows["code"].isin(known["code"])]
    return int((~left["statut"].isin(["publie", "zero"])).sum())


def _curves(grid: FloatArray, reference: float, tau2: float) -> tuple[Curve, ...]:
    """Return the limits to draw: those of chance, or the wide ones and, dotted, chance's own."""
    drawn = [(0.95, "dash", tau2), (OUTSIDE, "solid", tau2)]
    if tau2:
        drawn.append((OUTSIDE, "dot", 0.0))
    kinds = {"dot": "limites étroites"} if tau2 else {}
    usual = "limites larges" if tau2 else "limites du hasard"
    return tuple(
        Curve(
            f"{kinds.get(dash, usual)} à {confidence_words(confidence)}",
            dash,
            *(tuple(map(float, end)) for end in _limits(grid, reference, confidence, spread)),
        )
        for confidence, dash, spread in drawn
    )


def _limits(
    grid: FloatArray, reference: float, confidence: float, tau2: float = 0.0
) -> tuple[FloatArray, FloatArray]:
    """Return the lower and upper limits as rates in ‰ over denominators.

    The tails of the Poisson law are written with the gamma law, which holds between whole counts
    too: a count is strictly outside these curves exactly when `statistics.funnel` says so. With a
    variance between areas they are widened by it, and never narrower than chance's own: the normal
    limits alone would be, on few facts.
    """
    tail = (1 - confidence) / 2
    expected = grid * reference / 1000
    high = special.gdtrib(1, tail, expected)  # P(X >= high) = tail
    low = np.maximum(special.gdtrib(1, 1 - tail, expected) - 1, 0)  # P(X <= low) = tail
    low, high = 1000 * low / grid, 1000 * high / grid
    if tau2:
        # Counts play no part in the limits.
        wide = funnels.normal_funnel(
            np.zeros_like(grid), grid, confidence, reference_rate=reference, tau2=tau2
        )
        low, high = np.minimum(low, wide.low), np.maximum(high, wide.high)
    return low, high


def _positions(rates: FloatArray, limits: tuple[FloatArray, FloatArray]) -> TextArray:
    low, high = limits
    return np.select([rates > high, rates < low], ["au_dessus", "au_dessous"], default="dedans")


def _aside_words(rows: pd.DataFrame, known: pd.DataFrame) -> str:
    aside = _aside(rows, known)
    if str(rows["niveau"].iloc[0]) in (COMMUNE, MUNICIPAL_ARRONDISSEMENT):
        absent = int((rows["statut"] == "absent").sum())
        return _hidden_words(aside - absent, absent)
    if aside == 0:
        return "Tous les territoires de ce niveau y sont."
    verb, owner = ("n’y est pas", "ses") if aside == 1 else ("n’y sont pas", "leurs")
    return (
        f"{count(aside, 'territoire')} {verb}\u202f: {owner} communes ne sont pas toutes publiées."
    )


def _hidden_words(hidden: int, absent: int) -> str:
    """Say how many communes are no points: not published, or without a row in the file."""
    said = []
    if hidden:
        words = "non publiée n’y est pas" if hidden == 1 else "non publiées n’y sont pas"
        said.append(
            f"{count(hidden, 'commune')} {words}\u202f: ni zéro, ni valeur connue. Une commune "
            "n’est publiée que si plus de 5 faits, ou aucun, y sont enregistrés trois années de "
            "suite\u202f: les petites qui le sont paraissent plus éloignées de la référence que "
            "les autres."
        )
    if absent:
        words = (
            "absente de la base n’y est pas" if absent == 1 else "absentes de la base n’y sont pas"
        )
        said.append(f"{count(absent, 'commune')} {words}.")
    return " ".join(said) or "Toutes les communes y sont."


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
    members = f"{count(int(row['communes_publiees']), 'commune')} sur {int(row['communes'])}"
    words = (
        "aucune commune publiée"
        if math.isnan(published)
        else f"{members}, {covered(_float(row['couverture_population']))}"
    )
    if math.isnan(total) and not refusal:
        refusal = INDICATIVE if indicative else "Le total n’est pas estimé."
    return TotalBar(caption, published, total, low, high, words, refusal)


def _float(value: Any) -> float:
    return math.nan if pd.isna(value) else float(value)


def _with_indicative(caption: Caption, panels: Sequence[Panel]) -> Caption:
    if not any(panel.area.indicative for panel in panels) or INDICATIVE in caption.notes:
        return caption
    return replace(caption, notes=(*caption.notes, INDICATIVE))


# --- French words and numbers of the charts. ---


def rate_words(value: float, low: float, high: float) -> str:
    """Return `12,3 ‰ (10,1 à 14,9)`, without the brackets where there is no interval."""
    words = f"{rate(value)}{NARROW}‰"
    return words if math.isnan(low) else f"{words} {interval(low, high)}"


OWN_SCALES = (
    "Chaque ligne a sa propre échelle, de la plus petite à la plus grande de ses valeurs, écrites "
    "à ses deux bouts\u202f: les lignes ne se comparent pas entre elles."
)


def reference_words(row: ProfileRow) -> str:
    """Return the reference of a row, to be written beside its mark: `référence 6,05`."""
    return f"référence {rate(row.position.reference)}"


def end_words(row: ProfileRow) -> tuple[tuple[str, float, str], ...]:
    """Return what the ends of a row's scale are worth: words, share of the width, and anchor."""
    low, high = (f"{rate(end)}{NARROW}‰" for end in spine_range(row.position))
    if low == high:
        return ((low, 0.5, "center"),)
    return ((low, 0.0, "left"), (high, 1.0, "right"))


def peers_words(row: ProfileRow) -> tuple[str, ...]:
    """Return the figures of the peers in short lines: their spread, and how many are known."""
    position = row.position
    known = position.peers_known
    everyone = number(known + position.peers_unknown)
    if everyone == "0":
        return ("Aucune autre zone de ce niveau.",)
    if not known:
        return (f"Les autres\u202f: aucun taux connu sur {everyone}.",)
    held = f"taux connu pour {number(known)} sur {everyone}"
    each = each_peer(position)
    if len(each) == 1:
        return (f"Les autres\u202f: {rate(each[0])}, seul {held}.",)
    if each:
        values = f"{', '.join(map(rate, each[:-1]))} et {rate(each[-1])}"
        return (
            f"Les autres, un cercle par zone\u202f: {values}",
            f"{held}, trop peu pour des quarts.",
        )
    first, third = rate(position.first_quartile), rate(position.third_quartile)
    half = f"la moitié à {first}" if first == third else f"la moitié de {first} à {third}"
    return (
        f"Les autres\u202f: de {rate(position.minimum)} à {rate(position.maximum)}, "
        f"médiane {rate(position.median)}",
        f"{half}\u202f; {held}.",
    )


def verdict_words(comparison: str) -> str:
    """Return the sign and the word of a verdict: `▲ plus élevé`."""
    sign, words = VERDICTS[comparison]
    return f"{sign}{NARROW}{words}"


def confidence_words(confidence: float) -> str:
    """Return `95 %` or `99,8 %`."""
    return percent(confidence, 0 if confidence == round(confidence, 2) else 1)


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


def dispersion_words(chart: FunnelChart) -> str:
    """Return the sentence on the limits: what they mean, and how many areas are outside."""
    every, dispersion = len(chart.points), chart.dispersion
    by_chance = sum(point.by_chance != "dedans" for point in chart.points)
    beyond = sum(point.position != "dedans" for point in chart.points)
    outside = f"aucune zone sur {number(every)} n’en sort à {confidence_words(OUTSIDE)}"
    if by_chance:
        verb = "sort" if by_chance == 1 else "sortent"
        zones = f"{count(by_chance, 'zone')} sur {number(every)}"
        outside = f"{zones} en {verb} à {confidence_words(OUTSIDE)}"
    if dispersion is None:
        return (
            f"Les limites sont celles du hasard seul, et {outside}\u202f: sous "
            f"{funnels.MINIMUM_AREAS} zones publiées, on ne mesure pas si elles varient plus que "
            "lui."
        )
    measured = (
        f"φ = {number(dispersion.phi, 2)} sur {count(dispersion.areas, 'zone')}, seuil "
        f"{number(dispersion.threshold, 2)}"
    )
    if not chart.widened:
        return (
            f"Les zones ne varient pas nettement plus que le hasard ({measured})\u202f: les "
            f"limites sont celles du hasard seul, et {outside}."
        )
    left = "aucune zone n’en sort"
    if beyond:
        verb = "sort" if beyond == 1 else "sortent"
        left = f"{count(beyond, 'zone')} en {verb}, à l’écart des autres"
    return (
        f"Limites étroites\u202f: ce que le hasard seul explique ({outside})\u202f; limites "
        "larges\u202f: ce que les zones varient d’ordinaire entre elles, plus que le hasard "
        f"({measured}), et {left}."
    )


def place_words(chart: FunnelChart, point: FunnelPoint) -> str:
    """Return where an area of the funnel stands."""
    side = {"au_dessus": "au-dessus", "au_dessous": "au-dessous"}
    if point.position != "dedans":
        return f"{side[point.position]} des limites{' larges' if chart.widened else ''}"
    if point.by_chance != "dedans":
        return f"{side[point.by_chance]} des limites étroites, dans les larges"
    return "dans les limites du hasard"


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
    if bar.low == bar.high:
        return [
            published,
            f"Non publié commune par commune\u202f: {number(bar.total - known)} en tout",
            f"Total connu\u202f: {number(bar.total)}",
        ]
    hidden = [number(max(v - known, 0)) for v in (bar.total, bar.low, bar.high)]
    return [
        published,
        f"Estimé pour les communes non publiées\u202f: {hidden[0]} (de {hidden[1]} à {hidden[2]})",
        f"Total estimé\u202f: {number(bar.total)}, entre {number(bar.low)} et {number(bar.high)}",
    ]


def notes_of(chart: Chart) -> tuple[str, ...]:
    """Return the sentences under a chart."""
    own: list[str] = []
    if isinstance(chart, TimeChart):
        own = cut_words(chart)
    elif isinstance(chart, ProfileChart):
        own = [OWN_SCALES]
    elif isinstance(chart, FunnelChart):
        own = [dispersion_words(chart), chart.hidden, *funnel_cut_words(chart)]
    return (*own, *chart.caption.notes)


# --- Geometry that both renderers share. ---


def axis_ticks(top: float) -> tuple[float, ...]:
    """Return round values from 0, the last one at or above `top`; 0 and 1 if `top` is no number."""
    if not top > 0 or math.isinf(top):
        return (0.0, 1.0)
    power = 10.0 ** math.floor(math.log10(top / INTERVALS))
    step = next(s * power for s in (1, 2, 5, 10) if s * power * INTERVALS >= top * (1 - 1e-9))
    last = math.ceil(top / step - 1e-9)
    # Through text: 0.3 and not 0.30000000000000004.
    return tuple(float(f"{i * step:.12g}") for i in range(last + 1))


def tick_words(ticks: Sequence[float]) -> list[str]:
    """Return the values of an axis with just enough decimals."""
    step = ticks[1] - ticks[0]
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return [number(tick, decimals if tick else 0) for tick in ticks]


def log_ticks(low: float, high: float) -> tuple[float, ...]:
    """Return powers of ten in a range of positive numbers, or finer steps in a short range."""
    for steps in ((1,), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 7)):
        powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        found = tuple(s * 10.0**p for p in powers for s in steps if low <= s * 10.0**p <= high)
        if len(found) >= 2:
            return found
    return (low, high)


def tops(chart: TimeChart) -> list[tuple[float, ...]]:
    """Return the ticks of each panel's vertical axis: every value fits, an interval may be cut."""
    largest = [
        _top([line for line in (p.area, p.reference, *p.others) if line]) for p in chart.panels
    ]
    if chart.one_scale:
        largest = [max(largest)] * len(largest)
    return [axis_ticks(value) for value in largest]


def _top(lines: Sequence[Line]) -> float:
    values = _largest(v for line in lines for v in line.values)
    ends = _largest(v for line in lines for v in line.high)
    return max(values, min(ends, CUT * values) if values else ends)


def _largest(values: Iterable[float]) -> float:
    return max((v for v in values if not math.isnan(v)), default=0.0)


def cut_words(chart: TimeChart) -> list[str]:
    """Return the sentence on intervals that leave the frame, if any does."""
    beyond = [
        high
        for panel, ticks in zip(chart.panels, tops(chart), strict=True)
        for high in panel.area.high
        if high > ticks[-1]
    ]
    if not beyond:
        return []
    return [
        "Un intervalle dépasse le haut du graphique\u202f: "
        f"il va jusqu’à {rate(max(beyond))}{NARROW}‰."
    ]


def funnel_top(chart: FunnelChart) -> float:
    """Return the highest rate that the funnel shows: a few extremes may leave it.

    The curves do on the left, where areas are small; their right ends are inside.
    """
    rates = np.array([point.rate for point in chart.points])
    named = _largest(point.rate for point in chart.points if point.named)
    usual = float(np.quantile(rates, 0.97))
    limit = max(CUT * chart.reference, 1.3 * usual, named)
    highest = float(rates.max())
    ends = min(max(curve.high[-1] for curve in chart.curves), 1.5 * limit)
    # Cutting is for what would flatten all the rest, not for a little more.
    return max(1.6 * chart.reference, ends, highest if highest < 1.5 * limit else limit)


def funnel_cut_words(chart: FunnelChart) -> list[str]:
    """Return the sentence on the areas above the frame, if any is."""
    top = axis_ticks(funnel_top(chart))[-1]
    beyond = [point.rate for point in chart.points if point.rate > top]
    if not beyond:
        return []
    verb, them = ("dépasse", "la") if len(beyond) == 1 else ("dépassent", "les")
    return [
        f"{count(len(beyond), 'zone')} {verb} le haut du graphique, où un triangle {them} "
        f"marque\u202f: jusqu’à {rate(max(beyond))}{NARROW}‰."
    ]


def interval_ticks(chart: IntervalChart) -> tuple[float, ...]:
    """Return the ticks of the scale that all the rows share."""
    return axis_ticks(_largest(v for row in chart.rows for v in (row.high, row.reference)))


def total_top(bar: TotalBar) -> float:
    """Return the highest count of a bar."""
    return max((v for v in (bar.published, bar.total, bar.high) if not math.isnan(v)), default=0.0)


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


def spine_known(row: ProfileRow) -> bool:
    """Say whether a row has anything to draw: peers, a reference or a value."""
    return not math.isnan(spine_range(row.position)[0])


def spine_range(position: Profile) -> tuple[float, float]:
    """Return the ends of a row's own range: peers, reference and area, NaN without any.

    A highest peer that is far from all the rest is left out: its line is drawn cut.
    """
    numbers = [v for v in position[:9] if not math.isnan(v)]
    if not numbers:
        return math.nan, math.nan
    rest = _largest(v for v in position[1:9] if v != position.maximum)
    cut = position.maximum > CUT * rest > 0
    return min(numbers), CUT * rest if cut else max(numbers)


def spine_share(position: Profile, value: float) -> float:
    """Return where a value lies on its row, 0 to 1; 1 for what lies beyond."""
    low, high = spine_range(position)
    return 0.5 if high == low else min((value - low) / (high - low), 1.0)


class Box(NamedTuple):
    """A rectangle: left, top, right, bottom; positions grow downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        """Say whether two boxes share a surface."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def place_labels(
    spots: Sequence[tuple[float, float]],
    sizes: Sequence[tuple[float, float]],
    dots: FloatArray,
    frame: Box,
    gap: float,
) -> list[Box]:
    """Return a box for the label of each spot: inside the frame, near, over as few dots as can be.

    `sizes` are (width, height) of the labels, `dots` an array (n, 2) of what they should not hide,
    `gap` the distance wanted between a spot and its label. Labels never overlap where room is left
    for each in turn.
    """
    taken: list[Box] = []
    for (x, y), (width, height) in zip(spots, sizes, strict=True):
        beside = [
            (x + gap, y - height / 2),
            (x - gap - width, y - height / 2),
            (x - width / 2, y - gap - height),
            (x - width / 2, y + gap),
        ]
        anywhere = [
            (left, top)
            for left in np.linspace(frame.left, frame.right - width, 13)
            for top in np.linspace(frame.top, frame.bottom - height, 25)
        ]
        boxes = [
            Box(left, top, left + width, top + height)
            for left, top in (
                (
                    max(min(left, frame.right - width), frame.left),
                    max(min(top, frame.bottom - height), frame.top),
                )
                for left, top in beside + anywhere
            )
        ]
        taken.append(min(boxes, key=lambda box: _label_cost(box, (x, y), gap, dots, taken)))
    return taken


def _label_cost(
    box: Box, spot: tuple[float, float], gap: float, dots: FloatArray, taken: Sequence[Box]
) -> float:
    """Return what is wrong with a place: distance in gaps, dots and, above all, labels hidden."""
    x, y = spot
    away = math.hypot(max(box.left - x, x - box.right, 0.0), max(box.top - y, y - box.bottom, 0.0))
    inside = (
        (dots[:, 0] > box.left)
        & (dots[:, 0] < box.right)
        & (dots[:, 1] > box.top)
        & (dots[:, 1] < box.bottom)
    )
    on_spot = 50.0 if away < gap / 2 else 0.0
    overlaps = sum(box.meets(other) for other in taken)
    return 4 * away / gap + float(inside.sum()) + on_spot + 1000.0 * overlaps
