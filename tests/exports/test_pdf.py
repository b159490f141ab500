"""The PDF: two pages whatever the area, the report's figures and no other, readable by all."""

import io
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from diagnostics import store as stores
from diagnostics import wording
from diagnostics.exports.pdf import diagnostic_pdf, sheet_pdf
from diagnostics.exports.pdf.area_map import FICHE, area_map
from diagnostics.exports.pdf.content import spaced
from diagnostics.exports.pdf.printable import printed
from diagnostics.figures import charts, report_charts
from diagnostics.report import Report, Tables, deck, law, load, report, report_for_codes, sentences
from diagnostics.report.footer import AUDIENCES, footer
from diagnostics.report.model import Figure, Line, Place, Trend, Unsaid, Words

PRODUCED = date(2026, 3, 1)
HOSTILE = '<script>alert("é")</script> =HYPERLINK("http://x.invalid") #panic() \\ \' $x$ *g* @r `f`'
LONG = ("Saint-Germain-sur-l’Éclimont-lès-Bois " * 4)[:120]
GLUED = "Brévonne" * 15
MARGIN, WIDTH, HEIGHT = 15 / 25.4 * 72, 595.3, 841.9
"""Of the page, in points."""
FOOT = HEIGHT - 21 / 25.4 * 72
"""Where the foot of a page begins."""


@pytest.fixture(scope="module")
def held(simulated_store: Path) -> stores.Store:
    return stores.open_store(simulated_store)


@pytest.fixture(scope="module")
def tables(held: stores.Store) -> Tables:
    return load(held, "00")


def _of_kind(held: stores.Store, tables: Tables, kind: str) -> Report:
    """Return the report of the area of a kind that has the most communes."""
    groups = tables.groups[tables.groups["type"] == kind]
    found = groups.groupby(["niveau", "code"]).size().idxmax()
    return report(held, "00", *found, tables=tables)


def _commune(held: stores.Store, tables: Tables) -> Report:
    """Return the report of the commune closest to 300 inhabitants."""
    communes = tables.communes[tables.communes["kind"] == "commune"]
    nearest = (communes["population_legal"] - 300).abs().astype(float).idxmin()
    return report(held, "00", "commune", communes.loc[nearest, "code_insee"], tables=tables)


def _with_words(line: Line) -> Line:
    words = Words(
        sentences.headline(line),
        sentences.coverage_sentence(line),
        sentences.refusal_sentence(sentences.reason_of(line)),
        sentences.verdict_sentence(line),
        sentences.trend_sentence(line),
        sentences.period_sentence(line),
    )
    return replace(line, words=words)


def _with_lines(whole: Report, change: Any) -> Report:
    """Return a report whose every line is changed, in all the places that hold it."""
    changed = {line.id: _with_words(change(line)) for line in whole.lines}
    programmes = tuple(
        replace(p, readings=tuple(replace(r, line=changed[r.line.id]) for r in p.readings))
        for p in whole.programmes
    )
    others = tuple(changed[line.id] for line in whole.others)
    return replace(whole, lines=tuple(changed.values()), programmes=programmes, others=others)


def _hidden(whole: Report) -> Report:
    def hide(line: Line) -> Line:
        unknown = {f.name: None for f in fields(Figure) if f.name.startswith(("rate", "estimated"))}
        figure = replace(
            line.figure,
            **unknown,
            status="non_diffuse",
            published=None,
            published_communes=0,
            population_coverage=0.0,
            method="",
            reason="couverture",
        )
        points = tuple(
            replace(p, status="non_diffuse", facts=None, rate=None, low=None, high=None)
            for p in line.series
        )
        return replace(
            line,
            figure=figure,
            series=points,
            comparison=None,
            comparisons=(),
            trend=Trend("", None),
        )

    return _with_lines(whole, hide)


def _one_year(whole: Report) -> Report:
    def last(line: Line) -> Line:
        return replace(line, series=line.series[-1:], trend=Trend("non_calculable", None))

    return replace(_with_lines(whole, last), years=(whole.year,))


