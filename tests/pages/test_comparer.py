"""Compare: the address is the view, every verdict is that of its interval, nothing hidden is 0."""

import re
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from diagnostics import catalogue, long_table, wording
from diagnostics.comparisons import DENSITY, FRANCE, REGION, SIMILAR
from diagnostics.figures.charts import Caption, IntervalChart, IntervalRow
from diagnostics.figures.charts_svg import svg_chart
from diagnostics.figures.map_data import rows_of_layer
from diagnostics.report import report_for_codes
from diagnostics.report.area import code_of
from diagnostics.report.cells import verdict_text
from diagnostics.statistics.comparison import compare
from diagnostics.store import open_store
from diagnostics.wording import COMMUNAL, VERDICTS, sort_key
from pages.ui.compare_blocks import against, names
from pages.ui.compare_sections import (
    NO_AREA,
    NO_AREA_KEPT,
    NOTHING_WHOLE,
    ONE_YEAR,
    PERSONS,
    TWO_RULES,
)
from pages.ui.context_filter import NO_DENSITY, NO_FORCE
from pages.ui.keys import Param
from pages.ui.reference_picker import ABSENT, COVERS
from tests.pages.changed_store import changed_store, newest_year
from tests.pages.conftest import Opener

YEAR, INDICATOR = 2024, "cambriolages"
VIEW = {"indicateur": INDICATOR, "annee": str(YEAR)}


@pytest.fixture(scope="module")
def long(simulated_store: Path) -> pd.DataFrame:
    return open_store(simulated_store).table("00", "long")


def table_after(page: AppTest, title: str) -> list[list[str]]:
    """Return the cells of the first table whose first column has this title, without its head."""
    for block in page.get("html"):
        body = str(block.proto.body)
        if f"<th>{title}</th>" in body:
            rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)[1:]
            cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in rows]
            return [[unescape(cell) for cell in row] for row in cells]
    raise AssertionError(f"no table {title}")


def address(page: AppTest, param: Param) -> str:
    """Return a parameter of the address, that AppTest gives alone or in a list."""
    value = page.query_params[param]
    return value if isinstance(value, str) else value[0]


def rows_of(long: pd.DataFrame, niveau: str, indicator: str = INDICATOR) -> pd.DataFrame:
    kept = long[(long["niveau"] == niveau) & (long["indicateur"] == indicator)]
    return kept[kept["annee"] == YEAR]


def verdict_of(row: pd.Series, reference: float | None = None) -> str:
    """Return the verdict in words, made again from the interval and the reference."""
    reference = row["taux_reference"] if reference is None else reference
    ends = ["taux_bas", "taux_haut"]
    low, high = (
        row[ends] if row["niveau"] in COMMUNAL else row[[f"taux_estime{e[4:]}" for e in ends]]
    )
    if pd.isna(low) or pd.isna(reference):
        return "non comparé"
    if low > reference:
        return "plus élevé"
    return "moins élevé" if high < reference else "proche"


@pytest.mark.parametrize("niveau", ["commune", "epci", "arrondissement"])
def test_every_verdict_is_that_of_its_interval(
    open_page: Opener, long: pd.DataFrame, niveau: str
) -> None:
    rows = rows_of(long, niveau)
    shown = table_after(open_page("comparer", niveau=niveau, **VIEW), "Zone")
    expected = {row["libelle"]: verdict_of(row) for _, row in rows.iterrows()}
    assert len(shown) == len(rows)
    for row in shown:
        sign, word = row[4][0], row[4][2:]
        assert word == expected[row[0]]
        assert (sign, word) in VERDICTS.values()


def with_region(compared: pd.DataFrame) -> pd.DataFrame:
    """Add a region a fifth below the rest of the département, that the simulated one has not."""
    region = compared[compared["reference"] == long_table.REFERENCE].assign(
        reference=REGION, libelle_reference="le reste de la région Inventée"
    )
    region["taux_reference"] *= 0.8
    region["comparaison"] = compare(
        region["taux_zone_bas"], region["taux_zone_haut"], region["taux_reference"]
    )
    return pd.concat([compared, region], ignore_index=True)


