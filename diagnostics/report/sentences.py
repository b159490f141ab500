"""The sentences of one line of a report: rules, one branch for each case, and nothing invented.

The words are « plus élevé » and « moins élevé », never better or worse. A change in per cent never
stands alone on fewer than `SMALL_COUNT` facts, and what is not known is said, not shown as zero.
"""

from collections.abc import Sequence

from diagnostics.catalogue import Strategy
from diagnostics.comparisons import DENSITY
from diagnostics.report.model import Figure, Line, Ratio
from diagnostics.wording import (
    COMMUNAL,
    DIFFUSION_RULE,
    NARROW,
    TRENDS,
    VERDICTS,
    agree,
    at_name,
    count,
    interval,
    number,
    of_units,
    percent,
    quoted,
    rate,
    units,
)

SMALL_COUNT = 20
"""Under this many facts a change in per cent is never given alone."""


def strategy_in_use(strategy: Strategy, departement: str) -> str:
    """Return the title of a strategy, and that it is another département's where it is."""
    if strategy.departement == departement:
        return strategy.title
    return f"{strategy.title}, prise ici pour grille de lecture"


def headline(line: Line) -> str:
    """Say the figure first: how many, where, when, and what is published of it."""
    figure, unit = line.figure, line.unit
    where = f"En {figure.year}, {at_name(line.niveau, line.area_label)}"
    if line.outside and figure.communes:
        where += f" ({_of_departement(figure.communes, line.outside)})"
    subject = quoted(line.title)
    if figure.status == "absent":
        return f"{where}, la base ne contient rien pour {subject}{NARROW}: ni zéro, ni secret."
    if line.niveau not in COMMUNAL and figure.estimated is None:
        return _without_total(where, subject, figure, unit)
    if line.niveau in COMMUNAL and figure.published is None:
        if figure.rate is not None:
            return (
                f"{where}, seul le taux est publié pour {subject}{NARROW}: "
                f"{rate(figure.rate)} {line.unit_of_rate}."
            )
        return (
            f"{where}, le nombre {of_units(unit)} n’est pas publié pour {subject}{NARROW}: "
            "cela ne veut pas dire zéro."
        )
    if figure.method == "partage_du_total_masque":
        return _estimated(where, subject, figure, unit)
    total = figure.published if line.niveau in COMMUNAL else figure.estimated
    origin = {
        "total_officiel": " (total officiel)",
        "total_reconstitue": " (communes publiées et total des autres)",
    }.get(figure.method, "")
    soit = f", soit {_rate_with_interval(line)}" if figure.rate else ""
    return f"{where}, {_recorded(total or 0, unit)} pour {subject}{origin}{soit}."


def coverage_sentence(line: Line) -> str:
    """Say how many communes of a group are published; nothing for a commune."""
    figure = line.figure
    published, members = figure.published_communes, figure.communes
    if line.niveau in COMMUNAL or published is None or not members:
        return ""
    if published == 0:
        return (
            "La commune n’est pas publiée."
            if members == 1
            else f"Aucune des {number(members)} communes n’est publiée."
        )
    if published == members:
        return (
            "La commune est publiée."
            if members == 1
            else f"Les {number(members)} communes sont publiées."
        )
    verb = "est publiée" if published == 1 else "sont publiées"
    share = figure.population_coverage
    people = "" if share is None else f", soit {percent(share)} des habitants"
    return f"{count(published, 'commune')} sur {number(members)} {verb}{people}."


