"""Charts on screen: French, sound in a narrow column, the same figures as on paper."""

import html
import json
import math
import re

import pytest

from diagnostics.figures import charts, charts_plotly, fonts
from diagnostics.figures.charts_svg import svg_chart
from diagnostics.wording import NOT_SHOWN
from tests.figures import charts_examples as examples


def figures(chart: charts.Chart) -> list[dict]:
    return [json.loads(figure.to_json()) for figure in charts_plotly.plotly_figures(chart)]


def words_of(figure: dict) -> list[str]:
    """Return every text that plotly would draw."""
    found = [note["text"] for note in figure["layout"].get("annotations", [])]
    for trace in figure["data"]:
        texts = trace.get("text", [])
        found += [texts] if isinstance(texts, str) else texts
    for axis in ("xaxis", "yaxis"):
        found += figure["layout"][axis].get("ticktext", [])
        found.append(figure["layout"][axis].get("title", {}).get("text", ""))
    return found


def drawn(figure: dict) -> list[dict]:
    """Return the traces that are lines of data with dots: the area."""
    return [trace for trace in figure["data"] if trace.get("mode") == "lines+markers"]


@pytest.mark.parametrize("kind", examples.EVERY, ids=lambda f: f.__name__)
@pytest.mark.parametrize("name", examples.NAMES, ids=["60", "120", "one-word", "hostile", "short"])
def test_a_hostile_name_is_no_tag(kind, name):
    """Only the tags of this module remain: everything else is escaped."""
    for figure in figures(kind(name)):
        for words in words_of(figure):
            tags = set(re.findall(r"<[^>]*>", words))
            assert tags <= {"<b>", "</b>", "<br>", '<span style="font-size:16px">', "</span>"}
            assert "script" not in "".join(tags)
            assert words.count("<b>") == words.count("</b>")


def test_a_name_is_shown_as_it_is_written():
    (figure,) = figures(examples.series(examples.HOSTILE))
    shown = [html.unescape(re.sub(r"</?b>|<br>", "", words)) for words in words_of(figure)]
    squeezed = re.sub(r"\s", "", examples.HOSTILE)
    assert any(squeezed in re.sub(r"\s", "", words) for words in shown)


@pytest.mark.parametrize("kind", examples.EVERY, ids=lambda f: f.__name__)
def test_hover_is_ours_or_none(kind):
    """A default hover would show English words, trace names and raw numbers."""
    for figure in figures(kind("Alba")):
        for trace in figure["data"]:
            ours = trace.get("hovertemplate") == "%{text}<extra></extra>"
            assert ours or trace.get("hoverinfo") == "skip"


@pytest.mark.parametrize("kind", examples.EVERY, ids=lambda f: f.__name__)
def test_numbers_are_french_and_nothing_comes_from_elsewhere(kind):
    for figure in figures(kind("Alba")):
        assert figure["layout"]["separators"] == ",\u202f"
        assert "http" not in json.dumps(figure)
        for words in words_of(figure):
            assert not re.search(r"\d\.\d", words), words
    assert charts_plotly.CONFIG["displayModeBar"] is False


def test_one_figure_per_panel_else_one():
    assert len(figures(examples.multiples("Alba"))) == 12
    assert len(figures(examples.compared("Alba"))) == 5
    for kind in (examples.series, examples.profiles, examples.funnel, examples.total):
        assert len(figures(kind("Alba"))) == 1


def test_a_hidden_year_is_open_hatched_and_said():
    (figure,) = figures(examples.series("Alba"))
    (area,) = drawn(figure)
    assert area["y"] == [6.0, 5.5, None, None, 4.0, 3.5, 4.5, 5.0, None, 5.25]
    assert area["connectgaps"] is False
    (bars,) = [trace for trace in figure["data"] if trace["type"] == "bar"]
    assert bars["x"] == [2018, 2019, 2024]
    written = [n for n in figure["layout"]["annotations"] if n["text"] == NOT_SHOWN]
    assert len(written) == 2
    (hover,) = [trace for trace in figure["data"] if "text" in trace]
    assert len(hover["text"]) == 10
    assert "non publié" in hover["text"][2]


