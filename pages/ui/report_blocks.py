"""How a report looks on screen: identity, law, figures, doubts. Nothing is computed here."""

from collections.abc import Callable, Collection, Iterable, Sequence

import streamlit as st

from diagnostics.report.cells import (
    coverage_text,
    facts_text,
    published_part,
    rate_text,
    verdict_text,
)
from diagnostics.report.model import ContextLine, Legal, Line, Programme, Report, SourceUsed, Unsaid
from diagnostics.report.sentences import published_rate_sentence
from diagnostics.wording import (
    COMMUNAL,
    NARROW,
    NOT_SHOWN,
    TRENDS,
    VERDICTS,
    context_text,
    context_value,
    count,
    number,
    percent,
    rate,
)
from pages.ui import blocks


def show_composition(report: Report) -> None:
    """Show the communes of a group, folded."""
    communes = report.area.communes
    if len(communes) < 2:
        return
    with st.expander(f"Les {count(len(communes), 'commune')}"):
        st.write(", ".join(place.label for place in communes))


def show_legal(legal: Legal) -> None:
    """Show what the law asks and which council is known."""
    for sentence in legal.sentences:
        st.markdown(f"- {blocks.plain(sentence)}")
    if legal.council_source:
        st.caption(
            f"Statut du conseil{NARROW}: {legal.council_status}. Source{NARROW}: "
            f"{legal.council_source}."
        )
    st.caption(f"{legal.law}.")


def show_focus(line: Line) -> None:
    """Show what is said of one indicator: figure, verdict, trend, doubt."""
    words = line.words
    if words.headline:
        st.markdown(f"**{blocks.plain(words.headline)}**")
    for sentence in (words.verdict, words.trend, words.period, words.coverage, words.refusal):
        if sentence:
            st.markdown(blocks.plain(sentence))
    show_comparisons(line)
    for note in (published_rate_sentence(line), line.caveat):
        if note:
            st.caption(note)
    show_calculation(line)


def show_calculation(line: Line) -> None:
    """Show, one click away, how a figure is made."""
    made = line.calculation
    with st.popover("Comment c’est calculé", icon=":material/calculate:"):
        blocks.table(
            [line.title, ""],
            [
                ["Règle", made.rule],
                ["Numérateur", made.numerator],
                ["Dénominateur", made.denominator],
                ["Lignes", made.rows],
                ["Source", f"{made.publisher}, {made.source}"],
                ["Édition", f"{made.edition}, géographie {made.geography or 'non dite'}"],
                ["Licence", made.licence],
                ["Page", made.page],
            ],
        )


def show_figures(
    lines: Sequence[Line], *, short: bool = False, secondary: Collection[str] = ()
) -> None:
    """Show a table of indicators; the short one keeps facts, verdict and coverage.

    `secondary` are the ids of indicators that the programme shown claims after another one.
    """
    columns = _SHORT if short else _COLUMNS
    if all(line.niveau in COMMUNAL for line in lines):
        # A commune is published or not: no share of it is.
        columns = {title: write for title, write in columns.items() if title != "Couverture"}
    mark = " (indicateur secondaire)"
    blocks.table(
        list(columns),
        [
            [
                write(line) + (mark if write is _title and line.id in secondary else "")
                for write in columns.values()
            ]
            for line in lines
        ],
        numbers={at for at, title in enumerate(columns) if title in _NUMBERS},
        whole={at for at, title in enumerate(columns) if title == "Verdict"},
    )


def by_programme(report: Report) -> Iterable[tuple[Programme, list[Line]]]:
    """Yield each programme with the lines that it claims first."""
    for programme in report.programmes:
        yield programme, [r.line for r in programme.readings if r.rank == "primary"]


def show_rising(lines: Sequence[Line]) -> None:
    """Show first what is higher than the reference and rising, or why that cannot be said."""
    rising = [line for line in lines if line.higher_and_rising]
    higher = [line for line in lines if line.comparison and line.comparison.verdict == "plus_eleve"]
    judged = [line for line in lines if line.comparison and line.comparison.verdict]
    followed = [line for line in judged if line.trend.verdict not in ("", "non_calculable")]
    if rising:
        st.warning(
            f"**Plus élevé que la référence et en hausse**{NARROW}: {labels(rising)}.",
            icon=":material/trending_up:",
        )
    elif followed:
        st.markdown(
            f"Sur {count(len(followed), 'indicateur')} dont on connaît la tendance et la "
            "référence, aucun n’est à la fois plus élevé et en hausse."
        )
    else:
        st.markdown(
            "On ne peut pas dire ici ce qui est à la fois plus élevé et en hausse"
            f"{NARROW}: la tendance demande cinq années connues de suite."
        )
    others = [line for line in higher if line not in rising]
    if others:
        st.markdown(f"▲ **Plus élevé que la référence**{NARROW}: {labels(others)}.")
    if not judged:
        st.markdown("Aucun indicateur ne peut être comparé pour cette zone et cette année.")


