"""The slides on screen: whole, in order, with the report's figures; nothing lost in the cut."""

import html
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from diagnostics.report import load, report
from diagnostics.report.deck import Deck, Slide, Table, deck
from diagnostics.report.footer import AUDIENCES
from diagnostics.report.model import Report
from diagnostics.store import open_store
from pages.ui import slide_fit
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


def _html(page: AppTest) -> str:
    return html.unescape(" ".join(str(block.proto.body) for block in page.get("html")))


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
    assert started.title[0].value.startswith(zone.options[0])


def test_each_slide_shows_what_the_deck_says(present: Opener, slides: Deck) -> None:
    views = slide_fit.views(slides.slides, outlines=True)
    page = present()
    seen = ""
    for at, view in enumerate(views, start=1):
        page.query_params[Param.DIAPO] = str(at)
        page.run()
        assert not page.exception
        assert not page.error
        assert [title.value for title in page.title] == [view.slide.title]
        shown = _plain(_html(page))
        assert _plain(view.slide.message) in shown
        assert slides.footer in _html(page)
        seen += shown
    for slide in slides.slides:
        rows = slide.table.rows if slide.table else ()
        for text in (*slide.sentences, *slide.notes, *(cell for row in rows for cell in row)):
            assert _plain(text) in seen


def test_the_slides_asked_for_come_in_their_order(present: Opener, slides: Deck) -> None:
    page = present(diapos="sources,titre", public="interne")
    assert page.title[0].value == "Sources"
    assert AUDIENCES["interne"] in _html(page)
    page.query_params[Param.DIAPO] = "99"
    page.run()
    assert page.title[0].value == slides.title


@pytest.mark.parametrize("asked", ["99", "0", "-1", "x", "²", "<b>2</b>"])
def test_an_unknown_slide_is_said_in_one_sentence(present: Opener, asked: str) -> None:
    page = present(diapo=asked)
    assert not page.exception
    assert len(page.toast) == 1
    assert "n’existe pas" in page.toast[0].value


def test_the_buttons_turn_the_slides(present: Opener) -> None:
    page = present(diapo="1")
    assert page.button(Widget.SLIDE_PREVIOUS).disabled
    page.button(Widget.SLIDE_NEXT).click().run()
    assert page.query_params[Param.DIAPO] in ("2", ["2"])
    assert not page.button(Widget.SLIDE_PREVIOUS).disabled


def test_without_estimates_a_group_has_no_verdict(present: Opener) -> None:
    words = _html(present(diapos="programme-1-profil", estimations="non"))
    assert "aucun indicateur de ce programme n’est comparé" in words
    assert "proche" not in words.split("diapo-notes")[0]


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
    assert "diagnostic" in page.title[0].value


def test_a_free_perimeter_is_presented(open_page: Opener, diagnostic: Report) -> None:
    codes = [place.code for place in diagnostic.area.communes[:4]]
    page = open_page(PAGE, communes=",".join(codes), diapo="2")
    assert not page.exception
    assert not page.error
    assert "4 communes" in _html(page)


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


@pytest.mark.parametrize("rows", [1, 7, 60])
def test_no_row_is_lost_when_a_table_is_cut(rows: int) -> None:
    table = Table(("Commune", "Faits"), tuple((f"{NAME} {at}", str(at)) for at in range(rows)))
    slide = Slide("comparaisons", NAME, f"{NAME}, message.", ("Une phrase.",), table)
    found = slide_fit.views([slide], outlines=False)
    tables = [view.slide.table for view in found if view.slide.table]
    assert tuple(row for each in tables for row in each.rows) == table.rows
    assert [s for view in found for s in view.slide.sentences] == ["Une phrase."]


def test_what_the_deck_cut_is_put_together_again_where_it_fits() -> None:
    table = Table(("Titre",), (("a",), ("b",)))
    first = Slide("sources", "Sources", "Message.", table=table)
    second = replace(first, title="Sources (suite)", table=replace(table, rows=(("c",),)))
    (view,) = slide_fit.views([first, second], outlines=False)
    assert view.slide.title == "Sources"
    assert view.slide.table is not None
    assert view.slide.table.rows == (("a",), ("b",), ("c",))


def test_without_outlines_a_map_leaves_its_words(slides: Deck) -> None:
    found = slide_fit.views(slides.slides, outlines=False)
    assert not any(view.slide.has_map for view in found)
    titles = {slide.title for slide in slides.slides if slide.has_map}
    assert titles
    assert titles <= {view.slide.title for view in found}


def test_type_is_never_smaller_than_a_room_can_read(slides: Deck) -> None:
    for view in slide_fit.views(slides.slides, outlines=True):
        assert view.message_size >= 22
        assert view.body_size >= (18 if view.slide.table else 22)


def test_an_interval_and_a_sign_stay_on_one_line() -> None:
    table = Table(("Taux", "Verdict"), (("6,95 (6,51 à 7,42)", "▲ plus élevé"),))
    (view,) = slide_fit.views([Slide("x", "T", "● proche", (), table)], outlines=False)
    assert view.slide.table is not None
    assert not re.search(r"\([^)]* [^)]*\)|[▲●] ", " ".join(view.slide.table.rows[0]))
    assert "● " not in view.slide.message
