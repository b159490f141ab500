"""The slides of a plenary, as plain data: what each one says, whatever renders it.

The screen and the PPTX show the same slides. Figures come from the report through the words of
`diagnostics.wording` and `diagnostics.report`; nothing is computed here but how many there are.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple, TypeVar

from diagnostics import comparisons
from diagnostics.errors import Refused
from diagnostics.report import findings, law, mapped
from diagnostics.report import footer as foot
from diagnostics.report.cells import (
    composition,
    facts_text,
    identity,
    programme_lines,
    published_text,
    rate_text,
    total_text,
    verdict_text,
)
from diagnostics.report.model import ContextLine, Line, Programme, Report
from diagnostics.report.sentences import published_rate_sentence
from diagnostics.wording import (
    COMMUNAL,
    DIFFUSION_RULE,
    NARROW,
    NOT_SHOWN,
    TRENDS,
    VERDICTS,
    context_text,
    context_value,
    count,
    day,
    quoted,
    rate,
)

_T = TypeVar("_T")
ROWS = {
    "contexte": 14,
    "profil": 8,
    "comparaisons": 7,
    "periode": 6,
    "plus-eleve": 8,
    "sources": 12,
}
"""Rows of a table on one slide, by kind of slide: what a room reads from its last row."""
NAMED = 4
"""Indicators of a programme that its message names whatever their verdict."""
_APART = ("plus_eleve", "moins_eleve")
PANELS = 4
"""Curves on one slide."""
CHARACTERS = 1200
"""Characters of sentences on one slide that holds nothing else."""
TEXTS = {
    "contexte": "Contexte local, dans les mots du conseil",
    "priorites": "Priorités retenues ou écartées, avec leur raison",
    "decisions": "Décisions de la plénière",
}
"""The free texts that a council keeps, by the slide that shows them."""


@dataclass(frozen=True)
class Table:
    """Titles and rows of French strings; `numbers` are the columns set on the right."""

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Chart:
    """What is drawn beside the words.

    `kind` is `profile` (each line's rate beside its reference), `series` (each line over the
    years, one panel each) or `map` (one line over the communes).
    """

    kind: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Slide:
    """One slide: one idea, said by `message`, then what supports it.

    A slide that follows another of the same `id` carries on with it. `has_map` asks for the map
    of the area, or of the indicator of a `map` chart, where outlines are held.
    """

    id: str
    title: str
    message: str
    sentences: tuple[str, ...] = ()
    table: Table | None = None
    chart: Chart | None = None
    has_map: bool = False
    notes: tuple[str, ...] = ()
    """For the speaker: rule, source, what to beware of."""


@dataclass(frozen=True)
class Deck:
    """The slides of one area, and the foot that each of them bears."""

    title: str
    slides: tuple[Slide, ...]
    footer: str


def slide_titles(programmes: Iterable[int]) -> dict[str, str]:
    """Return the slides that can be asked for, by id, in their default order."""
    by_programme = {
        f"programme-{n}-{kind}": f"Programme {n}{NARROW}: {title}"
        for n in programmes
        for kind, title in (("profil", "profil"), ("evolution", "évolution"))
    }
    return {
        "titre": "Titre",
        "territoire": "Le territoire et son statut légal",
        "contexte": "Contexte",
        "carte": "Carte d’un indicateur",
        **by_programme,
        "plus-eleve-et-en-hausse": "Plus élevé et en hausse",
        "comparaisons": "Comparaisons",
        "periode": "La période de la stratégie",
        "priorites": "Priorités",
        "decisions": "Décisions",
        "methode": "Méthode",
        "sources": "Sources",
    }


SLIDES = slide_titles((1, 2, 3))
"""Those of a strategy of three programmes."""


def deck(
    report: Report,
    *,
    slides: Sequence[str] | None = None,
    audience: str = "public",
    produced: date,
    texts: Mapping[str, str] | None = None,
) -> Deck:
    """Return the slides of a report, in the order asked for.

    Args:
        report: what is shown.
        slides: ids of `slide_titles`. By default all of them, but the trends where a single year
            is held; a slide asked for says why it is empty. Priorities and decisions are shown
            only where there is a text.
        audience: one of `footer.AUDIENCES`.
        produced: date of the document.
        texts: free texts of the council, by key of `TEXTS`, one paragraph a line.

    Raises:
        Refused: unknown slide, text or audience.
    """
    titles = slide_titles(p.number for p in report.programmes)
    texts = texts or {}
    _refuse_unknown("La diapositive", slides or (), titles)
    _refuse_unknown("Le texte", texts, TEXTS)
    _refuse_unknown("Le public", [audience], foot.AUDIENCES)
    made = _Asked(report, {key: _paragraphs(text) for key, text in texts.items()}, produced)
    wanted = slides if slides is not None else _by_default(report, titles)
    found = [slide for id_ in wanted for slide in _split(_MAKERS[_kind(id_)](made, id_))]
    return Deck(_headline(report), tuple(found), foot.footer(report, produced, audience))


class _Asked(NamedTuple):
    report: Report
    texts: Mapping[str, tuple[str, ...]]
    produced: date


def _by_default(report: Report, titles: Iterable[str]) -> list[str]:
    alone = len(report.years) < 2
    return [id_ for id_ in titles if not (alone and id_.endswith("-evolution"))]


def _kind(id_: str) -> str:
    """Return what a slide is whatever its programme: `programme-2-profil` is `profil`."""
    return id_.rsplit("-", 1)[1] if id_.startswith("programme-") else id_


def _refuse_unknown(what: str, asked: Iterable[str], known: Iterable[str]) -> None:
    for each in asked:
        if each not in known:
            among = ", ".join(known)
            raise Refused(f"{what} {quoted(each)} n’existe pas{NARROW}: choisir parmi {among}.")


# --- One maker per kind of slide. Each returns slides that `_split` cuts where they are long. ---


def _title(asked: _Asked, id_: str) -> list[Slide]:
    report = asked.report
    years = report.years
    span = "" if len(years) < 2 else f" Années connues{NARROW}: {years[0]} à {years[-1]}."
    simulated = (
        (f"Département simulé{NARROW}: communes, chiffres et territoires inventés.",)
        if report.simulated
        else ()
    )
    return [
        Slide(
            id_,
            _headline(report),
            f"Faits enregistrés par la police et la gendarmerie en {report.year}.{span}",
            (*simulated, identity(report), report.strategy, day(asked.produced)),
            notes=(*report.caveats, foot.source(report)),
        )
    ]


def _territory(asked: _Asked, id_: str) -> list[Slide]:
    report = asked.report
    legal = report.legal
    known = tuple(filter(None, (law.council_sentence(legal),)))
    return [
        Slide(
            id_,
            findings.territory(report),
            f"{identity(report)}.",
            (*composition(report), *legal.sentences, *known),
            has_map=True,
            notes=(legal.law, *known, foot.source(report)),
        )
    ]


def _context(asked: _Asked, id_: str) -> list[Slide]:
    report = asked.report
    shown = [line for line in report.context if context_text(line) and not line.reason]
    table = Table(
        ("Contexte", "Ici", "Département", "Année"),
        tuple(
            (line.title, context_text(line), _departement(line), str(line.year or NOT_SHOWN))
            for line in shown
        ),
        frozenset((1, 2, 3)),
    )
    missing = _grouped((line.reason, line.title) for line in report.context if line not in shown)
    notes = (
        *(f"{line.title}{NARROW}: {line.reading} {line.caveat}" for line in shown),
        f"Source{NARROW}: {', '.join(dict.fromkeys(line.source for line in shown))}.",
        *(f"{', '.join(titles)}{NARROW}: {reason}" for reason, titles in missing.items()),
    )
    title = findings.context(report)
    own = [
        Slide(id_, "Contexte", TEXTS["contexte"], text, notes=("Texte du conseil.",))
        for text in [asked.texts.get("contexte", ())]
        if text
    ]
    if not shown:
        none = "Aucun chiffre de contexte n’est chargé pour cette zone."
        return own or [Slide(id_, title, none, notes=notes)]
    return [*own, Slide(id_, title, report.context_caution, (), table, notes=notes)]


def _map(asked: _Asked, id_: str) -> list[Slide]:
    report = asked.report
    line = report.mapped_line
    if line is None:
        return [Slide(id_, "Carte", "La base ne contient aucun indicateur pour cette zone.")]
    return [
        Slide(
            id_,
            findings.mapped(report, line),
            line.words.headline,
            tuple(filter(None, (line.words.verdict, line.words.coverage))),
            chart=Chart("map", (line,)),
            has_map=True,
            notes=(
                f"Règle{NARROW}: taux publiés des communes, {line.unit_of_rate}, en classes fixes "
                "pour toutes les années. Une commune non publiée n’est pas à zéro.",
                mapped.RULE,
                *_line_notes([line]),
                foot.source(report),
            ),
        )
    ]


def _profile(asked: _Asked, id_: str) -> list[Slide]:
    report, programme = asked.report, _programme(asked.report, id_)
    lines = programme_lines(programme)
    title = findings.profile(programme, lines)
    if not lines:
        empty = "Aucun indicateur de l’édition chargée n’est rattaché à ce programme."
        return [Slide(id_, title, empty, (programme.title,), notes=(report.mapping_note,))]
    also = [r.line.title for r in programme.readings if r.line not in lines]
    titles = {line.title for line in lines}
    silent = _unsaid(report, titles)
    others = (f"Se lisent aussi sous ce programme{NARROW}: {', '.join(also)}.",) if also else ()
    notes = (
        programme.title,
        *others,
        report.mapping_note,
        *_line_notes(lines),
        foot.source(report),
    )
    slides = []
    for part in _chunks(lines, ROWS["profil"]):
        rated = tuple(line for line in part if line.comparison and line.figure.rate is not None)
        slides.append(
            Slide(
                id_,
                title,
                _verdicts_message(report, part),
                table=_profile_table(part),
                chart=Chart("profile", rated) if rated else None,
                notes=notes,
            )
        )
    if all(slide.chart is None for slide in slides):
        slides[-1] = replace(slides[-1], sentences=silent)
    return slides


def _trends(asked: _Asked, id_: str) -> list[Slide]:
    report, programme = asked.report, _programme(asked.report, id_)
    lines = programme_lines(programme)
    title = findings.trends(programme, lines)
    notes = (
        f"Règle{NARROW}: tendance sur les cinq dernières années connues, χ² de la pente au seuil "
        f"de 0,2{NARROW}%, et même sens quand on retire une année. Un trou dans une courbe est une "
        "année non publiée ou sans total, jamais un zéro.",
        *(f"{line.title}{NARROW}: {line.words.trend}" for line in lines if line.words.trend),
        foot.source(report),
    )
    if len(report.years) < 2:
        alone = f"L’édition chargée ne contient que {report.year}{NARROW}: aucune évolution à voir."
        return [Slide(id_, title, alone, notes=notes)]
    drawn = [line for line in lines if any(p.rate is not None for p in line.series)]
    without = [line.title for line in lines if line not in drawn]
    missing = (f"Sans taux à montrer{NARROW}: {', '.join(without)}.",) if without else ()
    if not drawn:
        none = "Aucun indicateur de ce programme n’a de taux à montrer pour cette zone."
        why = _unsaid(report, {line.title for line in lines})
        return [Slide(id_, title, none, why or missing, notes=notes)]
    slides = [
        Slide(id_, title, _trends_message(part), chart=Chart("series", tuple(part)), notes=notes)
        for part in _chunks(drawn, PANELS)
    ]
    slides[-1] = replace(slides[-1], sentences=missing)
    return slides


def _rising(asked: _Asked, id_: str) -> list[Slide]:
    report = asked.report
    first, *others = rising_sentences(report)
    higher = sorted(_higher(report.lines), key=lambda line: not line.higher_and_rising)
    rule = (
        f"Règle{NARROW}: plus élevé quand l’intervalle à 95{NARROW}% exclut la référence par le "
        f"haut{NARROW}; en hausse quand la tendance sur cinq ans est certaine. Les deux ensemble, "
        f"rien de plus{NARROW}: ni un classement, ni un jugement."
    )
    notes = (rule, *_line_notes(higher), foot.source(report))
    title = findings.rising(report)
    if not higher:
        return [Slide(id_, title, first, (*others, rule), notes=notes)]
    table = _line_table(
        higher,
        {
            "Indicateur": _named,
            "Taux": rate_text,
            "Référence": _reference,
            "Verdict": verdict_text,
            "Tendance": _trend,
        },
    )
    return [Slide(id_, title, first, (), table, notes=notes)]


def _comparisons(asked: _Asked, id_: str) -> list[Slide]:
    report = asked.report
    title = findings.compared(report)
    labels = {c.reference: c.label for line in report.lines for c in line.comparisons}
    references = [r for r in comparisons.REFERENCES if r in labels]
    compared = [line for line in report.lines if any(c.verdict for c in line.comparisons)]
    others = [line.title for line in report.lines if line not in compared]
    notes = (
        f"Règle{NARROW}: la zone est plus élevée ou moins élevée quand l’intervalle à "
        f"95{NARROW}% de son taux exclut le taux de la référence. Une zone n’est jamais comparée "
        "à elle-même.",
        *_members_notes(report),
        foot.source(report),
    )
    if not compared:
        none = "Aucun indicateur ne peut être comparé pour cette zone et cette année."
        return [Slide(id_, title, none, tuple(u.sentence for u in report.unsaid), notes=notes)]
    columns: dict[str, Callable[[Line], str]] = {"Indicateur": _named, "Taux": rate_text}
    for reference in references:
        columns[labels[reference][0].upper() + labels[reference][1:]] = _against(reference)
    table = _line_table(compared, columns)
    message = f"Le signe situe la zone{NARROW}; entre parenthèses, le taux de la référence."
    left = (f"Non comparés{NARROW}: {', '.join(others)}.",) if others else ()
    return [Slide(id_, title, message, left, table, notes=notes)]


def _period(asked: _Asked, id_: str) -> list[Slide]:
    report = asked.report
    title = findings.period(report)
    notes = (
        f"Règle{NARROW}: rapport exact des taux entre deux périodes de même durée, sur la "
        "composition d’aujourd’hui. 2020 et 2021, années de confinement, n’y entrent pas.",
        foot.source(report),
    )
    changed = [line for line in report.lines if line.period and line.period.own]
    refused = _grouped(
        (line.words.period, line.title) for line in report.lines if line not in changed
    )
    whose = tuple(f"{_who(report, who)}{NARROW}: {sentence}" for sentence, who in refused.items())
    if not changed:
        message = "Rien ne peut être comparé entre les deux périodes de la stratégie."
        return [Slide(id_, title, message, whose, notes=notes)]
    table = Table(
        ("Indicateur", "Évolution"),
        tuple((line.title, line.words.period) for line in changed),
    )
    message = "Évolution des taux entre les deux périodes, avec son intervalle."
    return [Slide(id_, title, message, whose, table, notes=notes)]


def _free_text(asked: _Asked, id_: str) -> list[Slide]:
    text = asked.texts.get(id_, ())
    if not text:
        return []
    title = slide_titles(())[id_]
    return [Slide(id_, title, TEXTS[id_], text, notes=("Texte du conseil.",))]


def _method(asked: _Asked, id_: str) -> list[Slide]:
    report = asked.report
    rules = dict.fromkeys(line.calculation.rule for line in report.lines)
    visible = (
        *report.caveats,
        f"Ce qui est publié{NARROW}: {DIFFUSION_RULE}. Non publié ne veut dire ni zéro, ni peu.",
        f"Verdict{NARROW}: ▲ plus élevé ou ▼ moins élevé quand l’intervalle à 95{NARROW}% exclut "
        "la référence, ● proche sinon, – non comparé sans intervalle.",
        f"Estimations{NARROW}: "
        + (
            "totaux publiés complétés par une part estimée, avec son intervalle."
            if report.with_estimates
            else "non affichées dans ce document."
        ),
        report.mapping_note,
    )
    if report.area.niveau in COMMUNAL:
        visible = (*visible[:-2], report.mapping_note)
    notes = (
        *rules,
        *filter(None, map(published_rate_sentence, report.lines)),
        foot.source(report),
    )
    title = f"Méthode{NARROW}: les faits enregistrés, non tous les faits commis"
    message = "Ce que les chiffres disent, et ne disent pas."
    made = [Slide(id_, title, message, visible, notes=notes)]
    if silent := _unsaid(report, {line.title for line in report.lines}):
        title = findings.unsaid(report)
        why = "Un chiffre manque pour une raison, qui est dite."
        made.append(Slide(id_, title, why, silent, notes=notes))
    return made


def _sources(asked: _Asked, id_: str) -> list[Slide]:
    report = asked.report
    rows = dict.fromkeys((s.title, s.publisher, s.licence or "–") for s in report.sources)
    files = (f"{s.title}{NARROW}: {s.file}" for s in report.sources)
    table = Table(("Source", "Producteur", "Licence"), tuple(rows))
    return [
        Slide(
            id_,
            "Sources",
            "Les chiffres et leur contexte viennent de fichiers publics.",
            (),
            table,
            notes=tuple(files),
        )
    ]


_MAKERS: dict[str, Callable[[_Asked, str], list[Slide]]] = {
    "titre": _title,
    "territoire": _territory,
    "contexte": _context,
    "carte": _map,
    "profil": _profile,
    "evolution": _trends,
    "plus-eleve-et-en-hausse": _rising,
    "comparaisons": _comparisons,
    "periode": _period,
    "priorites": _free_text,
    "decisions": _free_text,
    "methode": _method,
    "sources": _sources,
}


# --- Messages. ---


def rising_sentences(report: Report) -> list[str]:
    """Say what is higher than the reference and rising, or why that cannot be said."""
    lines = report.lines
    rising, higher = report.higher_and_rising, _higher(lines)
    judged = [line for line in lines if _verdict(line)]
    followed = [line for line in judged if line.trend.verdict not in ("", "non_calculable")]
    if rising:
        said = [f"Plus élevé que la référence et en hausse{NARROW}: {_names(rising)}."]
    elif followed:
        said = [
            f"Sur {count(len(followed), 'indicateur')} dont on connaît la tendance et la "
            "référence, aucun n’est à la fois plus élevé et en hausse."
        ]
    else:
        said = [
            "On ne peut pas dire ici ce qui est à la fois plus élevé et en hausse"
            f"{NARROW}: la tendance demande cinq années connues de suite."
        ]
    others = [line for line in higher if line not in rising]
    if others:
        said.append(f"▲ Plus élevé que la référence{NARROW}: {_names(others)}.")
    if not judged:
        said.append("Aucun indicateur ne peut être comparé pour cette zone et cette année.")
    return said


def _headline(report: Report) -> str:
    return f"{report.area.label}{NARROW}: diagnostic\u00a0{report.year}"


def _verdict(line: Line) -> str:
    return line.comparison.verdict if line.comparison else ""


def _higher(lines: Iterable[Line]) -> list[Line]:
    return [line for line in lines if _verdict(line) == "plus_eleve"]


def _names(lines: Iterable[Line]) -> str:
    return ", ".join(line.title for line in lines)


def _named(line: Line) -> str:
    """Return a title with what it is nested in, and its unit where it is not by residents."""
    title = f"– dont {line.title}" if line.contained_in else line.title
    basis = line.unit_of_rate[line.unit_of_rate.index("pour ") :]
    return title if basis.endswith("habitants") else f"{title} ({basis})"


def _reference(line: Line) -> str:
    return rate(line.comparison.rate) if line.comparison else NOT_SHOWN


def _trend(line: Line) -> str:
    verdict = line.trend.verdict
    return TRENDS[verdict] or NOT_SHOWN


def _against(reference: str) -> Callable[[Line], str]:
    """Return what writes a line beside one reference: verdict, then the reference's rate."""

    def write(line: Line) -> str:
        found = next((c for c in line.comparisons if c.reference == reference), None)
        if found is None:
            return " ".join(VERDICTS[""])
        words = " ".join(VERDICTS[found.verdict])
        return f"{words} ({rate(found.rate)})" if found.verdict else words

    return write


