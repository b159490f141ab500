"""How long do the slides and sheets of all the councils take, and does memory stay flat?"""

import resource
import tempfile
import time
from pathlib import Path

import pandas as pd

from diagnostics.exports import documents
from diagnostics.exports.batch import write
from diagnostics.exports.documents import PPTX, SHEET, Order
from diagnostics.store import Store


def measured(store: Store, departement: str) -> pd.DataFrame:
    """Return one row per quarter of the councils: seconds, processor seconds, peak memory.

    `peak_mb` is the highest resident memory of the process so far (Linux: kilobytes): it grows
    with the first documents, then no more.
    """
    subjects = documents.subjects(store, departement)
    marks: list[tuple[float, float, float]] = []

    def mark(_: str, __: float) -> None:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        marks.append((time.perf_counter(), time.process_time(), peak))

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lot.zip"
        outcome = write(path, store, subjects, [PPTX, SHEET], Order(), mark)
    assert not outcome.failed, outcome.failed
    start, worked, _ = marks[0]
    rows = []
    for quarter in (1, 2, 3, 4):
        done = quarter * len(subjects) // 4
        now, cpu, peak = marks[done]
        rows.append((done, round(now - start, 1), round(cpu - worked, 1), round(peak)))
    return pd.DataFrame(rows, columns=["councils", "seconds", "cpu_seconds", "peak_mb"])
