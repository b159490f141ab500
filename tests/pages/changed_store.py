"""A copy of a store with some tables changed: states that a whole build seldom gives."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from diagnostics.store import open_store

Change = Callable[[pd.DataFrame], pd.DataFrame]


def changed_store(
    store: Path,
    folder: Path,
    tables: Mapping[str, Change | None],
    about: Mapping[str, Any] | None = None,
) -> Path:
    """Return a copy of the store of the simulated département, under a digest of its own.

    `tables` says how each table changes, None to leave it out; those of the whole country are
    named `france/…`. `about`: what the manifest says.
    """
    snapshot = folder / "store" / f"changed-{folder.name}"
    shutil.copytree(open_store(store).folder, snapshot)
    for name, change in tables.items():
        path = snapshot / ("" if "/" in name else "00") / f"{name}.parquet"
        if change is None:
            path.unlink()
        else:
            change(pd.read_parquet(path)).reset_index(drop=True).to_parquet(path)
    manifest = json.loads((snapshot / "manifest.json").read_text(encoding="utf-8"))
    manifest["departements"]["00"] |= about or {}
    (snapshot / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    pointer = json.dumps({"digest": snapshot.name})
    (folder / "store" / "current.json").write_text(pointer, encoding="utf-8")
    return folder / "store"


def newest_year(long: pd.DataFrame) -> pd.DataFrame:
    """Keep the newest year of a long table."""
    kept: pd.DataFrame = long[long["annee"] == long["annee"].max()]
    return kept
