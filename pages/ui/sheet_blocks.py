"""What only the sheet of an area shows: who it is, what surrounds it, what the law asks there."""

import html
from collections.abc import Iterable, Sequence
from urllib.parse import quote

import streamlit as st

from diagnostics.exports import csv
from diagnostics.figures import maps, report_charts
from diagnostics.report.cells import rate_text
from diagnostics.report.model import Area, Around, Line, Reading, Report
from diagnostics.report.sentences import reason_of, refusal_sentence
from diagnostics.wording import COMMUNAL, DIFFUSION_RULE, NARROW, NOT_SHOWN, rate, units
from pages.ui import blocks, cache, chart_blocks
from pages.ui.keys import Widget
from pages.ui.report_blocks import (
    labels,
    show_figures,
    show_focus,
    show_unsaid,
)

_DWELLINGS = f"pour 1{NARROW}000 logements"


def show_beside(report: Report) -> None:
    """Show a commune beside its councils, its EPCI, its density class and the département."""
    columns = _columns(report.around)
    headings = [f"{heading[0].upper()}{heading[1:]}" for heading in map(_heading, columns)]
    titles = ["Indicateur", report.area.label, *headings, "Département"]
    known = [{line.id: line for line in around.lines} for around in columns]
    blocks.table(
        titles,
        [
            [
                _name(line),
                _own(line),
                *(rate_text(held[line.id]) if line.id in held else NOT_SHOWN for held in known),
                _departement(line),
            ]
            for line in report.lines
        ],
        numbers=range(1, len(titles)),
    )
    st.caption(
        f"En {report.year}, taux pour 1{NARROW}000 habitants, ou logements pour les cambriolages, "
        f"avec leur intervalle à 95{NARROW}%. {NOT_SHOWN}{NARROW}: non publié, ou total non connu."
    )
    for twin, group in _twins(report):
        st.caption(f"{twin}{NARROW}: mêmes communes, donc mêmes chiffres que {group}.")
    reasons = _reasons(columns)
    if reasons:
        with st.expander("Pourquoi le total d’un groupe n’est pas connu"):
            for reason, names in reasons.items():
                st.markdown(f"- {refusal_sentence(reason)} *({f'{NARROW}; '.join(names)})*")


def show_summary(report: Report) -> None:
    """Show, for a commune, what is published, what is zero and what is not, and why."""
    by_status = {
        status: [line for line in report.lines if line.figure.status == status]
        for status in ("publie", "zero", "non_diffuse", "absent")
    }
    total = len(report.lines)
    for status, (one, several) in _SUMMARY.items():
        if lines := by_status[status]:
            words = one if len(lines) == 1 else several
            # Those that are hidden are folded below; where nothing is, the table names them all.
            named = status != "non_diffuse" and len(lines) < total
            names = f"{NARROW}: {_counted(lines)}" if named else ""
            st.markdown(f"- **{len(lines)} sur {total} {words}**{names}.")
    if hidden := by_status["non_diffuse"]:
        st.markdown(
            f"Non publié ({NOT_SHOWN}) ne veut dire ni zéro, ni peu. La règle du SSMSI{NARROW}: "
            f"{DIFFUSION_RULE}."
        )
        with st.expander("Les indicateurs non publiés"):
            st.markdown(f"{labels(hidden)}.")


def _counted(lines: Sequence[Line]) -> str:
    """Return the names of indicators in a row, with what is counted where that is not zero."""
    return ", ".join(
        f"{line.title} ({units(line.figure.published, line.unit)})"
        if line.figure.published
        else line.title
        for line in lines
    )


def show_neighbours(departement: str, area: Area) -> None:
    """Show a commune among its neighbours, named on a small map and in words."""
    if not area.neighbours:
        return
    names = ", ".join(place.label for place in area.neighbours)
    frame = cache.outlines(departement)
    held = frame[frame["niveau"] == area.niveau]
    own = held[held["code"] == area.code]
    around = held[held["code"].isin([place.code for place in area.neighbours])]
    label = f"{area.label} et ses voisines{NARROW}: {names}"
    if len(own) and len(around):
        # As an image: st.html leaves a bare SVG out.
        address = f"data:image/svg+xml,{quote(maps.neighbours(own, around, label))}"
        st.html(f'<img alt="{html.escape(label)}" style="max-width:100%" src="{address}">')
    st.caption(f"Communes voisines dans le département{NARROW}: {names}.")