def _empty_programme(whole: Report) -> Report:
    first, *rest = whole.programmes
    return replace(whole, programmes=(replace(first, readings=()), *rest))


def _named(whole: Report, name: str) -> Report:
    """Return a report where everything that can bear a name bears this one."""
    places = tuple(Place("commune", f"00{i:03}", name, 10 * i) for i in range(60))
    named = _with_lines(whole, lambda line: replace(line, area_label=name))
    duty = whole.legal.communes[0]
    duties = tuple(replace(duty, code=p.code, label=name) for p in places)
    return replace(
        named,
        area=replace(named.area, label=name, communes=places, neighbours=places[:9]),
        legal=replace(named.legal, communes=duties, sentences=(name, *named.legal.sentences)),
        similar=tuple(replace(s, label=name) for s in named.similar),
        caveats=(*named.caveats, ", ".join([name] * 60)),
    )


def _all_reasons(whole: Report) -> Report:
    """Return a report where every reason hides every indicator, so that little room is left."""
    titles = tuple(line.title for line in whole.lines)
    unsaid = tuple(Unsaid(key, words, titles) for key, words in sentences.REFUSALS.items())
    return replace(whole, unsaid=unsaid, caveats=(*whole.caveats, *whole.caveats))


SCENARIOS = {
    "council": lambda held, tables: _of_kind(held, tables, "cispd"),
    "epci": lambda held, tables: _of_kind(held, tables, "epci"),
    "departement": lambda held, tables: _of_kind(held, tables, "departement"),
    "commune": _commune,
    "perimeter": lambda held, tables: report_for_codes(
        held, "00", sorted(tables.communes["code_insee"])[:7], tables=tables
    ),
    "one year": lambda held, tables: _one_year(_of_kind(held, tables, "cispd")),
    "hidden": lambda held, tables: _hidden(_of_kind(held, tables, "cispd")),
    "empty programme": lambda held, tables: _empty_programme(_of_kind(held, tables, "epci")),
    "all reasons": lambda held, tables: _all_reasons(_of_kind(held, tables, "cispd")),
    "hostile": lambda held, tables: _named(_of_kind(held, tables, "cispd"), HOSTILE),
    "long": lambda held, tables: _named(_of_kind(held, tables, "cispd"), LONG),
    "glued": lambda held, tables: _named(_of_kind(held, tables, "cispd"), GLUED),
}
TEXTS = {"contexte": f"Un premier paragraphe.\n{HOSTILE}", "decisions": GLUED}


class Printed:
    """Both documents of one scenario, made and read once."""

    def __init__(self, whole: Report, tables: Tables) -> None:
        self.report = whole
        self.sheet = sheet_pdf(whole, tables, produced=PRODUCED)
        self.diagnostic = diagnostic_pdf(whole, tables, produced=PRODUCED, texts=TEXTS)
        self.sheet_pages, self.diagnostic_pages = _pages(self.sheet), _pages(self.diagnostic)

    def both(self) -> tuple[bytes, bytes]:
        return self.sheet, self.diagnostic


@pytest.fixture(scope="module", autouse=True)
def _poppler() -> None:
    if shutil.which("pdftotext") is None:
        reason = "pas de pdftotext sur cette machine : installer le paquet poppler-utils"
        if os.environ.get("DIAGNOSTIC_OFFICE_REQUIRED"):
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="module", params=SCENARIOS)
def made(request: pytest.FixtureRequest, held: stores.Store, tables: Tables) -> Printed:
    return Printed(SCENARIOS[request.param](held, tables), tables)


@pytest.fixture(scope="module")
def council(held: stores.Store, tables: Tables) -> Report:
    return _of_kind(held, tables, "cispd")


def _pdftotext(content: bytes, option: str) -> str:
    command = ["pdftotext", option, "-", "-"]
    return subprocess.run(command, input=content, capture_output=True, check=True).stdout.decode()


