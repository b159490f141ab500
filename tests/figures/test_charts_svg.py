"""Charts on paper: all words inside the page, escaped; gaps open; legible in black and white."""

import io
import math
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from diagnostics.figures import charts, fonts, paper
from diagnostics.figures.charts_svg import svg_chart, svg_figures, year_ticks
from diagnostics.wording import NOT_SHOWN
from tests.figures import charts_examples as examples

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> str:
    return " ".join(node.text or "" for node in ElementTree.fromstring(svg).iter(f"{SVG}text"))


def squeezed(words: str) -> str:
    """Return words without the spaces where lines may be cut."""
    return re.sub(r"\s", "", words)


def text_boxes(svg: str) -> list[tuple[str, float, float, float, float]]:
    """Return (words, left, top, right, bottom) of every text, as measured in the page's face."""
    found = []
    for node in ElementTree.fromstring(svg).iter(f"{SVG}text"):
        size, words = float(node.get("font-size")), node.text or ""
        width = fonts.text_width(words, size, node.get("font-weight") == "700")
        shift = {"start": 0.0, "middle": 0.5, "end": 1.0}[node.get("text-anchor", "start")]
        left, y = float(node.get("x")) - shift * width, float(node.get("y"))
        found.append((words, left, y - size * 0.75, left + width, y + size * 0.2))
    return found


def pixels(svg: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(paper.png(svg, 1000))).convert("L")).astype(int)


@pytest.mark.parametrize("kind", examples.EVERY, ids=lambda f: f.__name__)
@pytest.mark.parametrize("name", examples.NAMES, ids=["60", "120", "one-word", "hostile", "short"])
def test_no_word_is_cut_at_the_edges_of_the_page(kind, name):
    svg = svg_chart(kind(name))
    height = float(ElementTree.fromstring(svg).get("viewBox").split()[3])
    for words, left, top, right, bottom in text_boxes(svg):
        assert left >= 0, words
        assert right <= paper.PAGE, words
        assert top >= 0, words
        assert bottom <= height, words


@pytest.mark.parametrize("kind", examples.EVERY, ids=lambda f: f.__name__)
def test_a_file_says_alone_what_it_shows(kind):
    svg = svg_chart(kind("Alba"))
    words = texts(svg)
    caption = kind("Alba").caption
    for part in (caption.title, caption.subtitle, caption.unit, caption.source_line):
        assert part in words
    assert caption.edition in words
    assert not re.findall(r'(?:href|src)="', svg)


@pytest.mark.parametrize("kind", examples.EVERY, ids=lambda f: f.__name__)
def test_a_hostile_name_stays_text(kind):
    svg = svg_chart(kind(examples.HOSTILE))
    assert "<script" not in svg
    assert "<b>" not in svg
    assert squeezed(examples.HOSTILE) in squeezed(texts(svg))


@pytest.mark.parametrize("name", examples.NAMES, ids=["60", "120", "one-word", "hostile", "short"])
def test_labels_beside_the_lines_do_not_cover_one_another(name):
    lines = text_boxes(svg_chart(examples.series(name)))
    column = [box for box in lines if box[1] > paper.PAGE - paper.MARGIN - 400]
    assert len(column) >= 4
    for i, (_, _, top, _, bottom) in enumerate(column):
        assert not any(top < o[4] - 1 and o[2] < bottom - 1 for o in column[i + 1 :])


def area_path(svg: str) -> str:
    (found,) = [
        node.get("d")
        for node in ElementTree.fromstring(svg).iter(f"{SVG}path")
        if node.get("stroke") == charts.BLUE
        and node.get("stroke-width") == "5"
        # The key draws at its own small scale.
        and float(re.findall(r"[\d.]+", node.get("d"))[0]) > 100
    ]
    return found


def test_the_line_is_open_where_nothing_is_published():
    """Ten years, hidden in 2018-2019 and 2024: three pieces, and no point for a hidden year."""
    path = area_path(svg_chart(examples.series("Alba")))
    pieces = [re.findall(r"[\d.]+,[\d.]+", piece) for piece in path.split("M")[1:]]
    assert [len(piece) for piece in pieces] == [2, 4, 1]


def test_hidden_years_are_hatched_and_written():
    svg = svg_chart(examples.series("Alba"))
    hatched = [
        node
        for node in ElementTree.fromstring(svg).iter(f"{SVG}rect")
        if node.get("fill") == "url(#non-diffuse)" and float(node.get("height")) > 100
    ]
    assert len(hatched) == 2
    assert NOT_SHOWN in texts(svg)
    assert "non publié" in texts(svg)


def test_lockdowns_are_named_only_where_they_are():
    assert charts.LOCKDOWNS in texts(svg_chart(examples.series("Alba")))
    assert charts.LOCKDOWNS not in texts(svg_chart(examples.single_year("Alba")))


def test_a_single_year_has_its_point_its_interval_and_its_year():
    svg = svg_chart(examples.single_year("Alba"))
    assert "2024" in texts(svg)
    assert "3,00\u202f‰ (2,00 à 4,00) en 2024" in texts(svg)
    assert svg.count('stroke-width="4" fill="none"') == 1  # the whisker


