"""The second table: verdicts from interval and reference, and references that hide no bias."""

import csv
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics import aggregation, catalogue, comparisons, long_table
from diagnostics.comparisons import DENSITY, FRANCE, REGION, SIMILAR
from diagnostics.statistics.comparison import compare
from diagnostics.store import Store
from tests.invented import HIDDEN, Cell, facts, groups, long, row

NOTHING = pd.DataFrame()
TOWNS = [f"0000{i}" for i in range(1, 8)]


def with_class(classes: dict[str, int]) -> pd.DataFrame:
    """Return a context that holds the density class of communes."""
    return pd.DataFrame(
        {
            "code_insee": list(classes),
            "variable": "classe_densite",
            "value": [float(c) for c in classes.values()],
            "status": "publie",
            "text": [f"Classe {c}" for c in classes.values()],
        }
    )


def by_density(
    cells: dict[str, Cell],
    classes: dict[str, int],
    members: dict[tuple[str, str], list[str]] | None = None,
    hidden_total: float | None = None,
) -> pd.DataFrame:
    """Return the comparisons with the density class of a hand-written département."""
    table = facts(cells, hidden_total=hidden_total)
    areas = groups(members or {}, cells)
    rows = long(table, areas)
    of_class = comparisons.class_groups(table, with_class(classes))
    density = comparisons.density_classes(table, areas, of_class, rows, None)
    membership = comparisons.class_of_areas(rows, areas, of_class)
    found = comparisons.comparisons(rows, density, membership, no_neighbours())
    return found[found["reference"] == DENSITY]


def no_neighbours() -> pd.DataFrame:
    columns = ["niveau", "code", "rank", "neighbour", "distance", "variables"]
    return pd.DataFrame({column: [] for column in columns})


def whole(
    niveau: str, code: str, total: float, residents: float, like: pd.DataFrame
) -> pd.DataFrame:
    """Return the row of a region or of France in the long table's form."""
    base = like[like["niveau"] == "departement"]
    return base.assign(
        niveau=niveau,
        code=code,
        libelle=f"Région {code}",
        methode="total_officiel",
        faits_estimes=total,
        effectif_denominateur_total=residents,
    )


@pytest.fixture(scope="module")
def tables(store: Store) -> dict[str, pd.DataFrame]:
    names = ("long", "facts", "communes", "groups", "context", "group_context", "official")
    held = {name: store.table("00", name) for name in names}
    return held | comparisons.tables(*held.values())


# --- all of a simulated département ------------------------------------------------------------


def test_every_verdict_is_its_interval_against_its_reference(
    tables: dict[str, pd.DataFrame],
) -> None:
    table = tables["comparisons"]
    assert set(table["reference"]) == {long_table.REFERENCE, DENSITY, SIMILAR}
    expected = compare(table["taux_zone_bas"], table["taux_zone_haut"], table["taux_reference"])
    assert (table["comparaison"].to_numpy() == expected).all()
    assert {"plus_eleve", "moins_eleve", "proche", ""} == set(table["comparaison"])


def test_there_is_one_row_per_area_and_reference(tables: dict[str, pd.DataFrame]) -> None:
    table = tables["comparisons"]
    assert list(table.columns) == comparisons.COLUMNS
    assert not table.duplicated(comparisons.KEY).any()
    assert table["taux_reference"].notna().all()
    assert (table["libelle_reference"] != "").all()


def test_the_rest_of_the_departement_is_that_of_the_long_table(
    tables: dict[str, pd.DataFrame],
) -> None:
    own = tables["long"][tables["long"]["reference"] != ""].set_index(long_table.KEY)
    rest = tables["comparisons"].query(f"reference == '{long_table.REFERENCE}'")
    rest = rest.set_index(long_table.KEY).reindex(own.index)
    assert (rest["taux_reference"] == own["taux_reference"]).all()
    assert (rest["comparaison"] == own["comparaison"]).all()


def test_rates_are_those_of_the_long_table(tables: dict[str, pd.DataFrame]) -> None:
    table = tables["comparisons"].merge(tables["long"], on=long_table.KEY)
    communal = table["niveau"] == "commune"
    for compared, published, estimated in (
        ("taux_zone", "taux_pour_mille", "taux_estime"),
        ("taux_zone_bas", "taux_bas", "taux_estime_bas"),
        ("taux_zone_haut", "taux_haut", "taux_estime_haut"),
    ):
        expected = table[published].where(communal, table[estimated])
        assert table[compared].equals(expected.rename(compared))


