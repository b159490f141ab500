"""The calibration benchmark in small, and the committed table of its full run."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from benchmarks import calibration
from benchmarks.__main__ import app
from diagnostics.statistics.trends import trend_markers

TABLE = Path(__file__).parent.parent / "data" / "catalogue" / "calibration.csv"


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return calibration.draws(20, seed=404)


@pytest.mark.parametrize(
    ("series", "published"),
    [
        ([5, 9, 6, 5], [1, 1, 1, 1]),
        ([5, 9, 4, 7, 8, 9], [0, 0, 0, 0, 0, 1]),
        ([0, 0, 0, 0], [1, 1, 1, 1]),
        ([0, 0, 0, 1, 0, 0, 0], [1, 1, 1, 0, 0, 0, 1]),
        ([4, 9, 9, 9], [0, 0, 0, 1]),
        ([1, 2, 3, 4], [0, 0, 0, 0]),
    ],
)
def test_diffusion_rule_as_observed(series: list[int], published: list[int]) -> None:
    facts = np.array(series)[:, None]
    assert calibration.published_cells(facts)[:, 0].tolist() == [bool(p) for p in published]


def test_draws_are_reproducible_and_change_with_the_seed(rows: pd.DataFrame) -> None:
    again = calibration.draws(2, seed=5)
    pd.testing.assert_frame_equal(again, calibration.draws(2, seed=5))
    assert not again.equals(calibration.draws(2, seed=6))
    assert (rows["published"] <= rows["truth"]).all()
    assert (rows["truth"] <= rows["published"] + rows["hidden_total"]).all()


def test_the_interval_holds_the_truth_often_enough_and_not_too_often(rows: pd.DataFrame) -> None:
    table = calibration.summary(rows).set_index(["type_indicateur", "couverture_population"])
    whole = table.loc[(calibration.WHOLE, calibration.WHOLE)]
    assert whole["verite_dans_intervalle"] >= 93
    assert whole["verite_20_et_plus_dans_intervalle"] <= 98
    assert whole["taux_dans_intervalle"] >= 95
    assert whole["affiches_dans_intervalle"] >= 92
    assert abs(whole["biais_part_masquee"]) < 3
    well_filled = table[table["territoires_annees"] >= 500]
    assert (well_filled["verite_dans_intervalle"] >= 88).all()
    assert (table["largeur_mediane"] < table["largeur_mediane_bornes_naives"]).all()


def test_summary_counts_by_hand() -> None:
    rows = pd.DataFrame(
        {
            "kind": next(iter(calibration.RATES_PER_1000)),
            "truth": [10, 30, 0],
            "published": [5.0, 20.0, 0.0],
            "mean": [4.0, 20.0, 1.0],
            "low": [2.0, 11.0, 0.0],
            "high": [6.0, 30.0, 2.0],
            "hidden_total": [100, 100, 100],
            "coverage": [0.3, 0.31, 1.0],
            "true_rate": [1.0, 1.0, 1.0],
            "rate_low": [0.5, 2.0, 0.0],
            "rate_high": [1.5, 3.0, 1.0],
            "shown": [True, True, False],
        }
    )
    table = calibration.summary(rows)
    band = table[(table["couverture_population"] == "30–50\u202f%")].iloc[0]
    assert band["territoires_annees"] == 2
    assert band["verite_dans_intervalle"] == 50  # 10 in 7..11, 30 under 31..50
    assert band["verite_20_et_plus_dans_intervalle"] == 0
    assert band["biais_part_masquee"] == 60  # 24 for 15
    assert band["taux_dans_intervalle"] == 50
    assert band["affiches"] == 100
    last = table[(table["couverture_population"] == "90–100\u202f%")].iloc[0]
    assert last["territoires_annees"] == 1
    assert last["affiches"] == 0


def test_committed_table_meets_the_targets() -> None:
    table = pd.read_csv(TABLE, sep=";", decimal=",")
    whole = table[
        (table["type_indicateur"] == calibration.WHOLE)
        & (table["couverture_population"] == calibration.WHOLE)
    ].iloc[0]
    assert whole["verite_dans_intervalle"] >= 93
    assert whole["verite_20_et_plus_dans_intervalle"] <= 98
    assert (table["verite_dans_intervalle"] >= 90).all()
    assert set(table["type_indicateur"]) == {*calibration.RATES_PER_1000, calibration.WHOLE}


def test_command_writes_the_table_it_prints(tmp_path: Path) -> None:
    out = tmp_path / "calibration.csv"
    arguments = ["calibration", "--departements", "2", "--seed", "3", "--out", str(out)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    written = pd.read_csv(out, sep=";", decimal=",")
    pd.testing.assert_frame_equal(
        written, calibration.summary(calibration.draws(2, seed=3)), check_dtype=False
    )
    assert list(written) == list(pd.read_csv(TABLE, sep=";", decimal=","))


def test_a_stable_territory_shows_no_false_jump_nor_trend(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing moves but chance, and the set of hidden communes with it."""
    monkeypatch.setattr(calibration, "TREND", (0.0, 0.0))
    monkeypatch.setattr(calibration, "YEAR_SHOCK", (0.0, 0.0))
    monkeypatch.setattr(calibration, "OVERDISPERSION", (0.0001, 0.0001))
    jumps, markers = [], []
    for child in np.random.SeedSequence(77).spawn(12):
        rng = np.random.default_rng(child)
        departement = calibration.draw_departement(rng)
        for per_1000 in calibration.RATES_PER_1000.values():
            series = calibration.draw_series(rng, departement, per_1000)
            hidden = ~calibration.published_cells(series.facts)
            years = pd.concat(calibration.territory_years(departement, series), keys=range(10))
            wide = years[["rate", "rate_low", "rate_high", "hidden_members"]].unstack(0).dropna()
            members = wide["hidden_members"]
            moving = members.min(axis=1) < members.max(axis=1)
            rate, low, high = (
                wide.loc[moving, name].to_numpy() for name in ("rate", "rate_low", "rate_high")
            )
            assert hidden.any()
            jumps.append((low[:, 1:] > high[:, :-1]) | (high[:, 1:] < low[:, :-1]))
            markers.append(trend_markers(rate, low, high).verdict)
    assert sum(map(np.size, jumps)) > 3000
    assert np.concatenate(jumps).mean() < 0.01
    verdicts = np.concatenate(markers)
    assert np.isin(verdicts, ["hausse", "baisse"]).mean() < 0.01
