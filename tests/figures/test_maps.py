"""The map's two forms: what is sent to Leaflet, and the page that is printed."""

import io
import json
import re
from xml.etree import ElementTree

import geopandas as gpd
import numpy as np
import pytest
from PIL import Image
from shapely import box

from diagnostics.figures import fonts, maps, paper, scale
from diagnostics.geometry import department_outline

SVG = "{http://www.w3.org/2000/svg}"
BREAKS = (5.0,)


@pytest.fixture
def page(outlines, rows, towns):
    """Return a function that draws the invented département, with some arguments replaced."""

    def draw(**changes):
        arguments = {
            "outlines": outlines,
            "rows": rows,
            "breaks": BREAKS,
            "outline": department_outline(outlines, "99"),
            "towns": towns,
            "title": "Dégradations <&> volontaires",
            "subtitle": "Département inventé, année 2024",
            "unit": "infractions pour 1\u202f000 habitants",
            "source_line": "Source\u202f: SSMSI & IGN",
            "edition": "Édition\u202f: simulée",
        } | changes
        return maps.svg_map(
            arguments.pop("outlines"), arguments.pop("rows"), arguments.pop("breaks"), **arguments
        )

    return draw


def texts(svg: str) -> str:
    return " ".join(node.text for node in ElementTree.fromstring(svg).iter(f"{SVG}text"))


def paths_of(svg: str, group: str) -> list[str]:
    node = ElementTree.fromstring(svg).find(f".//*[@id='{group}']")
    return [] if node is None else [path.get("d") for path in node]


