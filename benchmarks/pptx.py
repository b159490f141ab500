"""How long the deck of a council takes, once its report is made."""

import statistics
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from time import perf_counter

import pandas as pd

from diagnostics.exports.pptx import Options, pptx_bytes
from diagnostics.report import load, report
from diagnostics.report.deck import SLIDES, deck
from diagnostics.store import open_store

TWELVE = [s for s in SLIDES if s not in ("carte", "contexte", "priorites", "decisions")]
"""The slides of the order of a plenary; long ones are followed by others."""


def timings(
    store_folder: Path, departement: str, slides: Sequence[str] = TWELVE, repetitions: int = 20
) -> pd.DataFrame:
    """Return, for each council, how many slides and charts its deck has and its times in seconds.

    The first deck of a process, which draws the template and loads the fonts, is apart.
    """
    store = open_store(store_folder)
    tables = load(store, departement)
    groups = tables.groups[tables.groups["niveau"] == "territoire"]
    options = Options(date(2026, 1, 1), slides=slides, tables=tables)
    rows = []
    first = None
    for code in groups["code"].unique():
        held = report(store, departement, "territoire", str(code), tables=tables)
        made = deck(held, slides=slides, produced=options.produced)
        times = []
        for _ in range(repetitions + (first is None)):
            start = perf_counter()
            pptx_bytes(held, options)
            times.append(perf_counter() - start)
        first = times.pop(0) if first is None else first
        rows.append(
            {
                "code": code,
                "slides": len(made.slides),
                "charts": sum(s.chart is not None for s in made.slides),
                "first": first,
                "median": statistics.median(times),
                "worst": max(times),
            }
        )
    return pd.DataFrame(rows)
