"""The regions and France: only where they are held whole, on their own official totals."""

from pathlib import Path

import pandas as pd
import pytest

from diagnostics import long_table, schemas
from diagnostics.sources.cog import Cog
from diagnostics.sources.editions import NO_TOTALS
from diagnostics.sources.ssmsi import Edition
from diagnostics.wholes import FRANCE, wholes
from tests.invented import ABSENT, EDITION, HIDDEN, Cell, facts

# Two départements of region 91 and one of region 92, all invented.
CELLS: dict[str, Cell] = {
    "95001": (30, 1000),
    "95002": (HIDDEN, 500),
    "96001": (0, 200),
    "99001": (12, 300),
}
REGIONS = {"95": "91", "96": "91", "99": "92"}


def code(*communes: str) -> Cog:
    table = pd.DataFrame(
        {
            "code_insee": communes,
            "kind": "commune",
            "departement": [c[:3] if c.startswith("97") else c[:2] for c in communes],
            "region": [REGIONS.get(c[:2], "99") for c in communes],
        }
    )
    names = {"region": {"91": "Val-d’Orbe"}, "departement": {}, "arrondissement": {}}
    return Cog(table, {}, {}, pd.DataFrame(), names)


def rows(cells: dict[str, Cell], indicator: str = "degradations") -> pd.DataFrame:
    """Return what `ssmsi.read` gives of these cells."""
    table = facts(cells, indicator).rename(columns={"code_insee": "code"})
    return table.drop(columns=["kind", "denominator"]).astype({"code": "category"})


def totals(**counts: float) -> pd.DataFrame:
    """Return official totals from {c95: count}, of the indicator and year of `rows`."""
    return pd.DataFrame(
        [
            {"code": area[1:], "indicator": "degradations", "year": 2024, "count": float(n)}
            for area, n in counts.items()
        ]
    ).reindex(columns=list(NO_TOTALS))


def built(
    cells: dict[str, Cell] = CELLS,
    cog: Cog | None = None,
    departements: pd.DataFrame = NO_TOTALS,
    regions: pd.DataFrame = NO_TOTALS,
    indicator: str = "degradations",
) -> pd.DataFrame:
    edition = Edition(Path(f"{EDITION}.parquet"), "communes", "C2", 2025, None)
    return wholes(rows(cells, indicator), edition, cog or code(*CELLS), departements, regions)


def area(table: pd.DataFrame, area_code: str) -> dict[str, object]:
    (found,) = table[table["code"] == area_code].to_dict("records")
    return found


def test_each_whole_that_is_held_has_its_row() -> None:
    table = built()
    assert list(zip(table["niveau"], table["code"], strict=True)) == [
        ("region", "91"),
        ("region", "92"),
        ("france", FRANCE),
    ]
    schemas.checked(table, schemas.long(), "ensembles")
    assert area(table, "91")["libelle"] == "Val-d’Orbe"
    assert area(table, "92")["libelle"] == "92" and area(table, FRANCE)["libelle"] == "France"


def test_published_figures_are_summed_over_the_communes_of_the_file() -> None:
    region, france = (area(built(), c) for c in ("91", FRANCE))
    assert (region["faits_publies"], region["communes_publiees"], region["communes"]) == (30, 2, 3)
    assert (region["effectif_denominateur"], region["effectif_denominateur_total"]) == (1200, 1700)
    assert region["statut"] == "partiel"
    assert france["faits_publies"] == 42 and france["effectif_denominateur_total"] == 2000


def test_a_part_of_a_region_is_no_region() -> None:
    held = {c: cell for c, cell in CELLS.items() if not c.startswith("96")}
    assert list(built(held)["code"]) == ["92"]
    assert built({"95001": (3, 10)}).empty


def test_collectivities_overseas_are_not_awaited() -> None:
    cog = code(*CELLS, "97501", "97701", "97801", "98735")
    assert FRANCE in set(built(cog=cog)["code"])
    assert FRANCE not in set(built(cog=code(*CELLS, "97101"))["code"])


def test_municipal_arrondissements_are_in_no_whole() -> None:
    cog = code(*CELLS, "99101", "99102")
    kinds = cog.communes["kind"].where(
        ~cog.communes["code_insee"].isin(["99101", "99102"]), "arrondissement_municipal"
    )
    cog.communes["kind"] = kinds
    table = built(CELLS | {"99101": (7, 200), "99102": (5, 100)}, cog)
    assert area(table, "92")["faits_publies"] == 12 and area(table, "92")["communes"] == 1


