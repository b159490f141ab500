"""What `check` says of a store: each sentence comes from a figure that is held."""

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from diagnostics import build, catalogue
from diagnostics.check import report
from diagnostics.store import Store, open_store
from tests.invented import ABSENT, HIDDEN, facts, groups, long, official

A, B, C, D, E = (f"0000{i}" for i in range(1, 6))
CELLS = {A: (900, 6000), B: (0, 800), C: (HIDDEN, 400), D: (HIDDEN, 400), E: (ABSENT, 400)}
BASE = "donnee-dep-data.gouv-2024-geographie2025-produit-le2026-02-03"


def plain(text: str) -> str:
    """Return a text with ordinary spaces: its typography is tested elsewhere."""
    return re.sub("[\u202f\u00a0]", " ", text)


def described(
    folder: Path, table: pd.DataFrame, totals: pd.DataFrame, base: str | None, **about: Any
) -> str:
    """Return what `check` says of one département made of hand-written facts."""
    areas = groups({("territoire", "c"): [A, B], ("territoire", "d"): [A]}, CELLS)
    areas.loc[areas["code"] == "c", "type"] = "cispd"
    areas.loc[areas["code"] == "d", "type"] = "clspd"
    (folder / "00").mkdir()
    for name, content in {
        "facts": table,
        "groups": areas,
        "long": long(table, areas, totals),
        "reconciliation": build.reconcile(table, totals),
    }.items():
        content.to_parquet(folder / "00" / f"{name}.parquet", index=False)
    entry = {
        "name": "Val-d’Orbe",
        "edition": "fichier",
        "generation": "C2",
        "geography": 2025,
        "years": sorted({int(y) for y in table["year"]}),
        "communes": 5,
        "indicators": sorted(set(table["indicator"])),
        "official_base": base,
        "aside": [],
        "warnings": [],
    } | about
    return plain(report(Store(folder, {"simulated": False, "departements": {"00": entry}})))


@pytest.mark.parametrize(
    ("total", "says"),
    [
        (912, "900 + 12 = 912 pour 912 (exact)"),
        (910, "900 + 12 = 912 pour 910 (écart +2)"),
        (1915, "900 + 12 = 912 pour 1 915 (écart −1 003)"),
    ],
)
def test_the_reconciliation_of_each_indicator_and_year(
    tmp_path: Path, total: int, says: str
) -> None:
    text = described(
        tmp_path,
        facts(CELLS, hidden_total=12),
        official(("degradations", 2024, total)),
        BASE,
    )
    label = catalogue.indicators()["degradations"].label
    assert f"2024 {label} : {says}" in text
    assert f"Réconciliation avec {BASE}" in text


def test_persons_do_not_add_up_and_it_says_so(tmp_path: Path) -> None:
    table = facts(CELLS, "usage_stupefiants", hidden_total=12)
    text = described(tmp_path, table, official(("usage_stupefiants", 2024, 908)), BASE)
    assert "(écart +4, non additif : l’écart ne dit rien)" in text


def test_what_is_not_given_is_said_and_never_zero(tmp_path: Path) -> None:
    totals = official(("degradations", 2024, 912))
    text = described(tmp_path, facts(CELLS), totals, BASE)
    assert "900 publiés, complément non donné, total 912" in text


def test_a_year_without_official_total_is_said(tmp_path: Path) -> None:
    totals = official(("degradations", 2023, 912))
    text = described(tmp_path, facts(CELLS, hidden_total=12), totals, BASE)
    assert "900 publiés, pas de total officiel" in text


def test_without_base_of_the_edition_nothing_is_reconciled(tmp_path: Path) -> None:
    text = described(tmp_path, facts(CELLS, hidden_total=12), official(), None)
    assert "aucune base départementale" in text
    assert "exact" not in text and "écart" not in text


def test_statuses_councils_and_coverage_are_counted(tmp_path: Path) -> None:
    text = described(tmp_path, facts(CELLS, hidden_total=12), official(), None)
    assert "5 communes × 1 indicateur, 2024" in text
    assert "1 publiées, 1 nulles publiées, 2 non diffusées, 1 absentes" in text
    assert "Territoires : 1 CISPD, 1 CLSPD" in text
    label = catalogue.indicators()["degradations"].label
    assert f"{label} : 85 %, 2 communes publiées sur 5" in text


def test_coverage_is_that_of_the_latest_year_and_years_are_a_period(tmp_path: Path) -> None:
    old = facts({A: (HIDDEN, 6000), **{c: CELLS[c] for c in (B, C, D, E)}}, year=2020)
    table = pd.concat([old, facts(CELLS)], ignore_index=True)
    text = described(tmp_path, table, official(), None)
    assert "2020–2024" in text and "Couverture en 2024" in text and ": 85 %" in text


def test_editions_left_aside_and_warnings_are_listed(tmp_path: Path) -> None:
    text = described(
        tmp_path,
        facts(CELLS),
        official(),
        None,
        aside=["autre.csv.gz"],
        warnings=["Sans contour : X."],
        geography=None,
    )
    assert "Fichiers laissés de côté :\n  - autre.csv.gz" in text
    assert "Avertissements :\n  - Sans contour : X." in text
    assert "géographie non dite" in text


def test_the_simulated_departement_adds_up_and_says_that_it_is_simulated(
    simulated_store: Path,
) -> None:
    held = open_store(simulated_store)
    text = plain(report(held))
    assert "(simulé)" in text.splitlines()[0]
    lines = [line for line in text.splitlines() if re.match(r"  20\d\d ", line)]
    assert len(lines) == len(held.table("00", "reconciliation"))
    sound = [line for line in lines if "(exact)" in line or "non additif" in line]
    assert sound == lines
    every = {catalogue.indicators()[i].label for i in held.about("00")["indicators"]}
    assert all(any(label in line for line in lines) for label in every)
