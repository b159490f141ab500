"""Tests of the statistics against the golden values of R, and of their properties."""

from pathlib import Path

import numpy as np
import pandas as pd

GOLDEN = Path(__file__).parent.parent / "golden"


def golden(name: str) -> pd.DataFrame:
    """Return one golden table; its README gives the formulas and conventions."""
    return pd.read_csv(GOLDEN / f"{name}.csv")


def assert_same(actual: object, expected: object, relative: float = 1e-9) -> None:
    """Fail unless equal at the golden values' precision, missing values included."""
    np.testing.assert_allclose(
        np.asarray(actual, dtype=float),
        np.asarray(expected, dtype=float),
        rtol=relative,
        atol=1e-12 if relative == 1e-9 else 0,
        equal_nan=True,
    )
