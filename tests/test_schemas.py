"""The contracts hold on what is built, and each breach is refused in one sentence."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from diagnostics import schemas
from diagnostics.errors import Refused
from diagnostics.store import open_store
from tests.invented import HIDDEN, facts, groups, long

A, B, C, D, E, F, G = (f"0000{i}" for i in range(1, 8))
CELLS = {A: (900, 9000), **dict.fromkeys((B, C, D, E, F, G), (HIDDEN, 400))}
COUNCIL = 7
Change = Callable[[pd.DataFrame], pd.DataFrame]


def table() -> pd.DataFrame:
    """Return a long table: rows 0 to 6 are the communes A to G, 7 the council, 8 the whole."""
    areas = groups({("territoire", "t"): [A, B, C, D]}, CELLS)
    return long(facts(CELLS, hidden_total=12), areas)


def cell(row: int, column: str, value: object) -> Change:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        frame.loc[row, column] = value
        return frame

    return change


def test_every_table_of_a_store_keeps_its_contract(simulated_store: Path) -> None:
    held = open_store(simulated_store)
    for name, schema in (
        ("facts", schemas.facts()),
        ("communes", schemas.communes()),
        ("long", schemas.long()),
    ):
        stored = held.table("00", name)
        pd.testing.assert_frame_equal(schemas.checked(stored, schema, name), stored)


def test_the_frames_of_these_tests_keep_their_contract() -> None:
    frame = table()
    assert list(frame["niveau"]) == ["commune"] * 7 + ["territoire", "departement"]
    assert frame["comparaison"].ne("").sum() == 2
    schemas.checked(frame, schemas.long(), "table longue")
    schemas.checked(facts(CELLS, hidden_total=12), schemas.facts(), "faits")


@pytest.mark.parametrize(
    "change",
    [
        cell(1, "faits_publies", 3),
        cell(1, "taux_pour_mille", 0.0),
        cell(1, "taux_haut", 9.0),
        cell(0, "faits_estimes", 900.0),
        cell(0, "taux_estime", 100.0),
        cell(0, "taux_bas", 101.0),
        cell(COUNCIL, "faits_estimes_haut", 1.0),
        cell(COUNCIL, "taux_estime_bas", 5000.0),
        cell(0, "statut", "ndiff"),
        cell(0, "comparaison", "dangereux"),
        cell(0, "tendance", "en hausse"),
        cell(0, "reference", "france"),
        cell(0, "indicateur", "incivilites"),
        cell(0, "niveau", "canton"),
        cell(0, "couverture_population", 1.5),
        cell(0, "faits_publies", -1),
        lambda t: pd.concat([t, t.iloc[[0]]], ignore_index=True),
        lambda t: t.drop(columns="statut"),
        lambda t: t.assign(note="x"),
        lambda t: t[["code", "niveau", *t.columns[2:]]],
        lambda t: t.astype({"annee": "float64"}),
    ],
)
def test_each_breach_of_the_long_table_is_refused(change: Change) -> None:
    with pytest.raises(Refused, match="table longue"):
        schemas.checked(change(table()), schemas.long(), "table longue")


@pytest.mark.parametrize(
    "change",
    [
        cell(1, "count", 2.0),
        cell(1, "rate", 0.0),
        cell(0, "count", -3.0),
        cell(0, "code_insee", "1001"),
        cell(0, "status", "diff"),
        cell(0, "kind", "canton"),
        cell(0, "indicator", "incivilites"),
        cell(0, "year", 24),
        cell(0, "population", -1.0),
        lambda t: pd.concat([t, t.iloc[[0]]], ignore_index=True),
        lambda t: t.drop(columns="rate"),
        lambda t: t.assign(nationality="x"),
    ],
)
def test_each_breach_of_the_facts_is_refused(change: Change) -> None:
    with pytest.raises(Refused, match="faits"):
        schemas.checked(change(facts(CELLS)), schemas.facts(), "faits")


def test_a_commune_is_once_in_its_departement(simulated_store: Path) -> None:
    communes = open_store(simulated_store).table("00", "communes")
    twice = pd.concat([communes, communes.iloc[[0]]], ignore_index=True)
    with pytest.raises(Refused, match="communes"):
        schemas.checked(twice, schemas.communes(), "communes")


def test_a_refusal_is_one_sentence_that_names_the_column_and_says_what_to_do() -> None:
    broken = cell(0, "couverture_population", 1.5)(table())
    with pytest.raises(Refused) as refusal:
        schemas.checked(broken, schemas.long(), "table longue")
    text = str(refusal.value)
    assert "\n" not in text and "couverture_population" in text and "relancer" in text


def test_missing_figures_break_no_contract() -> None:
    frame = table()
    figures = frame.select_dtypes("float64").columns.difference(["effectif_denominateur_total"])
    frame[figures] = np.nan
    schemas.checked(frame, schemas.long(), "table longue")
