"""« Comment c’est calculé » : rule, numerator, denominator, rows and source of one figure."""

from typing import Any

import pandas as pd

from diagnostics import catalogue
from diagnostics.report.model import Area, Calculation, Figure
from diagnostics.report.sentences import estimate_text
from diagnostics.wording import NARROW, agree, number, plural, quoted, units

OLD_GENERATIONS = ("C0", "C1")
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


def calculation(
    area: Area,
    indicator: catalogue.Indicator,
    figure: Figure,
    row: dict[str, Any],
    about: dict[str, Any],
) -> Calculation:
    """Say how a figure is made, from its row of the long table and the département's manifest."""
    official = figure.method == "total_officiel"
    source = catalogue.sources()["ssmsi_departements" if official else "ssmsi_communes"]
    # The label that the communal file holds: those of before July 2025 have the older words.
    old = about["generation"] in OLD_GENERATIONS and not official
    label = indicator.labels.get("2021", indicator.label) if old else indicator.label
    return Calculation(
        rule=rule_sentence(figure),
        numerator=numerator_phrase(figure, indicator.unit),
        denominator=denominator_phrase(figure, indicator.denominator),
        rows=rows_phrase(area, label, figure.year, official=official),
        source=source.title,
        publisher=source.publisher,
        edition=str(about["official_base"] if official else row["edition"]),
        geography=None if pd.isna(row["geographie"]) else int(row["geographie"]),
        licence=source.licence,
        page=source.page,
    )


def rule_sentence(figure: Figure) -> str:
    """Say how a figure was made."""
    partial = figure.method == "poisson_exact" and figure.status == "partiel"
    return RULES["publie_sans_total" if partial else figure.method]


def numerator_phrase(figure: Figure, unit: str) -> str:
    """Return the numerator of the rate: a count, or an estimate with its interval."""
    if figure.method == "partage_du_total_masque" and figure.estimated is not None:
        published = figure.published or 0
        of_which = f"{number(published)} {agree('publié', published, unit)}"
        return f"{estimate_text(figure)} {plural(unit)}, dont {of_which}"
    facts = figure.published if figure.estimated is None else figure.estimated
    return "non publié" if facts is None else units(facts, unit)


def denominator_phrase(figure: Figure, denominator: str) -> str:
    """Return the denominator of the rate."""
    whole = figure.estimated is not None or figure.published_communes == figure.communes
    size = figure.denominator if whole else figure.published_denominator
    where = "" if whole or not figure.published_communes else " dans les communes publiées"
    return "non connu" if size is None else f"{number(size)} {denominator}{where}"


def rows_phrase(area: Area, label: str, year: int, *, official: bool) -> str:
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