def _pages(content: bytes) -> list[str]:
    """Return the text of each page, in the order of the document."""
    return _pdftotext(content, "-raw").split("\f")[:-1]


def _bare(text: str) -> str:
    """Return a text without what a line break adds."""
    return re.sub(r"\xad\n|[\s\u200b\u2060]", "", text)


# --- Pages. ---


def test_a_fiche_has_two_pages(made: Printed) -> None:
    first, second = made.sheet_pages
    assert _bare(made.report.programmes[2].short_title) in _bare(first)
    assert "Tous les indicateurs" in second
    assert "Sources" in second


def test_the_first_page_says_the_legal_situation(made: Printed) -> None:
    first, legal = _bare(made.sheet_pages[0]).casefold(), made.report.legal
    assert _bare(law.situation(legal, made.report.area.niveau)).casefold() in first
    assert _bare(legal.sentences[0]).casefold() in first


def test_a_fiche_of_a_council_says_where_it_is_known_from(council: Report, tables: Tables) -> None:
    first, _ = _pages(sheet_pdf(council, tables, produced=PRODUCED))
    assert council.legal.council_source
    assert _bare(law.council_sentence(council.legal)) in _bare(first)


def test_no_caveat_is_hidden(made: Printed) -> None:
    """All are on the fiche; where a page cannot hold them, it says how many the diagnostic adds."""
    verso, whole = _bare(made.sheet_pages[1]), _bare("".join(made.diagnostic_pages))
    caveats = map(spaced, (*made.report.caveats, made.report.mapping_note))
    hidden = [caveat for caveat in caveats if _bare(caveat) not in verso]
    # One of 7,000 characters goes over two pages.
    assert all(_bare(caveat)[:80] in whole for caveat in hidden)
    assert not hidden or _bare(f"Et {len(hidden)} autre") in verso


def test_a_fiche_of_known_areas_has_every_caveat(held: stores.Store, tables: Tables) -> None:
    for niveau in ("territoire", "epci"):
        codes = tables.groups.loc[tables.groups["niveau"] == niveau, "code"].unique()
        for code in codes:
            whole = report(held, "00", niveau, code, tables=tables)
            _, verso = _pages(sheet_pdf(whole, tables, produced=PRODUCED))
            assert all(_bare(spaced(caveat)) in _bare(verso) for caveat in whole.caveats), code


def test_every_page_has_its_foot_and_its_number(made: Printed) -> None:
    said = _bare(footer(made.report, PRODUCED))
    for pages in (made.sheet_pages, made.diagnostic_pages):
        for number, page in enumerate(pages, start=1):
            assert said in _bare(page)
            assert _bare(f"Page {number} sur {len(pages)}") in _bare(page)


def test_a_diagnostic_has_its_contents_and_its_chapters(made: Printed) -> None:
    pages = made.diagnostic_pages
    assert len(pages) >= 8
    contents = _bare(pages[1])
    assert contents.startswith("Sommaire")
    whole = _bare("".join(pages[1:]))
    for chapter in (
        "L’essentiel",
        "Le territoire et son statut légal",
        "Contexte",
        *(p.short_title for p in made.report.programmes),
        "Comparaisons",
        "La période de la stratégie",
        "Ce qui ne peut pas être dit",
        "Méthode",
        "Sources",
    ):
        assert _bare(chapter) in contents
        assert whole.count(_bare(chapter)) > 1


def test_the_contents_name_the_page_where_a_chapter_begins(council: Report, tables: Tables) -> None:
    pages = _pages(diagnostic_pdf(council, tables, produced=PRODUCED))
    at = int(re.search(r"Comparaisons\.*(\d+)", _bare(pages[1]))[1])
    assert re.search(r"^\s*Comparaisons\s*$", pages[at - 1], re.MULTILINE)


def test_no_page_of_a_diagnostic_is_left_half_white(made: Printed) -> None:
    words = _words(made.diagnostic)
    for number, page in enumerate(words[1:-1], start=2):  # the cover and the end may be
        bottom = max(y for _, _, _, y, _ in page if y < FOOT)
        assert bottom > 0.6 * FOOT, (number, bottom)


