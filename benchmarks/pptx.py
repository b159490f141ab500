"""How long the deck of a council takes, once its report is made."""

import statistics
from collections.abc import Sequence
from datetime import date
from io import BytesIO
from pathlib import Path
from time import perf_counter, process_time

import pandas as pd
from pptx import Presentation

from diagnostics.exports.pptx import Options, pptx_bytes
from diagnostics.report import load, report
from diagnostics.report.deck import SLIDES
from diagnostics.store import open_store

TWELVE = (
    "titre",
    "territoire",
    *(id_ for id_ in SLIDES if id_.startswith("programme-")),
    "plus-eleve-et-en-hausse",
    "methode",
)
"""Twelve slides or so: programmes and rules that are long take two."""


def timings(
    store_folder: Path, departement: str, slides: Sequence[str] = TWELVE, repetitions: int = 20
) -> pd.DataFrame:
    """Return, for each council, how many slides its deck has and its times in seconds.

    The first deck of a process, which draws the template and loads the fonts, is apart. `cpu` is
    the median of the processor's time, which a busy machine does not lengthen much.
    """
    store = open_store(store_folder)
    tables = load(store, departement)
    groups = tables.groups[tables.groups["niveau"] == "territoire"]
    options = Options(date(2026, 1, 1), slides=slides, tables=tables)
    rows = []
    first = None
    for code in groups["code"].unique():
        held = report(store, departement, "territoire", str(code), tables=tables)
        times, cpu = [], []
        for _ in range(repetitions + (first is None)):
            start, worked = perf_counter(), process_time()
            content = pptx_bytes(held, options)
            times.append(perf_counter() - start)
            cpu.append(process_time() - worked)
        first = times.pop(0) if first is None else first
        rows.append(
            {
                "code": code,
                "slides": len(Presentation(BytesIO(content)).slides),
                "first": first,
                "median": statistics.median(times),
                "worst": max(times),
                "cpu": statistics.median(cpu),
            }
        )
    return pd.DataFrame(rows)
