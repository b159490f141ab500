"""French words and numbers: one home for typography, gender, plural and sentences."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagnostics.report.model import Area, ContextLine, Duty, Figure, Line, Ratio

NARROW = "\u202f"
"""Narrow no-break space: before ; : ! ? % ‰ and between thousands."""
DIFFUSION_RULE = (
    "« Les données diffusées sont limitées aux communes pour lesquelles plus de 5 faits ont été "
    "enregistrés pendant 3 années successives », plus « l’absence de faits enregistrés "
    "lorsqu’elle se reproduit sur 3 années successives »"
)
"""The publisher's own words (SSMSI)."""


def slug(text: str) -> str:
    """Return a text as lower-case ASCII words joined by hyphens, fit for a URL."""
    plain = _plain(text.replace("’", "'")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _plain(text: str) -> str:
    """Return a text in lower case, its accents apart and its ligatures undone."""
    return unicodedata.normalize("NFKD", text.lower().replace("œ", "oe").replace("æ", "ae"))


def of_name(name: str) -> str:
    """Return « de » and a place name, contracted or elided as French does.

    Le Mée -> du Mée, Les Chapelles -> des Chapelles, Avon -> d’Avon, La Rochette -> de La Rochette.
    """
    if name.startswith("Le "):
        return f"du {name[3:]}"
    if name.startswith("Les "):
        return f"des {name[4:]}"
    initial = _plain(name)[:1]
    # The h of French place names is mute more often than not, save the well-known exceptions.
    if initial in "aeiouy" or (initial == "h" and name.split("-")[0] not in _ASPIRATED_H):
        return f"d’{name}"
    return f"de {name}"


_ASPIRATED_H = {"Hautefeuille", "Houssaye", "Hambourg", "Hem", "Haubourdin"}


def number(value: float, decimals: int = 0, *, signed: bool = False) -> str:
    """Return a number as French writes it: `1 234,5`, with a sign on demand."""
    sign = "+" if signed else ""
    text = f"{value:{sign}z,.{decimals}f}"  # z: what rounds to zero is no "−0"
    return text.replace(",", NARROW).replace(".", ",").replace("-", "−")


def percent(share: float, decimals: int = 0) -> str:
    """Return a share 0–1 as `33 %`."""
    return f"{number(100 * share, decimals)}{NARROW}%"


def count(quantity: int, singular: str, plural: str | None = None) -> str:
    """Return a quantity and its noun: `1 commune`, `2 communes`, `0 commune`."""
    noun = singular if quantity < 2 else plural or f"{singular}s"
    return f"{number(quantity)} {noun}"


# Units of count: singular, plural, and whether the noun is feminine.
_UNITS = {
    "victime": ("victime", "victimes", True),
    "victime entendue": ("victime entendue", "victimes entendues", True),
    "infraction": ("infraction", "infractions", True),
    "véhicule": ("véhicule", "véhicules", False),
    "mis en cause": ("mis en cause", "mis en cause", False),
}
COMMUNAL = ("commune", "arrondissement_municipal")
STATUS_LABELS = {
    "publie": "publié",
    "zero": "zéro publié",
    "non_diffuse": "non publié (n. d.)",
    "absent": "absent de la base",
    "partiel": "publié en partie",
}
VERDICTS = {
    "plus_eleve": ("▲", "plus élevé"),
    "moins_eleve": ("▼", "moins élevé"),
    "proche": ("●", "proche"),
    "": ("–", "non comparé"),
}
"""Sign and word of each verdict of `statistics.comparison.compare`."""
TRENDS = {
    "hausse": "en hausse",
    "baisse": "en baisse",
    "pas_de_tendance": "pas de tendance significative",
    "non_calculable": "non calculable",
    "": "",
}
DIFFUSION_RULE = (
    f"«{NARROW}Les données diffusées sont limitées aux communes pour lesquelles plus de 5 faits "
    f"ont été enregistrés pendant 3 années successives{NARROW}», plus «{NARROW}l’absence de faits "
    f"enregistrés lorsqu’elle se reproduit sur 3 années successives{NARROW}»"
)
"""The publisher's own words (SSMSI)."""
SMALL_COUNT = 20
"""Under this many facts a change in per cent is never given alone."""
_NAMES_SHOWN = 10
LAW = (
    "Code de la sécurité intérieure, articles L132-4 (obligation, coordonnateur) et L132-13 "
    "(conseil intercommunal), version du 23 mars 2024"
)


def units(quantity: float, unit: str) -> str:
    """Return a quantity and its unit of count: `1 victime`, `12 mis en cause`."""
    singular, plural, _ = _UNITS[unit]
    return f"{number(quantity)} {singular if quantity < 2 else plural}"


def of_units(unit: str) -> str:
    """Return « de » and the plural of a unit: `d’infractions`, `de mis en cause`."""
    plural = _UNITS[unit][1]
    return f"d’{plural}" if plural[0] in "aeiou" else f"de {plural}"


def agree(participle: str, quantity: float, unit: str) -> str:
    """Return a participle in the gender and number of so many units: `publiées`."""
    feminine = "e" if _UNITS[unit][2] else ""
    return f"{participle}{feminine}{'' if quantity < 2 else 's'}"


def unit_of_rate(unit: str, denominator: str) -> str:
    """Return the unit of a rate: `victimes pour 1 000 habitants`."""
    return f"{_UNITS[unit][1]} pour 1{NARROW}000 {denominator}"


def rate(value: float) -> str:
    """Return a rate per 1,000: two decimals under 10, one above."""
    return number(value, 2 if value < 10 else 1)


def interval(low: float, high: float, write: Callable[[float], str] = rate) -> str:
    """Return an interval between brackets: `(7,02 à 8,51)`."""
    return f"({write(low)} à {write(high)})"


def status_label(status: str) -> str:
    """Return the word shown for a status of the long table."""
    return STATUS_LABELS[status]


def at_name(niveau: str, label: str) -> str:
    """Return where an area is: `à Avon`, `au Mée`, `au CISPD X`, `dans la CC Y`."""
    if niveau in ("commune", "arrondissement_municipal"):
        if label.startswith("Le "):
            return f"au {label[3:]}"
        return f"aux {label[4:]}" if label.startswith("Les ") else f"à {label}"
    first = label.split(" ")[0]
    if niveau == "territoire":
        known = first in ("CLSPD", "CISPD", "Contrat")
        name = label[0].lower() + label[1:] if first == "Contrat" else label
        return f"au {name}" if known else f"dans le territoire {label}"
    if niveau == "epci":
        # CA, CC, CU, métropole, communauté: all feminine.
        known = first.lower() in ("ca", "cc", "cu", "métropole", "communauté")
        return f"dans la {label}" if known else f"dans l’intercommunalité {label}"
    if niveau == "arrondissement":
        return f"dans l’arrondissement {of_name(label)}"
    if niveau == "departement":
        return f"dans le département ({label})"
    if niveau == "densite":
        return f"dans les communes de la classe «{NARROW}{label}{NARROW}»"
    return f"dans le périmètre «{NARROW}{label}{NARROW}»"


def quoted(text: str) -> str:
    """Return a text between French quotation marks."""
    return f"«{NARROW}{text}{NARROW}»"


def headline(line: "Line") -> str:
    """Say the figure first: how many, where, when, and what is published of it."""
    figure, unit = line.figure, line.unit
    where = f"En {figure.year}, {at_name(line.niveau, line.area_label)}"
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


def coverage_sentence(line: "Line") -> str:
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


def reason_of(line: "Line") -> str:
    """Return why the line's total is not known, a key of `REFUSALS`, "" where it is."""
    figure = line.figure
    if figure.status == "absent" or line.niveau in COMMUNAL or figure.communes == 1:
        hidden = figure.status in ("non_diffuse", "absent") and figure.rate is None
        return figure.status if hidden else ""
    return figure.reason


def refusal_sentence(reason: str) -> str:
    """Say why a figure is missing; nothing where none is."""
    return REFUSALS[reason] if reason else ""


def verdict_sentence(line: "Line") -> str:
    """Say whether the area is higher, lower or close, with both rates and the doubt."""
    figure, compared = line.figure, line.comparison
    if compared is None or not compared.verdict or figure.rate is None:
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


def trend_sentence(line: "Line") -> str:
    """Say the verdict on five years and the mean yearly change with its interval."""
    verdict = line.trend.verdict
    if not verdict:
        return ""
    if verdict == "non_calculable":
        held = len(line.series)
        why = (
            f"la base chargée n’en a que {number(held)}"
            if held < 5
            else "l’une au moins manque ici"
        )
        sentence = f"Tendance non calculable{NARROW}: il faut cinq années de suite, {why}."
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


def period_sentence(line: "Line") -> str:
    """Say the change between the strategy's two periods, and that of the rest beside it."""
    change = line.period
    if change is None:
        return ""
    before, after = _period(change.before), _period(change.after)
    if change.own is None:
        return (
            f"{before} et {after} ne sont pas comparés{NARROW}: {PERIOD_REFUSALS[change.reason]}."
        )
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


def legal_sentence(duty: "Duty", population_year: int | None) -> str:
    """Say what the law asks of one commune, and what council is known there."""
    people = (
        f"{duty.label}, dont la population n’est pas connue"
        if duty.population is None
        else f"{duty.label} compte {number(duty.population)} habitants (population municipale"
        f"{f' {population_year}' if population_year else ''})"
    )
    if duty.qpv_count:
        joint = ", a" if duty.population is None else " et"
        people += (
            f"{joint} {count(duty.qpv_count, 'quartier prioritaire', 'quartiers prioritaires')}"
        )
    council = {
        "obligatoire": "un CLSPD y est obligatoire (art. L132-4)",
        "facultatif": "un CISPD couvre la commune, le CLSPD y est facultatif (art. L132-13)",
        "aucune": "aucun CLSPD n’y est obligatoire",
    }[duty.duty]
    sentence = f"{people}{NARROW}: {council}."
    if duty.coordinator:
        sentence += f" Au-delà de 15{NARROW}000 habitants, un coordonnateur est désigné."
    if not duty.councils:
        return sentence + ("" if duty.duty == "aucune" else " Aucun conseil n’y est connu.")
    names = ", ".join(duty.councils)
    doubt = "" if duty.council_attested else " (existence à confirmer)"
    plural = "" if len(duty.councils) == 1 else "s"
    return f"{sentence} Conseil{plural}{NARROW}: {names}{doubt}."


def legal_sentences(
    duties: "Sequence[Duty]", niveau: str, population_year: int | None
) -> tuple[str, ...]:
    """Say the legal situation of an area: one sentence for a commune, a summary for a group."""
    if not duties:
        return ("La loi oblige des communes, non des arrondissements municipaux.",)
    if len(duties) == 1:
        return (legal_sentence(duties[0], population_year),)
    concerned = [d for d in duties if d.duty != "aucune"]
    verb = "remplit" if len(concerned) < 2 else "remplissent"
    summary = (
        f"{count(len(concerned), 'commune')} sur {number(len(duties))} {verb} une condition de la "
        f"loi{NARROW}: plus de 5{NARROW}000 habitants"
        f"{f' (population municipale {population_year})' if population_year else ''} "
        "ou un quartier prioritaire (art. L132-4)."
    )
    sentences = [summary]
    coordinators = [d.label for d in duties if d.coordinator]
    if coordinators:
        sentences.append(
            f"Plus de 15{NARROW}000 habitants, donc un coordonnateur{NARROW}: "
            f"{_names(coordinators)}."
        )
    without = [d.label for d in concerned if not d.councils]
    if without:
        sentences.append(f"Aucun conseil connu{NARROW}: {_names(without)}.")
    unconfirmed = [d.label for d in concerned if d.councils and not d.council_attested]
    if unconfirmed:
        sentences.append(
            f"Obligation légale, existence à confirmer{NARROW}: {_names(unconfirmed)}."
        )
    return tuple(sentences)


RULES = {
    "poisson_exact": (
        f"Nombre publié, rapporté à son dénominateur{NARROW}; intervalle exact de Poisson à "
        f"95{NARROW}% (Garwood, 1936)."
    ),
    "total_officiel": "Total publié par le SSMSI pour le territoire entier.",
    "total_reconstitue": (
        "Somme des communes publiées et du total des communes non publiées, que le fichier "
        "communal donne par leur moyenne."
    ),
    "partage_du_total_masque": (
        "Somme des communes publiées, plus une part du total connu des communes non publiées du "
        "département, à proportion de leurs habitants ou logements. L’intervalle réunit le hasard "
        "des faits et l’erreur de ce partage."
    ),
    "somme_indicative": (
        "Somme des communes publiées, où une même personne peut compter plusieurs fois"
        f"{NARROW}: ce n’est pas un total."
    ),
    "publie_sans_total": (
        f"Somme des communes publiées{NARROW}: ce n’est pas le total, aucun taux n’en est tiré."
    ),
    "taux_publie": "Taux publié par le SSMSI sans le nombre de faits.",
    "": "Aucun nombre n’est publié pour cette valeur, aucun n’est calculé.",
}
"""How a row of the long table was made, by `methode`."""


def rule_sentence(figure: "Figure") -> str:
    """Say how a figure was made."""
    partial = figure.method == "poisson_exact" and figure.status == "partiel"
    return RULES["publie_sans_total" if partial else figure.method]


def numerator_phrase(figure: "Figure", unit: str) -> str:
    """Return the numerator of the rate: a count, or an estimate with its interval."""
    if figure.method == "partage_du_total_masque" and figure.estimated is not None:
        return (
            f"{_estimate(figure)} {_UNITS[unit][1]}, dont {number(figure.published or 0)} publiés"
        )
    facts = figure.published if figure.estimated is None else figure.estimated
    return "non publié" if facts is None else units(facts, unit)


def denominator_phrase(figure: "Figure", denominator: str) -> str:
    """Return the denominator of the rate."""
    whole = figure.estimated is not None or figure.published_communes == figure.communes
    size = figure.denominator if whole else figure.published_denominator
    where = "" if whole or not figure.published_communes else " dans les communes publiées"
    return "non connu" if size is None else f"{number(size)} {denominator}{where}"


def rows_phrase(area: "Area", label: str, year: int, *, official: bool) -> str:
    """Say which rows of the published file the figure is read from."""
    if official:
        return f"Base des totaux, ligne {quoted(label)}, {year}."
    codes = [place.code for place in area.communes]
    if len(codes) == 1:
        return f"Fichier communal, commune {codes[0]}, indicateur {quoted(label)}, année {year}."
    return (
        f"Fichier communal, {number(len(codes))} communes, indicateur {quoted(label)}, "
        f"année {year}."
    )


def context_text(line: "ContextLine") -> str:
    """Return a context figure with its unit, or why there is none."""
    if line.value is None:
        return line.text or {
            "secret": "secret statistique",
            "non_agregeable": "non agrégeable",
        }.get(line.status, "n. d.")
    if line.unit == "classe":
        return line.text
    return context_value(line.value, line.unit)


def context_value(value: float, unit: str) -> str:
    """Return a value of the context with its unit."""
    if unit == "%":
        return f"{number(value, 1)}{NARROW}%"
    if unit == "euros par an":
        return f"{number(value)}{NARROW}€ par an"
    nouns = {"quartiers": "quartier", "implantations": "implantation"}
    return f"{number(value)} {nouns[unit] if unit in nouns and value < 2 else unit}"


def _names(names: Sequence[str]) -> str:
    """Return names in a row, the first ones where there are many."""
    rest = len(names) - _NAMES_SHOWN
    shown = ", ".join(names[:_NAMES_SHOWN]) if rest > 1 else ", ".join(names)
    return f"{shown} et {number(rest)} autres" if rest > 1 else shown


def _neighbourhoods(quantity: int) -> str:
    return count(quantity, "quartier prioritaire", "quartiers prioritaires")


def _recorded(quantity: float, unit: str) -> str:
    singular, _, feminine = _UNITS[unit]
    if quantity == 0:
        none = "aucune" if feminine else "aucun"
        return f"{none} {singular} n’a été {agree('enregistré', 1, unit)}"
    verb = "a été" if quantity < 2 else "ont été"
    return f"{units(quantity, unit)} {verb} {agree('enregistré', quantity, unit)}"


def _estimated(where: str, subject: str, figure: "Figure", unit: str) -> str:
    published = figure.published or 0
    verb = "est" if published < 2 else "sont"
    rest = (
        f"{number(published)} {verb} {agree('publié', published, unit)}, le reste est estimé"
        if published
        else "tout est estimé"
    )
    return (
        f"{where}, on estime à {_estimate(figure)} le nombre {of_units(unit)} "
        f"{agree('enregistré', 2, unit)} pour {subject}{NARROW}: {rest}."
    )


def _estimate(figure: "Figure") -> str:
    assert figure.estimated is not None
    assert figure.estimated_low is not None
    assert figure.estimated_high is not None
    bounds = interval(figure.estimated_low, figure.estimated_high, number)
    return f"{number(figure.estimated)} {bounds}"


def _without_total(where: str, subject: str, figure: "Figure", unit: str) -> str:
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


def _rate_with_interval(line: "Line") -> str:
    figure = line.figure
    assert figure.rate is not None
    basis = line.unit_of_rate[line.unit_of_rate.index("pour ") :]
    if figure.rate_low is None or figure.rate_high is None:
        return f"{rate(figure.rate)} {basis}"
    return f"{rate(figure.rate)} {basis} {interval(figure.rate_low, figure.rate_high)}"


def _why_not_compared(line: "Line") -> str:
    figure = line.figure
    if figure.status == "absent":
        return "la base ne contient pas cette valeur"
    if figure.rate is None and line.niveau in COMMUNAL:
        return "le chiffre n’est pas publié"
    if not line.additive:
        return "les personnes mises en cause ne s’additionnent pas d’un territoire à l’autre"
    if figure.rate is None:
        return "le total n’est ni publié, ni estimé"
    if line.comparison is None:
        return "la référence n’est pas connue pour cette année"
    return "le chiffre n’a pas d’intervalle"


def _yearly(line: "Line") -> str:
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


def _change(ratio: "Ratio") -> str:
    """Return a ratio as a change in per cent with its interval: `+24 % (+10 % à +40 %)`."""
    bounds = interval(ratio.low, ratio.high, lambda r: _signed(100 * (r - 1), 0))
    return f"{_signed(100 * (ratio.ratio - 1), 0)} {bounds}"


def _signed(value: float, decimals: int = 1) -> str:
    # Adding 0 drops the sign of a rounded −0.
    return f"{number(round(value, decimals) + 0.0, decimals, signed=True)}{NARROW}%"


def _period(years: Sequence[int]) -> str:
    return str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}"