REFUSALS = {
    "non_diffuse": f"Non publié par le SSMSI{NARROW}: {DIFFUSION_RULE}. Ni zéro, ni valeur connue.",
    "absent": f"La base ne contient pas de ligne pour cette valeur{NARROW}: ni zéro, ni secret.",
    "non_additif": (
        "Une personne mise en cause est comptée une fois par commune et par an"
        f"{NARROW}: additionner les communes la compterait plusieurs fois, il n’y a donc ni total, "
        "ni estimation."
    ),
    "complement_absent": (
        "Le SSMSI ne donne pas le nombre moyen de faits des communes non publiées cette année-là"
        f"{NARROW}: le total ne peut pas être estimé."
    ),
    "totaux_incoherents": (
        f"Les totaux publiés se contredisent pour cette année{NARROW}: aucun total n’est estimé."
    ),
    "moins_de_3_masquees": (
        f"Moins de trois communes ne sont pas publiées{NARROW}: un total estimé livrerait le "
        "chiffre d’une ou deux d’entre elles."
    ),
    "couverture": (
        f"Moins de 30{NARROW}% des habitants vivent dans une commune publiée{NARROW}: "
        "le total reposerait presque tout entier sur l’estimation."
    ),
    "imprecision": (
        f"L’intervalle du total dépasse la moitié du total{NARROW}: l’estimation est trop "
        "imprécise pour être montrée."
    ),
    "difference": (
        f"Ce total, soustrait d’un autre, livrerait le chiffre d’une ou deux communes{NARROW}: "
        "il n’est pas montré."
    ),
    "donnees_absentes": (
        f"Au moins une commune n’a pas de ligne dans la base{NARROW}: le total n’est pas connu."
    ),
    "sans_total_officiel": "Aucun total officiel n’a été chargé.",
    "estimations_non_demandees": "Les estimations ne sont pas affichées dans cette vue.",
}
"""One sentence for each reason why a figure is missing (`motif_sans_estimation`, or status)."""


def reason_of(line: Line) -> str:
    """Return why the line's total is not known, a key of `REFUSALS`, "" where it is."""
    figure = line.figure
    if figure.status == "absent" or line.niveau in COMMUNAL or figure.communes == 1:
        hidden = figure.status in ("non_diffuse", "absent") and figure.rate is None
        return figure.status if hidden else ""
    return figure.reason


def refusal_sentence(reason: str) -> str:
    """Say why a figure is missing; nothing where none is."""
    return REFUSALS[reason] if reason else ""


NOT_COMPARED = "non_compare"
"""Reason of what is known of the area but beside nothing (see `is_not_compared`)."""


def is_not_compared(line: Line) -> bool:
    """Say whether the line has a rate and no verdict: its sentence then says why."""
    judged = line.comparison is not None and line.comparison.verdict
    return line.figure.rate is not None and not judged and line.niveau != DENSITY


def verdict_sentence(line: Line) -> str:
    """Say whether the area is higher, lower or close, with both rates and the doubt."""
    figure, compared = line.figure, line.comparison
    if line.niveau == DENSITY:
        return ""  # a class is what others are compared with
    if figure.rate is None or compared is None or not compared.verdict:
        return f"Non comparé{NARROW}: {_why_not_compared(line)}."
    word = VERDICTS[compared.verdict][1].capitalize()
    facts = figure.published if line.niveau in COMMUNAL else figure.estimated
    small = f", sur {units(facts, line.unit)}" if facts and facts < SMALL_COUNT else ""
    inside = ", dans l’intervalle" if compared.verdict == "proche" else ""
    return (
        f"{word}{NARROW}: {_rate_with_interval(line)}{small}, contre {rate(compared.rate)} pour "
        f"{compared.label}{inside}.{_BASES.get(compared.basis, '')}"
    )


_BASES = {
    "total_estime": " Cette référence est en partie estimée.",
    "communes_publiees": " Cette référence ne compte que des communes publiées.",
    "total_reconstitue": "",
    "total_officiel": "",
}


def published_rate_sentence(line: Line) -> str:
    """Give the rate of a group's published part beside the one that is judged, and its bias."""
    figure = line.figure
    partial = figure.method == "partage_du_total_masque"
    if not partial or not figure.published or not figure.published_denominator:
        return ""
    own = 1000 * figure.published / figure.published_denominator
    said = f"La seule part publiée donnerait {rate(own)} {line.unit_of_rate}"
    if figure.rate is None or rate(own) == rate(figure.rate):
        return f"{said}."
    if own > figure.rate:
        return (
            f"{said}{NARROW}: trop haut, car les communes sont publiées quand leurs nombres sont "
            "grands."
        )
    return (
        f"{said}{NARROW}: moins que le total estimé, car les communes non publiées de la zone y "
        "comptent au taux moyen de celles du département."
    )


