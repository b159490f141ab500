"""What charts say: built from the long table, refused in words, drawn on shared geometry."""

import math
import random
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from diagnostics.errors import Refused
from diagnostics.figures import charts
from diagnostics.statistics import funnel
from diagnostics.statistics.profile import profile
from tests.figures import charts_examples as examples

NAN = math.nan


def rows(**columns) -> pd.DataFrame:
    """Return long-table rows of one area from 2020 on, a column per argument."""
    size = len(next(iter(columns.values())))
    base = {
        "niveau": ["commune"] * size,
        "annee": list(range(2020, 2020 + size)),
        "methode": ["poisson_exact"] * size,
        "statut": ["publie"] * size,
    }
    numbers = ("taux_pour_mille", "taux_bas", "taux_haut", "taux_reference")
    estimated = ("taux_estime", "taux_estime_bas", "taux_estime_haut")
    return pd.DataFrame(base | {name: [NAN] * size for name in numbers + estimated} | columns)


def test_a_commune_shows_its_published_rate_and_never_joins_what_is_hidden():
    table = rows(
        statut=["publie", "non_diffuse", "zero", "absent"],
        taux_pour_mille=[5.0, NAN, 0.0, NAN],
        taux_bas=[4.0, NAN, 0.0, NAN],
        taux_haut=[6.0, NAN, 2.0, NAN],
    )
    line = charts.line_of(table, range(2020, 2025), "Alba")
    np.testing.assert_array_equal(line.values, [5, NAN, 0, NAN, NAN])
    np.testing.assert_array_equal(line.high, [6, NAN, 2, NAN, NAN])
    assert line.absences == ("", "non publié", "", "absent de la base", "absent de la base")
    assert charts.hidden_runs(line) == [(1, 1), (3, 4)]


def test_a_group_shows_its_estimate_and_not_its_published_part():
    table = rows(
        niveau=["territoire"] * 2,
        statut=["partiel"] * 2,
        taux_pour_mille=[9.0, 9.0],
        taux_estime=[5.0, NAN],
        taux_estime_bas=[4.0, NAN],
        taux_estime_haut=[6.0, NAN],
    )
    line = charts.line_of(table, [2020, 2021], "CISPD")
    np.testing.assert_array_equal(line.values, [5, NAN])
    assert line.absences == ("", "total non estimé")


def test_a_sum_of_persons_is_marked_and_said_to_be_indicative():
    table = rows(
        niveau=["epci"], methode=["somme_indicative"], taux_pour_mille=[3.0], taux_estime=[NAN]
    )
    line = charts.line_of(table, [2020], "CA")
    assert line.values == (3.0,)
    assert math.isnan(line.low[0])
    chart = charts.time_chart(examples.caption(), [charts.Panel("CA", (2020,), line)])
    assert charts.INDICATIVE in charts.notes_of(chart)


def test_the_reference_is_that_of_the_long_table():
    line = charts.reference_line(rows(taux_reference=[4.0, NAN]), [2020, 2021])
    np.testing.assert_array_equal(line.values, [4, NAN])
    assert line.label == "reste du département"


def test_every_year_says_its_figures_or_why_there_are_none():
    panel = examples.series("Alba").panels[0]
    assert charts.year_words(panel, 0) == [
        "2016",
        "Alba\u202f: 6,00\u202f‰ (5,00 à 7,00)",
        "reste du département\u202f: 4,00\u202f‰",
    ]
    assert charts.year_words(panel, 2)[1] == "Alba\u202f: n.\u00a0d. (non publié)"


@pytest.mark.parametrize("count", [0, 13])
def test_a_sheet_holds_one_to_twelve_panels(count):
    with pytest.raises(Refused, match="de 1 à 12 graphiques"):
        examples.multiples("Alba", count)


@pytest.mark.parametrize("count", [1, 6])
def test_two_to_five_areas_compare(count):
    areas = [examples.line(f"Zone {i}") for i in range(count)]
    with pytest.raises(Refused, match="de 2 à 5 territoires"):
        charts.comparison(examples.caption(), examples.YEARS, areas)


def test_compared_areas_share_one_scale_and_each_has_its_panel():
    chart = examples.compared("Alba")
    assert len(chart.panels) == 5
    assert len(set(charts.tops(chart))) == 1
    assert all(len(panel.others) == 4 for panel in chart.panels)
    assert all(panel.area not in panel.others for panel in chart.panels)


