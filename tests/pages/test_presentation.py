"""The slides on screen: whole, in order, with the report's figures; nothing lost in the cut."""

import html
import json
import os
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from pptx import Presentation
from streamlit.testing.v1 import AppTest

from diagnostics.exports import documents
from diagnostics.exports.documents import Order
from diagnostics.report import load, report
from diagnostics.report.deck import Chart, Deck, Slide, Table, deck
from diagnostics.report.footer import AUDIENCES
from diagnostics.report.model import Line, Report
from diagnostics.store import open_store
from pages.ui import slide_charts, slide_fit, slide_html
from pages.ui.keys import Param, Widget
from tests.pages.conftest import Opener

PAGE = "presentation"
NAME = "Saint-" + "Quelquechose-sur-" * 6 + "Rivière <script>alert(1)</script>"


@pytest.fixture(scope="module")
def diagnostic(simulated_store: Path) -> Report:
    store = open_store(simulated_store)
    tables = load(store, "00")
    code = tables.groups.loc[tables.groups["type"] == "cispd", "code"].iloc[0]
    return report(store, "00", "territoire", code, tables=tables)


@pytest.fixture(scope="module")
def slides(diagnostic: Report) -> Deck:
    return deck(diagnostic, produced=date.today())


@pytest.fixture
def present(open_page: Opener, diagnostic: Report) -> Opener:
    """Return a function that opens the slides of the area of `diagnostic`."""

    def opened(**parameters: str) -> AppTest:
        return open_page(PAGE, niveau="cispd", zone=diagnostic.area.code, **parameters)

    return opened


def _shown(page: AppTest) -> dict[str, Any]:
    """Return what the browser is given: views, start, footer."""
    (component,) = page.get("bidi_component")
    given: dict[str, Any] = json.loads(component.proto.json)
    return given


def _words(view: dict[str, Any]) -> str:
    """Return what is read of a view, its notes and the words of its map included."""
    parts = (view["title"], view["html"], *view["notes"], view["map"])
    return _plain(html.unescape(re.sub(r"<[^>]+>", "", " ".join(parts))))


def _plain(text: str) -> str:
    """Return a text without what keeps its words on one line."""
    return text.replace("\u00a0", " ")


# --- The page. ---


def test_without_an_area_the_page_offers_to_choose_one(open_page: Opener) -> None:
    opened = open_page(PAGE)
    assert not opened.exception
    assert not opened.error
    assert [title.value for title in opened.title] == ["Présentation"]
    start = next(button for button in opened.button if button.label == "Commencer")
    zone = opened.selectbox(Param.ZONE)
    started = start.click().run()
    assert _shown(started)["views"][0]["title"].startswith(zone.options[0])


def test_each_slide_shows_what_the_deck_says(present: Opener, slides: Deck) -> None:
    page = present()
    assert not page.exception
    assert not page.error
    shown = _shown(page)
    assert shown["footer"] == slides.footer
    seen = {view["number"]: "" for view in shown["views"]}
    for view in shown["views"]:
        seen[view["number"]] += _words(view)
    for number, slide in enumerate(slides.slides, start=1):
        rows = slide.table.rows if slide.table else ()
        cells = (cell for row in rows for cell in row)
        for text in (slide.title, slide.message, *slide.sentences, *slide.notes, *cells):
            assert _plain(text) in seen[number]


def test_slides_have_the_numbers_of_the_file(present: Opener, diagnostic: Report) -> None:
    store = open_store(Path(os.environ["DIAGNOSTIC_STORE"]))
    order = Order(produced=date.today())
    file = Presentation(
        BytesIO(documents.render(documents.PPTX, diagnostic, load(store, "00"), order))
    )
    shown = _shown(present())
    titles = {view["number"]: view["title"] for view in reversed(shown["views"])}
    assert shown["last"] == len(file.slides)
    assert [titles[n] for n in sorted(titles)] == [s.shapes.title.text for s in file.slides]


def test_a_slide_of_several_views_says_which_one_it_is(present: Opener) -> None:
    views = _shown(present())["views"]
    parted = [view for view in views if view["parts"] > 1]
    assert parted
    assert {view["address"] for view in views} >= {f"{view['number']}.2" for view in parted}
    assert len({view["address"] for view in views}) == len(views)


def test_the_slides_asked_for_come_in_their_order(present: Opener, slides: Deck) -> None:
    shown = _shown(present(diapos="sources,titre", public="interne"))
    titles = [view["title"] for view in shown["views"]]
    assert titles[0] == "Sources"
    assert titles[-1] == slides.title
    assert AUDIENCES["interne"] in shown["footer"]


def test_an_address_opens_on_its_slide(present: Opener) -> None:
    page = present(diapo="3")
    shown = _shown(page)
    assert shown["views"][shown["start"]]["number"] == 3
    assert shown["said"] == ""


