"""How long do the PDF of a département take, once its data are loaded?

One row per step, over the areas of the département: the words (`content`), typst's compile, and
the same compile the stock way, where typst looks for the fonts of the machine at each call.
"""

import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import typst

from diagnostics.exports import pdf
from diagnostics.exports.pdf.content import Content
from diagnostics.exports.pdf.diagnostic import diagnostic_content
from diagnostics.exports.pdf.sheet import sheet_content
from diagnostics.figures import fonts
from diagnostics.report import load, report
from diagnostics.store import Store

LEVELS = ("territoire", "epci", "departement")
PRODUCED = date(2026, 3, 1)
_T = TypeVar("_T")


def measures(store: Store, departement: str, most: int | None = None) -> pd.DataFrame:
    """Return `document`, `step`, `area`, `seconds`: one row per step of each area's documents.

    `most` limits the number of areas. Reports are made apart: they are not counted here.
    """
    tables = load(store, departement)
    groups = tables.groups[tables.groups["niveau"].isin(LEVELS)]
    areas = groups[["niveau", "code"]].drop_duplicates()[:most]
    rows = []
    for niveau, code in areas.itertuples(index=False):
        made = report(store, departement, niveau, code, tables=tables)
        said, seconds = _timed(sheet_content, made, tables, "public", PRODUCED)
        rows.append(("fiche", "mots", code, seconds))
        rows += _compiled("fiche", pdf.SHEET, code, said)
        said, seconds = _timed(diagnostic_content, made, tables, "public", PRODUCED, {})
        rows.append(("diagnostic", "mots", code, seconds))
        rows += _compiled("diagnostic", pdf.DIAGNOSTIC, code, said)
    return pd.DataFrame(rows, columns=["document", "step", "area", "seconds"])


def summary(measured: pd.DataFrame) -> pd.DataFrame:
    """Return median, worst and total seconds by document and step."""
    groups = measured.groupby(["document", "step"], sort=False)["seconds"]
    found = groups.agg(zones="size", mediane="median", pire="max", total="sum")
    return found.round(3).reset_index()


def _compiled(
    document: str, template: Path, code: str, said: Content
) -> list[tuple[str, str, str, float]]:
    """Time both ways on texts never compiled before: typst remembers what it has laid out."""
    rows = []
    ways = {
        "compilation": fonts.typeset_fonts(),
        "compilation, polices de la machine": [fonts.FOLDER],
    }
    for step, paths in ways.items():
        fresh = said | {"area": f"{said['area']} ({step})"}
        _, seconds = _timed(
            typst.compile,
            template,
            root=template.parent,
            format="pdf",
            sys_inputs=pdf.inputs(fresh),
            font_paths=paths,
            pdf_standards="ua-1",
        )
        rows.append((document, step, code, seconds))
    return rows


def _timed(make: Callable[..., _T], *given: Any, **options: Any) -> tuple[_T, float]:
    start = time.perf_counter()
    made = make(*given, **options)
    return made, time.perf_counter() - start