@pytest.fixture
def wide_store(simulated_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the simulated store with a region to compare with, and open it."""
    store = changed_store(simulated_store, tmp_path, {"comparisons": with_region})
    monkeypatch.setenv("DIAGNOSTIC_STORE", str(store))
    return store


@pytest.mark.parametrize("reference", [long_table.REFERENCE, DENSITY, SIMILAR, REGION])
@pytest.mark.parametrize("niveau", ["commune", "clspd", "epci"])
def test_every_verdict_follows_the_reference(
    open_page: Opener, long: pd.DataFrame, wide_store: Path, niveau: str, reference: str
) -> None:
    """Each verdict is made again from the interval of the area and the rate of its reference."""
    store = open_store(wide_store)
    page = open_page("comparer", niveau=niveau, reference=reference, **VIEW)
    compared = store.table("00", "comparisons")
    rates = compared[
        (compared["reference"] == reference)
        & (compared["indicateur"] == INDICATOR)
        & (compared["annee"] == YEAR)
    ].set_index(["niveau", "code"])
    rows = rows_of_layer(long, store.table("00", "groups"), niveau)
    rows = rows[(rows["indicateur"] == INDICATOR) & (rows["annee"] == YEAR)]
    shown = {row[0]: row for row in table_after(page, "Zone")}
    assert len(shown) == len(rows)
    for _, row in rows.iterrows():
        cells = shown[row["libelle"]]
        key = (row["niveau"], row["code"])
        if key not in rates.index:
            assert cells[3] == "non calculé"
            assert cells[4][2:] == "non comparé"
            continue
        rate = rates.loc[key, "taux_reference"]
        assert cells[3].startswith(f"{wording.rate(rate)}\u202f‰")
        assert cells[4][2:] == verdict_of(row, rate)
        if reference in (DENSITY, SIMILAR):
            codes = rates.loc[key, "codes_reference"].split()
            of_level = long[long["niveau"] == row["niveau"]]
            names_of = dict(zip(of_level["code"], of_level["libelle"], strict=True))
            members = ", ".join(names_of[code] for code in codes)
            assert cells[6] == (members or rates.loc[key, "libelle_reference"])


@pytest.mark.parametrize("reference", [DENSITY, SIMILAR])
def test_each_area_without_a_reference_says_why(
    open_page: Opener, simulated_store: Path, long: pd.DataFrame, reference: str
) -> None:
    compared = open_store(simulated_store).table("00", "comparisons")
    held = compared[
        (compared["reference"] == reference)
        & (compared["indicateur"] == INDICATOR)
        & (compared["annee"] == YEAR)
    ]
    rows = rows_of(long, "commune")
    without = rows[rows["taux_pour_mille"].notna() & ~rows["code"].isin(held["code"])]
    page = open_page("comparer", reference=reference, **VIEW)
    shown = {row[0]: row for row in table_after(page, "Zone")}
    assert len(without) > 1
    reasons = {shown[name][6] for name in without["libelle"]}
    words = "trop d’autres communes" if reference == DENSITY else "semblables n’ont pas de chiffre"
    assert any(words in reason for reason in reasons) and "–" not in reasons
    said = " ".join(caption.value for caption in page.caption)
    for reason in reasons:
        assert f"de référence\u202f: {reason}." in said


def test_the_default_reference_is_that_of_the_long_table(
    simulated_store: Path, long: pd.DataFrame
) -> None:
    compared = open_store(simulated_store).table("00", "comparisons")
    found = against(long, compared, long_table.REFERENCE)
    columns = [*long_table.KEY, "taux_reference", "comparaison"]
    pd.testing.assert_frame_equal(found[columns], long[columns], check_dtype=False)


@pytest.mark.parametrize("reference", [REGION, FRANCE])
def test_a_reference_that_is_not_loaded_is_said(open_page: Opener, reference: str) -> None:
    page = open_page("comparer", reference=reference, **VIEW)
    assert ABSENT[reference] in [box.value for box in page.info]
    assert {row[4][2:] for row in table_after(page, "Zone")} == {"non comparé"}
    assert {row[3] for row in table_after(page, "Zone")} == {"non calculé"}


def test_the_reference_goes_to_the_address(open_page: Opener) -> None:
    page = open_page("comparer", **VIEW)
    assert page.selectbox(Param.REFERENCE).value == long_table.REFERENCE
    page.selectbox(Param.REFERENCE).set_value(SIMILAR).run()
    assert address(page, Param.REFERENCE) == SIMILAR
    assert open_page("comparer", reference="lune").selectbox(Param.REFERENCE).value == (
        long_table.REFERENCE
    )


@pytest.mark.parametrize("reference", [long_table.REFERENCE, DENSITY, SIMILAR, REGION, FRANCE])
def test_a_programme_follows_the_reference(
    open_page: Opener, wide_store: Path, long: pd.DataFrame, reference: str
) -> None:
    """The largest commune, whose figures are all known, beside each reference."""
    communes = rows_of(long, "commune")
    code = communes.sort_values("effectif_denominateur_total")["code"].iloc[-1]
    page = open_page(
        "programme_territoires", niveau="commune", zone=code, annee=str(YEAR), reference=reference
    )
    assert not page.exception
    compared = open_store(wide_store).table("00", "comparisons")
    compared = compared[
        (compared["niveau"] == "commune")
        & (compared["code"] == code)
        & (compared["annee"] == YEAR)
        & (compared["reference"] == reference)
    ]
    titles = {indicator.id: indicator.title for indicator in catalogue.indicators().values()}
    compared = compared.set_index(compared["indicateur"].map(titles))
    figures = long[(long["niveau"] == "commune") & (long["code"] == code) & (long["annee"] == YEAR)]
    figures = figures.set_index(figures["indicateur"].map(titles))
    shown = table_after(page, "Indicateur")
    assert len(shown) > 5
    for row in shown:
        row[0] = row[0].removesuffix(" (indicateur secondaire)")
        assert row[0] in figures.index
        if row[0] not in compared.index:
            assert (row[3], row[4]) == ("–", "– non comparé")
            continue
        rate = compared.loc[row[0], "taux_reference"]
        assert row[3] == wording.rate(rate)
        assert row[4][2:] == verdict_of(figures.loc[row[0]], rate)
    said = " ".join(caption.value for caption in page.caption)
    if reference == FRANCE:
        assert ABSENT[FRANCE] in [box.value for box in page.info]
        keys = " ".join(unescape(str(block.proto.body)) for block in page.get("html"))
        assert "référence\u202f: France (non disponible)" in keys
        assert not any("la tendance demande" in words.value for words in page.markdown)
    else:
        assert f"Référence\u202f: {compared['libelle_reference'].iloc[0]}" in said
    of_level = communes.set_index("code")["libelle"]
    for member in " ".join(compared["codes_reference"]).split():
        assert of_level[member] in said


@pytest.mark.parametrize("loaded", [True, False])
def test_the_departement_itself_is_compared_with_the_region(
    open_page: Opener, simulated_store: Path, loaded: bool, request: pytest.FixtureRequest
) -> None:
    if loaded:
        request.getfixturevalue("wide_store")
    page = open_page("programme_territoires", niveau="departement", annee=str(YEAR))
    assert not page.exception
    assert COVERS in [caption.value for caption in page.caption]
    assert (ABSENT[REGION] in [box.value for box in page.info]) is not loaded


@pytest.mark.parametrize("reference", [long_table.REFERENCE, SIMILAR, DENSITY])
@pytest.mark.parametrize("niveau", ["commune", "epci"])
def test_the_perimeter_of_the_address_is_among_the_areas_compared(
    open_page: Opener, simulated_store: Path, long: pd.DataFrame, niveau: str, reference: str
) -> None:
    communes = rows_of(long, "commune").dropna(subset="faits_publies")
    codes = list(communes.nlargest(8, "faits_publies")["code"])
    made = report_for_codes(
        open_store(simulated_store), "00", codes, annee=YEAR, comparator=reference
    )
    (line,) = (each for each in made.lines if each.id == INDICATOR)
    other = str(rows_of(long, niveau)["code"].iloc[0])
    code = code_of(codes)
    view = VIEW | {"niveau": niveau, "communes": ",".join(codes), "nom": "Huit villes"}
    page = open_page("comparer", reference=reference, **view)
    assert not page.exception and not page.warning
    # It is the first to be compared, as the area of the map is.
    assert page.multiselect(Param.ZONES).value == [code]
    page.multiselect(Param.ZONES).set_value([code, other]).run()
    assert address(page, Param.ZONES) == f"{code},{other}"
    own, _ = table_after(page, "Zone")
    assert own[0] == "Huit villes (périmètre libre)"
    assert line.figure.published is not None and wording.number(line.figure.published) in own[1]
    assert own[2].startswith(wording.rate(line.figure.rate or 0))
    assert own[4][2:] == verdict_text(line)[2:]
    if line.comparison:
        assert own[3].startswith(wording.rate(line.comparison.rate))
    else:
        assert own[6] == line.no_reference != ""
    assert len(page.get("plotly_chart")) >= 2


def test_codes_of_the_perimeter_that_are_none_are_said(open_page: Opener) -> None:
    (said,) = [box.value for box in open_page("comparer", communes="99999", **VIEW).warning]
    assert "99999" in said


def test_the_two_rules_are_told_apart_where_they_meet(open_page: Opener) -> None:
    said = [caption.value for caption in open_page("comparer", **VIEW).caption]
    assert said.count(TWO_RULES) == 1
    persons = {"indicateur": "usage_stupefiants", "annee": str(YEAR)}
    assert TWO_RULES not in [c.value for c in open_page("comparer", **persons).caption]


def test_areas_come_in_the_order_of_names(open_page: Opener, long: pd.DataFrame) -> None:
    shown = table_after(open_page("comparer", niveau="commune", **VIEW), "Zone")
    in_order = list(names(rows_of(long, "commune")).values())
    assert [row[0] for row in shown] == in_order


def test_what_is_hidden_has_no_number(open_page: Opener, long: pd.DataFrame) -> None:
    rows = rows_of(long, "commune")
    hidden = set(rows.loc[rows["statut"] == "non_diffuse", "libelle"])
    shown = table_after(open_page("comparer", niveau="commune", **VIEW), "Zone")
    found = [row for row in shown if row[0] in hidden]
    assert len(found) == len(hidden) > 0
    for row in found:
        assert not re.search(r"\d", "".join(row[1:]))


def test_what_is_published_is_under_an_estimated_total(
    open_page: Opener, long: pd.DataFrame
) -> None:
    rows = rows_of(long, "epci")
    rows = rows[rows["methode"] == "partage_du_total_masque"]
    assert len(rows)
    shown = {
        row[0]: row for row in table_after(open_page("comparer", niveau="epci", **VIEW), "Zone")
    }
    for _, row in rows.iterrows():
        total, published = (
            wording.number(row["faits_estimes"]),
            wording.number(row["faits_publies"]),
        )
        facts = shown[row["libelle"]][1]
        assert facts.startswith(f"{total} (") and facts.endswith(f"dont {published} publiés")


def test_a_group_without_total_has_no_rate(open_page: Opener, long: pd.DataFrame) -> None:
    rows = rows_of(long, "epci")
    without = set(rows.loc[rows["faits_estimes"].isna(), "libelle"])
    shown = table_after(open_page("comparer", niveau="epci", **VIEW), "Zone")
    found = [row for row in shown if row[0] in without]
    assert found
    for row in found:
        assert row[2].startswith("n.\u00a0d.")
        assert row[4].endswith("non comparé")


def test_the_address_opens_the_same_view(open_page: Opener, long: pd.DataFrame) -> None:
    codes = list(rows_of(long, "epci")["code"])[:2]
    page = open_page("comparer", niveau="epci", zones=",".join(codes), force="police", **VIEW)
    assert page.selectbox(Param.NIVEAU).value == "epci"
    assert page.selectbox(Param.INDICATEUR).value == INDICATOR
    assert page.select_slider(Param.ANNEE).value == YEAR
    assert page.multiselect(Param.ZONES).value == codes
    assert len(table_after(page, "Zone")) == 2


def test_choices_go_to_the_address(open_page: Opener, long: pd.DataFrame) -> None:
    codes = list(rows_of(long, "commune")["code"])
    page = open_page("comparer", **VIEW)
    page.multiselect(Param.ZONES).set_value(codes[:6]).run()
    assert address(page, Param.ZONES) == ",".join(codes[:5])
    page.multiselect(Param.ZONES).set_value([]).run()
    assert address(page, Param.ZONES) == ""
    page.selectbox(Param.FORCE).set_value("police").run()
    assert address(page, Param.FORCE) == "police"


def test_the_area_of_the_map_is_the_first_to_be_compared(
    open_page: Opener, long: pd.DataFrame
) -> None:
    code = rows_of(long, "commune")["code"].iloc[0]
    assert open_page("comparer", zone=code, **VIEW).multiselect(Param.ZONES).value == [code]
    assert open_page("comparer", zone=code, zones="", **VIEW).multiselect(Param.ZONES).value == []


def test_unknown_values_of_the_address_open_the_default_view(open_page: Opener) -> None:
    page = open_page(
        "comparer",
        niveau="departement",
        indicateur="<script>",
        annee="1900",
        zones="<b>,00,,99999",
        force="armée",
        densite="0",
    )
    assert not page.exception
    assert not page.error
    assert page.selectbox(Param.NIVEAU).value == "commune"
    assert page.multiselect(Param.ZONES).value == []
    assert page.selectbox(Param.FORCE).value == "toutes"
    assert page.selectbox(Param.DENSITE).value == "toutes"


def test_filters_keep_the_areas_of_the_context(
    open_page: Opener, simulated_store: Path, long: pd.DataFrame
) -> None:
    around = open_store(simulated_store).table("00", "context")
    force = around[(around["variable"] == "zone_competence") & (around["text"] == "gendarmerie")]
    density = around[(around["variable"] == "classe_densite") & (around["value"] == 5)]
    expected = set(force["code_insee"]) & set(density["code_insee"])
    rows = rows_of(long, "commune")
    wanted = set(rows.loc[rows["code"].isin(expected), "libelle"])
    page = open_page("comparer", force="gendarmerie", densite="5", **VIEW)
    assert {row[0] for row in table_after(page, "Zone")} == wanted
    assert 0 < len(wanted) < len(rows)
    assert any(f"{len(wanted)} zones sur" in caption.value for caption in page.caption)


def test_no_area_left_by_the_filters_is_said(open_page: Opener, simulated_store: Path) -> None:
    around = open_store(simulated_store).table("00", "context")
    wide = around.pivot(index="code_insee", columns="variable", values=["text", "value"])
    pairs = set(zip(wide["text"]["zone_competence"], wide["value"]["classe_densite"], strict=True))
    forces, classes = ({p[i] for p in pairs} for i in (0, 1))
    empty = next((f, d) for f in forces for d in classes if (f, d) not in pairs)
    page = open_page("comparer", force=empty[0], densite=f"{empty[1]:.0f}", **VIEW)
    assert not page.exception
    assert NO_AREA_KEPT in [box.value for box in page.info]


def test_persons_are_not_compared(open_page: Opener) -> None:
    page = open_page("comparer", indicateur="trafic_stupefiants")
    assert PERSONS in [box.value for box in page.info]
    assert {row[4][2:] for row in table_after(page, "Zone")} == {"non comparé"}


def test_no_area_chosen_is_said(open_page: Opener) -> None:
    assert NO_AREA in [box.value for box in open_page("comparer", **VIEW).info]


def test_one_year_draws_no_series(
    open_page: Opener, simulated_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = changed_store(simulated_store, tmp_path, {"long": newest_year})
    monkeypatch.setenv("DIAGNOSTIC_STORE", str(store))
    page = open_page("comparer", indicateur=INDICATOR)
    assert not page.exception
    assert ONE_YEAR in [box.value for box in page.info]


def test_without_context_there_is_no_filter(
    open_page: Opener, simulated_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = changed_store(simulated_store, tmp_path, {"context": None, "group_context": None})
    monkeypatch.setenv("DIAGNOSTIC_STORE", str(store))
    page = open_page("comparer", force="police", **VIEW)
    assert not page.exception
    assert {NO_FORCE, NO_DENSITY} <= {caption.value for caption in page.caption}
    assert not {Param.FORCE, Param.DENSITE} & {box.key for box in page.selectbox}


def without_zone(around: pd.DataFrame) -> pd.DataFrame:
    """Leave the police and gendarmerie zones out of a context table, as where no file has them."""
    gone = around["variable"] == "zone_competence"
    return around.assign(
        text=around["text"].mask(gone, ""), status=around["status"].mask(gone, "absent")
    )


def test_a_filter_that_is_not_loaded_is_said_and_the_other_works(
    open_page: Opener,
    simulated_store: Path,
    long: pd.DataFrame,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    changes = {"context": without_zone, "group_context": without_zone}
    store = changed_store(simulated_store, tmp_path, changes)
    monkeypatch.setenv("DIAGNOSTIC_STORE", str(store))
    page = open_page("comparer", force="police", densite="5", **VIEW)
    assert not page.exception
    said = {caption.value for caption in page.caption}
    assert NO_FORCE in said
    assert NO_DENSITY not in said
    around = open_store(store).table("00", "context")
    density = around[(around["variable"] == "classe_densite") & (around["value"] == 5)]
    rows = rows_of(long, "commune")
    wanted = set(rows.loc[rows["code"].isin(density["code_insee"]), "libelle"])
    assert {row[0] for row in table_after(page, "Zone")} == wanted


def test_a_change_of_level_keeps_the_filters(open_page: Opener) -> None:
    """No EPCI is of one class of scattered communes: it is said, and the choice stays."""
    page = open_page("comparer", niveau="epci", densite="1", **VIEW)
    assert not page.warning
    assert page.selectbox(Param.DENSITE).value == "1"
    assert NO_AREA_KEPT in [box.value for box in page.info]


@pytest.mark.parametrize("status", ["publie", "non_diffuse"])
def test_one_area_left_by_the_filters(
    open_page: Opener,
    simulated_store: Path,
    long: pd.DataFrame,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    status: str,
) -> None:
    rows = rows_of(long, "commune")
    alone = rows[rows["statut"] == status].iloc[0]

    def police_in_one(around: pd.DataFrame) -> pd.DataFrame:
        zone = around["variable"] == "zone_competence"
        words = around["code_insee"].eq(alone["code"]).map({True: "police", False: "gendarmerie"})
        return around.assign(text=around["text"].mask(zone, words))

    store = changed_store(simulated_store, tmp_path, {"context": police_in_one})
    monkeypatch.setenv("DIAGNOSTIC_STORE", str(store))
    page = open_page("comparer", force="police", **VIEW)
    assert not page.exception
    (row,) = table_after(page, "Zone")
    assert row[0] == alone["libelle"]
    hidden = NOTHING_WHOLE in [box.value for box in page.info]
    assert hidden is (status == "non_diffuse")


def test_a_long_name_is_whole_in_the_table_and_the_pictures(
    open_page: Opener,
    simulated_store: Path,
    long: pd.DataFrame,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = "CISPD de l’Interminable-Commune-lès-Sources-en-Forêt-Basse-et-des-Étangs <b>"
    code = rows_of(long, "epci")["code"].iloc[0]
    store = changed_store(
        simulated_store,
        tmp_path,
        {
            "long": lambda rows: rows.assign(
                libelle=rows["libelle"].mask(rows["code"] == code, name)
            )
        },
    )
    monkeypatch.setenv("DIAGNOSTIC_STORE", str(store))
    page = open_page("comparer", niveau="epci", zones=code, **VIEW)
    assert not page.exception
    assert [row[0] for row in table_after(page, "Zone")] == [name]


def test_names_come_by_their_place() -> None:
    named = [
        "CLSPD d’Avon",
        "CISPD Brie et Morin",
        "CLSPD d’Émerainville",
        "CC de l’Étang",
        "CLSPD de La Ferté-sous-Jouarre",
        "CLSPD du Mée-sur-Seine",
        "Melun",
        "CA Melun Val de Seine",
        "CLSPD de Nangis",
        "La Rochette",
        "Métropole Rouen Normandie",
    ]
    by_letters = sorted(named)
    assert sorted(by_letters, key=sort_key) == named != by_letters


def test_areas_of_the_same_name_show_their_code() -> None:
    rows = pd.DataFrame({"code": ["1", "2", "3"], "libelle": ["Étang", "Val", "Val"]})
    assert names(rows) == {"1": "Étang", "2": "Val (2)", "3": "Val (3)"}


def test_the_intervals_keep_hostile_names_as_text() -> None:
    caption = Caption("Titre", "Sous-titre", "unité", "Source : X.", "édition X")
    rows = (
        IntervalRow("<script>&", 2.0, 1.0, 3.0, 4.0, "moins_eleve", named=True),
        IntervalRow("Seule", 2.0, 1.0, 3.0, float("nan"), ""),
    )
    chart = IntervalChart(caption, "<b>référence</b>", rows)
    words = list(ElementTree.fromstring(svg_chart(chart)).itertext())
    expected = ["<script>&", "<b>référence</b>", "moins élevé", "non comparé", "Source : X."]
    for each in (*expected, "édition X"):
        assert each in words