def test_a_profile_says_in_words_what_is_not_published():
    words = texts(svg_chart(examples.profiles("Alba")))
    assert f"{NOT_SHOWN} (non publié)" in words
    assert f"{NOT_SHOWN} (total non estimé)" in words
    assert "5,00\u202f‰ (4,00 à 6,00)" in words
    for verdict in ("plus élevé", "moins élevé", "proche"):
        assert verdict in words


def test_the_funnel_names_the_chosen_and_counts_the_hidden():
    chart = examples.funnel("Alba")
    words = texts(svg_chart(chart))
    for point in chart.points:
        assert (point.label in words) or not point.named
    assert "2 communes non publiées" in words
    assert sum(f"Alba {i} " in f"{words} " for i in range(42)) < 10


def test_the_wide_and_the_narrow_limits_are_drawn_named_and_explained():
    chart = examples.wide_funnel("Alba")
    svg = svg_chart(chart)
    words = texts(svg)
    for curve in chart.curves:
        assert curve.words in words
    assert chart.widened
    assert "limites étroites à 99,8\u202f%" in words
    assert "φ = " in words
    # Its two sides, and its line of the key.
    assert svg.count('stroke-dasharray="3 8"') == 3


def test_estimated_and_published_differ_in_black_and_white():
    """The solid part is dark all over; the estimated part alternates, whatever the colours."""
    svg = svg_chart(examples.total("Alba"))
    bars = {
        node.get("fill"): node
        for node in ElementTree.fromstring(svg).iter(f"{SVG}rect")
        if float(node.get("height")) > 60 and float(node.get("x") or 0) >= paper.MARGIN
    }
    grey = pixels(svg)

    def inside(node) -> np.ndarray:
        x, y, w, h = (float(node.get(k)) / 2 for k in ("x", "y", "width", "height"))
        # Away from the whisker, in the middle of the height.
        return grey[round(y) + 3 : round(y + h / 3), round(x) + 3 : round(x + min(w, 60)) - 3]

    solid, hatched = inside(bars[charts.BLUE]), inside(bars["url(#estime)"])
    assert solid.max() < 60
    assert hatched.max() > 200
    assert hatched.min() < 110


def test_the_area_and_its_reference_differ_in_black_and_white():
    assert _luminance(charts.BLUE) + 60 < _luminance(charts.GREY) < _luminance(charts.PALE) - 40


def _luminance(colour: str) -> float:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_cut_interval_stays_inside_its_frame():
    area = examples.line("a", (0.0, 5.0, *[4.0] * 8), half=60.0)
    panel = charts.Panel("a", examples.YEARS, area, examples.reference())
    svg = svg_chart(charts.time_chart(examples.caption(), [panel]))
    (frame,) = [
        node
        for node in ElementTree.fromstring(svg).iter(f"{SVG}svg")
        if node.get("overflow") == "hidden"
    ]
    top = float(frame.get("y"))
    light = pixels(svg)
    row = round(top / 2) - 30  # above the frame and the word on lockdowns
    left = round(float(frame.get("x")) / 2) + 30
    assert light[row, left : left + 60].min() == 255


def test_years_on_an_axis_are_whole_and_the_last_one_is_there():
    years = tuple(range(2016, 2026))
    assert year_ticks(years, 2000, 24) == list(years)
    few = year_ticks(years, 200, 24)
    assert few[-1] == 2025
    assert len(few) < 10
    assert fonts.text_width("2020", 24) * len(few) < 200
    assert math.isclose(len(set(np.diff(few))), 1)


# --- In a text. ---

TEXT_WIDTH_PT = 180 / 25.4 * 72
"""Of a printed page: a figure is as wide."""


@pytest.mark.parametrize("kind", [examples.series, examples.multiples, examples.profiles])
@pytest.mark.parametrize("name", examples.NAMES, ids=["60", "120", "one-word", "hostile", "short"])
def test_letters_of_a_printed_figure_are_of_eight_points_at_least(kind, name):
    for svg in svg_figures(kind(name)):
        root = ElementTree.fromstring(svg)
        left, _, width, height = map(float, root.get("viewBox").split())
        sizes = [float(node.get("font-size")) for node in root.iter(f"{SVG}text")]
        assert min(sizes) * TEXT_WIDTH_PT / width >= 8
        for words, start, top, end, bottom in text_boxes(svg):
            assert start >= left - 1, words
            assert end <= left + width + 1, words
            assert top >= 0, words
            assert bottom <= height + 1, words


@pytest.mark.parametrize(
    ("chart", "parts"),
    [
        (examples.series("Alba"), 1),
        (examples.multiples("Alba", 2), 1),
        (examples.multiples("Alba", 4), 2),
        (examples.multiples("Alba", 8), 3),
        (examples.profiles("Alba"), -(-len(examples.profiles("Alba").rows) // 3)),
    ],
)
def test_a_printed_figure_is_in_parts_that_lose_nothing(chart, parts):
    svgs = svg_figures(chart)
    assert len(svgs) == parts
    shown = squeezed(" ".join(map(texts, svgs)))
    titles = [row.label for row in getattr(chart, "rows", ())]
    titles += [panel.title for panel in getattr(chart, "panels", ()) if len(chart.panels) > 1]
    assert all(squeezed(title) in shown for title in titles)
    assert texts(svgs[0]).count(chart.caption.unit) == 1
    assert not any(chart.caption.unit in texts(svg) for svg in svgs[1:])
