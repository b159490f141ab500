"""One view of a presentation as HTML: its words, table, charts or map. Names are escaped here."""

import html
import re
from collections.abc import Iterable

from diagnostics.report.deck import Table
from diagnostics.report.model import Report
from diagnostics.wording import VERDICTS
from pages.ui import slide_charts, slide_map
from pages.ui.slide_fit import View

_SIGNED = re.compile(
    "|".join(rf"{sign}\s{words}".replace(" ", r"\s") for sign, words in VERDICTS.values())
)
"""A verdict, whatever the spaces in it."""


def shown(view: View, report: Report, departement: str) -> dict[str, object]:
    """Return what the browser shows of a view: where it stands, its HTML, its map and its notes."""
    slide = view.slide
    body, document = _body(view, report, departement)
    message = f'<p class="message">{_text(slide.message)}</p>' if slide.message else ""
    return {
        "address": view.address,
        "number": view.number,
        "part": view.part,
        "parts": view.parts,
        "title": slide.title,
        "kind": "cover" if slide.id == "titre" else "usual",
        "html": f"{message}{body}",
        "map": document,
        "notes": list(slide.notes),
    }


def _body(view: View, report: Report, departement: str) -> tuple[str, str]:
    """Return what stands under the message, and the document of its map."""
    slide = view.slide
    words = _words(slide.sentences)
    if slide.has_map:
        drawn = slide_map.drawn(slide.chart, report, departement)
        return (
            f'<div class="body beside">{words}<div class="map">{drawn.html}</div></div>',
            drawn.document,
        )
    chart = ""
    if slide.chart is not None:
        draw = slide_charts.years_html if slide.chart.kind == "series" else slide_charts.rates_html
        chart = draw(slide.chart.lines, report)
    table = _table(slide.table) if slide.table is not None else ""
    return f'<div class="body">{chart}{table}{words}</div>', ""


def _text(text: str) -> str:
    """Return a text as HTML where a sign stays with its words."""
    # An en dash lets a line end after it, whatever the space that follows.
    return _SIGNED.sub(r'<span class="sign">\g<0></span>', html.escape(text))


def _words(sentences: Iterable[str]) -> str:
    items = "".join(f"<li>{_text(sentence)}</li>" for sentence in sentences)
    return f'<ul class="words">{items}</ul>' if items else ""


def _table(table: Table) -> str:
    def cell(tag: str, at: int, text: str) -> str:
        kinds = ["number"] * (at in table.numbers) + ["verdict"] * bool(_SIGNED.match(text))
        name = f' class="{" ".join(kinds)}"' if kinds else ""
        # A phone has no room for a head: each cell says its title there.
        title = f' data-title="{html.escape(table.titles[at])}"' if tag == "td" else ""
        return f"<{tag}{name}{title}>{_text(text)}</{tag}>"

    def row(tag: str, texts: Iterable[str]) -> str:
        return f"<tr>{''.join(cell(tag, at, text) for at, text in enumerate(texts))}</tr>"

    return (
        f'<div class="table"><table><thead>{row("th", table.titles)}</thead>'
        f"<tbody>{''.join(row('td', texts) for texts in table.rows)}</tbody></table></div>"
    )
