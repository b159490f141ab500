"""Pages that read one area: sheet, programmes, panel of the map, free perimeter."""

import html
import re
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from diagnostics import catalogue
from diagnostics.comparisons import SIMILAR
from diagnostics.report import Report, Tables, report
from diagnostics.report.cells import rate_text
from diagnostics.report.sentences import NOT_COMPARED, reason_of, refusal_sentence
from diagnostics.store import open_store
from diagnostics.wording import NOT_SHOWN, number, rate, units
from pages.ui.keys import Param, Widget
from tests.pages.changed_store import changed_store
from tests.pages.conftest import Opener


@pytest.fixture(scope="module")
def long(simulated_store: Path) -> pd.DataFrame:
    return open_store(simulated_store).table("00", "long")


def _words(page: AppTest) -> str:
    """Return every text of a page: markdown, captions and tables."""
    texts = [element.value for element in [*page.markdown, *page.caption, *page.subheader]]
    return " ".join(texts + [str(block.proto.body) for block in page.get("html")])


def _hidden_commune(long: pd.DataFrame) -> str:
    """Return the commune with the most hidden cells."""
    communes = long[(long["niveau"] == "commune") & (long["statut"] == "non_diffuse")]
    return str(communes["code"].value_counts().index[0])


@pytest.mark.parametrize("page", ["programme_tranquillite", "programme_publics"])
def test_a_programme_shows_its_own_indicators(open_page: Opener, page: str) -> None:
    opened = open_page(page)
    number_of = {"programme_tranquillite": 1, "programme_publics": 2}[page]
    words = _words(opened)
    programme = catalogue.strategy().programmes[number_of - 1]
    for attribution in programme.indicators:
        assert catalogue.indicators()[attribution.id].title in words
    assert programme.title in words


def _report(store: Path, tables: Tables, niveau: str, code: str) -> Report:
    return report(open_store(store), "00", niveau, code, tables=tables)


def _rows(page: AppTest, title: str) -> dict[str, list[str]]:
    """Return the cells of the table whose first column has a title, by first cell."""
    for block in page.get("html"):
        body = str(block.proto.body)
        if f"<th>{title}</th>" in body:
            rows = re.findall(r"<tr>(<td.*?)</tr>", body, re.DOTALL)
            cells = [
                [html.unescape(c) for c in re.findall(r"<td[^>]*>(.*?)</td>", r, re.DOTALL)]
                for r in rows
            ]
            return {row[0]: row[1:] for row in cells}
    raise AssertionError(f"no table starts with {title}")


def test_the_sheet_of_a_hidden_commune_is_worth_opening(
    open_page: Opener, simulated_store: Path, tables: Tables, long: pd.DataFrame
) -> None:
    code = _hidden_commune(long)
    made = _report(simulated_store, tables, "commune", code)
    opened = open_page("fiche", niveau="commune", zone=code)
    assert not opened.exception
    words = _words(opened)
    # Beside it, to the digit: its groups, then the département.
    beside = _rows(opened, "Indicateur")
    shown = [a for a in made.around if any(line.figure.communes != 1 for line in a.lines)]
    assert shown
    for at, line in enumerate(made.lines):
        own, *others, whole = list(beside.values())[at]
        if line.figure.status == "non_diffuse":
            assert own == NOT_SHOWN
        of_groups = [{x.id: x for x in around.lines}[line.id] for around in shown]
        assert others == [rate_text(each) for each in of_groups]
        point = next(p for p in line.series if p.year == made.year)
        assert point.departement is not None and whole == rate(point.departement)
    # The publisher's rule, once; what is hidden, by name.
    assert words.count("La règle du SSMSI") == 1
    assert "Les données diffusées sont limitées aux communes" in words
    hidden = [line.title for line in made.lines if line.figure.status == "non_diffuse"]
    assert f"{len(hidden)} sur {len(made.lines)} ne sont pas publiés" in words
    assert ", ".join(hidden) in words
    # What that means comes before the figures around it.
    in_order = [each.value for each in opened.subheader]
    assert in_order.index("Ce qui est publié, ce qui ne l’est pas") == 1
    assert in_order.index("La commune à côté de ses groupes") == 2
    assert "Situation légale" in words and made.legal.sentences[0] in words
    for place in made.area.neighbours:
        assert place.label in words


def test_the_sheet_of_a_commune_names_what_is_published_of_it_with_its_count(
    open_page: Opener, simulated_store: Path, tables: Tables, long: pd.DataFrame
) -> None:
    newest = long[(long["niveau"] == "commune") & (long["annee"] == max(long["annee"]))]
    counted = newest[newest["faits_publies"] > 0].groupby("code").size()
    code = str(counted[(counted > 0) & (counted < 6)].index[0])
    made = _report(simulated_store, tables, "commune", code)
    words = _words(open_page("fiche", niveau="commune", zone=code))
    lines = [line for line in made.lines if line.figure.published]
    assert lines
    for line in lines:
        assert f"{line.title} ({units(line.figure.published or 0, line.unit)})" in words