@pytest.mark.parametrize("asked", ["99", "0", "-1", "x", "²", "1.7", "<b>2</b>"])
def test_an_unknown_slide_is_said_in_one_sentence(present: Opener, asked: str) -> None:
    page = present(diapo=asked)
    assert not page.exception
    assert _shown(page)["start"] == 0
    assert "n’existe pas" in _shown(page)["said"]


def test_leaving_leads_to_the_committee_with_the_same_choices(
    present: Opener, diagnostic: Report
) -> None:
    page = present(public="interne", estimations="non")
    (leave,) = [link for link in page.get("page_link") if "Quitter" in link.proto.label]
    assert leave.proto.page == "comite"
    chosen = parse_qs(leave.proto.query_string)
    assert chosen["zone"] == [diagnostic.area.code]
    assert chosen["public"] == ["interne"]
    assert chosen["estimations"] == ["non"]
    assert _shown(page)["leave"] == f".st-key-{Widget.SLIDE_LEAVE} a"


def test_without_estimates_a_group_has_no_verdict(present: Opener) -> None:
    shown = _shown(present(diapos="programme-1-profil", estimations="non"))
    words = " ".join(view["html"] for view in shown["views"])
    assert "aucun indicateur de ce programme n’est comparé" in words
    assert "proche" not in words


def test_a_hostile_name_is_only_words(diagnostic: Report) -> None:
    table = Table((NAME,), ((NAME,),))
    slide = Slide("sources", NAME, NAME, (NAME,), table, notes=(NAME,))
    shown = slide_html.shown(slide_fit.View(slide, 1), diagnostic, "00")
    assert "<script" not in str(shown["html"])
    assert "&lt;script&gt;" in str(shown["html"])


def test_an_unknown_area_is_said_and_another_offered(open_page: Opener) -> None:
    page = open_page(PAGE, niveau="cispd", zone="nulle-part", diapo="3")
    assert not page.exception
    assert [title.value for title in page.title] == ["Présentation"]
    assert "nulle-part" in page.warning[0].value


@pytest.mark.parametrize(
    ("param", "value"),
    [("diapos", "titre,inconnue"), ("public", "tous"), ("reference", "mars"), ("strategie", "x")],
)
def test_an_unknown_choice_is_refused_under_the_title(
    present: Opener, param: str, value: str
) -> None:
    page = present(**{param: value})
    assert not page.exception
    assert [title.value for title in page.title] == ["Présentation"]
    assert len(page.error) == 1


def test_slides_that_are_all_empty_are_said_so(present: Opener) -> None:
    page = present(diapos="decisions")
    assert not page.exception
    assert any("n’ont rien à montrer" in box.value for box in page.info)
    everything = next(b for b in page.button if b.label == "Montrer toutes les diapositives")
    everything.click().run()
    assert "diagnostic" in _shown(page)["views"][0]["title"]


def test_a_free_perimeter_is_presented(open_page: Opener, diagnostic: Report) -> None:
    codes = [place.code for place in diagnostic.area.communes[:4]]
    page = open_page(PAGE, communes=",".join(codes), diapo="2")
    assert not page.exception
    assert not page.error
    assert "4 communes" in _words(_shown(page)["views"][1])


# --- The cut. ---


