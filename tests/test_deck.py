"""The slides as plain data: which ones, in what order, and nothing that the report does not say."""

from dataclasses import replace
from datetime import date

import pytest

from diagnostics.errors import Refused
from diagnostics.report import Report, Tables, report
from diagnostics.report.cells import NAMES_SHOWN
from diagnostics.report.deck import PANELS, ROWS, SLIDES, TEXTS, deck
from diagnostics.report.footer import footer
from diagnostics.store import Store
from tests.exports.decks import numbers, numbers_of, renamed

PRODUCED = date(2026, 3, 1)
TERRITORY = "cispd-montorbe-agglomeration"


@pytest.fixture(scope="module")
def council(store: Store, tables: Tables) -> Report:
    return report(store, "00", "territoire", TERRITORY, tables=tables)


@pytest.fixture(scope="module")
def hidden(store: Store, tables: Tables) -> Report:
    """The commune of which the least is published."""
    long = tables.long
    rows = long[(long["niveau"] == "commune") & (long["annee"] == long["annee"].max())]
    known = rows["statut"].isin(["publie", "zero"]).groupby(rows["code"]).sum()
    return report(store, "00", "commune", str(known.idxmin()), tables=tables)


def _alone(held: Report) -> Report:
    """Return a report of one year."""
    return replace(held, years=(held.year,))


def test_all_slides_come_in_the_default_order(council: Report) -> None:
    shown = dict.fromkeys(slide.id for slide in deck(council, produced=PRODUCED).slides)
    without_text = [id_ for id_ in SLIDES if id_ not in ("priorites", "decisions")]
    assert list(shown) == without_text


def test_slides_come_as_they_are_asked_for(council: Report) -> None:
    asked = ["sources", "programme-2-profil", "titre"]
    made = deck(council, slides=asked, produced=PRODUCED)
    assert list(dict.fromkeys(slide.id for slide in made.slides)) == asked


@pytest.mark.parametrize(
    ("asked", "named"),
    [({"slides": ["carton"]}, "carton"), ({"texts": {"avis": "x"}}, "avis")],
)
def test_what_is_unknown_is_refused_with_what_is_known(
    council: Report, asked: dict[str, list[str]], named: str
) -> None:
    with pytest.raises(Refused) as refusal:
        deck(council, produced=PRODUCED, **asked)
    known = SLIDES if "slides" in asked else TEXTS
    assert named in str(refusal.value)
    assert all(id_ in str(refusal.value) for id_ in known)


def test_an_unknown_audience_is_refused(council: Report) -> None:
    with pytest.raises(Refused, match="interne"):
        deck(council, audience="presse", produced=PRODUCED)


def test_the_foot_is_that_of_every_page(council: Report) -> None:
    made = deck(council, audience="interne", produced=PRODUCED)
    assert made.footer == footer(council, PRODUCED, "interne")


def test_a_single_year_has_no_trend_slide_but_says_why_where_it_is_asked(council: Report) -> None:
    alone = _alone(council)
    assert not [s for s in deck(alone, produced=PRODUCED).slides if s.id.endswith("evolution")]
    (slide,) = deck(alone, slides=["programme-1-evolution"], produced=PRODUCED).slides
    assert str(alone.year) in slide.message
    assert slide.chart is None


def test_an_empty_programme_says_so(council: Report) -> None:
    first, *others = council.programmes
    empty = replace(council, programmes=(replace(first, readings=()), *others))
    for kind in ("profil", "evolution"):
        (slide,) = deck(empty, slides=[f"programme-1-{kind}"], produced=PRODUCED).slides
        assert slide.message
        assert slide.table is None
        assert slide.chart is None


def test_every_slide_has_a_title_a_message_and_notes(council: Report, hidden: Report) -> None:
    for held in (council, hidden, _alone(council)):
        for slide in deck(held, produced=PRODUCED, texts=dict.fromkeys(TEXTS, "Texte.")).slides:
            assert slide.title
            assert slide.message
            assert slide.notes