def _why_no_trend(line: Line) -> str:
    """Say why there is no trend; the first reason that holds."""
    if not line.additive and line.niveau not in COMMUNAL:
        if line.figure.communes == 1:
            return "ce territoire n’a qu’une seule commune, dont la fiche donne la tendance"
        return "des personnes comptées une fois par commune ne font pas un total"
    held = [p for p in line.series if p.year <= line.figure.year]
    if line.niveau in COMMUNAL and line.figure.published is not None and line.figure.rate is None:
        return "sans habitant, ou logement, il n’y a pas de taux à suivre"
    if len(held) < 5:
        years = f"{number(len(held))} année" + ("s" if len(held) > 1 else "")
        return f"il faut cinq années de suite, la base en a {years} jusqu’à {line.figure.year}"
    return "il faut cinq années de suite, l’une au moins manque ici"


def trend_sentence(line: Line) -> str:
    """Say the verdict on five years and the mean yearly change with its interval."""
    verdict = line.trend.verdict
    if not verdict:
        return ""
    if verdict == "non_calculable":
        sentence = f"Tendance non calculable{NARROW}: {_why_no_trend(line)}."
    else:
        years = [p.year for p in line.series if p.year <= line.figure.year][-5:]
        sentence = f"{TRENDS[verdict].capitalize()} sur cinq ans ({years[0]} à {years[-1]})."
        if any(p.lockdown for p in line.series if p.year in years):
            sentence += " 2020 et 2021 portent les confinements."
    return f"{sentence}{_yearly(line)}"


PERIOD_REFUSALS = {
    "periode_incomplete": "l’édition chargée ne contient pas toutes ces années",
    "annee_sans_total": "une de ces années au moins n’a pas de chiffre",
    "serie_plus_recente": "la série commence plus tard",
    "aucun_fait": "aucun fait n’y est enregistré",
    "non_additif": "les personnes mises en cause ne s’additionnent pas d’un territoire à l’autre",
}


def period_sentence(line: Line) -> str:
    """Say the change between the strategy's two periods, and that of the rest beside it."""
    change = line.period
    if change is None:
        return ""
    before, after = _period(change.before), _period(change.after)
    if change.own is None:
        alone = change.reason == "non_additif" and line.figure.communes == 1
        why = (
            "ce territoire n’a qu’une seule commune, dont la fiche donne l’évolution"
            if alone and line.niveau not in COMMUNAL
            else PERIOD_REFUSALS[change.reason]
        )
        return f"{before} et {after} ne sont pas comparés{NARROW}: {why}."
    own = change.own
    rest = ""
    if change.rest is not None:
        rest = f"{NARROW}; reste du département{NARROW}: {_change(change.rest)}"
    if min(own.before, own.after) < SMALL_COUNT:
        doubt = (
            f"le taux est multiplié par {number(own.low, 1)} à {number(own.high, 1)}"
            if own.high < 100
            else "trop peu de faits pour chiffrer l’évolution"
        )
        return (
            f"{units(own.before, line.unit)} en {before}, {number(own.after)} en {after}{NARROW}: "
            f"{doubt}{rest}."
        )
    sure = own.low > 1 or own.high < 1
    verb = "" if sure else "pas d’évolution certaine, "
    estimated = "" if own.method == "rapport_exact_conditionnel" else ", totaux en partie estimés"
    return f"De {before} à {after}, taux{NARROW}: {verb}{_change(own)}{estimated}{rest}."


def _of_departement(members: int, outside: int) -> str:
    """Say that figures hold the communes of one département only: `17 de ses 42 communes`."""
    those = "celle" if members == 1 else "celles"
    return f"{number(members)} de ses {number(members + outside)} communes, {those} du département"


def _recorded(quantity: float, unit: str) -> str:
    if quantity == 0:
        none = agree("aucun", 1, unit)
        return f"{none} {unit} n’a été {agree('enregistré', 1, unit)}"
    verb = "a été" if quantity < 2 else "ont été"
    return f"{units(quantity, unit)} {verb} {agree('enregistré', quantity, unit)}"


def _estimated(where: str, subject: str, figure: Figure, unit: str) -> str:
    published = figure.published or 0
    verb = "est" if published < 2 else "sont"
    rest = (
        f"{number(published)} {verb} {agree('publié', published, unit)}, le reste est estimé"
        if published
        else "tout est estimé"
    )
    return (
        f"{where}, on estime à {estimate_text(figure)} le nombre {of_units(unit)} "
        f"{agree('enregistré', 2, unit)} pour {subject}{NARROW}: {rest}."
    )