def _many(count: int, length: int) -> tuple[str, ...]:
    return tuple(f"{at}. " + "mot " * (length // 4) for at in range(count))


@pytest.mark.parametrize(("count", "length"), [(1, 40), (8, 150), (40, 90), (1, 5000)])
def test_no_word_is_lost_when_sentences_are_cut(count: int, length: int) -> None:
    sentences = _many(count, length)
    found = slide_fit.views([Slide("methode", "Méthode", "Message.", sentences)], outlines=False)
    words = " ".join(sentence for view in found for sentence in view.slide.sentences)
    assert words.split() == " ".join(sentences).split()
    assert [view.slide.title for view in found[1:]] == ["Méthode (suite)"] * (len(found) - 1)


def test_a_name_with_hyphens_is_whole_wherever_it_is_cut() -> None:
    name = "Saint-Fargeau-sur-l’Eau-lès-Bois"
    found = slide_fit.views(
        [Slide("methode", "Méthode", "Message.", (", ".join([name] * 200),))], outlines=False
    )
    assert len(found) > 1
    words = "".join(sentence for view in found for sentence in view.slide.sentences)
    assert "- " not in words
    assert words.count("-") == 200 * name.count("-")


@pytest.mark.parametrize("rows", [1, 7, 60])
def test_no_row_is_lost_when_a_table_is_cut(rows: int) -> None:
    table = Table(("Commune", "Faits"), tuple((f"{NAME} {at}", str(at)) for at in range(rows)))
    slide = Slide("comparaisons", NAME, f"{NAME}, message.", ("Une phrase.",), table)
    found = slide_fit.views([slide], outlines=False)
    tables = [view.slide.table for view in found if view.slide.table]
    assert tuple(row for each in tables for row in each.rows) == table.rows
    assert [s for view in found for s in view.slide.sentences] == ["Une phrase."]
    assert {view.number for view in found} == {1}
    assert [view.part for view in found] == list(range(1, len(found) + 1))


@pytest.mark.parametrize(("lines", "alone"), [(2, False), (3, True)])
def test_a_chart_of_few_rates_has_no_view_of_its_own(
    diagnostic: Report, lines: int, alone: bool
) -> None:
    rows = tuple((f"{NAME} {at}", "1") for at in range(12))
    chart = Chart("profile", diagnostic.lines[:lines])
    slide = Slide("x", "Titre", "Message.", table=Table(("Commune", "Faits"), rows), chart=chart)
    first = slide_fit.views([slide], outlines=False)[0].slide
    assert (first.chart is not None) == alone


def test_a_chart_of_many_rates_is_cut(diagnostic: Report) -> None:
    lines = tuple(line for line in diagnostic.lines if line.figure.rate_low is not None)
    many = tuple(replace(line, title=f"{NAME} {at}") for at, line in enumerate(lines * 2))
    slide = Slide("x", "Titre", "Message.", chart=Chart("profile", many))
    found = slide_fit.views([slide], outlines=False)
    charts = [view.slide.chart for view in found]
    assert len(charts) > 1
    assert [line for chart in charts if chart for line in chart.lines] == list(many)


def test_without_outlines_a_map_leaves_its_words(slides: Deck) -> None:
    found = slide_fit.views(slides.slides, outlines=False)
    assert not any(view.slide.has_map for view in found)
    titles = {slide.title for slide in slides.slides if slide.has_map}
    assert titles
    assert titles <= {view.slide.title for view in found}


def test_an_interval_and_a_sign_stay_on_one_line(diagnostic: Report) -> None:
    table = Table(("Taux", "Verdict"), (("6,95 (6,51 à 7,42)", "– non comparé (3,1)"),))
    (view,) = slide_fit.views([Slide("x", "T", "● proche", (), table)], outlines=False)
    assert view.slide.table is not None
    assert not re.search(r"\([^)]* [^)]*\)|[▲●–] ", " ".join(view.slide.table.rows[0]))
    shown = str(slide_html.shown(view, diagnostic, "00")["html"])
    # An en dash lets a line end, whatever the space after it.
    assert _plain(shown).count('<span class="sign">– non comparé</span> (3,1)') == 1
    assert '<span class="sign">●\u00a0proche</span>' in shown


# --- The charts. ---


def _series(line: Line, rates: Sequence[float | None]) -> Line:
    points = tuple(
        replace(point, rate=rate, low=rate, high=rate, reference=2.0)
        for point, rate in zip(line.series, rates, strict=True)
    )
    return replace(line, series=points)


def test_a_year_without_a_rate_is_hatched_and_never_joined(diagnostic: Report) -> None:
    line = diagnostic.lines[0]
    rates = [1.0, None, 3.0, 4.0, *[5.0] * (len(line.series) - 4)]
    drawn = slide_charts.years_html([_series(line, rates)], diagnostic)
    assert drawn.count('class="hidden"') == 1
    assert drawn.count('class="dot') == len(rates) - 1
    (curve,) = re.findall(r'<path class="area[^"]*" d="([^"]*)"', drawn)
    # A year alone is a dot, then the line goes on after the hole.
    assert curve.count("M") == 1
    assert curve.count("L") == len(rates) - 3


def test_curves_start_at_zero_and_say_their_last_values(diagnostic: Report) -> None:
    line = diagnostic.lines[0]
    drawn = slide_charts.years_html([_series(line, [1.0] * len(line.series))], diagnostic)
    assert 'class="grid" style="bottom:0.00%"><b>0</b>' in drawn
    assert re.findall(r'class="last (\w+)" style="top:[\d.]+%">([^<]+)<', drawn) == [
        ("area", "1,00"),
        ("reference", "2,00"),
    ]
    assert diagnostic.area.label in drawn


def test_rates_of_two_units_have_two_axes(diagnostic: Report) -> None:
    drawn = slide_charts.rates_html(diagnostic.lines, diagnostic)
    known = [line for line in diagnostic.lines if line.figure.rate_low is not None]
    assert drawn.count('class="rate"') == len(known)
    assert drawn.count('class="axis"') == len({slide_fit.basis(line) for line in known}) == 2
    for line in known:
        assert html.escape(line.title) in drawn