def test_no_hidden_figure_is_in_a_verdict(tables: dict[str, pd.DataFrame]) -> None:
    table = tables["comparisons"].merge(tables["long"][[*long_table.KEY, "statut"]])
    hidden = table[table["statut"].isin(["non_diffuse", "absent"])]
    communes = hidden[hidden["niveau"] == "commune"]
    assert len(communes) and (communes["comparaison"] == "").all()
    assert communes["taux_zone"].isna().all()


def test_persons_are_compared_with_nothing(tables: dict[str, pd.DataFrame]) -> None:
    additive = {i.id for i in catalogue.indicators().values() if i.additive}
    assert set(tables["comparisons"]["indicateur"]) <= additive


def test_only_higher_is_worse_is_judged(tables: dict[str, pd.DataFrame]) -> None:
    table = tables["comparisons"]
    worse = {i.id for i in catalogue.indicators().values() if i.polarity == "higher_is_worse"}
    judged = table[table["jugement"] != "sans_jugement"]
    assert set(judged["indicateur"]) <= worse
    assert set(judged["comparaison"]) == {"plus_eleve", "moins_eleve"}
    verdicts = dict(zip(judged["comparaison"], judged["jugement"], strict=True))
    assert verdicts == {"plus_eleve": "defavorable", "moins_eleve": "favorable"}


def test_similar_areas_share_no_commune(tables: dict[str, pd.DataFrame]) -> None:
    members = tables["groups"].groupby(["niveau", "code"])["code_insee"].agg(set)
    similar = tables["similar"].assign(level=comparisons.level_of_likes(tables["similar"]))
    for (niveau, code), rows in similar[similar["niveau"] != "commune"].groupby(["niveau", "code"]):
        seen = set(members[niveau, code])
        for level, neighbour in zip(rows["level"], rows["neighbour"], strict=True):
            assert seen.isdisjoint(members[level, neighbour])
            seen |= members[level, neighbour]
    assert (similar.groupby(["niveau", "code"])["distance"].diff().fillna(0) >= 0).all()
    assert similar.groupby(["niveau", "code"]).size().max() == comparisons.NEIGHBOURS


def test_a_similar_reference_is_the_pooled_rate_of_all_its_areas(
    tables: dict[str, pd.DataFrame],
) -> None:
    rows = tables["comparisons"].query(f"reference == '{SIMILAR}' and niveau == 'commune'")
    sample = rows.sample(20, random_state=1)
    figures = tables["long"].set_index(long_table.KEY)
    for _, each in sample.iterrows():
        peers = each["codes_reference"].split()
        assert each["code"] not in peers and len(peers) == comparisons.NEIGHBOURS
        keys = [("commune", peer, each["indicateur"], each["annee"]) for peer in peers]
        published = figures.loc[keys, "faits_publies"]
        assert published.notna().all()
        size = figures.loc[keys, "effectif_denominateur_total"].sum()
        assert each["taux_reference"] == pytest.approx(1000 * published.sum() / size, rel=1e-12)


def test_the_order_of_the_rows_does_not_matter(tables: dict[str, pd.DataFrame]) -> None:
    classes = comparisons.class_groups(tables["facts"], tables["context"])
    membership = comparisons.class_of_areas(tables["long"], tables["groups"], classes)
    shuffled = comparisons.comparisons(
        tables["long"].sample(frac=1, random_state=2),
        tables["density"].sample(frac=1, random_state=3),
        membership.sample(frac=1, random_state=4),
        tables["similar"],
    )
    pd.testing.assert_frame_equal(shuffled, tables["comparisons"], rtol=1e-12)


def test_density_rows_are_estimated_by_the_rules_of_a_territory(
    tables: dict[str, pd.DataFrame],
) -> None:
    density = tables["density"]
    hidden = density["communes"] - density["communes_publiees"]
    estimated = density["faits_estimes"].notna()
    assert ((hidden == 0) | (hidden >= 3))[estimated].all()
    assert (density.loc[estimated & (hidden > 0), "couverture_population"] >= 0.3).all()
    assert density.loc[estimated, "motif_sans_estimation"].eq("").all()
    assert estimated.any() and (~estimated).any()


# --- the file -----------------------------------------------------------------------------------