def show_caveats(lines: Sequence[Line]) -> None:
    """Show, folded, what to know before reading each indicator."""
    with st.expander("À savoir"):
        for line in lines:
            st.markdown(f"- **{line.title}**{NARROW}: {line.caveat}")


def show_comparisons(line: Line) -> None:
    """Show the area beside each reference that it may be judged on."""
    if not line.comparisons:
        return
    blocks.table(
        ["Comparé à", "Taux", "Verdict"],
        [[c.label, rate(c.rate), " ".join(VERDICTS[c.verdict])] for c in line.comparisons],
        numbers={1},
    )


def labels(lines: Sequence[Line]) -> str:
    """Return the names of indicators in a row."""
    return ", ".join(line.title for line in lines)


def show_similar(report: Report) -> None:
    """Show the most similar territories with their distance."""
    blocks.table(
        ["Territoire", "Distance"],
        [[s.label, number(s.distance, 2)] for s in report.similar],
        numbers={1},
    )
    st.caption(f"Sur : {', '.join(report.similar_variables)}.")


def show_context(lines: Sequence[ContextLine], caution: str) -> None:
    """Show context figures beside the département's, then why some are missing."""
    blocks.table(
        ["Contexte", "Zone", "Département", "Année", "Source"],
        [
            [
                line.title,
                _context(line),
                NOT_SHOWN
                if line.departement is None
                else context_value(line.departement, line.unit),
                str(line.year or NOT_SHOWN),
                line.source,
            ]
            for line in lines
        ],
        numbers={1, 2},
    )
    for reason, titles in _notes_on_context(lines).items():
        st.caption(f"{', '.join(titles)}{NARROW}: {reason}")
    st.caption(caution)


def _notes_on_context(lines: Sequence[ContextLine]) -> dict[str, list[str]]:
    """Return, by reason, the figures that are partial or missing, then the département's."""
    reasons: dict[str, list[str]] = {}
    for line in lines:
        if line.partial is not None:
            share = percent(line.partial, 1)
            known = f"calculé sur les communes connues, {share} des habitants."
            reasons.setdefault(known, []).append(line.title)
        if line.value is None and line.reason:
            reasons.setdefault(line.reason, []).append(line.title)
    for line in lines:
        why = line.departement_reason
        if line.departement is None and why and line.title not in reasons.get(why, ()):
            reasons.setdefault(why, []).append(f"{line.title} (département)")
    return reasons


def charted(lines: Sequence[Line]) -> list[Line]:
    """Return the lines that have a rate in some year; say which have none."""
    kept = [line for line in lines if any(point.rate is not None for point in line.series)]
    without = [line for line in lines if line not in kept]
    if without:
        st.caption(f"Sans taux à montrer pour cette zone{NARROW}: {labels(without)}.")
    return kept


def show_unsaid(unsaid: Sequence[Unsaid]) -> None:
    """Show what cannot be said and why."""
    for each in unsaid:
        st.markdown(f"- {each.sentence} *({', '.join(each.indicators)})*")


def show_sources(sources: Sequence[SourceUsed], edition: str) -> None:
    """Show the sources of a report."""
    blocks.table(
        ["Source", "Producteur", "Licence"], [[s.title, s.publisher, s.licence] for s in sources]
    )
    st.caption(f"Édition {edition}.")


def _context(line: ContextLine) -> str:
    """Return a context figure; what it counts is named after it, as priority neighbourhoods."""
    if line.status == "absent" and not line.text:
        return "absent"
    text = context_text(line)
    named = line.text if line.value and line.unit != "classe" else ""
    return f"{text}{NARROW}: {named}" if named else text


def _title(line: Line) -> str:
    return f"– dont {line.title}" if line.contained_in else line.title


def _facts(line: Line) -> str:
    """Return the facts of a line and, under an estimated total, what is published of it."""
    return "\n".join(filter(None, [facts_text(line), published_part(line)]))


def _reference(line: Line) -> str:
    return rate(line.comparison.rate) if line.comparison else "–"


def _trend(line: Line) -> str:
    return TRENDS[line.trend.verdict] or "–"


_COLUMNS: dict[str, Callable[[Line], str]] = {
    "Indicateur": _title,
    "Faits": _facts,
    "Taux": rate_text,
    "Référence": _reference,
    "Verdict": verdict_text,
    "Tendance": _trend,
    "Couverture": coverage_text,
}
_SHORT = {title: _COLUMNS[title] for title in ("Indicateur", "Faits", "Verdict", "Couverture")}
_NUMBERS = {"Faits", "Taux", "Référence", "Couverture"}