def picture(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def test_contours_put_small_areas_on_top_and_round_to_a_metre():
    frame = gpd.GeoDataFrame(
        {"code": ["petit", "grand"], "label": ["é", "b"]},
        geometry=[box(2.1234567, 48, 2.2, 48.1), box(2, 48, 3, 49)],
        crs="EPSG:4326",
    )
    found = json.loads(maps.contours_json(frame))
    assert [f["properties"]["code"] for f in found["features"]] == ["grand", "petit"]
    ring = found["features"][1]["geometry"]["coordinates"][0]
    assert min(x for x, _ in ring) == 2.12346


def test_a_change_sends_drawings_and_words_but_no_geometry(rows):
    group = maps.areas_layer("contours/x.json", rows, BREAKS, selected="99001")
    (update,) = [child.update for child in group._children.values()]
    assert update["drawings"] == scale.drawings(rows, BREAKS).to_dict()
    assert update["url"] == "../../app/static/contours/x.json"
    assert update["selected"] == "99001"
    assert "coordinates" not in json.dumps(update)


def test_the_empty_map_does_not_change_with_the_figures(outlines, towns):
    """Its script is the identity of the frame: the same département keeps the same frame."""
    from streamlit_folium import generate_js_hash, generate_leaflet_string

    def identity(frame):
        base = maps.folium_map(frame, "contours/99.json", towns)
        base.get_root().render()
        return generate_js_hash(generate_leaflet_string(base))

    outline = department_outline(outlines, "99")
    assert identity(outline) == identity(outline.copy())
    assert identity(outline) != identity(department_outline(outlines.head(3), "99"))


def test_the_whole_document_asks_nothing_of_another_machine(outlines, rows, towns):
    base = maps.folium_map(department_outline(outlines, "99"), "contours/99.json", towns)
    maps.areas_layer("contours/c.json", rows, BREAKS).add_to(base)
    document = base.get_root().render()
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', document)
    assert "<script>alert" not in document


def test_a_click_gives_its_code_and_no_click_gives_none():
    clicked = {
        "last_active_drawing": {"type": "Feature", "properties": {"code": "99003", "click": 2}}
    }
    assert maps.clicked_code(clicked) == "99003"
    assert maps.clicked_code({"last_active_drawing": None}) is None
    assert maps.clicked_code(None) is None


def test_the_page_says_what_it_shows_escaped(page):
    svg = page()
    words = texts(svg)
    for part in (
        "Dégradations <&> volontaires",
        "année 2024",
        "Source\u202f: SSMSI & IGN",
        "simulée",
    ):
        assert part in words
    states = [label for key, label in scale.STATE_LABELS.items() if key not in scale.VERDICTS]
    for label in ("moins de 5", "5 et plus", *states):
        assert label in words
    assert "<script" not in svg


def test_each_area_is_drawn_once_under_its_drawing(page, outlines):
    svg = page()
    drawn = {key: len(paths_of(svg, f"{key}-zones")) for key in scale.fills()}
    assert sum(drawn.values()) == len(outlines)
    assert drawn["classe-2"] == drawn["classe-4"] == drawn["zero"] == drawn["non-diffuse"] == 1


def test_paths_are_whole_numbers(page):
    for path in paths_of(page(), "zero-zones"):
        assert re.fullmatch(r"M\d+,\d+l(-?\d+,-?\d+ ?)+z", path)


def test_an_area_without_a_row_is_drawn_absent_and_named_in_the_legend(page, rows):
    svg = page(rows=rows.head(0), breaks=())
    assert len(paths_of(svg, "absent-zones")) == 6
    assert scale.STATE_LABELS["absent"] in texts(svg)
    assert "moins de" not in texts(svg)


def test_an_area_smaller_than_a_pixel_stays_visible(page, outlines):
    tiny = gpd.GeoDataFrame(
        {"code": ["99999"], "label": ["Îlot"]},
        geometry=[box(2.05, 48.05, 2.05001, 48.05001)],
        crs="EPSG:4326",
    )
    (path,) = paths_of(page(outlines=tiny), "absent-zones")
    assert path.endswith("h2v2h-2z")


def test_a_name_that_would_cover_another_is_placed_aside_or_left_out(page, towns):
    words = texts(page())
    assert "Alba" in words
    crowd = towns.iloc[[0] * 9].assign(name=[f"Ville {i}" for i in range(9)])
    kept = re.findall(r"Ville \d", texts(page(towns=crowd)))
    assert kept[0] == "Ville 0"
    assert len(kept) < 9


def test_long_texts_are_wrapped_inside_the_page(page):
    svg = page(title="Mot " * 60, edition="x" * 400)
    boxes = ElementTree.fromstring(svg).iter(f"{SVG}text")
    lines = [node.text for node in boxes]
    assert sum(line.count("Mot") for line in lines) == 60
    assert sum(len(line) for line in lines if set(line) == {"x"}) == 400
    assert max(fonts.text_width(line, paper.TITLE) for line in lines if "Mot" in line) < paper.PAGE


def test_the_selected_area_is_outlined(page):
    assert page(selected="99002") != page()
    assert page(selected="inconnu") == page()


def test_overseas_is_drawn_in_its_own_projection(page, outlines, towns):
    """A square kilometre stays square at 21° south: height and width of a cell agree."""
    far = outlines.set_geometry(outlines.geometry.translate(53, -69))
    svg = page(outlines=far, outline=department_outline(far, "974"), towns=towns.head(0))
    (path,) = paths_of(svg, "zero-zones")
    steps = np.array(
        [[int(n) for n in pair.split(",")] for pair in re.findall(r"-?\d+,-?\d+", path)[1:]]
    )
    width, height = np.abs(steps).max(axis=0)
    # 0.1° of longitude at 20.9° S over 0.1° of latitude.
    assert width / height == pytest.approx(np.cos(np.radians(20.9)), rel=0.02)


def test_the_png_shows_the_colours_and_the_words(page, towns):
    svg = page(towns=towns.head(0))
    pixels = picture(paper.png(svg, pixels_wide=1000))
    assert pixels.shape[1] == 1000
    for key in ("classe-2", "classe-4"):
        colour = scale.fills()[key]
        wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
        assert (np.abs(pixels - wanted).max(axis=2) <= 1).sum() > 5000
    # Without fonts the same page loses its words, so it has fewer dark pixels.
    bare = re.sub(r"<text.*?</text>", "", svg)
    dark = [(image.max(axis=2) < 90).sum() for image in (pixels, picture(paper.png(bare, 1000)))]
    assert dark[0] > dark[1] + 1000


@pytest.mark.parametrize("status", ["non_diffuse", "partiel", "absent", "non_compare"])
def test_a_pattern_is_neither_plain_nor_grey_alone(page, outlines, rows, towns, status):
    """In black and white the four states differ: each pattern has both light and dark pixels."""
    svg = page(rows=rows.assign(status=status, shown=False), towns=towns.head(0))
    grey = picture(paper.png(svg, 2000)).mean(axis=2)
    inside = grey[600:760, 300:460]
    assert inside.max() > 235
    assert inside.min() < 190
    assert inside.mean() > 200  # light on the whole: a hidden area never looks like a high class


def test_patterns_differ_from_one_another(page, rows, towns):
    tiles = []
    for status in ("non_diffuse", "partiel", "absent", "zero"):
        svg = page(rows=rows.assign(status=status, shown=False), towns=towns.head(0))
        tiles.append(picture(paper.png(svg, 2000))[600:760, 300:460].mean(axis=2))
    for i, one in enumerate(tiles):
        for other in tiles[i + 1 :]:
            assert np.abs(one - other).mean() > 4
