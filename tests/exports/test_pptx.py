"""The deck as a file: reopened, its numbers are the report's, its texts French and harmless."""

from datetime import date

import pytest
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.util import Inches, Pt

from diagnostics.exports.pptx import Options, pptx_bytes, text
from diagnostics.exports.pptx import tables as native
from diagnostics.exports.pptx.charts import SHEET
from diagnostics.report import Report, Tables, report
from diagnostics.report.deck import Table, deck
from diagnostics.report.footer import footer
from diagnostics.report.sentences import published_rate_sentence
from diagnostics.store import Store
from tests.exports import decks

PRODUCED = date(2026, 3, 1)
# Written in the rules themselves: confidence, threshold of the trend, basis of rates, years.
RULES = {"95", "0,2", "1\u202f000", "5", "3", "30", "2020", "2021", "12", "1", "132", "2", "0", "4"}


@pytest.fixture(scope="module")
def reports(store: Store, tables: Tables) -> dict[str, Report]:
    """Every council, an EPCI, a commune well published, the one that is least published."""
    found = {
        code: report(store, "00", "territoire", code, tables=tables)
        for code in tables.groups.query("niveau == 'territoire'")["code"].unique()
    }
    epci = tables.groups.query("niveau == 'epci'")["code"].iloc[0]
    found["epci"] = report(store, "00", "epci", epci, tables=tables)
    long = tables.long
    rows = long[(long["niveau"] == "commune") & (long["annee"] == long["annee"].max())]
    known = rows["statut"].isin(["publie", "zero"]).groupby(rows["code"]).sum()
    for name, code in (("published", known.idxmax()), ("hidden", known.idxmin())):
        found[name] = report(store, "00", "commune", str(code), tables=tables)
    return found


@pytest.fixture(scope="module")
def files(reports: dict[str, Report], tables: Tables) -> dict[str, bytes]:
    options = Options(PRODUCED, tables=tables)
    return {name: pptx_bytes(each, options) for name, each in reports.items()}


@pytest.fixture(scope="module")
def hostile(reports: dict[str, Report]) -> Report:
    held = next(iter(reports.values()))
    return decks.renamed(held, decks.LONG, communes=60)


def test_every_number_is_one_of_the_report(
    reports: dict[str, Report], files: dict[str, bytes]
) -> None:
    for name, content in files.items():
        held = reports[name]
        allowed = decks.numbers_of(held) | decks.numbers(footer(held, PRODUCED)) | RULES
        allowed |= decks.numbers(" ".join(map(published_rate_sentence, held.lines)))
        # How many indicators: as many as there are at most.
        allowed |= {str(at) for at in range(len(held.lines) + 1)}
        # How many communes the law concerns, or are not named.
        allowed |= {str(at) for at in range(len(held.area.communes) + 1)}
        for said in decks.texts(decks.opened(content)):
            if "Légende" not in said and not _is_legend(said):
                assert decks.numbers(said) <= allowed, (name, said, decks.numbers(said) - allowed)


def _is_legend(text: str) -> bool:
    """Say whether a text is a class of the map, whose limits are those of every map."""
    return text.startswith(("moins de ", "de ")) or text.endswith(" et plus")


def test_charts_and_their_workbooks_hold_the_report_s_own_figures(
    reports: dict[str, Report], files: dict[str, bytes]
) -> None:
    for name, content in files.items():
        known = {v for v in decks.values_of(reports[name].lines) if isinstance(v, float)}
        drawn = 0
        for chart in decks.charts(decks.opened(content)):
            for series in chart.plots[0].series:
                values = [v for v in series.values if v is not None]
                assert set(values) <= known, name
                drawn += len(values)
        written = [
            cell.value
            for book in decks.workbooks(content)
            for row in book[SHEET].iter_rows(min_row=2, min_col=2)
            for cell in row
            if cell.value is not None
        ]
        # A workbook keeps 15 or more digits.
        assert written == pytest.approx([min(known, key=lambda k: abs(k - v)) for v in written])
        assert len(written) == drawn
        assert drawn or name == "hidden"


def test_a_year_without_rate_is_an_opening(
    reports: dict[str, Report], files: dict[str, bytes]
) -> None:
    openings = 0
    for name, content in files.items():
        lines = {line.title: line for line in reports[name].lines}
        for chart in decks.charts(decks.opened(content)):
            title = chart.chart_title.text_frame.text.split(" (pour")[0]
            if title not in lines:
                continue
            area = next(s for s in chart.plots[0].series if s.name == reports[name].area.label)
            assert list(area.values) == [point.rate for point in lines[title].series]
            openings += list(area.values).count(None)
            assert chart._chartSpace.xpath(".//c:dispBlanksAs/@val") == ["gap"]
    assert openings


def test_residents_and_dwellings_never_share_an_axis(
    reports: dict[str, Report], files: dict[str, bytes]
) -> None:
    seen = set()
    for name, content in files.items():
        units = {line.title: line.unit_of_rate.split("pour ")[1] for line in reports[name].lines}
        for chart in decks.charts(decks.opened(content)):
            categories = set(chart.plots[0].categories) & set(units)
            if categories:
                (unit,) = {units[title] for title in categories}
                assert unit in chart.chart_title.text_frame.text
                seen.add(unit)
    assert len(seen) == 2


def test_slides_are_those_of_the_deck(reports: dict[str, Report], files: dict[str, bytes]) -> None:
    for name, content in files.items():
        titles = [s.shapes.title.text_frame.text for s in decks.opened(content).slides]
        asked = [s.title for s in deck(reports[name], produced=PRODUCED).slides]
        kept = [title for title in titles if title in asked]
        assert list(dict.fromkeys(kept)) == list(dict.fromkeys(asked))
        assert all(t in asked or t.endswith("(suite)") for t in titles)