def test_an_unknown_audience_is_an_error(council: Report, tables: Tables) -> None:
    with pytest.raises(KeyError):
        sheet_pdf(council, tables, audience="secret", produced=PRODUCED)


@pytest.mark.parametrize("audience", AUDIENCES)
def test_the_foot_says_for_whom(council: Report, tables: Tables, audience: str) -> None:
    for page in _pages(sheet_pdf(council, tables, audience=audience, produced=PRODUCED)):
        assert _bare(AUDIENCES[audience]) in _bare(page)


def test_the_same_report_and_date_give_the_same_bytes(council: Report, tables: Tables) -> None:
    for make in (sheet_pdf, diagnostic_pdf):
        once, again = (make(council, tables, produced=PRODUCED) for _ in range(2))
        assert once == again
        assert once != make(council, tables, produced=date(2026, 3, 2))


# --- What a screen reader and a printer need. ---


def test_documents_are_tagged_in_french_and_conform(made: Printed) -> None:
    for content in made.both():
        reader = PdfReader(io.BytesIO(content))
        root = reader.trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"]
        assert root["/StructTreeRoot"]
        assert str(root["/Lang"]).startswith("fr")
        assert b"pdfuaid" in root["/Metadata"].get_data()
        assert made.report.area.label[:20] in reader.metadata.title


def test_each_figure_has_words(council: Report, tables: Tables) -> None:
    for content in (
        sheet_pdf(council, tables, produced=PRODUCED),
        diagnostic_pdf(council, tables, produced=PRODUCED),
    ):
        root = PdfReader(io.BytesIO(content)).trailer["/Root"]
        figures = [e for e in _elements(root["/StructTreeRoot"]) if e.get("/S") == "/Figure"]
        assert figures
        assert all(str(figure["/Alt"]).strip() for figure in figures)


def _elements(node: Any) -> Iterator[Any]:
    node = node.get_object()
    if isinstance(node, list):
        for each in node:
            yield from _elements(each)
    elif hasattr(node, "get"):
        yield node
        if "/K" in node:
            yield from _elements(node["/K"])


def test_fonts_are_those_of_the_package_and_embedded(made: Printed) -> None:
    for content in made.both():
        found = list(_objects(content, "/Type0"))
        assert found
        for font in found:
            assert "SourceSansPro" in font["/BaseFont"]
            descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
            assert {"/FontFile2", "/FontFile3"} & set(descriptor)


def _objects(content: bytes, subtype: str) -> Iterator[Any]:
    reader = PdfReader(io.BytesIO(content))
    for at in range(1, int(reader.trailer["/Size"])):
        found = reader.get_object(at)
        if hasattr(found, "get") and found.get("/Subtype") == subtype:
            yield found


def test_maps_and_charts_are_drawn_not_pictured(council: Report, tables: Tables) -> None:
    for make in (sheet_pdf, diagnostic_pdf):
        assert not list(_objects(make(council, tables, produced=PRODUCED), "/Image"))


# --- Words. ---


@pytest.mark.parametrize("name", [HOSTILE, LONG, GLUED])
def test_a_name_is_printed_as_it_is(council: Report, tables: Tables, name: str) -> None:
    named = replace(council, area=replace(council.area, label=name))
    for make in (sheet_pdf, diagnostic_pdf):
        content = make(named, tables, produced=PRODUCED)
        assert _bare(name) in _bare(_pages(content)[0])
        assert PdfReader(io.BytesIO(content)).metadata.title.startswith(name.strip())


def test_texts_of_the_council_are_printed_as_they_are(council: Report, tables: Tables) -> None:
    texts = {"contexte": "Premier.\n#panic() *gras*", "Mon titre": "= pas un titre"}
    content = diagnostic_pdf(council, tables, produced=PRODUCED, texts=texts)
    text = _bare("".join(_pages(content)))
    for said in (
        deck.TEXTS["contexte"],
        "Premier.",
        "#panic()*gras*",
        "Mon titre",
        "= pas un titre",
    ):
        assert _bare(said) in text


