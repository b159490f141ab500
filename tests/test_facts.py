"""From published rows to complete facts: what is absent, what is hidden, what has to agree."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from diagnostics import facts
from diagnostics.errors import Refused
from diagnostics.sources import ssmsi
from tests.publisher_files import COMMUNAL, PARTS, WHOLE

KEYS = facts.KEYS


def published(path: Path = COMMUNAL["C3"]) -> pd.DataFrame:
    edition = ssmsi.recognise(path)
    assert edition is not None
    return ssmsi.read(edition)


def communes(*codes: str) -> pd.DataFrame:
    wholes = [WHOLE if code in PARTS else None for code in codes]
    kinds = ["arrondissement_municipal" if whole else "commune" for whole in wholes]
    return pd.DataFrame({"code_insee": codes, "kind": kinds, "whole": wholes}).astype("str")


FOUR = communes("00001", "00002", "00003", "00004")


def complete(rows: pd.DataFrame) -> pd.DataFrame:
    return facts.complete(rows, FOUR).set_index(KEYS)


def test_every_commune_has_every_indicator_and_year_once() -> None:
    table = facts.complete(published(), FOUR)
    assert len(table) == 4 * 4 * 2
    assert not table.duplicated(KEYS).any()
    assert table[KEYS].equals(table[KEYS].sort_values(KEYS, ignore_index=True))


def test_a_missing_row_is_absent_and_keeps_its_commune_s_population() -> None:
    rows = published()
    rows = rows[~((rows["code"] == "00001") & (rows["indicator"] == "degradations"))]
    cell = complete(rows).loc[("00001", "degradations", 2021)]
    assert cell["status"] == "absent"
    assert np.isnan(cell["count"])
    assert np.isnan(cell["rate"])
    assert cell["population"] == 6000


def test_a_missing_commune_is_absent_everywhere() -> None:
    rows = published()
    table = complete(rows[rows["code"] != "00002"])
    assert (table.loc["00002", "status"] == "absent").all()
    assert table.loc["00002", ["count", "rate", "population"]].isna().all(axis=None)


def test_burglaries_are_counted_on_dwellings_and_all_else_on_residents() -> None:
    table = complete(published())
    assert table.loc[("00001", "cambriolages", 2021), "denominator"] == 3000
    assert table.loc[("00001", "degradations", 2021), "denominator"] == 6000


def test_a_commune_without_inhabitants_divides_nothing() -> None:
    table = complete(published()).loc["00003"]
    assert (table["status"] == "zero").all()
    assert (table["denominator"] == 0).all()
    assert table["rate"].isna().all()


def test_hidden_cells_hold_no_number() -> None:
    table = complete(published())
    hidden = table[table["status"] == "non_diffuse"]
    assert len(hidden) == 14
    assert hidden[["count", "rate"]].isna().all(axis=None)
    assert hidden["complement_count"].notna().all()


def test_the_complement_is_told_once_per_indicator_and_year() -> None:
    given = facts.complements(facts.complete(published(), FOUR))
    given = given.set_index(["indicator", "year"])
    assert given.loc[("degradations", 2021), ["hidden", "mean_count", "pooled_rate"]].tolist() == [
        2,
        2.0,
        2.5,
    ]
    assert given.loc[("vols_de_vehicule", 2022), "hidden"] == 3


@pytest.mark.parametrize("value", [np.nan, 7.0], ids=["lacking", "contradictory"])
def test_a_complement_that_rows_lack_or_contradict_is_no_total(value: float) -> None:
    table = facts.complete(published(), FOUR)
    at = table.index[(table["status"] == "non_diffuse") & (table["indicator"] == "degradations")]
    table.loc[at[0], "complement_count"] = value
    given = facts.complements(table).set_index(["indicator", "year"])
    assert np.isnan(given.loc[("degradations", 2021), "mean_count"])
    assert given.loc[("degradations", 2022), "mean_count"] == 5.0


PARIS = communes(WHOLE, *PARTS)


def paris(whole: float, *parts: float, indicator: str = "degradations") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "code_insee": PARIS["code_insee"],
            "indicator": indicator,
            "year": 2021,
            "count": [whole, *parts],
        }
    )


@pytest.mark.parametrize(
    "table",
    [
        paris(30, 10, 20),
        paris(31, 10, 20),  # rebuilt from rounded rates: off by one
        paris(29, 10, 20),
        paris(30, 10, np.nan),  # a hidden part leaves room
        paris(np.nan, 10, 20),
        paris(12, 10, 20, indicator="usage_stupefiants"),  # persons do not add up
    ],
)
def test_wholes_and_arrondissements_that_agree_go_through(table: pd.DataFrame) -> None:
    facts.refuse_disagreeing_arrondissements(table, PARIS, "f.csv")


@pytest.mark.parametrize("table", [paris(40, 10, 20), paris(28, 10, 20), paris(5, 10, np.nan)])
def test_wholes_and_arrondissements_that_disagree_are_refused(table: pd.DataFrame) -> None:
    with pytest.raises(Refused) as refused:
        facts.refuse_disagreeing_arrondissements(table, PARIS, "f.csv")
    for said in ("f.csv", WHOLE, "2021", "dégradations"):
        assert said in str(refused.value)


def test_a_published_rate_unlike_its_count_is_counted() -> None:
    rows = pd.DataFrame(
        {
            "count": [5.0, 5.0, 0.0, None],
            "rate": [1.4057, 999.5, 0.0, 3.2],
            "denominator": [3557.0, 3557.0, 0.0, 100.0],
        }
    )
    assert facts.rates_unlike_their_counts(rows) == 1
