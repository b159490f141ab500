"""What the law asks, in sentences (code de la sécurité intérieure; see `territories`)."""

from collections.abc import Sequence

from diagnostics.report.model import Duty, Legal
from diagnostics.wording import COMMUNAL, NARROW, at_name, count, number

LAW = (
    "Code de la sécurité intérieure, articles L132-4 (obligation, coordonnateur) et L132-13 "
    "(conseil intercommunal), version du 23 mars 2024"
)
_NAMES_SHOWN = 10


def legal_sentence(duty: Duty, population_year: int | None) -> str:
    """Say what the law asks of one commune, and what council is known there."""
    people = (
        f"{duty.label}, dont la population n’est pas connue"
        if duty.population is None
        else f"{duty.label} compte {count(duty.population, 'habitant')} (population municipale"
        f"{f' {population_year}' if population_year else ''})"
    )
    if duty.qpv_count:
        joint = ", a" if duty.population is None else " et"
        people += f"{joint} {_neighbourhoods(duty.qpv_count)}"
    council = {
        "obligatoire": "un CLSPD y est obligatoire (art. L132-4)",
        "facultatif": "un CISPD couvre la commune, le CLSPD y est facultatif (art. L132-13)",
        "aucune": (
            f"aucun CLSPD n’y est obligatoire, la loi le demande au-delà de 5{NARROW}000 habitants "
            "ou avec un quartier prioritaire (art. L132-4)"
        ),
    }[duty.duty]
    sentence = f"{people}{NARROW}: {council}."
    if duty.coordinator:
        sentence += f" Au-delà de 15{NARROW}000 habitants, un coordonnateur est désigné."
    return f"{sentence} {_seat(duty)}"


def _seat(duty: Duty) -> str:
    """Say in which councils a commune sits, or that none is known."""
    if not duty.councils:
        return "Aucun conseil n’y est connu, ce qui ne veut pas dire qu’il n’y en a pas."
    if not duty.council_attested:
        return f"Conseil dont l’existence est à confirmer{NARROW}: {', '.join(duty.councils)}."
    seats = [at_name("territoire", name) for name in duty.councils]
    where = seats[0] if len(seats) == 1 else f"{', '.join(seats[:-1])} et {seats[-1]}"
    return f"La commune siège {where}."


def situation(legal: Legal, niveau: str) -> str:
    """Say in a few words the status of a council, or what the law asks of the communes."""
    if niveau == "territoire" and legal.council_status:
        attested = legal.council_status.startswith("attesté")
        return f"conseil {legal.council_status}" if attested else legal.council_status
    concerned = sum(duty.duty != "aucune" for duty in legal.communes)
    if niveau in COMMUNAL:
        return _DUTIES[legal.communes[0].duty] if legal.communes else "aucune obligation"
    verb = "remplit" if concerned < 2 else "remplissent"
    return (
        f"{count(concerned, 'commune')} sur {number(len(legal.communes))} {verb} une condition "
        "de la loi"
    )


_DUTIES = {
    "obligatoire": "un CLSPD y est obligatoire",
    "facultatif": "un CLSPD y est facultatif, un CISPD couvre la commune",
    "aucune": "aucun CLSPD n’y est obligatoire",
}


def council_sentence(legal: Legal) -> str:
    """Say the status of the council and where it is known from; "" where it is not known."""
    if not legal.council_source:
        return ""
    return f"Statut du conseil{NARROW}: {legal.council_status}. {legal.council_source}."


def legal_sentences(
    duties: Sequence[Duty], niveau: str, population_year: int | None
) -> tuple[str, ...]:
    """Say the legal situation of an area: one sentence for a commune, a summary for a group."""
    if not duties:
        return ("La loi oblige des communes, non des arrondissements municipaux.",)
    if len(duties) == 1:
        return (legal_sentence(duties[0], population_year),)
    concerned = [d for d in duties if d.duty != "aucune"]
    verb = "remplit" if len(concerned) < 2 else "remplissent"
    subject = (
        f"{count(len(concerned), 'commune')} sur {number(len(duties))} {verb}"
        if concerned
        else f"Aucune des {number(len(duties))} communes ne remplit"
    )
    summary = (
        f"{subject} une condition de la loi{NARROW}: plus de 5{NARROW}000 habitants"
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


def _names(names: Sequence[str]) -> str:
    """Return names in a row, the first ones where there are many."""
    rest = len(names) - _NAMES_SHOWN
    shown = ", ".join(names[:_NAMES_SHOWN]) if rest > 1 else ", ".join(names)
    return f"{shown} et {number(rest)} autres" if rest > 1 else shown


def _neighbourhoods(quantity: int) -> str:
    return count(quantity, "quartier prioritaire", "quartiers prioritaires")