def test_an_interval_is_a_band_or_a_whisker_but_never_over_a_gap():
    (figure,) = figures(examples.series("Alba"))
    bands = [trace for trace in figure["data"] if trace.get("fill") == "toself"]
    assert [set(band["x"]) for band in bands] == [{2016, 2017}, {2020, 2021, 2022, 2023}]
    (whisker,) = [trace for trace in figure["data"] if "error_y" in trace]
    assert (whisker["x"], whisker["error_y"]["array"]) == ([2025], [1.0])


def test_the_axis_starts_at_zero_and_years_are_whole():
    (figure,) = figures(examples.series("Alba"))
    assert figure["layout"]["yaxis"]["range"][0] == 0
    marks = figure["layout"]["xaxis"]["tickvals"]
    assert marks[-1] == 2025
    assert all(isinstance(mark, int) for mark in marks)


def test_compared_panels_have_the_same_axis():
    ranges = {tuple(f["layout"]["yaxis"]["range"]) for f in figures(examples.compared("Alba"))}
    assert len(ranges) == 1


@pytest.mark.parametrize("name", examples.NAMES, ids=["60", "120", "one-word", "hostile", "short"])
def test_labels_fit_their_margin_on_the_narrowest_screen(name):
    for chart, width in (
        (examples.series(name), 114),
        (examples.multiples(name), charts_plotly.NARROWEST),
        (examples.profiles(name), charts_plotly.NARROWEST + 20),
    ):
        for figure in figures(chart):
            for note in figure["layout"]["annotations"]:
                bold = note["text"].startswith("<b>")
                for line in re.sub(r"</?(?:b|span[^>]*)>", "", note["text"]).split("<br>"):
                    size = note["font"]["size"]
                    assert fonts.text_width(html.unescape(line), size, bold) <= width


@pytest.mark.parametrize("name", examples.NAMES, ids=["60", "120", "one-word", "hostile", "short"])
def test_the_title_of_a_panel_has_its_room(name):
    """The margin above a small panel grows with the lines of its title."""
    for figure in figures(examples.multiples(name, 2)):
        title = figure["layout"]["annotations"][-1]
        lines = title["text"].count("<br>") + 1
        assert figure["layout"]["margin"]["t"] >= lines * title["font"]["size"] * 1.2


def test_screen_and_paper_show_the_same_figures():
    chart = examples.profiles("Alba")
    (figure,) = figures(chart)
    screen, page = " ".join(words_of(figure)), svg_chart(chart)
    for row in chart.rows:
        position = row.position
        if not math.isnan(position.value):
            words = charts.rate_words(position.value, position.low, position.high)
            assert words in screen
            assert words in page
    for words in charts.total_words(examples.total("Alba")):
        assert html.escape(words) in charts_plotly.foot_html(examples.total("Alba"))
        assert words in svg_chart(examples.total("Alba"))


def test_few_peers_are_circles_and_many_a_box_with_their_figures_written():
    chart = examples.profiles("Alba")
    (figure,) = figures(chart)
    words, page = " ".join(words_of(figure)), svg_chart(chart)
    circles = [t for t in figure["data"] if t.get("marker", {}).get("color") == charts_plotly.WHITE]
    assert [len(trace["x"]) for trace in circles] == [2]  # the only row with two peers
    boxes = [s for s in figure["layout"]["shapes"] if s["type"] == "rect"]
    drawn_rows = [row for row in chart.rows if row.position.peers_known >= 5]
    assert len(boxes) == len(drawn_rows) == 3
    for row in chart.rows:
        for said in charts.peers_words(row):
            assert said in words.replace("<br>", " ")
            assert html.escape(said) in page
    for row in chart.rows:
        if not math.isnan(row.position.reference):
            assert charts.reference_words(row) in words
            assert charts.reference_words(row) in page
    assert charts.OWN_SCALES in charts_plotly.foot_html(chart)