def estimate_text(figure: Figure) -> str:
    """Return an estimated total with its interval: `433 (426 à 443)`."""
    assert figure.estimated is not None
    assert figure.estimated_low is not None
    assert figure.estimated_high is not None
    bounds = interval(figure.estimated_low, figure.estimated_high, number)
    return f"{number(figure.estimated)} {bounds}"


def _without_total(where: str, subject: str, figure: Figure, unit: str) -> str:
    if figure.published is None:
        return f"{where}, rien n’est publié pour {subject}{NARROW}: cela ne veut pas dire zéro."
    one = figure.published_communes == 1
    counted = "la commune publiée compte" if one else "les communes publiées comptent"
    facts = units(figure.published, unit)
    if figure.method != "somme_indicative":
        warning = "ce n’est pas le total"
    elif figure.communes == 1:
        warning = "c’est le chiffre de la commune"
    else:
        warning = "somme indicative, où une personne peut compter plusieurs fois"
    return f"{where}, {counted} {facts} pour {subject}{NARROW}: {warning}."


def _rate_with_interval(line: Line) -> str:
    figure = line.figure
    assert figure.rate is not None
    basis = line.unit_of_rate[line.unit_of_rate.index("pour ") :]
    if figure.rate_low is None or figure.rate_high is None:
        return f"{rate(figure.rate)} {basis}"
    return f"{rate(figure.rate)} {basis} {interval(figure.rate_low, figure.rate_high)}"


def _why_not_compared(line: Line) -> str:
    figure = line.figure
    if figure.status == "absent":
        return "la base ne contient pas cette valeur"
    if figure.published is not None and figure.rate is None and line.niveau in COMMUNAL:
        return "la commune n’a pas d’habitant, ou de logement, à qui rapporter les faits"
    if figure.rate is None and line.niveau in COMMUNAL:
        return "le chiffre n’est pas publié"
    if figure.communes == 1 and figure.published is None:
        return "le chiffre de sa seule commune n’est pas publié"
    if not line.additive:
        return (
            "les personnes mises en cause ne s’additionnent pas d’une commune à l’autre, aucun "
            "ensemble de communes n’a donc de total à quoi les comparer"
        )
    if figure.rate is None:
        return "le total n’est ni publié, ni estimé"
    if line.comparison is None:
        return line.no_reference or "la référence n’est pas connue pour cette année"
    return "le chiffre n’a pas d’intervalle"


def _yearly(line: Line) -> str:
    yearly = line.trend.yearly
    if yearly is None:
        return ""
    span = f"de {yearly.first_year} à {yearly.last_year}"
    doubt = f"{_signed(yearly.low)} à {_signed(yearly.high)}"
    facts = {p.year: p.facts for p in line.series if p.facts is not None}
    if min(facts.values(), default=0) < SMALL_COUNT:
        first, last = facts[yearly.first_year], facts[yearly.last_year]
        return (
            f" De {units(first, line.unit)} en {yearly.first_year} à {number(last)} en "
            f"{yearly.last_year}, évolution moyenne{NARROW}: {doubt} par an."
        )
    if yearly.low <= 0 <= yearly.high:
        return f" Évolution moyenne {span} non distincte de zéro{NARROW}: {doubt} par an."
    return f" Évolution moyenne {span}{NARROW}: {_signed(yearly.percent)} par an ({doubt})."


def _change(ratio: Ratio) -> str:
    """Return a ratio as a change in per cent with its interval: `+24 % (+10 % à +40 %)`."""
    bounds = interval(ratio.low, ratio.high, lambda r: _signed(100 * (r - 1), 0))
    return f"{_signed(100 * (ratio.ratio - 1), 0)} {bounds}"


def _signed(value: float, decimals: int = 1) -> str:
    # Adding 0 drops the sign of a rounded −0.
    return f"{number(round(value, decimals) + 0.0, decimals, signed=True)}{NARROW}%"


def _period(years: Sequence[int]) -> str:
    return str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}"
