"""What a value or a status looks like on a map: classes, colours, patterns and their legend.

One home for the screen (Leaflet), the printed map (SVG) and both legends. An area takes one
*drawing*, named by a key: `classe-1` to `classe-5`, or one of the four states that are no number
and differ by their pattern, so that they are told apart in black and white. A map of verdicts has
drawings of its own: purple to orange, with the sign of the verdict in the pattern.
"""

import html
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import quote

import numpy as np
import numpy.typing as npt
import pandas as pd

from diagnostics.errors import Refused

# State blue, light to dark: lightness (CIE L*) 87, 72, 56, 37, 16, so grey prints keep the order.
CLASS_COLOURS = ("#d3daf5", "#a1b0e8", "#6f80d6", "#3e4bb6", "#000091")
# Which of the five when an indicator has too few distinct values for five classes.
COLOURS_USED = {1: (2,), 2: (1, 3), 3: (0, 2, 4), 4: (0, 1, 3, 4), 5: (0, 1, 2, 3, 4)}
BORDER = "#767676"
TILE, SIGN_TILE = 6, 14
VERDICTS = ("plus-eleve", "proche", "moins-eleve", "non-compare")

# Square tiles. On a light ground, lines for hidden, dots for thin coverage, grid for absent; for
# verdicts, wider apart, the sign that goes with their word.
PATTERNS = {
    "plus-eleve": '<rect width="14" height="14" fill="#e08214"/>'
    '<path d="M7,4.5L9.6,9.5H4.4Z" fill="#ffffff"/>',
    "moins-eleve": '<rect width="14" height="14" fill="#542788"/>'
    '<path d="M7,9.5L4.4,4.5H9.6Z" fill="#ffffff"/>',
    "non-compare": '<rect width="14" height="14" fill="#ffffff"/>'
    '<path d="M5,7H9" stroke="#8a8a8a" stroke-width="1"/>',
    "non-diffuse": '<rect width="6" height="6" fill="#f3f3f3"/>'
    '<path d="M-1,1L1,-1M0,6L6,0M5,7L7,5" stroke="#a6a6a6" stroke-width="1.1"/>',
    "couverture-faible": '<rect width="6" height="6" fill="#ffffff"/>'
    '<circle cx="3" cy="3" r="1.1" fill="#707070"/>',
    "absent": '<rect width="6" height="6" fill="#ffffff"/>'
    '<path d="M0,6L6,0M0,0L6,6" stroke="#8a8a8a" stroke-width="0.8"/>',
}
STATE_LABELS = {
    "plus-eleve": "plus élevé",
    "proche": "proche",
    "moins-eleve": "moins élevé",
    "non-compare": "non comparé",
    "zero": "zéro publié",
    "non-diffuse": "non publié",
    "couverture-faible": "couverture trop faible",
    "absent": "absent de la base",
}
_PLAIN = {"zero": "#ffffff", "proche": "#dcd7e6"}
STATE_FILLS = {key: _PLAIN.get(key, f"url(#{key})") for key in STATE_LABELS}
STATE_OF_STATUS = {
    "zero": "zero",
    "non_diffuse": "non-diffuse",
    "absent": "absent",
    "plus_eleve": "plus-eleve",
    "proche": "proche",
    "moins_eleve": "moins-eleve",
    "non_compare": "non-compare",
}
COLOURED_STATUSES = ("publie", "partiel")


class LegendEntry(NamedTuple):
    """One line of a legend: the drawing's key, its SVG fill and its French words."""

    key: str
    fill: str
    label: str


def fixed_classes(
    values_over_all_years: npt.ArrayLike, n: int = 5, slack: float = 0.04
) -> tuple[float, ...]:
    """Return the inner limits of at most `n` classes, rising, for one indicator at one level.

    The positive values of all years together are cut at their quantiles, so that colours move
    with the years. Each limit is the roundest number within `slack` (a share of the values) of
    its quantile. Tied values stay in one class: few distinct values give fewer classes, one
    value or none gives no limit. Values that differ by less than 1e-9 of themselves are one.

    A value equal to a limit belongs to the class above (`class_of`).
    """
    values = np.asarray(values_over_all_years, dtype=float).ravel()
    values = np.sort(values[np.isfinite(values) & (values > 0)])
    if values.size == 0:
        return ()
    values = _to_significant(values, 9)
    distinct = np.unique(values)
    limits: list[float] = []
    for share in np.arange(1, n) / n:
        low, high = np.quantile(values, [share - slack, share + slack], method="inverted_cdf")
        intervals = [(low, high)]
        if low == high:  # a tie: cut just under it or, where that is done, just over it
            rank = int(np.searchsorted(distinct, low))
            intervals = list(pairwise(distinct[max(rank - 1, 0) : rank + 2]))
        # The lowest value of the class under the new limit, so that no class is left empty.
        floor = distinct[distinct >= limits[-1]][0] if limits else distinct[0]
        for low, high in intervals:
            if max(low, floor) < high:
                limits.append(_roundest(max(low, floor), high))
                break
    return tuple(limits)


def class_of(values: npt.ArrayLike, breaks: Sequence[float]) -> npt.NDArray[np.int_]:
    """Return the class of each value, from 1 to `len(breaks) + 1`; 0 where it is not a number.

    A value within 1e-9 of a limit (relative) is taken as equal to it.
    """
    numbers = np.asarray(values, dtype=float)
    limits = np.asarray(breaks, dtype=float) * (1 - 1e-9)
    classes = np.searchsorted(limits, numbers, side="right") + 1
    return np.where(np.isnan(numbers), 0, classes)