def test_the_file_is_one_that_a_french_spreadsheet_opens(tables: dict[str, pd.DataFrame]) -> None:
    table = tables["comparisons"].head(200)
    content = comparisons.encoded_csv(table)
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert list(rows[0]) == comparisons.COLUMNS and len(rows) == len(table)
    for read, (_, kept) in zip(rows, table.iterrows(), strict=True):
        rate = float(read["taux_reference"].replace(",", "."))
        assert rate == pytest.approx(kept["taux_reference"], abs=5e-7)
        assert len(read["taux_reference"].split(",")[1]) >= 4
        assert read["taux_zone"] == "" if np.isnan(kept["taux_zone"]) else read["taux_zone"]


# --- region and France --------------------------------------------------------------------------


def test_own_facts_and_residents_are_out_of_the_region() -> None:
    cells: dict[str, Cell] = {TOWNS[0]: (100, 10_000), TOWNS[1]: (400, 40_000)}
    areas = groups({("epci", "E"): [TOWNS[0]]}, cells)
    rows = long(facts(cells), areas)
    rows = pd.concat(
        [rows, whole("region", "11", 3_100, 310_000, rows), whole("france", "FR", 9e3, 1e6, rows)]
    )
    found = comparisons.comparisons(rows, NOTHING, NOTHING, no_neighbours())
    commune = row(found, "commune", TOWNS[0], reference=REGION)
    assert commune["taux_reference"] == pytest.approx(1000 * 3_000 / 300_000)
    assert commune["libelle_reference"] == "le reste de la région Région 11"
    group = row(found, "epci", "E", reference=REGION)
    assert group["taux_reference"] == commune["taux_reference"]
    departement = row(found, "departement", "00", reference=FRANCE)
    assert departement["taux_reference"] == pytest.approx(1000 * 8_500 / 950_000)
    assert departement["libelle_reference"] == "le reste de la France"


def test_a_region_that_holds_less_than_the_area_is_no_reference() -> None:
    cells: dict[str, Cell] = {TOWNS[0]: (100, 10_000), TOWNS[1]: (400, 40_000)}
    rows = long(facts(cells), groups({}, cells))
    rows = pd.concat([rows, whole("region", "11", 99, 310_000, rows)])
    found = comparisons.comparisons(rows, NOTHING, NOTHING, no_neighbours())
    assert found[found["reference"] == REGION].empty


def test_a_total_that_is_not_official_is_no_reference() -> None:
    cells: dict[str, Cell] = {TOWNS[0]: (100, 10_000), TOWNS[1]: (400, 40_000)}
    rows = long(facts(cells), groups({}, cells))
    region = whole("region", "11", 3_100, 310_000, rows).assign(methode="poisson_exact")
    found = comparisons.comparisons(pd.concat([rows, region]), NOTHING, NOTHING, no_neighbours())
    assert found[found["reference"] == REGION].empty


# --- same density -------------------------------------------------------------------------------


def test_the_class_is_taken_without_the_area() -> None:
    cells: dict[str, Cell] = {town: (10 * i, 1_000 * i) for i, town in enumerate(TOWNS, 1)}
    cells[TOWNS[0]] = (90, 1_000)
    classes = dict.fromkeys(TOWNS[:5], 1) | dict.fromkeys(TOWNS[5:], 2)
    found = by_density(cells, classes, {("epci", "E"): TOWNS[:2], ("epci", "F"): TOWNS[4:6]})
    own = row(found, "commune", TOWNS[0])
    assert own["taux_reference"] == pytest.approx(10)
    assert own["comparaison"] == "plus_eleve" and own["jugement"] == "defavorable"
    assert own["base_reference"] == "communes_publiees"
    # A group has a class where all its communes share it.
    assert row(found, "epci", "E")["taux_reference"] == pytest.approx(10)
    assert "F" not in set(found["code"])
    # Two communes are no group to compare with.
    assert not set(found["code"]) & set(TOWNS[5:])


def test_a_hidden_commune_that_counts_leaves_the_class_without_reference() -> None:
    """The published communes of a class are those with large counts: their rate is no reference."""
    cells: dict[str, Cell] = dict.fromkeys(TOWNS, (20, 1000))
    cells[TOWNS[6]] = (HIDDEN, 1_000)
    found = by_density(cells, dict.fromkeys(TOWNS, 1), hidden_total=3)
    assert found.empty


