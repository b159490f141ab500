"""The département page: official figures with their intervals, and what is missing said."""

import math
from pathlib import Path

import pandas as pd
import pytest

from diagnostics import catalogue
from diagnostics.report.sentences import REFUSALS
from diagnostics.statistics.rates import poisson_interval
from diagnostics.store import open_store
from diagnostics.territories import duty
from diagnostics.wording import NOT_SHOWN, number, percent
from pages.ui.departement_blocks import NO_OFFICIAL_BASE
from pages.ui.keys import Param
from tests.pages.changed_store import changed_store, newest_year
from tests.pages.conftest import Opener
from tests.pages.test_comparer import table_after

ONLY = [i for i in catalogue.indicators().values() if i.level == "departement"]


@pytest.fixture(scope="module")
def long(simulated_store: Path) -> pd.DataFrame:
    return open_store(simulated_store).table("00", "long")


def _without_official_base(table: pd.DataFrame) -> pd.DataFrame:
    return table[~table["indicateur"].isin([i.id for i in ONLY])]


def test_the_three_indicators_show_the_official_counts(
    open_page: Opener, simulated_store: Path
) -> None:
    official = open_store(simulated_store).table("00", "official")
    shown = table_after(open_page("departement", annee="2019"), "Année")
    years = sorted(official["year"].unique(), reverse=True)
    assert [row[0] for row in shown] == [str(year) for year in years]
    counts = official.set_index(["indicator", "year"])["count"]
    for row, year in zip(shown, years, strict=True):
        for cell, indicator in zip(row[1:], ONLY, strict=True):
            count = counts[indicator.id, year]
            low, high = (float(end) for end in poisson_interval(count))
            assert (
                cell == f"{number(count)} ({number(math.floor(low))} à {number(math.ceil(high))})"
            )


def test_the_year_of_the_address_is_shown(open_page: Opener, long: pd.DataFrame) -> None:
    page = open_page("departement", annee="2019")
    assert page.select_slider(Param.ANNEE).value == 2019
    whole = long[(long["niveau"] == "departement") & (long["annee"] == 2019)]
    total = float(whole.loc[whole["indicateur"] == "homicides", "faits_estimes"].iloc[0])
    row = next(row for row in table_after(page, "Indicateur") if row[0] == "Homicides")
    assert row[2] == number(total)


def test_an_unknown_year_opens_the_newest(open_page: Opener, long: pd.DataFrame) -> None:
    page = open_page("departement", annee="<b>", indicateur="x", zone="y")
    assert not page.exception
    assert page.select_slider(Param.ANNEE).value == long["annee"].max()


def test_totals_are_official_and_persons_have_no_share(
    open_page: Opener, long: pd.DataFrame
) -> None:
    page = open_page("departement", annee="2024")
    tables = [str(block.proto.body) for block in page.get("html")]
    body = next(body for body in tables if "Publié dans les communes" in body)
    whole = long[(long["niveau"] == "departement") & (long["annee"] == 2024)]
    for row in whole[whole["communes"].notna()].to_dict("records"):
        indicator = catalogue.indicators()[row["indicateur"]]
        line = body[body.index(f">{indicator.title}</td>") :].split("</tr>")[0]
        assert f">{number(row['faits_estimes'])}<" in line
        share = percent(row["faits_publies"] / row["faits_estimes"])
        assert (f">{share}<" in line) == indicator.additive


def test_without_an_official_base_the_page_says_so(
    open_page: Opener, simulated_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = changed_store(
        simulated_store, tmp_path, {"long": _without_official_base}, {"official_base": None}
    )
    monkeypatch.setenv("DIAGNOSTIC_STORE", str(store))
    page = open_page("departement")
    assert not page.exception
    assert not page.error
    assert NO_OFFICIAL_BASE in [box.value for box in page.info]
    assert "reconstitués" in " ".join(caption.value for caption in page.caption)


def test_a_total_that_is_not_known_says_why(
    open_page: Opener, simulated_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(table: pd.DataFrame) -> pd.DataFrame:
        whole = (table["niveau"] == "departement") & (table["indicateur"] == "cambriolages")
        table = table.copy()
        table.loc[whole, [c for c in table if "estime" in c and c.startswith(("f", "t"))]] = pd.NA
        table.loc[whole, "motif_sans_estimation"] = "complement_absent"
        return table

    store = changed_store(simulated_store, tmp_path, {"long": unknown})
    monkeypatch.setenv("DIAGNOSTIC_STORE", str(store))
    said = [caption.value for caption in open_page("departement").caption]
    title = catalogue.indicators()["cambriolages"].title
    assert f"Total {NOT_SHOWN}, {title}\u202f: {REFUSALS['complement_absent']}" in said


def test_one_year_draws_no_series(
    open_page: Opener, simulated_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = changed_store(simulated_store, tmp_path, {"long": newest_year})
    monkeypatch.setenv("DIAGNOSTIC_STORE", str(store))
    page = open_page("departement")
    assert not page.exception
    assert any("pas de courbe à tracer" in caption.value for caption in page.caption)
    assert len(table_after(page, "Année")) > 1


def test_communes_bound_by_the_law_without_attested_council_are_named(
    open_page: Opener, simulated_store: Path
) -> None:
    store = open_store(simulated_store)
    communes = store.table("00", "communes")
    whole = communes[communes["kind"] == "commune"]
    duties = duty(whole, store.table("00", "qpv"), store.table("00", "memberships"))
    bound = duties[(duties["duty"] == "obligatoire") & ~duties["council_attested"]]
    words = " ".join(str(block.proto.body) for block in open_page("departement").get("html"))
    assert len(bound)
    assert all(name in words for name in bound["name"])