def test_multiples_have_their_own_scales():
    small, large = (examples.line("a", (v,) * 10) for v in (0.2, 40.0))
    panels = [charts.Panel("a", examples.YEARS, area) for area in (small, large)]
    tops = charts.tops(charts.time_chart(examples.caption(), panels))
    assert tops[0][-1] < tops[1][-1]


def test_a_huge_interval_is_cut_and_said_so_but_values_are_not():
    table = examples.line("a", (0.0, 5.0, *[4.0] * 8), half=60.0)
    chart = charts.time_chart(
        examples.caption(), [charts.Panel("a", examples.YEARS, table, examples.reference())]
    )
    (ticks,) = charts.tops(chart)
    assert 5.0 <= ticks[-1] < 65.0
    assert "65,0\u202f‰" in " ".join(charts.notes_of(chart))
    assert charts.cut_words(examples.series("a")) == []


def test_zero_alone_keeps_its_whole_interval():
    chart = charts.time_chart(
        examples.caption(), [charts.Panel("a", (2024,), examples.line("a", (0.0,), half=7.0))]
    )
    assert charts.tops(chart)[0][-1] >= 7.0


# --- Profile. ---


def test_a_value_that_is_missing_has_no_verdict_and_a_reason():
    row = charts.profile_row("a", profile(NAN, NAN, NAN, 3, (1, 2)), "plus_eleve", "non_diffuse")
    assert (row.comparison, row.absence) == ("", "non publié")
    group = charts.profile_row("a", profile(NAN, NAN, NAN, 3, (1, 2)), "", "partiel")
    assert group.absence == "total non estimé"


def test_a_row_is_scaled_on_its_own_range():
    position = profile(5, 4, 8, 3, (1, 2, 3, 4))
    assert charts.spine_share(position, 1) == 0
    assert charts.spine_share(position, 8) == 1
    assert charts.spine_share(position, 4.5) == pytest.approx(0.5)


def test_a_far_extreme_does_not_flatten_the_row():
    position = profile(5, 4, 6, 3, (1, 2, 3, 4, 90))
    low, high = charts.spine_range(position)
    assert (low, high) == (1, 18)
    assert charts.spine_share(position, 90) == 1
    assert charts.spine_share(position, 6) > 0.25


def test_a_row_without_spread_stands_in_the_middle():
    assert charts.spine_share(profile(3, 3, 3, 3, (3, 3)), 3) == 0.5
    nothing = charts.profile_row("a", profile(NAN, NAN, NAN, NAN, (NAN,)), "", "absent")
    assert not charts.spine_known(nothing)


def row_of(peers, value=5, reference=3):
    return charts.profile_row("a", profile(value, value - 1, value + 1, reference, peers), "proche")


@pytest.mark.parametrize(
    ("peers", "words"),
    [
        ((), ("Aucune autre zone de ce niveau.",)),
        ((NAN, NAN), ("Les autres\u202f: aucun taux connu sur 2.",)),
        ((2, NAN), ("Les autres\u202f: 2,00, seul taux connu pour 1 sur 2.",)),
        (
            (3, 1, 2, 4, NAN),
            (
                "Les autres, un cercle par zone\u202f: 1,00, 2,00, 3,00 et 4,00",
                "taux connu pour 4 sur 5, trop peu pour des quarts.",
            ),
        ),
        (
            (1, 2, 3, 4, 5, NAN),
            (
                "Les autres\u202f: de 1,00 à 5,00, médiane 3,00",
                "la moitié de 2,00 à 4,00\u202f; taux connu pour 5 sur 6.",
            ),
        ),
        (
            (0,) * 1_200,
            (
                "Les autres\u202f: de 0 à 0, médiane 0",
                "la moitié à 0\u202f; taux connu pour 1\u202f200 sur 1\u202f200.",
            ),
        ),
    ],
)
def test_the_peers_of_a_row_are_written_with_how_many_are_known(peers, words):
    assert charts.peers_words(row_of(peers)) == words


def test_the_scale_of_a_row_is_written_at_its_two_ends():
    low, high = charts.end_words(row_of((1, 2, 3, 4, 9)))
    assert low == ("1,00\u202f‰", 0, "left")
    assert high == ("9,00\u202f‰", 1, "right")
    lone = charts.profile_row("a", profile(3, 3, 3, 3, (3, 3)), "proche")
    assert charts.end_words(lone) == (("3,00\u202f‰", 0.5, "center"),)