def _line_table(lines: Iterable[Line], columns: Mapping[str, Callable[[Line], str]]) -> Table:
    rows = tuple(tuple(write(line) for write in columns.values()) for line in lines)
    at = {"Faits", "Publié", "Total", "Taux", "Référence"}
    numbers = frozenset(i for i, title in enumerate(columns) if title.split(" ")[0] in at)
    return Table(tuple(columns), rows, numbers)


def _profile_table(lines: Sequence[Line]) -> Table:
    """Return the figures of some lines; of several communes, what is published and the total."""
    if lines[0].niveau in COMMUNAL or lines[0].figure.communes == 1:
        facts: dict[str, Callable[[Line], str]] = {"Faits": facts_text}
    else:
        facts = {"Publié (couverture)": published_text, "Total (intervalle)": total_text}
    columns = {
        "Indicateur": _named,
        **facts,
        f"Taux pour 1{NARROW}000 hab.": rate_text,
        "Référence": _reference,
        "Verdict": verdict_text,
    }
    return _line_table(lines, columns)


def _verdicts_message(report: Report, lines: Sequence[Line]) -> str:
    """Say in one sentence what stands higher, lower, close, or is not compared."""
    by_verdict = _grouped((_verdict(line), line.title) for line in lines)
    if set(by_verdict) == {""}:
        return f"En {report.year}, aucun indicateur de ce programme n’est comparé pour cette zone."
    label = next(line.comparison.label for line in lines if line.comparison)
    # A long programme names what stands higher, then lower: its table says the rest.
    shown = ("plus_eleve", "moins_eleve", "proche", "") if len(lines) <= NAMED else _APART
    said = f"{NARROW}; ".join(
        f"{chr(160).join(VERDICTS[verdict])}{NARROW}: {', '.join(by_verdict[verdict])}"
        for verdict in shown
        if verdict in by_verdict
    )
    said = said or "aucun des indicateurs comparés n’est plus élevé ni moins élevé"
    return f"En {report.year}, par rapport {_beside(label)}{NARROW}: {said}."