def test_an_area_of_the_funnel_says_its_name_code_rate_and_place():
    (figure,) = figures(examples.funnel("Alba"))
    texts = [t for trace in figure["data"] for t in trace.get("text", [])]
    assert len(texts) == 40
    assert "<b>Alba 41 (01042)</b>" in texts[-1]
    assert "au-dessus des limites" in texts[-1]


def test_the_wide_and_the_narrow_limits_are_lines_of_their_own():
    chart = examples.wide_funnel("Alba")
    (figure,) = figures(chart)
    curves = [trace for trace in figure["data"] if trace["mode"] == "lines"]
    assert [curve["line"]["dash"] for curve in curves] == 2 * ["dash"] + 2 * ["solid"] + 2 * ["dot"]
    assert charts.dispersion_words(chart) in charts_plotly.alt_text(chart)
    assert charts.dispersion_words(chart) in html.unescape(charts_plotly.foot_html(chart))
    texts = [t for trace in figure["data"] for t in trace.get("text", [])]
    assert any("des limites étroites, dans les larges" in t.replace("<br>", " ") for t in texts)
    assert any("au-dessus des limites larges" in t.replace("<br>", " ") for t in texts)


@pytest.mark.parametrize(("groups", "parts"), [(1, [1]), (10, [10]), (11, [6, 5])])
def test_many_groups_are_laid_in_two_figures_on_one_scale(groups: int, parts: list[int]):
    chart = examples.intervals("Alba", groups)
    drawn = figures(chart)
    assert [len(figure["data"][0]["x"]) for figure in drawn] == parts
    assert len({tuple(figure["layout"]["xaxis"]["range"]) for figure in drawn}) == 1
    spoken = [charts_plotly.alt_text(chart, at) for at in range(len(drawn))]
    for at, row in enumerate(chart.rows):
        half = 0 if at < parts[0] else 1
        assert (
            f"{row.label}\u202f: {charts.rate_words(row.rate, row.low, row.high)}" in spoken[half]
        )


def test_the_groups_are_in_the_typeface_of_the_page():
    for figure in figures(examples.intervals("Alba")):
        assert figure["layout"]["font"]["family"] == charts_plotly.FAMILIES
        for note in figure["layout"]["annotations"]:
            assert "family" not in note["font"]


def test_the_whisker_of_a_total_is_over_its_bar():
    (figure,) = figures(examples.total("Alba"))
    whisker = [shape for shape in figure["layout"]["shapes"] if shape["x0"] != shape["x1"]]
    assert {(s["x0"], s["x1"], s["layer"]) for s in whisker} == {(976.0, 1010.0, "above")}
    solid, hatched = (trace for trace in figure["data"] if trace["type"] == "bar")
    assert (solid["x"], hatched["x"]) == ([954.0], [37.0])
    assert hatched["marker"]["pattern"]["shape"] == "/"


@pytest.mark.parametrize("kind", examples.EVERY, ids=lambda f: f.__name__)
def test_the_words_of_the_page_are_escaped_and_whole(kind):
    chart = kind(examples.HOSTILE)
    page = charts_plotly.head_html(chart) + charts_plotly.foot_html(chart)
    assert "<script" not in page
    assert "<b>" not in page
    caption = chart.caption
    for words in (caption.title, caption.subtitle, caption.unit, caption.source_line):
        assert html.escape(words) in page
    assert caption.edition in page


def test_who_does_not_see_the_figure_hears_its_last_year():
    words = charts_plotly.alt_text(examples.series("Alba"))
    assert "2025" in words
    assert "5,25\u202f‰ (4,25 à 6,25)" in words
    assert "n’y sont pas" in charts_plotly.alt_text(examples.funnel("Alba"))
    assert "plus élevé" in charts_plotly.alt_text(examples.profiles("Alba"))
    assert "Total estimé" in charts_plotly.alt_text(examples.total("Alba"))