# --- Funnel. ---


def test_curves_and_verdicts_agree_on_every_count():
    """A whole count is outside the drawn curve exactly when the exact test says so."""
    reference = 5.0
    sizes = np.geomspace(30, 80_000, 60)
    for confidence in (0.95, 0.998):
        limits = charts._limits(sizes, reference, confidence)
        for size, low, high in zip(sizes, *limits, strict=True):
            edge = round(high * size / 1000)
            under = round(low * size / 1000)
            counts = np.unique([max(c + d, 0) for c in (edge, under) for d in (-2, -1, 0, 1, 2)])
            placed = funnel.funnel(
                counts, np.full(counts.size, size), confidence, reference_rate=reference
            )
            assert (placed.rate > high).tolist() == (placed.position == "au_dessus").tolist()
            assert (placed.rate < low).tolist() == (placed.position == "au_dessous").tolist()


def test_the_wide_limits_are_those_of_the_measured_dispersion():
    rows = examples.wide_rows().drop(index=[7, 8])
    chart = charts.funnel_chart(examples.caption(), rows, 5.0, "France")
    counts, sizes = (
        rows[column].to_numpy(float) for column in ("faits_publies", "effectif_denominateur")
    )
    measured = funnel.overdispersion(counts, sizes, reference_rate=5.0)
    assert chart.dispersion == measured
    assert chart.widened == (measured.phi > measured.threshold)
    assert chart.widened
    assert [curve.dash for curve in chart.curves] == ["dash", "solid", "dot"]
    _, wide, chance = chart.curves
    normal = funnel.normal_funnel(
        np.zeros(len(chart.grid)), chart.grid, 0.998, reference_rate=5.0, tau2=measured.tau2
    )
    np.testing.assert_allclose(wide.high, np.maximum(normal.high, chance.high))
    np.testing.assert_allclose(wide.low, np.minimum(normal.low, chance.low))


def test_an_area_outside_the_wide_limits_is_outside_those_of_chance_too():
    points = examples.wide_funnel("Alba").points
    assert all(point.position in ("dedans", point.by_chance) for point in points)
    assert {point.position for point in points} == {"au_dessus", "dedans", "au_dessous"}
    assert any(point.position != point.by_chance for point in points)


def spread_rows(counts: list[int]) -> pd.DataFrame:
    """Return communes of 10,000 residents with these counts."""
    table = pd.concat([examples.long_rows().iloc[[0]]] * len(counts), ignore_index=True)
    codes = [f"0{2000 + i}" for i in range(len(counts))]
    return table.assign(
        code=codes, faits_publies=pd.array(counts, "Int64"), effectif_denominateur=10_000.0
    )


@pytest.mark.parametrize(
    ("counts", "widened", "by_chance", "words"),
    [
        # 50 facts are expected; chance alone leaves 29 to 73 inside at 99.8 %.
        ([50] * 11 + [51], False, 0, "et aucune zone sur 12 n’en sort à 99,8\u202f%."),
        ([50] * 11 + [90], False, 1, "1 zone sur 12 en sort à 99,8\u202f%."),
        ([20, 90] * 6, True, 12, "aucune zone n’en sort."),
        ([35, 65] * 10 + [300], True, 1, "et 1 zone en sort, à l’écart des autres."),
        ([35, 65] * 10 + [300, 300], True, 2, "et 2 zones en sortent, à l’écart des autres."),
    ],
)
def test_the_limits_say_what_they_mean_and_how_many_are_outside(
    counts: list[int], widened: bool, by_chance: int, words: str
):
    chart = charts.funnel_chart(examples.caption(), spread_rows(counts), 5.0, "France")
    said = charts.notes_of(chart)[0]
    assert chart.widened is widened
    assert sum(point.by_chance != "dedans" for point in chart.points) == by_chance
    assert said.endswith(words)
    assert f"φ = {chart.dispersion.phi:.2f}".replace(".", ",") in said
    assert f"sur {len(counts)} zones, seuil" in said
    assert ("Limites étroites" in said) is widened


def test_under_ten_areas_only_chance_has_limits():
    chart = charts.funnel_chart(examples.caption(), spread_rows([20, 90] * 4), 5.0, "France")
    assert chart.dispersion is None
    assert [curve.dash for curve in chart.curves] == ["dash", "solid"]
    assert "8 zones sur 8 en sortent" in charts.notes_of(chart)[0]
    assert "sous 10 zones publiées" in charts.notes_of(chart)[0]