def test_a_total_that_is_not_known_beside_a_commune_says_why(
    open_page: Opener, simulated_store: Path, tables: Tables, long: pd.DataFrame
) -> None:
    code = _hidden_commune(long)
    made = _report(simulated_store, tables, "commune", code)
    words = _words(open_page("fiche", niveau="commune", zone=code))
    reasons = {
        reason_of(line)
        for around in made.around
        for line in around.lines
        if line.figure.communes != 1
    } - {""}
    assert reasons
    for reason in reasons:
        assert words.count(refusal_sentence(reason)) >= 1


def test_a_programme_says_why_its_area_has_no_reference(
    open_page: Opener, simulated_store: Path, tables: Tables
) -> None:
    code = str(tables.long.loc[tables.long["niveau"] == "epci", "code"].iloc[0])
    store = open_store(simulated_store)
    made = report(store, "00", "epci", code, comparator=SIMILAR, tables=tables)
    lines = [reading.line for reading in made.programmes[2].readings]
    reasons = {line.no_reference for line in lines if line.figure.rate and line.additive} - {""}
    assert reasons
    words = _words(open_page("programme_territoires", niveau="epci", zone=code, reference=SIMILAR))
    for reason in reasons:
        assert f"({reason})." in words


def test_the_sheet_says_why_an_area_is_not_compared(
    open_page: Opener, simulated_store: Path, tables: Tables
) -> None:
    made = _report(simulated_store, tables, "departement", "00")
    said = [each.sentence for each in made.unsaid if each.reason == NOT_COMPARED]
    assert said
    words = _words(open_page("fiche", niveau="departement"))
    for sentence in said:
        assert sentence in words


@pytest.mark.parametrize("page", ["fiche", "programme_territoires"])
def test_what_is_published_is_under_each_estimated_total(
    open_page: Opener, long: pd.DataFrame, page: str
) -> None:
    rows = long[(long["niveau"] == "epci") & (long["annee"] == 2024)]
    rows = rows[rows["methode"] == "partage_du_total_masque"]
    code = rows["code"].value_counts().index[0]
    cells = [
        html.unescape(cell)
        for block in open_page(page, niveau="epci", zone=code, annee="2024").get("html")
        for cell in re.findall(r"<td[^>]*>(.*?)</td>", str(block.proto.body), re.DOTALL)
    ]
    read = {a.id for p in catalogue.strategy().programmes[2:] for a in p.indicators}
    shown = rows[(rows["code"] == code) & rows["indicateur"].isin(read)]
    assert len(shown) > 1
    for _, row in shown.iterrows():
        published = number(row["faits_publies"])
        total = number(row["faits_estimes"])
        assert any(c.startswith(f"{total} (") and f"\ndont {published} publié" in c for c in cells)


def test_secondary_indicators_are_marked_on_the_sheet(
    open_page: Opener, long: pd.DataFrame
) -> None:
    code = long.loc[long["niveau"] == "epci", "code"].iloc[0]
    words = _words(open_page("fiche", niveau="epci", zone=code))
    marked = sum(
        attribution.rank == "secondary"
        for programme in catalogue.strategy().programmes
        for attribution in programme.indicators
        if attribution.id in set(long["indicateur"])
    )
    assert words.count("(indicateur secondaire)") == marked > 0


def test_a_council_of_one_commune_sums_nothing(
    open_page: Opener, tables: Tables, long: pd.DataFrame
) -> None:
    councils = tables.groups[tables.groups["niveau"] == "territoire"]
    alone = councils.groupby("code").filter(lambda rows: len(rows) == 1)
    kinds = dict(zip(alone["code"], alone["type"], strict=True))
    persons = long[long["code"].isin(kinds) & (long["indicateur"] == "usage_stupefiants")].dropna(
        subset="faits_publies"
    )
    row = persons[persons["annee"] == persons["annee"].max()].iloc[0]
    opened = open_page("fiche", niveau=kinds[row["code"]], zone=row["code"])
    assert not opened.exception
    words = _words(opened)
    assert "somme indicative" not in words
    facts = _rows(opened, "Indicateur")["Usage de stupéfiants"][0]
    assert facts == number(row["faits_publies"])


def test_context_statuses_are_said_with_their_reason(open_page: Opener, tables: Tables) -> None:
    secret = tables.context[tables.context["status"] == "secret"].iloc[0]
    title = catalogue.context_variables()[secret["variable"]].title
    opened = open_page("fiche", niveau="commune", zone=secret["code_insee"])
    assert _rows(opened, "Contexte")[title][0] == "secret statistique"
    assert any(title in c.value and "ne veut pas dire zéro" in c.value for c in opened.caption)


