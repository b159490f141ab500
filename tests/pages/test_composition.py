"""The choice of a council's composition: offered where it matters, kept in the address."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from diagnostics import store, territories
from diagnostics.diagnose import recompose
from diagnostics.report.model import TODAY, YEARLY
from pages.ui.keys import Param
from tests.pages.conftest import Opener

ORIGIN = {"file": "liste.csv", "rows": 1, "publisher": "", "licence": "", "source": None}


@pytest.fixture
def councils(simulated_store: Path, tmp_path: Path) -> tuple[Path, str, str]:
    """A store where one council has always had its communes and another has won one in 2021."""
    folder = Path(shutil.copytree(simulated_store, tmp_path / "store"))
    now = territories.current(store.open_store(folder).table("00", "memberships"))
    memberships = now.assign(start=None)
    sizes = now[now["type"] == "cispd"].groupby("territory_id").size().sort_values()
    steady, changed = sizes.index[:2]
    row = now[now["territory_id"] == changed].index[0]
    memberships.loc[row, "start"] = date(2021, 1, 1)
    recompose(folder, "00", memberships, ORIGIN)
    return folder, steady, changed


@pytest.mark.parametrize("page", ["fiche", "programme_tranquillite", "comite"])
def test_the_choice_is_offered_where_the_council_has_changed(
    open_page: Opener, councils, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    folder, steady, changed = councils
    # Both stores have a folder of their own, and the app opens the one of the environment.
    opened = open_page(page)
    monkeypatch.setenv("DIAGNOSTIC_STORE", str(folder))
    opened.query_params[Param.NIVEAU] = "cispd"
    for code, offered in ((steady, False), (changed, True)):
        opened.query_params[Param.ZONE] = code
        opened.run()
        assert not opened.exception
        keys = {box.key for box in opened.selectbox}
        assert (Param.COMPOSITION in keys) == offered
    assert opened.selectbox(Param.COMPOSITION).value == TODAY
    opened.selectbox(Param.COMPOSITION).set_value(YEARLY).run()
    assert not opened.exception
    assert YEARLY in opened.query_params[Param.COMPOSITION]


def test_the_sheet_says_whose_communes_they_are(
    open_page: Opener, councils, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _, changed = councils
    opened = open_page("fiche")
    monkeypatch.setenv("DIAGNOSTIC_STORE", str(folder))
    for name, value in (
        (Param.NIVEAU, "cispd"),
        (Param.ZONE, changed),
        (Param.COMPOSITION, YEARLY),
    ):
        opened.query_params[name] = value
    opened.run()
    words = " ".join(block.value for block in opened.markdown)
    assert "celle du 1er janvier" in words
    assert "est appliquée à toutes les années" not in words