def test_what_no_page_can_show_is_left_out_or_said_to_be_unknown() -> None:
    said = printed({"a": "b\x07c\x1b\u202ed", "e": ["l\ni", "中é●"], "svg": "x" * 80})
    assert said == {"a": "bcd", "e": ["l i", "?é?"], "svg": "x" * 80}


def test_a_long_word_may_be_cut_but_not_inside_a_number() -> None:
    cut = printed({"a": "circonscriptions_police_77_2015_codes_12345678901234567890.csv"})["a"]
    assert "\u200b" in cut
    assert not re.search(r"\d\u200b\d", cut)
    for name in ("Saint-Fargeau-Ponthierry", '<script>alert("x")</script>'):
        assert printed({"a": name})["a"] == name


def test_an_empty_programme_says_so(held: stores.Store, tables: Tables) -> None:
    empty = _empty_programme(_of_kind(held, tables, "epci"))
    for make in (sheet_pdf, diagnostic_pdf):
        text = _bare("".join(_pages(make(empty, tables, produced=PRODUCED))))
        assert _bare("Aucun indicateur de ce programme dans l’édition chargée") in text


def test_a_hidden_territory_has_no_figure_and_is_not_at_zero(
    council: Report, tables: Tables
) -> None:
    hidden = _hidden(council)
    _, verso = _pages(sheet_pdf(hidden, tables, produced=PRODUCED))
    text = _bare(verso)
    assert text.count("noncomparé") == len(hidden.lines)
    # Published, total, rate, reference, in each row.
    assert text.count("n.d.") >= 4 * len(hidden.lines)
    assert "pluséleve" not in text


# --- Figures. ---


def _row_texts(line: Line) -> Iterator[str]:
    """Yield what a row of the profile table must hold, from the figure itself."""
    figure = line.figure
    if figure.published is not None:
        yield wording.number(figure.published)
    if figure.rate is not None:
        yield wording.rate(figure.rate)
    if figure.rate_low is not None and figure.rate_high is not None:
        yield wording.interval(figure.rate_low, figure.rate_high)
    if line.comparison is not None:
        yield wording.rate(line.comparison.rate)
    if figure.estimated is not None:
        yield wording.number(figure.estimated)
        if figure.estimated_low != figure.estimated_high:
            yield wording.interval(figure.estimated_low, figure.estimated_high, wording.number)


def test_each_row_holds_the_figures_of_its_line(made: Printed) -> None:
    whole = made.report
    text = _bare(made.sheet_pages[1])
    order = [line for p in whole.programmes for line in deck.programme_lines(p)]
    order += list(whole.others)
    starts = []
    at = 0
    for line in order:
        unit = wording.plural(line.unit)
        at = text.index(_bare(f"{line.title} ({unit}"), at)
        starts.append(at)
    for line, start, end in zip(order, starts, [*starts[1:], None], strict=True):
        row = text[start:end]
        for said in _row_texts(line):
            assert _bare(said) in row, line.title
        verdict = line.comparison.verdict if line.comparison else ""
        assert _bare(wording.VERDICTS[verdict][1]) in row


def test_every_number_is_one_of_the_report(made: Printed, tables: Tables) -> None:
    whole = made.report
    drawn = area_map(whole, tables, FICHE)
    allowed = set(_numbers([*_strings(whole), footer(whole, PRODUCED), *TEXTS.values()]))
    allowed |= set(_numbers([wording.DIFFUSION_RULE, *(words for _, words in drawn.legend)]))
    # The rules: confidence, base of the rates, threshold of the trend, articles of the law.
    allowed |= set(_numbers(["95", "1\u202f000", "9,55", "0,002", "L132-4", "L132-13"]))
    allowed |= {str(quantity) for quantity in _quantities(whole)}
    for pages in (made.sheet_pages, made.diagnostic_pages):
        allowed |= {str(page + 1) for page in range(len(pages))}
    assert sorted(set(_numbers(map(_without_rest, made.sheet_pages))) - allowed) == []
    for programme in whole.programmes:
        allowed |= set(_numbers(_words_of_charts(whole, deck.programme_lines(programme))))
    allowed |= set(_numbers(_words_of_charts(whole, list(whole.others))))
    found = set(_numbers(map(_without_rest, made.diagnostic_pages)))
    assert sorted(found - allowed) == []