def show_readings(readings: Sequence[Reading]) -> None:
    """Show the indicators of a programme, those that it claims first, then the secondary ones."""
    ordered = sorted(readings, key=lambda reading: reading.rank != "primary")
    secondary = [reading.line.id for reading in readings if reading.rank != "primary"]
    show_figures([reading.line for reading in ordered], secondary=secondary)
    if secondary:
        st.caption(
            f"Indicateur secondaire{NARROW}: ce programme le lit aussi, un autre programme en "
            "donne le détail."
        )


def show_unclaimed(lines: Sequence[Line], strategy: str) -> None:
    """Show the indicators that no programme of the strategy claims, and why."""
    show_figures(lines)
    st.markdown(f"La stratégie en usage ({strategy}) ne les rattache à aucun programme{NARROW}:")
    for line in lines:
        st.markdown(f"- **{line.title}**{NARROW}: {line.caveat}")


def show_details(report: Report, lines: Iterable[Line], source: str) -> None:
    """Show, folded, what can be said of each indicator that was ever published."""
    for line in lines:
        hidden = all(point.rate is None for point in line.series)
        if line.niveau in COMMUNAL and hidden:
            continue
        with st.expander(f"{line.title}{NARROW}: ce que l’on peut en dire"):
            show_focus(line)
            bar = report_charts.total(report, line, source)
            if bar is not None:
                chart_blocks.show(bar, f"total-{line.id}")
            chart_blocks.show(report_charts.series(report, line, source), f"ans-{line.id}")


def show_limits(report: Report) -> None:
    """Show what cannot be said, then the caveats, totals that differ first."""
    # A commune's sheet has quoted the publisher's rule above.
    above = "non_diffuse" if report.area.niveau in COMMUNAL else ""
    show_unsaid([each for each in report.unsaid if each.reason != above])
    for caveat in report.caveats:
        st.markdown(f"- {caveat}")


def show_download_of_area(departement: str, area: Area) -> None:
    """Show the button that gives the rows of an area of the long table."""
    long = cache.table(departement, "long")
    rows = long[(long["niveau"] == area.niveau) & (long["code"] == area.code)]
    blocks.download(
        Widget.DOWNLOAD_CSV,
        "Les chiffres de cette zone en CSV",
        lambda: csv.encoded(rows),
        f"{departement}-{area.code}.csv",
        "text/csv",
    )


_SUMMARY = {
    "publie": ("est publié", "sont publiés"),
    "zero": ("est publié à zéro", "sont publiés à zéro"),
    "non_diffuse": ("n’est pas publié", "ne sont pas publiés"),
    "absent": ("est absent de la base", "sont absents de la base"),
}


def _columns(around: Iterable[Around]) -> list[Around]:
    """Return the groups that are more than the commune itself: a CLSPD of one says the same."""
    return [each for each in around if any(line.figure.communes != 1 for line in each.lines)]


def _heading(around: Around) -> str:
    place = around.place
    return (
        f"communes de même densité ({place.label.lower()})"
        if place.niveau == "densite"
        else place.label
    )


def _name(line: Line) -> str:
    prefix = "– dont " if line.contained_in else ""
    suffix = f", {_DWELLINGS}" if line.unit_of_rate.endswith("logements") else ""
    return f"{prefix}{line.title}{suffix}"


def _own(line: Line) -> str:
    """Return a commune's count and rate, or that it is not published."""
    published = line.figure.published
    if published is None:
        return "absent" if line.figure.status == "absent" else rate_text(line)
    if line.figure.rate is None:
        return units(published, line.unit)
    return f"{units(published, line.unit)}\n{rate_text(line)}"


def _departement(line: Line) -> str:
    of_year = [point.departement for point in line.series if point.year == line.figure.year]
    known = of_year[0] if of_year else None
    return NOT_SHOWN if known is None else rate(known)


def _twins(report: Report) -> list[tuple[str, str]]:
    """Return the groups of a commune that are left out, with the one that has their communes."""
    held = [around.place for around in report.around]
    return [
        (left_out.label, place.label)
        for left_out in report.area.groups
        for place in held
        if left_out not in held
        and place.niveau != "densite"
        and place.population == left_out.population
    ]


def _reasons(columns: Sequence[Around]) -> dict[str, list[str]]:
    """Return, by reason, the indicators whose total is not known, and where if not everywhere."""
    places: dict[tuple[str, str], list[str]] = {}
    for around in columns:
        for line in around.lines:
            if reason := reason_of(line):
                places.setdefault((reason, line.title), []).append(_heading(around))
    found: dict[str, list[str]] = {}
    for (reason, title), groups in places.items():
        where = "" if len(groups) == len(columns) else f", {' et '.join(groups)}"
        found.setdefault(reason, []).append(f"{title}{where}")
    return found