def test_a_filter_does_not_move_the_limits():
    rows = spread_rows([20, 90] * 6)
    shown = charts.funnel_chart(examples.caption(), rows.iloc[:3], 5.0, "France", among=rows)
    whole = charts.funnel_chart(examples.caption(), rows, 5.0, "France")
    assert shown.dispersion == whole.dispersion
    assert [c.high for c in shown.curves] == [c.high for c in whole.curves]
    assert "12 zones, seuil" in charts.notes_of(shown)[0]
    assert "(3 zones sur 3 en sortent" in charts.notes_of(shown)[0]


def test_an_area_between_the_two_limits_says_so():
    chart = charts.funnel_chart(examples.caption(), spread_rows([20, 90] * 6), 5.0, "France")
    places = {charts.place_words(chart, point) for point in chart.points}
    assert places == {
        f"au-{side} des limites étroites, dans les larges" for side in ("dessus", "dessous")
    }


def test_hidden_communes_are_counted_and_are_no_point():
    chart = examples.funnel("Alba")
    assert len(chart.points) == 40
    assert chart.hidden.startswith("2 communes non publiées n’y sont pas\u202f:")
    assert {p.code for p in chart.points}.isdisjoint({"01008", "01009"})
    assert sum(point.named for point in chart.points) == 5


def test_communes_without_a_row_are_not_called_unpublished():
    rows = spread_rows([20, 90] * 6)
    rows.loc[0:2, "statut"] = "absent"
    rows.loc[3, "statut"] = "non_diffuse"
    rows.loc[0:3, ["faits_publies", "effectif_denominateur"]] = np.nan
    hidden = charts.funnel_chart(examples.caption(), rows, 5.0, "France").hidden
    assert hidden.startswith("1 commune non publiée n’y est pas\u202f:")
    assert hidden.endswith(" 3 communes absentes de la base n’y sont pas.")


def test_codes_stay_text():
    assert examples.funnel("Alba").points[0].code == "01001"


def test_a_group_with_a_hidden_member_is_no_point():
    table = examples.long_rows().assign(niveau="epci")
    table.loc[0:2, "statut"] = "partiel"
    chart = charts.funnel_chart(examples.caption(), table, 5.0, "France")
    assert len(chart.points) == 37
    assert chart.hidden == (
        "5 territoires n’y sont pas\u202f: leurs communes ne sont pas toutes publiées."
    )


def test_everything_published_is_said_too():
    table = examples.long_rows().drop(index=[7, 8])
    chart = charts.funnel_chart(examples.caption(), table, 5.0, "France")
    assert chart.hidden == "Toutes les communes y sont."


def test_every_curve_ends_inside_the_frame():
    for chart in (examples.funnel("Alba"), examples.wide_funnel("Alba")):
        top = charts.axis_ticks(charts.funnel_top(chart))[-1]
        assert all(curve.high[-1] <= top for curve in chart.curves)


def test_few_extremes_leave_the_frame_and_are_counted():
    chart = examples.funnel("Alba")
    top = charts.axis_ticks(charts.funnel_top(chart))[-1]
    beyond = [point for point in chart.points if point.rate > top]
    named = [point for point in chart.points if point.named]
    assert not set(beyond) & set(named)
    table = examples.long_rows()
    unnamed = charts.funnel_chart(examples.caption(), table, 5.0, "France")
    words = charts.funnel_cut_words(unnamed)
    assert words[0].startswith("1 zone dépasse le haut du graphique")
    assert "300,0\u202f‰" in words[0]


def test_a_funnel_without_a_known_area_is_refused():
    table = examples.long_rows().assign(statut="non_diffuse")
    with pytest.raises(Refused, match="choisir un autre indicateur"):
        charts.funnel_chart(examples.caption(), table, 5.0, "France")


def test_six_names_do_not_fit():
    table = examples.long_rows()
    with pytest.raises(Refused, match="6 zones"):
        charts.funnel_chart(examples.caption(), table, 5.0, "France", list(table["code"][:6]))


# --- Total. ---


def group(**changes) -> pd.Series:
    return pd.Series(
        {
            "faits_publies": 954,
            "faits_estimes": 991.0,
            "faits_estimes_bas": 976.0,
            "faits_estimes_haut": 1010.0,
            "communes_publiees": 12,
            "communes": 20,
            "couverture_population": 0.94,
            "methode": "partage_du_total_masque",
        }
        | changes
    )