def test_a_hidden_commune_of_few_residents_leaves_a_reference_that_says_so() -> None:
    cells: dict[str, Cell] = dict.fromkeys(TOWNS, (20, 1000))
    cells[TOWNS[6]] = (HIDDEN, 100)
    found = by_density(cells, dict.fromkeys(TOWNS, 1), hidden_total=3)
    own = row(found, "commune", TOWNS[0])
    assert own["taux_reference"] == pytest.approx(20)
    assert own["base_reference"] == "communes_publiees"
    assert TOWNS[6] not in set(found["code"])


@settings(max_examples=40, deadline=None)
@given(
    published=st.lists(st.integers(5, 400), min_size=4, max_size=8),
    hidden=st.integers(0, 10),
)
def test_a_class_of_published_communes_is_too_high_by_a_twentieth_at_most(
    published: list[int], hidden: int
) -> None:
    codes = [f"{i:05d}" for i in range(1, len(published) + 1)]
    cells: dict[str, Cell] = {c: (n, 1_000) for c, n in zip(codes, published, strict=True)}
    cells["00099"] = (HIDDEN, 50.0 * (len(published) - 1))
    found = by_density(cells, dict.fromkeys(cells, 1), hidden_total=hidden)
    for code in codes:
        own = row(found, "commune", code)
        others = sum(published) - published[codes.index(code)]
        truth = 1000 * (others + hidden) / (1_000 * (len(codes) - 1) + cells["00099"][1])
        assert own["taux_reference"] <= max(truth, 1e-9) / 0.95


def test_an_estimated_class_serves_only_where_it_is_known_to_a_tenth() -> None:
    towns: dict[str, Cell] = {f"001{i:02d}": (400, 20_000) for i in range(10)}
    villages: dict[str, Cell] = {f"002{i:02d}": (HIDDEN, 900.0) for i in range(8)}
    elsewhere: dict[str, Cell] = {f"003{i:02d}": (HIDDEN, 900.0) for i in range(30)}
    classes = dict.fromkeys([*towns, *villages], 1) | dict.fromkeys(elsewhere, 2)
    narrow = by_density({**towns, **villages, **elsewhere}, classes, hidden_total=120)
    own = row(narrow, "commune", "00100")
    assert own["base_reference"] == "total_estime"
    # 120 facts over 38 communes of the same size.
    expected = 1000 * (3_600 + 120 * 8 / 38) / (180_000 + 7_200)
    assert own["taux_reference"] == pytest.approx(expected)
    few: dict[str, Cell] = dict.fromkeys(towns, (6, 1_000))
    cells = {**few, **villages, **elsewhere}
    assert by_density(cells, classes, hidden_total=120).empty
    table, areas = facts(cells, hidden_total=120), groups({}, cells)
    of_class = comparisons.class_groups(table, with_class(classes))
    density = comparisons.density_classes(table, areas, of_class, long(table, areas), None)
    shown = row(density, DENSITY, "1")
    width = (shown["faits_estimes_haut"] - shown["faits_estimes_bas"]) / shown["faits_estimes"]
    assert width > comparisons.MAXIMUM_WIDTH


# --- groups that come last ----------------------------------------------------------------------