def test_tables_and_curves_are_cut_before_they_are_too_long(council: Report) -> None:
    for slide in deck(council, produced=PRODUCED).slides:
        if slide.table:
            assert len(slide.table.rows) <= max(ROWS.values())
            assert {len(row) for row in slide.table.rows} == {len(slide.table.titles)}
        if slide.chart and slide.chart.kind == "series":
            assert len(slide.chart.lines) <= PANELS


def test_what_carries_on_says_so_and_loses_nothing(council: Report) -> None:
    rows = [s.table.rows for s in deck(council, slides=["sources"], produced=PRODUCED).slides]
    assert len(rows) > 1
    titles = [row[0] for part in rows for row in part]
    assert titles == list(dict.fromkeys(s.title for s in council.sources))
    *_, last = deck(council, slides=["sources"], produced=PRODUCED).slides
    assert last.title.endswith("(suite)")


def test_many_communes_are_counted_not_lost(council: Report) -> None:
    many = renamed(council, "CISPD d’essai", communes=60)
    (slide,) = deck(many, slides=["territoire"], produced=PRODUCED).slides
    named = [place for place in many.area.communes if place.label in slide.sentences[0]]
    assert slide.sentences[0].endswith(f"et {60 - NAMES_SHOWN} autres communes.")
    assert len(named) >= NAMES_SHOWN


def test_the_council_s_texts_are_shown_whole_and_only_where_there_are(council: Report) -> None:
    paragraph = "Une priorité retenue, et sa raison. " * 80
    made = deck(council, produced=PRODUCED, texts={"priorites": f"{paragraph}\n\nUne autre."})
    shown = [slide for slide in made.slides if slide.id == "priorites"]
    words = " ".join(s for slide in shown for s in slide.sentences).split()
    assert words == f"{paragraph} Une autre.".split()
    assert len(shown) > 1
    assert "decisions" not in {slide.id for slide in made.slides}


def test_each_row_holds_only_the_numbers_of_its_indicator(council: Report, hidden: Report) -> None:
    for held in (council, hidden):
        lines = {line.title: line for line in held.lines}
        checked = 0
        for slide in deck(held, produced=PRODUCED).slides:
            if slide.table is None or slide.table.titles[0] != "Indicateur":
                continue
            for name, *cells in slide.table.rows:
                title = name.removeprefix("– dont ").split(" (pour")[0]
                allowed = numbers_of(lines[title])
                assert numbers(" ".join(cells)) <= allowed, (slide.id, name, cells)
                checked += 1
        assert checked >= len(held.lines)


def test_what_is_not_published_is_never_a_number(hidden: Report) -> None:
    lines = {line.title: line for line in hidden.lines}
    seen = 0
    for slide in deck(hidden, produced=PRODUCED).slides:
        if not slide.id.endswith("profil") or slide.table is None:
            continue
        for name, facts, rate, *_ in slide.table.rows:
            line = lines[name.removeprefix("– dont ").split(" (pour")[0]]
            if line.figure.status == "non_diffuse":
                assert not numbers(facts) | numbers(rate)
                assert "n. d." in rate.replace("\u00a0", " ")
                seen += 1
    assert seen


def test_charts_show_only_what_is_known(council: Report, hidden: Report) -> None:
    for held in (council, hidden):
        for slide in deck(held, produced=PRODUCED).slides:
            if slide.chart and slide.chart.kind == "profile":
                assert all(line.figure.rate is not None for line in slide.chart.lines)
            if slide.chart and slide.chart.kind == "series":
                assert all(any(p.rate is not None for p in ln.series) for ln in slide.chart.lines)


def test_higher_and_rising_is_said_as_the_report_says_it(council: Report) -> None:
    (slide,) = deck(council, slides=["plus-eleve-et-en-hausse"], produced=PRODUCED).slides
    assert council.higher_and_rising
    assert all(line.title in slide.message for line in council.higher_and_rising)
    assert slide.table is not None
    rising = [row[0] for row in slide.table.rows if row[-1] == "en hausse"]
    assert len(rising) == len(council.higher_and_rising)
