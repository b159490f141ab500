"""Files written by steps, so that whoever waits for one sees how far it is."""

from collections.abc import Callable, Iterator

import pandas as pd

from diagnostics.wording import count, number

Progress = Callable[[str, float], None]
"""Is told what has just been done and the share 0-1 of the work that it makes."""
ROWS = 2_000
"""Rows written between two signs of progress."""


class Stop(Exception):
    """Raised by a progress: nothing more is wanted."""


def silent(step: str, share: float) -> None:
    """Tell nobody: the progress of a file that nobody watches."""


def by_steps(table: pd.DataFrame, progress: Progress) -> Iterator[pd.DataFrame]:
    """Yield a table by parts, in its order, and tell after each how many rows are written.

    A table without rows is one part, so that its title line is written too.
    """
    total = len(table)
    for first in range(0, max(total, 1), ROWS):
        yield table.iloc[first : first + ROWS]
        done = min(first + ROWS, total)
        words = count(done, "ligne écrite", "lignes écrites")
        progress(f"{words} sur {number(total)}", done / total if total else 1.0)


def within(progress: Progress, start: float, end: float) -> Progress:
    """Return the progress of a part of the work, from one share of the whole to another."""
    return lambda step, share: progress(step, start + share * (end - start))