def _quantities(whole: Report) -> Iterator[int]:
    """Yield how many lines are known, compared, higher, followed, higher and rising."""
    judged = [line for line in whole.lines if line.comparison and line.comparison.verdict]
    yield sum(line.figure.status in ("publie", "zero") for line in whole.lines)
    yield len(judged)
    yield sum(line.comparison.verdict == "plus_eleve" for line in judged)
    yield sum(line.trend.verdict not in ("", "non_calculable") for line in judged)
    yield len(whole.higher_and_rising)


def _without_rest(page: str) -> str:
    """Return a page without how many names, sources or communes a list leaves out."""
    return re.sub(r"\b\d+ (?=autres?\b)", "", page.replace("\n", " "))


def _words_of_charts(whole: Report, lines: list[Line]) -> Iterator[str]:
    rated = [line for line in lines if any(p.rate is not None for p in line.series)]
    if not rated:
        return
    series = report_charts.small_multiples(whole, "", rated, "")
    yield from (w for ticks in charts.tops(series) for w in charts.tick_words(ticks))
    for row in report_charts.profile(whole, "", rated, "").rows:
        yield from charts.peers_words(row)
        yield from (words for words, _, _ in charts.end_words(row))


_NUMBER = re.compile(r"\d+(?:[\u202f\u00a0]\d{3})*(?:,\d+)?")


def _numbers(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        for found in _NUMBER.findall(text.replace("\u200b", "")):
            yield _bare(found)


def _strings(value: Any) -> Iterator[str]:
    """Yield every text of a report and every figure of it in the forms that French gives them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, bool) or value is None:
        return
    elif isinstance(value, int | float):
        yield wording.rate(value)
        yield from (wording.number(value, decimals) for decimals in (0, 1, 2))
        if 0 <= value <= 1:
            yield wording.percent(value)
    elif is_dataclass(value):
        for each in fields(value):
            yield from _strings(getattr(value, each.name))
        if isinstance(value, Line):
            yield sentences.published_rate_sentence(value)
    elif isinstance(value, tuple):
        yield str(len(value))
        for each in value:
            yield from _strings(each)


# --- Nothing outside the page, nothing over something else. ---


def _words(content: bytes) -> list[list[tuple[float, float, float, float, str]]]:
    """Return the words of each page with their box, in points from the top left."""
    word = re.compile(
        r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>'
    )
    return [
        [(*map(float, found[:4]), found[4]) for found in word.findall(page)]
        for page in _pdftotext(content, "-bbox").split("<page ")[1:]
    ]


def test_nothing_overflows(made: Printed) -> None:
    for content in made.both():
        for page in _words(content):
            assert page
            for left, top, right, bottom, word in page:
                assert left >= MARGIN - 1 and right <= WIDTH - MARGIN + 1, word
                assert top >= 20 and bottom <= HEIGHT - 8, word


def test_no_word_covers_another(made: Printed) -> None:
    """Names of the map are drawn twice, the first time as a white halo."""
    for content in made.both():
        for page in _words(content):
            ordered = sorted(page, key=lambda word: word[1])
            for i, a in enumerate(ordered):
                for b in takewhile(lambda word, a=a: word[1] < a[3], ordered[i + 1 :]):
                    wide = min(a[2], b[2]) - max(a[0], b[0])
                    high = min(a[3], b[3]) - b[1]
                    lowest = min(a[3] - a[1], b[3] - b[1])
                    assert a[4] == b[4] or wide <= 1 or high <= 0.55 * lowest, f"{a} {b}"