def test_a_region_s_total_is_its_own_official_one() -> None:
    table = built(departements=totals(c95=41, c96=0, c99=12), regions=totals(c91=44))
    region = area(table, "91")
    assert region["faits_estimes"] == region["faits_estimes_haut"] == 44
    assert region["methode"] == "total_officiel"
    assert region["taux_estime"] == pytest.approx(1000 * 44 / 1700)


def test_otherwise_it_is_the_sum_of_all_its_departements() -> None:
    table = built(departements=totals(c95=41, c96=2, c99=12))
    assert area(table, "91")["faits_estimes"] == 43
    assert area(table, FRANCE)["faits_estimes"] == 55
    missing = built(departements=totals(c95=41, c99=12))
    assert pd.isna(area(missing, "91")["faits_estimes"])
    assert area(missing, "91")["motif_sans_estimation"] == "sans_total_officiel"
    assert area(missing, "92")["faits_estimes"] == 12


def test_nothing_is_estimated_without_official_total() -> None:
    region = area(built(), "91")
    assert pd.isna(region["faits_estimes"]) and pd.isna(region["taux_estime"])
    assert region["motif_sans_estimation"] == "sans_total_officiel"


def test_persons_are_never_summed_over_departements() -> None:
    official = totals(c95=41, c96=2, c99=12).assign(indicator="usage_stupefiants")
    region = area(built(departements=official, indicator="usage_stupefiants"), "91")
    assert pd.isna(region["faits_estimes"])
    assert region["methode"] == "somme_indicative" and pd.isna(region["taux_bas"])


def test_a_whole_is_compared_with_nothing() -> None:
    table = built(departements=totals(c95=41, c96=2, c99=12))
    assert set(table["comparaison"]) == set(table["reference"]) == {""}
    assert table["taux_reference"].isna().all()


def test_an_absent_row_is_no_fact_and_no_zero() -> None:
    region = area(built(CELLS | {"96001": (ABSENT, 200)}), "91")
    assert (region["communes"], region["communes_publiees"]) == (3, 1)
    assert region["effectif_denominateur"] == 1000


def test_the_columns_are_those_of_the_long_table() -> None:
    assert list(built().columns) == long_table.COLUMNS


def test_france_of_the_real_parquet(mirror: Path) -> None:
    """The widest file of the mirror holds every département: published sums of the whole file."""
    from diagnostics.sources.cog import read_cog
    from diagnostics.sources.ssmsi import read, recognise

    (path,) = (mirror / "ssmsi").glob("*.parquet")
    edition = recognise(path)
    assert edition is not None
    published = read(edition)
    table = wholes(
        published,
        edition,
        read_cog(mirror / "cog" / "communes.json"),
        NO_TOTALS,
        NO_TOTALS,
    )
    assert int((table["niveau"] == "region").groupby(table["code"]).any().sum()) == 18
    theft = table[(table["code"] == FRANCE) & (table["indicateur"] == "vols_avec_armes")].iloc[0]
    rows_ = published[published["indicator"] == "vols_avec_armes"]
    # The 45 municipal arrondissements stand beside their commune: they are not added to it.
    parts = rows_["code"].astype(str).str.match(r"751\d\d|6938\d|132\d\d")
    kept = rows_[~parts]
    assert int(parts.sum()) == 45
    assert theft["faits_publies"] == kept["count"].sum()
    assert theft["effectif_denominateur_total"] == kept["population"].sum()


def test_some_communes_of_every_departement_are_not_the_region() -> None:
    official = totals(c95=400, c96=100, c99=90).assign(population=5000.0, denominator=5000.0)
    region, france = (area(built(departements=official), c) for c in ("91", FRANCE))
    assert (region["faits_estimes"], region["effectif_denominateur_total"]) == (500, 10000)
    assert (france["faits_estimes"], france["effectif_denominateur_total"]) == (590, 15000)
    assert region["couverture_population"] == 0.12


def test_the_population_of_another_year_does_not_replace_that_of_the_communes() -> None:
    official = totals(c95=400, c96=100, c99=90).assign(population=510.0, denominator=510.0)
    assert area(built(departements=official), FRANCE)["effectif_denominateur_total"] == 2000