def _beside(label: str) -> str:
    """Return « à » and a reference's label, contracted: `au reste du département`."""
    if label.startswith("les "):
        return f"aux {label[4:]}"
    return f"au {label[3:]}" if label.startswith("le ") else f"à {label}"


def _trends_message(lines: Sequence[Line]) -> str:
    by_verdict = _grouped((line.trend.verdict, line.title) for line in lines)
    said = [
        f"{TRENDS[verdict].capitalize()}{NARROW}: {', '.join(by_verdict[verdict])}."
        for verdict in ("hausse", "baisse", "pas_de_tendance", "non_calculable")
        if verdict in by_verdict
    ]
    return " ".join(said) or "Aucune tendance à dire pour cette zone et cette année."


def _departement(line: ContextLine) -> str:
    return NOT_SHOWN if line.departement is None else context_value(line.departement, line.unit)


def _line_notes(lines: Iterable[Line]) -> list[str]:
    """Return the rules of some lines, each once, then what to beware of in each."""
    lines = list(lines)
    rules = _grouped((line.calculation.rule, line.title) for line in lines)
    return [
        *(f"Règle ({', '.join(titles)}){NARROW}: {rule}" for rule, titles in rules.items()),
        *(f"À savoir, {line.title}{NARROW}: {line.caveat}" for line in lines if line.caveat),
    ]


