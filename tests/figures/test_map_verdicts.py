"""The map of verdicts: those of the comparisons, and none where the figure is not known."""

import pandas as pd
import pytest

from diagnostics import catalogue, comparisons
from diagnostics.figures import map_data, scale
from diagnostics.store import Store
from diagnostics.wording import VERDICTS

INDICATOR = catalogue.indicators()["degradations"]


@pytest.fixture(scope="module", params=comparisons.REFERENCES[:3])
def drawn(store: Store, request: pytest.FixtureRequest) -> pd.DataFrame:
    """Return the communes of the newest year: long-table rows beside what is drawn of them."""
    rows = store.table("00", "long").query("niveau == 'commune' and indicateur == 'degradations'")
    rows = rows[rows["annee"] == rows["annee"].max()]
    table = store.table("00", "comparisons").merge(rows[["niveau", "code", "indicateur", "annee"]])
    compared = table[table["reference"] == request.param]
    cells = map_data.verdict_rows(rows, INDICATOR, compared)
    found = compared.set_index("code")[["comparaison", "libelle_reference"]]
    return (
        rows.set_index("code")
        .drop(columns="comparaison")
        .join(found)
        .join(cells.set_index("code")[["status", "tooltip"]].assign(key=scale.drawings(cells, ())))
    )


def test_each_verdict_has_its_drawing_and_its_words(drawn: pd.DataFrame) -> None:
    judged = drawn[drawn["comparaison"].fillna("") != ""]
    assert len(judged)
    for _, area in judged.iterrows():
        sign, word = VERDICTS[area["comparaison"]]
        assert scale.STATE_LABELS[area["key"]] == word
        assert f"\n{sign} {word} ({area['libelle_reference']}" in area["tooltip"]


def test_what_is_not_published_has_no_verdict(drawn: pd.DataFrame) -> None:
    hidden = drawn[drawn["statut"] == "non_diffuse"]
    assert len(hidden) and set(hidden["key"]) == {"non-diffuse"}
    left = drawn[(drawn["comparaison"].fillna("") == "") & drawn["statut"].isin(["publie", "zero"])]
    assert set(left["key"]) <= {"non-compare"}


def test_no_reference_at_all_leaves_every_known_area_without_verdict(store: Store) -> None:
    rows = store.table("00", "long").query(
        "niveau == 'epci' and indicateur == 'degradations' and annee == 2024"
    )
    none = store.table("00", "comparisons").iloc[:0]
    keys = scale.drawings(map_data.verdict_rows(rows, INDICATOR, none), ())
    assert set(keys) <= {"non-compare", "non-diffuse", "absent"} and "non-compare" in set(keys)


def test_the_legend_lists_verdicts_and_no_class() -> None:
    keys = {"plus-eleve", "proche", "moins-eleve", "non-compare", "non-diffuse"}
    words = [entry.label for entry in scale.legend_entries((), keys)]
    assert words == ["plus élevé", "proche", "moins élevé", "non comparé", "non publié"]


def test_verdicts_are_told_apart_in_greyscale_by_their_sign() -> None:
    signs = {scale.PATTERNS[key].split("/>")[1] for key in scale.VERDICTS if key != "proche"}
    assert len(signs) == 3