def words(**changes) -> list[str]:
    return charts.total_words(charts.total_bar(examples.caption(), group(**changes)))


def test_a_total_says_what_is_published_estimated_and_its_interval():
    assert words() == [
        "Publié\u202f: 954 (12 communes sur 20, 94\u202f% de la population)",
        "Estimé pour les communes non publiées\u202f: 37 (de 22 à 56)",
        "Total estimé\u202f: 991, entre 976 et 1\u202f010",
    ]


def test_a_known_total_is_not_called_estimated():
    known = words(faits_estimes_bas=991.0, faits_estimes_haut=991.0)
    assert known[1:] == [
        "Non publié commune par commune\u202f: 37 en tout",
        "Total connu\u202f: 991",
    ]
    whole = words(faits_estimes=954.0, faits_estimes_bas=954.0, faits_estimes_haut=954.0)
    assert whole[1] == "Total\u202f: 954, sans partie estimée"


def test_a_total_that_may_not_be_estimated_says_why():
    row = group(faits_estimes=NAN, faits_estimes_bas=NAN, faits_estimes_haut=NAN)
    bar = charts.total_bar(examples.caption(), row, "Moins de trois communes sont masquées.")
    assert charts.total_words(bar)[-1] == "Moins de trois communes sont masquées."
    assert words(methode="somme_indicative")[-1] == charts.INDICATIVE


def test_nothing_published_is_no_zero():
    known = words(faits_publies=pd.NA, communes_publiees=0)
    assert known[0] == "Publié\u202f: n.\u00a0d. (aucune commune publiée)"


# --- Geometry. ---


@pytest.mark.parametrize("top", [1e-4, 0.07, 0.3, 1, 5.9, 6.1, 99, 1010, 123_456])
def test_an_axis_starts_at_zero_and_holds_its_top_in_few_round_steps(top):
    ticks = charts.axis_ticks(top)
    steps = np.diff(ticks)
    assert ticks[0] == 0
    assert ticks[-1] >= top
    assert ticks[-2] < top
    assert len(steps) <= charts.INTERVALS
    assert np.allclose(steps, steps[0])
    assert len(set(charts.tick_words(ticks))) == len(ticks)


@pytest.mark.parametrize("top", [0.0, NAN, math.inf])
def test_an_axis_without_a_top_is_still_an_axis(top):
    assert charts.axis_ticks(top) == (0.0, 1.0)


def test_a_logarithmic_axis_always_has_marks():
    assert charts.log_ticks(30, 80_000) == (100, 1000, 10_000)
    for low, high in ((110, 180), (1000, 1001), (95, 1050)):
        marks = charts.log_ticks(low, high)
        assert len(marks) >= 2
        assert all(low <= mark <= high for mark in marks)


def test_runs_are_unbroken():
    assert charts.runs([True, True, False, True]) == [(0, 1), (3, 3)]
    assert charts.runs([False]) == []


def test_spread_labels_never_overlap_and_stay_in_their_column():
    draw = random.Random(3)
    for _ in range(300):
        heights = [draw.uniform(5, 30) for _ in range(draw.randint(1, 6))]
        centres = [draw.uniform(-20, 220) for _ in heights]
        placed = charts.spread(centres, heights, 0, 200)
        order = sorted(range(len(heights)), key=lambda i: centres[i])
        edges = [(placed[i] - heights[i] / 2, placed[i] + heights[i] / 2) for i in order]
        assert edges[0][0] >= -1e-9
        assert edges[-1][1] <= 200 + 1e-9
        assert all(a[1] <= b[0] + 1e-9 for a, b in pairwise(edges))


def test_labels_apart_stay_where_they_were():
    assert charts.spread([20, 100], [10, 10], 0, 200) == [20, 100]


def test_named_spots_have_labels_apart_and_inside():
    frame = charts.Box(0, 0, 240, 380)
    spots = [(10.0, 300.0), (60.0, 310.0), (62.0, 312.0), (230.0, 370.0), (120.0, 0.0)]
    boxes = charts.place_labels(spots, [(110.0, 70.0)] * 5, np.array(spots), frame, 12)
    for i, box in enumerate(boxes):
        assert 0 <= box.left < box.right <= 240
        assert 0 <= box.top < box.bottom <= 380
        assert not any(box.meets(other) for other in boxes[i + 1 :])