def _members_notes(report: Report) -> list[str]:
    if not report.similar:
        return []
    names = ", ".join(s.label for s in report.similar)
    on = ", ".join(report.similar_variables)
    return [f"Territoires les plus semblables{NARROW}: {names}. Sur{NARROW}: {on}."]


def _unsaid(report: Report, titles: Collection[str]) -> tuple[str, ...]:
    """Return why figures of some indicators are missing, each reason once."""
    return tuple(
        f"{_who(report, concerned)}{NARROW}: {each.sentence}"
        for each in report.unsaid
        if (concerned := [title for title in each.indicators if title in titles])
    )


def _who(report: Report, titles: Sequence[str]) -> str:
    """Return the indicators that something concerns."""
    return "Tous les indicateurs" if len(titles) == len(report.lines) else ", ".join(titles)


def _programme(report: Report, id_: str) -> Programme:
    return next(p for p in report.programmes if f"-{p.number}-" in id_)


# --- Cutting what is long. ---


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the second of each pair by the first, in order."""
    found: dict[str, list[str]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


def _chunks(items: Sequence[_T], size: int) -> list[Sequence[_T]]:
    """Cut a sequence into parts of at most `size` and nearly the same length."""
    parts = -(-len(items) // size)
    return [items[len(items) * i // parts : len(items) * (i + 1) // parts] for i in range(parts)]


def _paragraphs(text: str) -> tuple[str, ...]:
    """Return the lines of a free text; one longer than a slide is cut at a space."""
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        while len(line) > CHARACTERS:
            at = line.rfind(" ", 1, CHARACTERS) if " " in line[1:CHARACTERS] else CHARACTERS
            found.append(line[:at].strip())
            line = line[at:].strip()
        found.append(line)
    return tuple(found)


def _split(slides: Sequence[Slide]) -> Iterable[Slide]:
    """Cut tables and sentences too long for one slide; what follows is called « suite »."""
    whole = [part for slide in slides for part in _by_length(slide)]
    for at, slide in enumerate(whole):
        follows = at > 0 and slide.title == whole[at - 1].title
        yield replace(slide, title=f"{slide.title} (suite)") if follows else slide


def _by_length(slide: Slide) -> list[Slide]:
    if slide.table is not None:
        table = slide.table
        most = ROWS.get(_kind(slide.id), ROWS["plus-eleve"])
        parts = _chunks(table.rows, most)
        cut = [replace(slide, table=replace(table, rows=tuple(p)), sentences=()) for p in parts]
        cut[-1] = replace(cut[-1], sentences=slide.sentences)
        return cut
    pages: list[list[str]] = [[]]
    for sentence in slide.sentences:
        if pages[-1] and sum(map(len, pages[-1])) + len(sentence) > CHARACTERS:
            pages.append([])
        pages[-1].append(sentence)
    cut = [replace(slide, sentences=tuple(page)) for page in pages]
    # A curve or a map is drawn once.
    return [cut[0], *(replace(each, chart=None, has_map=False) for each in cut[1:])]