def drawings(rows: pd.DataFrame, breaks: Sequence[float]) -> pd.Series:
    """Return the key of each area's drawing, indexed by `code`.

    `rows` has one row per area: `code`, `status` (publie, zero, partiel, non_diffuse, absent),
    `value` (float or missing) and `shown` (may the value colour?). A value that may not colour,
    or that is missing under a status that has one, is drawn as coverage too low.
    """
    unknown = set(rows["status"]) - set(STATE_OF_STATUS) - set(COLOURED_STATUSES)
    if unknown:
        raise Refused(
            f"Statut inconnu sur la carte : {', '.join(sorted(map(str, unknown)))}. "
            "Reconstruire les données avec cette version du produit."
        )
    numbers = class_of(rows["value"].to_numpy(dtype=float, na_value=np.nan), breaks)
    coloured = rows["status"].isin(COLOURED_STATUSES) & rows["shown"] & (numbers > 0)
    used = COLOURS_USED[len(breaks) + 1]
    names = np.array(["", *(f"classe-{i + 1}" for i in used)])
    keys = np.where(
        coloured, names[numbers], rows["status"].map(STATE_OF_STATUS).fillna("couverture-faible")
    )
    return pd.Series(keys, index=pd.Index(rows["code"], name="code"), name="drawing", dtype="str")


def fills() -> dict[str, str]:
    """Return the SVG fill of every drawing, by key."""
    classes = {f"classe-{i}": colour for i, colour in enumerate(CLASS_COLOURS, start=1)}
    return classes | STATE_FILLS


def pattern_defs(scale: float = 1) -> str:
    """Return the SVG `<defs>` that the state fills refer to, drawn `scale` times larger."""
    sides = {key: SIGN_TILE if key in VERDICTS else TILE for key in PATTERNS}
    tiles = "".join(
        f'<pattern id="{key}" width="{sides[key]}" height="{sides[key]}" '
        f'patternUnits="userSpaceOnUse" patternTransform="scale({scale:g})">{tile}</pattern>'
        for key, tile in PATTERNS.items()
    )
    return f"<defs>{tiles}</defs>"


def legend_entries(
    breaks: Sequence[float], present: Collection[str], state_labels: dict[str, str] | None = None
) -> list[LegendEntry]:
    """Return the legend's lines: every class, then the states among `present` drawing keys.

    `state_labels` replaces the words of a state, by key (`{"couverture-faible": "…"}`).
    """
    labels = STATE_LABELS | (state_labels or {})
    all_fills = fills()
    keys = [f"classe-{i + 1}" for i in COLOURS_USED[len(breaks) + 1]]
    classes = []
    if breaks or set(present) & set(keys):
        classes = list(zip(keys, _class_labels(breaks), strict=True))
    states = [(key, labels[key]) for key in STATE_FILLS if key in present]
    return [LegendEntry(key, all_fills[key], label) for key, label in classes + states]


def legend_html(
    breaks: Sequence[float],
    unit: str,
    present: Collection[str],
    state_labels: dict[str, str] | None = None,
) -> str:
    """Return the legend as a self-contained HTML block for the page.

    Swatches are images, not backgrounds: browsers print them, patterns included.
    """
    items = "".join(
        '<span style="display:inline-flex;align-items:center;gap:.4rem">'
        f'<img alt="" width="28" height="18" src="{_swatch_uri(entry.fill)}">'
        f"{html.escape(entry.label)}</span>"
        for entry in legend_entries(breaks, present, state_labels)
    )
    return (
        '<div style="font-size:.875rem;color:#3a3a3a">'
        f'<div style="font-weight:600;margin-bottom:.25rem">{html.escape(unit)}</div>'
        f'<div style="display:flex;flex-wrap:wrap;gap:.35rem 1.1rem">{items}</div></div>'
    )


def _swatch_uri(fill: str) -> str:
    """Return a small image of a fill, as a data address."""
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="28" height="18" viewBox="0 0 28 18">'
        f'{pattern_defs()}<rect x=".5" y=".5" width="27" height="17" fill="{fill}" '
        f'stroke="{BORDER}"/></svg>'
    )
    return f"data:image/svg+xml,{quote(svg)}"


def _class_labels(breaks: Sequence[float]) -> Iterable[str]:
    """Return the French words of each class, low to high."""
    if not breaks:
        return ["valeur unique"]
    texts = [french(limit) for limit in breaks]
    between = [f"de {a} à moins de {b}" for a, b in pairwise(texts)]
    return [f"moins de {texts[0]}", *between, f"{texts[-1]} et plus"]


def french(number: float) -> str:
    """Return a class limit with a decimal comma and no useless zero."""
    text = f"{number:,.6f}".rstrip("0").rstrip(".")
    return text.replace(",", "\u202f").replace(".", ",")


def _to_significant(values: npt.NDArray[np.float64], digits: int) -> npt.NDArray[np.float64]:
    """Round positive numbers to a number of significant digits."""
    return np.array([float(f"{value:.{digits}g}") for value in values])


def _roundest(low: float, high: float) -> float:
    """Return the roundest number above `low` and up to `high`: fewest digits, then 5, 2, 1."""
    exponent = int(np.ceil(np.log10(high)))
    for power in range(exponent, exponent - 12, -1):
        for step in (5, 2, 1):
            # Through text: 0.3 and not 0.30000000000000004.
            candidate = float(f"{np.floor(high / (step * 10.0**power) + 1e-12) * step}e{power}")
            if low < candidate <= high:
                return candidate
    return high