def test_every_slide_has_a_foot_notes_and_french(
    reports: dict[str, Report], files: dict[str, bytes]
) -> None:
    for name, content in files.items():
        presentation = decks.opened(content)
        for slide in presentation.slides:
            kinds = {p.placeholder_format.type: p for p in slide.placeholders}
            assert kinds[PP_PLACEHOLDER.FOOTER].text_frame.text == footer(reports[name], PRODUCED)
            assert PP_PLACEHOLDER.SLIDE_NUMBER in kinds
            assert slide.notes_slide.notes_text_frame.text
            for part in (slide, slide.notes_slide):
                languages = part._element.xpath(".//a:rPr/@lang")
                assert set(languages) == {"fr-FR"}
                assert len(languages) >= len(part._element.xpath(".//a:r"))


def test_texts_are_large_enough_for_a_room(files: dict[str, bytes]) -> None:
    for content in files.values():
        for slide in decks.opened(content).slides:
            for shape in slide.shapes:
                if shape.name in ("Pied de page", "Numéro"):
                    continue
                sizes = shape._element.xpath(".//a:rPr/@sz")
                assert all(int(size) >= 1200 for size in sizes), shape.name
        for chart in decks.charts(decks.opened(content)):
            assert chart.font.size >= Pt(12)
            assert all(int(s) >= 1200 for s in chart._chartSpace.xpath(".//@sz") if s)


def test_pictures_charts_and_tables_have_an_alternative_text(files: dict[str, bytes]) -> None:
    for content in files.values():
        for slide in decks.opened(content).slides:
            for shape in slide.shapes:
                if not shape.has_text_frame:
                    assert shape._element.xpath(".//p:cNvPr")[0].get("descr"), shape.name


def test_nothing_leaves_its_slide_nor_covers_another_text(
    files: dict[str, bytes], hostile: Report
) -> None:
    for content in (*files.values(), pptx_bytes(hostile, Options(PRODUCED))):
        presentation = decks.opened(content)
        width, height = presentation.slide_width, presentation.slide_height
        for slide in presentation.slides:
            boxes = []
            for shape in slide.shapes:
                box = (shape.left, shape.top, shape.left + shape.width, shape.top + shape.height)
                assert box[0] >= 0 and box[1] >= 0 and box[2] <= width and box[3] <= height
                if shape.name not in ("Carte", "Nom"):  # a map bears the names of its towns
                    boxes.append((shape.name, box))
            for at, (name, a) in enumerate(boxes):
                for other, b in boxes[at + 1 :]:
                    apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
                    assert apart, (slide.shapes.title.text_frame.text, name, other)


def test_hostile_names_are_only_names(reports: dict[str, Report], hostile: Report) -> None:
    formula = decks.renamed(next(iter(reports.values())), decks.FORMULA)
    for held in (hostile, formula):
        content = pptx_bytes(held, Options(PRODUCED, texts={"decisions": "=1+1 <b>\x00&</b>"}))
        presentation = decks.opened(content)
        assert list(presentation.slides)
        for slide in presentation.slides:
            assert not slide._element.xpath(".//a:hlinkClick")
        cells = [
            cell
            for book in decks.workbooks(content)
            for row in book[SHEET].iter_rows()
            for cell in row
        ]
        assert cells
        assert {cell.data_type for cell in cells} <= {"s", "n"}
        assert not any(cell.hyperlink for cell in cells)


def test_the_same_report_and_day_make_the_same_bytes(
    reports: dict[str, Report], files: dict[str, bytes], tables: Tables
) -> None:
    name = next(iter(reports))
    assert pptx_bytes(reports[name], Options(PRODUCED, tables=tables)) == files[name]
    later = pptx_bytes(reports[name], Options(date(2026, 3, 2), tables=tables))
    assert decks.opened(later).core_properties.created.day == 2


def test_states_of_a_map_differ_by_their_pattern(
    reports: dict[str, Report], tables: Tables
) -> None:
    options = Options(PRODUCED, slides=["carte"], tables=tables)
    held = next(iter(reports.values()))
    (slide,) = decks.opened(pptx_bytes(held, options)).slides
    maps = [shape for shape in slide.shapes if shape.name == "Carte"]
    drawn = maps[0]._element.xpath(".//p:sp")
    assert len(drawn) == len(held.area.communes)
    hidden = tables.long.query("niveau == 'commune' and statut == 'non_diffuse'")
    line = next(
        s for s in deck(held, slides=["carte"], produced=PRODUCED).slides if s.chart
    ).chart.lines[0]
    codes = {place.code for place in held.area.communes}
    rows = hidden[(hidden["indicateur"] == line.id) & (hidden["annee"] == held.year)]
    expected = rows["code"].isin(codes).sum()
    assert expected
    assert len(maps[0]._element.xpath(".//a:pattFill[@prst='wdUpDiag']")) == expected


def test_without_tables_there_is_no_map_but_the_slide_stands(reports: dict[str, Report]) -> None:
    held = next(iter(reports.values()))
    content = pptx_bytes(held, Options(PRODUCED, slides=["territoire", "carte"]))
    for slide in decks.opened(content).slides:
        assert "Carte" not in {shape.name for shape in slide.shapes}
        assert slide.shapes.title.text_frame.text


def test_names_of_a_table_take_what_its_figures_leave() -> None:
    rows = (("Destructions et dégradations volontaires", "208", "n. d."), ("Trafic", "n. d.", "1"))
    table = Table(("Indicateur", "Publié (couverture)", "Taux pour 1 000 hab."), rows)
    widths = native._widths(table, 14, Inches(8))
    assert sum(widths) <= Inches(8)
    assert text.line_count(rows[0][0], 14, widths[0] - 2 * native._SIDE) == 1
