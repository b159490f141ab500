"""Comparing in a real browser: areas chosen by name, the way back, pictures to take away."""

import re
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE_MS, PHONE, WIDE, Opener, capture, settle

VIEW = "comparer?niveau=commune&indicateur=cambriolages&annee=2024"
ENGLISH = re.compile(
    r"\b(Choose|Select|options?|matches|No results|Remove|Clear|Download|Zoom|Loading|Error)\b"
)


@pytest.mark.browser
def test_areas_chosen_by_name_go_to_the_address_and_back(open_page: Opener) -> None:
    page = open_page(VIEW)
    first = _choose_first(page)
    _choose_first(page)
    assert len(_zones(page)) == 2
    expect(page.get_by_role("heading", name="Année par année")).to_be_visible()
    # The funnel and a panel for each.
    expect(page.locator(".js-plotly-plot")).to_have_count(3, timeout=PATIENCE_MS)
    page.go_back()
    page.wait_for_function("() => !location.search.includes('%2C')")
    settle(page)
    expect(page.get_by_role("cell", name=first).first).to_be_visible()
    assert len(_zones(page)) == 1


@pytest.mark.browser
def test_an_area_of_the_funnel_is_named_on_hover(open_page: Opener) -> None:
    page = open_page(VIEW)
    chart = page.locator(".js-plotly-plot").first
    chart.scroll_into_view_if_needed()
    points = chart.locator(".scatterlayer .point")
    points.first.wait_for(state="attached")
    box = points.last.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    hover = chart.locator(".hoverlayer .hovertext").first
    hover.wait_for()
    names = set(page.locator(".table-frame td:first-child").all_text_contents())
    assert any(name in (hover.text_content() or "") for name in names if name)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("path", "title"),
    [
        (VIEW, "Cambriolages de logement\u202f: les zones face au hasard"),
        (VIEW.replace("commune", "epci"), "Cambriolages de logement\u202f: les groupes"),
        ("departement", "Indicateurs publiés pour le département seulement"),
    ],
    ids=["funnel", "intervals", "departement"],
)
def test_a_chart_is_taken_away_with_its_words(open_page: Opener, path: str, title: str) -> None:
    page = open_page(path)
    page.get_by_role("button", name="Image", exact=True).first.click()
    with page.expect_download() as picture:
        page.get_by_role("button", name="SVG").click()
    root = ElementTree.parse(picture.value.path()).getroot()
    words = " ".join(root.itertext())
    for expected in (title, "Source", "produit-le"):
        assert expected in words
    with page.expect_download() as picture:
        page.get_by_role("button", name="PNG").click()
    assert Image.open(picture.value.path()).size[0] == 2000


@pytest.mark.browser
@pytest.mark.parametrize("start", [VIEW, "programme_territoires?niveau=epci&annee=2024"])
def test_another_reference_changes_rates_and_verdicts_and_comes_back(
    open_page: Opener, start: str
) -> None:
    page = open_page(start)
    before = _table(page)
    _choose_reference(page, "Territoires semblables")
    page.wait_for_function("() => location.search.includes('reference=similaires')")
    settle(page)
    assert _table(page) != before
    shared = _table(page)
    assert _table(open_page(page.url.rsplit("/", 1)[1])) == shared
    _choose_reference(page, "Région (non disponible)")
    page.wait_for_function("() => location.search.includes('reference=region')")
    settle(page)
    absent = page.get_by_text("La région n’est pas chargée")
    expect(absent.first).to_be_visible()
    page.go_back()
    page.wait_for_function("() => location.search.includes('reference=similaires')")
    # The address changes before the page begins to follow it.
    expect(absent).to_have_count(0, timeout=PATIENCE_MS)
    settle(page)
    assert _table(page) == shared


@pytest.mark.browser
def test_the_limits_of_the_funnel_are_explained_on_screen_and_in_the_file(
    open_page: Opener,
) -> None:
    page = open_page(VIEW)
    sentence = page.get_by_text(re.compile("φ = ")).first
    expect(sentence).to_be_visible()
    words = sentence.inner_text()
    assert re.search(r"\d+ zones? sur \d+ en sor", words)
    page.get_by_role("button", name="Image", exact=True).first.click()
    with page.expect_download() as picture:
        page.get_by_role("button", name="SVG").click()
    texts = " ".join(ElementTree.parse(picture.value.path()).getroot().itertext())
    # A file cuts its lines.
    assert words.replace(" ", "") in texts.replace(" ", "")


@pytest.mark.browser
def test_the_intervals_are_in_the_typeface_of_the_page(open_page: Opener) -> None:
    page = open_page(VIEW.replace("commune", "epci"))
    name = page.locator(".js-plotly-plot .annotation text").first
    name.wait_for()
    family = "e => getComputedStyle(e).fontFamily"
    first = [
        words.split(",")[0].strip("'\" ")
        for words in (name.evaluate(family), page.locator("h1").evaluate(family))
    ]
    assert first[0] == first[1]


@pytest.mark.browser
def test_each_figure_says_how_it_is_calculated(open_page: Opener) -> None:
    page = open_page(VIEW)
    page.get_by_role("button", name="Comment c’est calculé").first.click()
    for word in ("Règle", "Numérateur", "Dénominateur", "Source", "Édition", "Licence"):
        expect(page.get_by_text(word, exact=True).first).to_be_visible()


@pytest.mark.browser
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("path", [VIEW, "comparer?niveau=epci", "departement"])
def test_no_english_word_is_shown(open_page: Opener, path: str, size: tuple[int, int]) -> None:
    page = open_page(path, size)
    name = re.sub(r"\W+", "-", path)
    capture(page, f"comparaison-{name}-{size[0]}")
    words = page.get_by_test_id("stMain").inner_text()
    if path.startswith("comparer"):
        _open_the_list(page)
        words += page.get_by_role("listbox").inner_text()
    assert ENGLISH.findall(words) == []


def _choose_first(page: Page) -> str:
    """Choose the first area offered and return its name."""
    before = len(_zones(page))
    _open_the_list(page)
    option = page.get_by_role("option").first
    name = option.inner_text()
    option.click()
    page.wait_for_function(
        "n => (new URLSearchParams(location.search).get('zones') || '').split(',')"
        ".filter(Boolean).length === n",
        arg=before + 1,
    )
    page.keyboard.press("Escape")
    settle(page)
    return name


def _choose_reference(page: Page, words: str) -> None:
    field = page.get_by_test_id("stSelectbox").filter(has_text="Comparer à").get_by_role("combobox")
    field.evaluate("field => field.scrollIntoView({block: 'center'})")
    field.click()
    page.get_by_role("option", name=words, exact=True).click()


def _table(page: Page) -> list[str]:
    return page.locator(".table-frame td").all_text_contents()


def _open_the_list(page: Page) -> None:
    field = page.get_by_test_id("stMultiSelect").get_by_role("combobox")
    # In the middle of the screen: the list needs room under its field.
    field.evaluate("field => field.scrollIntoView({block: 'center'})")
    field.click()
    page.get_by_role("option").first.wait_for()


def _zones(page: Page) -> list[str]:
    values = parse_qs(urlsplit(page.url).query).get("zones", [""])
    return [code for code in values[0].split(",") if code]