def council_and_perimeter(extra: list[str], hidden: int = 16) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the long table of a council of six hidden villages, and the cells of a perimeter.

    Four facts are hidden in each village.
    """
    villages = [f"002{i:02d}" for i in range(hidden)]
    cells: dict[str, Cell] = {"00100": (400, 20_000), "00101": (400, 20_000)}
    cells |= dict.fromkeys(villages, (HIDDEN, 800.0))
    table = facts(cells, hidden_total=4.0 * hidden)
    areas = groups({("arrondissement", "A"): ["00100", *villages[:6]]}, cells)
    rows = long(table, areas)
    wanted = pd.DataFrame(
        {
            "niveau": "perimetre",
            "code": "p",
            "libelle": "P",
            "type": "perimetre",
            "code_insee": ["00100", "00101", *extra],
            "inside": True,
        }
    )
    every = pd.concat([areas, wanted], ignore_index=True)
    cells = aggregation.with_estimates(aggregation.aggregate(table, every), table, every)
    return rows, cells[cells["niveau"] == "perimetre"].reset_index(drop=True)


def test_a_group_that_comes_last_is_estimated_as_another() -> None:
    rows, cells = council_and_perimeter([f"002{i:02d}" for i in range(6, 10)])
    own = cells.iloc[0]
    assert (own["niveau"], own["code"], own["refusal"]) == ("perimetre", "p", "")
    assert own["estimate"] == pytest.approx(800 + 4 * 4)
    assert row(rows, "arrondissement", "A")["faits_estimes"] == pytest.approx(400 + 24)


@pytest.mark.parametrize("members", [range(5), range(7)])
def test_a_group_that_would_give_away_a_commune_is_not_shown(members: range) -> None:
    """With one village fewer, or one more, than a council whose total is shown: the larger of the
    two would be admitted first if they were equals, and the shown one would go."""
    rows, cells = council_and_perimeter([f"002{i:02d}" for i in members])
    assert not np.isnan(row(rows, "arrondissement", "A")["faits_estimes"])
    assert cells["refusal"].tolist() == ["difference"]
    assert cells[["estimate", "estimate_low", "estimate_high"]].isna().all(axis=None)


def test_what_is_published_in_full_is_never_refused() -> None:
    _, cells = council_and_perimeter([])
    own = cells.iloc[0]
    assert (own["estimate"], own["refusal"]) == (800, "")


# --- similar areas ------------------------------------------------------------------------------


def around(values: dict[str, tuple[float, float, float]]) -> pd.DataFrame:
    """Return a context of population, density and income of communes."""
    return pd.DataFrame(
        [
            {"code_insee": code, "variable": variable, "value": value}
            for code, each in values.items()
            for variable, value in zip(
                ("population", "densite", "revenu_median"), each, strict=True
            )
        ]
    )


def communes_of(codes: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"code_insee": codes, "kind": "commune"})


NO_GROUPS = pd.DataFrame({"niveau": [], "code": [], "code_insee": [], "inside": []}).astype(
    {"inside": bool}
)
NO_CONTEXT = pd.DataFrame({"niveau": [], "code": [], "variable": [], "value": []})


def test_the_nearest_come_first_and_an_area_is_not_its_own_neighbour() -> None:
    values = {f"000{i:02d}": (1_000.0 + i, 50.0 + i, 20_000.0 + 10 * i) for i in range(9)}
    found = comparisons.similar_areas(around(values), NO_CONTEXT, NO_GROUPS, communes_of([*values]))
    first = found[found["code"] == "00000"]
    assert first["neighbour"].tolist() == ["00001", "00002", "00003", "00004", "00005"]
    assert first["rank"].tolist() == [1, 2, 3, 4, 5]
    assert (found["code"] != found["neighbour"]).all()


def test_an_area_without_its_income_has_no_neighbours_on_two_variables_alone() -> None:
    values = {f"000{i:02d}": (1_000.0 + i, 50.0 + i, 20_000.0 + 10 * i) for i in range(9)}
    values["00008"] = (1_008.0, 58.0, np.nan)
    found = comparisons.similar_areas(around(values), NO_CONTEXT, NO_GROUPS, communes_of([*values]))
    assert "00008" not in set(found["code"]) | set(found["neighbour"])


def test_without_context_nothing_is_similar() -> None:
    empty = pd.DataFrame({"code_insee": [], "variable": [], "value": []})
    found = comparisons.similar_areas(empty, NO_CONTEXT, NO_GROUPS, communes_of(TOWNS))
    assert found.empty and "neighbour" in found.columns


def test_one_hidden_neighbour_leaves_no_similar_reference() -> None:
    cells: dict[str, Cell] = dict.fromkeys(TOWNS, (20, 1000))
    similar = pd.DataFrame(
        {
            "niveau": "commune",
            "code": TOWNS[0],
            "rank": [1, 2],
            "neighbour": TOWNS[1:3],
            "distance": [0.1, 0.2],
            "variables": "log_population",
        }
    )

    def reference(cells: dict[str, Cell]) -> pd.DataFrame:
        rows = long(facts(cells, hidden_total=4), groups({}, cells))
        found = comparisons.comparisons(rows, NOTHING, NOTHING, similar)
        return found[found["reference"] == SIMILAR]

    known = reference(cells)
    assert row(known, "commune", TOWNS[0])["libelle_reference"] == (
        "les 2 communes les plus semblables"
    )
    assert reference({**cells, TOWNS[1]: (HIDDEN, 1_000)}).empty
    # The area's own figure is hidden: the reference stands, without a verdict.
    alone = row(reference({**cells, TOWNS[0]: (HIDDEN, 1_000)}), "commune", TOWNS[0])
    assert alone["taux_reference"] == pytest.approx(20) and alone["comparaison"] == ""
