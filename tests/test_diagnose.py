"""Drawing the councils again makes their figures anew and touches nothing else."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from diagnostics import store, territories
from diagnostics.diagnose import COUNCIL_LIST, recompose
from diagnostics.errors import Refused

ORIGIN = {"file": "liste.csv", "rows": 1, "publisher": "", "licence": "", "source": None}
KEY = ["niveau", "code", "indicateur", "annee"]


@pytest.fixture
def folder(simulated_store: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(simulated_store, tmp_path / "store"))


def test_the_same_councils_give_the_same_figures(folder):
    before = store.open_store(folder)
    memberships = before.table("00", "memberships")
    after = recompose(folder, "00", memberships, ORIGIN)
    assert after.digest != before.digest  # the list of inputs says where the councils are from
    for name in store.TABLES:
        pd.testing.assert_frame_equal(after.table("00", name), before.table("00", name))
    before_areas = before.outlines("00").set_index(["niveau", "code"]).geometry
    after_areas = (
        after.outlines("00").set_index(["niveau", "code"]).geometry.reindex(before_areas.index)
    )
    assert after_areas.geom_equals(before_areas).all()


def test_a_commune_that_moves_changes_both_councils_and_no_other_level(folder):
    before = store.open_store(folder)
    memberships = before.table("00", "memberships").copy()
    now = territories.current(memberships)
    sizes = now.groupby("territory_id").size()
    giving, taking = sizes.idxmax(), sizes.idxmin()
    moved = now[now["territory_id"] == giving].index[0]
    code = memberships.loc[moved, "code_insee"]
    other = now[now["territory_id"] == taking].iloc[0]
    assert giving != taking
    memberships.loc[moved, ["territory_id", "name", "type"]] = [
        taking,
        other["name"],
        other["type"],
    ]
    after = recompose(folder, "00", memberships, ORIGIN)
    groups = after.table("00", "groups").query("niveau == 'territoire'")
    assert set(groups.loc[groups["code_insee"] == code, "code"]) == {taking}
    old, new = (s.table("00", "long").set_index(KEY).sort_index() for s in (before, after))
    assert old.index.equals(new.index)
    additive = ["communes", "effectif_denominateur_total", "communes_publiees"]
    changed = (old[additive] != new[additive]).fillna(False).any(axis=1)
    assert {(k[0], k[1]) for k in old.index[changed]} == {
        ("territoire", giving),
        ("territoire", taking),
    }
    communes = old.index.get_level_values("niveau") == "commune"
    pd.testing.assert_frame_equal(old[communes], new[communes])


def test_the_inputs_say_where_the_councils_are_from(folder):
    memberships = store.open_store(folder).table("00", "memberships")
    for _ in range(2):
        after = recompose(folder, "00", memberships, ORIGIN)
    listed = [i for i in after.about("00")["inputs"] if i["title"] == COUNCIL_LIST]
    assert [i["file"] for i in listed] == ["liste.csv"]


def test_an_unknown_departement_leaves_the_store_as_it_was(folder):
    before = store.open_store(folder).digest
    with pytest.raises(Refused, match="99"):
        recompose(folder, "99", pd.DataFrame(columns=territories.COLUMNS), ORIGIN)
    assert store.open_store(folder).digest == before