def test_the_departement_s_missing_context_says_why(
    open_page: Opener, simulated_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reason = "1 commune sur 120 n’a pas ce chiffre dans la source."

    def silent(table: pd.DataFrame) -> pd.DataFrame:
        whole = (table["niveau"] == "departement") & (table["variable"] == "population")
        table = table.copy()
        table.loc[whole, ["value", "numerator", "denominator"]] = float("nan")
        table.loc[whole, ["status", "reason"]] = ["absent", reason]
        return table

    changed = changed_store(simulated_store, tmp_path, {"group_context": silent})
    monkeypatch.setenv("DIAGNOSTIC_STORE", str(changed))
    opened = open_page("fiche", niveau="epci")
    title = catalogue.context_variables()["population"].title
    assert _rows(opened, "Contexte")[title][1] == NOT_SHOWN
    assert f"{title} (département)\u202f: {reason}" in [c.value for c in opened.caption]


def test_priority_neighbourhoods_have_a_name_and_a_code(open_page: Opener, tables: Tables) -> None:
    own = tables.qpv.iloc[0]
    opened = open_page("fiche", niveau="commune", zone=own["code_insee"])
    title = catalogue.context_variables()["qpv"].title
    assert f"{own['name']} ({own['code_qpv']})" in _rows(opened, "Contexte")[title][0]


def test_indicators_of_no_programme_say_why(
    simulated_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_page: Opener
) -> None:
    def old_series(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(
            indicateur=table["indicateur"].replace("violences_hors_cadre_familial", "cbv")
        )

    changed = changed_store(simulated_store, tmp_path, {"long": old_series})
    monkeypatch.setenv("DIAGNOSTIC_STORE", str(changed))
    opened = open_page("fiche", niveau="epci")
    assert not opened.exception
    words = _words(opened)
    assert "Dans aucun programme" in words
    declared = catalogue.indicators()["cbv"]
    assert f"**{declared.title}**" in words and declared.caveat in words


def test_totals_that_differ_are_a_caveat_of_the_sheet(
    simulated_store: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    open_page: Opener,
    long: pd.DataFrame,
) -> None:
    def differ(table: pd.DataFrame) -> pd.DataFrame:
        burglary = table["indicator"] == "cambriolages"
        return table.assign(difference=table["difference"].mask(burglary, -50.0))

    estimated = long[
        (long["niveau"] == "epci")
        & (long["indicateur"] == "cambriolages")
        & (long["annee"] == long["annee"].max())
        & (long["methode"] == "partage_du_total_masque")
    ]
    zone = estimated["code"].iloc[0]
    before = _words(open_page("fiche", niveau="epci", zone=zone))
    assert "n’est pas expliqué par les fichiers" not in before
    changed = changed_store(simulated_store, tmp_path, {"reconciliation": differ})
    monkeypatch.setenv("DIAGNOSTIC_STORE", str(changed))
    words = _words(open_page("fiche", niveau="epci", zone=zone))
    assert "Cet écart de 50 n’est pas expliqué par les fichiers" in words


def test_the_sheet_shows_the_figures_of_the_table(open_page: Opener, long: pd.DataFrame) -> None:
    rows = long[(long["niveau"] == "epci") & (long["faits_estimes"].notna())]
    row = rows[rows["annee"] == 2024].iloc[0]
    opened = open_page("fiche", niveau="epci", zone=row["code"], annee="2024")
    assert number(row["faits_estimes"]) in _words(opened)


def test_a_hidden_figure_never_becomes_a_number_in_the_panel(
    open_page: Opener, long: pd.DataFrame
) -> None:
    code = _hidden_commune(long)
    rows = long[(long["code"] == code) & (long["statut"] == "non_diffuse")]
    hidden = rows.iloc[-1]
    opened = open_page(
        "carte",
        niveau="commune",
        zone=code,
        indicateur=hidden["indicateur"],
        annee=str(hidden["annee"]),
    )
    assert "n’est pas publié" in _words(opened)


def test_a_perimeter_has_an_address(open_page: Opener, long: pd.DataFrame) -> None:
    codes = sorted(long.loc[long["niveau"] == "commune", "code"].unique())[:12]
    opened = open_page("fiche", communes=",".join(codes))
    assert not opened.exception
    assert not opened.error
    assert "12 communes" in _words(opened)


def test_an_unknown_pasted_code_is_refused_in_one_sentence(open_page: Opener) -> None:
    opened = open_page("fiche")
    opened.text_area(Widget.PERIMETER_CODES).set_value("99999 <script>").run()
    opened.button(Widget.PERIMETER_APPLY).click().run()
    assert "99999" in opened.error[0].value
    assert Param.COMMUNES not in opened.query_params
